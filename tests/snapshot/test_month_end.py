"""Month-end work needs what the stream has folded, and none of the events it was folded from."""

from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze, write
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from tests.conftest import APPLICATION, PARTITIONS
from tests.recorded_sample import MONTH, SAMPLE

pytestmark = [pytest.mark.broker, pytest.mark.slow]

EVENTS = ("service-requests", "service-responses", "alerts")
PLACES = [(topic, partition) for topic in EVENTS for partition in range(PARTITIONS)]


async def records_left(connection: Connection) -> int:
    """Return how many records the topics of events still hold."""
    async with Extents(connection) as extents:
        starts, ends = await extents.starts(PLACES), await extents.ends(PLACES)
    return sum(ends[place] - starts[place] for place in PLACES)


async def remove_events(connection: Connection) -> None:
    """Remove every record of the topics of events."""
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        every = RecordsToDelete(before_offset=-1)
        await admin.delete_records({TopicPartition(connection.topic(topic), number): every for topic, number in PLACES})
    finally:
        await admin.close()


async def frozen(connection: Connection, out: Path) -> dict[str, bytes]:
    """Take a snapshot; return the bytes of its files."""
    folder = write(freeze(await collect(connection, APPLICATION), MONTH, read_rules()), out)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_a_snapshot_is_the_same_when_every_event_is_gone_r_mon_1(made: Connection, tmp_path: Path) -> None:
    await publish(made, SAMPLE)
    await Worker(made, WorkerSettings(APPLICATION, tmp_path / "state")).run(until_caught_up=True)
    before = await frozen(made, tmp_path / "before")
    assert 10_000 < await records_left(made)
    await remove_events(made)
    assert 0 == await records_left(made)
    assert before == await frozen(made, tmp_path / "after")
    assert {"round_trips_monthly.parquet", "alerts_monthly.parquet", "inventory.parquet"} < before.keys()
