"""The bytes of the ledger: what a commit writes and a restart reads back.

A value begins with a version byte and the CRC of what follows; the rest is MessagePack arrays. They evolve by rule:
fields are appended with a default, never moved or retyped, and a reader refuses a version it does not know.

The CRC is there because a count with one bit turned is a count like any other: what was restored by hand, or written
by a fault of ours, must be refused and never be taken for another figure.
"""

import zlib
from collections.abc import Collection
from typing import Any, Final

import msgspec
from msgspec import Struct

from dcc_analytics.aggregators.audit import AuditSum
from dcc_analytics.aggregators.cells import Outcomes
from dcc_analytics.aggregators.device_records import DeviceRecord
from dcc_analytics.aggregators.keys import AlertDigestKey, AlertKey, CellKey, FailureKey
from dcc_analytics.aggregators.observe import Observation
from dcc_analytics.aggregators.slow import SlowKey
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.events import DeviceVersion, Parameters
from dcc_analytics.stream.keyed import Keyed
from dcc_analytics.stream.legs import Cancellation, End, Ended, Leg

FORMAT_VERSION: Final = 3

_VERSION: Final = bytes((FORMAT_VERSION,))
_CRC_END: Final = len(_VERSION) + 4

#: Types of the maps of a shard, by their names in the ledger.
MAP_TYPES: Final[dict[str, tuple[Any, Any]]] = {
    "legs": (str, Leg),
    "ended": (str, tuple[int, Ended]),
    "cancellations": (str, tuple[int, Cancellation]),
    "waiting": (str, tuple[int, list[End]]),
    "first_parameters": (str, tuple[int, Parameters]),
    "first_executions": (str, tuple[int, tuple[int, bool]]),
    "scheduled": (bytes, tuple[int, bool]),
    "alerts": (str, tuple[int, int]),
    "closed": (str, tuple[int, int]),
    "held": (int, Observation),
    "records": (int, DeviceRecord),
    "reads": (str, bytes),
    "moved": (str, DeviceVersion),
    "audit": (str, AuditSum),
    "audit_begun": (str, int),
}

_encode: Final = msgspec.msgpack.Encoder().encode
_decode_map: Final = {
    name: msgspec.msgpack.Decoder(tuple[list[tuple[key, value]], list[key]]).decode  # type: ignore[valid-type]
    for name, (key, value) in MAP_TYPES.items()
}


class MapChanges(Struct, frozen=True, array_like=True, gc=False):
    """Changes of maps, each encoded by itself: (name, bytes)."""

    changes: list[tuple[str, bytes]]

    @classmethod
    def of(cls, maps: dict[str, Keyed[Any, Any]]) -> "MapChanges":
        """Cut maps and return the changes of those that changed."""
        changes = []
        for name, each in maps.items():
            puts, drops = each.cut()
            if puts or drops:
                changes.append((name, _encode((list(puts.items()), drops))))
        return cls(changes)

    def apply_to(self, maps: dict[str, Keyed[Any, Any]]) -> None:
        """Take the changes into maps."""
        for name, encoded in self.changes:
            puts, drops = _decode_map[name](encoded)
            maps[name].apply(dict(puts), drops)

    def of_map(self, name: str) -> tuple[dict[Any, Any], list[Any]]:
        """Return what one map got, and which keys it lost."""
        for changed, encoded in self.changes:
            if changed == name:
                puts, drops = _decode_map[name](encoded)
                return dict(puts), drops
        return {}, []

    def only(self, names: Collection[str]) -> "MapChanges":
        """Return the changes of some maps."""
        return MapChanges([(name, encoded) for name, encoded in self.changes if name in names])


class Delta(Struct, frozen=True, array_like=True, gc=False):
    """What one commit changed; the fields are those of ``ShardState``."""

    seq: int
    applied: dict[str, int]
    clocks_us: dict[str, int]
    clock_us: int
    horizon_us: int
    final_month: int
    facts: list[Facts]
    cells: list[CellKey]
    outcomes: Outcomes
    failures: list[FailureKey]
    failures_noted: bytes
    alert_digests: list[AlertDigestKey]
    alerts: list[AlertKey]
    alert_outcomes: Outcomes
    counters: list[tuple[str, str]]
    counters_noted: bytes
    maps: MapChanges
    slow: list[SlowKey]
    slow_noted: bytes
    dropped_us: int


class Head(Struct, frozen=True, array_like=True, gc=False):
    """The first record of a checkpoint: the scalars of a shard, and the last delta the checkpoint covers.

    ``pieces`` and ``blocks`` say how many records there are of each map and of each letter, ``aside`` how many of a
    letter's first ones whoever goes on writing need not have in memory.
    """

    seq: int
    applied: dict[str, int]
    clocks_us: dict[str, int]
    clock_us: int
    horizon_us: int
    final_month: int
    pieces: dict[str, int]
    blocks: dict[str, int]
    dropped_us: int
    aside: dict[str, int] = {}


def damaged(what: str) -> StateError:
    """Return the error of a ledger that can't be read, with what there is to do.

    Args:
        what: is missing or damaged.
    """
    return StateError(f"{what}; restore the ledger topic from a replica or build it anew with a new --application")


def to_bytes(value: object) -> bytes:
    """Return a value's bytes: version, CRC, body."""
    body = _encode(value)
    return b"".join((_VERSION, zlib.crc32(body).to_bytes(4, "little"), body))


class Codec:
    """Reads one type of value back."""

    def __init__(self, kind: Any, what: str) -> None:  # noqa: ANN401 (any type msgspec can decode)
        """Read values of a type; ``what`` names it in errors."""
        self._decode = msgspec.msgpack.Decoder(kind).decode
        self._what = what

    def read(self, value: bytes) -> Any:  # noqa: ANN401 (what ``kind`` says)
        """Return the value of bytes.

        Raises:
            StateError: written by another version of the product, or damaged.
        """
        if value[:1] != _VERSION:
            raise StateError(
                f"the ledger's {self._what} has format {value[:1].hex() or 'nothing'}, this release reads "
                f"{FORMAT_VERSION:02x}; run the release that wrote it, or build anew with a new --application"
            )
        body = memoryview(value)[_CRC_END:]
        if zlib.crc32(body) != int.from_bytes(value[len(_VERSION) : _CRC_END], "little"):
            raise damaged(f"the ledger's {self._what} is damaged (its CRC does not match)")
        try:
            return self._decode(body)
        except msgspec.MsgspecError as broken:
            raise damaged(f"the ledger's {self._what} is damaged ({broken})") from broken


DELTA: Final = Codec(Delta, "delta")
HEAD: Final = Codec(Head, "checkpoint head")
