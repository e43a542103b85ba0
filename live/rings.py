"""The last hours in slots of equal length: counts by key, the oldest slot forgotten as the clock goes. Pure."""

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from dcc_analytics.aggregators.interned import Interned

K = TypeVar("K")

Counted = NDArray[np.int64]


class Ring(Generic[K]):
    """Counts by slot and key.

    Attributes:
        keys: by their number.
        slot_us: how long a slot is.
        columns: counts of each key.
        newest: number of the slot counted last, since 1970; -1 before the first.
        changes: how often anything became another.
    """

    def __init__(self, slot_us: int, slots: int, columns: int) -> None:
        """Begin with nothing.

        Args:
            slot_us: length of a slot.
            slots: kept, the newest included.
            columns: counts of each key.
        """
        self.keys: Interned[K] = Interned()
        self.slot_us = slot_us
        self.newest = -1
        self.changes = 0
        self.columns = columns
        self._slots = slots
        self._counts = np.zeros((slots, 64, columns), np.int32)

    def add(self, at_us: int, key: K, *counts: int) -> None:
        """Count something at an instant; what is older than the oldest slot is past caring."""
        slot = at_us // self.slot_us
        self.advance(at_us)
        if slot <= self.newest - self._slots:
            return
        number = self.keys.number(key)
        if number >= self._counts.shape[1]:
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)], axis=1)
        self._counts[slot % self._slots, number] += counts
        self.changes += 1

    def advance(self, at_us: int) -> None:
        """Let the clock come to an instant; it never goes back."""
        slot = at_us // self.slot_us
        if slot > self.newest:
            for passed in range(max(self.newest + 1, slot - self._slots + 1), slot + 1):
                self._counts[passed % self._slots] = 0
            self.newest = slot
            self.changes += 1

    def window(self, slots: int) -> Counted:
        """Return the counts of the newest slots by key and column."""
        summed: Counted = self.by_slot(slots).sum(axis=0, dtype=np.int64)
        return summed

    def by_slot(self, slots: int) -> NDArray[np.int32]:
        """Return the counts of the newest slots by slot (oldest first), key and column."""
        wanted = [slot % self._slots for slot in range(self.newest - slots + 1, self.newest + 1)]
        return self._counts[wanted, : len(self.keys)]

    def begins_us(self, slots: int) -> int:
        """Return the instant at which the window of so many slots begins."""
        return (self.newest - slots + 1) * self.slot_us
