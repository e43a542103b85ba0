"""How far topics reach: first offsets, ends, numbers of partitions.

Asked over a connection of its own that never fetches: a broker answers the requests of one connection in order, so
behind a waiting fetch each question takes as long as that fetch waits.
"""

from collections.abc import AsyncGenerator, Iterable, Mapping
from types import MappingProxyType, TracebackType
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError

from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.kafka import Connection, let_go, no_answer, partitions_now

FETCH_BYTES = 8 * 1024 * 1024


class Extents:
    """Answers how far topics reach now.

    A topic has two ends while a transaction is open on it: up to ``ends`` all is decided and can be read; between
    that and ``tops`` lie records that will be committed or dropped. Who asks whether all has been read needs the tops:
    what is undecided has still to be read, or it would be taken for absent.
    """

    def __init__(self, connection: Connection) -> None:
        """Prepare; entering the context connects."""
        self._connection = connection
        options = {**connection.options(), "enable_auto_commit": False}
        self._consumer = AIOKafkaConsumer(**options, isolation_level="read_committed")
        self._undecided_too = AIOKafkaConsumer(**options, isolation_level="read_uncommitted")

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            BrokerError: no Kafka answers.
        """
        try:
            await self._consumer.start()
            await self._undecided_too.start()
        except KafkaConnectionError as away:
            await self.__aexit__(None, None, None)
            raise no_answer(self._connection) from away
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await let_go(self._consumer)
        await let_go(self._undecided_too)

    async def partitions(self, name: str) -> int:
        """Return how many partitions a topic has.

        Raises:
            TopicError: there is no such topic.
        """
        client = self._consumer._client  # noqa: SLF001 (a consumer, unlike a producer, has no public name for it)
        return await partitions_now(client, self._connection.topic(name))

    async def starts(self, places: Iterable[Place]) -> dict[Place, int]:
        """Return the first offset of each partition."""
        tps = self._tps(places)
        starts = await self._consumer.beginning_offsets(list(tps))
        return {place: starts[tp] for tp, place in tps.items()}

    async def offsets_since(self, places: Iterable[Place], timestamp_ms: int) -> dict[Place, int]:
        """Return the first offset of each partition whose record is not older; those without such a one are left out.

        Args:
            places: the partitions.
            timestamp_ms: of records.
        """
        tps = self._tps(places)
        found = await self._consumer.offsets_for_times(dict.fromkeys(tps, timestamp_ms)) if tps else {}
        return {tps[tp]: each.offset for tp, each in found.items() if each is not None}

    async def ends(self, places: Iterable[Place]) -> dict[Place, int]:
        """Return the offset up to which all records of each partition are decided."""
        return await self._ends(self._consumer, places)

    async def tops(self, places: Iterable[Place]) -> dict[Place, int]:
        """Return the offset after the last record of each partition, decided or not."""
        return await self._ends(self._undecided_too, places)

    async def _ends(self, consumer: AIOKafkaConsumer, places: Iterable[Place]) -> dict[Place, int]:
        tps = self._tps(places)
        ends = await consumer.end_offsets(list(tps))
        return {place: ends[tp] for tp, place in tps.items()}

    def _tps(self, places: Iterable[Place]) -> dict[TopicPartition, Place]:
        return {TopicPartition(self._connection.topic(name), p): (name, p) for name, p in places}


_NO_STARTS: Final[Mapping[Place, int]] = MappingProxyType({})


async def read_up_to(
    connection: Connection,
    ends: Mapping[Place, int],
    *,
    starts: Mapping[Place, int] = _NO_STARTS,
    uncommitted: bool = False,
) -> AsyncGenerator[tuple[Place, ConsumerRecord[bytes, bytes]], None]:
    """Yield all committed records of some partitions before these ends, each partition's in order.

    Args:
        connection: how to reach Kafka.
        ends: the offset after the last record of each.
        starts: the first offset, where that is not the beginning.
        uncommitted: yield also records of transactions that were aborted, or are open still.
    """
    left = {TopicPartition(connection.topic(name), p): (name, p) for (name, p), end in ends.items() if end > 0}
    if not left:
        return
    consumer = AIOKafkaConsumer(
        **connection.options(),
        isolation_level="read_uncommitted" if uncommitted else "read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        await consumer.start()
        consumer.assign(list(left))
        await consumer.seek_to_beginning()
        for tp, place in left.items():
            if place in starts:
                consumer.seek(tp, starts[place])
        while left:
            for tp, records in (await consumer.getmany(*left, timeout_ms=500)).items():
                for record in records:
                    if record.offset < ends[left[tp]]:
                        yield left[tp], record
            left = {tp: place for tp, place in left.items() if await consumer.position(tp) < ends[place]}
    finally:
        await let_go(consumer)
