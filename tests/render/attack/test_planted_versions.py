"""Versions of a month that, side by side, show what changed in too few groups: found in cells of all kinds."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from dcc_analytics.render.attack.versions import VERSIONS
from tests.render.attack.markets import alert_rows, model_rows, tables, write_market
from tests.render.attack.test_planted_figures import EVEN, Counts, cells, members, packs, verdicts


def in_versions(out: Path, *versions: Sequence[Counts]) -> dict[str, set[tuple[str, str]]]:
    """Return file and column of what each attack finds in versions of a month; hashes fall as revisions rise."""
    made = [
        packs(out, days, snapshot=f"{9 - number}", folder=f"2026-10.{number}", revision=number)
        for number, days in enumerate(versions, 1)
    ]
    told = {name: each.findings for name, each in verdicts(*made).items() if each.count}
    later = {finding.pack.partition("/")[0] for findings in told.values() for finding in findings}
    assert later <= {f"2026-10.{len(versions)}"}, "it is found in the version that was told last"
    return {name: {(each.file, each.column) for each in findings} for name, findings in told.items()}


def with_last(last: tuple[int, int], *, day: int = 0, also: tuple[int, int] | None = None) -> list[Counts]:
    """Return ``EVEN`` with other requests and failures of the last Member on a day, and on the other."""
    other = [[*counts] for counts in EVEN]
    other[day][-1] = last
    other[1 - day][-1] = also or other[1 - day][-1]
    return [*other]


_RATE = ("round_trips_monthly.csv", "industry_failure_rate")


def test_a_version_in_which_one_member_changed_shows_that_member(tmp_path: Path) -> None:
    found = in_versions(tmp_path, EVEN, with_last((180, 60)))
    assert {VERSIONS} == found.keys()
    assert _RATE in found[VERSIONS]


def test_a_failure_that_became_a_success_in_the_next_version_shows_whose_it_was(tmp_path: Path) -> None:
    """It is the usual correction: an answer that came late. The number of outcomes stays the same."""
    found = in_versions(tmp_path, with_last((101, 40)), with_last((101, 11)))
    assert {VERSIONS} == found.keys()
    assert _RATE in found[VERSIONS]


def test_what_one_member_moved_from_a_day_to_the_next_is_found_though_the_month_is_the_same(tmp_path: Path) -> None:
    found = in_versions(tmp_path, EVEN, with_last((161, 11), also=(41, 12)))
    assert {VERSIONS} == found.keys()
    assert {"round_trips_daily.csv"} == {file for file, _ in found[VERSIONS]}


def test_a_version_is_compared_with_all_before_it_not_only_the_last(tmp_path: Path) -> None:
    """All Members changed twice, eleven of them back to where they were."""
    between: list[Counts] = [[(requests + 60, failures + 9) for requests, failures in day] for day in EVEN]
    assert {} == in_versions(tmp_path / "first", EVEN, between)
    last = with_last((101, 40))
    assert {} == in_versions(tmp_path / "second", between, last)
    assert _RATE in in_versions(tmp_path / "all", EVEN, between, last)[VERSIONS]


def test_a_version_in_which_all_members_changed_shows_none(tmp_path: Path) -> None:
    corrected: list[Counts] = [[(requests + 60, failures + 9) for requests, failures in day] for day in EVEN]
    assert {} == in_versions(tmp_path, EVEN, corrected)


def test_an_alert_of_one_member_that_was_delivered_after_all_is_found(tmp_path: Path) -> None:
    def version(number: int, days: Sequence[Counts]) -> Path:
        alerts = cells(days).with_columns(kind=pl.lit("dcc"), code=pl.lit("N13"))
        made = {**tables(cells(EVEN)), **alert_rows(alerts)}
        return write_market(tmp_path / f"2026-10.{number}", made, members(12), str(number), revision=number)

    versions = (version(1, with_last((101, 40))), version(2, with_last((101, 11))))
    found = {(each.file, each.column) for each in verdicts(*versions)[VERSIONS].findings}
    assert {("alerts_monthly.csv", "industry_success_rate"), ("alerts_daily.csv", "industry_success_rate")} <= found


def test_the_firmware_of_one_member_is_found_in_the_rows_of_all_its_models_firmwares(tmp_path: Path) -> None:
    """Of one Model all have two firmwares; one Member got a third, so both shares changed with the Model's Devices."""

    def version(number: int, third: int) -> Path:
        devices = [(place, "1.0", 60 + place) for place in range(12)] + [(place, "1.1", 40) for place in range(12)]
        rows = [
            {
                "party": f"P{place:02d}", "group": f"P{place:02d}", "role": "IS", "device_type": "ESME",
                "manufacturer": "Maker", "model": "M1", "firmware_version": firmware, "devices": count,
            }
            for place, firmware, count in [*devices, *([(11, "1.2", third)] if third else [])]
        ]  # fmt: skip
        made = {**tables(cells(EVEN)), **model_rows(pl.DataFrame(rows))}
        return write_market(tmp_path / f"2026-10.{number}", made, members(12), str(number), revision=number)

    found = verdicts(version(1, 0), version(2, 90))[VERSIONS].findings
    assert {("ESME|Maker|M1|1.0", "industry_share"), ("ESME|Maker|M1|1.1", "industry_share")} <= {
        (each.row, each.column) for each in found
    }
