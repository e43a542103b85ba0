"""Made records sent one by one, each to the partition of its key."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Final

from aiokafka import AIOKafkaProducer

from bench.run import PARTITIONS
from dcc_analytics.stream.home import key_hash
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.recorded import MadeRecord

Event = tuple[str, MadeRecord]
_STEP_S: Final = 0.02


async def evenly(number: int, per_s: float) -> AsyncIterator[range]:
    """Yield which of so many are due, as time goes on: whoever falls behind gets more at a time."""
    began_s, sent = time.perf_counter(), 0
    while sent < number:
        due = min(int((time.perf_counter() - began_s) * per_s) + 1, number)
        yield range(sent, due)
        sent = due
        await asyncio.sleep(_STEP_S)


def partition_of(record: MadeRecord) -> int:
    """Return the partition of a record's key."""
    return key_hash(record.key or b"") % PARTITIONS


async def send(producer: AIOKafkaProducer, connection: Connection, event: Event) -> Awaitable[object]:
    """Send a record to a topic; return what ends when it is there."""
    topic, record = event
    sent: Awaitable[object] = await producer.send(
        connection.topic(topic), record.value, record.key, partition_of(record), record.timestamp
    )
    return sent
