"""Fetching what an explanation needs: the retained topics, up to the offsets of a pack."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.catalogue.errors import SnapshotError, TopicError
from dcc_analytics.explain.choose import users_of
from dcc_analytics.explain.concern import Concern
from dcc_analytics.explain.replay import Folded, Replay, note_all
from dcc_analytics.explain.row import Row
from dcc_analytics.snapshot.collect import standing_events
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.stream.decode import decode_user
from dcc_analytics.stream.events import UserEntry
from dcc_analytics.stream.extents import FETCH_BYTES, Extents, read_up_to
from dcc_analytics.stream.fetched import Fetched, Place, Record
from dcc_analytics.stream.kafka import Connection

#: Records handed over of one fetch: with what waits of each topic this bounds the memory.
AT_A_TIME: Final = 5_000
WAIT_MS: Final = 500
USERS: Final = "users"

Progress = Callable[[int], None]
"""Told how many more records were read."""


class Fetcher:
    """Reads the topics of one row's pack.

    Attributes:
        starts: first retained offset by topic and partition.
        removed: what retention has taken of the sources, in words; empty when they are whole.
    """

    def __init__(self, connection: Connection, row: Row, progress: Progress) -> None:
        """Read up to the offsets of the row's pack."""
        self._connection = connection
        self._row = row
        self._progress = progress
        self._ends = row.pack.offsets
        self.starts: dict[Place, int] = {}
        self.removed = ""

    def records(self, concern: Concern) -> int:
        """Return how many records will be read: those of the first reading, then what is folded.

        Raises:
            SnapshotError: nothing is left of a topic that is folded, up to the pack's offsets.
        """
        self._check_retention(concern.sources)
        left = {place: max(end - self.starts.get(place, 0), 0) for place, end in self._ends.items()}
        again = {DEVICES, *concern.sources}
        return sum(count * ((topic in concern.first_reading) + (topic in again)) for (topic, _), count in left.items())

    async def look(self) -> None:
        """Find out what is still there.

        Raises:
            BrokerError: no Kafka answers.
            TopicError: a topic is missing or was made anew.
        """
        async with Extents(self._connection) as extents:
            for topic in sorted({topic for topic, _ in self._ends}):
                there, wanted = await extents.partitions(topic), self._partitions(topic)
                if there != wanted:
                    raise TopicError(
                        f"topic {self._connection.topic(topic)} has {there} partitions and had {wanted} when the pack "
                        "was made; give --bootstrap and --prefix of the Kafka the pack is from"
                    )
            self.starts = await extents.starts(self._ends)
            tops = await extents.tops(self._ends)
        for (topic, partition), end in self._ends.items():
            name = f"{self._connection.topic(topic)}, partition {partition}"
            if tops[topic, partition] < end:
                raise TopicError(
                    f"{name} ends at offset {tops[topic, partition]} and the pack was made up to {end}: this is not "
                    "the topic the pack is from; check --bootstrap and --prefix"
                )

    def _check_retention(self, sources: Collection[str]) -> None:
        for (topic, partition), end in self._ends.items():
            name, start = f"{self._connection.topic(topic)}, partition {partition}", self.starts[topic, partition]
            if topic in sources and start >= end > 0:
                raise SnapshotError(
                    f"{name} begins at offset {start} and the pack was made up to {end}: retention has removed all "
                    "of its records; explain rows of a later month, and lengthen the topic's retention.ms"
                )
            if topic in sources and start > 0:
                self.removed = f"{name} begins at offset {start} now"

    def _partitions(self, topic: str) -> int:
        return 1 + max(partition for name, partition in self._ends if name == topic)

    async def directory(self) -> tuple[Directory, frozenset[str]]:
        """Return the directory as of the pack, and the User ids of the Member's Party."""
        records: dict[int, list[Record]] = {}
        async for (_, partition), record in self._read([USERS]):
            records.setdefault(partition, []).append(record)
        in_order = [record for partition in sorted(records) for record in records[partition]]
        entries: list[UserEntry] = standing_events(in_order, decode_user)
        directory = Directory(entries)
        return directory, users_of(entries, directory, self._row.pack.member.party)

    async def note(self, concern: Concern) -> None:
        """Find what concerns the row: the first reading."""
        for topic in concern.first_reading:
            async for _, record in self._read([topic]):
                note_all(concern, topic, [record])

    async def _read(self, topics: Iterable[str]) -> AsyncIterator[tuple[Place, Record]]:
        ends = {place: end for place, end in self._ends.items() if place[0] in set(topics)}
        unread = 0
        async for place, record in read_up_to(self._connection, ends):
            yield place, record
            unread += 1
            if unread == AT_A_TIME:
                self._progress(unread)
                unread = 0
        self._progress(unread)

    async def fold(self, concern: Concern, directory: Directory) -> Folded:
        """Fold again what concerns the row: the second reading."""
        ends = {place: end for place, end in self._ends.items() if place[0] in concern.sources}
        replay = Replay(
            self._partitions(DEVICES),
            concern,
            starts=self.starts,
            ends=ends,
            clock_us=self._row.pack.clock_us,
            application=self._row.pack.application,
        )
        async for (_, partition), record in self._read([DEVICES]):
            replay.take_devices(partition, [record])
        if ends:
            await self._fold_sources(replay, ends)
        return replay.folded(self._row.pack.month.end_us, directory)

    async def _fold_sources(self, replay: Replay, ends: Mapping[Place, int]) -> None:
        async with _reading(self._connection, self.starts, ends) as (consumer, tps):
            while not replay.finished:
                places = replay.hungry()
                batches = await consumer.getmany(
                    *(tps[place] for place in places), timeout_ms=WAIT_MS, max_records=AT_A_TIME
                )
                for place in places:
                    begin, position = replay.expects(place), await consumer.position(tps[place])
                    if position > begin:  # transaction markers move it too
                        replay.offer(Fetched(*place, begin, position, batches.get(tps[place], []), _nothing))
                self._progress(replay.advance())


@asynccontextmanager
async def _reading(
    connection: Connection, starts: Mapping[Place, int], ends: Mapping[Place, int]
) -> AsyncIterator[tuple["AIOKafkaConsumer[bytes, bytes]", dict[Place, TopicPartition]]]:
    """Open a consumer where topics begin, of those that have an end."""
    tps = {(topic, partition): TopicPartition(connection.topic(topic), partition) for (topic, partition) in ends}
    consumer = AIOKafkaConsumer(
        **connection.options(), isolation_level="read_committed", enable_auto_commit=False,
        auto_offset_reset="earliest", max_partition_fetch_bytes=FETCH_BYTES,
    )  # fmt: skip
    await consumer.start()
    try:
        consumer.assign(list(tps.values()))
        for place, tp in tps.items():
            consumer.seek(tp, starts[place])
        yield consumer, tps
    finally:
        await consumer.stop()


def _nothing() -> None:
    """Nobody waits to be told that a fetch was used up."""
