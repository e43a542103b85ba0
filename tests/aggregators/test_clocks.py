"""The clocks of all shards: the least of those with records to read, and none is taken for finished too early."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from dcc_analytics.aggregators.clocks import ClockBoard, ShardClock, clock_record, clocks_name
from dcc_analytics.aggregators.runner import ShardRunner, WorkerSettings
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from tests.conftest import APPLICATION, PARTITIONS

pytestmark = pytest.mark.broker


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
        await tell(made, (0, ShardClock(900, finished=False)))
        assert await board.horizon_us(extents) is None
        await tell(made, (1, ShardClock(300, finished=False)))
        assert 300 == await board.horizon_us(extents)


async def test_the_newest_clock_of_a_shard_counts_and_a_finished_shard_holds_nobody_back(made: Connection) -> None:
    async with Extents(made) as extents, ClockBoard(made, APPLICATION, 2) as board:
        await tell(made, (0, ShardClock(900, finished=False)), (1, ShardClock(300, finished=False)))
        await tell(made, (1, ShardClock(500, finished=False)))
        assert 500 == await board.horizon_us(extents)
        await tell(made, (1, ShardClock(500, finished=True)))
        assert 900 == await board.horizon_us(extents)
        await tell(made, (0, ShardClock(950, finished=True)))
        assert 950 == await board.horizon_us(extents)


@pytest.mark.slow
async def test_a_shard_that_opens_is_not_finished_before_it_knows_how_much_there_is_to_read(
    made: Connection, tmp_path: Path
) -> None:
    """Else the others forget what it may still pass on to them: its first commit is before it has asked for ends."""
    producer = AIOKafkaProducer(**made.options())
    await producer.start()
    await producer.send_and_wait(made.topic("alerts"), b"?", b"k", partition=0)
    await producer.stop()
    await tell(made, *((partition, ShardClock(900, finished=True)) for partition in range(1, PARTITIONS)))
    settings = WorkerSettings(APPLICATION, tmp_path)
    async with Extents(made) as extents, ClockBoard(made, APPLICATION, PARTITIONS) as board:
        runner = ShardRunner(0, PARTITIONS, made, settings, extents)
        await runner.open()
        await becomes(0, board, extents)
        await runner.begin()
        await runner.commit()  # there is a record to read
        await becomes(0, board, extents)
        await runner.close(commit=False)
        await tell(made, (0, ShardClock(700, finished=True)), (1, ShardClock(900, finished=True)))
        await becomes(900, board, extents)
        other = ShardRunner(1, PARTITIONS, made, settings, extents)
        await other.open()
        await becomes(0, board, extents)
        await other.begin()  # there is none
        await becomes(900, board, extents)
        await other.close(commit=False)


async def becomes(horizon_us: int, board: ClockBoard, extents: Extents) -> None:
    """Wait until the board says so; what a transaction told is read a moment after its commit."""
    async with asyncio.timeout(10):
        while await board.horizon_us(extents) != horizon_us:  # noqa: ASYNC110 (of a broker)
            await asyncio.sleep(0.02)
