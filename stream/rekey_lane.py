"""One partition of a foreign topic on its way to the product's, each record exactly once.

    1. fence    the transactional producer starts: who moved this partition before is shut out, what it left is settled
    2. place    the group's offset, decided, is where to go on
    3. move     one transaction holds records under their new keys and the offset after the last of them

Because of 1 only one process moves a partition, however the group changes; because of 3 records are there with the
offset behind them or not at all; because of 2 whoever comes next sees which of the two.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import InvalidTimestampError, MessageSizeTooLargeError

from dcc_analytics.catalogue.errors import TopicError
from dcc_analytics.stream.broker.settings import MAX_RECORD_BYTES
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.fault_points import reached
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.group_offsets import decided_offsets
from dcc_analytics.stream.kafka import Connection, let_go
from dcc_analytics.stream.rekey_sources import group_of
from dcc_analytics.stream.rekeyed import Source, placed

#: One who is killed leaves a transaction open, behind which nobody reads on: the next one ends it at once, else the
#: broker after so long.
TRANSACTION_TIMEOUT_MS: Final = 15_000
_BATCH_BYTES: Final = 512 * 1024


@dataclass(frozen=True, slots=True)
class Moved:
    """How many records were moved and committed, and how many of them can't be read, by the product's topic."""

    records: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)


class Lane:
    """Moves the records of one partition.

    Attributes:
        next: the offset up to which, and not including it, all is moved and committed.
    """

    def __init__(
        self, connection: Connection, source: Source, partition: int, moved: Moved, *, ignore_keys: bool
    ) -> None:
        """Prepare; ``open`` connects.

        Args:
            connection: how to reach Kafka, and the prefix of the product's topics.
            source: the topic.
            partition: of it.
            moved: told what is moved.
            ignore_keys: as ``placed``.
        """
        self.next = 0
        self._moved = moved
        self._source = source
        self._partition = partition
        self._target = connection.topic(source.kind)
        self._group = group_of(connection)
        self._ignore_keys = ignore_keys
        self._producer = AIOKafkaProducer(
            **connection.options(),
            transactional_id=f"{self._group}-{source.topic}-{partition}",
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            max_batch_size=_BATCH_BYTES,
            max_request_size=2 * MAX_RECORD_BYTES,
            compression_type="zstd",
            linger_ms=0,
        )

    async def open(self, admin: AIOKafkaAdminClient, extents: Extents) -> None:
        """Shut others out, and see where to go on.

        Args:
            admin: asked where the group stands.
            extents: asked how far the source reaches; of a connection without prefix.

        Raises:
            TopicError: the source no longer holds what comes next.
            KafkaError, TimeoutError: Kafka does not answer.
        """
        await self._producer.start()
        place = (self._source.topic, self._partition)
        start, top = (await extents.starts([place]))[place], (await extents.tops([place]))[place]
        offset = (await decided_offsets(admin, self._group, [place])).get(place, start)
        if not start <= offset <= top:
            raise TopicError(
                f"{self._source.topic}/{self._partition} holds offsets {start} to {top}, and all before {offset} are "
                "moved: records were deleted that were not; restore them, or have the group go on without them "
                f"(kafka-consumer-groups --group {self._group} --reset-offsets)"
            )
        self.next = offset

    async def move(self, records: Sequence[Record], next_position: int, partitions: Mapping[str, int]) -> None:
        """Move records in one transaction.

        Args:
            records: from ``next`` on, in order; none where only markers of transactions were passed.
            next_position: the offset after them.
            partitions: of the product's topics.

        Raises:
            TopicError: the product's topic does not take one of them.
            KafkaError: it failed, or its outcome is unknown; the lane has to be opened anew.
        """
        count, kind = partitions[self._source.kind], self._source.kind
        unread = 0
        try:
            async with self._producer.transaction():
                sending = []
                for record in records:
                    key, home, is_read = placed(
                        self._source, self._partition, record, count, ignore_keys=self._ignore_keys
                    )
                    unread += not is_read
                    headers = list(record.headers)
                    sending.append(
                        await self._producer.send(self._target, record.value, key, home, record.timestamp, headers)
                    )
                await asyncio.gather(*sending)
                place = TopicPartition(self._source.topic, self._partition)
                await self._producer.send_offsets_to_transaction({place: next_position}, self._group)
                reached("rekey.sent")
        except (MessageSizeTooLargeError, InvalidTimestampError) as refused:
            raise TopicError(
                f"topic {self._target} does not take a record of {self._source.topic}/{self._partition}, offsets "
                f"{self.next} to {next_position - 1} ({type(refused).__name__}); raise its max.message.bytes or "
                "message.timestamp.after.max.ms, then begin again: none of them is moved"
            ) from refused
        reached("rekey.committed")
        self.next = next_position
        self._moved.records[kind] += len(records)
        self._moved.unread[kind] += unread

    async def close(self) -> None:
        """Disconnect; what is not committed is dropped, and moved by who comes next."""
        await let_go(self._producer)
