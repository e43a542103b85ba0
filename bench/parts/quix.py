"""Quix Streams, exactly once: each event counted by User, SRV and outcome in the state of its key; on one core.

It matches nothing. What it has counted is read from its changelog topics, committed records only, and has to be every
event once.
"""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaConsumer

from bench.figures import Figure, PartFailedError
from bench.processes import said_by
from bench.quix_environment import NotToBeHadError, quix_python
from bench.run import Run, say
from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.kafka import Connection

GROUP: Final = "quix"
_COUNTING: Final = Path(__file__).parent / "quix_counting.py"


def measure(run: Run) -> list[Figure]:
    try:
        python = quix_python()
    except NotToBeHadError as why:
        say(f"left out: Quix Streams can't be had ({why})")
        return []
    published = run.published
    say("Quix Streams, counting exactly once")
    found = asyncio.run(counted(python, published.connection, published.events, run.folder / "quix"))
    return [
        Figure("quix", "folded", found["events"] / found["seconds"], "events/s"),
        Figure("quix", "CPU", 1e6 * found["cpu_s"] / found["events"], "s/million events"),
        Figure("quix", "peak memory", found["peak_mb"], "MB"),
    ]


async def counted(python: Path, connection: Connection, events: int, folder: Path) -> dict[str, float]:
    """Count the events of the event topics; return how many, wall and CPU seconds, peak memory.

    Args:
        python: of the environment.
        connection: to the topics.
        events: in them.
        folder: of the state.

    Raises:
        PartFailedError: it failed, or has not counted each event once.
    """
    command: list[str | Path] = [python, *arguments(connection, GROUP, events, folder)]
    found = await asyncio.to_thread(said_by, command, name="Quix Streams")
    check(found["events"], sum((await committed(connection, GROUP)).values()), events)
    return found


def arguments(connection: Connection, group: str, events: int, folder: Path, **more: object) -> list[str]:
    """Return the arguments of the environment's Python that count the events of the event topics.

    Args:
        connection: to the topics.
        group: of consumers, without the connection's prefix.
        events: to count.
        folder: of the state.
        more: as ``quix_counting.run`` has it.
    """
    given = {
        "bootstrap": connection.bootstrap,
        "group": connection.own(group),
        "topics": {connection.topic(topic): topic for topic in DECODERS},
        "events": events,
        "folder": str(folder),
        **more,
    }
    # Isolated, since the paths of this Python's packages are not those of that one's.
    return ["-I", str(_COUNTING), json.dumps(given)]


def check(folded: float, committed: int, published: int) -> None:
    """Compare what was folded, and what the committed counts add up to, with the events there are.

    Raises:
        PartFailedError: they differ.
    """
    if not folded == committed == published:
        raise PartFailedError(
            f"Quix Streams folded {folded:.0f} events and committed counts of {committed}, where there are {published}"
        )


async def committed(connection: Connection, group: str) -> Counter[tuple[str, str]]:
    """Return the last committed value of each count, added up over keys of records: by topic and what is counted."""
    whole = Connection(connection.bootstrap)  # where names of topics have no prefix
    last: dict[tuple[str, int, bytes | None], bytes | None] = {}
    async with Extents(whole) as extents:
        topics = await changelogs(whole, connection.own(group))
        places = [(name, partition) for name in topics for partition in range(await extents.partitions(name))]
        ends = await extents.ends(places)
    async for place, record in read_up_to(whole, ends):
        last[(*place, record.key)] = record.value
    counts: Counter[tuple[str, str]] = Counter()
    for (changelog, _, key), value in last.items():
        if value is not None:  # a key is that of the record, and then, as JSON, that of the count
            name = json.loads(b'"' + (key or b"").partition(b'|"')[2])
            counts[topics[changelog], name] += int(value)
    return counts


async def changelogs(connection: Connection, group: str) -> dict[str, str]:
    """Return the topic of each changelog of a group."""
    consumer = AIOKafkaConsumer(**connection.options())
    await consumer.start()
    try:
        prefix = f"changelog__{group}--"
        names = [name.removeprefix(prefix) for name in await consumer.topics() if name.startswith(prefix)]
        return {f"{prefix}{name}": name.rpartition("--")[0] for name in sorted(names)}
    finally:
        await consumer.stop()
