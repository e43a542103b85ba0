"""The topics: how many partitions, what is kept how long, how large a record may be (contract section 1)."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code

from dcc_analytics.catalogue.errors import TopicError
from dcc_analytics.stream.broker.settings import MAX_PASSED_ON_BYTES, MAX_RECORD_BYTES
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.own_topics import started_admin
from dcc_analytics.stream.retention import RETENTION, VISIBLE_WITHIN_S, set_settings, settings_now, too_long

#: Records that can't be read.
DEAD_LETTERS: Final = "dead-letters"
#: Which of them were sent back: without any data of theirs, and kept for good.
REPLAYS: Final = "replays"

DAY_MS: Final = 86_400_000
_MOST_LAG: Final = "max.compaction.lag.ms"
#: Of brokers that know of no such setting.
_NO_LIMIT: Final = 2**63 - 1

#: Events explain figures for a month, its eight days, and the two months of installs before; the rest is for reruns.
EVENTS_KEPT_MS: Final = 100 * DAY_MS
#: Dead letters hold personal data: long enough after they were set aside to be looked into and replayed, no longer.
DEAD_LETTERS_KEPT_MS: Final = 30 * DAY_MS
#: Records go by whole segments, the newest never: one that is filled for a day keeps what is in it a day longer.
SEGMENT_MS: Final = DAY_MS
#: Device versions explain events of two months; a month longer covers late reading.
DEVICES_LAG_MS: Final = 92 * DAY_MS
#: Said of a topic that kept personal data longer than the rules allow, and does no more.
SHORTENED: Final = "kept too long, now by the rules"
#: A long read of the ledger at a recorded end must not lose a key that is rewritten meanwhile.
LEDGER_LAG_MS: Final = DAY_MS
#: What was replaced in the ledger holds Devices that the rules have let go: Kafka has to take it away within so long,
#: and by itself takes its time until half of the ledger is such. It also closes its segments within so long.
LEDGER_MOST_LAG_MS: Final = 7 * DAY_MS
#: Each commit tells a clock, and every worker reads them all when it starts: only closed segments are compacted.
CLOCKS_SEGMENT_MS: Final = 600_000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: name, partitions (None: as many as asked for, like all co-partitioned ones), settings."""

    name: str
    partitions: int | None
    settings: dict[str, str]


def _deleted(kept_ms: int) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(kept_ms)}


def _by_day(kept_ms: int) -> dict[str, str]:
    return {**_deleted(kept_ms), "segment.ms": str(SEGMENT_MS)}


def _compacted(lag_ms: int) -> dict[str, str]:
    return {
        "cleanup.policy": "compact",
        "min.compaction.lag.ms": str(lag_ms),
        "delete.retention.ms": str(max(lag_ms, DAY_MS)),
    }


def ledger_name(application: str) -> str:
    """Return the name of an application's ledger, without prefix."""
    return f"{application}-ledger"


def clocks_name(application: str) -> str:
    """Return the name of an application's topic of clocks, without prefix."""
    return f"{application}-clocks"


def topics(application: str) -> tuple[Topic, ...]:
    """Return every topic the product reads or writes.

    Args:
        application: leads the names of the ledger and of the shards' clocks.
    """
    return (
        Topic("service-requests", None, _deleted(EVENTS_KEPT_MS)),
        Topic("service-responses", None, _deleted(EVENTS_KEPT_MS)),
        Topic("alerts", None, _deleted(EVENTS_KEPT_MS)),
        Topic("strays", None, _by_day(EVENTS_KEPT_MS)),
        Topic("devices", None, _compacted(DEVICES_LAG_MS)),
        Topic("users", 1, _compacted(0)),
        Topic("incidents", 1, _compacted(0)),
        Topic(DEAD_LETTERS, 1, _by_day(DEAD_LETTERS_KEPT_MS)),
        Topic(REPLAYS, 1, _compacted(0)),
        Topic(ledger_name(application), None, {**_compacted(LEDGER_LAG_MS), _MOST_LAG: str(LEDGER_MOST_LAG_MS)}),
        Topic(clocks_name(application), 1, {**_compacted(0), "segment.ms": str(CLOCKS_SEGMENT_MS)}),
    )


async def create_topics(
    connection: Connection,
    *,
    partitions: int,
    application: str,
    replication: int = 1,
    keep_recorded: bool = False,
) -> dict[str, str]:
    """Create the topics that are not there.

    Args:
        connection: how to reach Kafka, and the prefix of topic names.
        partitions: of each co-partitioned topic.
        application: whose ledger.
        replication: copies of each partition.
        keep_recorded: keep records however old they say they are: recorded events carry their own times, by which
            the broker would delete them at once. Dead letters go by when they were set aside, and go all the same.

    Returns:
        For each topic name ``created`` or ``exists``; ``SHORTENED`` where one kept personal data longer than by rule.

    Raises:
        TopicError: a topic is there with another number of partitions, or could not be created.
        BrokerError: Kafka can't be reached.
    """
    admin = await started_admin(connection)
    try:
        wanted = topics(application)
        there = await _partitions(admin, connection, wanted)
        for topic in wanted:
            count = topic.partitions or partitions
            if there.get(topic.name, count) != count:
                raise TopicError(
                    f"topic {connection.topic(topic.name)} has {there[topic.name]} partitions, {count} were asked for; "
                    "co-partitioned topics need the same number: give that one, or use another --prefix"
                )
        new = [topic for topic in wanted if topic.name not in there]
        await _create(admin, connection, new, partitions, replication, keep_recorded=keep_recorded)
        await _wait_until_led(admin, [connection.topic(topic.name) for topic in wanted])
        told = {topic.name: "exists" if topic.name in there else "created" for topic in wanted}
        for topic in wanted:
            if topic.name in there and await _shorten(admin, connection.topic(topic.name), topic):
                told[topic.name] = SHORTENED
        return told
    finally:
        await admin.close()


def kept_longer(topic: Topic, has: Mapping[str, str]) -> bool:
    """Return whether a topic of the product's own keeps personal data longer than the rules allow.

    Strays that are kept without end were asked for, with recorded events.

    Args:
        topic: as it has to be.
        has: its settings as they are.
    """
    if topic.name == DEAD_LETTERS:
        return too_long(int(has[RETENTION]), DEAD_LETTERS_KEPT_MS)
    return _MOST_LAG in topic.settings and int(has.get(_MOST_LAG, _NO_LIMIT)) > int(topic.settings[_MOST_LAG])


async def _shorten(admin: AIOKafkaAdminClient, name: str, topic: Topic) -> bool:
    """Have a topic keep what it holds no longer than the rules say; return whether it did."""
    if topic.name != DEAD_LETTERS and _MOST_LAG not in topic.settings:
        return False
    if not kept_longer(topic, await settings_now(admin, name)):
        return False
    await set_settings(admin, name, settings_of(topic))
    return True


def settings_of(topic: Topic) -> dict[str, str]:
    """Return the settings a topic has to have, by Kafka's names."""
    limit_bytes = MAX_PASSED_ON_BYTES if topic.name in {DEAD_LETTERS, "strays"} else MAX_RECORD_BYTES
    return {**topic.settings, "max.message.bytes": str(limit_bytes)}


async def _partitions(admin: AIOKafkaAdminClient, connection: Connection, wanted: Iterable[Topic]) -> dict[str, int]:
    """Return how many partitions those of the topics have that are there."""
    names = {connection.topic(topic.name): topic.name for topic in wanted}
    described = await admin.describe_topics([name for name in await admin.list_topics() if name in names])
    return {names[each["topic"]]: len(each["partitions"]) for each in described}


async def _create(
    admin: AIOKafkaAdminClient,
    connection: Connection,
    new: list[Topic],
    partitions: int,
    replication: int,
    *,
    keep_recorded: bool,
) -> None:
    if not new:
        return
    requests = []
    for topic in new:
        settings = settings_of(topic)
        if keep_recorded and topic.name != DEAD_LETTERS and "retention.ms" in settings:
            settings["retention.ms"] = "-1"
        if replication > 1:
            settings["min.insync.replicas"] = str(replication - 1)
        requests.append(
            NewTopic(
                connection.topic(topic.name),
                topic.partitions or partitions,
                replication,
                topic_configs=settings,
            )
        )
    answer = await admin.create_topics(requests)
    for name, code, *words in answer.topic_errors:
        if code:
            raise TopicError(
                f"topic {name} could not be created: {for_code(code).__name__} {' '.join(map(str, words))}"
            )


async def _wait_until_led(admin: AIOKafkaAdminClient, names: list[str]) -> None:
    """Wait until every partition has a leader: a topic just created may be unknown for a moment."""
    deadline = time.monotonic() + VISIBLE_WITHIN_S
    while True:
        described = await admin.describe_topics(names)
        waiting = [
            each["topic"]
            for each in described
            if each["error_code"] or not each["partitions"] or any(p["leader"] < 0 for p in each["partitions"])
        ]
        if not waiting:
            return
        if time.monotonic() > deadline:
            raise TopicError(
                f"topics without a leader after {VISIBLE_WITHIN_S:.0f} s ({', '.join(waiting)}); see to the brokers"
            )
        await asyncio.sleep(0.05)
