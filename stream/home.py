"""Home: the partition where all that concerns a subject meets (contract section 1, keys).

The subject of a record is its Device, else the User; records are to be keyed by it in upper case. A record
keyed otherwise belongs to the partition of its subject all the same, and is passed on there as a *stray*.
"""

from functools import lru_cache
from typing import Final

from aiokafka.partitioner import murmur2

from dcc_analytics.catalogue.identities import DCC_IDS
from dcc_analytics.stream import events
from dcc_analytics.stream.identity import is_eui64, originator_of, target_of

_POSITIVE: Final = 0x7FFFFFFF

#: Keys whose hash is remembered: aiokafka's murmur2 takes some 10 µs, more than all else a record costs to send.
_KNOWN_KEYS: Final = 1 << 17


@lru_cache(maxsize=_KNOWN_KEYS)
def key_hash(key: bytes) -> int:
    """Return what every Kafka client's default partitioner takes modulo the number of partitions."""
    hashed: int = murmur2(key)
    return hashed & _POSITIVE


def partition_of(subject: str, partitions: int) -> int:
    """Return the partition of a key.

    >>> partition_of("88-73-84-90-6A-10-02-DB", 8)
    6
    """
    return key_hash(subject.encode()) % partitions


def subject_of(event: events.StreamEvent, key: bytes | None) -> str:
    """Return the subject a record belongs to: the Device, else the User (contract section 1).

    Args:
        event: the decoded record.
        key: the record's key; it decides for a response that names no Device.
    """
    if event.device is not None:
        return event.device
    if isinstance(event, events.Request):
        return originator_of(event.request_id)
    if isinstance(event, events.Response):
        return _keyed_subject(key) or request_subject(event.request_id)
    if isinstance(event, events.ScheduledResult):
        return event.user
    return event.recipient


def request_subject(checked_request_id: str) -> str:
    """Return where the leg of a request waits, as far as its id tells: the target if a Device, else the User."""
    target = target_of(checked_request_id)
    return originator_of(checked_request_id) if target in DCC_IDS else target


def _keyed_subject(key: bytes | None) -> str | None:
    if key is None:
        return None
    try:
        text = key.decode("ascii")
    except UnicodeDecodeError:
        return None
    return text.upper() if is_eui64(text) else None
