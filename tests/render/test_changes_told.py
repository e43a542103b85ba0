"""Changes as sentences: of which requests, from when, how much, why, and on what."""

from pathlib import Path
from typing import Any

import pytest

from dcc_analytics.render.pdf.changes_told import changes_told
from dcc_analytics.render.pdf.facts import Fact
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.said import Said, rest
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.snapshot_maker import OTHERS, daily, failure, firmware, member, monthly, write_snapshot

Row = dict[str, Any]
A = MemberEntry("A", "A Limited", "IS", "A-IS")
READS = "Meter Reads"


def told(path: Path, rows: list[Row], **tables: list[Row]) -> list[Fact]:
    months: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        sums = months.setdefault((row["process"], row["srv"]), [0, 0])
        sums[0] += row["successes"]
        sums[1] += row["failures"]
    others = OTHERS if tables.pop("peers", None) else {}
    monthly_rows = [
        monthly("A", "IS", process, srv, successes=successes, failures=failures, **others)
        for (process, srv), (successes, failures) in months.items()
    ]
    snapshot = write_snapshot(
        path,
        {"members": [member("A", "IS")], "round_trips_daily": rows, "round_trips_monthly": monthly_rows, **tables},
    )
    return changes_told(PackFigures.read(SnapshotFolder.open(snapshot), A))


def texts(facts: list[Fact]) -> list[str]:
    return [str(each.text) for each in facts]


def day(number: int, failures: int, *, srv: str = "4.8.1", outcomes: int = 100, **values: Any) -> Row:  # noqa: ANN401
    successes = outcomes - failures
    return daily("A", "IS", number, READS, srv, successes=successes, failures=failures, **values)


def step(first: int, usual: int, now: int, **values: Any) -> list[Row]:  # noqa: ANN401 (any column)
    return [day(number, now if number >= first else usual + number % 2, **values) for number in range(1, 32)]


def test_nothing_is_told_of_an_even_month(tmp_path: Path) -> None:
    assert [] == told(tmp_path / "even", step(32, 1, 1))
    assert [] == told(tmp_path / "none", [])


def test_a_row_that_failed_more_is_told_with_rates_before_and_since(tmp_path: Path) -> None:
    """Nine days with 14 of 900, 22 with 440 of 2,200: 440 less 22 times 14 / 9 are 405.8."""
    (fact,) = told(tmp_path, step(10, 1, 20))
    assert (
        "4.8.1 Read Active Import Profile Data failed more from 10 October: 1.6% before, 20.0% since (406 more "
        "failures)."
    ) == fact.text
    assert (READS, f"round_trips_daily.csv, srv 4.8.1, process {READS}, day from 2026-10-10") == (
        fact.section,
        fact.source,
    )
    assert isinstance(fact.text, Said)
    assert ["1.6%", "20.0%", "406"] == [each.text for each in fact.text.figures]
    assert not any(each.isdigit() for each in rest(fact.text))
    assert fact.change


def test_a_row_that_failed_less_is_told_so_and_weighs_less(tmp_path: Path) -> None:
    (worse,) = told(tmp_path / "worse", step(17, 1, 20))
    (better,) = told(tmp_path / "better", [day(number, 20 if number < 17 else number % 2) for number in range(1, 32)])
    assert better.text.startswith(
        "4.8.1 Read Active Import Profile Data failed less from 17 October: 20.0% before, 0.5% since (292 fewer "
    )
    assert better.weight < worse.weight


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({17}, "failed more on 17 October: 40.0%, 1.5% on other days (38 more failures)."),
        ({12, 13, 14}, "failed more from 12 to 14 October: 40.0%, 1.5% on other days (115 more failures)."),
    ],
)
def test_days_that_ended_are_told_with_the_rate_of_the_others(tmp_path: Path, days: set[int], words: str) -> None:
    (text,) = texts(told(tmp_path, [day(number, 40 if number in days else 1 + number % 2) for number in range(1, 32)]))
    assert text.endswith(words)


def test_rows_that_changed_on_the_same_days_are_told_once_the_greatest_first(tmp_path: Path) -> None:
    rows = [*step(10, 1, 10), *step(10, 1, 30, srv="4.6.1"), *step(10, 1, 12, srv="4.10")]
    (text,) = texts(told(tmp_path, rows))
    assert text.startswith("4.6.1 Retrieve Import Daily Read Log failed more from 10 October")
    assert text.endswith(" So did 4.10 and 4.8.1.")


def test_a_region_that_has_all_of_it_is_named_instead(tmp_path: Path) -> None:
    elsewhere = [row for srv in ("4.8.1", "4.10") for row in step(32, 1, 1, srv=srv, region="South")]
    (fact,) = told(tmp_path, [*step(10, 1, 20), *step(10, 1, 20, srv="4.10"), *elsewhere])
    assert fact.text.startswith("Requests in North failed more from 10 October: 1.6% before, 20.0% since (812 more")
    assert "round_trips_daily.csv, region North, day from 2026-10-10" == fact.source


def test_a_row_that_failed_more_in_one_region_is_told_with_both(tmp_path: Path) -> None:
    (fact,) = told(tmp_path, [*step(10, 1, 20), *step(32, 1, 1, region="South"), *step(32, 1, 1, region="Central")])
    assert fact.text.startswith("4.8.1 Read Active Import Profile Data in North failed more from 10 October: 1.6% ")
    assert f"round_trips_daily.csv, srv 4.8.1, process {READS}, region North, day from 2026-10-10" == fact.source


def test_a_row_that_is_sent_to_one_region_only_is_told_alone(tmp_path: Path) -> None:
    (fact,) = told(tmp_path, [*step(10, 1, 20), *step(32, 1, 1, srv="4.10", region="South")])
    assert fact.text.startswith("4.8.1 Read Active Import Profile Data failed more from 10 October: 1.6% ")


def test_a_change_everywhere_names_no_region(tmp_path: Path) -> None:
    rows = [row for region in ("North", "South", "Central") for row in step(10, 1, 20, region=region)]
    (text,) = texts(told(tmp_path, rows))
    assert text.startswith("4.8.1 Read Active Import Profile Data failed more")


def test_more_of_what_always_fails_is_no_change(tmp_path: Path) -> None:
    """4.10 fails in half of all cases, and is sent from the tenth only: no SRV fails more than before."""
    rows = [*step(32, 1, 1), *(day(number, 50, srv="4.10") for number in range(10, 32))]
    assert [] == told(tmp_path, rows)


def of_make(number: int, firmware_version: str, failures: int) -> Row:
    return failure("A", "IS", number, READS, "4.8.1", firmware_version=firmware_version, failures=failures)


def test_the_reason_and_the_kind_of_device_are_named_where_they_have_most_of_the_failures(tmp_path: Path) -> None:
    failures = [of_make(number, "2", 18) for number in range(10, 32)] + [of_make(8, "2", 1), of_make(9, "1", 1)]
    models = [firmware("A", "IS", number, model="M-1", devices=devices) for number, devices in ((1, 60), (2, 40))]
    models[0]["firmware_version"], models[1]["firmware_version"] = "1", "2"
    (text,) = texts(told(tmp_path, step(10, 1, 20), failures=failures, inventory_models=models))
    assert text.endswith("; the reason is E20, on =Acme M-1 2, first on 8 October.")


def test_a_kind_of_device_that_most_devices_are_of_is_no_theme(tmp_path: Path) -> None:
    """Nine tenths of the failures, of nine tenths of the Devices."""
    failures = [of_make(number, version, of) for number in range(10, 32) for version, of in (("1", 18), ("2", 2))]
    models = [firmware("A", "IS", number, model="M-1", devices=devices) for number, devices in ((1, 90), (2, 10))]
    models[0]["firmware_version"], models[1]["firmware_version"] = "1", "2"
    (text,) = texts(told(tmp_path, step(10, 1, 20), failures=failures, inventory_models=models))
    assert text.endswith("; the reason is E20.")


def test_several_reasons_of_which_none_has_half_are_not_named(tmp_path: Path) -> None:
    failures = [
        {**of_make(number, "1", 4), "reason_code": code} for number in range(10, 32) for code in ("E1", "E2", "E3")
    ]
    (text,) = texts(told(tmp_path, step(10, 1, 20), failures=failures))
    assert text.endswith("(406 more failures).")


def test_a_change_weighs_more_the_further_its_row_is_above_its_peers(tmp_path: Path) -> None:
    """14.6 % of the month failed, the median of peers is 2 %: more than five times as often."""
    (alone,) = told(tmp_path / "alone", step(10, 1, 20))
    (beside,) = told(tmp_path / "beside", step(10, 1, 20), peers=[{}])
    assert (1.0, 5.0) == (alone.gap, beside.gap)
    assert pytest.approx(beside.gap * alone.weight) == beside.weight


def test_times_that_became_longer_are_told_with_their_means(tmp_path: Path) -> None:
    rows = [
        {**day(number, 0), "rtt_mean_ms": (20_000 if number < 13 else 80_000) + 500 * (number % 2)}
        for number in range(1, 32)
    ]
    (fact,) = told(tmp_path, rows)
    assert (
        "Successful round trips of 4.8.1 Read Active Import Profile Data took longer on average from 13 October: 20 s "
        "before, 1.3 min since (1,900 round trips)."
    ) == fact.text
    assert pytest.approx(190.0) == fact.size


def test_single_round_trips_that_hung_are_no_change(tmp_path: Path) -> None:
    """One of a hundred took an hour on each of the last days: the mean is three times as long, its row's is not."""
    rows = [{**day(number, 0), "rtt_mean_ms": 20_000 + 500 * (number % 2)} for number in range(1, 32)]
    hung = [{**day(number, 0, outcomes=1), "rtt_mean_ms": 3_600_000, "region": "South"} for number in range(20, 32)]
    assert [] == told(tmp_path, [*rows, *hung])
