"""What drains a backlog is killed once on the way, started again on the folder it had, and what it counted compared.

Each commits, or takes a checkpoint, every second; the kill falls between two.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TypeAlias

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from bench.figures import Figure, PartFailedError
from bench.killable import Killable
from bench.processes import PATIENCE_S, keep_to_the_core, last_line
from bench.run import say
from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.kafka import Connection

#: It is killed so far into the interval after the commit that has brought it to half of the events.
INTO_THE_INTERVAL: Final = 0.4
_ASK_EVERY_S: Final = 0.05

Rows: TypeAlias = Counter[tuple[str, ...]]
"""What is counted, by what it is counted by."""


class Victim(Protocol):
    """What is killed.

    Attributes:
        program: it is started by.
        commits_every_s: it commits about as often.
    """

    program: str | Path
    commits_every_s: float

    def arguments(self, left: int) -> list[str]:
        """Return the program's arguments; it ends when all is counted, of which so many events are left."""

    async def committed(self, said: Sequence[str]) -> int:
        """Return how many events are committed, by Kafka or by what it has said each time it was started."""

    async def counted(self, said: str) -> Rows:
        """Return what it has counted, now that it has ended; ``said`` since it was started again."""


class Killed(NamedTuple):
    """What came of it.

    Attributes:
        committed: events that were committed when it was killed.
        again_s: seconds from its kill to its next commit.
        rows: it has counted.
    """

    committed: int
    again_s: float
    rows: Rows


class Compared(NamedTuple):
    """What was counted beside what should have been.

    Attributes:
        rows: there should be, or are.
        right: with the count there should be.
        too_high, too_low: with another, or of all rows that should be one.
        doubled, lost: by how much in all.
    """

    rows: int
    right: int
    too_high: int
    too_low: int
    doubled: int
    lost: int


def compared(expected: Rows, found: Rows) -> Compared:
    """Compare row by row, so that a loss in one does not hide what another has twice.

    >>> compared(Counter({("A",): 3, ("B",): 2, ("C",): 1}), Counter({("A",): 2, ("B",): 2, ("D",): 4}))
    Compared(rows=4, right=1, too_high=1, too_low=2, doubled=4, lost=2)
    """
    off = [found[row] - expected[row] for row in expected.keys() | found.keys()]
    high, low = [each for each in off if each > 0], [-each for each in off if each < 0]
    return Compared(len(off), len(off) - len(high) - len(low), len(high), len(low), sum(high), sum(low))


def figures(part: str, events: int, expected: Rows, killed: Killed) -> Iterator[Figure]:
    """Yield the figures of a part."""
    found = compared(expected, killed.rows)
    say(f"{part}: {found.right} of {found.rows} rows right, {found.lost} lost, {found.doubled} doubled")
    yield Figure(part, "events", events, "events")
    yield Figure(part, "committed when killed", 100 * killed.committed / events, "% of events")
    yield Figure(part, "commits again after", killed.again_s, "s")
    yield Figure(part, "rows", found.rows, "rows")
    yield Figure(part, "rows right", found.right, "rows")
    yield Figure(part, "rows too high", found.too_high, "rows")
    yield Figure(part, "rows too low", found.too_low, "rows")
    yield Figure(part, "doubled", found.doubled, "counts")
    yield Figure(part, "lost", found.lost, "counts")


async def killed_once(victim: Victim, events: int, folder: Path) -> Killed:
    """Kill it at about half of the events, start it again, and return what came of it when all is counted.

    Args:
        victim: what.
        events: there are.
        folder: for what it says.

    Raises:
        PartFailedError: it failed, has counted all before it could be killed, or does not end.
    """
    with ExitStack() as open_until_done:
        first = _begun(victim, events, folder / "first.log", open_until_done)
        await _until_committed(victim, [first], events / 2)
        await asyncio.sleep(INTO_THE_INTERVAL * victim.commits_every_s)
        if first.runs:
            await asyncio.to_thread(first.kill)
        killed_s = time.monotonic()
        committed = await victim.committed([first.said])
        if first.code == 0 or committed >= events:
            raise PartFailedError("all events were committed before it was killed; take more --events")
        again = _begun(victim, events - committed, folder / "again.log", open_until_done)
        await _until_committed(victim, [first, again], committed + 1)
        again_s = time.monotonic() - killed_s
        await asyncio.to_thread(again.wait, PATIENCE_S)
        if again.code != 0:
            raise PartFailedError(f"it ended with code {again.code} after it was killed: {last_line(again.said)}")
        return Killed(committed, again_s, await victim.counted(again.said))


def _begun(victim: Victim, left: int, log: Path, open_until_done: ExitStack) -> Killable:
    log.parent.mkdir(parents=True, exist_ok=True)
    process = Killable(victim.arguments(left), log, program=victim.program, before=keep_to_the_core)
    open_until_done.callback(process.end)
    return process


async def _until_committed(victim: Victim, processes: Sequence[Killable], events: float) -> None:
    """Wait until so many events are committed, by the last of these processes or one before.

    Raises:
        PartFailedError: the last has ended with an error, or does not get there.
    """
    last, deadline_s = processes[-1], time.monotonic() + PATIENCE_S
    while True:
        ended = not last.runs  # asked first: what it has committed is then all
        if await victim.committed([each.said for each in processes]) >= events:
            return
        if ended or time.monotonic() > deadline_s:
            raise PartFailedError(f"it has not committed {events:.0f} events: {last_line(last.said)}")
        await asyncio.sleep(_ASK_EVERY_S)


async def committed_by_group(connection: Connection, group: str) -> int:
    """Return how many records of the event topics a group has committed."""
    topics = {connection.topic(topic) for topic in DECODERS}
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    except KafkaError:  # there is no such group yet, or its coordinator is just being found
        return 0
    finally:
        await admin.close()
    return sum(max(found.offset, 0) for tp, found in offsets.items() if tp.topic in topics)
