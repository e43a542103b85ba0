"""The sentences of the first page: each condition once, with the figures it speaks of, and their order."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dcc_analytics.render.pdf.facts import Fact
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.report_facts import report_facts
from dcc_analytics.render.pdf.round_trip_facts import overall, round_trip_facts
from dcc_analytics.render.pdf.told_first import MOST, NOTHING_CHANGED, TOO_FEW, told_first
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.snapshot_maker import (
    MONTH,
    OTHERS,
    daily,
    failure,
    firmware,
    incident,
    member,
    monthly,
    write_snapshot,
)

Row = dict[str, Any]


def figures_of(path: Path, role: str = "IS", **tables: list[Row]) -> PackFigures:
    snapshot = write_snapshot(path, {"members": [member("A", role)], **tables})
    return PackFigures.read(SnapshotFolder.open(snapshot), MemberEntry("A", "A Limited", role, f"A-{role}"))


def reads(srv: str, successes: int, failures: int, **values: Any) -> Row:  # noqa: ANN401 (any column)
    return monthly("A", "IS", "Meter Reads", srv, successes=successes, failures=failures, **values)


def texts(facts: Iterable[Fact]) -> list[str]:
    return [str(each.text) for each in facts]


def own(role: str = "IS", **values: Any) -> Row:  # noqa: ANN401 (any column)
    return {"party": "A", "role": role, **values}


# -- how many failed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "You sent no Service Request in October 2026."),
        ([reads("4.8.1", 1_200, 0, open=2)], "All 1,200 of your requests with an outcome succeeded; 2 are still open."),
        ([reads("4.8.1", 0, 1, open=1)], "1 of your 1 request with an outcome failed (100%); 1 is still open."),
        (
            [reads("4.8.1", 900, 100), reads("4.10", 1_000, 0)],
            (
                "100 of your 2,000 requests with an outcome failed (5.0%). All failures were of 4.8.1 Read Active "
                "Import Profile Data."
            ),
        ),
        (
            [reads("4.8.1", 9, 6), reads("4.10", 9, 2), reads("4.17", 9, 1)],
            (
                "9 of your 36 requests with an outcome failed (25.0%). 4.8.1 Read Active Import Profile Data accounts "
                "for 6 of the failures (66.7%)."
            ),
        ),
        (
            [reads("4.8.1", 9, 2), reads("4.10", 9, 2), reads("4.17", 9, 2)],
            "6 of your 33 requests with an outcome failed (18.2%).",
        ),
    ],
)
def test_how_many_failed_is_said_and_of_what_where_one_has_most(tmp_path: Path, rows: list[Row], said: str) -> None:
    assert said == overall(figures_of(tmp_path, round_trips_monthly=rows))


# -- round trips -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (None, ""),
        ("0.031", "3.1 points above the Role's."),
        ("-0.012", "1.2 points below the Role's."),
        ("0.000", "the Role's."),
    ],
)
def test_the_row_furthest_above_its_peers_is_told(tmp_path: Path, gap: str | None, words: str) -> None:
    mix = {"mix_adjusted_gap": Decimal(gap)} if gap else {}
    rows = [reads("4.8.1", 900, 100, **OTHERS, **mix), reads("4.10", 97, 3, **OTHERS)]
    (text,) = texts(round_trip_facts(figures_of(tmp_path, round_trips_monthly=rows)))
    mixed = f" At the Role's mix of Regions, Meter Types and SMETS versions your rate would be {words}" if words else ""
    assert text == (
        "Against your peers you lose most on 4.8.1 Read Active Import Profile Data: 10.0% failed, 8.0 points above "
        f"their median of 2.0%.{mixed}"
    )


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((70, 30), ["The commonest reason is E20 (No path): 70 of 100 failures."]),
        ((30, 30), ["One of the commonest reasons is E1 (No path): 30 of 60 failures."]),
        ((4, 0), []),
    ],
)
def test_the_commonest_reason_is_told(tmp_path: Path, numbers: tuple[int, int], said: list[str]) -> None:
    rows = [
        failure("A", "IS", 1, "Meter Reads", "4.8.1", reason_code=code, reason="No path.", failures=number)
        for code, number in zip(("E20", "E1"), numbers, strict=True)
        if number
    ]
    assert said == texts(round_trip_facts(figures_of(tmp_path, failures=rows)))


def day(number: int, successes: int, failures: int, **values: Any) -> Row:  # noqa: ANN401 (any column)
    return daily("A", "IS", number, "Meter Reads", "4.8.1", successes=successes, failures=failures, **values)


ONE = "On 5 October, during a Category 2 Incident (INC0000001: Communications Hubs out of reach), "


@pytest.mark.parametrize(
    ("during", "incidents", "said"),
    [
        ((33, 8), 1, [f"{ONE}8 of your 41 requests in North failed (19.5%), at other times 3.0%."]),
        ((0, 4), 1, [f"{ONE}4 of your 4 requests in North failed (100%), at other times 3.0%."]),
        ((38, 3), 1, []),  # three where 1.2 are usual: chance
        (
            (33, 8),
            2,
            [
                (
                    "On the days of 2 Category 1 or 2 Incidents 8 of your 41 requests in North failed (19.5%), at "
                    "other times 3.0%."
                )
            ],
        ),
    ],
)
def test_more_failures_under_incidents_than_chance_makes_are_told(
    tmp_path: Path, during: tuple[int, int], incidents: int, said: list[str]
) -> None:
    """In other Regions more failed: they are not compared with."""
    rows = [day(5, *during, incident_category=2), day(6, 970, 30), day(6, 500, 500, region="South")]
    lasted = [incident(number, 5, 3) for number in range(1, incidents + 1)]
    assert said == texts(round_trip_facts(figures_of(tmp_path, round_trips_daily=rows, incidents=lasted)))


@pytest.mark.parametrize(("median_ms", "timed", "told"), [(4_951, 50, 1), (4_949, 50, 0), (9_000, 49, 0)])
def test_a_median_half_as_long_again_as_the_industrys_is_told(
    tmp_path: Path, median_ms: int, timed: int, told: int
) -> None:
    row = reads("4.8.1", timed, 0, **OTHERS, rtt_median_ms=median_ms, compared="alike")
    found = texts(round_trip_facts(figures_of(tmp_path, round_trips_monthly=[row])))
    assert told == len(found)
    assert found == [] or found[0] == (
        "Half of your successful round trips of 4.8.1 Read Active Import Profile Data took longer than 5.0 s; in the "
        "industry half took longer than 3.3 s."
    )


@pytest.mark.parametrize(
    ("signal", "mean", "said"),
    [
        ("outside", 0.02, "failed more than in the twelve months before: 10.0% in October 2026, their mean is 2.0%."),
        ("run", 0.2, "failed less than in the twelve months before: 10.0% in October 2026, their mean is 20.0%."),
        (None, 0.02, ""),
        ("short", None, ""),
    ],
)
def test_a_month_unlike_the_twelve_before_is_told_where_a_rule_holds(
    tmp_path: Path, signal: str | None, mean: float | None, said: str
) -> None:
    row = reads("4.8.1", 900, 100, history_mean=mean, history_signal=signal)
    found = texts(round_trip_facts(figures_of(tmp_path, round_trips_monthly=[row])))
    assert ([f"4.8.1 Read Active Import Profile Data {said}"] if said else []) == found


# -- the other reports -----------------------------------------------------------------------------------------


def installs(done: int, left: int, predicted: int) -> list[Row]:
    names = ("predicted", "predicted_low", "predicted_high")
    row = own(day=MONTH.days[4], install_and_commission=done, install_and_leave=left)
    return [row | dict.fromkeys(names, Decimal(predicted))]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (installs(90, 10, 90), []),
        (installs(44, 5, 44), ["5 of 49 installs (10.2%) were Install and Leave (8.14.2)."]),
        (installs(6, 4, 6), []),
        (installs(130, 0, 100), []),  # three square roots of 100
        (installs(131, 0, 100), ["131 installs commissioned, 100 predicted; 1 day outside the band."]),
        (installs(9_000, 0, 10_000), []),  # ten square roots, and a tenth
    ],
)
def test_installs_are_told_where_many_were_left_or_they_are_not_as_predicted(
    tmp_path: Path, rows: list[Row], said: list[str]
) -> None:
    assert said == texts(report_facts(figures_of(tmp_path, installs_daily=rows)))


def test_installs_nobody_read_are_told(tmp_path: Path) -> None:
    rows = [own(chf=f"H{number}", window_ended_on=date(2026, 10, 5)) for number in range(2)]
    assert ["Of 2 installs no meter was read in 30 days; the file names the hub of each."] == texts(
        report_facts(figures_of(tmp_path, installs_without_read=rows))
    )


@pytest.mark.parametrize(("unread", "every", "told"), [(10, 99, True), (10, 100, False), (9, 9, False)])
def test_gains_are_told_where_many_had_no_read(tmp_path: Path, unread: int, every: int, *, told: bool) -> None:
    rows = [
        own(device=f"D{number}", read_within_30_days=number >= unread, last_install_srv="none")
        for number in range(every)
    ]
    found = texts(report_facts(figures_of(tmp_path, cos_gains=rows)))
    assert (["10 of 99 Devices gained (10.1%) had not been read in the 30 days before."] if told else []) == found


@pytest.mark.parametrize(("late", "told"), [(11, True), (10, False)])
def test_firmware_is_told_where_more_than_one_in_twenty_was_late(tmp_path: Path, late: int, *, told: bool) -> None:
    rows = [own(request_id="R", chf=f"H{number}", within_five_days=number >= late) for number in range(200)]
    found = texts(report_facts(figures_of(tmp_path, firmware_delivery=rows)))
    said = "189 of 200 hubs (94.5%) had their firmware within five days; 200 not at all."
    assert ([said] if told else []) == found


def alert(code: str, delivered: int, failures: int, **values: Any) -> Row:  # noqa: ANN401 (any column)
    return own(kind="dcc", code=code, name="", delivered=delivered, failed=failures, **values)


def test_the_alert_furthest_above_its_peers_is_told_and_few_failures_are_not(tmp_path: Path) -> None:
    worse = {"peer_failure_rate_median": 0.02, "compared": "worse"}
    rows = [alert("N1", 900, 100, **worse), alert("N2", 80, 20, **worse), alert("N3", 89, 11, **worse)]
    assert ["Alert N1 failed to arrive more often than at your peers: 10.0% of 1,000, their median is 2.0%."] == texts(
        report_facts(figures_of(tmp_path / "worse", alerts_monthly=rows))
    )
    assert [] == texts(report_facts(figures_of(tmp_path / "few", alerts_monthly=rows[2:])))


@pytest.mark.parametrize(("failures", "told"), [(26, True), (25, False)])
def test_alerts_together_are_told_beyond_three_square_roots_of_the_industrys(
    tmp_path: Path, failures: int, *, told: bool
) -> None:
    """At the industry's rate 14 of 700 would fail: 14 + 3 * 3.742 = 25.2."""
    rows = [alert("N1", 700 - failures, failures, industry_success_rate=0.98, compared="alike")]
    found = texts(report_facts(figures_of(tmp_path, alerts_monthly=rows)))
    said = "26 of 700 Alerts sent to you failed to arrive (3.7%), most of them N1."
    assert ([said] if told else []) == found


def test_outages_and_n16_without_n42_are_a_distributors(tmp_path: Path) -> None:
    tables = {
        "outages_unrestored": [own("ED", chf="H1", mpxn="1", age_hours=Decimal(30))],
        "n42_after_n16": [own("ED", supplier="S1", n16=100, within_7_days=89, later=1, none=10)],
    }
    assert [
        "1 power outage without a restoration by the end of the month.",
        "89 of 100 N16 were followed by an N42 within seven days (89.0%).",
    ] == texts(report_facts(figures_of(tmp_path, "ED", **tables)))


@pytest.mark.parametrize(("devices", "told"), [(80, True), (30, False)])
def test_firmware_unlike_the_industrys_is_told_of_ten_devices_and_more(
    tmp_path: Path, devices: int, *, told: bool
) -> None:
    """Half of the Devices beside a quarter: 20 of 80 too many, and 7 of 30."""
    rows = [firmware("A", "IS", number, model="M", devices=devices // 2, industry_share=0.25) for number in (0, 1)]
    rows[1]["industry_share"] = 0.75
    found = texts(report_facts(figures_of(tmp_path, inventory_models=rows)))
    assert told == (len(found) == 1)
    assert all("25.0 points" in text for text in found)


# -- all of them -----------------------------------------------------------------------------------------------


def test_that_nothing_changed_is_said_last(tmp_path: Path) -> None:
    figures = figures_of(
        tmp_path, round_trips_monthly=[reads("4.8.1", 900, 100, **OTHERS)], installs_daily=installs(4, 40, 4)
    )
    said = texts(told_first(figures))
    assert said[0] == "40 of 44 installs (90.9%) were Install and Leave (8.14.2)."
    assert said[1].startswith("Against your peers you lose most on 4.8.1 ")
    assert said[2:] == [TOO_FEW]


@pytest.mark.parametrize(
    ("number", "outcomes", "said"), [(12, 10, NOTHING_CHANGED), (11, 10, TOO_FEW), (31, 9, TOO_FEW)]
)
def test_an_even_month_is_told_from_one_with_too_few_requests_a_day(
    tmp_path: Path, number: int, outcomes: int, said: str
) -> None:
    days = [day(each, outcomes, 0) for each in range(1, number + 1)]
    month = [reads("4.8.1", number * outcomes, 0)]
    assert [said] == texts(told_first(figures_of(tmp_path, round_trips_monthly=month, round_trips_daily=days)))


def test_who_sent_nothing_is_told_of_no_change(tmp_path: Path) -> None:
    assert [] == told_first(figures_of(tmp_path))


def test_a_change_is_told_and_not_what_it_is_part_of(tmp_path: Path) -> None:
    """The row that changed is the worst beside its peers too, and its reason the commonest."""
    days = [day(number, 80, 20) if number > 9 else day(number, 99, 1) for number in range(1, 32)]
    failures = [failure("A", "IS", 12, "Meter Reads", "4.8.1", failures=400)]
    month = [reads("4.8.1", 2_651, 449, **OTHERS)]
    figures = figures_of(tmp_path, round_trips_monthly=month, round_trips_daily=days, failures=failures)
    (said,) = texts(told_first(figures))
    assert said.startswith(
        "4.8.1 Read Active Import Profile Data failed more from 10 October: 1.0% before, 20.0% since"
    )


def test_no_more_is_told_than_anybody_acts_on(tmp_path: Path) -> None:
    rows = [reads(f"4.{number}.1", 900, 100, history_mean=0.01, history_signal="outside") for number in range(1, 12)]
    facts = told_first(figures_of(tmp_path, round_trips_monthly=rows))
    assert MOST == len(facts)
    assert all(fact.change for fact in facts)
