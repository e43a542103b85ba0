"""Topics as the product creates them on a real broker: contract sections 1 and 8."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import MessageSizeTooLargeError

from dcc_analytics.catalogue.errors import BrokerError, TopicError
from dcc_analytics.stream.broker.settings import MAX_PASSED_ON_BYTES, MAX_RECORD_BYTES
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.retention import set_settings, warn_if_kept_too_long
from dcc_analytics.stream.topics import (
    DEAD_LETTERS,
    DEAD_LETTERS_KEPT_MS,
    SHORTENED,
    create_topics,
    topics,
)
from tests.conftest import APPLICATION, PARTITIONS, create_topic

pytestmark = pytest.mark.broker

CO_PARTITIONED = {"service-requests", "service-responses", "alerts", "strays", "devices", f"{APPLICATION}-ledger"}
SINGLE = {"users", "incidents", "dead-letters", "replays", f"{APPLICATION}-clocks"}
COMPACTED = {"devices", "users", "incidents", "replays", f"{APPLICATION}-ledger", f"{APPLICATION}-clocks"}
DAY_MS = 86_400_000
TWO_MONTHS_MS = 62 * DAY_MS


async def partitions_of(connection: Connection) -> dict[str, int]:
    """Return the topics under a prefix, each with how many partitions it has."""
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if name.startswith(connection.prefix)]
        described = await admin.describe_topics(names)
    finally:
        await admin.close()
    return {each["topic"].removeprefix(connection.prefix): len(each["partitions"]) for each in described}


async def settings_of(connection: Connection) -> dict[str, dict[str, str]]:
    """Return the settings of each topic of the product, as the broker has them."""
    names = [connection.topic(topic.name) for topic in topics(APPLICATION)]
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    finally:
        await admin.close()
    return {
        resource[3].removeprefix(connection.prefix): {entry[0]: entry[1] for entry in resource[4]}
        for resource in answer.resources
    }


async def test_what_meets_in_a_shard_has_the_same_partitions_and_the_rest_has_one(made: Connection) -> None:
    expected = {**dict.fromkeys(CO_PARTITIONED, PARTITIONS), **dict.fromkeys(SINGLE, 1)}
    assert expected == await partitions_of(made)


async def test_versions_are_compacted_and_events_expire(connection: Connection) -> None:
    await create_topics(connection, partitions=1, application=APPLICATION)
    settings = await settings_of(connection)
    assert COMPACTED == {name for name, each in settings.items() if each["cleanup.policy"] == "compact"}
    assert set(settings) - COMPACTED == {name for name, each in settings.items() if each["cleanup.policy"] == "delete"}
    for name in ("service-requests", "service-responses", "alerts", "strays"):
        assert int(settings[name]["retention.ms"]) > TWO_MONTHS_MS, name
    assert 30 * DAY_MS == int(settings["dead-letters"]["retention.ms"])


async def test_a_device_version_and_a_ledger_record_outlive_those_who_still_need_them(made: Connection) -> None:
    settings = await settings_of(made)
    assert int(settings["devices"]["min.compaction.lag.ms"]) > TWO_MONTHS_MS
    ledger = settings[f"{APPLICATION}-ledger"]
    assert int(ledger["min.compaction.lag.ms"]) >= DAY_MS
    assert int(ledger["delete.retention.ms"]) >= DAY_MS


async def test_what_was_replaced_in_the_ledger_is_taken_away_within_a_week(made: Connection) -> None:
    ledger = (await settings_of(made))[f"{APPLICATION}-ledger"]
    assert 7 * DAY_MS == int(ledger["max.compaction.lag.ms"])


async def test_recorded_events_are_kept_however_old_they_are_if_asked_for(made: Connection) -> None:
    settings = await settings_of(made)
    assert {"-1"} == {settings[name]["retention.ms"] for name in settings.keys() - COMPACTED - {"dead-letters"}}


async def test_dead_letters_go_after_30_days_whatever_else_is_kept(made: Connection) -> None:
    settings = (await settings_of(made))["dead-letters"]
    assert ("delete", str(30 * DAY_MS)) == (settings["cleanup.policy"], settings["retention.ms"])
    assert str(DAY_MS) == settings["segment.ms"]


@pytest.mark.parametrize(
    ("topic", "limit_bytes"),
    [
        ("alerts", MAX_RECORD_BYTES),
        ("devices", MAX_RECORD_BYTES),
        ("strays", MAX_PASSED_ON_BYTES),
        ("dead-letters", MAX_PASSED_ON_BYTES),
    ],
)
async def test_a_record_of_4_mib_fits_and_a_larger_one_is_refused(
    made: Connection, topic: str, limit_bytes: int
) -> None:
    value = b"x" * (4 * 1024 * 1024)
    producer = AIOKafkaProducer(**made.options(), max_request_size=2 * MAX_RECORD_BYTES)
    await producer.start()
    try:
        sent = await producer.send_and_wait(made.topic(topic), value, b"key", partition=0)
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(made.topic(topic), b"x" * (limit_bytes + 1), b"key", partition=0)
    finally:
        await producer.stop()
    consumer = AIOKafkaConsumer(**made.options(), auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(sent.topic, sent.partition)])
        assert value == (await consumer.getone()).value
    finally:
        await consumer.stop()


async def test_creating_again_says_that_all_exist(made: Connection) -> None:
    again = await create_topics(made, partitions=PARTITIONS, application=APPLICATION)
    assert dict.fromkeys(CO_PARTITIONED | SINGLE, "exists") == again


async def test_what_is_missing_is_created_beside_what_is_there(connection: Connection) -> None:
    await create_topic(connection, "alerts", 3)
    answer = await create_topics(connection, partitions=3, application=APPLICATION)
    assert {"alerts"} == {name for name, what in answer.items() if what == "exists"}
    assert 3 == (await partitions_of(connection))["strays"]


async def test_a_topic_with_other_partitions_is_refused_and_nothing_is_created(connection: Connection) -> None:
    await create_topic(connection, "alerts", 2)
    with pytest.raises(TopicError, match=rf"topic {connection.prefix}alerts has 2 partitions, 4 were asked for"):
        await create_topics(connection, partitions=4, application=APPLICATION)
    assert {"alerts": 2} == await partitions_of(connection)


async def test_more_copies_than_brokers_are_refused_with_the_topic_and_the_reason(connection: Connection) -> None:
    with pytest.raises(
        TopicError, match=rf"topic {connection.prefix}\S+ could not be created: InvalidReplicationFactor"
    ):
        await create_topics(connection, partitions=1, application=APPLICATION, replication=2)


async def test_no_broker_is_a_line_that_names_the_address() -> None:
    with pytest.raises(BrokerError, match=r"^no Kafka answers at 127\.0\.0\.1:1; check --bootstrap"):
        await create_topics(Connection("127.0.0.1:1"), partitions=1, application=APPLICATION)


@pytest.mark.parametrize("kept_ms", [-1, 31 * DAY_MS])
async def test_dead_letters_that_are_kept_too_long_are_warned_of_and_then_kept_by_rule(
    made: Connection, kept_ms: int, caplog: pytest.LogCaptureFixture
) -> None:
    before = (await settings_of(made))[DEAD_LETTERS]
    await warn_if_kept_too_long(made, DEAD_LETTERS, DEAD_LETTERS_KEPT_MS)
    assert [] == caplog.messages
    admin = AIOKafkaAdminClient(**made.options())
    await admin.start()
    limits = {name: before[name] for name in ("cleanup.policy", "max.message.bytes")}
    await set_settings(admin, made.topic(DEAD_LETTERS), {**limits, "retention.ms": str(kept_ms)})
    await admin.close()
    await warn_if_kept_too_long(made, DEAD_LETTERS, DEAD_LETTERS_KEPT_MS)
    (warning,) = caplog.messages
    assert f"kept_ms={kept_ms} rule_ms={30 * DAY_MS}" in warning
    told = await create_topics(made, partitions=PARTITIONS, application=APPLICATION)
    assert {SHORTENED, "exists"} == set(told.values())
    assert before == (await settings_of(made))[DEAD_LETTERS]


async def test_a_ledger_that_was_made_before_gets_the_rule_and_keeps_what_else_it_was_given(made: Connection) -> None:
    before, name = (await settings_of(made))[f"{APPLICATION}-ledger"], made.topic(f"{APPLICATION}-ledger")
    admin = AIOKafkaAdminClient(**made.options())
    await admin.start()
    await set_settings(admin, name, {"max.compaction.lag.ms": str(2**63 - 1), "min.insync.replicas": "2"})
    await admin.close()
    told = await create_topics(made, partitions=PARTITIONS, application=APPLICATION)
    assert SHORTENED == told[f"{APPLICATION}-ledger"]
    assert {**before, "min.insync.replicas": "2"} == (await settings_of(made))[f"{APPLICATION}-ledger"]
