"""The reference topics: ``devices``, read into each shard's estate, and ``users`` and ``incidents``, read for faults.

They are compacted and their own truth, so no group reads them: each shard follows its partitions from where its
estate and its ledger say. Device records are read to their end before events are folded (contract section 2).
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.kafka import Connection

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
        await self._consumer.stop()

    async def partitions(self, name: str) -> int:
        """Return how many partitions a topic has.

        Raises:
            StateError: there is no such topic.
        """
        await self._consumer._client.force_metadata_update()
        known = self._consumer.partitions_for_topic(self._connection.topic(name))
        if not known:
            raise StateError(f"there is no topic {self._connection.topic(name)}; run `dcca topics create` first")
        return len(known)

    async def follow(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Follow (topic name, partition) from an offset on, and only these."""
        wanted = {TopicPartition(self._connection.topic(name), p): at for (name, p), at in offsets.items()}
        self._consumer.assign(list(wanted))
        for tp, at in wanted.items():
            position = self._positions.get(tp, at)
            self._consumer.seek(tp, position)
            self._positions[tp] = position

    def position(self, topic_partition: tuple[str, int]) -> int:
        """Return the offset the next fetch of (topic name, partition) begins at."""
        name, partition = topic_partition
        return self._positions[TopicPartition(self._connection.topic(name), partition)]

    async def extents(self, names: Iterable[str], partition: int) -> dict[str, tuple[int, int]]:
        """Return first offset and end of a partition of some topics, as of now."""
        tps = {name: TopicPartition(self._connection.topic(name), partition) for name in names}
        starts = await self._consumer.beginning_offsets(list(tps.values()))
        ends = await self._consumer.end_offsets(list(tps.values()))
        return {name: (starts[tp], ends[tp]) for name, tp in tps.items()}

    async def ends(self) -> dict[tuple[str, int], int]:
        """Return the end of each topic-partition followed, as of now."""
        ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        return {(self._name(tp), tp.partition): end for tp, end in ends.items()}

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
