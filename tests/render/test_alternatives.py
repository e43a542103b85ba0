"""Words in place of figures: worked by hand from the rows and days that are drawn."""

from datetime import date
from pathlib import Path

from dcc_analytics.render.pdf.alternatives import daily, strips_words, times_words
from dcc_analytics.render.pdf.figures import PackFigures, ServiceRow
from dcc_analytics.render.pdf.row_kinds import SERVICE_WORDS
from dcc_analytics.render.pdf.sums import Part, PartSource
from dcc_analytics.render.snapshot_folder import Incident, MemberEntry, SnapshotFolder
from tests.render.snapshot_maker import OTHERS, Row, member, monthly, write_snapshot

DAYS = PartSource("round_trips_daily", "")


def rows_of(path: Path, *rows: Row) -> tuple[ServiceRow, ...]:
    peers = [
        {"party": "A", "role": "IS", "process": "Meter Reads", "srv": "4.8.1", "variant": "", "measure": "failure_rate",
         "position": position, "value": rate}
        for position, rate in enumerate((0.01, 0.02, 0.9), 1)
    ]  # fmt: skip
    tables = {"members": [member("A", "IS")], "round_trips_monthly": rows, "peer_values": peers}
    snapshot = SnapshotFolder.open(write_snapshot(path, tables))
    return PackFigures.read(snapshot, MemberEntry("A", "A", "IS", "A-IS")).rows


def row(srv: str, failures: int, **values: object) -> Row:
    return monthly("A", "IS", "Meter Reads", srv, successes=100 - failures, failures=failures, **values)


def part(day: int, failures: int, *, mean_ms: float | None = 4_000, industry: float | None = 0.03) -> Part:
    rate = failures / 100
    return Part(date(2026, 10, day), 100 + day, 100 - failures, failures, rate, mean_ms, industry, None)


def test_strips_tell_the_ends_the_furthest_from_the_median_and_where_the_others_are(tmp_path: Path) -> None:
    said = (("4.8.1", 1, "better"), ("4.8.2", 12, "worse"), ("4.8.3", 3, "alike"))
    rows = rows_of(tmp_path, *(row(srv, failures, **OTHERS, compared=word) for srv, failures, word in said))
    assert (
        "3 strips, on a scale from 0% to 25%. Your failure rate: 1.0% (4.8.1 Read Active Import Profile Data) to 12.0% "
        "(4.8.2 Read Reactive Import Profile Data). Of the worse rows 4.8.2 Read Reactive Import Profile Data is "
        "furthest from its peers' median: 12.0% beside 2.0%. Of the better rows 4.8.1 Read Active Import Profile Data "
        "is furthest from its peers' median: 1.0% beside 2.0%. The middle halves of Users lie within 1.0% and 4.0%. In "
        "1 row there are Users far above the others."
    ) == strips_words(rows, 0.25, SERVICE_WORDS)


def test_how_far_above_others_are_is_in_no_words(tmp_path: Path) -> None:
    said = strips_words(rows_of(tmp_path, row("4.8.1", 1, **OTHERS)), 0.05, SERVICE_WORDS)
    assert "90" not in said
    assert "far above the others" in said


def test_strips_without_others_say_so_and_those_that_chance_explains_are_not_compared(tmp_path: Path) -> None:
    alone = strips_words(rows_of(tmp_path / "alone", row("4.8.2", 12)), 0.25, SERVICE_WORDS)
    assert ("1 strip, on a scale from 0% to 25%. Your failure rate: 12.0%. No figures of others are shown.") == alone
    for word in ("few", "alike", "withheld"):
        untold = monthly("A", "IS", "Meter Reads", "4.8.2", successes=5, failures=5, **OTHERS, compared=word)
        assert "median" not in strips_words(rows_of(tmp_path / word, untold), 0.5, SERVICE_WORDS)


def test_ranges_tell_the_ends_of_the_medians_the_longest_time_and_how_many_are_above_the_industry(
    tmp_path: Path,
) -> None:
    slow = row("4.8.1", 1, rtt_median_ms=60_000, rtt_worst_ms=3_600_000, **OTHERS)
    rows = rows_of(tmp_path, slow, row("4.8.2", 2, **OTHERS), row("4.8.3", 2))
    assert (
        "Ranges of the times of 3 rows, on a logarithmic scale. Your medians: 3.0 s (4.8.2 Read Reactive Import "
        "Profile Data) to 1.0 min (4.8.1 Read Active Import Profile Data). The longest time is 1.0 h (4.8.1 Read "
        "Active Import Profile Data). Your median is above the industry's in 1 of 2 rows with both."
    ) == times_words(rows)
    assert times_words(rows[2:]).endswith("No figures of others are shown.")


def test_days_tell_the_ends_of_each_panel_with_their_days() -> None:
    days = [part(1, 4), part(2, 20, mean_ms=60_000, industry=0.05), part(3, 0)]
    incidents = [Incident(1, "INC1", 1, 0, None, (), "")]
    assert (
        "Three panels over the days of the month. Your failure rate: 0% (3 October) to 20.0% (2 October). The "
        "industry's, at your mix of requests: 3.0% (1 October) to 5.0% (2 October). Your mean Round Trip Time: 4.0 s "
        "(1 October) to 1.0 min (2 October). Requests a day: 101 (1 October) to 103 (3 October). 1 Category 1 or 2 "
        "Incident is shaded."
    ) == daily(days, incidents, DAYS)


def test_days_without_figures_have_no_words_for_them() -> None:
    assert "Three panels over the days of the month." == daily([], [], DAYS)
    assert ("Three panels over the days of the month. Your failure rate: 4.0%. Requests a day: 101.") == daily(
        [part(1, 4, mean_ms=None, industry=None)], [], DAYS
    )
