"""Dead letters: records that could not be read, with where they stood and why."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.kafka import Connection

#: The topic they are sent to, in the transaction that counts them.
DEAD_LETTERS = "dead-letters"


async def read_dead_letters(connection: Connection) -> AsyncIterator[dict[str, Any]]:
    """Yield each dead letter up to the end as it is now.

    Yields:
        topic, partition, offset and reason, and the record itself: key, timestamp (milliseconds), ``value_base64``.

    Raises:
        BrokerError: no Kafka answers.
        TopicError: there is no such topic.
    """
    async with Extents(connection) as extents:
        ends = await extents.ends([(DEAD_LETTERS, p) for p in range(await extents.partitions(DEAD_LETTERS))])
    async for _, record in read_up_to(connection, ends):
        yield _letter(record)


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
