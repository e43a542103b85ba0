"""Tallies: exact counts by key."""

from array import array
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from dcc_analytics.aggregators.interned import BLOCK, Interned

K = TypeVar("K")


class Tally(Generic[K]):
    """Counts by key, numbered and written by blocks."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self.keys: Interned[K] = Interned()
        self.counts = np.zeros(0, np.int64)
        self._noted = array("i")
        #: Counts a key once more, by its number: done for every record, so nothing stands between.
        self.note_number: Callable[[int], None] = self._noted.append

    def note(self, key: K) -> None:
        """Count a key once more; it counts when it is folded."""
        self._noted.append(self.keys.number(key))

    def cut(self) -> bytes:
        """Return the numbers noted since the last cut (int32) and begin anew."""
        noted = self._noted.tobytes()
        del self._noted[:]
        return noted

    def fold(self, noted: bytes) -> None:
        """Add what a cut returned."""
        self._grow()
        numbers, counts = np.unique(np.frombuffer(noted, np.int32), return_counts=True)
        self.counts[numbers - self.keys.first] += counts
        self.keys.changed_blocks.update(np.unique(numbers // BLOCK).tolist())

    def _grow(self) -> None:
        have, need = len(self.counts), len(self.keys.keys)
        if need > have:
            self.counts = np.concatenate([self.counts, np.zeros(max(BLOCK, 2 * need) - have, np.int64)])

    def items(self) -> list[tuple[K, int]]:
        """Return keys and their counts."""
        return list(zip(self.keys.keys, self.counts.tolist(), strict=False))

    def block(self, block: int) -> tuple[list[K], bytes]:
        """Return a block's keys and counts, as a checkpoint stores them."""
        self._grow()
        keys = self.keys.block(block)
        start = self.keys.place(block)
        return keys, self.counts[start : start + len(keys)].tobytes()

    def load_block(self, block: int, keys: list[K], counts: bytes) -> None:
        """Set a block to what a checkpoint stored; blocks come in order."""
        self.keys.load(block * BLOCK, keys)
        self._grow()
        start = self.keys.place(block)
        self.counts[start : start + len(keys)] = np.frombuffer(counts, np.int64)

    def put_aside(self, block: int) -> None:
        """Forget all counts before a block; none of them has notes that are not folded."""
        self.counts = self.counts[self.keys.put_aside(block) :].copy()  # a view would keep the memory
