"""Opening a shard as time = a + b x size of its ledger: openings over none and parts of a run's, on one core."""

import asyncio
import time
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import Final

from aiokafka import AIOKafkaProducer

from bench.figures import Figure, slope
from bench.processes import in_own_process
from bench.run import APPLICATION, PARTITIONS, Run, make_topics, say
from dcc_analytics.aggregators.ledger import read_ledger
from dcc_analytics.aggregators.runner import ShardRunner, WorkerSettings
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.topics import ledger_name

#: Of the run's ledger, in quarters of its commits.
QUARTERS: Final = range(5)
OPENINGS: Final = 3


def measure(run: Run) -> list[Figure]:
    _ = run.folded
    records = asyncio.run(_ledger(run.connection))
    points = []
    ledgers: dict[str, dict[bytes, bytes]] = {"no ledger": {}} | {
        f"{n} quarters of its ledger": _first(records, n) for n in QUARTERS
    }
    for number, (what, ledger) in enumerate(ledgers.items()):
        say(f"opening a shard over {what}")
        application = f"opening{number}"
        make_topics(run.connection, application)
        asyncio.run(_write(run.connection, application, ledger))
        found = in_own_process(
            "bench.parts.opening",
            bootstrap=run.connection.bootstrap,
            application=application,
            state=str(run.folder / "opening-state"),
        )
        points += [(found["mb"], found[f"seconds {number}"]) for number in range(OPENINGS)]
    a_s, b_s = slope(points)
    off = fmean((seconds - a_s - b_s * size_mb) ** 2 for size_mb, seconds in points) ** 0.5
    return [
        Figure("opening", "a, whatever the ledger", a_s, "s"),
        Figure("opening", "b, of the ledger", b_s, "s/MB"),
        Figure("opening", "spread about the line", off, "s"),
        Figure("opening", "largest ledger", max(size_mb for size_mb, _ in points), "MB"),
    ]


def _first(records: dict[bytes, bytes], quarters: int) -> dict[bytes, bytes]:
    """Return a ledger's checkpoint and so many quarters of the commits after it, each whole."""
    deltas = [list(keys) for _, keys in groupby(sorted(key for key in records if key.startswith(b"d|")), _commit)]
    kept = {key: value for key, value in records.items() if not key.startswith(b"d|")}
    for keys in deltas[: len(deltas) * quarters // 4]:
        kept.update((key, records[key]) for key in keys)
    return kept


def _commit(key: bytes) -> bytes:
    return key.split(b"|")[1]


async def _ledger(connection: Connection) -> dict[bytes, bytes]:
    async with Extents(connection) as extents:
        return await read_ledger(extents, connection, ledger_name(APPLICATION), 0)


async def _write(connection: Connection, application: str, records: dict[bytes, bytes]) -> None:
    """Write records into the ledger of an application of their own."""
    producer = AIOKafkaProducer(**connection.options(), compression_type="zstd", max_request_size=8 * 1024 * 1024)
    await producer.start()
    try:
        topic = connection.topic(ledger_name(application))
        for sent in [await producer.send(topic, value, key, 0) for key, value in records.items()]:
            await sent
    finally:
        await producer.stop()


def measured(bootstrap: str, application: str, state: str) -> dict[str, float]:
    """Open the shard, once to read the Devices into its estate, then to be measured; return seconds and MB."""
    return asyncio.run(_open(Connection(bootstrap), WorkerSettings(application, Path(state))))


async def _open(connection: Connection, settings: WorkerSettings) -> dict[str, float]:
    found: dict[str, float] = {}
    async with Extents(connection) as extents:
        await _seconds_to_open(connection, settings, extents)
        ledger = await read_ledger(extents, connection, ledger_name(settings.application), 0)
        found["mb"] = sum(len(key) + len(value) for key, value in ledger.items()) / 1e6
        for number in range(OPENINGS):
            found[f"seconds {number}"] = await _seconds_to_open(connection, settings, extents)
    return found


async def _seconds_to_open(connection: Connection, settings: WorkerSettings, extents: Extents) -> float:
    runner = ShardRunner(0, PARTITIONS, connection, settings, extents)
    began = time.perf_counter()
    await runner.open()
    seconds = time.perf_counter() - began
    await runner.close(commit=False)
    return seconds
