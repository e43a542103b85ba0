"""Dead letters: records that could not be read, with where they stood and why."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.kafka import Connection

#: The topic they are sent to, in the transaction that counts them.
DEAD_LETTERS = "dead-letters"


async def read_dead_letters(connection: Connection) -> AsyncIterator[dict[str, Any]]:
    """Yield each dead letter up to the end as it is now.

    Yields:
        topic, partition, offset and reason, and the record itself: key, timestamp (milliseconds), ``value_base64``.

    Raises:
        StateError: there is no such topic.
    """
    consumer = AIOKafkaConsumer(
        **connection.options(),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=8 * 1024 * 1024,
    )
    await consumer.start()
    try:
        topic = connection.topic(DEAD_LETTERS)
        partitions = consumer.partitions_for_topic(topic)
        if not partitions:
            raise StateError(f"there is no topic {topic}; run `dcca topics create` first")
        tps = [TopicPartition(topic, partition) for partition in sorted(partitions)]
        consumer.assign(tps)
        ends = await consumer.end_offsets(tps)
        for tp in tps:
            while await consumer.position(tp) < ends[tp]:
                for record in (await consumer.getmany(tp, timeout_ms=500)).get(tp, []):
                    yield _letter(record)
    finally:
        await consumer.stop()


def _letter(record: Any) -> dict[str, Any]:  # noqa: ANN401 (aiokafka's record)
    headers = {name: value.decode() for name, value in record.headers}
    return {
        "topic": headers["topic"],
        "partition": int(headers["partition"]),
        "offset": int(headers["offset"]),
        "reason": headers["reason"],
        "key": None if record.key is None else record.key.decode(errors="replace"),
        "timestamp": record.timestamp,
        "value_base64": None if record.value is None else base64.b64encode(record.value).decode(),
    }


def write_dead_letters(connection: Connection, path: Path) -> int:
    """Write every dead letter to a file, a JSON object a line; return how many there are."""
    letters = asyncio.run(_all(connection))
    letters.sort(key=lambda letter: (letter["topic"], letter["partition"], letter["offset"]))
    lines = (json.dumps(letter, ensure_ascii=False) + "\n" for letter in letters)
    path.write_text("".join(lines), encoding="utf-8")
    return len(letters)


async def _all(connection: Connection) -> list[dict[str, Any]]:
    return [letter async for letter in read_dead_letters(connection)]
