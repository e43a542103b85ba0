"""Whether a consumer group has folded and committed all there is, whichever of its workers did it."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from dcc_analytics.stream.kafka import Connection


class Progress:
    """Compares the group's committed offsets with the ends of its topics.

    A group's offset moves only after the ledger's commit, so equal offsets mean that all is in the ledger. They may
    also lag behind it; then this says "not yet" a little longer.
    """

    def __init__(self, connection: Connection, application: str, topics: Sequence[str], partitions: int) -> None:
        """Watch so many partitions of these topics for a group."""
        self._application = application
        self._tps = [TopicPartition(connection.topic(topic), p) for topic in topics for p in range(partitions)]
        self._admin = AIOKafkaAdminClient(**connection.options())
        self._consumer = AIOKafkaConsumer(
            **connection.options(), isolation_level="read_committed", enable_auto_commit=False
        )

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._admin.start()
        await self._consumer.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._consumer.stop()
        await self._admin.close()

    async def caught_up(self) -> bool:
        """Return whether every partition is committed to its end of now."""
        try:
            ends = await self._consumer.end_offsets(self._tps)
            committed = await self._admin.list_consumer_group_offsets(self._application, partitions=self._tps)
        except KafkaError:  # the group is not there yet, or the broker is away for a moment
            return False
        return all(end == 0 or (tp in committed and committed[tp].offset >= end) for tp, end in ends.items())
