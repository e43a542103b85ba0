"""The golden feed in slices of time, so that a test may do something between two of them."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from tests.golden_ledgers import FEED

#: What is published with the first slice, whenever it says it was.
_REFERENCE = ("users", "incidents", "devices")


def sliced(folder: Path, cuts: Sequence[float]) -> list[Path]:
    """Return folders of recorded events, each the part of every topic's events between two of these fractions.

    The order of a topic is kept: a slice is what stood in its file until an instant came up for the first time.

    Args:
        folder: gets them.
        cuts: where one ends and the next begins, by the span of the events' timestamps.
    """
    lines = {path.name: gzip.decompress(path.read_bytes()).splitlines() for path in sorted(FEED.glob("*.gz"))}
    events = {name: each for name, each in lines.items() if name.partition(".")[0] not in _REFERENCE}
    stamps = sorted(json.loads(line)["timestamp"] for each in events.values() for line in each)
    ends_ms = [stamps[int(cut * (len(stamps) - 1))] for cut in cuts]
    slices = []
    for number in range(len(cuts) + 1):
        part = folder / str(number)
        part.mkdir(parents=True)
        for name, each in lines.items():
            begin, end = (_place(each, ends_ms, at) for at in (number, number + 1))
            if name not in events:
                begin, end = (0, len(each)) if number == 0 else (0, 0)
            if each[begin:end]:
                (part / name).write_bytes(gzip.compress(b"\n".join(each[begin:end]) + b"\n", mtime=0))
        slices.append(part)
    return slices


def _place(lines: Sequence[bytes], ends_ms: Sequence[int], number: int) -> int:
    """Return how many lines of a file stand before the beginning of a slice."""
    if number == 0:
        return 0
    if number > len(ends_ms):
        return len(lines)
    return next(
        (at for at, line in enumerate(lines) if json.loads(line)["timestamp"] > ends_ms[number - 1]), len(lines)
    )
