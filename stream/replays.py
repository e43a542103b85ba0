"""Replays: dead letters sent back to where they stood, each once, whoever tries how often and whatever is killed.

    1. fence    the transactional producer starts: a replay before this one is shut out, what it left open is settled
    2. read     the topic ``replays`` to its top: what was ever sent back, no more can be added by another
    3. send     one transaction holds records and, for each, the note in ``replays`` that it was sent back

Because of 1 only one replay can send, and it has read what all before it have done; because of 3 a record is there
with its note or not at all. Folding needs to know nothing of it: what was sent back is one more record of its topic.

A note holds places and times, nothing of the record, and is kept for good: dead letters go after a month, but as long
as their topic keeps the record another application may set it aside again.
"""

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidProducerEpoch,
    KafkaConnectionError,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
)
from msgspec import Struct

from dcc_analytics.catalogue.errors import BrokerError, DeadLetterError
from dcc_analytics.stream.broker.settings import MAX_RECORD_BYTES
from dcc_analytics.stream.dead_letters import Letter, Place
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.kafka import Connection, no_answer
from dcc_analytics.stream.topics import REPLAYS

#: Says of a record that was sent back where it stood first.
REPLAYED_HEADER: Final = "dcca-replayed"

#: A replay that is killed leaves a transaction open, behind which nobody reads on: the broker ends it after so long.
TRANSACTION_TIMEOUT_MS: Final = 15_000
#: What others write to ``replays`` is decided within their transaction's time-out and the broker's next look at it.
DECIDED_WITHIN_S: Final = 60.0


class Replay(Struct, frozen=True, array_like=True, gc=False):
    """The note that a record was sent back.

    Attributes:
        topic, partition, offset: where it stands now.
        at_ms: when.
        edited: whether its value was corrected.
    """

    topic: str
    partition: int
    offset: int
    at_ms: int
    edited: bool = False

    @property
    def place(self) -> Place:
        """Where the record stands now."""
        return Place(self.topic, self.partition, self.offset)


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Replay).decode


async def read_replays(connection: Connection, *, undecided_too: bool = False) -> dict[str, Replay]:
    """Return what was sent back, by ``Letter.identity``.

    Args:
        connection: how to reach Kafka, and the prefix of topic names.
        undecided_too: wait for what another may be writing now.

    Raises:
        BrokerError: no Kafka answers.
        TopicError: there is no such topic.
        DeadLetterError: a transaction on the topic stays open.
    """
    async with Extents(connection) as extents:
        places = [(REPLAYS, partition) for partition in range(await extents.partitions(REPLAYS))]
        ends = await (extents.tops(places) if undecided_too else extents.ends(places))
    try:
        async with asyncio.timeout(DECIDED_WITHIN_S):
            return {record.key.decode(): _decode(record.value) async for _, record in read_up_to(connection, ends)}
    except TimeoutError as hangs:
        raise DeadLetterError(
            f"a transaction on {connection.topic(REPLAYS)} has been open for {DECIDED_WITHIN_S:.0f} s, so that what "
            "was sent back before can't be known; end it (kafka-transactions), then replay again"
        ) from hangs


class Replayer:
    """The one who may send back dead letters of a feed, until another begins.

    Attributes:
        sent: what was ever sent back, by ``Letter.identity``; complete, since no other can add to it.
    """

    def __init__(self, connection: Connection) -> None:
        """Prepare; entering the context shuts others out and reads what they have sent."""
        self._connection = connection
        self.sent: dict[str, Replay] = {}
        self._producer = AIOKafkaProducer(
            **connection.options(),
            transactional_id=f"{connection.topic(REPLAYS)}",
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            max_request_size=2 * MAX_RECORD_BYTES,
            compression_type="zstd",
        )

    async def __aenter__(self) -> Self:
        """Shut others out, and read what was sent.

        Raises:
            BrokerError, TopicError, DeadLetterError: as ``read_replays``.
        """
        try:
            await self._producer.start()
            self.sent = await read_replays(self._connection, undecided_too=True)
        except KafkaConnectionError as away:
            await self._producer.stop()
            raise no_answer(self._connection) from away
        except BaseException:
            await self._producer.stop()
            raise
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Let others in."""
        await self._producer.stop()

    async def send(self, letters: Sequence[Letter], *, edited: bool = False) -> None:
        """Send records back to where they stood, all of them or none; those sent before are left out.

        Key, timestamp and headers are as they were, and so is the partition.

        Args:
            letters: of one topic, with the value each is to have now.
            edited: whether that value was corrected.

        Raises:
            DeadLetterError: another replay has begun, or a record is larger than its topic takes.
            BrokerError: the broker did not say how it ended; it is seen when replayed again.
        """
        new = {letter.identity: letter for letter in letters if letter.identity not in self.sent}
        if not new:
            return
        try:
            async with self._producer.transaction():
                replays = await self._write(new, edited=edited)
        except (ProducerFenced, InvalidProducerEpoch, OutOfOrderSequenceNumber) as fenced:
            raise DeadLetterError(
                "another `dcca dead-letters replay` has begun and shuts this one out; nothing is sent twice: run it "
                "again for what is left"
            ) from fenced
        except MessageSizeTooLargeError as large:
            (topic,) = {letter.origin.topic for letter in new.values()}
            raise DeadLetterError(
                f"a record is larger than topic {self._connection.topic(topic)} takes; raise its max.message.bytes, or "
                "replay the others by name"
            ) from large
        except KafkaError as error:
            raise BrokerError(
                f"the broker did not say whether records were sent back ({type(error).__name__}: {error}); see to it, "
                "then replay again: nothing is sent twice"
            ) from error
        self.sent.update(replays)

    async def _write(self, letters: dict[str, Letter], *, edited: bool) -> dict[str, Replay]:
        """Write records, and when it is known where they stand the note of each."""
        now_ms = time.time_ns() // 1_000_000
        pending = {identity: await self._write_back(letter) for identity, letter in letters.items()}
        replays: dict[str, Replay] = {}
        notes = []
        for identity, sending in pending.items():
            topic, partition, _ = letters[identity].origin
            replay = replays[identity] = Replay(topic, partition, (await sending).offset, now_ms, edited)
            notes.append(
                await self._producer.send(self._connection.topic(REPLAYS), _encode(replay), identity.encode(), 0)
            )
        for note in notes:
            await note
        return replays

    async def _write_back(self, letter: Letter) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = await self._producer.send(
            self._connection.topic(letter.origin.topic),
            letter.value,
            letter.key,
            letter.origin.partition,
            letter.timestamp,
            [*letter.headers, (REPLAYED_HEADER, str(letter.origin).encode())],
        )
        return future
