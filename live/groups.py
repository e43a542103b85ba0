"""Keys of a ring put into groups, each looked up once. Pure."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from dcc_analytics.live.rings import Counted, Ring

K = TypeVar("K")
G = TypeVar("G")
H = TypeVar("H")


def summed(counted: Mapping[G, Counted], into: Callable[[G], H | None]) -> dict[H, Counted]:
    """Return counts of groups put together into greater ones, without those that go into none.

    >>> counted = {"ab": np.array([1]), "ac": np.array([2]), "b": np.array([4])}
    >>> summed(counted, lambda group: "a" if "a" in group else None)
    {'a': array([3])}
    """
    found: dict[H, Counted] = {}
    for group, counts in counted.items():
        greater = into(group)
        if greater is not None:
            found[greater] = found[greater] + counts if greater in found else counts
    return found


class Groups(Generic[K, G]):
    """The groups of a ring's keys.

    Invariant: ``_order`` sorts the first ``_sorted`` keys by group, and each group begins at its place in ``_starts``.
    """

    def __init__(self, ring: Ring[K], group_of: Callable[[K], G]) -> None:
        """Group a ring's keys by a function of them, whose answer does not change."""
        self._ring = ring
        self._group_of = group_of
        self._numbers: list[int] = []
        self._groups: dict[G, int] = {}
        self._order: NDArray[np.int64] = np.zeros(0, np.int64)
        self._starts: NDArray[np.int64] = np.zeros(0, np.int64)
        self._kept: tuple[tuple[int, int], dict[G, Counted]] = (-1, 0), {}

    def _know(self) -> None:
        new = self._ring.keys.keys[len(self._numbers) :]
        if not new:
            return
        for key in new:
            self._numbers.append(self._groups.setdefault(self._group_of(key), len(self._groups)))
        numbers = np.array(self._numbers, np.int64)
        self._order = np.argsort(numbers, kind="stable")
        self._starts = np.searchsorted(numbers[self._order], np.arange(len(self._groups)))

    def window(self, slots: int) -> dict[G, list[int]]:
        """Return the counts of the newest slots by group, those of which nothing was counted left out."""
        self._know()
        if not self._groups:
            return {}
        sums = np.add.reduceat(self._ring.window(slots)[self._order], self._starts, axis=0)
        return {group: row for group, row in zip(self._groups, sums.tolist(), strict=True) if any(row)}

    def by_slot(self, slots: int) -> dict[G, Counted]:
        """Return the counts of the newest slots by group: an array by slot, oldest first, and column.

        They are asked for once for each Member of a state, and summed once.
        """
        of = self._ring.changes, slots
        if self._kept[0] != of:
            self._kept = of, self._sum_by_slot(slots)
        return dict(self._kept[1])

    def _sum_by_slot(self, slots: int) -> dict[G, Counted]:
        self._know()
        if not self._groups:
            return {}
        counts = self._ring.by_slot(slots)[:, self._order]
        sums = np.add.reduceat(counts, self._starts, axis=1, dtype=np.int64).transpose(1, 0, 2)
        counted: list[bool] = np.atleast_1d(sums.any(axis=(1, 2))).tolist()
        return {group: row for group, row, found in zip(self._groups, sums, counted, strict=True) if found}
