"""The real core without a broker: shards fed from an in-memory log, with fetches as large as the test likes.

Time is in the records alone: a test moves the clock by what it publishes, and nothing here waits. What a shard tells
the others is what its last commit told, as it is on Kafka: folding that was not committed has told nobody.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from dcc_analytics.aggregators.checkpoint import Checkpointer, delta_records, read_back
from dcc_analytics.aggregators.clocks import ShardClock
from dcc_analytics.aggregators.outgoing import DeadLetter
from dcc_analytics.aggregators.packed import Packer
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.stream.clock import horizon_us
from dcc_analytics.stream.estate import Version, Versions
from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.home import partition_of
from dcc_analytics.stream.strays import SOURCES, STRAYS


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record in the in-memory log."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]] = field(default_factory=list)


#: Its shards fold as.
APPLICATION = "dcca"


class MemoryEstate:
    """An estate in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, Versions] = {}
        self.left: dict[str, int] = {}
        self.unknown: dict[str, Versions] = {}

    def versions(self, device: str) -> Versions:
        return self.kept.get(device) or self.unknown.setdefault(device, Versions())

    def add(self, device: str, version: Version, *, stamp_us: int) -> None:
        known = self.versions(device)
        kept = [each for each in known if each.as_of_us != version.as_of_us]
        self.kept[device] = Versions(sorted([*kept, version], key=lambda each: each.as_of_us), known.looked_up_us)
        if self.kept[device][-1].facts is None:
            self.left[device] = self.kept[device][-1].as_of_us

    def remove(self, device: str, *, stamp_us: int) -> None:
        self.kept.pop(device, None)
        self.left[device] = stamp_us

    def left_before(self, instant_us: int) -> list[str]:
        back = [device for device in self.left if (held := self.versions(device)) and held[-1].facts is not None]
        for device in back:
            del self.left[device]
        return [device for device, left_us in self.left.items() if left_us < instant_us]

    def forget(self, devices: Iterable[str]) -> None:
        for device in devices:
            self.kept.pop(device, None)
            del self.left[device]


class Driver:
    """Topics, partitions and shards in one process; each step fetches a little of everything and folds it."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.log: dict[tuple[str, int], list[LogRecord]] = defaultdict(list)
        self.estates = [MemoryEstate() for _ in range(partitions)]
        self.shards = [Shard(p, partitions, ShardState(), self.estates[p], APPLICATION) for p in range(partitions)]
        self.dead_letters: list[DeadLetter] = []
        self.ledgers: list[dict[bytes, bytes]] = [{} for _ in range(partitions)]
        self._checkpointers = [Checkpointer() for _ in range(partitions)]
        self._packers = [Packer() for _ in range(partitions)]
        self._fetched: dict[tuple[str, int], int] = defaultdict(int)
        self._told: dict[int, ShardClock] = {}

    def publish(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        timestamp_ms: int,
        *,
        headers: tuple[tuple[str, bytes], ...] = (),
    ) -> tuple[int, int]:
        """Append a record where a producer would; return its partition and offset."""
        partition = 0
        if topic in (*SOURCES, DEVICES) and key is not None:
            partition = partition_of(key.decode("latin-1"), self.partitions)
        return partition, self._append(topic, partition, key, value, timestamp_ms, list(headers))

    def _append(  # noqa: PLR0917 (a record's parts)
        self, topic: str, partition: int, key: bytes | None, value: bytes | None, timestamp_ms: int,
        headers: list[tuple[str, bytes]],
    ) -> int:  # fmt: skip
        log = self.log[topic, partition]
        log.append(LogRecord(len(log), timestamp_ms, key, value, headers))
        return len(log) - 1

    def read_reference(self) -> None:
        """Read the reference topics to their end in every shard, and pass on what is not at home there."""
        for shard in self.shards:
            for topic in (DEVICES, "users", "incidents"):
                if topic == DEVICES or shard.partition == 0:
                    records = self.log[topic, shard.partition]
                    shard.fold_reference(Fetched(topic, shard.partition, 0, len(records), records, lambda: None))
            shard.reference_is_read()
            self.commit(shard)

    def commit(self, shard: Shard, *, checkpoint: bool = False) -> None:
        """Cut a shard's state into its ledger, and send out what goes out with it."""
        delta = shard.state.cut()
        checkpointer, ledger = self._checkpointers[shard.partition], self.ledgers[shard.partition]
        if checkpoint:
            records = list(checkpointer.records(shard.state))
            self._packers[shard.partition] = Packer()
        else:
            records = list(delta_records(delta, self._packers[shard.partition]))
            checkpointer.written(key for key, _ in records)
        for key, value in records:
            if value is None:
                ledger.pop(key, None)
            else:
                ledger[key] = value
        strays, dead_letters, _ = shard.take_outgoing()
        for stray in strays:
            key = stray.subject.encode()
            self._append(STRAYS, stray.home, key, stray.value, stray.timestamp_ms, stray.headers)
        self.dead_letters.extend(dead_letters)
        applied = {topic: clock.applied for topic, clock in shard.clocks.items()}
        self._told[shard.partition] = ShardClock(shard.state.clock_us, applied)

    def restart(self, partition: int, *, elsewhere: bool = False) -> None:
        """Kill a shard: what it has not committed is gone, and it is opened anew from its ledger.

        Args:
            partition: which.
            elsewhere: by a worker that has not had it before, on whose disk there is no estate of it.
        """
        if elsewhere:
            self.estates[partition] = MemoryEstate()
        self._checkpointers[partition], self._packers[partition] = Checkpointer(), Packer()
        state = read_back(dict(self.ledgers[partition]), self._checkpointers[partition])
        shard = self.shards[partition] = Shard(partition, self.partitions, state, self.estates[partition], APPLICATION)
        if elsewhere:
            records = self.log[DEVICES, partition]
            shard.fold_reference(Fetched(DEVICES, partition, 0, len(records), records, lambda: None))
        shard.reference_is_read()
        for topic in SOURCES:
            self._fetched[topic, partition] = shard.clocks[topic].applied

    def run(self, fetch: int = 500) -> None:
        """Fold everything there is, in fetches of so many records, until nothing moves."""
        self.read_reference()
        moved = True
        while moved:
            moved = False
            for shard in self.shards:
                moved |= self.step(shard, fetch)
            self.tell_horizon()
            moved |= any(shard.has_changes() for shard in self.shards)

    def tell_horizon(self) -> None:
        """Let every shard forget what all have passed; what was passed on to it counts as unread.

        As ``ClockBoard`` and ``Worker`` do it: by the clocks that commits have told, and the topics as they are now.
        """
        if len(self._told) < self.partitions:
            return
        least_us = horizon_us((told.clock_us, not self._unread(p, told)) for p, told in self._told.items())
        for shard in self.shards:
            for topic in SOURCES:
                shard.clocks[topic].end = len(self.log[topic, shard.partition])
            if shard.clocks[STRAYS].finished:
                shard.horizon(least_us)

    def _unread(self, partition: int, told: ShardClock) -> bool:
        return any(told.applied.get(topic, 0) < len(self.log[topic, partition]) for topic in SOURCES)

    def redeliver(self, partition: int, topic: str, back: int) -> bool:
        """Offer records again, from so many before those that come next; return whether they were taken."""
        log, begin = self.log[topic, partition], self._fetched[topic, partition] - back
        return begin >= 0 and self.shards[partition].offer(
            Fetched(topic, partition, begin, len(log), log[begin:], lambda: None)
        )

    def step(self, shard: Shard, fetch: int, *, commit: bool = True) -> bool:
        """Fetch, fold and commit once; return whether anything moved."""
        for topic in SOURCES:
            at = topic, shard.partition
            log, begin = self.log[at], self._fetched[at]
            shard.clocks[topic].end = len(log)
            if begin < len(log) and shard.waiting(topic) < fetch:
                end = min(len(log), begin + fetch)
                assert shard.offer(Fetched(topic, shard.partition, begin, end, log[begin:end], lambda: None))
                self._fetched[at] = end
        shard.advance(10**9)
        if not shard.has_changes():
            return False
        if commit:
            self.commit(shard)
        return True
