"""A ledger in a file: every partition's records, the strays on their way between them, and a checksum over all.

    head        format, application, partitions
    entries     partition by partition: records of the ledger, then strays that were passed on to it and not folded yet
    end         how many entries there were, and the SHA-256 of all before

Each is a MessagePack array behind its length, the whole compressed by gzip. The same ledger gives the same bytes. A
file that was cut short or changed is refused before anything is done with it.
"""

import gzip
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Annotated, BinaryIO, Final, NamedTuple

import msgspec

from dcc_analytics.catalogue.errors import StateError

FORMAT_VERSION: Final = 1
#: No record of Kafka that the product writes is near it; a length beyond is damage, and would be asked of memory.
_MOST_BYTES: Final = 64 * 1024 * 1024
_LENGTH_BYTES: Final = 4
#: Ledgers are packed already where they are large; more effort takes five times as long for a tenth of the bytes.
_EFFORT: Final = 1


class Head(msgspec.Struct, frozen=True, array_like=True, tag="head"):
    """Whose ledger it is."""

    format: int
    application: str
    partitions: Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class LedgerEntry(msgspec.Struct, frozen=True, array_like=True, tag="ledger"):
    """A record of the ledger."""

    partition: int
    key: bytes
    value: bytes


class StrayEntry(msgspec.Struct, frozen=True, array_like=True, tag="stray"):
    """A stray on its way to a partition; a header's value may be null."""

    partition: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


class End(msgspec.Struct, frozen=True, array_like=True, tag="end"):
    """The end of a whole file."""

    entries: int
    sha256: str


class Copied(NamedTuple):
    """What was taken out into a file, or brought back from one.

    Attributes:
        application: whose ledger it was taken from.
        partitions: of it.
        records: of the ledger.
        strays: on their way between partitions.
        clock_us: the greatest clock of its shards.
        applied: for each topic the offsets of its partitions up to which records are folded, added up.
    """

    application: str
    partitions: int
    records: int
    strays: int
    clock_us: int
    applied: dict[str, int]


class Folded(NamedTuple):
    """How far a partition of a ledger has come; ``seq`` is 0 where it has not begun."""

    seq: int
    clock_us: int
    applied: dict[str, int]


def copied(application: str, folded: Sequence[Folded], counts: Mapping[str, int]) -> Copied:
    """Return what a file holds, of partitions that have come so far."""
    applied: Counter[str] = Counter()
    for each in folded:
        for name, offset in each.applied.items():
            applied[name.partition("/")[0]] += offset
    clock_us = max(each.clock_us for each in folded)
    counted = counts.get("ledger", 0), counts.get("stray", 0)
    return Copied(application, len(folded), *counted, clock_us, dict(sorted(applied.items())))


Entry = LedgerEntry | StrayEntry
Progress = Callable[[int, int], object]
"""Told how many partitions are done, of how many."""
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Head | LedgerEntry | StrayEntry | End).decode


class Writer:
    """Writes a file, entry by entry."""

    def __init__(self, file: BinaryIO, head: Head) -> None:
        """Begin with the head."""
        self._file = gzip.GzipFile(filename="", mode="wb", compresslevel=_EFFORT, fileobj=file, mtime=0)
        self._sum = sha256()
        self.entries = 0
        self._write(head)

    def add(self, entry: Entry) -> None:
        """Add an entry."""
        self.entries += 1
        self._write(entry)

    def end(self) -> str:
        """End the file, and return its checksum."""
        found = self._sum.hexdigest()
        self._write(End(self.entries, found))
        self._file.close()
        return found

    def _write(self, part: Head | Entry | End) -> None:
        encoded = _encode(part)
        framed = len(encoded).to_bytes(_LENGTH_BYTES, "big") + encoded
        self._sum.update(framed)
        self._file.write(framed)


@contextmanager
def written(path: Path, head: Head) -> Iterator[Writer]:
    """Write a file that is there whole, and on the disk, or not at all.

    Raises:
        StateError: it is there already, or can't be written.
    """
    making = path.with_name(f".{path.name}.{os.getpid()}")
    if path.exists():
        raise StateError(f"{path} is there, and may be the only copy of what it holds; give another --out")
    try:
        with making.open("xb") as file:
            yield Writer(file, head)
            file.flush()
            os.fsync(file.fileno())
        making.rename(path)
    except OSError as error:
        raise StateError(f"{path} can't be written ({error}); free space or give another --out") from error
    finally:
        making.unlink(missing_ok=True)


def head_of(path: Path) -> Head:
    """Return the head of a file, whatever stands behind it.

    Raises:
        StateError: as ``read``.
    """
    for part in read(path):
        if isinstance(part, Head):
            return part
    raise StateError(f"{path} is no export of a ledger: it has no head; take another copy of it")


def read(path: Path) -> Iterator[Head | Entry]:
    """Yield the head of a file, then its entries; whoever has them all knows that the file is whole.

    Raises:
        StateError: it can't be read, was cut short, changed, or is of another format.
    """
    try:
        with gzip.open(path, "rb") as file:
            yield from _parts(file)
    except (OSError, EOFError, zlib.error, ValueError, msgspec.MsgspecError) as error:
        raise StateError(
            f"{path} is no whole export of a ledger ({error}); nothing of it is used: take another copy of it"
        ) from error


def _parts(file: gzip.GzipFile) -> Iterator[Head | Entry]:
    total, entries, began = sha256(), 0, False
    while True:
        length = file.read(_LENGTH_BYTES)
        size = int.from_bytes(length, "big")
        if size > _MOST_BYTES:
            raise ValueError(f"an entry of {size} bytes")
        encoded = file.read(size)
        if len(length) < _LENGTH_BYTES or len(encoded) < size:
            raise EOFError("it ends in the middle")
        part = _decode(encoded)
        if isinstance(part, End):
            if (part.entries, part.sha256) != (entries, total.hexdigest()):
                raise ValueError("its checksum is another")
            if file.read(1):
                raise ValueError("something stands behind its end")
            return
        total.update(length + encoded)
        if isinstance(part, Head) == began:
            raise ValueError("its head is not where it has to be")
        if isinstance(part, Head) and part.format != FORMAT_VERSION:
            raise ValueError(f"its format is {part.format}, this release reads {FORMAT_VERSION}")
        entries += began
        began = True
        yield part
