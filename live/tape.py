"""What the commits added that are still in the log when live starts, a minute of the shard's clock together. Pure.

A checkpoint stands for the delta of its own commit, and what it added can't be told without the state before it, of
which compaction leaves nothing: such commits are counted, and told to be missing.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from dcc_analytics.aggregators.delta import Delta
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.live.lines import Increment, Noted
from dcc_analytics.stream.instants import MINUTE_US


class _At(NamedTuple):
    minute: int
    before_us: int
    told: bool


class Tape:
    """What was noted, by minute."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._noted: dict[_At, Noted] = {}
        self._missed: Counter[_At] = Counter()
        self._clock_us = 0
        self._seq = 0

    def add(self, delta: Delta, *, told: bool) -> None:
        """Take in a delta, but nothing of one that settles what a month's end left open: that happened long before.

        Args:
            delta: in the order of the log.
            told: whether the hours have it already.
        """
        before_us, self._clock_us = self._clock_us, delta.clock_us
        missed, self._seq = delta.seq - self._seq - 1 if self._seq else 0, delta.seq
        minute = delta.clock_us // MINUTE_US
        at = _At(minute, min(before_us, minute * MINUTE_US) // MINUTE_US * MINUTE_US, told)
        noted = self._noted.setdefault(at, Noted())
        if delta.maps.of_map("closed")[0]:
            missed += 1
        else:
            noted.add(delta)
        self._missed[at] += missed

    def increments(self, state: ShardState) -> Iterator[tuple[Increment, bool]]:
        """Yield what was gathered, oldest first, by the keys a state knows; and whether the hours have it already."""
        for at, noted in sorted(self._noted.items(), key=lambda item: item[0]):
            added = Increment(at.minute * MINUTE_US, at.before_us, missed=self._missed[at])
            yield noted.into(added, state), at.told
        if self._seq and state.seq > self._seq:
            yield Increment(state.clock_us, self._clock_us, missed=state.seq - self._seq), False
