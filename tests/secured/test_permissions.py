"""What each part is granted is what it needs: with that it works, and with less it says what is missing (real broker).

Each part runs as a user of its own, under a prefix of its own.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner, Result

from dcc_analytics.aggregators.ledger_export import export_ledger
from dcc_analytics.aggregators.ledger_import import import_ledger
from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import AccessError
from dcc_analytics.commands.main import app
from dcc_analytics.live.process import LiveSettings, Told, watch
from dcc_analytics.snapshot.audit import PROVEN
from dcc_analytics.snapshot.audit_scan import audit
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze, write
from dcc_analytics.stream.access import check_permitted, granted, missing
from dcc_analytics.stream.broker.node import BrokerStatus
from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.own_topics import started_admin
from dcc_analytics.stream.permissions import COMMANDS, Grant, Operation, Part, Resource, grants
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.recorded import records_of
from dcc_analytics.stream.rekey import Rekey
from dcc_analytics.stream.rekeyed import Source
from dcc_analytics.stream.topics import create_topics
from tests.architecture.tree import command_options
from tests.conftest import APPLICATION, create_topic
from tests.recorded_sample import MONTH
from tests.records import ALERT, text
from tests.secured.conftest import Guarded

pytestmark = pytest.mark.slow

PARTS = (Part.PUBLISH, Part.WORKER, Part.MONTH, Part.LIVE)
#: Rules reach the broker's authorizer a moment after they are written.
PATIENCE_S = 20.0


@pytest.fixture
async def named(guarded: Guarded, prefix: str) -> AsyncIterator[str]:
    """A prefix with topics, and with each of four users granted its part of them."""
    admin = guarded.connection("admin", prefix)
    await create_topics(admin, partitions=2, application=APPLICATION, keep_recorded=True)
    for part in PARTS:
        await change(guarded, prefix, part, grants(part, admin, APPLICATION))
    yield prefix
    for part in PARTS:
        await granted(admin, grants(part, admin, APPLICATION), part, take_back=True)


async def lacking(guarded: Guarded, prefix: str, part: Part) -> set[Grant]:
    """Return what a part's user is not granted of what the part needs."""
    connection = guarded.connection(part, prefix)
    admin = await started_admin(connection)
    try:
        return set(await missing(admin, grants(part, connection, APPLICATION)))
    finally:
        await admin.close()


async def change(guarded: Guarded, prefix: str, part: Part, rules: Iterable[Grant], *, take_back: bool = False) -> None:
    """Grant a part's user rules, or take them back, and wait until the broker goes by it."""
    changed = set(rules)
    await granted(guarded.connection("admin", prefix), changed, part, take_back=take_back)
    async with asyncio.timeout(PATIENCE_S):
        while bool(await lacking(guarded, prefix, part) & changed) is not take_back:  # noqa: ASYNC110 (of a broker)
            await asyncio.sleep(0.02)


async def work(guarded: Guarded, prefix: str, state: Path) -> None:
    """Fold what there is."""
    settings = WorkerSettings(APPLICATION, state, commit_every_s=0.05)
    await Worker(guarded.connection("worker", prefix), settings).run(until_caught_up=True)


async def look(guarded: Guarded, prefix: str, hours: Path) -> None:
    """Follow the ledger until all of it is read."""
    read = asyncio.Event()
    settings = LiveSettings(APPLICATION, hours, port=0)
    async with asyncio.timeout(PATIENCE_S):
        await watch(guarded.connection("live", prefix), settings, read, Told(begun=read.set))


async def test_every_part_works_with_what_it_is_granted(
    guarded: Guarded, named: str, events: Path, tmp_path: Path
) -> None:
    sent = await publish(guarded.connection("publish", named), events)
    await work(guarded, named, tmp_path / "state")
    month = guarded.connection("month", named)
    snapshot = freeze(await collect(month, APPLICATION), MONTH, read_rules())
    assert sent["service-requests"] > 0
    assert 0 < snapshot.totals["month"]["requests"]
    assert PROVEN == (await audit(month, snapshot.manifest, tmp_path)).verdict
    await look(guarded, named, tmp_path / "hours.sqlite")


async def test_each_of_several_processes_is_let_in_as_the_one_that_starts_them(
    guarded: Guarded, named: str, events: Path, tmp_path: Path
) -> None:
    await publish(guarded.connection("publish", named), events)
    command = [sys.executable, "-m", "dcc_analytics.commands.main", "worker", "--until-caught-up", "--processes", "2"]
    variables = {"DCCA_PREFIX": named, "DCCA_WORKER_STATE": str(tmp_path), **guarded.variables("worker")}
    ran = await asyncio.to_thread(
        subprocess.run, command, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert 0 == ran.returncode, ran.stderr
    assert 0 == (await collect(guarded.connection("month", named), APPLICATION)).behind


async def test_a_ledger_is_exported_as_month_and_imported_as_worker_of_the_application_that_goes_on(
    guarded: Guarded, named: str, events: Path, tmp_path: Path
) -> None:
    await publish(guarded.connection("publish", named), events)
    await work(guarded, named, tmp_path / "state")
    exported = await export_ledger(guarded.connection("month", named), APPLICATION, tmp_path / "file")
    admin = guarded.connection("admin", named)
    await create_topics(admin, partitions=2, application="dcca-2", keep_recorded=True)
    rules = grants(Part.WORKER, admin, "dcca-2")
    await granted(admin, rules, Part.WORKER)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while await missing_of(guarded, named, rules):  # noqa: ASYNC110 (of a broker)
                await asyncio.sleep(0.02)
        assert exported == await import_ledger(guarded.connection("worker", named), "dcca-2", tmp_path / "file")
    finally:
        await granted(admin, rules, Part.WORKER, take_back=True)


async def missing_of(guarded: Guarded, prefix: str, rules: Iterable[Grant]) -> Iterable[Grant]:
    """Return which of these rules the worker's user has not got yet."""
    admin = await started_admin(guarded.connection("worker", prefix))
    try:
        return await missing(admin, rules)
    finally:
        await admin.close()


@pytest.mark.parametrize("part", PARTS)
async def test_a_part_says_which_of_its_rules_is_missing(part: Part, guarded: Guarded, named: str) -> None:
    connection = guarded.connection(part, named)
    await check_permitted(connection, part, APPLICATION)
    for rule in grants(part, connection, APPLICATION):
        others = set(grants(part, connection, APPLICATION)) - {rule}
        implied = rule.operation is Operation.DESCRIBE and any(
            (each.resource, each.name) == (rule.resource, rule.name) for each in others
        )
        assert not implied, f"{rule} comes with another rule of {part}, and need not be granted"
        await change(guarded, named, part, {rule}, take_back=True)
        with pytest.raises(AccessError) as refused:
            await check_permitted(connection, part, APPLICATION)
        await change(guarded, named, part, {rule})
        said = str(refused.value)
        assert said.startswith(f"user {part} may not {rule}")
        assert f"; have it granted: `dcca acl grant {part} --user {part}` as an administrator" in said


async def test_publishing_says_that_it_may_not(guarded: Guarded, named: str, events: Path) -> None:
    alerts = f"{named}alerts"
    know = Grant(Resource.TOPIC, alerts, Operation.DESCRIBE)
    await granted(guarded.connection("admin", named), [know], Part.PUBLISH)
    await change(guarded, named, Part.PUBLISH, {rule_of(named, "alerts")}, take_back=True)
    with pytest.raises(AccessError, match=r"Kafka does not permit what is asked of it .*alerts"):
        await publish(guarded.connection("publish", named), events)


async def test_a_worker_that_may_not_go_on_ends_rather_than_try_for_ever(
    guarded: Guarded, named: str, events: Path, tmp_path: Path
) -> None:
    settings = WorkerSettings(APPLICATION, tmp_path / "state", commit_every_s=0.05)
    worker = Worker(guarded.connection("worker", named), settings)
    running = asyncio.ensure_future(worker.run(until_caught_up=False))
    await publish(guarded.connection("publish", named), events)
    async with asyncio.timeout(PATIENCE_S):
        while not worker.records:  # noqa: ASYNC110 (of a broker)
            await asyncio.sleep(0.02)
    await change(guarded, named, Part.WORKER, {rule_of(named, "dcca-ledger")}, take_back=True)
    await publish(guarded.connection("publish", named), events)
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(AccessError, match="Kafka does not permit what is asked of it"):
            await running


async def test_records_are_moved_with_what_is_granted_for_it_and_with_less_it_says_what_is_missing(
    guarded: Guarded, prefix: str
) -> None:
    admin, mover, toc = guarded.connection("admin", prefix), guarded.connection("live", prefix), f"{prefix}toc"
    await create_topics(admin, partitions=2, application=APPLICATION)
    await create_topic(admin, "toc", 3)
    async with AIOKafkaProducer(**admin.options()) as producer:
        await producer.send_and_wait(toc, text(ALERT), b"any")
    rules = grants(Part.REKEY, admin, APPLICATION, sources=[toc])
    await granted(admin, rules, "live")
    try:
        await permitted(mover, toc)
        work = Rekey(mover, [Source(toc, "alerts")])
        async with asyncio.timeout(PATIENCE_S):
            await work.run(until_caught_up=True)
        assert {"alerts": 1} == work.moved.records
    finally:
        await granted(admin, rules, "live", take_back=True)
    with pytest.raises(AccessError, match="user live may not Write to topic"):
        await refused(mover, toc)


async def test_what_is_kept_is_looked_into_with_what_is_granted_for_it_and_with_less_it_says_what_is_missing(
    guarded: Guarded, named: str, events: Path, tmp_path: Path
) -> None:
    await publish(guarded.connection("publish", named), events)
    await work(guarded, named, tmp_path / "state")
    variables = {**guarded.variables("month"), "DCCA_PREFIX": named}
    command = ["retention", "prove", "--out", str(tmp_path), "--state", str(tmp_path / "state"), "--json"]

    async def proved() -> Result:
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, command, env=variables))

    refused = await proved()
    assert isinstance(refused.exception, AccessError)
    assert f"user month may not DescribeConfigs topic {named}" in str(refused.exception)
    admin = guarded.connection("admin", named)
    rules = set(grants(Part.RETENTION, admin, APPLICATION)) - set(grants(Part.MONTH, admin, APPLICATION))
    await change(guarded, named, Part.MONTH, rules)
    try:
        kinds = {each["kind"] for each in json.loads((await proved()).stdout)["found"] if each["entries"]}
        assert {"estate", "ended"} <= kinds
    finally:
        await granted(admin, rules, Part.MONTH, take_back=True)


async def refused(mover: Connection, source: str) -> None:
    """Ask until records of a source may not be moved any more."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await check_permitted(mover, Part.REKEY, APPLICATION, sources=[source])


async def permitted(mover: Connection, source: str) -> None:
    """Wait until records of a source may be moved."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(AccessError):
                return await check_permitted(mover, Part.REKEY, APPLICATION, sources=[source])
            await asyncio.sleep(0.02)


def rule_of(prefix: str, topic: str) -> Grant:
    return Grant(Resource.TOPIC, f"{prefix}{topic}", Operation.WRITE)


async def test_a_feed_is_checked_as_month_whatever_the_application_is_called(
    guarded: Guarded, named: str, events: Path
) -> None:
    """It reads the feed and no ledger, of which it has not been told the name."""
    sent = await publish(guarded.connection("publish", named), events)
    command = (sys.executable, "-m", "dcc_analytics.commands.main", "feed", "check", "--json")
    variables = {**os.environ, **guarded.variables("month"), "DCCA_PREFIX": named}
    ended = await asyncio.to_thread(subprocess.run, command, env=variables, capture_output=True, text=True, check=False)
    assert (0, "") == (ended.returncode, ended.stderr)
    found = json.loads(ended.stdout)["records"]
    assert set(sent) == set(found)
    for topic, records in sent.items():
        if topic in DECODERS:
            assert records == found[topic]
        else:  # Kafka compacts it, once in a while before it is read
            assert len({record.key for record in records_of(events, topic)}) <= found[topic] <= records


async def test_who_may_not_know_of_topics_is_not_told_that_there_are_none(
    guarded: Guarded, named: str, events: Path, tmp_path: Path
) -> None:
    """Kafka shows a topic only to whoever may know of it: what is looked for first is whether it may."""
    await publish(guarded.connection("publish", named), events)
    await work(guarded, named, tmp_path / "state")
    frozen = freeze(await collect(guarded.connection("month", named), APPLICATION), MONTH, read_rules())
    write(frozen, tmp_path / "snapshots")
    variables = {**guarded.variables("publish"), "DCCA_PREFIX": named}
    for part, command in (
        (Part.MONTH, ["audit", "--month", str(MONTH), "--out", str(tmp_path)]),
        (Part.DEAD_LETTERS, ["dead-letters", "list"]),
    ):
        ended = await asyncio.to_thread(CliRunner().invoke, app, command, env=variables)
        assert isinstance(ended.exception, AccessError)
        assert str(ended.exception).startswith("user publish may not Read topic ")
        assert f"`dcca acl grant {part} --user publish`" in str(ended.exception)


async def test_the_command_says_before_it_begins_what_is_missing(guarded: Guarded, named: str, tmp_path: Path) -> None:
    group = Grant(Resource.GROUP, f"{named}{APPLICATION}", Operation.READ)
    await change(guarded, named, Part.WORKER, {group}, take_back=True)
    command = (sys.executable, "-m", "dcc_analytics.commands.main", "worker", "--state", str(tmp_path))
    variables = {**os.environ, **guarded.variables("worker"), "DCCA_PREFIX": named}
    ended = await asyncio.to_thread(subprocess.run, command, env=variables, capture_output=True, text=True, check=False)
    assert 1 == ended.returncode
    assert f"dcca: user worker may not Read group {named}{APPLICATION}; have it granted: `dcca acl grant worker" in (
        ended.stderr
    )


def test_rules_are_granted_and_taken_back_by_command(guarded: Guarded, prefix: str) -> None:
    variables = {**guarded.variables(), "DCCA_PREFIX": prefix}
    for words, done in ((("grant", "worker"), "granted"), (("revoke", "worker"), "revoked")):
        result = CliRunner().invoke(app, ["acl", *words, "--user", "live", "--json"], env=variables)
        assert {"user": "live", "part": "worker", done: 16} == json.loads(result.stdout)


def test_who_is_no_administrator_grants_nothing(guarded: Guarded, prefix: str) -> None:
    variables = {**guarded.variables("live"), "DCCA_PREFIX": prefix}
    refused = CliRunner().invoke(app, ["acl", "grant", "worker"], env=variables).exception
    assert isinstance(refused, AccessError)
    assert "grant nothing to user worker (ClusterAuthorizationFailedError" in str(refused)


def test_brokers_that_ask_nobody_grant_nothing(kafka: BrokerStatus) -> None:
    refused = CliRunner().invoke(app, ["acl", "grant", "worker"], env={"DCCA_BOOTSTRAP": kafka.bootstrap}).exception
    assert isinstance(refused, AccessError)
    assert "on brokers with an authorizer" in str(refused)


def test_rules_are_printed_as_lines_of_kafkas_own_tool() -> None:
    words = ["acl", "show", "worker", "--user", "ada", "--bootstrap", "k:9093", "--prefix", "x-"]
    lines = CliRunner().invoke(app, words).stdout.splitlines()
    head = (
        "kafka-acls.sh --bootstrap-server k:9093 --command-config admin.properties --add --allow-principal 'User:ada'"
    )
    assert f"{head} --operation Read --operation Write --topic 'x-dcca-ledger'" in lines
    assert f"{head} --operation Write --transactional-id 'x-dcca-' --resource-pattern-type prefixed" in lines
    assert f"{head} --operation Read --group 'x-dcca'" in lines
    assert f"{head} --operation Write --operation DescribeConfigs --topic 'x-dead-letters'" in lines


def test_who_moves_records_reads_the_sources_that_are_named() -> None:
    words = [
        "acl",
        "show",
        "rekey",
        "--source",
        "toc-a",
        "--source",
        "toc-b",
        "--bootstrap",
        "k:9093",
        "--prefix",
        "x-",
    ]
    lines = CliRunner().invoke(app, words).stdout.splitlines()
    head = "kafka-acls.sh --bootstrap-server k:9093 --command-config admin.properties --add --allow-principal"
    assert [
        f"{head} 'User:rekey' --operation {what}"
        for what in (
            "Read --topic 'toc-a'",
            "Read --topic 'toc-b'",
            "Read --group 'x-rekey'",
            "Write --transactional-id 'x-rekey-' --resource-pattern-type prefixed",
        )
    ] == lines[-4:]
    assert f"{head} 'User:rekey' --operation Write --topic 'x-devices'" in lines


def test_every_command_that_a_part_is_for_exists() -> None:
    known = {path.removeprefix("dcca ") for path in command_options()}
    assert set() == {command for commands in COMMANDS.values() for command in commands} - known
