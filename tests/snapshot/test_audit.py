"""The audit of a month on a real broker: what was folded once is proven, whatever else is found."""

import asyncio
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.files import KEYS
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.audit import Audit
from dcc_analytics.snapshot.audit_file import read_audit, write_audit
from dcc_analytics.snapshot.audit_scan import audit
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze, write
from dcc_analytics.stream.broker.node import BrokerStatus
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import create_topics
from tests.conftest import APPLICATION, PARTITIONS
from tests.sliced_sample import sliced

pytestmark = [pytest.mark.broker, pytest.mark.slow]

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)


class Folded(NamedTuple):
    """A month folded in two parts, each followed by a snapshot: of September, then of October."""

    connection: Connection
    snapshots: Path
    first: SnapshotFolder
    second: SnapshotFolder


@pytest.fixture(scope="module")
def folded(kafka: BrokerStatus, tmp_path_factory: pytest.TempPathFactory) -> Folded:
    folder = tmp_path_factory.mktemp("audit")
    return asyncio.run(_fold(Connection(kafka.bootstrap, "audit-"), folder, sliced(folder / "events", 2)))


async def _fold(connection: Connection, folder: Path, parts: list[Path]) -> Folded:
    await create_topics(connection, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
    snapshots = folder / "snapshots"
    taken = []
    for month, part in zip((SEPTEMBER, OCTOBER), parts, strict=True):
        await publish(connection, part)
        await Worker(connection, WorkerSettings(APPLICATION, folder / "state")).run(until_caught_up=True)
        frozen = freeze(await collect(connection, APPLICATION), month, read_rules())
        taken.append(SnapshotFolder.open(write(frozen, snapshots, KEYS)))
    return Folded(connection, snapshots, *taken)


def records(found: Audit, what: str) -> dict[str, tuple[int, int]]:
    """Return how many records were folded and found, by topic."""
    return {
        each["topic"]: (each["folded"]["records"], each["found"]["records"])
        for each in found.told()["checked"]
        if each["what"] == what
    }


async def test_what_was_folded_once_is_proven_with_what_was_sent_out(folded: Folded) -> None:
    found = await audit(folded.connection, folded.second.manifest, folded.snapshots)
    assert ("proven", None, []) == (found.verdict, found.since, found.differing())
    read = records(found, "read")
    assert {"strays", "service-requests", "service-responses", "alerts"} == set(read)
    assert all(one == other > 0 for one, other in read.values())
    for what in ("dead letters", "passed on"):
        sent = [pair for pair in records(found, what).values() if pair != (0, 0)]
        assert sent
        assert all(one == other for one, other in sent)


def one_more(manifest: dict[str, Any]) -> None:
    """A record folded twice."""
    sums = manifest["audit"]["sums"]
    name = next(name for name in sums if name.startswith("alerts/"))
    sums[name]["records"] += 1


def another_class(manifest: dict[str, Any]) -> None:
    """A record taken for a dead letter that is none in the topic: the sum of all that was read stays what it was."""
    sums = manifest["audit"]["sums"]
    name = next(name for name in sums if name.endswith("|dead_letter"))
    other = next(each for each in sums if each.partition("|")[0] == name.partition("|")[0] and each != name)
    sums[name]["records"] += 1
    sums[other]["records"] -= 1


def one_bit(manifest: dict[str, Any]) -> None:
    """As many records, and another among them."""
    sums = manifest["audit"]["sums"]
    name = next(name for name in sums if name.startswith("service-responses/"))
    sums[name]["sum"] = f"{int(sums[name]['sum'], 16) ^ 1:016x}"


def an_offset_skipped(manifest: dict[str, Any]) -> None:
    """A snapshot that says it goes one record less far than what was folded."""
    manifest["offsets"]["alerts"]["0"] -= 1


@pytest.mark.parametrize(
    ("fault", "where"),
    [
        (one_more, ["read of alerts"]),
        (another_class, ["dead letters of alerts"]),
        (one_bit, ["read of service-responses"]),
        (an_offset_skipped, ["read of alerts"]),
    ],
)
async def test_a_fault_in_what_was_folded_is_found_and_placed(
    folded: Folded, fault: Callable[[dict[str, Any]], None], where: list[str]
) -> None:
    manifest = deepcopy(folded.second.manifest)
    fault(manifest)
    found = await audit(folded.connection, manifest, folded.snapshots)
    assert ("differs", where) == (found.verdict, [f"{line.what} of {line.topic}" for line in found.differing()])


async def test_a_verdict_stands_beside_the_snapshot_it_is_of_and_for_no_other(folded: Folded, tmp_path: Path) -> None:
    found = await audit(folded.connection, folded.second.manifest, folded.snapshots)
    write_audit(found, tmp_path, "identity")
    assert {"snapshot": "identity", **found.told()} == read_audit(tmp_path, "identity")
    assert read_audit(tmp_path, "another") is None
    (tmp_path / "audit.json").write_text("{")
    with pytest.raises(SnapshotError, match="run `dcca audit`"):
        read_audit(tmp_path, "identity")


async def test_records_gone_by_retention_are_covered_by_the_audit_before_or_nothing_is_proven(folded: Folded) -> None:
    """Two months on one ledger; the records of the first go. Comes last: it deletes records for good."""
    first = await audit(folded.connection, folded.first.manifest, folded.snapshots)
    assert "proven" == first.verdict
    await _let_go(folded.connection, "alerts", 0, int(folded.first.manifest["offsets"]["alerts"]["0"]))
    with pytest.raises(SnapshotError, match=r"alerts/0 holds records from offset \d+ on.*audit each month before"):
        await audit(folded.connection, folded.second.manifest, folded.snapshots)
    write_audit(first, folded.first.path, folded.first.identity)
    found = await audit(folded.connection, folded.second.manifest, folded.snapshots)
    assert ("proven", "2026-09") == (found.verdict, found.since)
    assert 0 < records(found, "read")["alerts"][0] < records(first, "read")["alerts"][0] * 3
    await _told_twice(folded.connection, "dead-letters")
    found = await audit(folded.connection, folded.second.manifest, folded.snapshots)
    assert {"dead letters"} == {line.what for line in found.differing()}
    await _told_twice(folded.connection, "strays")
    found = await audit(folded.connection, folded.second.manifest, folded.snapshots)
    assert {"dead letters", "passed on"} == {line.what for line in found.differing()}


async def _let_go(connection: Connection, topic: str, partition: int, before: int) -> None:
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        place = TopicPartition(connection.topic(topic), partition)
        await admin.delete_records({place: RecordsToDelete(before_offset=before)})
    finally:
        await admin.close()


async def _told_twice(connection: Connection, topic: str) -> None:
    """Append the newest record of a topic to it once more."""
    async with Extents(connection) as extents:
        ends = await extents.ends([(topic, p) for p in range(await extents.partitions(topic))])
    newest = [(place, record) async for place, record in read_up_to(connection, ends)][-1]
    producer = AIOKafkaProducer(**connection.options())
    await producer.start()
    try:
        (_, partition), record = newest
        await producer.send_and_wait(
            connection.topic(topic), record.value, record.key, partition, record.timestamp, list(record.headers)
        )
    finally:
        await producer.stop()
