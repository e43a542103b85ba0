"""Folding without a broker: decode, match, observe and fold by one pure shard, on one core; nothing is written."""

import gc
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.figures import Figure, PartFailedError
from bench.processes import in_own_process
from bench.recorded import first_by_topic
from bench.run import Run, say
from dcc_analytics.aggregators.audit import Noted
from dcc_analytics.aggregators.collector import spare_what_is_kept
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.stream.estate_store import EstateStore
from dcc_analytics.stream.fetched import Fetched, Record
from dcc_analytics.stream.recorded import records_of

#: Held in memory, with the state they make.
MOST_EVENTS: Final = 300_000
#: As many as a worker takes from Kafka at a time, and folds before it cuts its changes.
FETCH_RECORDS: Final = 5_000
CUT_RECORDS: Final = 20_000


def measure(run: Run) -> list[Figure]:
    folder = run.recorded
    say("folding without a broker")
    found = in_own_process("bench.parts.fold", folder=str(folder), events=min(run.events, MOST_EVENTS))
    return [
        Figure("fold", "folded", found["events"] / found["seconds"], "events/s"),
        Figure("fold", "CPU", 1e6 * found["cpu_s"] / found["events"], "s/million events"),
        Figure("fold", "of it audit sums", 100 * found["audit_cpu_s"] / found["cpu_s"], "%"),
    ]


def measured(folder: str, events: int) -> dict[str, float]:
    """Fold the first events, from the first to the last cut; Devices are read before, untimed."""
    logs = first_by_topic(Path(folder), events)
    with tempfile.TemporaryDirectory(prefix="dcca-bench-") as work:
        estate = EstateStore(Path(work) / "estate")
        shard = Shard(0, 1, ShardState(), estate)
        _read_devices(shard, Path(folder))
        read = shard.records
        for topic, log in logs.items():
            shard.clocks[topic].end = len(log)
            for at in range(0, len(log), FETCH_RECORDS):
                piece = log[at : at + FETCH_RECORDS]
                shard.offer(Fetched(topic, 0, at, at + len(piece), piece, _acknowledge))
        spare_what_is_kept()
        gc.freeze()  # the records held ready are no work of a worker's collector
        began, cpu_began = time.perf_counter(), time.process_time()
        while shard.advance(CUT_RECORDS):
            _cut(shard)
        seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
        estate.close()
    folded = shard.records - read
    if folded != sum(map(len, logs.values())):
        raise PartFailedError(f"{folded} events were folded of {sum(map(len, logs.values()))}")
    return {"events": folded, "seconds": seconds, "cpu_s": cpu_s, "audit_cpu_s": _audit_cpu_s(logs)}


def _audit_cpu_s(logs: Mapping[str, Sequence[Record]]) -> float:
    """Return what noting all records for the audit costs, and adding their numbers up at each cut."""
    began = time.process_time()
    for topic, log in logs.items():
        noted = Noted(topic, 0)
        for at in range(0, len(log), CUT_RECORDS):
            for record in log[at : at + CUT_RECORDS]:
                noted.note(record.offset, record.value)
            noted.take()
    return time.process_time() - began


def _read_devices(shard: Shard, folder: Path) -> None:
    records = list(records_of(folder, "devices"))
    shard.fold_reference(Fetched("devices", 0, 0, len(records), records, _acknowledge))
    shard.reference_is_read()
    _cut(shard)


def _cut(shard: Shard) -> None:
    """Take the changes as a commit does, and forget what has passed as the clocks of all shards allow."""
    shard.state.cut()
    shard.take_outgoing()
    shard.horizon(shard.state.clock_us)


def _acknowledge() -> None:
    """Do nothing: no group waits for it."""
