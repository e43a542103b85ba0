"""Leaks planted in the figures of a market: each is found by the attack that is named for it, in the place it is in."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dcc_analytics.catalogue.errors import DisclosureError
from dcc_analytics.render.attack.finding import Verdict
from dcc_analytics.render.attack.finished import releases
from dcc_analytics.render.attack.gate import attacked, refuse
from dcc_analytics.snapshot.gate_file import Known
from tests.render.attack.markets import tables, with_times, write_market

FIRST = date(2026, 10, 1)
Counts = Sequence[tuple[int, int]]


def members(number: int) -> list[Known]:
    return [Known(f"P{place:02d}", "IS", f"Company {place:02d}", f"P{place:02d}") for place in range(number)]


def cells(days: Sequence[Counts], srv: str = "4.8.1") -> pl.DataFrame:
    """Return the cells of a service: for each day requests and failures of each Member, in order."""
    rows = [
        {
            "party": f"P{place:02d}", "role": "IS", "group": f"P{place:02d}", "process": "Meter Reads", "srv": srv,
            "day": FIRST + timedelta(days=day), "region": "North", "requests": requests, "failures": failures,
            "rtt_sum_us": (requests - failures) * 3_000_000,
        }
        for day, counts in enumerate(days)
        for place, (requests, failures) in enumerate(counts)
        if requests
    ]  # fmt: skip
    return with_times(pl.DataFrame(rows))


#: Twelve Members of like size over two days: all figures may be shown, and what is left of either day too.
EVEN: list[Counts] = [[(90 + place, place + day) for place in range(12)] for day in range(2)]


def packs(
    out: Path, days: Sequence[Counts] = EVEN, *, snapshot: str = "s", folder: str = "2026-10", revision: int = 1
) -> Path:
    return write_market(out / folder, tables(cells(days)), members(len(days[0])), snapshot, revision=revision)


def verdicts(*folders: Path) -> dict[str, Verdict]:
    return {each.attack: each for each in attacked(releases(folders))}


def found(folder: Path) -> dict[str, set[tuple[str, str]]]:
    """Return file and column of what each attack that succeeds has found; the gate refuses the packs."""
    told = verdicts(folder)
    with pytest.raises(DisclosureError, match=r"nothing may be released") as caught:
        refuse(list(told.values()), folder)
    assert caught.value.exit_code == 4
    return {
        name: {(finding.file, finding.column) for finding in each.findings} for name, each in told.items() if each.count
    }


def change(path: Path, **columns: Callable[[pl.DataFrame], Sequence[Any]]) -> None:
    """Change columns of a CSV file, or add them on the right."""
    frame = pl.read_csv(path, infer_schema=False)
    for name, values in columns.items():
        frame = frame.with_columns(
            pl.Series(name, [str(each) if each != "" else None for each in values(frame)], pl.String)
        )
    frame.write_csv(path, line_terminator="\r\n")


def in_all(folder: Path, name: str, **columns: Callable[[pl.DataFrame], Sequence[Any]]) -> None:
    for path in folder.glob(f"*/{name}.csv"):
        change(path, **columns)


def test_packs_with_nothing_planted_are_released(tmp_path: Path) -> None:
    told = verdicts(packs(tmp_path))
    assert dict.fromkeys(told, (12, ())) == {name: (each.packs, each.findings) for name, each in told.items()}
    refuse(list(told.values()), tmp_path)


# -- differences ---------------------------------------------------------------------------------------------


def test_an_average_that_leaves_out_its_recipient_is_found_by_comparing_packs(tmp_path: Path) -> None:
    folder = packs(tmp_path)
    requests, failures = (sum(day[place][of] for day in EVEN for place in range(12)) for of in (0, 1))
    for place in range(12):
        own = [sum(day[place][of] for day in EVEN) for of in (0, 1)]
        others = (failures - own[1]) / (requests - own[0])
        path = folder / f"P{place:02d}-IS" / "round_trips_monthly.csv"
        change(path, industry_failure_rate=lambda _, rate=others: [f"{rate:.6f}"])  # type: ignore[misc]
    assert {"differences": {("round_trips_monthly.csv", "industry_failure_rate")}} == found(folder)


def test_a_list_of_peers_that_one_pack_lacks_is_found_by_comparing_packs(tmp_path: Path) -> None:
    folder = packs(tmp_path)
    path = folder / "P03-IS" / "peer_values.csv"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert {"differences": {("peer_values.csv", "value")}} == found(folder)


# -- joins ---------------------------------------------------------------------------------------------------


def test_a_pseudonym_beside_the_values_of_peers_is_found_by_joining(tmp_path: Path) -> None:
    folder = packs(tmp_path)
    in_all(folder, "peer_values", peer=lambda frame: [f"peer {place}" for place in range(frame.height)])
    assert {("peer_values.csv", "peer")} == found(folder)["joins"]


@pytest.mark.parametrize(
    ("name", "column", "values"),
    [
        ("peer_values", "position", lambda frame: range(frame.height, 0, -1)),
        ("peer_values", "value", lambda frame: [f"{float(each) + 0.000123:.6f}" for each in frame["value"]]),
        ("round_trips_monthly", "peers", lambda frame: ["12"] * frame.height),
        ("round_trips_monthly", "peer_failure_rate_median", lambda frame: ["0.061234"] * frame.height),
        ("round_trips_monthly", "industry_rtt_worst_s", lambda frame: ["61.235"] * frame.height),
        ("round_trips_monthly", "mix_adjusted_gap", lambda frame: ["-0.1234"] * frame.height),
        ("round_trips_daily", "volume", lambda frame: range(frame.height)),
    ],
)
def test_whatever_links_values_or_tells_them_apart_is_found_by_joining(
    tmp_path: Path, name: str, column: str, values: Callable[[pl.DataFrame], Sequence[Any]]
) -> None:
    folder = packs(tmp_path)
    in_all(folder, name, **{column: values})
    assert {(f"{name}.csv", column)} == found(folder)["joins"]


def test_a_file_the_contract_does_not_know_is_found_by_joining(tmp_path: Path) -> None:
    folder = packs(tmp_path)
    (folder / "P03-IS" / "peer_volumes.csv").write_text("position,requests\r\n1,400\r\n")
    assert {"joins": {("peer_volumes.csv", "")}} == found(folder)


# -- parts ---------------------------------------------------------------------------------------------------


def test_a_day_whose_complement_is_of_three_groups_is_found_by_subtraction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All twelve send on the first day, three on the second: the month less the first day is those three."""
    second = [(60, 2) if place < 3 else (0, 0) for place in range(12)]
    days: list[Counts] = [EVEN[0], second]
    assert {} == {name: each.findings for name, each in verdicts(packs(tmp_path, days)).items() if each.count}
    monkeypatch.setattr("dcc_analytics.snapshot.benchmarks.with_complements", lambda cells, *_, **__: cells)
    columns = ("industry_rtt_mean_s", "industry_success_rate", "peer_failure_rate_median")
    planted = packs(tmp_path, days, folder="2026-10.planted")
    assert {"parts": {("round_trips_daily.csv", column) for column in columns}} == found(planted)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([(100, 5)] * 9, "industry_failure_rate"),
        ([(1_000, 50), (1_000, 50), *[(20, 1)] * 10], "industry_failure_rate"),
        ([(100, 5)] * 5, "peer_failure_rate_median"),
        ([(100, 5)] * 9, "peer_failure_rate_p25"),
        ([(100, 5)] * 5, "industry_rtt_best_s"),
    ],
)
def test_a_figure_of_too_few_groups_is_found_whoever_printed_it(tmp_path: Path, counts: Counts, shown: str) -> None:
    folder = packs(tmp_path, [counts])
    in_all(folder, "round_trips_monthly", **{shown: lambda frame: ["0.05"] * frame.height})
    assert ("round_trips_monthly.csv", shown) in found(folder)["parts"]


def test_values_of_nine_peers_are_found(tmp_path: Path) -> None:
    folder = packs(tmp_path, [[(100, 5)] * 9])
    for path in folder.glob("*/peer_values.csv"):
        row = "Meter Reads,4.8.1,,failure_rate,1,0.050000\r\n"
        path.write_text(path.read_text().splitlines()[0] + "\r\n" + row, newline="")
    assert {"parts": {("peer_values.csv", "peer_values")}} == found(folder)
