"""Deltas packed by those before them: what small commits repeat of one another costs the ledger next to nothing. Pure.

A commit of a quiet stream holds some twenty events in two kilobytes, most of it names, ids of Users and the high bytes
of instants that stood in the commit before; what Kafka compresses is one commit, and sees nothing of that. So a delta
is deflated (RFC 1951) with the deltas before it as its dictionary: a *chain*, of which each delta needs all before it.

    03        as it is (``delta``); no chain goes on across it
    83        packed by itself: a chain begins
    c3        packed by the deltas of its chain, each following the one before

A chain begins when a shard was opened, after a checkpoint, which stands for all before it, after a delta too large to
be packed, and after ``CHAIN`` deltas, since of those that a checkpoint has replaced compaction may leave any rest, and
of that a reader of what is left (``dcca live``) can use no more than whole chains.

What is packed is the whole value, version and CRC with it: that is checked of what comes out.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from dcc_analytics.aggregators.delta import DELTA, Delta, damaged

BEGINS: Final = b"\x83"
GOES_ON: Final = b"\xc3"

#: What deflate can look back to.
WINDOW: Final = 1 << 15
#: Larger deltas are left to Kafka's zstd, which has enough of them in hand; they come of backlogs, where deflating
#: would cost 5 µs an event.
MOST_BYTES: Final = WINDOW
#: A minute's commits: beginning anew costs half a byte an event, and no more than a minute is lost to who needs it.
CHAIN: Final = 60
#: Of 1 to 9; 9 takes half as long again for a hundredth less.
_LEVEL: Final = 6


class Packer:
    """Packs the deltas of one shard since it was opened, or since its last checkpoint.

    Attributes:
        unpacked_bytes: of all deltas that were given to it.
    """

    def __init__(self) -> None:
        """Begin a chain."""
        self.unpacked_bytes = 0
        self._window = b""
        self._length = 0

    def packed(self, value: bytes) -> bytes:
        """Return a delta's value as it is written; deltas come in order, and each has to be written."""
        self.unpacked_bytes += len(value)
        if len(value) > MOST_BYTES:
            self._window, self._length = b"", 0
            return value
        if self._length == CHAIN:
            self._window, self._length = b"", 0
        deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=self._window)
        body = deflate.compress(value) + deflate.flush()
        kind = GOES_ON if self._length else BEGINS
        self._window, self._length = (self._window + value)[-WINDOW:], self._length + 1
        return kind + body


class Unpacker:
    """Unpacks deltas in the order they were written.

    Attributes:
        unpacked_bytes: of all deltas that it has given.
    """

    def __init__(self) -> None:
        """Begin before any."""
        self.unpacked_bytes = 0
        self._window = b""
        self._seq = 0

    def value(self, seq: int, written: bytes) -> bytes | None:
        """Return a delta's value; None when it is packed by deltas that were not seen.

        Args:
            seq: of the delta.
            written: whole, as it stands in the ledger.

        Raises:
            StateError: it is damaged.
        """
        kind, follows = written[:1], seq == self._seq + 1 and self._window
        before, self._window = self._window, b""
        if kind not in {BEGINS, GOES_ON}:
            self.unpacked_bytes += len(written)
            return written
        if kind == GOES_ON and not follows:
            return None
        value = _inflated(written[1:], before if kind == GOES_ON else b"", seq)
        self._window, self._seq = (before + value if kind == GOES_ON else value)[-WINDOW:], seq
        self.unpacked_bytes += len(value)
        return value


def _inflated(body: bytes, before: bytes, seq: int) -> bytes:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS, zdict=before)
    try:
        value = inflate.decompress(body, MOST_BYTES)
    except zlib.error as broken:
        raise damaged(f"the ledger's delta {seq} is damaged ({broken})") from broken
    if not inflate.eof or inflate.unused_data:
        raise damaged(f"the ledger's delta {seq} is damaged (it does not end where it should)")
    return value


def read_deltas(
    records: Mapping[bytes, bytes], keys: Iterable[bytes], unpacker: Unpacker, *, after: int
) -> Iterator[Delta]:
    """Yield the deltas after a checkpoint in order, whole and without a gap.

    Args:
        records: of a ledger's partition.
        keys: those of deltas among them, in order.
        unpacker: that has seen none.
        after: the number of the last one the checkpoint stands for.

    Raises:
        StateError: one is missing or damaged.
    """
    pieces: dict[int, list[bytes]] = {}
    wanted: dict[int, int] = {}
    for key in keys:
        seq, _, of = map(int, key.split(b"|")[1:])
        pieces.setdefault(seq, []).append(records[key])
        wanted[seq] = of
    expected = after
    for seq in sorted(seq for seq in pieces if seq > after):
        expected += 1
        if seq != expected or len(pieces[seq]) != wanted[seq]:
            raise damaged(f"the ledger lacks (a piece of) delta {expected}")
        value = unpacker.value(seq, b"".join(pieces[seq]))
        if value is None:
            raise damaged(f"the ledger's delta {seq} is packed by deltas that it lacks")
        delta: Delta = DELTA.read(value)
        if delta.seq != seq:
            raise damaged(f"the ledger holds delta {delta.seq} under the key of delta {seq}")
        yield delta
