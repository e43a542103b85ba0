"""What really lies in a ledger's topic: every record of its log, also those replaced, aborted and not compacted yet.

The log is read twice: once for which record replaced which, once for what they hold. What is in a record that was
replaced goes as one, when Kafka compacts; of the newest records every entry is judged.

Deltas are unpacked on the way. One of those that were replaced may be packed by others that Kafka has taken away
already: nobody can look into it any more, so it is told as if it held the Device that is looked for, until it goes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from dcc_analytics.aggregators.checkpoint import REWRITTEN_US
from dcc_analytics.aggregators.delta import DELTA, HEAD, MAP_TYPES, damaged
from dcc_analytics.aggregators.ledger_records import DELTA_PREFIX, HEAD_KEY, MAPS
from dcc_analytics.aggregators.packed import Unpacker
from dcc_analytics.aggregators.retained import KINDS, Retained, entries_of, entries_of_delta
from dcc_analytics.catalogue.retention import RETENTION, Found
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.instants import US_PER_MS
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.topics import ledger_name

_REPLACED: Final = RETENTION["replaced"]
_MAP_PREFIX: Final = b"m|"
_NOT_COMPACTED: Final = (
    "Kafka has not compacted them: `dcca topics create` sets max.compaction.lag.ms, see to the log cleaner of the "
    "brokers, and fold on, since the segment that is written to is never compacted"
)
_NOT_DROPPED: Final = "the rule has not dropped them: see that a worker of this release folds, else please report it"


class _Deltas:
    """Unpacks the values of deltas, which come in the order of the log."""

    def __init__(self) -> None:
        self._unpacker = Unpacker()

    def unpacked(self, key: bytes, value: bytes) -> bytes | None:
        """Return a piece of a delta as it was before it was packed; None if the deltas it is packed by are gone."""
        _, seq, number, _ = key.split(b"|")
        if int(number):
            return value  # one of several pieces is too large to be packed, and the first has said so
        return self._unpacker.value(int(seq), value)


@dataclass(slots=True)
class _Log:
    """Which records of a partition are the newest of their keys, and since when the others are not.

    Attributes:
        newest: offset by key.
        replaced_ms: when a record was replaced, by its offset.
        head: value of the newest head.
        last: pieces of the newest delta, unpacked, by key; none where a checkpoint stands for it.
        deltas: unpacks them.
    """

    newest: dict[bytes, int] = field(default_factory=dict)
    replaced_ms: dict[int, int] = field(default_factory=dict)
    head: bytes | None = None
    last: dict[bytes, bytes | None] = field(default_factory=dict)
    deltas: _Deltas = field(default_factory=_Deltas)

    def note(self, key: bytes, value: bytes | None, offset: int, stamp_ms: int) -> None:
        """Note a committed record, in the order of the log."""
        before = self.newest.get(key)
        if before is not None:
            self.replaced_ms[before] = stamp_ms
        self.newest[key] = offset
        if key == HEAD_KEY:
            self.head = value
        elif key in self.last and value is None:
            self.last = {}  # a checkpoint stands for it
        elif value is not None and key.startswith(DELTA_PREFIX):
            piece = self.deltas.unpacked(key, value)
            self.last = {each: held for each, held in self.last.items() if _seq(each) == _seq(key)} | {key: piece}

    def standing(self) -> tuple[int, Mapping[str, int]]:
        """Return the horizon of the newest commit, and where it had got to."""
        horizon_us, applied = 0, dict[str, int]()
        if self.head is not None:
            head = HEAD.read(self.head)
            horizon_us, applied = head.horizon_us, head.applied
        if self.last:
            delta = DELTA.read(b"".join(_there(key, self.last[key]) for key in sorted(self.last)))
            if delta.horizon_us >= horizon_us:
                horizon_us, applied = delta.horizon_us, {**applied, **delta.applied}
        return horizon_us, applied


@dataclass(frozen=True, slots=True)
class Shard:
    """A partition of a ledger as it lies there.

    Attributes:
        horizon_us: of its newest commit; 0 before the first.
        devices_applied: offset of ``devices`` up to which it had read by then.
        installed: when the newest install of each hub was received of which any lies there.
        found: what lies there, by kind.
    """

    horizon_us: int
    devices_applied: int
    installed: Mapping[str, int]
    found: tuple[Found, ...]


async def look_into_ledger(
    connection: Connection, application: str, *, left: Mapping[int, Mapping[str, int]], device: str | None, now_ms: int
) -> list[Shard]:
    """Return what lies in the partitions of a ledger.

    Args:
        connection: how to reach Kafka.
        application: whose ledger.
        left: by partition when Devices have left the inventory, where an estate tells.
        device: looked for besides.
        now_ms: by which what was replaced is judged.

    Raises:
        TopicError: there is no ledger.
        StateError: it is damaged, or of another release.
    """
    name = ledger_name(application)
    async with Extents(connection) as extents:
        partitions = await extents.partitions(name)
        places = [(name, partition) for partition in range(partitions)]
        ends, tops = await extents.ends(places), await extents.tops(places)
    shards = []
    for place in places:
        log = _Log()
        async for _, record in read_up_to(connection, {place: ends[place]}):
            log.note(record.key or b"", record.value, record.offset, record.timestamp)
        horizon_us, applied = log.standing()
        retained = Retained(horizon_us, left.get(place[1], {}), device)
        reader = _Reader(log, retained, device, now_ms)
        async for _, record in read_up_to(connection, {place: tops[place]}, uncommitted=True):
            if record.value is not None:
                reader.take(record.key or b"", record.value, record.offset, record.timestamp)
        found = tuple(reader.found(f"{connection.topic(name)}/{place[1]}"))
        shards.append(Shard(horizon_us, applied.get(f"devices/{place[1]}", 0), retained.installed(), found))
    return shards


class _Reader:
    """Reads the values of a partition's records."""

    def __init__(self, log: _Log, retained: Retained, device: str | None, now_ms: int) -> None:
        self._log = log
        self._retained = retained
        self._device = b"" if device is None else device.encode().upper()
        self._now_ms = now_ms
        self._deltas = _Deltas()
        self._pieces: list[bytes] = []
        self._tail = b""
        self._tail_seq = b""
        self._replaced = self._beyond = self._of_device = 0
        self._oldest_ms: int | None = None
        self._until_ms = 0
        self._named = self._named_until_us = 0

    def take(self, key: bytes, value: bytes, offset: int, stamp_ms: int) -> None:
        """Take in a record; those without Devices are passed over."""
        name = key.split(b"|")[1].decode() if key.startswith(_MAP_PREFIX) else ""
        is_delta = key.startswith(DELTA_PREFIX)
        if not is_delta and name not in _HELD:
            return
        unpacked = self._deltas.unpacked(key, value) if is_delta else value
        has_device = bool(self._device) if unpacked is None else self._has_device(key, unpacked)
        if self._log.newest.get(key) != offset:
            self._take_replaced(self._log.replaced_ms.get(offset, stamp_ms), stamp_ms, has_device=has_device)
        elif is_delta:
            self._take_piece(key, _there(key, unpacked))
        else:
            self._retained.take(entries_of(name, MAPS[name].read(value)), may_have_device=has_device)

    def _has_device(self, key: bytes, value: bytes) -> bool:
        """Return whether a record holds the Device, also where its id began in the piece of the delta before."""
        if not self._device:
            return False
        before = self._tail if key.startswith(DELTA_PREFIX) and self._tail_seq == _seq(key) else b""
        self._tail, self._tail_seq = value[1 - len(self._device) :], _seq(key)
        return self._device in (before + value).upper()

    def _take_piece(self, key: bytes, value: bytes) -> None:
        """Take in a piece of a delta, and the delta with its last one."""
        _, _, number, of = key.split(b"|")
        self._pieces = [*(self._pieces if int(number) else ()), value]
        if int(number) + 1 == int(of):
            whole = b"".join(self._pieces)
            may_have_device = bool(self._device) and self._device in whole.upper()
            delta = DELTA.read(whole)
            entries, put_us = entries_of_delta(delta), delta.horizon_us
            held = self._retained.take(entries, may_have_device=may_have_device, put_us=put_us)
            if may_have_device and not held:  # among the keys of what the commit dropped
                self._named += 1
                self._named_until_us = max(self._named_until_us, put_us + REWRITTEN_US)

    def _take_replaced(self, replaced_ms: int, stamp_ms: int, *, has_device: bool) -> None:
        gone_ms = replaced_ms + (_REPLACED.kept.us or 0) // US_PER_MS
        self._replaced += 1
        self._oldest_ms = stamp_ms if self._oldest_ms is None else min(self._oldest_ms, stamp_ms)
        self._beyond += gone_ms <= self._now_ms
        if has_device:
            self._of_device += 1
            self._until_ms = max(self._until_ms, gone_ms)

    def found(self, place: str) -> Iterator[Found]:
        """Yield what lies there, by kind."""
        for kind, each in sorted(self._retained.sums().items()):
            why = _NOT_DROPPED if each.beyond else ""
            until_us = each.until_us if each.of_device else None
            yield Found(
                RETENTION[kind], place, each.entries, each.oldest_us, each.beyond, why, each.of_device, until_us
            )
        if self._named:
            why = "named as what was dropped"
            until_us = self._named_until_us
            yield Found(RETENTION["rewritten"], place, self._named, None, 0, why, self._named, until_us)
        oldest_us = None if self._oldest_ms is None else self._oldest_ms * US_PER_MS
        why = _NOT_COMPACTED if self._beyond else ""
        until_us = self._until_ms * US_PER_MS if self._of_device else None
        yield Found(_REPLACED, place, self._replaced, oldest_us, self._beyond, why, self._of_device, until_us)


_HELD: Final = KINDS & MAP_TYPES.keys()


def _there(key: bytes, piece: bytes | None) -> bytes:
    """Return a piece of a delta that no checkpoint has replaced, by which it has to be whole."""
    if piece is None:
        raise damaged(f"the ledger's delta {int(_seq(key))} is packed by deltas that it lacks")
    return piece


def _seq(key: bytes) -> bytes:
    """Return the number of the commit in the key of a delta's piece."""
    return key.split(b"|")[1] if key.startswith(DELTA_PREFIX) else b""
