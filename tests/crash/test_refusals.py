"""What does not fit together stops a worker with words; nothing is folded on a ledger or topic that lost something."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import clocks_name, create_topics, ledger_name
from tests.conftest import APPLICATION, PARTITIONS, create_topic, remove_topics
from tests.sliced_sample import EVENTS, sliced

pytestmark = [pytest.mark.broker, pytest.mark.slow]

LEDGER = ledger_name(APPLICATION)


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some days of the sample."""
    return sliced(tmp_path_factory.mktemp("sample"), 10)[0]


async def fold(connection: Connection, folder: Path) -> None:
    """Fold all there is, with a worker that waits some seconds for what nobody ends."""
    settings = WorkerSettings(APPLICATION, folder / "state", commit_every_s=0.1, session_timeout_s=3.0, undecided_s=6.0)
    await asyncio.wait_for(Worker(connection, settings).run(until_caught_up=True), 120)


@contextlib.asynccontextmanager
async def open_transaction(connection: Connection, name: str, partition: int) -> AsyncIterator[None]:
    """Have a transaction open on a partition, as a broker leaves it that is killed while it ends one."""
    producer = AIOKafkaProducer(**connection.options(), transactional_id=f"{connection.prefix}open")
    await producer.start()
    try:
        await producer.begin_transaction()
        await producer.send_and_wait(connection.topic(name), b"{}", b"k", partition=partition)
        yield
        await producer.abort_transaction()
    finally:
        await producer.stop()


@pytest.mark.parametrize(
    ("name", "partition"), [("strays", 1), (LEDGER, 2), (clocks_name(APPLICATION), 0), ("dead-letters", 0)]
)
async def test_a_transaction_that_nobody_ends_stops_the_worker_with_its_place(
    made: Connection, tmp_path: Path, name: str, partition: int
) -> None:
    """What lies behind it is hidden: strays, dead letters, clocks, and commits that would be made a second time."""
    async with open_transaction(made, name, partition):
        with pytest.raises(StateError, match=rf"a transaction on {name}/{partition} has been open at offset \d+"):
            await fold(made, tmp_path)
    await fold(made, tmp_path)


async def test_topics_with_unequal_partitions_are_refused_by_name(made: Connection, tmp_path: Path) -> None:
    await remove_topics(made, "alerts")
    await create_topic(made, "alerts", 2)
    with pytest.raises(StateError, match=r"alerts 2"):
        await fold(made, tmp_path)


async def test_a_ledger_of_topics_that_were_recreated_is_refused(made: Connection, part: Path, tmp_path: Path) -> None:
    await publish(made, part)
    await fold(made, tmp_path)
    await remove_topics(made, *EVENTS)
    await create_topics(made, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
    with pytest.raises(StateError, match=r"holds offsets 0 to 0, the ledger has folded up to \d+: the topic was"):
        await fold(made, tmp_path)


@pytest.mark.parametrize("how", ["truncated", "recreated"])
async def test_a_ledger_that_lost_commits_is_refused(made: Connection, part: Path, tmp_path: Path, how: str) -> None:
    """It would be folded anew, and strays and dead letters sent a second time."""
    await publish(made, part)
    await fold(made, tmp_path)
    if how == "truncated":
        await truncate(made)
    else:
        await remove_topics(made, LEDGER)
        await create_topics(made, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
    with pytest.raises(StateError, match=rf"{LEDGER}/\d has folded \S+ up to 0, the shard has told of \d+: the ledger"):
        await fold(made, tmp_path)


async def truncate(connection: Connection) -> None:
    """Delete every record of the ledger, as far as each partition reaches now."""
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        topic = connection.topic(LEDGER)
        settings = {"cleanup.policy": "compact,delete"}  # of a topic that is only compacted nothing can be deleted
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings)])
        await admin.delete_records({TopicPartition(topic, p): RecordsToDelete(-1) for p in range(PARTITIONS)})
    finally:
        await admin.close()
