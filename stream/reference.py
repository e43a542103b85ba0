"""The reference topics: ``devices``, read into each shard's estate, and ``users`` and ``incidents``, read for faults.

They are compacted and their own truth, so no group reads them: each shard follows its partitions from where its
estate and its ledger say. Device records are read to their end before events are folded (contract section 2).
"""

from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from dcc_analytics.stream.fetched import Fetched, Place
from dcc_analytics.stream.kafka import Connection, let_go

REFERENCE_TOPICS: Final = ("devices", "users", "incidents")


class ReferenceReader:
    """Follows topic-partitions by position, without a consumer group."""

    def __init__(self, connection: Connection) -> None:
        """Prepare; entering the context connects."""
        self._connection = connection
        self._consumer = AIOKafkaConsumer(
            **connection.options(),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 * 1024 * 1024,
        )
        self._positions: dict[TopicPartition, int] = {}

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._consumer.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await let_go(self._consumer)

    async def follow(self, offsets: Mapping[Place, int]) -> None:
        """Follow these partitions, each from an offset on."""
        wanted = {TopicPartition(self._connection.topic(name), p): at for (name, p), at in offsets.items()}
        self._consumer.assign(list(wanted))
        for tp, at in wanted.items():
            position = self._positions.get(tp, at)
            self._consumer.seek(tp, position)
            self._positions[tp] = position

    def position(self, place: Place) -> int:
        """Return the offset the next fetch of a partition begins at."""
        name, partition = place
        return self._positions[TopicPartition(self._connection.topic(name), partition)]

    async def fetch(self, timeout_s: float) -> AsyncIterator[Fetched]:
        """Yield what has come since the last fetch."""
        fetched = await self._consumer.getmany(timeout_ms=int(timeout_s * 1000), max_records=10_000)
        for tp in list(self._consumer.assignment()):
            after = await self._consumer.position(tp)
            before = self._positions[tp]
            if after > before:
                self._positions[tp] = after
                yield Fetched(self._name(tp), tp.partition, before, after, fetched.get(tp, []), lambda: None)

    def _name(self, tp: TopicPartition) -> str:
        return str(tp.topic).removeprefix(self._connection.prefix)
