"""What the tests of the time-outs share: a story's answers to the microsecond, and the rows made of them."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from dcc_analytics.aggregators.slow import TIME_OUTS_H
from dcc_analytics.snapshot.benchmarks import SERVICE_KEY, by_member
from dcc_analytics.snapshot.sensitivity import time_out_sensitivity
from tests.desk import NOON
from tests.story import Story

Counts = tuple[int, int, int]
"""Successes, failures and open."""
IN_TIME, FAILED, STILL_OPEN = (1, 0, 0), (0, 1, 0), (0, 0, 1)
NOTHING = (0, 0, 0)


def exactly(us: int) -> str:
    """Return an instant with its microseconds."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).isoformat().replace("+00:00", "Z")


def answered(story: Story, after_us: int, number: int = 1, *, code: str = "I0", kind: str = "response") -> None:
    story.response(number, sent=NOON + after_us, sent_at=exactly(NOON + after_us), code=code, kind=kind)


def clock_at(story: Story, us: int) -> None:
    """Let the stream's clock come to an instant, and fold all."""
    story.alert(f"clock-{us}", raised=NOON, ended=us, ended_at=exactly(us), code="CLOCK")
    story.run()


class Row(NamedTuple):
    """A row of the table."""

    party: str
    process: str
    time_out_h: int
    counts: Counts
    rate: float | None


def rows(story: Story) -> list[Row]:
    month = story.month()
    table = time_out_sensitivity(by_member(month.cells, SERVICE_KEY), month.long_legs)
    names = ("party", "process", "time_out_h", "successes", "failures", "open", "failure_rate")
    return [
        Row(party, process, hours, (successes, failures, still_open), rate)
        for party, process, hours, successes, failures, still_open, rate in table.select(names).iter_rows()
    ]


def counts(story: Story) -> list[Counts]:
    """Return the counts of the one row, by time-out."""
    found = rows(story)
    assert list(TIME_OUTS_H) == [row.time_out_h for row in found]
    return [row.counts for row in found]


def printed(story: Story) -> list[Counts]:
    return story.rows("successes", "failures", "open")
