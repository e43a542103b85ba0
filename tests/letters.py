"""Dead letters for tests: put on their topic as a worker puts them, and what became of their records."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner, Result

from dcc_analytics.aggregators.outgoing import DeadLetter
from dcc_analytics.commands.main import app
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.kafka import Connection
from tests.driver import LogRecord

STAMP_MS = 1_790_000_000_000


def letter(
    topic: str, offset: int, key: bytes | None, value: bytes | None, reason: str = "no JSON", *, partition: int = 1,
    headers: Sequence[tuple[str, bytes]] = (), stamp_ms: int = STAMP_MS,
) -> DeadLetter:  # fmt: skip
    """Return the dead letter of a record."""
    return DeadLetter(topic, partition, LogRecord(offset, stamp_ms, key, value, list(headers)), reason)


async def send(connection: Connection, *letters: DeadLetter) -> None:
    """Put dead letters on their topic."""
    producer = AIOKafkaProducer(**connection.options())
    await producer.start()
    try:
        for each in letters:
            topic = connection.topic("dead-letters")
            await producer.send_and_wait(topic, each.value, each.key, None, None, each.headers())
    finally:
        await producer.stop()


async def records(connection: Connection, topic: str) -> list[tuple[int, Record]]:
    """Return partition and record of all there is on a topic, once what is open on it is decided."""
    async with Extents(connection) as extents:
        tops = await extents.tops([(topic, partition) for partition in range(await extents.partitions(topic))])
    async with asyncio.timeout(60):
        return [(partition, record) async for (_, partition), record in read_up_to(connection, tops)]


def words_of(connection: Connection, *words: str) -> list[str]:
    """Return the command line of ``dcca dead-letters`` after the program's name."""
    return ["dead-letters", *words, "--bootstrap", connection.bootstrap, "--prefix", connection.prefix]


async def run(connection: Connection, *words: str) -> Result:
    """Run ``dcca dead-letters`` in a thread of this process; errors that ``main`` would tell are in ``exception``."""
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, words_of(connection, *words)))
