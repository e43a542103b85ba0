"""What lies in the topics that hold whole records of the feed: dead letters and strays, judged by their rules."""

from typing import Final

from aiokafka.admin import AIOKafkaAdminClient

from dcc_analytics.catalogue.retention import RETENTION, Found
from dcc_analytics.stream.decode import decode_device, decoded
from dcc_analytics.stream.events import DeviceVersion
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.home import partition_of
from dcc_analytics.stream.instants import US_PER_MS
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.own_topics import started_admin
from dcc_analytics.stream.retention import FOR_EVER, kept_ms
from dcc_analytics.stream.strays import STRAYS
from dcc_analytics.stream.topics import DEAD_LETTERS

_DEVICES: Final = "devices"
_FOR_EVER: Final = {
    STRAYS: "it was made with --keep-recorded, for recorded events: set its retention.ms for a feed",
    DEAD_LETTERS: "run `dcca topics create`, which has them kept by the rule",
}
_TOO_OLD: Final = "Kafka has not deleted them: see to retention.ms and segment.ms of the topic, and to the brokers"


async def held_records(connection: Connection, *, device: str | None, now_ms: int) -> list[Found]:
    """Return what lies in the topics of dead letters and of strays.

    Args:
        connection: how to reach Kafka.
        device: looked for besides.
        now_ms: by which they are judged.

    Raises:
        TopicError: one of them is missing.
    """
    admin = await started_admin(connection)
    try:
        return [await _lying(connection, admin, name, device, now_ms) for name in (DEAD_LETTERS, STRAYS)]
    finally:
        await admin.close()


async def _lying(
    connection: Connection, admin: AIOKafkaAdminClient, name: str, device: str | None, now_ms: int
) -> Found:
    rule, topic = RETENTION[name], connection.topic(name)
    for_ms = (rule.kept.us or 0) // US_PER_MS
    async with Extents(connection) as extents:
        places = [(name, partition) for partition in range(await extents.partitions(name))]
        tops = await extents.tops(places)
    entries = beyond = of_device = until_ms = 0
    oldest_ms: int | None = None
    newest_ms = dict.fromkeys(places, 0)
    async for place, record in read_up_to(connection, tops, uncommitted=True):
        # One that was late when it came stays as long as those that came with it: segments go as wholes.
        newest_ms[place] = since_ms = max(newest_ms[place], record.timestamp)
        entries += 1
        oldest_ms = since_ms if oldest_ms is None else min(oldest_ms, since_ms)
        beyond += since_ms + for_ms <= now_ms
        if device is not None and holds(record, device):
            of_device += 1
            until_ms = max(until_ms, since_ms + for_ms)
    endless = await kept_ms(admin, topic) == FOR_EVER
    why = _FOR_EVER[name] if endless else _TOO_OLD if beyond else ""
    until_us = until_ms * US_PER_MS if of_device and not endless else None
    oldest_us = None if oldest_ms is None else oldest_ms * US_PER_MS
    return Found(rule, topic, entries, oldest_us, beyond, why, of_device, until_us)


def holds(record: Record, device: str) -> bool:
    """Return whether a record holds a Device's id in key or value, in any case."""
    wanted = device.encode().upper()
    return any(wanted in (part or b"").upper() for part in (record.key, record.value))


async def records_of_inventory(connection: Connection, device: str) -> tuple[int, bool]:
    """Return how many records of a Device lie in ``devices``, and whether the newest of them says that it is there.

    Only the partition is read in which it is at home.

    Raises:
        TopicError: there is no such topic.
    """
    async with Extents(connection) as extents:
        place = _DEVICES, partition_of(device, await extents.partitions(_DEVICES))
        tops = await extents.tops([place])
    count, there = 0, False
    async for _, record in read_up_to(connection, tops):
        if (record.key or b"").upper() == device.encode():
            count += 1
            event = None if record.value is None else decoded(decode_device, record.value)
            there = isinstance(event, DeviceVersion) and not event.removed
    return count, there
