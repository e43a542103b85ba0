"""Under which key, and in which partition, a record of a foreign topic belongs in the product's (contract section 1).

A record that can be read goes under its subject. One that can't goes on all the same: whoever reads the product's topic
makes a dead letter of it and counts it there. Nothing is judged twice, and nothing is lost on the way.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from dcc_analytics.stream.decode import DECODERS, REFERENCE_DECODERS, decode_device, decoded
from dcc_analytics.stream.duis import decoded_record
from dcc_analytics.stream.events import DeviceVersion, Incident, Rejected, UserEntry
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.home import key_hash, subject_of
from dcc_analytics.stream.identity import is_eui64

_Entry = DeviceVersion | Incident | UserEntry | Rejected
#: What reads the records of each reference topic.
_REFERENCE: Final[Mapping[str, Callable[[bytes | None], _Entry]]] = {
    "devices": lambda value: decoded(decode_device, value),
    "incidents": lambda value: decoded(REFERENCE_DECODERS["incidents"], value),
    "users": lambda value: decoded(REFERENCE_DECODERS["users"], value),
}

#: Topics of the product that records can be moved to, by the product's own names.
KINDS: Final = (*DECODERS, *_REFERENCE)


class Source(NamedTuple):
    """A foreign topic, by its name on the cluster, and the product's topic its records belong to."""

    topic: str
    kind: str


class Placed(NamedTuple):
    """Where a record belongs.

    Attributes:
        key: it is to have.
        partition: of the product's topic.
        is_read: whether the record can be read; else it will be a dead letter.
    """

    key: bytes | None
    partition: int
    is_read: bool


def placed(source: Source, partition: int, record: Record, partitions: int, *, ignore_keys: bool = False) -> Placed:
    """Return where a record belongs.

    Args:
        source: the topic it stands on.
        partition: in which it stands there.
        record: as it was fetched.
        partitions: of the product's topic.
        ignore_keys: the source's keys are no Devices; else a response that names none goes by its key, as it does for
            a worker.

    >>> from dcc_analytics.stream.recorded import MadeRecord
    >>> placed(Source("toc", "alerts"), 3, MadeRecord(7, 0, None, b"no alert"), 2)
    Placed(key=None, partition=1, is_read=False)
    """
    key = _key_of_event(source, record, ignore_keys=ignore_keys)
    is_read = key is not None
    if key is None and source.kind in _REFERENCE:
        key = _own_key(source, partition, record)
    elif key is None:
        key = record.key
    return Placed(key, partition % partitions if key is None else key_hash(key) % partitions, is_read)


def read_entry(kind: str, value: bytes | None) -> _Entry:
    """Return what a record of a reference topic holds, or why it holds nothing."""
    return _REFERENCE[kind](value)


def _key_of_event(source: Source, record: Record, *, ignore_keys: bool) -> bytes | None:
    """Return the key of what a record holds, None where it can't be read."""
    if source.kind in DECODERS:
        event = decoded_record(source.kind, record)
        return None if isinstance(event, Rejected) else subject_of(event, None if ignore_keys else record.key).encode()
    if record.value is None and record.key is not None:
        return _upper(record.key)  # takes the entry of that key away
    entry = read_entry(source.kind, record.value)
    if isinstance(entry, Rejected):
        return None
    if isinstance(entry, Incident):
        return entry.incident.encode()
    return (entry.device if isinstance(entry, DeviceVersion) else entry.user).encode()


def _own_key(source: Source, partition: int, record: Record) -> bytes:
    """Return a key no other record has: a compacted topic wants one, and keeps only the newest of each.

    Under the key it came with, a record that can't be read would replace a version that can.
    """
    return (record.key or b"") + f"@{source.topic}/{partition}/{record.offset}".encode()


def _upper(key: bytes) -> bytes:
    """Return an EUI-64 in upper case, and any other key as it is."""
    text = key.decode("ascii", errors="replace")
    return text.upper().encode() if is_eui64(text) else key
