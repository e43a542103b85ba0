"""The checker goes red when a guard is taken away: each in a worker of its own, by ``entry``, at a certain instant.

Beside each stands the same with the guard in place, which has to be exact: so it is the guard that holds.
"""

import random
import signal
from fractions import Fraction
from pathlib import Path

import pytest

from dcc_analytics.stream.kafka import Connection
from tests.crash.arena import Arena
from tests.crash.checker import differences
from tests.crash.feeds import PARTITIONS, Feed, sample_feed
from tests.worker_process import WorkerProcess, until

pytestmark = [pytest.mark.broker, pytest.mark.slow]

#: Commits of so many seconds: the first that folds has strays and dead letters in it.
SLOW = ("--commit-every", "3")
#: The first commits are those of the shards as they open.
FIRST_FOLDING = PARTITIONS + 1
#: Half of the sample before a worker starts, the other half some day at a time.
HALF_AND_DAYS = tuple(Fraction(each, 30) for each in range(15, 30))


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    return sample_feed(tmp_path_factory.mktemp("feed"), HALF_AND_DAYS)


async def test_counting_whatever_is_fetched_is_seen(connection: Connection, tmp_path: Path, feed: Feed) -> None:
    async with Arena(connection, tmp_path / "arena", feed, random.Random(1)) as arena:
        first = arena.start()
        await until(lambda: all(arena.committed().values()), "every partition to be folded")
        arena.kill(first)
        await arena.rest()
        second = arena.start(changes="without_applied")
        await until(lambda: len(second.folded()) == PARTITIONS and all(second.folded().values()), "folding again")
        assert any("records are there" in each for each in await settled(arena, connection))


@pytest.mark.parametrize("changes", ["", "read_before_fencing"])
async def test_reading_before_the_former_owner_is_shut_out_is_seen(
    connection: Connection, tmp_path: Path, feed: Feed, changes: str
) -> None:
    async with Arena(connection, tmp_path / "arena", feed, random.Random(1)) as arena:
        dies = f"commit.sent:stop:{FIRST_FOLDING},commit.committed:kill:{FIRST_FOLDING}"
        former = arena.start(*SLOW, fault=dies)
        await until(lambda: any(line.event == "fault" for line in former.lines()), "a transaction that is open")
        later = arena.start(changes=changes)
        sign = changes or "shard_open"
        await until(lambda: has_said(later, sign) == PARTITIONS, "another owner of all partitions")
        former.send(signal.SIGCONT)
        if changes:
            await arena.killed_itself(former)
        await until(lambda: len(later.folded()) == PARTITIONS, "shards that are open")
        await arena.rest()
        found = await settled(arena, connection)
        assert bool(changes) == bool(found), found


@pytest.mark.parametrize("changes", ["", "ledger_alone"])
async def test_committing_the_ledger_without_what_goes_out_is_seen(
    connection: Connection, tmp_path: Path, feed: Feed, changes: str
) -> None:
    async with Arena(connection, tmp_path / "arena", feed, random.Random(1)) as arena:
        killed = arena.start(*SLOW, fault=f"commit.sent:kill:{FIRST_FOLDING}", changes=changes)
        await arena.killed_itself(killed)
        await arena.rest()
        found = await settled(arena, connection)
        assert bool(changes) == bool(found), found


def has_said(worker: WorkerProcess, event: str) -> int:
    """Return of how many partitions a worker has logged an event."""
    return len({line.fields["partition"] for line in worker.lines() if line.event == event})


async def settled(arena: Arena, connection: Connection) -> list[str]:
    """Let a worker fold to the end; return the differences."""
    for worker in arena.alive:
        worker.send(signal.SIGTERM)
        await worker.ended()
    last = arena.start("--until-caught-up")
    assert await last.ended() == 0, last.said[-2000:]
    return await differences(arena.feed, connection)
