"""A map whose entries are forgotten when the stream's clock passes them."""

import heapq
from typing import Final, Generic, TypeVar

from dcc_analytics.stream.keyed import Keyed

K = TypeVar("K")
V = TypeVar("V")

#: Entries are forgotten by buckets of 2^24 microseconds, some 17 seconds: taking each from a heap of its own would be
#: the dearest thing done with most of them.
_BUCKET_BITS: Final = 24


class Timed(Keyed[K, tuple[int, V]], Generic[K, V]):
    """Entries with the instant until which they are known.

    Whether a record finds an entry is decided by the record's own timestamp, never by what the clock has passed: how
    far the clock is known hangs on how much is read at a time. So the clock forgets an entry only when no record that
    may find it is still to be read.

    Forgetting is a function of the clock alone, so it is not a change to be written: whoever reads the changes
    back forgets the same entries at the same clock.
    """

    __slots__ = ("_buckets", "_due", "_spared_us")

    def __init__(self, spared_us: int = 0) -> None:
        """Start empty; an entry is spared by the clock for so long after its instant."""
        super().__init__()
        self._spared_us = spared_us
        self._due: dict[int, list[K]] = {}
        self._buckets: list[int] = []

    def remember(self, key: K, value: V, until_us: int) -> None:
        """Know a value until ``until_us``."""
        self.put(key, (until_us, value))
        self._note(key, until_us)

    def _note(self, key: K, until_us: int) -> None:
        bucket = until_us >> _BUCKET_BITS
        due = self._due.get(bucket)
        if due is None:
            due = self._due[bucket] = []
            heapq.heappush(self._buckets, bucket)
        due.append(key)

    def value(self, key: K, stamp_us: int) -> V | None:
        """Return the value a record of this timestamp finds under a key, or None."""
        entry = self.data.get(key)
        return None if entry is None or entry[0] < stamp_us else entry[1]

    def forget(self, clock_us: int) -> list[tuple[K, V]]:
        """Drop and return what the clock has passed, by the instants and whatever the order it was made in."""
        clock_us -= self._spared_us
        forgotten: list[tuple[K, V]] = []
        while self._buckets and self._buckets[0] << _BUCKET_BITS <= clock_us:
            bucket = self._buckets[0]
            if left := self._pass(bucket, clock_us, forgotten):
                self._due[bucket] = left
                break  # the clock stands in this bucket
            heapq.heappop(self._buckets)
            del self._due[bucket]
        return forgotten

    def _pass(self, bucket: int, clock_us: int, forgotten: list[tuple[K, V]]) -> list[K]:
        """Forget the entries of a bucket whose time has come; return the keys of the others."""
        data, changed, left = self.data, self._changed, []
        for key in self._due[bucket]:
            entry = data.get(key)
            if entry is None or entry[0] >> _BUCKET_BITS != bucket:
                continue  # dropped, or remembered anew for another time
            if entry[0] > clock_us:
                left.append(key)
                continue
            del data[key]
            changed.pop(key, None)
            forgotten.append((key, entry[1]))
        return left

    def restore(self, clock_us: int) -> None:
        """Make the order of forgetting anew after entries were read back, and drop what was passed before."""
        self._due, self._buckets = {}, []
        for key, (until_us, _) in self.data.items():
            self._note(key, until_us)
        self.forget(clock_us)
