"""Transactions that nobody will end any more. Pure; the worker asks the broker and tells the time.

A broker that is killed while it ends a transaction may leave it open on some partitions for good (Kafka skips
partitions that have no leader when it starts again). What lies behind it can't be read: strays that were counted as
passed on, dead letters, commits of the ledger, clocks. A worker that went on would miss them without a word.
"""

from collections.abc import Mapping

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.fetched import Place


class UndecidedWatch:
    """Knows since when each partition has been undecided at the same offset."""

    def __init__(self, limit_s: float) -> None:
        """Allow each transaction so long; the broker ends one that is merely left open before."""
        self._limit_s = limit_s
        self._since: dict[Place, tuple[int, float]] = {}

    def look(self, ends: Mapping[Place, int], tops: Mapping[Place, int], now_s: float) -> None:
        """Look at the partitions at an instant.

        Args:
            ends: up to where each is decided.
            tops: where each ends.
            now_s: of a clock that never runs backwards.

        Raises:
            StateError: one has not moved for longer than a transaction may take.
        """
        for place, end in ends.items():
            if end >= tops[place]:
                self._since.pop(place, None)
                continue
            offset, since_s = self._since.get(place, (-1, now_s))
            if offset != end:
                self._since[place] = end, now_s
            elif now_s - since_s > self._limit_s:
                name, partition = place
                raise StateError(
                    f"a transaction on {name}/{partition} has been open at offset {end} for {now_s - since_s:.0f} s; "
                    "nobody will end it, since a broker was killed while it did. What lies behind it can't be read: "
                    "publish and fold anew with another --prefix"
                )
