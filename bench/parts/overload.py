"""A backlog worked off, beside the same events sent as fast as they are folded: memory it takes, lag that is told."""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaProducer

from bench.figures import Figure, PartFailedError
from bench.recorded import first_events
from bench.run import PARTITIONS, Run, say
from bench.sending import Event, send
from bench.watched import Mark, Told, WatchedWorker
from dcc_analytics.stream.kafka import Connection

#: Of a larger run the first so many.
MOST_EVENTS: Final = 400_000
#: The part of them that a worker which keeps up may be behind.
KEPT_UP: Final = 20
#: The smaller of the two backlogs, as a part of the larger.
SMALLER: Final = 3
#: Commits after which all that was folded at an instant is committed, with every shard in turn.
THROUGH: Final = 2 * PARTITIONS
_SENT_AT_ONCE: Final = 1_000


def measure(run: Run) -> list[Figure]:
    """Work off two backlogs, one three times the other, and the same events without one.

    What the shards know grows with the events they fold, so that the memory of a backlog is what its worker's peak has
    beyond the peak of a worker that keeps up, up to the same event.
    """
    events = list(first_events(run.recorded, min(MOST_EVENTS, run.events)))
    keeping_up = _keeping_up(run, events)
    figures = []
    for name, some in (("smaller", events[: len(events) // SMALLER]), ("larger", events)):
        worker = _backlog(run, f"{name}-backlog-", some)
        figures += _figures(f"{name} backlog", len(some), worker, [m for m in keeping_up if m.records <= len(some)])
    return figures


def _keeping_up(run: Run, events: Sequence[Event]) -> list[Mark]:
    """Return the marks of a worker that is never far behind."""
    connection = run.without_events("keeping-up-")
    worker = _worker(run, connection)
    try:
        worker.wait_until_open()
        say(f"folding {len(events):,} events as they come")
        asyncio.run(_send(connection, events, worker))
        worker.wait_for(len(events))
        worker.stop()
    finally:
        worker.end()
    return worker.counted()


def _backlog(run: Run, prefix: str, events: Sequence[Event]) -> WatchedWorker:
    """Return a worker, ended, that found all events there when it began."""
    connection = run.without_events(prefix)
    asyncio.run(_send(connection, events, None))
    say(f"working off a backlog of {len(events):,} events")
    worker = _worker(run, connection)
    try:
        worker.wait_until_open()
        worker.wait_for(len(events))
        worker.wait_until_told()
        worker.stop()
    finally:
        worker.end()
    return worker


def _worker(run: Run, connection: Connection) -> WatchedWorker:
    return WatchedWorker(connection, run.folder / f"{connection.prefix}state", shards=PARTITIONS)


async def _send(connection: Connection, events: Sequence[Event], worker: WatchedWorker | None) -> None:
    """Send events: all at once, or only so far ahead of what a worker has committed."""
    ahead = len(events) // KEPT_UP
    producer = AIOKafkaProducer(**connection.options(), acks="all", linger_ms=5, compression_type="zstd")
    await producer.start()
    try:
        for start in range(0, len(events), _SENT_AT_ONCE):
            while worker is not None and start - worker.marks[-1].records > ahead:
                if not worker.runs:
                    raise PartFailedError(f"the worker ended with {start} of {len(events)} events sent")
                await asyncio.sleep(0.01)
            pending = [await send(producer, connection, event) for event in events[start:][:_SENT_AT_ONCE]]
            await asyncio.gather(*pending)
    finally:
        await producer.stop()


def _figures(name: str, events: int, worker: WatchedWorker, keeping_up: list[Mark]) -> list[Figure]:
    marks = worker.counted()
    if marks[-1].records != events:
        raise PartFailedError(f"the worker folded {marks[-1].records} events of {events}")
    beyond_mb = _peak_mb(marks) - _peak_mb(keeping_up)
    return [
        Figure("overload", f"{name}", events, "events"),
        Figure("overload", f"{name}: worked off", events / (marks[-1].at_s - marks[0].at_s), "events/s"),
        Figure("overload", f"{name}: memory beyond keeping up", beyond_mb, "MB"),
        Figure("overload", f"{name}: lag told that is not true", _untrue(worker.told, worker.marks, events), "events"),
        Figure("overload", f"{name}: lag told last", worker.told[-1].behind, "events"),
    ]


def _peak_mb(marks: list[Mark]) -> float:
    return max(mark.resident_mb for mark in marks)


def _untrue(told: list[Told], marks: list[Mark], events: int) -> int:
    """Return by how much a lag was told wrong at most: more than not committed before, less than not committed soon.

    >>> marks = [Mark(0.0, 0.0, 0.0, records, 0) for records in (0, 10, 20)]
    >>> _untrue([Told(100, 1), Told(85, 2), Told(95, 3)], marks, 100)
    15
    """
    untrue = 0
    for each in told:
        most = events - marks[each.after - 1].records
        least = events - marks[min(each.after - 1 + THROUGH, len(marks) - 1)].records
        untrue = max(untrue, each.behind - most, least - each.behind)
    return untrue
