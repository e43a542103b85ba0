"""A shard's estate on disk: the versions of its Devices in RocksDB, written together with the offset they came from.

The ``devices`` topic is the truth and its own changelog: a lost folder is read again from the topic, a damaged one
stops the worker with words.

A Device that has left the inventory is marked with when it did, and leaves the estate once no month needs it (see
``Shard``). What was deleted lies in RocksDB's files until they are compacted, so they are, each time Devices have gone.
"""

import logging
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from rocksdict import AccessType, Rdict, WriteBatch

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.estate import Facts, Version, Versions
from dcc_analytics.stream.estate_compaction import Compaction
from dcc_analytics.stream.estate_files import (
    DELETED_KEY,
    FIRST_DEVICE,
    LEFT_PREFIX,
    MARKED_KEY,
    OFFSET_KEY,
    Mark,
    decode_versions,
    is_open,
    marks,
    options,
    pairs,
    put,
)
from dcc_analytics.stream.instants import DAY_US

log = logging.getLogger("dcca.worker")

#: Versions replaced longer ago than this explain no event any more: a month, eight days, and two months of installs.
KEPT_US: Final = 100 * DAY_US

#: Devices whose versions are held in memory; some 600 bytes each.
CACHED_DEVICES: Final = 300_000

#: What RocksDB says of a folder that another process has open.
_HELD: Final = "While lock file"

_encode: Final = msgspec.msgpack.Encoder().encode


class EstateHeldError(StateError):
    """Another process has the estate open: give each worker its own ``--state``, or have one run several processes."""


class EstateStore:
    """The versions of the Devices of one partition.

    Invariant: ``next_offset`` is the offset after the last record whose version is in the store.
    """

    def __init__(self, folder: Path, *, passing: bool = False) -> None:
        """Open or create the store.

        Args:
            folder: its own.
            passing: remove the folder when the store is closed.

        Raises:
            EstateHeldError: another process has it open.
            StateError: the folder is damaged, or can't be used.
        """
        self._folder = folder
        self._passing = passing
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            self._db = Rdict(str(folder), options(), access_type=AccessType.read_write())
        except Exception as broken:
            kind = EstateHeldError if _HELD in str(broken) else StateError
            raise kind(
                f"the estate at {folder} can't be opened ({broken}); if another worker holds it give this one its "
                "own --state folder, else delete the folder: it is read again from the devices topic"
            ) from broken
        self._cache: dict[str, Versions] = {}
        self._facts: dict[Facts, Facts] = {}
        self._batch: dict[str, Versions] = {}
        self._left: dict[str, int | None] = {}
        self._deleted = False
        try:
            self.next_offset = self._number(OFFSET_KEY) or 0
            self._compaction = Compaction(self._db, folder.name, self._number(DELETED_KEY))
            self._mark_all()
        except StateError:
            self._db.close()
            raise

    def _number(self, key: bytes) -> int | None:
        stored = self._get(key)
        try:
            return None if stored is None else int(stored)
        except ValueError as broken:
            raise self._damaged(broken) from broken

    def _mark_all(self) -> None:
        """Mark the Devices that had left before marks were made."""
        if self._get(MARKED_KEY) is not None:
            return
        for device, versions in self.items() if self.next_offset else ():
            if versions[-1].facts is None:
                self._left[device] = versions[-1].as_of_us

    def items(self) -> Iterator[tuple[str, list[Version]]]:
        """Yield every Device that was written, with its versions."""
        try:
            for key, stored in pairs(self._db, FIRST_DEVICE):
                yield key.decode(), self._read(stored)
        except StateError:
            raise
        except Exception as broken:
            raise self._damaged(broken) from broken

    def _get(self, key: bytes) -> bytes | None:
        try:
            stored: bytes | None = self._db.get(key)
        except Exception as broken:
            raise self._damaged(broken) from broken
        return stored

    def _damaged(self, broken: Exception) -> StateError:
        return StateError(
            f"the estate at {self._folder} is damaged ({broken}); stop the worker and delete the folder: it "
            "is read again from the devices topic"
        )

    def versions(self, device: str) -> Versions:
        """Return a Device's versions sorted by ``as_of_us``; empty when it is in no inventory."""
        known = self._cache.get(device)
        if known is None:
            stored = self._get(device.encode())
            known = Versions() if stored is None else self._read(stored)
            if len(self._cache) >= CACHED_DEVICES:
                self._cache.clear()
                self._cache.update(self._batch)
            self._cache[device] = known
        return known

    def _read(self, stored: bytes) -> Versions:
        try:
            return Versions(self._sharing(version) for version in decode_versions(stored))
        except (msgspec.MsgspecError, RecursionError, ValueError) as broken:
            raise self._damaged(broken) from broken

    def _sharing(self, version: Version) -> Version:
        """Return a version whose facts are one object with all that are equal to them."""
        if version.facts is None:
            return version
        return msgspec.structs.replace(version, facts=self._facts.setdefault(version.facts, version.facts))

    def add(self, device: str, version: Version, *, stamp_us: int) -> None:
        """Take in a version; one with the same ``as_of_us`` replaces the earlier.

        Args:
            device: whose version it is.
            version: what holds from ``as_of_us`` on.
            stamp_us: the record's own timestamp; versions replaced long before it are dropped.
        """
        known = self.versions(device)
        versions = Versions((kept for kept in known if kept.as_of_us != version.as_of_us), known.looked_up_us)
        versions.append(self._sharing(version))
        versions.sort(key=lambda each: each.as_of_us)
        horizon_us = stamp_us - KEPT_US
        while len(versions) > 2 and versions[1].as_of_us < horizon_us:
            del versions[0]
            self._deleted = True
        self._cache[device] = self._batch[device] = versions
        if versions[-1].facts is None:
            self._left[device] = versions[-1].as_of_us

    def remove(self, device: str, *, stamp_us: int) -> None:
        """Forget a Device, and mark that it has left: its record was deleted from the topic at an instant."""
        looked_up_us = self.versions(device).looked_up_us
        self._cache[device] = self._batch[device] = Versions(looked_up_us=looked_up_us)
        self._left[device] = stamp_us
        self._deleted = True

    def left_before(self, instant_us: int) -> list[str]:
        """Return the Devices that left the inventory before an instant and are not in it again."""
        left = self.marks()
        back = [device for device in left if (held := self.versions(device)) and held[-1].facts is not None]
        for device in back:
            self._left[device] = None
            del left[device]
        return [device for device, left_us in left.items() if left_us < instant_us]

    def marks(self) -> dict[str, int]:
        """Return when Devices have left the inventory; some of them may be in it again."""
        try:
            left = {device: mark.left_us for device, mark in marks(self._db).items()}
        except Exception as broken:
            raise self._damaged(broken) from broken
        left.update({device: left_us for device, left_us in self._left.items() if left_us is not None})
        return {device: left_us for device, left_us in left.items() if self._left.get(device, left_us) is not None}

    def forget(self, devices: Iterable[str]) -> None:
        """Forget Devices and that they ever were, and have the files compacted after the next write if need be."""
        for device in devices:
            self._cache[device] = self._batch[device] = Versions()
            self._left[device] = None
            self._deleted = True
        self._compaction.want()

    def write(self, next_offset: int, *, horizon_us: int = 0) -> None:
        """Write what was taken in, together with the offset after it, in one batch.

        Args:
            next_offset: after what was taken in.
            horizon_us: by which it is told when a Device was said to have left, and since when what was deleted lies.
        """
        batch = WriteBatch(raw_mode=True)
        for device, versions in self._batch.items():
            put(batch, device.encode(), _encode(versions) if versions else None)
        for device, left_us in self._left.items():
            mark = None if left_us is None else Mark(left_us, horizon_us).as_bytes()
            put(batch, LEFT_PREFIX + device.encode(), mark)
        batch.put(OFFSET_KEY, str(next_offset).encode())
        batch.put(MARKED_KEY, b"1")  # with the marks that opening has made, never before them
        with self._writing():
            self._compaction.write(batch, horizon_us, deletes=self._deleted)
        self._batch.clear()
        self._left.clear()
        self._deleted = False
        self.next_offset = next_offset

    def close(self) -> None:
        """Close the store, which writes what RocksDB has in memory.

        Raises:
            StateError: it can't be written.
        """
        self._compaction.join()
        with self._writing():
            self._db.close()
        if self._passing:
            shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except Exception as broken:
            raise StateError(f"the estate at {self._folder} can't be written ({broken}); is the disk full?") from broken


def opened(folder: Path, beside: Path | None) -> EstateStore:
    """Open the estate of a partition.

    Processes that share a folder of state have one estate for each partition, whichever of them owns it: it goes from
    hand to hand and nothing is read a second time. Who has lost a partition without knowing it yet (it stands still, or
    the broker is away from it alone) has its estate open all the same; whoever owns the partition now does not wait for
    that, and reads one of its own.

    Args:
        folder: of the estate.
        beside: of one of this process alone, should another have the first open, removed when it is closed; None where
            none shares the folder. What a killed process has left there is removed too, but not while its namesake has
            it open, which has outlived the killed parent of both.

    Raises:
        StateError: as ``EstateStore``.
    """
    if beside is None:
        return EstateStore(folder)
    if not is_open(beside):
        shutil.rmtree(beside, ignore_errors=True)
    try:
        return EstateStore(folder)
    except EstateHeldError:
        log.warning("estate_held folder=%s: another process has it open still; one of its own is read anew", folder)
        return EstateStore(beside, passing=True)
