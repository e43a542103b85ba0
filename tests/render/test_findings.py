"""Sentences of the summary: each condition once, with the figures it speaks of."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.findings import data_quality, nothing_told, ranked, sentences, strip_finding
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.snapshot_maker import OTHERS, daily, failure, incident, member, monthly, write_snapshot

Row = dict[str, Any]
A = MemberEntry("A", "A Limited", "IS", "A-IS")


def figures_of(path: Path, status: str = "final", **tables: list[Row]) -> PackFigures:
    snapshot = write_snapshot(path, {"members": [member("A", "IS")], **tables}, status=status)
    return PackFigures.read(SnapshotFolder.open(snapshot), A)


def reads(srv: str, successes: int, failures: int, **values: Any) -> Row:  # noqa: ANN401 (any column)
    return monthly("A", "IS", "Meter Reads", srv, successes=successes, failures=failures, **values)


def test_nothing_sent_is_said_and_no_figure_is_made_of_it(tmp_path: Path) -> None:
    figures = figures_of(tmp_path, incidents=[incident(1, 5, 3)])
    assert [
        "You sent no Service Request in October 2026.",
        "1 Category 1 or 2 Incident touched the month.",
    ] == sentences(figures)
    assert ["Final: no later event can change these figures. Events were read up to 10 November 2026, 00:00 UTC."] == (
        data_quality(figures)
    )


def test_a_month_without_failures_is_said_so(tmp_path: Path) -> None:
    found = sentences(figures_of(tmp_path, round_trips_monthly=[reads("4.8.1", 1_200, 0, open=2)]))
    assert [
        "All 1,200 of your requests with an outcome succeeded; 2 are still open.",
        "No Category 1 or 2 Incident touched the month.",
        (
            "Half of your successful round trips of 4.8.1 Read Active Import Profile Data, your most frequent "
            "request, took no longer than 3.0 s (mean 4.7 s)."
        ),
    ] == found


def test_the_month_is_summed_up_in_the_order_of_weight(tmp_path: Path) -> None:
    touched = daily("A", "IS", 5, "Meter Reads", "4.8.1", successes=60, failures=40, incident_category=1)
    figures = figures_of(
        tmp_path,
        round_trips_monthly=[reads("4.8.1", 900, 100, **OTHERS), reads("4.10", 1_000, 0, **OTHERS, open=1)],
        round_trips_daily=[touched, daily("A", "IS", 6, "Meter Reads", "4.8.1", successes=840, failures=60)],
        failures=[
            failure("A", "IS", 5, "Meter Reads", "4.8.1", failures=70, reason="No path: at all."),
            failure("A", "IS", 5, "Meter Reads", "4.8.1", failures=30, reason_code="E1", reason=""),
        ],
        incidents=[incident(1, 5, 3), incident(2, 6, None)],
    )
    assert [
        "100 of your 2,000 requests with an outcome failed (5.0%); 1 is still open.",
        "All failures were of 4.8.1 Read Active Import Profile Data.",
        (
            "Against your peers you lose most on 4.8.1 Read Active Import Profile Data: 10.0% failed, 8.0 points "
            "above their median of 2.0%. You gain most on 4.10 Read Network Data: 0% failed, their median is 2.0%."
        ),
        "The commonest reason is E20 (No path: at all), 70 of 100 failures; 2 reasons were given in all.",
        (
            "2 Category 1 or 2 Incidents touched the month. On their days and in their Regions 40.0% of your requests "
            "failed, at other times 6.7%."
        ),
        (
            "Half of your successful round trips of 4.10 Read Network Data, your most frequent request, took no "
            "longer than 3.0 s (mean 4.7 s; industry 3.3 s)."
        ),
    ] == sentences(figures)


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        ("0.031", "rate would be 3.1 points above the Role's."),
        ("-0.012", "rate would be 1.2 points below the Role's."),
        ("0.000", "rate would be the Role's."),
    ],
)
def test_the_furthest_row_is_told_at_the_roles_mix_too(tmp_path: Path, gap: str, words: str) -> None:
    row = reads("4.8.1", 900, 100, **OTHERS, mix_adjusted_gap=Decimal(gap))
    mix = "At the Role's mix of Regions, Meter Types and SMETS versions your"
    said = sentences(figures_of(tmp_path, round_trips_monthly=[row]))
    assert any(each.endswith(f"median of 2.0%. {mix} {words}") for each in said)


def test_the_row_with_the_most_failures_has_its_share(tmp_path: Path) -> None:
    rows = [reads("4.8.1", 9, 6), reads("4.10", 9, 2), reads("4.17", 9, 1), reads("4.6.1", 9, 0)]
    assert (
        "4.8.1 Read Active Import Profile Data accounts for 6 of the failures (66.7%); the others are spread over 2 "
        "further Service Requests."
    ) in sentences(figures_of(tmp_path, round_trips_monthly=rows))


def test_equal_reasons_share_the_first_place(tmp_path: Path) -> None:
    rows = [failure("A", "IS", 1, "Meter Reads", "4.8.1", reason_code=code, reason="") for code in ("E1", "E20")]
    found = sentences(figures_of(tmp_path, round_trips_monthly=[reads("4.8.1", 9, 2)], failures=rows))
    assert "One of the commonest reasons is E1, 1 of 2 failures; 2 reasons were given in all." in found


def test_few_requests_under_incidents_are_not_compared(tmp_path: Path) -> None:
    rows = [
        daily("A", "IS", 5, "Meter Reads", "4.8.1", successes=28, failures=1, incident_category=2),
        daily("A", "IS", 6, "Meter Reads", "4.8.1", successes=500, failures=0),
    ]
    figures = figures_of(
        tmp_path, round_trips_monthly=[reads("4.8.1", 528, 1)], round_trips_daily=rows, incidents=[incident(1, 5, 3)]
    )
    assert (
        "1 Category 1 or 2 Incident touched the month; few of your requests fell on their days and Regions."
    ) in sentences(figures)


def test_rows_said_to_be_worse_or_better_are_ranked_by_requests_not_by_rates(tmp_path: Path) -> None:
    rows = [
        reads("4.8.1", 20, 20, **OTHERS),  # 50 % of 40: 19.2 more than at the median of 2 %
        reads("4.8.2", 90_000, 10_000, **OTHERS),  # 8,000 more
        reads("4.8.3", 970, 30, **OTHERS, compared="alike"),  # 10 more: not to be told among so many rows
        reads("4.10", 1_000, 0, **OTHERS),  # 20 fewer
        reads("4.18", 2_000, 20, **OTHERS, compared="alike"),  # 20 fewer: not to be told
        reads("4.17", 20, 9, **OTHERS),  # few requests
        reads("4.6.1", 0, 900),  # no benchmark
    ]
    figures = figures_of(tmp_path, round_trips_monthly=rows)
    worst, best = ranked(figures)
    assert ["4.8.2", "4.8.1"] == [row.srv for row in worst]
    assert ["4.10"] == [row.srv for row in best]
    assert "2 of 5 compared rows are worse, 2 can't be told" == strip_finding(figures.rows)
    said = " ".join(sentences(figures))
    assert "Of your 7 rows 2 can't be told from chance and 1 has too few requests to tell." in said


@pytest.mark.parametrize(
    ("rows", "title", "sentence"),
    [
        ([(90, 10, {})], "Failure rates of your Service Requests", ""),
        ([(9, 1, OTHERS)], "Failure rates of your Service Requests", "Of your 1 row 1 has too few requests to tell."),
        (
            [(97, 3, OTHERS)],
            "No compared row is worse, 1 can't be told",
            "Of your 1 row 1 can't be told from chance.",
        ),
        ([(90, 10, OTHERS)], "1 of 1 compared row is worse", "Against your peers you lose most on 4.8.1 "),
        ([(990, 0, OTHERS)], "No compared row is worse", "You gain most on 4.8.1 "),
    ],
)
def test_only_what_chance_hardly_makes_is_worse_or_better(
    tmp_path: Path, rows: list[tuple[int, int, Row]], title: str, sentence: str
) -> None:
    """3 of 100 beside a median of 2 % come by chance in a third of months; 10 in one of twenty thousand."""
    told = [reads("4.8.1", successes, failures, **others) for successes, failures, others in rows]
    figures = figures_of(tmp_path, round_trips_monthly=told)
    assert title == strip_finding(figures.rows)
    said = " ".join(sentences(figures))
    assert sentence in said
    for words in ("lose most", "gain most", "told from chance", "too few requests"):
        assert (words in said) == (words in sentence)


def test_why_nothing_is_worse_or_better_is_said(tmp_path: Path) -> None:
    alike, few, alone = reads("4.8.1", 97, 3, **OTHERS), reads("4.10", 9, 1, **OTHERS), reads("4.17", 90, 10)
    for number, (rows, words) in enumerate(
        (
            ([alike, few, alone], "can be told from its peers' median: chance alone makes such differences."),
            ([few, alone], "You sent too few requests of any kind to tell"),
            ([{**alike, "compared": None}, alone], "The release that took this snapshot did not ask"),
            ([alone], "No figure of peers may be shown for what you sent"),
        )
    ):
        assert words in nothing_told(figures_of(tmp_path / str(number), round_trips_monthly=rows).rows)


def test_data_quality_says_what_is_unknown_untimed_withheld_and_provisional(tmp_path: Path) -> None:
    figures = figures_of(
        tmp_path,
        "provisional",
        round_trips_monthly=[reads("4.8.1", 90, 10, rtt_n=88), reads("4.10", 10, 0, **OTHERS)],
        round_trips_daily=[daily("A", "IS", 5, "Meter Reads", "4.8.1", region="Unknown")],
    )
    assert [
        (
            "Provisional: answers that are still to come will change these figures. Events were read up to 10 "
            "November 2026, 00:00 UTC."
        ),
        (
            "10 of 110 requests concern no Device in the inventory or one whose Region is not recorded; they are under "
            "Unknown."
        ),
        "2 successes left out of times because a clock was wrong.",
        (
            "Of 1 of 2 rows some figures of others are withheld, so that no single company can be made out. A row is "
            "an SRV of a business process."
        ),
        (
            "Assumed: what no source settles, such as when an unanswered request counts as failed, is a rule of this "
            "report; all such rules are listed on the page 'Method'."
        ),
    ] == data_quality(figures)
