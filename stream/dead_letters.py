"""Dead letters: records that could not be read, with where they stood and why.

A dead letter's own timestamp is when it was set aside, since personal data is kept for so long after that and no
longer; the record's timestamp is among its headers.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final, NamedTuple

from dcc_analytics.catalogue.errors import DeadLetterError
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.topics import DEAD_LETTERS

#: The headers of a dead letter; all others are the record's own.
_HEADERS: Final = frozenset({"topic", "partition", "offset", "timestamp", "reason", "application"})

#: How many letters are read between two calls of who watches.
_TOLD_EVERY: Final = 1_000

Watch = Callable[[int, int], None]
"""Told how many offsets were read so far, and how many there are."""


class Place(NamedTuple):
    """Where a record stands: written ``topic/partition/offset``."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        """Return it as it is written.

        >>> str(Place("alerts", 3, 17))
        'alerts/3/17'
        """
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Return the place that is written so.

        Raises:
            ValueError: it is none.

        >>> Place.parse("alerts/3/17")
        Place(topic='alerts', partition=3, offset=17)
        """
        topic, partition, offset = text.split("/")
        if not topic:
            raise ValueError(text)
        return cls(topic, int(partition), int(offset))


class Letter(NamedTuple):
    """A dead letter, and with that a record of another topic (see ``fetched.Record``).

    Attributes:
        own: where the dead letter itself stands.
        origin: where the record stood that it is of.
        set_aside_ms: when it became a dead letter.
        reason: why; may quote what the record holds.
        timestamp: milliseconds since 1970, said by the record's producer.
        key, value, headers: the record's.
    """

    own: Place
    origin: Place
    set_aside_ms: int
    reason: str
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    @property
    def offset(self) -> int:
        """The record's place in its topic-partition."""
        return self.origin.offset

    @property
    def identity(self) -> str:
        """What tells the record from every other.

        Several applications that read the same topics set the same record aside, each by a dead letter of its own; and
        a topic that was made anew has other records at the same offsets.
        """
        return f"{self.origin}@{self.timestamp}"


async def letters(connection: Connection, *, watch: Watch | None = None) -> AsyncIterator[Letter]:
    """Yield each dead letter up to the end as it is now.

    Raises:
        BrokerError: no Kafka answers.
        TopicError: there is no such topic.
        DeadLetterError: a record there is none of the product's.
    """
    async with Extents(connection) as extents:
        places = [(DEAD_LETTERS, partition) for partition in range(await extents.partitions(DEAD_LETTERS))]
        ends, starts = await extents.ends(places), await extents.starts(places)
    total = sum(ends[place] - starts[place] for place in places)
    done = 0
    async with aclosing(read_up_to(connection, ends)) as records:
        async for place, record in records:
            yield _letter(Place(*place, record.offset), record)
            done += 1
            if watch is not None and done % _TOLD_EVERY == 0:
                watch(done, total)
    if watch is not None:
        watch(total, total)


def _letter(own: Place, record: Record) -> Letter:
    said = {name: value for name, value in record.headers if name in _HEADERS}
    try:
        origin = Place(said["topic"].decode(), int(said["partition"]), int(said["offset"]))
        timestamp, reason = int(said["timestamp"]), said["reason"].decode()
    except (KeyError, ValueError) as amiss:
        raise DeadLetterError(
            f"{own} is no dead letter of this product ({amiss!r}): nobody else may write to that topic; give another "
            "--prefix, or remove the topic and make it anew with `dcca topics create`"
        ) from amiss
    headers = tuple(each for each in record.headers if each[0] not in _HEADERS)
    return Letter(own, origin, record.timestamp, reason, timestamp, record.key, record.value, headers)


async def read_dead_letters(connection: Connection) -> AsyncIterator[dict[str, Any]]:
    """Yield each dead letter as a JSON object.

    Yields:
        topic, partition, offset and reason, and the record itself: key, timestamp (milliseconds), ``value_base64``.

    Raises:
        As ``letters``.
    """
    async for letter in letters(connection):
        yield as_json(letter)


def as_json(letter: Letter) -> dict[str, Any]:
    """Return a dead letter as a JSON object, which does not hang on when it was set aside."""
    return {
        **letter.origin._asdict(),
        "reason": letter.reason,
        "key": None if letter.key is None else letter.key.decode(errors="replace"),
        "timestamp": letter.timestamp,
        "value_base64": None if letter.value is None else base64.b64encode(letter.value).decode(),
    }


def write_dead_letters(connection: Connection, path: Path) -> int:
    """Write every dead letter to a file, a JSON object a line; return how many there are."""
    found = asyncio.run(_all(connection))
    found.sort(key=lambda letter: (letter["topic"], letter["partition"], letter["offset"]))
    lines = (json.dumps(letter, ensure_ascii=False) + "\n" for letter in found)
    path.write_text("".join(lines), encoding="utf-8")
    return len(found)


async def _all(connection: Connection) -> list[dict[str, Any]]:
    return [letter async for letter in read_dead_letters(connection)]
