"""Collecting: what a month is made from, read from Kafka up to recorded offsets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.ledger import read_ledger
from dcc_analytics.aggregators.provenance import Before, check_partitions, merged, provenance_of
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.snapshot.devices_topic import DeviceRecords
from dcc_analytics.stream.clock import horizon_us
from dcc_analytics.stream.decode import decode_incident, decode_user, decoded
from dcc_analytics.stream.events import Incident, Rejected, UserEntry
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.fetched import Place, Record
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.reference import REFERENCE_TOPICS
from dcc_analytics.stream.strays import SOURCES
from dcc_analytics.stream.topics import ledger_name

E = TypeVar("E")

#: The maps of a shard a month is made from; the others, most of them, say what may still come for a record.
FROZEN_MAPS: Final = ("legs", "waiting", "held", "records", "reads", "audit", "audit_begun")


@dataclass(frozen=True, slots=True)
class Collected:
    """What a month is made from.

    Attributes:
        application: whose ledger it is.
        states: of all shards.
        clock_us: the stream's clock, as all shards together have it.
        devices: what that topic holds, in columns and on disk.
        incidents, users: what these topics hold, in log order.
        offsets: for each topic and partition the offset read (or folded) up to.
        behind: records that were there and not folded.
        before: applications the ledger was restored from, oldest first.
    """

    application: str
    states: list[ShardState]
    clock_us: int
    devices: DeviceRecords
    incidents: list[Incident]
    users: list[UserEntry]
    offsets: dict[str, dict[str, int]]
    behind: int
    before: list[Before] = field(default_factory=list)


async def collect(connection: Connection, application: str) -> Collected:
    """Read the ledger and the reference topics.

    Raises:
        SnapshotError: nothing was folded yet, or Device records can't be kept on disk.
        StateError: the ledger is damaged, or folded by another number of partitions.
        TopicError: a topic is missing.
    """
    ledger = ledger_name(application)
    async with Extents(connection) as extents:
        partitions = await extents.partitions(ledger)
        states, said = [], []
        for partition in range(partitions):
            ledger_records = await read_ledger(extents, connection, ledger, partition)
            said.append(provenance_of(ledger_records))
            check_partitions(said[-1], partitions, connection.topic(ledger))
            states.append(read_back(ledger_records, maps=FROZEN_MAPS))
            del ledger_records  # or it stands beside the next
        if not any(state.seq for state in states):
            topic = connection.topic(ledger)
            raise SnapshotError(f"the ledger {topic} is empty: run `dcca worker` for this --application first")
        tops = await extents.tops((topic, partition) for topic in SOURCES for partition in range(partitions))
        reference = await extents.ends(
            [(name, p) for name in REFERENCE_TOPICS for p in range(await extents.partitions(name))]
        )
    devices = DeviceRecords(sum(name == DEVICES for name, _ in reference))
    records = await _reference(connection, reference, devices)
    offsets: dict[str, dict[str, int]] = {}
    for (name, partition), end in reference.items():
        offsets.setdefault(name, {})[str(partition)] = end
    behind = 0
    shards = []
    for partition, state in enumerate(states):
        left = sum(tops[topic, partition] - state.applied.get(f"{topic}/{partition}", 0) for topic in SOURCES)
        behind += left
        shards.append((state.clock_us, left <= 0))
        for name, offset in state.applied.items():
            topic, number = name.split("/")
            offsets.setdefault(topic, {})[number] = max(offset, offsets.get(topic, {}).get(number, 0))
    return Collected(
        application,
        states,
        horizon_us(shards),
        devices,
        standing_events(records["incidents"], decode_incident),
        standing_events(records["users"], decode_user),
        {topic: dict(sorted(by.items())) for topic, by in sorted(offsets.items())},
        behind,
        merged(said),
    )


async def _reference(connection: Connection, ends: dict[Place, int], devices: DeviceRecords) -> dict[str, list[Record]]:
    """Return all records of the reference topics, up to these ends; Devices are taken one by one, not kept."""
    records: dict[str, list[Record]] = {name: [] for name in REFERENCE_TOPICS if name != DEVICES}
    async for (name, partition), record in read_up_to(connection, ends):
        if name == DEVICES:
            devices.take(partition, record)
        else:
            records[name].append(record)
    return records


def standing_events(records: Sequence[Record], decoder: Callable[[bytes], E]) -> list[E]:
    """Return what records of a compacted topic hold: a null value removes what its key held before."""
    held: dict[bytes | None, list[E]] = {}
    for record in records:
        if record.value is None:
            held.pop(record.key, None)
            continue
        event = decoded(decoder, record.value)
        if not isinstance(event, Rejected):
            held.setdefault(record.key, []).append(event)
    return [event for events in held.values() for event in events]
