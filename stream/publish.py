"""Publishing recorded events, in closed batches as a fast feed would send them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from dcc_analytics.catalogue.errors import PublishError
from dcc_analytics.stream.access import not_permitted
from dcc_analytics.stream.home import key_hash
from dcc_analytics.stream.kafka import Connection, no_answer, partitions_now
from dcc_analytics.stream.recorded import files_of, read_recorded

BATCH_BYTES: Final = 512 * 1024
MAX_REQUEST_BYTES: Final = 5 * 1024 * 1024
#: Batches under way for one topic; enough to keep the broker busy.
UNDER_WAY: Final = 16
#: How long the broker may be silent before publishing gives up.
SILENCE_S: Final = 30.0

Progress = Callable[[str, int], None]
"""Told a topic and how many of its records have been sent since it was told last."""


async def publish(connection: Connection, folder: Path, *, progress: Progress | None = None) -> dict[str, int]:
    """Publish a folder of recorded events; return how many records each topic got.

    Each file keeps its order within a partition. Records with a key go where every Kafka client's default partitioner
    sends them, records without to the partitions in turn.

    Raises:
        PublishError: a file is not what it should be, or the broker stopped answering.
        BrokerError: Kafka can't be reached.
        TopicError: a topic is missing.
    """
    files = files_of(folder)
    producer = AIOKafkaProducer(
        **connection.options(),
        compression_type="zstd",
        max_batch_size=BATCH_BYTES,
        max_request_size=MAX_REQUEST_BYTES,
        linger_ms=0,
        acks="all",
        enable_idempotence=True,
        request_timeout_ms=int(SILENCE_S * 1000),
    )
    try:
        await producer.start()
    except KafkaError as away:
        await _stop(producer)
        raise no_answer(connection) from away
    sent = {}
    topic = ""
    try:
        for topic, path in files.items():
            sent[topic] = await _Sender(producer, connection.topic(topic), progress, topic).send(path)
    except MessageSizeTooLargeError as error:
        raise PublishError(
            f"{files[topic]} holds a record larger than topic {connection.topic(topic)} takes; leave it out, or raise "
            "max.message.bytes of topic and brokers, then publish again into new topics (--prefix)"
        ) from error
    except (KafkaError, TimeoutError) as error:
        if refused := not_permitted(error):
            raise refused from error
        raise PublishError(
            f"the broker stopped taking records of {topic} ({type(error).__name__}: {error}); see to it, then publish "
            "again into new topics (--prefix), since some records are there already"
        ) from error
    finally:
        await _stop(producer)
    return sent


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        await asyncio.wait_for(producer.stop(), SILENCE_S)
    except (TimeoutError, KafkaError):  # the broker is away: what was to be said about it has been raised
        producer._closed = True  # noqa: SLF001 (else it warns of itself when collected)


class _Sender:
    """Sends one file to one topic."""

    def __init__(self, producer: AIOKafkaProducer, topic: str, progress: Progress | None, name: str) -> None:
        self._producer = producer
        self._topic = topic
        self._name = name
        self._progress = progress
        self._batches: dict[int, Any] = {}
        self._under_way: list[asyncio.Future[Any]] = []
        self._turn = 0

    async def send(self, path: Path) -> int:
        partitions = await partitions_now(self._producer.client, self._topic)
        count = told = 0
        for event in read_recorded(path):
            partition = self._partition(event.key, partitions)
            batch = self._batches.get(partition)
            if batch is None or batch.append(key=event.key, value=event.value, timestamp=event.timestamp_ms) is None:
                await self._flush(partition)
                batch = self._batches[partition] = self._producer.create_batch()
                if batch.append(key=event.key, value=event.value, timestamp=event.timestamp_ms) is None:
                    raise PublishError(f"{path}: a record of {len(event.value or b'')} bytes is too large to be sent")
            count += 1
            if count - told >= 5_000:
                self._tell(count - told)
                told = count
                await asyncio.sleep(0)
        for partition in list(self._batches):
            await self._flush(partition)
        await self._settle(0)
        self._tell(count - told)
        return count

    def _partition(self, key: bytes | None, partitions: int) -> int:
        if key is None:
            self._turn += 1
            return self._turn % partitions
        return key_hash(key) % partitions

    async def _flush(self, partition: int) -> None:
        batch = self._batches.pop(partition, None)
        if batch is not None:
            batch.close()
            sending = self._producer.send_batch(batch, self._topic, partition=partition)
            self._under_way.append(await asyncio.wait_for(sending, SILENCE_S))
            await self._settle(UNDER_WAY)

    async def _settle(self, most: int) -> None:
        """Wait until at most so many batches are under way."""
        while len(self._under_way) > most:
            await asyncio.wait_for(self._under_way.pop(0), SILENCE_S)

    def _tell(self, records: int) -> None:
        if self._progress is not None:
            self._progress(self._name, records)
