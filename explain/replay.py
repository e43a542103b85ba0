"""The fold done again over retained records, up to the offsets of a pack. Pure: the caller fetches.

It needs two readings. The first finds what concerns the row; the second folds that, in step of the clocks, with no
more waiting in memory than a few fetches of each topic.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.explain.concern import Concern
from dcc_analytics.explain.devices import DevicesRead
from dcc_analytics.explain.stories import AlertStory, Position, Story
from dcc_analytics.explain.trace import TracedEstate, TracedShard
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.stream.clock import horizon_us
from dcc_analytics.stream.decode import decode_device, decoded
from dcc_analytics.stream.duis import decoded_record
from dcc_analytics.stream.estate import UNKNOWN_FACTS, Facts, holding_at
from dcc_analytics.stream.events import DeviceVersion, Rejected
from dcc_analytics.stream.fetched import Fetched, Place, Record
from dcc_analytics.stream.strays import SOURCES, STRAYS

#: Records of a topic-partition that wait before no more of it are fetched.
ENOUGH: Final = 5_000


def note_all(concern: Concern, topic: str, records: Iterable[Record]) -> None:
    """Take records of the first reading into a concern."""
    for record in records:
        event = _device_version(record) if topic == DEVICES else decoded_record(topic, record)
        if not isinstance(event, Rejected):
            concern.note(event)


def _device_version(record: Record) -> DeviceVersion | Rejected:
    return Rejected("a removal says nothing") if record.value is None else decoded(decode_device, record.value)


class Folded(NamedTuple):
    """What concerns a row, folded again.

    Attributes:
        stories, alerts: of the legs and of the Alerts that count.
        devices: the Devices as a snapshot sees them.
        directory: whose Users are.
        replay: the fold, for what was known of Devices in it.
    """

    stories: list[Story]
    alerts: list[AlertStory]
    devices: DevicesRead
    directory: Directory
    replay: "Replay"


class Replay:
    """Shards that fold a month again, traced.

    Attributes:
        partitions: of the source topics.
        estate: what the fold knows of Devices.
        devices: what a snapshot knows of them.
        shards: that fold.

    Invariant: nothing at or after ``ends`` is folded.
    """

    def __init__(
        self, partitions: int, concern: Concern, *, starts: Mapping[Place, int], ends: Mapping[Place, int],
        clock_us: int, application: str | None = None,
    ) -> None:  # fmt: skip
        """Fold again what a snapshot has seen.

        Args:
            partitions: of the source topics.
            concern: after the first reading.
            starts: first retained offset by topic and partition.
            ends: the offsets of the pack.
            clock_us: the stream's clock of the pack.
            application: whose strays were folded; every one's when None.
        """
        self.partitions = partitions
        self.estate = TracedEstate(concern)
        self.devices = DevicesRead(concern, partitions)
        self.shards = [
            TracedShard(partition, partitions, concern, self.estate, application) for partition in range(partitions)
        ]
        self._clock_us = clock_us
        self._next: dict[Place, int] = {}
        for shard in self.shards:
            for topic, clock in shard.clocks.items():
                clock.end = ends.get((topic, shard.partition), 0)
                clock.applied = min(starts.get((topic, shard.partition), 0), clock.end)
                self._next[topic, shard.partition] = clock.applied

    def take_devices(self, partition: int, records: Iterable[Record]) -> None:
        """Take in Device records; all of them before the first event."""
        for record in records:
            self.devices.take(partition, record)
            fetched = Fetched(DEVICES, partition, record.offset, record.offset + 1, [record], lambda: None)
            self.shards[partition].fold_reference(fetched)

    def hungry(self) -> list[Place]:
        """Return the topic-partitions of which more is to be fetched."""
        return [
            (topic, shard.partition)
            for shard in self.shards
            for topic in SOURCES
            if not shard.clocks[topic].finished and shard.waiting(topic) < ENOUGH
        ]

    def expects(self, place: Place) -> int:
        """Return the offset at which the next fetch of a topic-partition begins."""
        return self._next[place]

    def offer(self, fetched: Fetched) -> None:
        """Take fetched records, those after the end left out."""
        shard = self.shards[fetched.partition]
        end = shard.clocks[fetched.topic].end
        records = [record for record in fetched.records if record.offset < end]
        after = min(fetched.next_position, end)
        shard.offer(Fetched(fetched.topic, fetched.partition, fetched.position, after, records, lambda: None))
        self._next[fetched.topic, fetched.partition] = after

    def advance(self) -> int:
        """Fold what may be folded now; return how many records were."""
        done = 0
        for shard in self.shards:
            done += shard.advance(1 << 40)
            shard.take_outgoing()  # what was passed on is read from ``strays``, where it is
        clocks = [(shard.state.clock_us, shard.finished) for shard in self.shards]
        least_us = min(horizon_us(clocks), self._clock_us)
        for shard in self.shards:
            if shard.clocks[STRAYS].finished:
                shard.horizon(least_us)
        return done

    @property
    def finished(self) -> bool:
        """Whether everything up to the ends was folded."""
        return all(shard.finished for shard in self.shards)

    def facts_at(self, device: str | None, at_us: int) -> Facts:
        """Return a Device's facts at an instant."""
        version = None if device is None else holding_at(self.estate.versions(device), at_us)
        return UNKNOWN_FACTS if version is None or version.facts is None else version.facts

    def read_at(self, device: str | None, at_us: int) -> tuple[Position, int] | None:
        """Return where the version of a Device that holds at an instant was read, and from when it holds."""
        return self.estate.read_at(device, at_us)

    def folded(self, before_us: int, directory: Directory) -> Folded:
        """Return what was folded, and how the legs count that start before an instant and are held still."""
        stories = [story for shard in self.shards for story in shard.stories(self._clock_us, before_us)]
        alerts = [story for shard in self.shards for story in shard.trace.alerts]
        return Folded(stories, alerts, self.devices, directory, self)
