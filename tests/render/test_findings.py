"""Where a Member stands: rows worse or better, and what to know before trusting a figure; each condition once."""

from pathlib import Path
from typing import Any

import pytest

from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.findings import data_quality, nothing_told, ranked, strip_finding
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.snapshot_maker import OTHERS, daily, member, monthly, write_snapshot

Row = dict[str, Any]
A = MemberEntry("A", "A Limited", "IS", "A-IS")


def figures_of(path: Path, status: str = "final", **tables: list[Row]) -> PackFigures:
    snapshot = write_snapshot(path, {"members": [member("A", "IS")], **tables}, status=status)
    return PackFigures.read(SnapshotFolder.open(snapshot), A)


def reads(srv: str, successes: int, failures: int, **values: Any) -> Row:  # noqa: ANN401 (any column)
    return monthly("A", "IS", "Meter Reads", srv, successes=successes, failures=failures, **values)


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


@pytest.mark.parametrize(
    ("rows", "title", "stands"),
    [
        ([(90, 10, {})], "Failure rates of your Service Requests", (0, 0)),
        ([(9, 1, OTHERS)], "Failure rates of your Service Requests", (0, 0)),
        ([(97, 3, OTHERS)], "No compared row is worse, 1 can't be told", (0, 0)),
        ([(90, 10, OTHERS)], "1 of 1 compared row is worse", (1, 0)),
        ([(990, 0, OTHERS)], "No compared row is worse", (0, 1)),
    ],
)
def test_only_what_chance_hardly_makes_is_worse_or_better(
    tmp_path: Path, rows: list[tuple[int, int, Row]], title: str, stands: tuple[int, int]
) -> None:
    """3 of 100 beside a median of 2 % come by chance in a third of months; 10 in one of twenty thousand."""
    told = [reads("4.8.1", successes, failures, **others) for successes, failures, others in rows]
    figures = figures_of(tmp_path, round_trips_monthly=told)
    assert title == strip_finding(figures.rows)
    worst, best = ranked(figures)
    assert stands == (len(worst), len(best))


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
