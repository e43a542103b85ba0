"""Made records sent one by one, each to the partition of its key."""

from collections.abc import Awaitable

from aiokafka import AIOKafkaProducer

from bench.run import PARTITIONS
from dcc_analytics.stream.home import key_hash
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.recorded import MadeRecord

Event = tuple[str, MadeRecord]


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
