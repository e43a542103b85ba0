"""What a shard's memory is as days go by: one pure shard over the run's events, a checkpoint after each day."""

import ctypes
import gc
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from bench.figures import Figure, slope
from bench.processes import in_own_process, resident_mb
from bench.recorded import first_events
from bench.run import Run, say
from dcc_analytics.aggregators.checkpoint import Checkpointer
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.stream.estate_store import EstateStore
from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.recorded import MadeRecord, records_of

_DAY_MS: Final = 24 * 3600 * 1000
_CUT_RECORDS: Final = 5_000


def measure(run: Run) -> list[Figure]:
    folder = run.recorded
    say("folding day by day")
    found = in_own_process("bench.parts.memory", folder=str(folder), events=run.events)
    return [
        Figure("memory", "half through the events", found["half"], "MB"),
        Figure("memory", "at their end", found["end"], "MB"),
        Figure("memory", "over the second half", found["slope"], "MB/million events"),
        Figure("memory", "cells still in memory", found["kept"], "% of all"),
    ]


def measured(folder: str, events: int) -> dict[str, float]:
    """Fold the events; return memory in MB, its slope by million events, and the part of the cells that is in it."""
    with tempfile.TemporaryDirectory(prefix="dcca-bench-") as work:
        estate = EstateStore(Path(work) / "estate")
        shard = Shard(0, 1, ShardState(), estate)
        for topic in ("users", "incidents", DEVICES):
            records = list(records_of(Path(folder), topic))
            shard.fold_reference(Fetched(topic, 0, 0, len(records), records, lambda: None))
            del records
        shard.reference_is_read()
        points = list(_days(shard, Path(folder), events))
        estate.close()
    later = [(millions, mb) for millions, mb in points if millions >= points[-1][0] / 2]
    tables = shard.state.daily().values()
    kept = sum(len(table.keys.keys) for table in tables) / sum(len(table.keys) for table in tables)
    return {"half": later[0][1], "end": later[-1][1], "slope": slope(later)[1], "kept": 100 * kept}


def _days(shard: Shard, folder: Path, events: int) -> Iterator[tuple[float, float]]:
    """Fold day after day; yield millions of events and MB after each."""
    checkpointer, folded = Checkpointer(), Counter[str]()
    for _, day in groupby(first_events(folder, events), key=lambda event: event[1].timestamp // _DAY_MS):
        by_topic: dict[str, list[MadeRecord]] = {}
        for topic, record in day:
            by_topic.setdefault(topic, []).append(record)
        for topic, records in by_topic.items():
            begin = folded[topic]
            folded[topic] = shard.clocks[topic].end = begin + len(records)
            shard.offer(Fetched(topic, 0, begin, folded[topic], records, lambda: None))
        del by_topic, records
        while shard.advance(_CUT_RECORDS) or shard.has_changes():
            shard.state.cut()
            shard.take_outgoing()
            shard.horizon(shard.state.clock_us)
        for _record in checkpointer.records(shard.state):
            pass
        yield folded.total() / 1e6, _resident_mb()


def _resident_mb() -> float:
    """Return the memory there is in use: what was freed is given back first."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return resident_mb(os.getpid())
