"""Examining a deployment: the questions whose answers ``findings`` judges. Nothing is written, no group is joined."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from dcc_analytics.aggregators.clocks import ShardClock, clock_of
from dcc_analytics.aggregators.findings import Facts, TopicFacts
from dcc_analytics.catalogue.errors import DccaError
from dcc_analytics.stream.access import missing
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.own_topics import started_admin
from dcc_analytics.stream.permissions import Part, grants
from dcc_analytics.stream.protocol import GROUP_MEMBERS, Cluster, cluster_now, spoken_by
from dcc_analytics.stream.spoken import Spoken
from dcc_analytics.stream.strays import SOURCES
from dcc_analytics.stream.topics import clocks_name, ledger_name, topics

#: A question that takes longer is taken for one that is not answered.
ANSWERED_WITHIN_S: Final = 20.0


def now_ms() -> int:
    """Return now, by the clock of this machine, in milliseconds."""
    return time.time_ns() // 1_000_000


async def spoken(connection: Connection) -> dict[str, Spoken | None]:
    """Ask every broker what it speaks, by its number and address; None of one that does not answer there.

    Raises:
        BrokerError: Kafka can't be reached.
    """
    admin = await started_admin(connection)

    async def ask(broker: int) -> Spoken | None:
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                return await spoken_by(admin, broker)
        except (KafkaError, TimeoutError):
            return None

    try:
        brokers = sorted(admin._client.cluster.brokers())  # noqa: SLF001 (the public way asks one, which may be silent)
        told = await asyncio.gather(*(ask(each.nodeId) for each in brokers))
        return {f"{each.nodeId} at {each.host}:{each.port}": of for each, of in zip(brokers, told, strict=True)}
    finally:
        await admin.close()


async def examined(connection: Connection, application: str, *, now: Callable[[], int] = now_ms) -> Facts:
    """Ask Kafka all there is to know.

    Args:
        connection: how to reach Kafka.
        application: whose ledger and group.
        now: the clock of this machine, in milliseconds.

    Raises:
        BrokerError: Kafka can't be reached.
        KafkaError: it could be, and does not answer.
    """
    names = {topic.name: connection.topic(topic.name) for topic in topics(application)}
    admin = await started_admin(connection)
    try:
        cluster = await cluster_now(admin, names.values())
        settings = await _settings(admin, [name for name in names.values() if not cluster.topics[name].error_code])
        members = await _members(admin, connection.own(application))
        lacking = {part: await missing(admin, grants(part, connection, application)) for part in Part}
    finally:
        await admin.close()
    newest_ms, waiting = await _folded(connection, application, names, cluster)
    return Facts(
        cluster.brokers,
        {word: _facts(cluster, name, settings) for word, name in names.items()},
        members,
        waiting,
        newest_ms,
        now(),
        lacking,
    )


def _facts(cluster: Cluster, name: str, settings: Mapping[str, Mapping[str, str]]) -> TopicFacts:
    topic = cluster.topics[name]
    return TopicFacts(topic.error_code, topic.copies, topic.in_sync, topic.leaderless, settings.get(name))


async def _settings(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    """Return the settings of topics, those left out that we may not know."""
    if not names:
        return {}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    return {
        name: {setting: value for setting, value, *_ in entries}
        for answer in answers
        for code, _, _, name, entries in answer.resources
        if not code
    }


async def _members(admin: AIOKafkaAdminClient, group: str) -> int | None:
    """Return how many workers a group has; None where we may not know."""
    try:
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            described: list[Any] = await admin.describe_consumer_groups([group])
    except GroupCoordinatorNotAvailableError:
        return 0  # nobody has joined any group yet
    except (KafkaError, TimeoutError):
        return None
    groups = [each for answer in described for each in answer.groups]
    return None if any(each[0] not in {0, 69} for each in groups) else sum(len(each[GROUP_MEMBERS]) for each in groups)


async def _folded(
    connection: Connection, application: str, names: Mapping[str, str], cluster: Cluster
) -> tuple[int | None, int | None]:
    """Return when the newest commit was made, and how many records wait; None where that is not known."""
    clocks, shared = clocks_name(application), (*SOURCES, ledger_name(application))
    counts = {cluster.topics[names[each]].partitions for each in shared}
    if len(counts) != 1 or 0 in counts or not cluster.topics[names[clocks]].partitions:
        return None, None
    (partitions,) = counts
    told: dict[int, ShardClock] = {}
    newest_ms: int | None = None
    try:
        async with asyncio.timeout(ANSWERED_WITHIN_S), Extents(connection) as extents:
            async for _, record in read_up_to(connection, await extents.ends([(clocks, 0)])):
                partition, clock = clock_of(record.key, record.value, partitions=partitions)
                told[partition] = clock
                newest_ms = max(newest_ms or 0, record.timestamp)
            tops = await extents.tops([(topic, partition) for topic in SOURCES for partition in range(partitions)])
    except (KafkaError, TimeoutError, DccaError):
        return None, None
    applied = {
        (topic, partition): told[partition].applied.get(topic, 0) for topic, partition in tops if partition in told
    }
    return newest_ms, sum(max(0, top - applied.get(place, 0)) for place, top in tops.items())
