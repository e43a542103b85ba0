"""Digests: estimates of the distribution of Round Trip Times, mergeable across Regions, Users and partitions.

t-digests (Dunning and Ertl, Computing Extremely Accurate Quantiles Using t-Digests, 2019) by ``fastdigest``. What
they give is an estimate; exact counts, sums and extremes stand beside them in the cells. Their bytes carry a CRC,
because the library would accept damaged ones.
"""

import zlib
from array import array
from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

import numpy as np
from fastdigest import TDigest

from dcc_analytics.aggregators.cells import TIMED, Int32s, Outcomes
from dcc_analytics.aggregators.delta import damaged
from dcc_analytics.aggregators.interned import BLOCK, Interned

Float64s = np.ndarray[tuple[int], np.dtype[np.float64]]

C = TypeVar("C")
D = TypeVar("D")

#: Centroids: median rank error below 0.05 % measured, 3.3 kB when full.
CENTROIDS: Final = 200

#: Digests in one checkpoint record: about 200 kB when all are full. So many times a whole number are a block of keys.
DIGEST_BLOCK: Final = 64

#: Times wait until there are so many: making a digest ready takes as long as adding dozens of times to it.
MOST_WAITING: Final = 100_000

#: Digests held ready to be added to. Each takes 7.5 kB however few times are in it; its bytes take what they need.
MOST_READY: Final = 512

_CRC_BYTES: Final = 4


class DigestTable(Generic[C, D]):
    """Digests by number; cells know theirs by their key. They may be put aside, as keys are.

    Invariants:
        ``_stored`` has the digests in memory, by number from that of the first key on.
        A digest that is in ``_ready`` is newer there than its bytes in ``_stored``.
        Times in ``_waiting`` are in no digest yet; when they are added hangs on the folds since the last checkpoint
        alone, so that whoever folds the same changes anew has the same digests.
    """

    def __init__(self, number: Callable[[C, Interned[D]], int]) -> None:
        """Start empty; ``number`` gives the number of the digest a cell's times go to, among the keys of digests."""
        self._number = number
        self.keys: Interned[D] = Interned()
        self._stored: list[bytes] = []
        self._ready: dict[int, TDigest] = {}
        self._waiting: list[tuple[Int32s, Float64s]] = []  # numbers of digests, and times
        self.changed_blocks: set[int] = set()
        self._first = 0
        self._of_cell = array("i")  # from the first cell on that may be named

    def fold(self, outcomes: Outcomes, of: Interned[C]) -> None:
        """Add the times of outcomes to the digests of their cells.

        Args:
            outcomes: the columns a cut returned.
            of: the keys of the cells.
        """
        self._know(of)
        cells, flags, rtts_us = outcomes.columns()
        timed = (flags & TIMED) != 0
        if not timed.any():
            return
        numbers = np.frombuffer(self._of_cell, np.int32)[cells[timed] - of.named_from]
        self.changed_blocks.update(np.unique(numbers // DIGEST_BLOCK).tolist())
        self._waiting.append((numbers, rtts_us[timed].astype(np.float64)))
        if sum(len(numbers) for numbers, _ in self._waiting) >= MOST_WAITING:
            self._add()

    def _add(self) -> None:
        """Add the times that wait to their digests."""
        if not self._waiting:
            return
        numbers, times = (np.concatenate(columns) for columns in zip(*self._waiting, strict=True))
        self._waiting.clear()
        order = np.argsort(numbers, kind="stable")
        numbers, times = numbers[order], times[order]
        starts = np.flatnonzero(np.diff(numbers, prepend=np.int32(-1))).tolist()
        for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
            number = int(numbers[start])
            digest = self._ready.get(number)
            if digest is None:
                digest = self._ready[number] = digest_of(self._stored[number - self.keys.first])
            if end - start == 1:
                digest.update(times.item(start))
            else:
                digest.batch_update(times[start:end])  # type: ignore[arg-type]  # it takes arrays, and says sequences
        if len(self._ready) > MOST_READY:
            self._store()

    def _store(self) -> None:
        """Keep all digests as bytes."""
        for number, digest in self._ready.items():
            self._stored[number - self.keys.first] = digest_bytes(digest)
        self._ready.clear()

    def _know(self, of: Interned[C]) -> None:
        del self._of_cell[: of.named_from - self._first]
        self._first = of.named_from
        for start in range(of.named_from - of.first + len(self._of_cell), len(of.keys), BLOCK):
            for key in of.keys[start : start + BLOCK]:
                self._of_cell.append(self._number(key, self.keys))
        for number in range(self.keys.first + len(self._stored), len(self.keys)):
            self.changed_blocks.add(number // DIGEST_BLOCK)  # empty or not: cells may name it by its number
            self._stored.append(_EMPTY)

    def items(self) -> Iterator[tuple[D, TDigest]]:
        """Yield keys and digests, each made when it is asked for."""
        return ((key, digest_of(stored)) for key, stored in self.stored())

    def stored(self) -> list[tuple[D, bytes]]:
        """Return keys and the bytes of their digests, which take a fraction of the memory."""
        self._add()
        self._store()
        return list(zip(self.keys.keys, self._stored, strict=True))

    def block(self, block: int) -> tuple[list[D], list[bytes]]:
        """Return a block's keys and digests, as a checkpoint stores them."""
        self._add()
        start = block * DIGEST_BLOCK - self.keys.first
        end = start + DIGEST_BLOCK
        for place in range(start, end):
            if (number := place + self.keys.first) in self._ready:
                self._stored[place] = digest_bytes(self._ready[number])
        return self.keys.keys[start:end], self._stored[start:end]

    def load_block(self, block: int, keys: list[D], stored: list[bytes]) -> None:
        """Set a block to what a checkpoint stored; blocks come in order.

        Raises:
            StateError: a digest is damaged.
        """
        self._add()  # what waits is in the blocks that come, or does not belong to them
        start = block * DIGEST_BLOCK
        self.keys.load(start, keys)
        for number, each in enumerate(stored, start):
            digest_of(each)  # or it is damaged
            self._ready.pop(number, None)
        place = start - self.keys.first
        self._stored[place : place + len(stored)] = stored

    @property
    def first_block(self) -> int:
        """The number of the first block in memory."""
        return self.keys.first // DIGEST_BLOCK

    def put_aside(self, of: Interned[C], is_old: Callable[[D], bool]) -> None:
        """Forget digests whose keys are old, whole blocks of them and up to the first that a cell in memory names.

        Right after a checkpoint has taken their blocks only; ``of`` are the keys of the cells.
        """
        self._know(of)
        named = int(np.frombuffer(self._of_cell, np.int32).min()) if self._of_cell else len(self.keys)
        gone = self.keys.put_aside(min(named // BLOCK, self.keys.blocks_until(lambda keys: all(map(is_old, keys)))))
        del self._stored[:gone]
        for number in [number for number in self._ready if number < self.keys.first]:
            del self._ready[number]


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


_EMPTY: Final = digest_bytes(TDigest(max_centroids=CENTROIDS))
