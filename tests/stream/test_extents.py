"""How far topics reach, as a real broker says: first offsets, committed ends, numbers of partitions."""

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from dcc_analytics.catalogue.errors import BrokerError, TopicError
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.kafka import Connection
from tests.conftest import PARTITIONS

pytestmark = pytest.mark.broker

PLACE = ("alerts", 1)
EMPTY = ("alerts", 2)


async def send(connection: Connection, *values: bytes) -> None:
    producer = AIOKafkaProducer(**connection.options())
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(connection.topic("alerts"), value, b"k", partition=1)
    finally:
        await producer.stop()


async def test_starts_and_ends_are_those_of_each_partition(made: Connection) -> None:
    await send(made, b"0", b"1", b"2")
    admin = AIOKafkaAdminClient(**made.options())
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(made.topic("alerts"), 1): RecordsToDelete(before_offset=2)})
    finally:
        await admin.close()
    async with Extents(made) as extents:
        assert {PLACE: 2, EMPTY: 0} == await extents.starts([PLACE, EMPTY])
        assert {PLACE: 3, EMPTY: 0} == await extents.ends([PLACE, EMPTY])
        assert PARTITIONS == await extents.partitions("alerts")
        await send(made, b"3")
        assert {PLACE: 4} == await extents.ends([PLACE])


async def test_the_end_is_before_a_transaction_that_is_not_committed_and_the_top_after_it(made: Connection) -> None:
    await send(made, b"0")
    producer = AIOKafkaProducer(**made.options(), transactional_id=f"{made.prefix}open")
    await producer.start()
    try:
        await producer.begin_transaction()
        await producer.send_and_wait(made.topic("alerts"), b"1", b"k", partition=1)
        async with Extents(made) as extents:
            assert {PLACE: 1} == await extents.ends([PLACE])
            assert {PLACE: 2} == await extents.tops([PLACE])
        await producer.abort_transaction()
    finally:
        await producer.stop()


async def test_reading_stops_at_the_end_that_was_asked_for(made: Connection) -> None:
    await send(made, b"0", b"1", b"2")
    found = [(place, record.value) async for place, record in read_up_to(made, {PLACE: 2, EMPTY: 0})]
    assert [(PLACE, b"0"), (PLACE, b"1")] == found


async def test_a_missing_topic_is_named_with_what_makes_it(connection: Connection) -> None:
    async with Extents(connection) as extents:
        with pytest.raises(TopicError, match=rf"no topic {connection.prefix}alerts; run `dcca topics create` first"):
            await extents.partitions("alerts")


async def test_no_broker_is_a_line_that_names_the_address() -> None:
    with pytest.raises(BrokerError, match=r"^no Kafka answers at 127\.0\.0\.1:1; check --bootstrap"):
        async with Extents(Connection("127.0.0.1:1")):
            pass
