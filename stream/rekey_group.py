"""The group of those who move records, and who fetches for one of them.

Two clients: one is a member, and is told its partitions; the other fetches these from where it is told to. So no
position is ever the group's own, which may be older than what a transaction that is being ended says.
"""

from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError

from dcc_analytics.stream.access import not_permitted
from dcc_analytics.stream.extents import FETCH_BYTES
from dcc_analytics.stream.kafka import Connection, let_go, no_answer
from dcc_analytics.stream.rekey_sources import group_of


class Owner(Protocol):
    """Who is told of its partitions."""

    def assigned(self, tps: Iterable[TopicPartition]) -> None:
        """Take partitions on."""

    async def revoked(self) -> None:
        """Give all partitions up; when this returns another process may have them."""


async def joined(
    connection: Connection, topics: Sequence[str], owner: Owner, stack: AsyncExitStack, *, session_timeout_s: float
) -> tuple[AIOKafkaConsumer, AIOKafkaConsumer]:
    """Return a member of the group, which fetches nothing, and who fetches, started.

    Args:
        connection: how to reach Kafka, and the prefix of the product's topics.
        topics: by their names on the cluster.
        owner: told of its partitions.
        stack: lets both go.
        session_timeout_s: a process silent for so long loses its partitions.

    Raises:
        BrokerError, AccessError: Kafka can't be reached, or does not permit it.
    """
    options: dict[str, Any] = {**connection.options(), "enable_auto_commit": False}
    member = AIOKafkaConsumer(
        **options,
        group_id=group_of(connection),
        auto_offset_reset="earliest",
        session_timeout_ms=int(session_timeout_s * 1000),
        heartbeat_interval_ms=int(session_timeout_s * 1000 / 5),
    )
    reader = AIOKafkaConsumer(
        **options,
        isolation_level="read_committed",
        auto_offset_reset="none",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    for client in (member, reader):
        stack.push_async_callback(let_go, client)
        try:
            await client.start()
        except KafkaError as away:
            raise not_permitted(away) or no_answer(connection) from away
    member.subscribe(list(topics), listener=_Listener(owner, member))
    return member, reader


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Tells of what the group gives and takes, and keeps the member from fetching any of it."""

    def __init__(self, owner: Owner, member: AIOKafkaConsumer) -> None:
        self._owner = owner
        self._member = member

    async def on_partitions_revoked(self, _revoked: set[TopicPartition]) -> None:
        await self._owner.revoked()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        if assigned:
            self._member.pause(*assigned)
        self._owner.assigned(assigned)
