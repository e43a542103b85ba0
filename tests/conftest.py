"""What tests on a real broker share: one broker for the session, and topics of its own for each test."""

import asyncio
import itertools
from collections.abc import Iterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from dcc_analytics.stream.broker.node import BrokerStatus, embedded_broker
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.topics import create_topics

#: Partitions of the topics a test gets: two workers have two each.
PARTITIONS = 4
#: Consumer group and ledger of the workers of a test, under the test's prefix.
APPLICATION = "dcca"

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerStatus]:
    """A broker that lasts as long as the session, and ends with it whatever happens."""
    with embedded_broker(tmp_path_factory.mktemp("kafka") / "broker") as running:
        yield running


@pytest.fixture
def connection(kafka: BrokerStatus) -> Connection:
    """A way to the broker, under a prefix no other test has."""
    return Connection(kafka.bootstrap, f"test{next(_numbers)}-")


@pytest.fixture
async def made(connection: Connection) -> Connection:
    """The same with the product's topics, of ``PARTITIONS`` partitions, which keep records however old."""
    await create_topics(connection, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
    return connection


async def remove_topics(connection: Connection, *names: str) -> None:
    """Remove topics, and wait until they are gone."""
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        wanted = {connection.topic(name) for name in names}
        await admin.delete_topics(sorted(wanted))
        while wanted & set(await admin.list_topics()):  # noqa: ASYNC110 (of a broker)
            await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def create_topic(connection: Connection, name: str, partitions: int) -> None:
    """Create one topic with partitions of its own, and wait until it is known."""
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(connection.topic(name), partitions, 1)])
        assert [0] == [error[1] for error in answer.topic_errors]
        while connection.topic(name) not in await admin.list_topics():  # noqa: ASYNC110 (of a broker)
            await asyncio.sleep(0.05)
    finally:
        await admin.close()
