"""Cells: exact counts, sums and extremes of round trips, folded by columns.

Outcomes are appended to arrays as they come and folded with numpy when a commit cuts them; replay folds the same
arrays, so memory and ledger can't drift apart.
"""

from array import array
from typing import Final

import numpy as np
from msgspec import Struct

from dcc_analytics.aggregators.interned import BLOCK, Interned
from dcc_analytics.aggregators.keys import CellKey

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

#: Columns of a cell, in the order they are stored; new ones are appended only.
COLUMNS: Final = (
    "successes", "failures", "open", "in_time", "targeted", "warnings", "clock_faults",
    "rtt_n", "rtt_sum_us", "rtt_min_us", "rtt_max_us",
)  # fmt: skip
_COUNTED: Final = (
    ("successes", SUCCEEDED), ("open", OPEN), ("in_time", IN_TIME), ("targeted", TARGETED),
    ("warnings", WARNED), ("clock_faults", CLOCK_FAULT),
)  # fmt: skip
_NO_MIN: Final = 2**62


class Outcomes(Struct, frozen=True, array_like=True, gc=False):
    """Columns of outcomes: cell numbers (int32), flags (uint8), Round Trip Times in microseconds (int64)."""

    cells: bytes
    flags: bytes
    rtts_us: bytes

    def columns(self) -> tuple[Int32s, Bytes8, Int64s]:
        """Return the columns as arrays."""
        return (
            np.frombuffer(self.cells, np.int32),
            np.frombuffer(self.flags, np.uint8),
            np.frombuffer(self.rtts_us, np.int64),
        )


class CellTable:
    """Cells by number, one numpy array a column."""

    def __init__(self) -> None:
        """Start empty."""
        self.keys: Interned[CellKey] = Interned()
        self.columns: dict[str, Int64s] = {name: np.zeros(0, np.int64) for name in COLUMNS}
        self._cells = array("i")
        self._flags = array("B")
        self._rtts_us = array("q")

    def append(self, cell: int, flags: int, rtt_us: int) -> None:
        """Note an outcome; it counts when it is folded."""
        self._cells.append(cell)
        self._flags.append(flags)
        self._rtts_us.append(rtt_us)

    def cut(self) -> Outcomes:
        """Return the outcomes noted since the last cut and begin anew."""
        outcomes = Outcomes(self._cells.tobytes(), self._flags.tobytes(), self._rtts_us.tobytes())
        self._cells, self._flags, self._rtts_us = array("i"), array("B"), array("q")
        return outcomes

    def fold(self, outcomes: Outcomes) -> None:
        """Add outcomes to their cells."""
        cells, flags, rtts_us = outcomes.columns()
        if not len(cells):
            return
        self._grow()
        order = np.argsort(cells, kind="stable")
        cells, flags, rtts_us = cells[order], flags[order], rtts_us[order]
        starts = np.flatnonzero(np.diff(cells, prepend=np.int32(-1)))
        touched = cells[starts]
        columns = self.columns
        for name, flag in _COUNTED:
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
        self.keys.changed_blocks.update(np.unique(touched // BLOCK).tolist())

    def _grow(self) -> None:
        have, need = len(self.columns["successes"]), len(self.keys)
        if need <= have:
            return
        size = max(BLOCK, 2 * need)
        for name, column in self.columns.items():
            grown = np.full(size, {"rtt_min_us": _NO_MIN, "rtt_max_us": -1}.get(name, 0), np.int64)
            grown[:have] = column
            self.columns[name] = grown

    # -- checkpoints ---------------------------------------------------------------------------------------

    def block(self, block: int) -> tuple[list[CellKey], list[bytes]]:
        """Return a block's keys and columns, as a checkpoint stores them."""
        self._grow()
        keys = self.keys.block(block)
        start = block * BLOCK
        return keys, [self.columns[name][start : start + len(keys)].tobytes() for name in COLUMNS]

    def load_block(self, block: int, keys: list[CellKey], columns: list[bytes]) -> None:
        """Set a block to what a checkpoint stored; blocks come in order."""
        self.keys.extend(keys)
        self._grow()
        start = block * BLOCK
        for name, stored in zip(COLUMNS, columns, strict=False):
            self.columns[name][start : start + len(keys)] = np.frombuffer(stored, np.int64)
