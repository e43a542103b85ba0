"""What the batch transport leans on inside Faust and aiokafka, on a real broker; numbers are those of its docstring.

The feed by public calls has to do the same.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.feeds import feed_of
from dcc_analytics.stream.fetched import Fetched, Record
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.owner import Feeding, Transport
from tests.conftest import PARTITIONS

pytestmark = [pytest.mark.broker, pytest.mark.slow]

GROUP = "transport"


class Recorder:
    """An owner that keeps what it is handed; the first partition is fetched from where ``begins`` says."""

    def __init__(self, topic: str, begins: int = 0) -> None:
        self.feed: Feeding | None = None
        self.fetched: list[Fetched] = []
        self.known_ends: dict[int, int] = {}
        self.wanted = True
        self._topic = topic
        self._begins = begins
        self._tasks: set[asyncio.Task[None]] = set()

    async def assigned(self, partitions: set[int]) -> None:
        for partition in partitions:
            assert self.feed is not None
            task = asyncio.ensure_future(self.feed.begin(partition, {self._topic: 0 if partition else self._begins}))
            self._tasks.add(task)

    async def revoked(self, partitions: set[int]) -> None:
        pass

    def take(self, fetched: Fetched) -> None:
        self.fetched.append(fetched)

    def wants(self, topic: str, partition: int) -> bool:
        return self.wanted

    def ends(self, topic: str, partition: int, end: int) -> None:
        self.known_ends[partition] = end

    def records(self) -> list[Record]:
        return [record for fetched in self.fetched for record in fetched.records]


@pytest.fixture(params=list(Transport))
def transport(request: pytest.FixtureRequest) -> Transport:
    return Transport(request.param)


@asynccontextmanager
async def fed(
    connection: Connection, folder: Path, transport: Transport, *, begins: int = 0
) -> AsyncIterator[Recorder]:
    """Run a feed of the topic ``alerts`` for as long as the context lasts."""
    topic = connection.topic("alerts")
    recorder = Recorder(topic, begins)
    recorder.feed = feed_of(transport)(
        recorder,
        bootstrap=connection.bootstrap,
        application=f"{connection.prefix}{GROUP}",
        topics=[topic],
        state_dir=folder,
        session_timeout_s=3.0,
    )
    stop = asyncio.Event()
    running = asyncio.ensure_future(recorder.feed.run(stop))
    try:
        yield recorder
    finally:
        stop.set()
        await asyncio.wait_for(running, 30)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 (of a broker)
            await asyncio.sleep(0.02)


@asynccontextmanager
async def producing(connection: Connection, transactional_id: str | None = None) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        **connection.options(), transactional_id=transactional_id, max_request_size=8 * 1024 * 1024
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def send(connection: Connection, *values: bytes, partition: int = 0) -> None:
    async with producing(connection) as producer:
        for value in values:
            await producer.send_and_wait(connection.topic("alerts"), value, b"k", partition=partition)


async def group_offset(connection: Connection, partition: int = 0) -> int:
    """Return the offset the group has committed, -1 for none."""
    tp = TopicPartition(connection.topic("alerts"), partition)
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(f"{connection.prefix}{GROUP}", partitions=[tp])
    finally:
        await admin.close()
    return int(found[tp].offset) if tp in found else -1


async def test_1_and_3_all_records_of_a_fetch_come_together_each_once_and_without_a_gap(
    made: Connection, tmp_path: Path, transport: Transport
) -> None:
    values = [b"%d" % number for number in range(300)]
    for partition in range(PARTITIONS):
        await send(made, *values[partition::PARTITIONS], partition=partition)
    async with fed(made, tmp_path, transport) as recorder:
        await until(lambda: len(recorder.records()) >= len(values))
    assert sorted(values) == sorted(record.value or b"" for record in recorder.records())
    assert len(recorder.fetched) < len(values) / 4
    for partition in range(PARTITIONS):
        fetches = [each for each in recorder.fetched if each.partition == partition]
        assert 0 == fetches[0].position
        assert [each.next_position for each in fetches[:-1]] == [each.position for each in fetches[1:]]
        assert len(values) // PARTITIONS == fetches[-1].next_position
        assert len(values) // PARTITIONS == recorder.known_ends[partition]


async def test_2_nothing_is_acknowledged_to_the_group_before_the_owner_says_so(
    made: Connection, tmp_path: Path, transport: Transport
) -> None:
    await send(made, b"0", b"1", b"2")
    async with fed(made, tmp_path, transport) as recorder:
        await until(lambda: len(recorder.records()) == 3)
        await asyncio.sleep(1.5)  # Faust commits what is acknowledged every second
        assert -1 == await group_offset(made)
    assert -1 == await group_offset(made)
    async with fed(made, tmp_path, transport) as recorder:
        await until(lambda: len(recorder.records()) == 3)
        for fetched in recorder.fetched:
            fetched.acknowledge()
    assert 3 == await group_offset(made)


async def test_3_and_4_reading_begins_where_the_owner_says_whatever_the_group_has_committed(
    made: Connection, tmp_path: Path, transport: Transport
) -> None:
    await send(made, *(b"%d" % number for number in range(6)))
    async with fed(made, tmp_path, transport) as recorder:
        await until(lambda: len(recorder.records()) == 6)
        for fetched in recorder.fetched:
            fetched.acknowledge()
    assert 6 == await group_offset(made)
    async with fed(made, tmp_path, transport, begins=2) as recorder:
        await until(lambda: bool(recorder.records()))
    assert 2 == recorder.fetched[0].position
    assert [b"2", b"3", b"4", b"5"] == [record.value for record in recorder.records()]


async def test_5_an_aborted_transaction_is_skipped_and_an_open_one_waits_for_its_commit(
    made: Connection, tmp_path: Path, transport: Transport
) -> None:
    topic = made.topic("alerts")
    async with producing(made, f"{made.prefix}feed") as producer, fed(made, tmp_path, transport) as recorder:
        async with producer.transaction():
            await producer.send_and_wait(topic, b"first", b"k", partition=0)
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"aborted", b"k", partition=0)
        await producer.abort_transaction()
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"last", b"k", partition=0)
        await until(lambda: len(recorder.records()) == 1)
        await asyncio.sleep(0.7)  # longer than a fetch waits
        assert [b"first"] == [record.value for record in recorder.records()]
        await producer.commit_transaction()
        await until(lambda: len(recorder.records()) == 2)
        await until(lambda: recorder.fetched[-1].next_position == 6)
    assert [b"first", b"last"] == [record.value for record in recorder.records()]
    assert [each.next_position for each in recorder.fetched[:-1]] == [each.position for each in recorder.fetched[1:]]


async def test_records_of_4_mib_arrive_whole(made: Connection, tmp_path: Path, transport: Transport) -> None:
    large = os.urandom(4 * 1024 * 1024)
    await send(made, b"before", large, large, b"after")
    async with fed(made, tmp_path, transport) as recorder:
        await until(lambda: len(recorder.records()) == 4)
    assert [b"before", large, large, b"after"] == [record.value for record in recorder.records()]


async def test_a_topic_that_is_not_wanted_is_not_fetched(
    made: Connection, tmp_path: Path, transport: Transport
) -> None:
    async with fed(made, tmp_path, transport) as recorder:
        await until(lambda: len(recorder.known_ends) == PARTITIONS)
        recorder.wanted = False
        await asyncio.sleep(0.7)  # a fetch under way ends
        await send(made, b"1")
        await asyncio.sleep(0.7)
        assert [] == recorder.records()
        recorder.wanted = True
        await until(lambda: len(recorder.records()) == 1)


async def test_records_that_are_deleted_before_they_are_fetched_end_the_feed_with_words(
    made: Connection, tmp_path: Path, transport: Transport
) -> None:
    """To go on at the next that is there would leave them out without a word."""
    recorders: list[Recorder] = []

    async def fall_behind() -> None:
        async with fed(made, tmp_path, transport) as recorder:
            recorders.append(recorder)
            await send(made, b"0", b"1")
            await until(lambda: len(recorder.records()) == 2)
            recorder.wanted = False
            await asyncio.sleep(0.7)  # a fetch under way ends
            await send(made, *(b"%d" % number for number in range(10)))
            await delete(made, before=8)
            recorder.wanted = True
            await asyncio.sleep(5)

    with pytest.raises(StateError, match=r"records were deleted before they were folded .* retention"):
        await fall_behind()
    assert not {b"6", b"7", b"8", b"9"} & {record.value for record in recorders[0].records()}


async def test_the_group_s_offset_may_be_there_no_more_since_reading_begins_elsewhere(
    made: Connection, tmp_path: Path, transport: Transport
) -> None:
    await send(made, b"0", b"1")
    async with fed(made, tmp_path, transport) as recorder:
        await until(lambda: len(recorder.records()) == 2)
        for fetched in recorder.fetched:
            fetched.acknowledge()
    assert 2 == await group_offset(made)
    await send(made, *(b"%d" % number for number in range(2, 8)))
    await delete(made, before=5)
    async with fed(made, tmp_path, transport, begins=6) as recorder:
        await asyncio.sleep(1.5)  # an error of before the seek would come to light
        await until(lambda: len(recorder.records()) == 2)
    assert [b"6", b"7"] == [record.value for record in recorder.records()]


async def delete(connection: Connection, *, before: int) -> None:
    """Delete the records of the first partition before an offset, as retention would."""
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    tp = TopicPartition(connection.topic("alerts"), 0)
    await admin.delete_records({tp: RecordsToDelete(before_offset=before)})
    await admin.close()
