"""Whether a consumer group has folded and committed all there is, whichever of its workers did it."""

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.kafka import Connection


class Progress:
    """Compares the group's committed offsets with the ends of its topics.

    A group's offset moves only after the ledger's commit, so equal offsets mean that all is in the ledger. They may
    also lag behind it; then this says "not yet" a little longer.
    """

    def __init__(self, connection: Connection, application: str, extents: Extents) -> None:
        """Watch a group; entering the context connects."""
        self._connection = connection
        self._application = application
        self._extents = extents
        self._admin = AIOKafkaAdminClient(**connection.options())

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._admin.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._admin.close()

    async def caught_up(self, places: Iterable[Place]) -> bool:
        """Return whether all these partitions are committed to their tops of now."""
        try:
            tops = {
                TopicPartition(self._connection.topic(name), partition): top
                for (name, partition), top in (await self._extents.tops(places)).items()
            }
            committed = await self._admin.list_consumer_group_offsets(self._application, partitions=list(tops))
        except KafkaError:  # the group is not there yet, or the broker is away for a moment
            return False
        return all(top == 0 or (tp in committed and committed[tp].offset >= top) for tp, top in tops.items())
