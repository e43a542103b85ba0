"""Recorded events cut in time, so that a test can do something in the middle of a month."""

import gzip
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import msgspec

from tests.recorded_sample import SAMPLE

REFERENCE = ("users", "incidents", "devices")
EVENTS = ("service-requests", "service-responses", "alerts")


class _Line(msgspec.Struct):
    timestamp: int


_line = msgspec.json.Decoder(_Line).decode


def sliced(folder: Path, count: int, source: Path = SAMPLE) -> list[Path]:
    """Write recorded events, the sample unless others are named, as so many folders, each topic in its order.

    The reference topics come whole in the first. The others are cut at the same instants, so that no topic runs weeks
    ahead of another.
    """
    return sliced_at(folder, [Fraction(part, count) for part in range(1, count)], source)


def sliced_at(folder: Path, parts: Sequence[Fraction | float], source: Path = SAMPLE) -> list[Path]:
    """Write the same, cut where so much of the requests has come."""
    texts = {topic: _texts(source, topic) for topic in EVENTS}
    requests = texts["service-requests"]
    instants = [_line(requests[int(len(requests) * part)]).timestamp for part in parts]
    folders = [folder / f"slice-{number}" for number in range(len(parts) + 1)]
    for each in folders:
        each.mkdir(parents=True)
    for topic in REFERENCE:
        _write(folders[0], topic, _texts(source, topic))
    for topic, lines in texts.items():
        cuts = [0, *(_first_at(lines, instant) for instant in instants), len(lines)]
        for each, (start, end) in zip(folders, pairwise(sorted(cuts)), strict=True):
            _write(each, topic, lines[start:end])
    return folders


def _texts(source: Path, topic: str) -> list[bytes]:
    with gzip.open(source / f"{topic}.ndjson.gz", "rb") as file:
        return file.readlines()


def _first_at(lines: Sequence[bytes], instant_ms: int) -> int:
    return next((number for number, text in enumerate(lines) if _line(text).timestamp >= instant_ms), len(lines))


def _write(folder: Path, topic: str, lines: Sequence[bytes]) -> None:
    (folder / f"{topic}.ndjson").write_bytes(b"".join(lines))
