"""A client is let go while its broker is away, and who lets it go does not take himself for cancelled."""

import asyncio
import random
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from dcc_analytics.stream.kafka import STOP_S, Connection, let_go
from dcc_analytics.stream.topics import create_topics
from tests.conftest import APPLICATION
from tests.crash.own_broker import OwnBroker

pytestmark = [pytest.mark.broker, pytest.mark.slow]

CONSUMERS = 5


async def fetching(connection: Connection) -> AIOKafkaConsumer:
    """Return a consumer in the middle of a fetch."""
    consumer = AIOKafkaConsumer(**connection.options(), enable_auto_commit=False, fetch_max_wait_ms=5_000)
    await consumer.start()
    consumer.assign([TopicPartition("alerts", 0)])
    await consumer.seek_to_beginning()
    await consumer.getmany(timeout_ms=100)
    return consumer


async def in_a_transaction(connection: Connection) -> AIOKafkaProducer:
    """Return a producer that has begun a transaction."""
    producer = AIOKafkaProducer(**connection.options(), transactional_id="open")
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait("alerts", b"{}", b"k", partition=0)
    return producer


async def test_clients_are_let_go_without_a_broker(tmp_path: Path) -> None:
    async with OwnBroker(tmp_path / "broker") as broker:
        connection = Connection(broker.bootstrap)
        await create_topics(connection, partitions=1, application=APPLICATION)
        producer = await in_a_transaction(connection)
        consumers = [await fetching(connection) for _ in range(CONSUMERS)]
        await broker.kill()
        await producer.send("alerts", b"{}", b"k", partition=0)
        for consumer in consumers:
            await asyncio.sleep(random.Random(CONSUMERS).random())
            await let_go(consumer)
        began = time.monotonic()
        await let_go(producer)
        assert time.monotonic() - began < 2 * STOP_S
        await broker.begin()
        again = await in_a_transaction(connection)  # shuts the former one out
        await again.commit_transaction()
        await let_go(again)
