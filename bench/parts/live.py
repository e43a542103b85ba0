"""A worker in a quiet stream: 20 events/s a partition, committed every half second, as where live figures matter."""

import asyncio
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from bench.figures import Figure, PartFailedError
from bench.recorded import first_events
from bench.run import PARTITIONS, Run, say
from bench.sending import Event, evenly, send
from bench.watched import Mark, WatchedWorker
from dcc_analytics.stream.kafka import Connection

EVENTS_PER_S: Final = 20 * PARTITIONS
#: A minute's events; of a small run one in forty.
MOST_EVENTS: Final = 60 * EVENTS_PER_S
COMMIT_EVERY_S: Final = 0.5


def measure(run: Run) -> list[Figure]:
    """Send the run's first events by the clock, whatever their own times are.

    The run's day is read faster or slower than it happened, so request and response are apart by less or more than in
    life; which share of them meets within one commit moves the bytes an event takes in the ledger a little.
    """
    events = list(first_events(run.recorded, min(MOST_EVENTS, run.events // 40)))
    connection = run.without_events("live-")
    worker = WatchedWorker(
        connection, run.folder / "live-state", "--commit-every", str(COMMIT_EVERY_S), shards=PARTITIONS
    )
    try:
        worker.wait_until_open()
        say(f"live: {EVENTS_PER_S} events/s for {len(events) / EVENTS_PER_S:.0f} s")
        asyncio.run(_send(connection, events))
        worker.wait_for(len(events))
        worker.stop()
    finally:
        worker.end()
    return _figures(worker.counted(), len(events))


async def _send(connection: Connection, events: list[Event]) -> None:
    """Send events evenly, each at its time."""
    producer = AIOKafkaProducer(**connection.options(), acks="all", linger_ms=0)
    await producer.start()
    try:
        pending = list[Any]()
        async for due in evenly(len(events), EVENTS_PER_S):
            pending += [await send(producer, connection, events[number]) for number in due]
        await asyncio.gather(*pending)
    finally:
        await producer.stop()


def _figures(marks: list[Mark], events: int) -> list[Figure]:
    first, last = marks[0], marks[-1]
    if last.records != events:
        raise PartFailedError(f"the worker folded {last.records} events of {events}")
    seconds, cpu_s = last.at_s - first.at_s, last.cpu_s - first.cpu_s
    return [
        Figure("live", "folded", events / seconds, "events/s"),
        Figure("live", "ledger", last.ledger_bytes / events, "bytes/event"),
        Figure("live", "CPU", 100 * cpu_s / seconds, "% of a core"),
        Figure("live", "CPU of an event", 1000 * cpu_s / events, "ms/event"),
        Figure("live", "commits", (len(marks) - 1) / seconds, "commits/s"),
    ]
