"""The clock of a shard, and which of its topics may be read next (contract 3.13).

The clock of a topic is the greatest event time read there, each capped at five minutes after its record's own
timestamp. The stream's clock is the least of them over the topics not read to their end; when all are read, the
greatest. A topic more than ten minutes ahead of the slowest unfinished one waits, so a backlog is read in step.
"""

from collections.abc import Iterable
from typing import Final

from dcc_analytics.stream.instants import MINUTE_US

CAP_US: Final = 5 * MINUTE_US
AHEAD_US: Final = 10 * MINUTE_US

#: A run of one topic goes this far past the next slowest before another is read: small against the ten minutes,
#: so that hardly anything waits, large enough that the turns cost nothing.
STEP_US: Final = MINUTE_US

#: The clock of a topic nothing was read from: before everything.
UNREAD: Final = -1
#: After everything.
END_OF_TIME_US: Final = 2**63


class TopicClock:
    """The clock of one topic-partition, and how far it has been read.

    Attributes:
        clock_us: greatest capped event time read; ``UNREAD`` before the first.
        applied: offset after the last record folded.
        end: offset after the last record known to be there.
    """

    __slots__ = ("applied", "clock_us", "end")

    def __init__(self, *, applied: int = 0, end: int = 0, clock_us: int = UNREAD) -> None:
        """Start where the ledger says the reading had got to."""
        self.applied = applied
        self.end = end
        self.clock_us = clock_us

    @property
    def finished(self) -> bool:
        """Whether all that is known to be there has been folded."""
        return self.applied >= self.end

    def read(self, event_us: int, stamp_us: int) -> None:
        """Take in an event time, capped; the clock never runs backwards."""
        if event_us <= self.clock_us:
            return
        # Once a record: ``min`` and ``max`` would take three times as long.
        if event_us > stamp_us + CAP_US:
            event_us = max(self.clock_us, stamp_us + CAP_US)
        self.clock_us = event_us


def stream_clock_us(topics: Iterable[TopicClock]) -> int:
    """Return the stream's clock over a shard's topics.

    >>> read, behind = TopicClock(applied=5, end=5, clock_us=900), TopicClock(applied=1, end=5, clock_us=300)
    >>> stream_clock_us([read, behind]), stream_clock_us([read])
    (300, 900)
    """
    topics = list(topics)
    unfinished = [topic.clock_us for topic in topics if not topic.finished]
    return min(unfinished) if unfinished else max(topic.clock_us for topic in topics)


def horizon_us(shards: Iterable[tuple[int, bool]]) -> int:
    """Return what no shard can pass on anything older than.

    Args:
        shards: clock of every shard, and whether it has read all there is.

    >>> horizon_us([(900, False), (300, True)]), horizon_us([(900, True), (300, True)])
    (900, 900)
    """
    shards = list(shards)
    unfinished = [clock_us for clock_us, finished in shards if not finished]
    return min(unfinished) if unfinished else max(clock_us for clock_us, _ in shards)


def run_limit_us(reader: TopicClock, others: Iterable[TopicClock]) -> int | None:
    """Return how far the clock of a topic may be taken in one run, None when it has to wait.

    Args:
        reader: the topic with records at hand whose clock is least.
        others: the shard's other topics, with records at hand or not.
    """
    reader_us, slowest_us = reader.clock_us, END_OF_TIME_US
    for other in others:
        if other.clock_us < slowest_us and other.applied < other.end:
            slowest_us = other.clock_us
    if slowest_us == END_OF_TIME_US:
        return END_OF_TIME_US
    if reader_us > slowest_us + AHEAD_US or (slowest_us == UNREAD != reader_us):
        return None
    return (reader_us if reader_us > slowest_us else slowest_us) + STEP_US  # noqa: FURB136 (once a turn: see ``read``)
