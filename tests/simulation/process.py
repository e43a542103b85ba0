"""A worker process: the product's runners with what ``Worker`` and the transport do around them, step by step.

What is mirrored rather than run, since it is asyncio's and Faust's:
    ``Worker``: shards are opened together and fed when all are open; whatever fails closes the shard, which is opened
    anew while it is believed to be ours; fetches of a shard that is not open are dropped; the horizon is told once
    the strays there were are folded.
    ``BatchConsumer``: a partition is fetched only after it was sought, and each fetch begins where the last ended.
"""

from collections import deque
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

from aiokafka.errors import KafkaError

from dcc_analytics.aggregators.clocks import ClockBoard
from dcc_analytics.aggregators.ledger import FencedError
from dcc_analytics.aggregators.runner import ShardRunner, WorkerSettings
from dcc_analytics.stream.estate import Versions
from dcc_analytics.stream.fetched import Fetched, Record
from dcc_analytics.stream.strays import SOURCES, STRAYS
from tests.driver import MemoryEstate
from tests.simulation.broker import Broker, Place
from tests.simulation.clients import GOES, Clients, KnownExtents, Point

APPLICATION: Final = "simulated"
LEDGER: Final = f"{APPLICATION}-ledger"

#: What is on a disk: by partition the offset up to which it was written, and what was written.
Disk = dict[int, tuple[int, dict[str, Versions], dict[str, int]]]


class DiskEstate(MemoryEstate):
    """An estate whose writes, and nothing else, outlive the process."""

    def __init__(self, disk: Disk, partition: int) -> None:
        super().__init__()
        self._disk = disk
        self._partition = partition
        self.next_offset, kept, left = disk.get(partition, (0, {}, {}))
        self.kept, self.left = dict(kept), dict(left)

    def write(self, next_offset: int, *, horizon_us: int = 0) -> None:
        """Write all at once, as RocksDB's batch does."""
        self.next_offset = next_offset
        self._disk[self._partition] = next_offset, dict(self.kept), dict(self.left)

    def close(self) -> None:
        """Close."""


class Runner(ShardRunner):
    """The product's runner, over an estate in memory."""

    disk: Disk
    group_offsets: dict[Place, int]

    async def _open_estate(self) -> Any:  # noqa: ANN401 (stands for an EstateStore)
        return DiskEstate(self.disk, self.partition)


class Activity:
    """A coroutine of a process on its way from point to point."""

    def __init__(self, name: str, coroutine: Coroutine[Any, Any, None], partitions: frozenset[int]) -> None:
        self.name = name
        self.partitions = partitions
        self.done = False
        self.point = ""
        self._coroutine = coroutine

    def step(self, happens: str = GOES) -> None:
        """Go on to the next point.

        Raises:
            FencedError, KafkaError: the product gave up here.
        """
        try:
            point: Point = self._coroutine.send(happens if self.point else None)
            self.point = point.name
        except BaseException:
            self.done = True
            raise

    def drop(self) -> None:
        """Go on no more."""
        self.done = True
        self._coroutine.close()


class Process:
    """A worker process; ``crash`` and it is as good as new, with its disk."""

    runner_class: type[Runner] = Runner

    def __init__(self, broker: Broker, partitions: int, checkpoint_bytes: int) -> None:
        self.broker = broker
        self.partitions = partitions
        self.disk: Disk = {}
        self.believes: set[int] = set()
        self.paused = False
        self._clients = Clients(broker)
        self._extents = KnownExtents(self._clients, partitions)
        self._settings = WorkerSettings(APPLICATION, Path(), checkpoint_bytes=checkpoint_bytes)
        self._begin()

    def _begin(self) -> None:
        self.runners: dict[int, Runner] = {}
        self.positions: dict[Place, int] = {}
        self.in_flight: deque[Fetched] = deque()
        self.activities: list[Activity] = []
        self._board = ClockBoard(self._clients, APPLICATION, self.partitions)  # type: ignore[arg-type]
        _finish(self._board.__aenter__())

    def crash(self, *, lose_disk: bool) -> None:
        """Lose everything but, unless it is lost too, the disk."""
        self.end()
        if lose_disk:
            self.disk.clear()
        self.paused = False
        self._begin()

    def end(self) -> None:
        """Go on with nothing."""
        for activity in self.activities:
            activity.drop()

    # -- activities ----------------------------------------------------------------------------------------

    def busy(self, partition: int) -> bool:
        """Return whether anything is under way for a shard."""
        return any(partition in each.partitions for each in self.activities)

    def go_on(self, activity: Activity, happens: str = GOES) -> str:
        """Let an activity go on to its next point; close what it fails for, and return the name of the error."""
        ended = ""
        try:
            activity.step(happens)
        except StopIteration:
            pass
        except (FencedError, KafkaError) as error:
            ended = type(error).__name__
            self.fail(activity.partitions)
        self.activities = [each for each in self.activities if not each.done]
        return ended

    def fail(self, partitions: frozenset[int]) -> None:
        """Close the shards for which something failed."""
        for partition in partitions:
            self.let_go(partition)

    def _start(self, name: str, coroutine: Coroutine[Any, Any, Any], partitions: set[int]) -> None:
        activity = Activity(name, coroutine, frozenset(partitions))
        self.activities.append(activity)
        self.go_on(activity)

    def open_believed(self) -> None:
        """Open what is believed to be ours and is neither open nor being opened, nor has fetches on their way."""
        late = {each.partition for each in self.in_flight}
        wanted = {p for p in self.believes - set(self.runners) - late if not self.busy(p)}
        if wanted:
            self._start("open", self._open(sorted(wanted)), wanted)

    async def _open(self, partitions: list[int]) -> None:
        runners = [
            self.runner_class(p, self.partitions, self._clients, self._settings, self._extents)  # type: ignore[arg-type]
            for p in partitions
        ]
        for runner in runners:
            runner.disk, runner.group_offsets = self.disk, self.broker.group_offsets
            await runner.open()
        async with ClockBoard(self._clients, APPLICATION, self.partitions) as board:  # type: ignore[arg-type]
            told = await board.told(self._extents)
        for runner in runners:
            offsets = await runner.begin(told.get(runner.partition))
            self.runners[runner.partition] = runner
            self.positions.update({(topic, runner.partition): offset for topic, offset in offsets.items()})
            for topic, offset in offsets.items():
                self._acknowledge((topic, runner.partition), offset)

    def start_commit(self, runner: Runner) -> None:
        """Begin a commit, if none is under way and there is anything to commit."""
        if runner.shard is not None and runner.shard.has_changes() and not self.busy(runner.partition):
            self._start("commit", runner.commit(), {runner.partition})

    def start_keep_up(self) -> None:
        """Begin to take in what is new."""
        if not any(each.name == "keep up" for each in self.activities):
            self._start("keep up", self._keep_up(), set())

    async def _keep_up(self) -> None:
        horizon_us = await self._board.horizon_us(self._extents)
        tops = await self._extents.tops([(STRAYS, partition) for partition in self.runners])
        for (_, partition), top in tops.items():
            runner = self.runners.get(partition)
            if runner is None:
                continue
            await runner.follow_reference()
            shard = runner.shard
            if horizon_us is not None and shard is not None and shard.clocks[STRAYS].applied >= top:
                shard.horizon(horizon_us)

    def let_go(self, partition: int) -> None:
        """Close a shard uncommitted, with what is under way for it and the shards that are opened with it."""
        partitions = {partition}
        for activity in self.activities:
            if partition in activity.partitions:
                activity.drop()
                partitions |= activity.partitions
        self.activities = [each for each in self.activities if not each.done]
        for each in partitions:
            runner = self.runners.pop(each, None)
            if runner is not None:
                runner.shard = None
            for topic in SOURCES:
                self.positions.pop((topic, each), None)

    def learn(self, owned: set[int]) -> None:
        """Learn from the group what is ours."""
        for partition in self.believes - owned:
            self.let_go(partition)
        self.believes = set(owned)

    # -- records -------------------------------------------------------------------------------------------

    def fetch(self, most: int, waiting: int) -> None:
        """Fetch at most so many records of each topic-partition of which fewer than ``waiting`` wait."""
        wanted = [
            (place, runner.shard)
            for place in self.positions
            if (runner := self.runners.get(place[1])) and runner.shard and runner.shard.waiting(place[0]) < waiting
        ]
        for place, shard in wanted:
            clock = shard.clocks[place[0]]
            clock.end = max(clock.end, self.broker.partitions[place].end)
        for place, _ in wanted:
            position = self.positions[place]
            records, after = self.broker.partitions[place].read(position, most)
            if after > position:
                self.positions[place] = after
                self.in_flight.append(self.fetched(place, position, after, records))

    def fetched(self, place: Place, position: int, after: int, records: Sequence[Record]) -> Fetched:
        """Return a fetch as the transport hands it over."""
        return Fetched(*place, position, after, records, lambda: self._acknowledge(place, after))

    def _acknowledge(self, place: Place, offset: int) -> None:
        self.broker.group_offsets[place] = offset

    def deliver(self) -> None:
        """Hand over what was fetched first."""
        if self.in_flight:
            self.take(self.in_flight.popleft())

    def take(self, fetched: Fetched) -> bool:
        """Take fetched records, if their shard is open and they go on where it is."""
        runner = self.runners.get(fetched.partition)
        return runner is not None and runner.shard is not None and runner.shard.offer(fetched)


def _finish(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Run a coroutine that says nothing to the broker."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise RuntimeError("a point was not expected here")
