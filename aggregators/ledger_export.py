"""A ledger out of Kafka into a file, while workers and feed go on.

The ends of all partitions are taken at a moment at which no stray is written and no commit is under way. So each stray
that stands in its topic by then was passed on by a commit in the file, and each that is written later by none: those
that are not folded yet go into the file, and the file is one state of all shards together.
"""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Final

from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.ledger import read_ledger
from dcc_analytics.aggregators.ledger_file import (
    FORMAT_VERSION,
    Copied,
    Folded,
    Head,
    LedgerEntry,
    Progress,
    StrayEntry,
    copied,
    written,
)
from dcc_analytics.aggregators.provenance import check_partitions, provenance_of
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.strays import STRAYS, read_stray
from dcc_analytics.stream.topics import ledger_name

#: Commits take milliseconds out of each second; a moment without any is found at once but in a great group.
QUIET_WITHIN_S: Final = 60.0


async def export_ledger(
    connection: Connection, application: str, path: Path, progress: Progress = lambda _done, _of: None
) -> Copied:
    """Write an application's ledger into a file; workers may go on.

    Args:
        connection: how to reach Kafka.
        application: whose ledger.
        path: of the file.
        progress: told how many partitions are done, of how many.

    Raises:
        StateError: the ledger is empty or damaged, there is no quiet moment, or the file can't be written.
        TopicError: a topic is missing.
    """
    name, states = ledger_name(application), list[Folded]()
    counts: Counter[str] = Counter()
    async with Extents(connection) as extents:
        partitions = await extents.partitions(name)
        ends, stray_ends = await _quiet(extents, name, partitions)
        with written(path, Head(FORMAT_VERSION, application, partitions)) as file:
            for partition in range(partitions):
                found = await read_ledger(extents, connection, name, partition, end=ends[name, partition])
                check_partitions(provenance_of(found), partitions, connection.topic(name))
                state = read_back(found)
                for key, value in sorted(found.items()):
                    file.add(LedgerEntry(partition, key, value))
                begin = state.applied.get(f"{STRAYS}/{partition}", 0)
                strays = await _on_their_way(connection, application, partition, begin, stray_ends)
                for stray in strays:
                    file.add(stray)
                counts.update({"ledger": len(found), "stray": len(strays)})
                states.append(Folded(state.seq, state.clock_us, state.applied))
                progress(partition + 1, partitions)
            if not any(state.seq for state in states):
                raise StateError(f"the ledger {connection.topic(name)} is empty: there is nothing to export")
            file.end()
    return copied(application, states, counts)


async def _quiet(extents: Extents, name: str, partitions: int) -> tuple[dict[Place, int], dict[Place, int]]:
    """Return the ends of the ledger and of strays at a moment at which nothing is written to either."""
    ledger = [(name, partition) for partition in range(partitions)]
    strays = [(STRAYS, partition) for partition in range(partitions)]
    until_s = time.monotonic() + QUIET_WITHIN_S
    while time.monotonic() < until_s:
        before = await extents.tops(strays)
        ends, tops = await extents.ends(ledger), await extents.tops(ledger)
        if ends == tops and before == await extents.tops(strays):
            return ends, before
        await asyncio.sleep(0.02)
    raise StateError(
        f"for {QUIET_WITHIN_S:.0f} s there was no moment without a commit under way; stop the workers, export again, "
        "and start them: records wait meanwhile"
    )


async def _on_their_way(
    connection: Connection, application: str, partition: int, begin: int, ends: dict[Place, int]
) -> list[StrayEntry]:
    """Return the strays an application has passed on to a partition and not folded there: from ``begin`` on."""
    place = STRAYS, partition
    if begin >= ends[place]:
        return []
    return [
        StrayEntry(partition, record.timestamp, record.key, record.value, list(record.headers))
        async for _, record in read_up_to(connection, {place: ends[place]}, starts={place: begin})
        if read_stray(record).application == application
    ]
