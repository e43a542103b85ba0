"""The clocks of all shards: the least of those with records to read, and none is taken for finished too early."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from dcc_analytics.aggregators.clocks import ClockBoard, ShardClock, clock_record
from dcc_analytics.aggregators.runner import ShardRunner, WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.topics import clocks_name
from tests.conftest import APPLICATION, PARTITIONS

pytestmark = pytest.mark.broker

#: Offsets folded that leave something to read even of an empty topic.
UNREAD = {"alerts": -1}


async def tell(connection: Connection, *clocks: tuple[int, ShardClock]) -> None:
    """Tell clocks of shards, as a commit does."""
    producer = AIOKafkaProducer(**connection.options())
    await producer.start()
    try:
        for partition, clock in clocks:
            key, value = clock_record(partition, clock)
            await producer.send_and_wait(connection.topic(clocks_name(APPLICATION)), value, key, partition=0)
    finally:
        await producer.stop()


async def test_the_horizon_is_unknown_until_every_shard_has_told_its_clock(made: Connection) -> None:
    async with Extents(made) as extents, ClockBoard(made, APPLICATION, 2) as board:
        assert await board.horizon_us(extents) is None
        await tell(made, (0, ShardClock(900, UNREAD)))
        assert await board.horizon_us(extents) is None
        await tell(made, (1, ShardClock(300, UNREAD)))
        assert 300 == await board.horizon_us(extents)


async def test_the_newest_clock_of_a_shard_counts_and_a_finished_shard_holds_nobody_back(made: Connection) -> None:
    async with Extents(made) as extents, ClockBoard(made, APPLICATION, 2) as board:
        await tell(made, (0, ShardClock(900, UNREAD)), (1, ShardClock(300, UNREAD)))
        await tell(made, (1, ShardClock(500, UNREAD)))
        assert 500 == await board.horizon_us(extents)
        await tell(made, (1, ShardClock(500, {})))
        assert 900 == await board.horizon_us(extents)
        await tell(made, (0, ShardClock(950, {})))
        assert 950 == await board.horizon_us(extents)


async def test_a_shard_that_had_read_everything_holds_the_others_back_when_more_has_come(made: Connection) -> None:
    """It may be closed, or not have fetched it yet: what it still passes on to the others is not to be forgotten."""
    async with Extents(made) as extents, ClockBoard(made, APPLICATION, 2) as board:
        await tell(made, (0, ShardClock(300, {})), (1, ShardClock(900, {})))
        assert 900 == await board.horizon_us(extents)
        await send_alert(made)
        assert 300 == await board.horizon_us(extents)
        await tell(made, (0, ShardClock(300, {"alerts": 1})))
        assert 900 == await board.horizon_us(extents)


async def test_all_is_caught_up_when_every_shard_has_told_that_it_folded_its_topics_to_the_end(
    made: Connection,
) -> None:
    async with Extents(made) as extents, ClockBoard(made, APPLICATION, 2) as board:
        await send_alert(made)
        assert not await board.caught_up(extents)
        await tell(made, (0, ShardClock(900, {"alerts": 1})))
        assert not await board.caught_up(extents)
        await tell(made, (1, ShardClock(900, {})))
        assert await board.caught_up(extents)
        await send_alert(made)
        assert not await board.caught_up(extents)


@pytest.mark.slow
@pytest.mark.parametrize("offset", [0, 1], ids=["start", "end"])
async def test_what_the_group_has_noted_decides_nothing(made: Connection, tmp_path: Path, offset: int) -> None:
    """Set to the start, as a worker killed before it acknowledged leaves it, or by somebody to the end."""
    settings = WorkerSettings(APPLICATION, tmp_path, commit_every_s=0.1, session_timeout_s=3.0)
    await send_alert(made)
    worker = Worker(made, settings)
    if offset == 0:
        await asyncio.wait_for(worker.run(until_caught_up=True), 60)
    await set_offset(made, offset)
    again = Worker(made, settings)
    await asyncio.wait_for(again.run(until_caught_up=True), 60)
    assert (1, 1 - worker.records) == (worker.records + again.records, again.records)


async def set_offset(connection: Connection, offset: int) -> None:
    """Set how far the group says it has read Alerts."""
    tp = TopicPartition(connection.topic("alerts"), 0)
    group = connection.own(APPLICATION)
    consumer = AIOKafkaConsumer(**connection.options(), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([tp])
        await consumer.commit({tp: offset})
    finally:
        await consumer.stop()


@pytest.mark.slow
async def test_a_shard_that_opens_tells_what_it_has_folded(made: Connection, tmp_path: Path) -> None:
    await send_alert(made)
    await tell(made, *((partition, ShardClock(900, {})) for partition in range(1, PARTITIONS)))
    async with Extents(made) as extents, ClockBoard(made, APPLICATION, PARTITIONS) as board:
        runner = ShardRunner(0, PARTITIONS, made, WorkerSettings(APPLICATION, tmp_path), extents)
        await runner.open()
        await becomes(0, board, extents)
        await runner.begin()
        await runner.commit()  # there is a record to read
        await becomes(0, board, extents)
        await runner.close(commit=False)


async def send_alert(connection: Connection) -> None:
    """Send one record to the first partition of Alerts."""
    producer = AIOKafkaProducer(**connection.options())
    await producer.start()
    await producer.send_and_wait(connection.topic("alerts"), b"?", b"k", partition=0)
    await producer.stop()


async def becomes(horizon_us: int, board: ClockBoard, extents: Extents) -> None:
    """Wait until the board says so; what a transaction told is read a moment after its commit."""
    async with asyncio.timeout(10):
        while await board.horizon_us(extents) != horizon_us:  # noqa: ASYNC110 (of a broker)
            await asyncio.sleep(0.02)
