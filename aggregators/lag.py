"""Lag: what is there and not folded, by the shards themselves; a group's offsets move later and can't tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from dcc_analytics.stream.clock import UNREAD, TopicClock
from dcc_analytics.stream.instants import US_PER_S

#: Between two lines of the log while there is any.
TOLD_EVERY_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the shards of a worker are behind.

    Attributes:
        behind: by topic, offsets that are there and not folded; a transaction's end takes one as a record does.
        seconds: how long ago the clock of the slowest shard that is behind stood at now; 0 when none is, None while one
            has read nothing of a topic yet, so that nobody knows how old what is there is.
    """

    behind: dict[str, int]
    seconds: float | None

    @classmethod
    def of(
        cls, shards: Mapping[int, Mapping[str, TopicClock]], tops: Mapping[tuple[str, int], int], now_us: int
    ) -> Self:
        """Return the lag.

        Args:
            shards: by partition the clocks of its topics, as the folding has left them now.
            tops: the offset after the last record of each topic-partition.
            now_us: now.

        >>> read, new = TopicClock(applied=7, clock_us=900), TopicClock(applied=1, clock_us=3_000_000)
        >>> Lag.of({0: {"alerts": read, "strays": new}}, {("alerts", 0): 7, ("strays", 0): 5}, 5_000_000)
        Lag(behind={'alerts': 0, 'strays': 4}, seconds=2.0)
        """
        behind: dict[str, int] = {}
        clocks_us: list[int] = []
        for partition, clocks in shards.items():
            left: list[TopicClock] = []
            for topic, clock in clocks.items():
                unread = max(0, tops[topic, partition] - clock.applied)
                behind[topic] = behind.get(topic, 0) + unread
                if unread:
                    left.append(clock)
            if left:
                clocks_us.append(min(clock.clock_us for clock in left))
        slowest_us = min(clocks_us, default=now_us)
        seconds = None if slowest_us <= UNREAD else max(0.0, (now_us - slowest_us) / US_PER_S)
        return cls(behind, seconds)

    @property
    def total(self) -> int:
        """Offsets behind, of all topics."""
        return sum(self.behind.values())

    def __str__(self) -> str:
        """Return it as fields of a line of the log."""
        topics = " ".join(f"{topic}={count}" for topic, count in self.behind.items())
        seconds = "unknown" if self.seconds is None else f"{self.seconds:.1f}"
        return f"behind={self.total} seconds={seconds} {topics}"


class LagTeller:
    """Says when lag is worth a line: every so often while there is any, and once when it is gone."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._told_s: float | None = None
        self._was = 0

    def is_due(self, lag: Lag, now_s: float) -> bool:
        """Return whether to tell of it now.

        Args:
            lag: as it is.
            now_s: by a clock that only goes forward.
        """
        gone = not lag.total and self._was > 0
        due = lag.total > 0 and (self._told_s is None or now_s - self._told_s >= TOLD_EVERY_S)
        if gone or due:
            self._told_s, self._was = now_s, lag.total
        return gone or due
