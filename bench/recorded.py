"""The first recorded events of a folder, as records, in the order they happened."""

import sys
from collections.abc import Iterator
from heapq import merge
from itertools import islice, repeat
from pathlib import Path
from typing import NamedTuple

from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.recorded import files_of, read_recorded


class MadeRecord(NamedTuple):
    """A record as Kafka would hand it over (see ``fetched.Record``)."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


def records_of(folder: Path, topic: str) -> Iterator[MadeRecord]:
    """Yield the records of a topic as if it had one partition."""
    for offset, event in enumerate(read_recorded(files_of(folder)[topic])):
        yield MadeRecord(offset, event.timestamp_ms, event.key, event.value)


def first_events(folder: Path, most: int) -> Iterator[tuple[str, MadeRecord]]:
    """Yield topic and record of at most so many events, by their records' timestamps."""
    streams = (zip(repeat(topic), records_of(folder, topic), strict=False) for topic in DECODERS)
    yield from islice(merge(*streams, key=lambda each: each[1].timestamp), most)


def first_by_topic(folder: Path, most: int) -> dict[str, list[MadeRecord]]:
    """Return the same by topic."""
    found: dict[str, list[MadeRecord]] = {sys.intern(topic): [] for topic in DECODERS}
    for topic, record in first_events(folder, most):
        found[topic].append(record)
    return found
