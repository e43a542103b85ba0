"""A map whose entries are forgotten when the stream's clock passes them."""

import heapq
from typing import Generic, TypeVar

from dcc_analytics.stream.keyed import Keyed

K = TypeVar("K")
V = TypeVar("V")


class Timed(Keyed[K, tuple[int, V]], Generic[K, V]):
    """Entries with the instant of the clock until which they are kept.

    Forgetting is a function of the clock alone, so it is not a change to be written: whoever reads the changes
    back forgets the same entries at the same clock.
    """

    __slots__ = ("_due",)

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self._due: list[tuple[int, K]] = []

    def remember(self, key: K, value: V, until_us: int) -> None:
        """Keep a value until the clock passes ``until_us``."""
        self.put(key, (until_us, value))
        heapq.heappush(self._due, (until_us, key))

    def value(self, key: K) -> V | None:
        """Return the value remembered for a key, or None."""
        entry = self.data.get(key)
        return None if entry is None else entry[1]

    def forget(self, clock_us: int) -> list[tuple[K, V]]:
        """Drop and return what the clock has passed, by the instants and whatever the order it was made in."""
        forgotten = []
        due = self._due
        while due and due[0][0] <= clock_us:
            until_us, key = heapq.heappop(due)
            entry = self.data.get(key)
            if entry is not None and entry[0] == until_us:
                del self.data[key]
                self._changed.pop(key, None)
                self._fresh.discard(key)
                forgotten.append((key, entry[1]))
        return forgotten

    def restore(self, clock_us: int) -> None:
        """Make the order of forgetting anew after entries were read back, and drop what was passed before."""
        self._due = sorted((until_us, key) for key, (until_us, _) in self.data.items())
        self.forget(clock_us)
