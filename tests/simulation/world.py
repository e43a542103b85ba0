"""The world: a broker, two workers and a group, of which anything may go wrong between any two points, by chance.

A run brings a feed in while it does, then mends everything, reads to the end, and compares with the figures of the
same feed read in one go. Whatever happens follows from the seed.
"""

from collections import Counter
from random import Random
from typing import Final, NamedTuple

from dcc_analytics.aggregators.delta import DELTA, HEAD, Delta, Head
from dcc_analytics.aggregators.packed import Unpacker
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.stream.home import partition_of
from dcc_analytics.stream.strays import SOURCES
from tests.driver import LogRecord
from tests.properties.feeds import Coming, Message, directory, tick
from tests.simulation.broker import Broker
from tests.simulation.clients import GOES, SLEEPS
from tests.simulation.figures import SETTLED_US
from tests.simulation.process import APPLICATION, LEDGER, Activity, Process

#: Rounds after which a world without faults must have come to rest.
PATIENCE: Final = 300


class WrongError(Exception):
    """The world is not as it must be."""


class Parts(NamedTuple):
    """What a world is made of; mutated ones show that it sees what it is there to see."""

    broker: type[Broker] = Broker
    process: type[Process] = Process


class World:
    """A broker, workers and their group.

    Invariants, checked after every commit:
        A partition's commits follow each other without gap, and ``applied`` moves back in none of them.
    """

    def __init__(self, feed: tuple[Message, ...], chance: Random, parts: Parts = Parts()) -> None:  # noqa: B008
        self.chance = chance
        self.partitions = chance.randint(1, 3)
        self.broker = parts.broker()
        checkpoint_bytes = chance.choice([0, 4_000, 1 << 40])
        self.processes = [parts.process(self.broker, self.partitions, checkpoint_bytes) for _ in range(2)]
        self.owners = {p: chance.choice(self.processes) for p in range(self.partitions)}
        self.coming = Coming(list(feed))
        self.diary: Counter[str] = Counter()
        self.points = 0
        self._seen = dict.fromkeys(range(self.partitions), 0)
        self._unpackers = {partition: Unpacker() for partition in range(self.partitions)}
        self._applied: dict[int, tuple[int, dict[str, int]]] = {p: (0, {}) for p in range(self.partitions)}
        for message in directory():
            self.publish(message)
        self.tell_owners()

    def close(self) -> None:
        """End what is under way, while the clients are still those of the simulation."""
        for process in self.processes:
            process.end()

    def publish(self, message: Message, partition: int | None = None) -> None:
        """Publish a record where a producer would, or in a partition."""
        if partition is None:
            shared = message.topic in {*SOURCES, DEVICES}
            partition = partition_of(message.key.decode("latin-1"), self.partitions) if shared else 0
        record = LogRecord(0, message.stamp_us // 1000, message.key, message.value)
        self.broker.publish((message.topic, partition), record)

    # -- what the group and the machines do ----------------------------------------------------------------

    def tell_owners(self) -> None:
        """Tell every process that listens what is its own."""
        for process in self.processes:
            if not process.paused:
                process.learn({p for p, owner in self.owners.items() if owner is process})

    def give(self, partition: int, process: Process, *, told: bool) -> None:
        """Give a partition to a process; the one that has it learns of that at once if it is ``told``."""
        self.owners[partition] = process
        process.believes = process.believes | {partition}
        if told:
            self.tell_owners()

    def crash(self, process: Process, *, lose_disk: bool) -> None:
        """End a process; it starts again at once and the group deals its partitions anew."""
        under_way = [f"{activity.name}: {activity.point}" for activity in process.activities]
        self.diary.update(f"crash before {each}" for each in under_way or ["anything"])
        process.crash(lose_disk=lose_disk)
        for partition, owner in self.owners.items():
            if owner is process:
                self.owners[partition] = self.chance.choice(self.processes)
        process.learn({p for p, owner in self.owners.items() if owner is process})

    def go_on(self, process: Process, activity: Activity, happens: str = GOES) -> None:
        """Let an activity go on, and look at what was committed."""
        self.points += 1
        self.diary[f"{happens}: {activity.name}: {activity.point}"] += 1
        ended = process.go_on(activity, happens)
        if ended:
            self.diary[f"{activity.name} ends by {ended}"] += 1
        for partition in activity.partitions:
            self.look_at_commits(partition)

    def compact(self, partition: int) -> None:
        """Compact a ledger, unless it is being read: ``min.compaction.lag.ms`` is longer than a read may take."""
        reading = any(each.name in {"open", "keep up"} for process in self.processes for each in process.activities)
        if not reading:
            self.broker.partitions[LEDGER, partition].compact()

    def expire(self, partition: int) -> None:
        """Let the broker end a shard's transaction that was left open, and shut its producer out."""
        self.broker.initialise(f"{APPLICATION}-{partition}")

    def look_at_commits(self, partition: int) -> None:
        """See that what was committed follows what was before.

        Raises:
            WrongError: it does not.
        """
        log = self.broker.partitions[LEDGER, partition]
        records, self._seen[partition] = log.read(self._seen[partition], log.top)
        for record in records:
            if record.value is None or record.key is None or record.key[:1] not in {b"d", b"h"}:
                continue
            commit = self._read(partition, record.key, record.value)
            seq, applied = self._applied[partition]
            back = [name for name, offset in applied.items() if commit.applied.get(name, 0) < offset]
            if commit.seq != seq + 1 or back:
                raise WrongError(f"partition {partition}: commit {commit.seq} after {seq}, back in {back}")
            self._applied[partition] = commit.seq, commit.applied

    def _read(self, partition: int, key: bytes, value: bytes) -> Delta | Head:
        """Return a commit: a delta in one piece, or what a checkpoint begins with."""
        if key == b"h":
            head: Head = HEAD.read(value)
            return head
        unpacked = self._unpackers[partition].value(int(key.split(b"|")[1]), value)
        if unpacked is None:
            raise WrongError(f"partition {partition}: {key.decode()} is packed by what is not there")
        delta: Delta = DELTA.read(unpacked)
        return delta

    # -- coming to rest ------------------------------------------------------------------------------------

    def calm(self, coming: list[Message]) -> None:
        """Mend everything, let records come in, and read all there is until nothing moves.

        Raises:
            WrongError: it does not come to rest.
        """
        for process in self.processes:
            process.paused = False
        for message in coming:
            self.publish(message)
        for _ in range(PATIENCE):
            self.tell_owners()
            before = dict(self._applied)
            for process in self.processes:
                self._calm_round(process)
            if before == self._applied and all(self._idle(partition) for partition in range(self.partitions)):
                return
        raise WrongError(f"not at rest after {PATIENCE} rounds: {self._applied}")

    def _calm_round(self, process: Process) -> None:
        process.open_believed()
        self._finish(process)
        process.start_keep_up()
        self._finish(process)
        process.fetch(20, 40)
        while process.in_flight:
            process.deliver()
        for runner in list(process.runners.values()):
            if runner.shard is not None:
                runner.shard.advance(10**9)
                process.start_commit(runner)
        self._finish(process)

    def _finish(self, process: Process) -> None:
        while process.activities:
            activity = process.activities[0]
            if activity.point == SLEEPS:  # until the broker ends a transaction that its owner has left open
                for partition in activity.partitions:
                    self.expire(partition)
            self.go_on(process, activity)
        for transactional_id in self.broker.unmarked():
            self.broker.write_markers(transactional_id)
        for partition in range(self.partitions):
            self.look_at_commits(partition)

    def _idle(self, partition: int) -> bool:
        """Return whether the owner of a partition has read all that is there, and committed all that it read."""
        runner = self.owners[partition].runners.get(partition)
        if runner is None or runner.shard is None or runner.shard.has_work():
            return False
        tops = {topic: self.broker.partitions[topic, partition].top for topic in SOURCES}
        return all(tops[topic] == clock.applied for topic, clock in runner.shard.clocks.items())

    def settle(self) -> None:
        """Come to rest, let time pass until all is settled, and come to rest again."""
        self.calm(self.coming.rest())
        for partition in range(self.partitions):
            self.publish(tick(partition, SETTLED_US), partition)
        self.calm([])
