"""Cells: exact counts, sums and extremes of round trips and of Alerts, folded by columns.

Outcomes are appended to arrays as they come and folded with numpy when a commit cuts them; replay folds the same
arrays, so memory and ledger can't drift apart.
"""

from array import array
from collections.abc import Iterator
from typing import Final, Generic, TypeVar

import numpy as np
from msgspec import Struct

from dcc_analytics.aggregators.interned import BLOCK, Interned

K = TypeVar("K")

SUCCEEDED: Final = 1
WARNED: Final = 2
CLOCK_FAULT: Final = 4
TARGETED: Final = 8
IN_TIME: Final = 16
TIMED: Final = 32
OPEN: Final = 64

Int64s = np.ndarray[tuple[int], np.dtype[np.int64]]
Int32s = np.ndarray[tuple[int], np.dtype[np.int32]]
Bytes8 = np.ndarray[tuple[int], np.dtype[np.uint8]]

#: Columns of a cell of round trips, in the order they are stored; new ones are appended only.
COLUMNS: Final = (
    "successes", "failures", "open", "in_time", "targeted", "warnings", "clock_faults",
    "rtt_n", "rtt_sum_us", "rtt_min_us", "rtt_max_us",
)  # fmt: skip
#: Likewise of a cell of Alerts: one delivered is a success, its delivery time stands where a Round Trip Time does, and
#: ``weight`` adds up the further equal Alerts each stands for.
ALERT_COLUMNS: Final = ("successes", "failures", "rtt_n", "rtt_sum_us", "rtt_min_us", "rtt_max_us", "weight")
_COUNTED: Final = (
    ("successes", SUCCEEDED), ("open", OPEN), ("in_time", IN_TIME), ("targeted", TARGETED),
    ("warnings", WARNED), ("clock_faults", CLOCK_FAULT),
)  # fmt: skip
_NO_MIN: Final = 2**62
#: What a column holds before anything is counted, where that is not zero.
_AT_FIRST: Final = {"rtt_min_us": _NO_MIN, "rtt_max_us": -1}


class Outcomes(Struct, frozen=True, array_like=True, gc=False):
    """Columns of outcomes: cell numbers (int32), flags (uint8), times in microseconds (int64).

    ``weighed`` has the places (int32) of outcomes with a weight, and ``weights`` those (int64): few have one.
    """

    cells: bytes
    flags: bytes
    rtts_us: bytes
    weighed: bytes = b""
    weights: bytes = b""

    def columns(self) -> tuple[Int32s, Bytes8, Int64s]:
        """Return the columns as arrays."""
        return (
            np.frombuffer(self.cells, np.int32),
            np.frombuffer(self.flags, np.uint8),
            np.frombuffer(self.rtts_us, np.int64),
        )


class CellTable(Generic[K]):
    """Cells by number, one numpy array a column."""

    def __init__(self, names: tuple[str, ...] = COLUMNS, keys: Interned[K] | None = None) -> None:
        """Start empty, with columns of these names; ``keys`` are empty, and None those of any kind."""
        self.names = names
        self.keys: Interned[K] = Interned() if keys is None else keys
        self.columns: dict[str, Int64s] = {name: np.zeros(0, np.int64) for name in names}
        self._counted = tuple((name, flag) for name, flag in _COUNTED if name in names)
        self._begin()

    def _begin(self) -> None:
        self._cells = array("i")
        self._flags = array("B")
        self._rtts_us = array("q")
        self._weighed = array("i")
        self._weights = array("q")

    def append(self, cell: int, flags: int, rtt_us: int) -> None:
        """Note an outcome; it counts when it is folded."""
        self._cells.append(cell)
        self._flags.append(flags)
        self._rtts_us.append(rtt_us)

    def weigh(self, weight: int) -> None:
        """Give the outcome noted last a weight."""
        self._weighed.append(len(self._cells) - 1)
        self._weights.append(weight)

    def cut(self) -> Outcomes:
        """Return the outcomes noted since the last cut and begin anew."""
        columns = (self._cells, self._flags, self._rtts_us, self._weighed, self._weights)
        outcomes = Outcomes(*(column.tobytes() for column in columns))
        self._begin()
        return outcomes

    def fold(self, outcomes: Outcomes) -> None:
        """Add outcomes to their cells."""
        cells, flags, rtts_us = outcomes.columns()
        if not len(cells):
            return
        self._grow()
        first = self.keys.first
        cells = cells - first  # by place in memory from here on
        if outcomes.weighed:
            weighed = cells[np.frombuffer(outcomes.weighed, np.int32)]
            np.add.at(self.columns["weight"], weighed, np.frombuffer(outcomes.weights, np.int64))
        order = np.argsort(cells, kind="stable")
        cells, flags, rtts_us = cells[order], flags[order], rtts_us[order]
        starts = np.flatnonzero(np.diff(cells, prepend=np.int32(-1)))
        touched = cells[starts]
        columns = self.columns
        for name, flag in self._counted:
            columns[name][touched] += np.add.reduceat((flags & flag) != 0, starts, dtype=np.int64)
        failed = (flags & (SUCCEEDED | OPEN)) == 0
        columns["failures"][touched] += np.add.reduceat(failed, starts, dtype=np.int64)
        timed = (flags & TIMED) != 0
        columns["rtt_n"][touched] += np.add.reduceat(timed, starts, dtype=np.int64)
        columns["rtt_sum_us"][touched] += np.add.reduceat(np.where(timed, rtts_us, 0), starts)
        least = np.minimum.reduceat(np.where(timed, rtts_us, _NO_MIN), starts)
        most = np.maximum.reduceat(np.where(timed, rtts_us, -1), starts)
        columns["rtt_min_us"][touched] = np.minimum(columns["rtt_min_us"][touched], least)
        columns["rtt_max_us"][touched] = np.maximum(columns["rtt_max_us"][touched], most)
        self.keys.changed_blocks.update(np.unique((touched + first) // BLOCK).tolist())

    def _grow(self) -> None:
        have, need = len(self.columns["successes"]), len(self.keys.keys)
        if need <= have:
            return
        size = max(BLOCK, 2 * need)
        for name, column in self.columns.items():
            grown = np.zeros(size, np.int64)  # what is not used yet of it takes no memory
            grown[:have] = column
            if name in _AT_FIRST:
                grown[have:] = _AT_FIRST[name]
            self.columns[name] = grown

    def counts(self) -> dict[str, Int64s]:
        """Return the columns by name, each as long as there are keys in memory and in their order."""
        self._grow()
        return {name: self.columns[name][: len(self.keys.keys)] for name in self.names}

    def rows(self) -> Iterator[tuple[K, tuple[int, ...]]]:
        """Yield each key with its columns in the order of ``names``."""
        columns = (column.tolist() for column in self.counts().values())
        return zip(self.keys.keys, zip(*columns, strict=True), strict=True)

    # -- checkpoints ---------------------------------------------------------------------------------------

    def block(self, block: int) -> tuple[list[K], list[bytes]]:
        """Return a block's keys and columns, as a checkpoint stores them."""
        self._grow()
        keys = self.keys.block(block)
        start = self.keys.place(block)
        return keys, [self.columns[name][start : start + len(keys)].tobytes() for name in self.names]

    def load_block(self, block: int, keys: list[K], columns: list[bytes]) -> None:
        """Set a block to what a checkpoint stored; blocks come in order."""
        self.keys.load(block * BLOCK, keys)
        self._grow()
        start = self.keys.place(block)
        for name, stored in zip(self.names, columns, strict=False):
            self.columns[name][start : start + len(keys)] = np.frombuffer(stored, np.int64)

    def put_aside(self, block: int) -> None:
        """Forget all cells before a block; none of them has outcomes that are not folded."""
        gone = self.keys.put_aside(block)
        for name, column in self.columns.items():
            self.columns[name] = column[gone:].copy()  # a view would keep the memory
