"""What can happen to what the broker keeps for workers: the offsets of their group, the topic of their ledger."""

import asyncio
import time
from functools import partial
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.owner import SESSION_TIMEOUT_S
from dcc_analytics.stream.strays import SOURCES
from dcc_analytics.stream.topics import ledger_name
from tests.conftest import APPLICATION
from tests.crash.arena import Arena
from tests.crash.faults import Fault
from tests.crash.feeds import PARTITIONS


async def group_offsets_reset(arena: Arena, *, to_end: bool) -> None:
    """Somebody sets the group's offsets: they are a hint, the ledger knows."""
    await arena.pair()
    await arena.more()
    for victim in arena.alive:
        arena.kill(victim)
    since = time.monotonic()
    await arena.more()
    places = [(topic, partition) for topic in SOURCES for partition in range(PARTITIONS)]
    async with Extents(arena.connection) as extents:
        tops = await extents.tops(places)
    offsets = {TopicPartition(arena.connection.topic(name), p): top if to_end else 0 for (name, p), top in tops.items()}
    await _set_group(arena, offsets)
    await arena.pair()
    await arena.recovered(since)


async def _set_group(arena: Arena, offsets: dict[TopicPartition, int]) -> None:
    """Set a group's offsets as soon as the broker sees that its members are gone."""
    group = arena.connection.own(APPLICATION)
    consumer = AIOKafkaConsumer(**arena.connection.options(), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(offsets))
        await asyncio.sleep(SESSION_TIMEOUT_S)
        deadline = time.monotonic() + 3 * SESSION_TIMEOUT_S
        while True:
            try:
                await consumer.commit(offsets)
            except KafkaError:
                assert time.monotonic() < deadline, "the group has members still"
                await asyncio.sleep(0.5)
            else:
                return
    finally:
        await consumer.stop()


async def ledger_compacted_hard(arena: Arena) -> None:
    """From now on the broker compacts the ledger as fast and as far as it can."""
    admin = AIOKafkaAdminClient(**arena.connection.options())
    await admin.start()
    try:
        settings = {
            "cleanup.policy": "compact", "min.compaction.lag.ms": "0", "delete.retention.ms": "0",
            "segment.ms": "200", "min.cleanable.dirty.ratio": "0.001", "max.message.bytes": "8388608",
        }  # fmt: skip
        topic = arena.connection.topic(ledger_name(APPLICATION))
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings)])
    finally:
        await admin.close()
    await arena.pair()
    await arena.recovered()


GROUP_FAULTS: Final[dict[str, Fault]] = {
    "ledger_compacted_hard": ledger_compacted_hard,
    "group_offsets_reset_to_start": partial(group_offsets_reset, to_end=False),
    "group_offsets_reset_to_end": partial(group_offsets_reset, to_end=True),
}
