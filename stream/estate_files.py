"""What lies in the files of an estate: its keys, and how they are read, by their owner or beside it.

Keys of Devices are their ids; all others begin with a byte that no id does.
"""

import fcntl
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple, Self, cast

import msgspec
from rocksdict import (
    AccessType,
    BlockBasedOptions,
    BottommostLevelCompaction,
    Cache,
    CompactOptions,
    Options,
    Rdict,
    WriteBatch,
)

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.estate import Version

OFFSET_KEY: Final = b"\x00offset"
#: Leads the marks of Devices that have left the inventory; the value is a ``Mark``.
LEFT_PREFIX: Final = b"\x00left|"
#: That every such Device has its mark; an older release made none.
MARKED_KEY: Final = b"\x00marked"
#: That something was deleted since the files were last compacted; the value is the horizon of when.
DELETED_KEY: Final = b"\x00deleted"
#: Up to this it is not known since when: 1 in estates of an older release, 0 before the horizon is known.
UNKNOWN_SINCE_US: Final = 1
FIRST_DEVICE: Final = b"\x01"

#: RocksDB's own caches for each shard (its default would be gigabytes over many shards).
BLOCK_CACHE_BYTES: Final = 16 * 1024 * 1024
WRITE_BUFFER_BYTES: Final = 16 * 1024 * 1024

decode_versions: Final = msgspec.msgpack.Decoder(list[Version]).decode


def pairs(db: Rdict, from_key: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values from a key on, in order."""
    for key, value in db.items(from_key=from_key):
        yield cast("bytes", key), cast("bytes", value)


def put(batch: WriteBatch, key: bytes, value: bytes | None) -> None:
    """Have a key written, or deleted."""
    if value is None:
        batch.delete(key)
    else:
        batch.put(key, value)


class Mark(NamedTuple):
    """That a Device has left the inventory.

    Attributes:
        left_us: when it did.
        told_us: the horizon when that was told; 0 in marks of an older release, which did not say.
    """

    left_us: int
    told_us: int

    def as_bytes(self) -> bytes:
        """Return it as it is stored.

        >>> Mark.read(Mark(7, 9).as_bytes()), Mark.read(b"7")
        (Mark(left_us=7, told_us=9), Mark(left_us=7, told_us=0))
        """
        return b"%d %d" % self

    @classmethod
    def read(cls, stored: bytes) -> Self:
        """Return what is stored; of an older release too."""
        left_us, _, told_us = stored.partition(b" ")
        return cls(int(left_us), int(told_us or 0))


def marks(db: Rdict) -> dict[str, Mark]:
    """Return when Devices have left the inventory, by what was written."""
    left = {}
    for key, value in pairs(db, LEFT_PREFIX):
        if not key.startswith(LEFT_PREFIX):
            break
        left[key.removeprefix(LEFT_PREFIX).decode()] = Mark.read(value)
    return left


def options() -> Options:
    """Return how the files of an estate are made."""
    made = Options(raw_mode=True)
    made.create_if_missing(True)  # noqa: FBT003 (RocksDB's name for it)
    made.set_write_buffer_size(WRITE_BUFFER_BYTES)
    made.set_max_write_buffer_number(2)
    # The list of files names the first and last Device of each: written anew at every change, it names none that went.
    made.set_max_manifest_file_size(1)
    table = BlockBasedOptions()
    table.set_block_cache(Cache(BLOCK_CACHE_BYTES))
    made.set_block_based_table_factory(table)
    return made


def is_open(folder: Path) -> bool:
    """Return whether a process has an estate open: RocksDB holds a lock of its file, which is asked for, not taken."""
    try:
        with (folder / "LOCK").open("rb") as file:
            asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            (kind,) = struct.unpack_from("h", fcntl.fcntl(file, fcntl.F_GETLK, asked))
    except OSError:
        return False
    return bool(kind != fcntl.F_UNLCK)


def compact(db: Rdict) -> None:
    """Have every file written anew without what was deleted."""
    thorough = CompactOptions()
    thorough.set_bottommost_level_compaction(BottommostLevelCompaction.force())
    db.flush()
    db.compact_range(None, None, thorough)
    db.put(MARKED_KEY, b"1")
    db.flush()  # which writes the list of files anew, without those there were


@dataclass(frozen=True, slots=True)
class Lies:
    """What lies in an estate's files.

    Attributes:
        next_offset: of ``devices``, up to which it has read.
        devices: how many there are.
        oldest_us: from when the oldest version of them holds; None without any.
        left: when Devices, and which, have left the inventory, and are not in it again.
        deleted_us: the horizon since which something that was deleted may lie in the files, any Device with it; None
            where they were written anew since. Their bytes would tell nothing: keys are shortened, blocks packed.
        versions: of the Device asked for.
    """

    next_offset: int
    devices: int
    oldest_us: int | None
    left: dict[str, Mark]
    deleted_us: int | None
    versions: int


def look_into(folder: Path, device: str | None = None) -> Lies:
    """Return what lies in an estate's files, whether or not a worker has them open.

    Args:
        folder: of one estate.
        device: looked for besides.

    Raises:
        StateError: it is damaged, or changes faster than it can be copied.
    """
    try:
        with TemporaryDirectory(prefix="dcca-estate-") as log_folder:  # RocksDB would write one into the estate
            return _read(folder, device, log_folder)
    except Exception as broken:
        raise StateError(
            f"the estate at {folder} can't be looked into ({broken}); try again, and stop its worker for so long if "
            "that does not help"
        ) from broken


def _read(folder: Path, device: str | None, log_folder: str) -> Lies:
    options = Options(raw_mode=True)
    options.set_db_log_dir(log_folder)
    db = Rdict(str(folder), options, access_type=AccessType.read_only())
    try:
        left, devices, oldest_us, versions = marks(db), 0, None, 0
        for key, value in pairs(db, FIRST_DEVICE):
            held = decode_versions(value)
            devices += 1
            oldest_us = min(held[0].as_of_us, held[0].as_of_us if oldest_us is None else oldest_us)
            if held[-1].facts is not None:
                left.pop(key.decode(), None)
            else:
                left.setdefault(key.decode(), Mark(held[-1].as_of_us, 0))
            versions += len(held) if key.decode() == device else 0
        offset, deleted = (cast("bytes | None", db.get(key)) for key in (OFFSET_KEY, DELETED_KEY))
    finally:
        db.close()
    deleted_us = None if deleted is None else int(deleted)
    return Lies(int(offset or 0), devices, oldest_us, left, deleted_us, versions)
