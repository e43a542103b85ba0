"""Leaks planted in the figures of a market: each is found by the attack that is named for it, in the place it is in."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
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


# -- shares --------------------------------------------------------------------------------------------------


def labelled(days: int) -> tuple[list[Counts], Mapping[str, list[str]]]:
    """Return days of twelve Members, each of a share that stays, and a series of rates for each day and peer."""
    chance = np.random.default_rng(7)
    sent = [4_000, 3_200, 2_400, 1_800, 1_400, 1_000, 700, 500, 400, 300, 200, 100]
    failed = [[int(each) for each in chance.binomial(sent, chance.uniform(0.01, 0.2, 12))] for _ in range(days)]
    counts: list[Counts] = [list(zip(sent, day, strict=True)) for day in failed]
    rates = {f"peer_{place}": [f"{day[place] / sent[place]:.3f}" for day in failed] for place in range(12)}
    return counts, rates


def test_a_labelled_series_of_days_beside_a_weighted_average_gives_the_shares_away(tmp_path: Path) -> None:
    counts, rates = labelled(31)
    folder = packs(tmp_path, counts)
    series = {name: lambda _, values=values: values for name, values in rates.items()}
    in_all(folder, "round_trips_daily", **series)
    (finding,) = verdicts(folder)["shares"].findings
    assert ("round_trips_daily.csv", "peer_0") == (finding.file, finding.column)
    assert "12 of 12 shares come out" in finding.what


def test_a_series_whose_labels_change_from_day_to_day_gives_no_share(tmp_path: Path) -> None:
    counts, rates = labelled(31)
    chance = np.random.default_rng(8)
    drawn = [chance.permutation(day).tolist() for day in zip(*rates.values(), strict=True)]
    folder = packs(tmp_path, counts)
    series = {f"peer_{place}": lambda _, place=place: [day[place] for day in drawn] for place in range(12)}
    in_all(folder, "round_trips_daily", **series)
    assert () == verdicts(folder)["shares"].findings


#: Three Members have 95 % of a small cell: no two have 90 %, and without the largest two a tenth of them is left.
THREE: Counts = [(420, 30), (300, 17), (250, 5), *[(3, 1)] * 5, *[(3, 0)] * 5]


def test_a_total_that_comes_out_of_its_rate_gives_two_of_three_the_share_of_the_third(tmp_path: Path) -> None:
    told = verdicts(packs(tmp_path, [THREE]))["shares"].findings
    assert ("round_trips_monthly.csv", "industry_success_rate") == (told[0].file, told[0].column)
    assert "P00-IS works out the share of P02-IS" in told[0].what


def nothing(frame: pl.DataFrame) -> list[str]:
    return [""] * frame.height


def test_without_the_printed_rate_the_same_members_learn_nothing(tmp_path: Path) -> None:
    folder = packs(tmp_path, [THREE])
    in_all(folder, "round_trips_daily", industry_success_rate=nothing)
    in_all(folder, "round_trips_monthly", industry_success_rate=nothing, industry_failure_rate=nothing)
    assert () == verdicts(folder)["shares"].findings


def test_days_that_are_taken_from_a_month_all_at_once_leave_a_day_of_one_member(tmp_path: Path) -> None:
    """Each of two days may be taken from the month: the other is left, and a day on which one Member alone sent.

    Both at once leave that day: it was withheld, and is the month less what is printed.
    """
    days: list[Counts] = [
        [(31 + place + (place == 0), place % 3) for place in range(12)],
        [(31 + place + 5 * (place == 0), place % 4) for place in range(12)],
        [(37, 5) if place == 7 else (0, 0) for place in range(12)],
    ]
    assert [439, 443, 919] == [*(sum(sent for sent, _ in day) for day in days[:2]), sum(s for d in days for s, _ in d)]
    # The first and the last use another service more than the others do: the market says less of them here.
    beside = cells([[(500 if place in {0, 11} else 300, 9) for place in range(12)]], "4.8.2")
    folder = write_market(tmp_path / "2026-10", tables(pl.concat([cells(days), beside])), members(12))
    told = verdicts(folder)
    assert {"shares"} == {name for name, each in told.items() if each.count}
    (finding,) = told["shares"].findings
    assert finding.what.endswith("works out what is left of the month of P07-IS")
