"""Records moved on a real broker: each once, in order, under its subject, whatever is killed."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import BrokerError, TopicError, UsageError
from dcc_analytics.stream.dead_letters import letters
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.home import partition_of
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.own_topics import started_admin
from dcc_analytics.stream.rekey import Rekey
from dcc_analytics.stream.rekey_sources import parsed
from dcc_analytics.stream.rekeyed import Source
from tests.conftest import APPLICATION, PARTITIONS, create_topic
from tests.letters import records
from tests.records import ALERT, REQUEST, USER, text

pytestmark = [pytest.mark.broker, pytest.mark.slow]

#: Of the source: another number than the product's topics have.
SOURCE_PARTITIONS = 3
#: A minute ago: sources keep records for a week, as the broker does unless told otherwise.
STAMP_MS = time.time_ns() // 1_000_000 - 60_000
DEVICES = [f"88-73-84-90-6A-10-02-{number:02X}" for number in range(40)]
HEADERS = [("received_at", b"2026-10-05T12:00:00Z"), ("trace", b"")]


class Sent(NamedTuple):
    """A record as it was sent to a source."""

    key: bytes | None
    value: bytes | None


def feed(count: int) -> list[tuple[int, Sent]]:
    """Return Alerts of some Devices, with random keys; those of one Device in one partition of the source."""
    chance = random.Random(7)
    made = []
    for number in range(count):
        device = chance.choice(DEVICES)
        value = text(ALERT, alert_id=f"a-{number}", device=device.lower())
        made.append((DEVICES.index(device) % SOURCE_PARTITIONS, Sent(chance.randbytes(8), value)))
    return made


async def send(connection: Connection, name: str, made: Sequence[tuple[int, Sent]]) -> Source:
    """Make a source of these records, by partition, and return where they belong."""
    await create_topic(connection, name, SOURCE_PARTITIONS)
    await put(connection, name, made)
    return Source(connection.topic(name), name.removeprefix("toc-"))


async def put(connection: Connection, name: str, made: Sequence[tuple[int, Sent]]) -> None:
    """Send records to a source, by partition."""
    producer = AIOKafkaProducer(**connection.options(), linger_ms=20)
    await producer.start()
    try:
        for partition, each in made:
            await producer.send(connection.topic(name), each.value, each.key, partition, STAMP_MS, HEADERS)
        await producer.flush()
    finally:
        await producer.stop()


async def moved(connection: Connection, *sources: Source, ignore_keys: bool = False) -> Rekey:
    """Move all there is."""
    work = Rekey(connection, sources, ignore_keys=ignore_keys)
    async with asyncio.timeout(60):
        await work.run(until_caught_up=True)
    return work


async def assert_moved_once(connection: Connection, made: Sequence[tuple[int, Sent]]) -> None:
    """See that the product's Alerts are these, each once, those of a Device in order under its key."""
    expected, found = defaultdict(list), defaultdict(list)
    for _, each in made:
        assert each.value is not None
        expected[json.loads(each.value)["device"].upper()].append(each.value)
    for partition, record in await records(connection, "alerts"):
        assert record.key is not None
        assert (STAMP_MS, HEADERS) == (record.timestamp, list(record.headers))
        assert partition_of(record.key.decode(), PARTITIONS) == partition
        found[record.key.decode()].append(record.value)
    assert expected == found


async def test_each_record_is_moved_once_in_order_and_what_comes_later_is_moved_by_the_next(made: Connection) -> None:
    sent = feed(1_000)
    source = await send(made, "toc-alerts", sent)
    assert 1_000 == (await moved(made, source)).moved.records["alerts"]
    await assert_moved_once(made, sent)
    assert 0 == (await moved(made, source)).moved.records["alerts"]
    await assert_moved_once(made, sent)


def begun(connection: Connection, source: Source, *, fault: str = "") -> "subprocess.Popen[str]":
    """Start ``dcca rekey`` as a process of its own."""
    command = (
        sys.executable, "-m", "dcc_analytics.commands.main", "rekey", "--from", f"{source.topic}={source.kind}",
        "--bootstrap", connection.bootstrap, "--prefix", connection.prefix, "--session-timeout", "1.5", "--json",
    )  # fmt: skip
    environment = {**os.environ, "DCCA_FAULT": fault}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


async def test_a_process_that_is_killed_in_the_middle_has_moved_nothing_twice_and_lost_nothing(
    made: Connection,
) -> None:
    sent = feed(3_000)
    source = await send(made, "toc-alerts", sent[:2_500])
    with begun(made, source) as process:
        async with Extents(made) as extents:
            places = [("alerts", partition) for partition in range(PARTITIONS)]
            while process.poll() is None and not any((await extents.tops(places)).values()):  # noqa: ASYNC110 (of a broker)
                await asyncio.sleep(0.01)
        process.kill()
        _, said = await asyncio.to_thread(process.communicate)
    assert -signal.SIGKILL == process.returncode, said
    await put(made, "toc-alerts", sent[2_500:])
    assert 500 <= (await moved(made, source)).moved.records["alerts"] <= len(sent)
    await assert_moved_once(made, sent)


async def test_a_process_that_stood_still_while_another_took_over_moves_nothing_twice(made: Connection) -> None:
    sent = feed(3_000)
    source = await send(made, "toc-alerts", sent[:2_500])
    with begun(made, source, fault="rekey.sent:stop:2") as process:
        assert process.stderr is not None
        while "action=stop" not in await asyncio.to_thread(process.stderr.readline):
            pass
        assert 0 < (await moved(made, source)).moved.records["alerts"]
        process.send_signal(signal.SIGCONT)
        await put(made, "toc-alerts", sent[2_500:])
        while len(await records(made, "alerts")) < len(sent):
            pass
        process.send_signal(signal.SIGTERM)
        _, said = await asyncio.to_thread(process.communicate)
    assert 0 == process.returncode, said
    assert "lane_failed" in said
    await assert_moved_once(made, sent)


async def test_two_processes_share_a_source_and_one_that_is_told_to_ends_cleanly(made: Connection) -> None:
    sent = feed(1_000)
    source = await send(made, "toc-alerts", sent[:500])
    here = Rekey(made, [source])
    running = asyncio.ensure_future(here.run())
    with begun(made, source) as there:
        assert there.stderr is not None
        await asyncio.to_thread(there.stderr.readline)  # its first lane, after it listens to signals
        await put(made, "toc-alerts", sent[500:])
        while len(await records(made, "alerts")) < len(sent):
            pass
        there.send_signal(signal.SIGTERM)
        here.stop()
        answer, said = await asyncio.to_thread(there.communicate)
    await running
    assert 0 == there.returncode, said
    assert len(sent) == here.moved.records["alerts"] + json.loads(answer)["records"].get("alerts", 0)
    await assert_moved_once(made, sent)


async def test_what_cannot_be_read_goes_on_as_it_is_is_told_and_a_worker_sets_it_aside(
    made: Connection, tmp_path: Path
) -> None:
    bad = [Sent(None, b"no JSON"), Sent(b"k", None), Sent(b"k", text(REQUEST, srv=...))]
    good = Sent(b"k", text(REQUEST))
    source = await send(made, "toc-service-requests", [(1, each) for each in (*bad, good)])
    work = await moved(made, source)
    assert (4, 3) == (work.moved.records["service-requests"], work.moved.unread["service-requests"])
    found = [(record.key, record.value) for _, record in await records(made, "service-requests")]
    assert sorted([*bad, Sent(USER.encode(), good.value)], key=str) == sorted(found, key=str)
    await Worker(made, WorkerSettings(APPLICATION, tmp_path, commit_every_s=0.05)).run(until_caught_up=True)
    aside = [(each.origin.topic, each.key, each.value) async for each in letters(made)]
    assert sorted((("service-requests", *each) for each in bad), key=str) == sorted(aside, key=str)


async def test_a_bad_version_on_a_compacted_topic_stands_beside_the_good_one(made: Connection) -> None:
    good = text({"user": USER, "party": "NWE", "roles": ["IS"], "as_of": "2026-10-05T12:00:00Z"})
    source = await send(made, "toc-users", [(0, Sent(None, good)), (0, Sent(USER.encode(), b"{}"))])
    await moved(made, source)
    found = {record.key: record.value for _, record in await records(made, "users")}
    assert {USER.encode(): good, f"{USER}@{source.topic}/0/1".encode(): b"{}"} == found


async def test_what_was_aborted_on_the_source_is_not_moved_and_its_markers_are_passed(made: Connection) -> None:
    source = await send(made, "toc-alerts", feed(10))
    producer = AIOKafkaProducer(**made.options(), transactional_id=f"{made.prefix}toc")
    await producer.start()
    try:
        await producer.begin_transaction()
        await producer.send_and_wait(source.topic, text(ALERT), b"k", 0)
        await producer.abort_transaction()
    finally:
        await producer.stop()
    assert 10 == (await moved(made, source)).moved.records["alerts"]
    assert 0 == (await moved(made, source)).moved.records["alerts"]


async def test_records_that_were_deleted_before_they_were_moved_are_not_passed_over(made: Connection) -> None:
    source = await send(made, "toc-alerts", [(0, Sent(b"k", text(ALERT, alert_id=f"a-{n}"))) for n in range(3)])
    await moved(made, source)
    admin = await started_admin(made)
    producer = AIOKafkaProducer(**made.options())
    await producer.start()
    try:
        for _ in range(2):
            await producer.send_and_wait(source.topic, text(ALERT), b"k", 0)
        await admin.delete_records({TopicPartition(source.topic, 0): RecordsToDelete(before_offset=4)})
    finally:
        await producer.stop()
        await admin.close()
    with pytest.raises(TopicError, match=r"toc-alerts/0 holds offsets 4 to 5, and all before 3 are moved"):
        await moved(made, source)


async def test_topics_that_are_not_there_are_named(made: Connection) -> None:
    with pytest.raises(TopicError, match=r"there is no topic nowhere to move records from; correct --from"):
        await moved(made, Source("nowhere", "alerts"))
    source = await send(made, "toc-alerts", feed(1))
    elsewhere = Connection(made.bootstrap, "elsewhere-")
    with pytest.raises(TopicError, match=r"there is no topic elsewhere-alerts; run `dcca topics create` first"):
        await moved(elsewhere, source)


async def test_without_a_broker_it_says_so() -> None:
    with pytest.raises(BrokerError, match="no Kafka answers at localhost:1"):
        await moved(Connection("localhost:1"), Source("toc-alerts", "alerts"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no source is named"),
        (["toc=alarms"], "toc=alarms: records are moved to one of service-requests"),
        (["x-alerts=alerts"], "x-alerts is the product's own topic"),
        (["toc=alerts", "toc=devices"], "toc is named 2 times"),
        (["alerts"], "--from alerts: give SOURCE=TOPIC"),
        (["=alerts"], "--from =alerts: give SOURCE=TOPIC"),
    ],
)
def test_sources_that_cannot_be_are_refused(words: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Rekey(Connection("nowhere", "x-"), [parsed(each) for each in words])
