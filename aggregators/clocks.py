"""The clocks of all shards, told with every commit, so that none forgets what another may still pass on.

Contract 3.13: a month is final when *every* shard's clock is past its end. Beyond that a shard that has read far
ahead of another must still know the ends of legs whose repeats come late by way of ``strays``; what may be forgotten
goes by the least clock of all. The topic is tiny: one record a shard.
"""

from types import TracebackType
from typing import Final, Self

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from msgspec import Struct

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.clock import horizon_us
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection, let_go
from dcc_analytics.stream.strays import SOURCES
from dcc_analytics.stream.topics import clocks_name


class ShardClock(Struct, frozen=True, array_like=True, gc=False):
    """A shard's clock at a commit, and the offset after the last record folded by then of each of its source topics."""

    clock_us: int
    applied: dict[str, int]


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(ShardClock).decode


def clock_record(partition: int, clock: ShardClock) -> tuple[bytes, bytes]:
    """Return key and value of a shard's clock."""
    return str(partition).encode(), _encode(clock)


def clock_of(key: bytes | None, value: bytes | None, *, partitions: int) -> tuple[int, ShardClock]:
    """Return whose clock a record tells, and the clock.

    Raises:
        StateError: the record is none of a shard's.
    """
    try:
        partition, clock = int(key or b""), _decode(value or b"")
    except (ValueError, RecursionError, msgspec.MsgspecError) as foreign:
        raise _foreign(key, str(foreign)) from foreign
    if not 0 <= partition < partitions:
        raise _foreign(key, f"there are {partitions} partitions")
    return partition, clock


def _foreign(key: bytes | None, why: str) -> StateError:
    return StateError(
        f"the topic of the shards' clocks holds a record no shard has written, under the key {(key or b'')[:40]!r} "
        f"({why}); stop the workers, delete the topic and create the topics again: workers tell their clocks anew"
    )


class ClockBoard:
    """Follows the clocks of all shards."""

    def __init__(self, connection: Connection, application: str, partitions: int) -> None:
        """Follow so many shards; entering the context connects."""
        self._partitions = partitions
        self._place = clocks_name(application), 0
        self._tp = TopicPartition(connection.topic(self._place[0]), 0)
        self._clocks: dict[int, ShardClock] = {}
        self._consumer = AIOKafkaConsumer(
            **connection.options(),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    async def __aenter__(self) -> Self:
        """Connect."""
        try:
            await self._consumer.start()
        except BaseException:
            await let_go(self._consumer)
            raise
        self._consumer.assign([self._tp])
        await self._consumer.seek_to_beginning(self._tp)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await let_go(self._consumer)

    async def horizon_us(self, extents: Extents) -> int | None:
        """Return the least clock of the shards with records to read; None until all have told theirs.

        Whether a shard has records to read is seen by the topics as they are now, not as they were when it told its
        clock: it may have been closed since, and more may have come.

        Raises:
            StateError: the topic holds what no shard has written.
        """
        shards = await self.told(extents)
        if len(shards) < self._partitions:
            return None
        unread = await self._unread(shards, extents)
        return horizon_us([(clock.clock_us, partition not in unread) for partition, clock in shards.items()])

    async def caught_up(self, extents: Extents) -> bool:
        """Return whether every shard has committed all that its topics hold now, whichever worker did it.

        What the consumer group has noted is not asked: it may lag, and anybody may set it.
        """
        shards = await self.told(extents)
        return len(shards) == self._partitions and not await self._unread(shards, extents)

    async def told(self, extents: Extents) -> dict[int, ShardClock]:
        """Return the newest clock of each shard that has told one."""
        end = (await extents.ends([self._place]))[self._place]
        while await self._consumer.position(self._tp) < end:
            fetched = await self._consumer.getmany(self._tp, timeout_ms=200)
            for record in fetched.get(self._tp, []):
                partition, clock = clock_of(record.key, record.value, partitions=self._partitions)
                self._clocks[partition] = clock
        return self._clocks

    @staticmethod
    async def _unread(shards: dict[int, ShardClock], extents: Extents) -> set[int]:
        """Return the shards whose topics hold more than they had folded when they told their clocks."""
        tops = await extents.tops([(topic, partition) for partition in shards for topic in SOURCES])
        return {p for (topic, p), top in tops.items() if shards[p].applied.get(topic, 0) < top}
