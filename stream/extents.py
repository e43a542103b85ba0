"""How far topics reach: first offsets, ends, numbers of partitions.

Asked over a connection of its own that never fetches: a broker answers the requests of one connection in order, so
behind a waiting fetch each question takes as long as that fetch waits.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError

from dcc_analytics.catalogue.errors import BrokerError, StateError
from dcc_analytics.stream.kafka import Connection

#: A topic by its name without prefix, and one of its partitions.
Place = tuple[str, int]

FETCH_BYTES = 8 * 1024 * 1024


class Extents:
    """Answers how far topics reach now, with regard to committed records only."""

    def __init__(self, connection: Connection) -> None:
        """Prepare; entering the context connects."""
        self._connection = connection
        self._consumer = AIOKafkaConsumer(
            **connection.options(), isolation_level="read_committed", enable_auto_commit=False
        )

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            BrokerError: no Kafka answers.
        """
        try:
            await self._consumer.start()
        except KafkaConnectionError as away:
            await self._consumer.stop()
            where = self._connection.bootstrap
            raise BrokerError(f"no Kafka answers at {where}; check --bootstrap and the broker") from away
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def partitions(self, name: str) -> int:
        """Return how many partitions a topic has.

        Raises:
            StateError: there is no such topic.
        """
        topic = self._connection.topic(name)
        cluster = await self._consumer._client.fetch_all_metadata()  # noqa: SLF001 (public calls don't refresh)
        known = cluster.partitions_for_topic(topic)
        if not known:
            raise StateError(f"there is no topic {topic}; run `dcca topics create` first")
        return len(known)

    async def starts(self, places: Iterable[Place]) -> dict[Place, int]:
        """Return the first offset of each partition."""
        tps = self._tps(places)
        starts = await self._consumer.beginning_offsets(list(tps))
        return {place: starts[tp] for tp, place in tps.items()}

    async def ends(self, places: Iterable[Place]) -> dict[Place, int]:
        """Return the offset after the last committed record of each partition."""
        tps = self._tps(places)
        ends = await self._consumer.end_offsets(list(tps))
        return {place: ends[tp] for tp, place in tps.items()}

    def _tps(self, places: Iterable[Place]) -> dict[TopicPartition, Place]:
        return {TopicPartition(self._connection.topic(name), p): (name, p) for name, p in places}


async def read_up_to(
    connection: Connection, ends: Mapping[Place, int]
) -> AsyncIterator[tuple[Place, ConsumerRecord[bytes, bytes]]]:
    """Yield all committed records of some partitions before these ends, each partition's in order."""
    left = {TopicPartition(connection.topic(name), p): (name, p) for (name, p), end in ends.items() if end > 0}
    if not left:
        return
    consumer = AIOKafkaConsumer(
        **connection.options(),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    await consumer.start()
    try:
        consumer.assign(list(left))
        await consumer.seek_to_beginning()
        while left:
            for tp, records in (await consumer.getmany(*left, timeout_ms=500)).items():
                for record in records:
                    if record.offset < ends[left[tp]]:
                        yield left[tp], record
            left = {tp: place for tp, place in left.items() if await consumer.position(tp) < ends[place]}
    finally:
        await consumer.stop()
