"""The first recorded events of a folder, as records, in the order they happened."""

import sys
from collections.abc import Iterator
from heapq import merge
from itertools import islice, repeat
from pathlib import Path

from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.recorded import MadeRecord, records_of


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
