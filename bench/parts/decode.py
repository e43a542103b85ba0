"""Decoding alone: bytes to events, one core, no broker."""

import gc
import time
from pathlib import Path
from statistics import median
from typing import Final

from bench.figures import Figure
from bench.processes import in_own_process
from bench.recorded import first_events
from bench.run import Run, say
from dcc_analytics.stream.decode import DECODERS, decoded

#: Held in memory; enough that a pass takes a second.
MOST_EVENTS: Final = 200_000
PASSES: Final = 5


def measure(run: Run) -> list[Figure]:
    folder = run.recorded
    say("decoding")
    found = in_own_process("bench.parts.decode", folder=str(folder), events=min(run.events, MOST_EVENTS))
    return [Figure("decode", "decoded", found["events"] / found["seconds"], "events/s")]


def measured(folder: str, events: int) -> dict[str, float]:
    """Decode the first events, several times over; the seconds are the median of the passes."""
    values = [(DECODERS[topic], record.value) for topic, record in first_events(Path(folder), events)]
    gc.freeze()  # what is held ready is no work of a worker's collector
    seconds = []
    for _ in range(PASSES):
        began = time.perf_counter()
        for decoder, value in values:
            decoded(decoder, value)
        seconds.append(time.perf_counter() - began)
    return {"events": len(values), "seconds": median(seconds)}
