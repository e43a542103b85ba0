"""Whether all is folded and committed, as the group's offsets say; they may lag, but not for ever."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from dcc_analytics.aggregators.progress import Progress
from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from tests.conftest import APPLICATION, PARTITIONS

pytestmark = pytest.mark.broker

ALERTS = [("alerts", partition) for partition in range(PARTITIONS)]


async def send(connection: Connection, count: int) -> None:
    """Send records that can't be read, which are folded like any other, to one partition."""
    producer = AIOKafkaProducer(**connection.options())
    await producer.start()
    try:
        for _ in range(count):
            await producer.send_and_wait(connection.topic("alerts"), b"?", b"k", partition=1)
    finally:
        await producer.stop()


async def set_offset(connection: Connection, offset: int) -> None:
    """Set how far the group says it has read."""
    tp = TopicPartition(connection.topic("alerts"), 1)
    consumer = AIOKafkaConsumer(**connection.options(), group_id=APPLICATION, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([tp])
        await consumer.commit({tp: offset})
    finally:
        await consumer.stop()


async def caught_up(connection: Connection) -> bool:
    async with Extents(connection) as extents, Progress(connection, APPLICATION, extents) as progress:
        return await progress.caught_up(ALERTS)


async def test_topics_without_records_are_caught_up(made: Connection) -> None:
    async with asyncio.timeout(30):
        while not await caught_up(made):  # noqa: ASYNC110 (a broker just started knows no groups for a moment)
            await asyncio.sleep(0.1)


async def test_records_no_group_has_read_are_not_caught_up(made: Connection) -> None:
    await send(made, 1)
    assert not await caught_up(made)


async def test_a_group_is_caught_up_at_the_end_and_not_before(made: Connection) -> None:
    await send(made, 3)
    await set_offset(made, 2)
    assert not await caught_up(made)
    await set_offset(made, 3)
    assert await caught_up(made)
    await send(made, 1)
    assert not await caught_up(made)


@pytest.mark.slow
async def test_a_group_left_behind_its_ledger_by_a_killed_worker_catches_up_without_new_records(
    made: Connection, tmp_path: Path
) -> None:
    settings = WorkerSettings(APPLICATION, tmp_path, commit_every_s=0.1, session_timeout_s=3.0)
    await send(made, 5)
    await asyncio.wait_for(Worker(made, settings).run(until_caught_up=True), 60)
    await set_offset(made, 2)  # as if the worker had been killed between its commit and its acknowledgement
    assert not await caught_up(made)
    again = Worker(made, settings)
    await asyncio.wait_for(again.run(until_caught_up=True), 30)
    assert 0 == again.records
    assert await caught_up(made)
