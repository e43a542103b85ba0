"""Digests: estimates of the distribution of Round Trip Times, mergeable across Regions, Users and partitions.

t-digests (Dunning and Ertl, Computing Extremely Accurate Quantiles Using t-Digests, 2019) by ``fastdigest``. What
they give is an estimate; exact counts, sums and extremes stand beside them in the cells. Their bytes carry a CRC,
because the library would accept damaged ones.
"""

import zlib
from array import array
from collections.abc import Callable
from typing import Final, Generic, TypeVar

import numpy as np
from fastdigest import TDigest

from dcc_analytics.aggregators.cells import TIMED, Outcomes
from dcc_analytics.aggregators.delta import damaged
from dcc_analytics.aggregators.interned import Interned

C = TypeVar("C")
D = TypeVar("D")

#: Centroids: median rank error below 0.05 % measured, 3.3 kB when full.
CENTROIDS: Final = 200

#: Digests in one checkpoint record: about 200 kB when all are full.
DIGEST_BLOCK: Final = 64

_CRC_BYTES: Final = 4


class DigestTable(Generic[C, D]):
    """Digests by number; cells know theirs by their key."""

    def __init__(self, number: Callable[[C, Interned[D]], int]) -> None:
        """Start empty; ``number`` gives the number of the digest a cell's times go to, among the keys of digests."""
        self._number = number
        self.keys: Interned[D] = Interned()
        self.digests: list[TDigest] = []
        self.changed_blocks: set[int] = set()
        self._of_cell = array("i")

    def fold(self, outcomes: Outcomes, cell_keys: list[C]) -> None:
        """Add the times of outcomes to the digests of their cells.

        Args:
            outcomes: the columns a cut returned.
            cell_keys: keys of all cells, by number.
        """
        self._know(cell_keys)
        cells, flags, rtts_us = outcomes.columns()
        timed = (flags & TIMED) != 0
        if not timed.any():
            return
        numbers = np.frombuffer(self._of_cell, np.int32)[cells[timed]]
        times = rtts_us[timed].astype(np.float64)
        order = np.argsort(numbers, kind="stable")
        numbers, times = numbers[order], times[order]
        starts = np.flatnonzero(np.diff(numbers, prepend=np.int32(-1))).tolist()
        for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
            number = int(numbers[start])
            if end - start == 1:
                self.digests[number].update(times.item(start))
            else:
                self.digests[number].batch_update(times[start:end])
            self.changed_blocks.add(number // DIGEST_BLOCK)

    def _know(self, cell_keys: list[C]) -> None:
        for key in cell_keys[len(self._of_cell) :]:
            self._of_cell.append(self._number(key, self.keys))
        while len(self.digests) < len(self.keys):
            self.changed_blocks.add(len(self.digests) // DIGEST_BLOCK)  # empty or not: cells may name it by its number
            self.digests.append(TDigest(max_centroids=CENTROIDS))

    def items(self) -> list[tuple[D, TDigest]]:
        """Return keys and digests."""
        return list(zip(self.keys.keys, self.digests, strict=True))

    def block(self, block: int) -> tuple[list[D], list[bytes]]:
        """Return a block's keys and digests, as a checkpoint stores them."""
        span = slice(block * DIGEST_BLOCK, (block + 1) * DIGEST_BLOCK)
        return self.keys.keys[span], [digest_bytes(digest) for digest in self.digests[span]]

    def load_block(self, keys: list[D], stored: list[bytes]) -> None:
        """Append what a checkpoint stored; blocks come in order."""
        self.keys.extend(keys)
        self.digests.extend(digest_of(each) for each in stored)


def digest_bytes(digest: TDigest) -> bytes:
    """Return a digest's bytes with their CRC before them."""
    body: bytes = digest.to_bytes()
    return zlib.crc32(body).to_bytes(_CRC_BYTES, "little") + body


def digest_of(stored: bytes) -> TDigest:
    """Return the digest of bytes.

    Raises:
        StateError: the bytes are damaged.
    """
    body = stored[_CRC_BYTES:]
    if not body or zlib.crc32(body) != int.from_bytes(stored[:_CRC_BYTES], "little"):
        raise damaged("a digest in the ledger is damaged (its CRC does not match)")
    return TDigest.from_bytes(body)
