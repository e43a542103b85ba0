"""A ledger that was lost goes on from its file to the figures of one that never was, on a real broker.

Requirements: R-MON-1.
"""

import asyncio
import gzip
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from dcc_analytics.aggregators.ledger import read_ledger
from dcc_analytics.aggregators.ledger_export import export_ledger
from dcc_analytics.aggregators.ledger_import import import_ledger
from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.render.files import KEYS
from dcc_analytics.snapshot.again import agreement
from dcc_analytics.snapshot.audit import PROVEN
from dcc_analytics.snapshot.audit_scan import audit
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import Snapshot, freeze
from dcc_analytics.stream.dead_letters import letters
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.strays import SOURCES, read_stray, stray_of
from dcc_analytics.stream.topics import create_topics, ledger_name
from tests.conftest import APPLICATION, PARTITIONS, remove_topics
from tests.driver import LogRecord
from tests.golden_ledgers import FEED, MONTH
from tests.letters import records
from tests.records import ALERT, DEVICE, text
from tests.sliced_sample import sliced_at
from tests.worker_process import WorkerProcess, until

pytestmark = [pytest.mark.broker, pytest.mark.slow]

AGAIN: Final = "dcca-2"
PAGE: Final = Path(__file__).parents[1] / "docs" / "operations.md"


async def fold(connection: Connection, state: Path, application: str = APPLICATION) -> None:
    settings = WorkerSettings(application, state / application, commit_every_s=0.1, session_timeout_s=3.0)
    await asyncio.wait_for(Worker(connection, settings).run(until_caught_up=True), 90)


async def month(connection: Connection, application: str = APPLICATION) -> Snapshot:
    return freeze(await collect(connection, application), MONTH, read_rules())


async def create(connection: Connection, application: str, partitions: int = PARTITIONS) -> None:
    await create_topics(connection, partitions=partitions, application=application, keep_recorded=True)


def on_the_page() -> list[list[str]]:
    """Return the commands of the section on backups."""
    (section,) = re.findall(r"(?ms)^## Backup and restore$(.*?)(?=^## )", PAGE.read_text(encoding="utf-8"))
    return [line.split()[1:] for line in re.findall(r"(?m)^ +(dcca .+)$", section)]


async def done(connection: Connection, words: list[str], folder: Path) -> None:
    """Run a command of the page, in a folder; it has to succeed."""
    said = ["--bootstrap", connection.bootstrap, "--prefix", connection.prefix]
    said += ["--keep-recorded"] if words[0] == "topics" else []
    command = [sys.executable, "-m", "dcc_analytics.commands.main", *words, *said]
    ended = await asyncio.to_thread(
        subprocess.run, command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert 0 == ended.returncode, ended.stderr


async def test_a_ledger_lost_after_its_export_goes_on_to_the_figures_of_one_that_never_was(
    made: Connection, tmp_path: Path
) -> None:
    """The commands are the page's; what the lost ledger sent out after the export stands in the topics."""
    export, create_again, bring_back, *worker = on_the_page()
    first, second = sliced_at(tmp_path / "feed", (0.5,), FEED)
    await publish(made, first)
    await fold(made, tmp_path)
    await done(made, export, tmp_path)
    await publish(made, second)
    await fold(made, tmp_path)
    undisturbed = await month(made)
    await remove_topics(made, ledger_name(APPLICATION))

    for command in (create_again, bring_back, *worker):
        await done(made, command, tmp_path)
    restored = await month(made, AGAIN)
    found = agreement(undisturbed, restored, tmp_path / "agreement", KEYS, with_totals=True)
    assert (True, {}, []) == (found.equal, found.totals, found.first)
    assert 112 == found.tables["round_trips_monthly"]["rows"]

    by = {read_stray(record).application for _, record in await records(made, "strays")}
    assert {APPLICATION, AGAIN} == by
    audited = await audit(made, restored.manifest, tmp_path)
    assert (PROVEN, []) == (audited.verdict, audited.differing())
    passed_on = sum(line.folded[0] for line in audited.lines if line.what == "passed on")
    set_aside = sum(line.folded[0] for line in audited.lines if line.what == "dead letters")
    assert passed_on > 0
    assert set_aside > 0
    origins = [each.origin async for each in letters(made) if each.origin.topic in SOURCES]
    assert set_aside == len(set(origins)) < len(origins)


async def test_an_export_while_a_worker_folds_is_one_state_of_all_its_shards(made: Connection, tmp_path: Path) -> None:
    # Not to the request that is repeated after days: topics are published one after the other, and read as they come.
    first, second, _ = sliced_at(tmp_path / "feed", (0.3, 0.58), FEED)
    await publish(made, first)
    with WorkerProcess(made, tmp_path / "worker", commit_every_s=0.05) as worker:
        await until(lambda: sum(worker.folded().values()) > 100, "the first commits")
        flowing = asyncio.ensure_future(publish(made, second))
        copied = [await export_ledger(made, APPLICATION, tmp_path / f"{number}.ledger") for number in range(3)]
        await flowing
    assert [each.applied for each in copied] == sorted(
        (each.applied for each in copied), key=lambda applied: sum(applied.values())
    )
    await fold(made, tmp_path)
    undisturbed = await month(made)
    for number in range(3):
        application = f"again-{number}"
        await create(made, application)
        await import_ledger(made, application, tmp_path / f"{number}.ledger")
        await fold(made, tmp_path, application)
        found = agreement(undisturbed, await month(made, application), tmp_path / f"a{number}", KEYS, with_totals=True)
        assert (True, {}, []) == (found.equal, found.totals, found.first)


def strays_folded(snapshot: Snapshot) -> int:
    """Return how many Alerts were folded that came by strays."""
    return int(snapshot.totals["conservation"]["topics"]["strays"]["alert"])


async def test_strays_on_their_way_go_with_the_file_and_are_folded_once(made: Connection, tmp_path: Path) -> None:
    """One that was passed on and not folded when the workers stopped, and one of another application."""
    first, _ = sliced_at(tmp_path / "feed", (0.3,), FEED)
    await publish(made, first)
    await fold(made, tmp_path)
    before = strays_folded(await month(made))
    async with AIOKafkaProducer(**made.options()) as producer:
        for number, application in enumerate((APPLICATION, "other")):
            record = LogRecord(
                10_000 + number, 1_790_000_000_000, b"wrong", text(ALERT, alert_id=f"on-its-way-{number}")
            )
            stray = stray_of("alerts", 0, record, DEVICE, 1, application=application)
            headers = [*stray.headers, ("of-a-feed", None)]  # Kafka allows it
            await producer.send_and_wait(
                made.topic("strays"), stray.value, stray.subject.encode(), stray.home, stray.timestamp_ms, headers
            )
    copied = await export_ledger(made, APPLICATION, tmp_path / "file")
    assert 1 == copied.strays
    await create(made, AGAIN)
    assert copied == await import_ledger(made, AGAIN, tmp_path / "file")
    said = [dict(record.headers) for _, record in await records(made, "strays")]
    assert [None] * 3 == [each["of-a-feed"] for each in said if "of-a-feed" in each]
    for application in (APPLICATION, AGAIN):
        await fold(made, tmp_path, application)
        assert before + 1 == strays_folded(await month(made, application))


@pytest.fixture
async def exported(made: Connection, tmp_path: Path) -> Path:
    """A file of a month's first half, and topics for the application that is to go on."""
    first, _ = sliced_at(tmp_path / "feed", (0.5,), FEED)
    await publish(made, first)
    await fold(made, tmp_path)
    await export_ledger(made, APPLICATION, tmp_path / "file")
    await create(made, AGAIN)
    return tmp_path / "file"


async def is_empty(connection: Connection, application: str) -> bool:
    async with Extents(connection) as extents:
        places = [(ledger_name(application), partition) for partition in range(PARTITIONS)]
        tops = await extents.tops([*places, (f"{application}-clocks", 0)])
    return not any(tops.values())


async def delete_before(connection: Connection, topic: str, partition: int, offset: int) -> None:
    """Delete the first records of a partition, as retention does."""
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(connection.topic(topic), partition): RecordsToDelete(offset)})
    finally:
        await admin.close()


async def refused(connection: Connection, application: str, path: Path) -> str:
    with pytest.raises(StateError) as error:
        await import_ledger(connection, application, path)
    return str(error.value)


def damaged(exported: Path, folder: Path) -> list[Path]:
    """Return files that were cut short, and one in which a record's key is another."""
    packed = exported.read_bytes()
    content = gzip.decompress(packed)
    changed = content.replace(b"|000000", b"|000009", 1)
    assert changed != content
    paths = [folder / name for name in ("short", "half", "changed")]
    for path, each in zip(
        paths, (packed[:-9], gzip.compress(content[: len(content) // 2]), gzip.compress(changed)), strict=True
    ):
        path.write_bytes(each)
    return paths


async def test_what_does_not_fit_is_refused_with_what_to_do_and_nothing_is_written(
    made: Connection, exported: Path, tmp_path: Path
) -> None:
    for path in damaged(exported, tmp_path):
        said = await refused(made, AGAIN, path)
        assert said.startswith(f"{path} is no whole export of a ledger (")
    assert f"is a ledger of {APPLICATION} itself" in await refused(made, APPLICATION, exported)

    await create(narrow := replace(made, prefix=f"{made.prefix}narrow-"), AGAIN, partitions=2)
    assert "the file is of 4 partitions, the topics have 2" in await refused(narrow, AGAIN, exported)
    assert await is_empty(made, AGAIN)

    await import_ledger(made, AGAIN, exported)
    said = await refused(made, AGAIN, exported)
    assert f"{made.prefix}{AGAIN}-clocks and {made.prefix}{AGAIN}-ledger hold records already" in said


async def test_no_application_whose_commits_a_file_begins_with_goes_on_from_it(
    made: Connection, exported: Path, tmp_path: Path
) -> None:
    """What the first has sent out since its own export carries its name, in topics made anew as in those before."""
    await import_ledger(made, AGAIN, exported)
    await export_ledger(made, AGAIN, tmp_path / "second")
    ledger, clocks = ledger_name(APPLICATION), f"{APPLICATION}-clocks"
    await remove_topics(made, ledger, clocks)
    await create(made, APPLICATION)
    for application in (APPLICATION, AGAIN):
        said = await refused(made, application, tmp_path / "second")
        assert f"is a ledger of {application} itself, or one that began with such: what {application} has sent" in said
        assert said.endswith(f"give a name that none of {APPLICATION}, {AGAIN} is, for example {APPLICATION}-3")
    assert await is_empty(made, APPLICATION)


async def test_a_file_behind_which_records_are_gone_is_refused_with_the_place(made: Connection, exported: Path) -> None:
    async with Extents(made) as extents:
        top = (await extents.tops([("alerts", 1)]))["alerts", 1]
    async with AIOKafkaProducer(**made.options()) as producer:
        await producer.send_and_wait(made.topic("alerts"), b"{}", partition=1)
    await delete_before(made, "alerts", 1, top + 1)
    said = await refused(made, AGAIN, exported)
    place = f"{made.topic('alerts')}/1 holds offsets {top + 1} to {top + 1}, the file has folded up to {top}"
    assert said.startswith(place)
    assert await is_empty(made, AGAIN)


async def test_a_file_that_had_nothing_of_a_topic_whose_first_records_are_gone_is_refused(
    made: Connection, tmp_path: Path
) -> None:
    """A worker would refuse it, after all of it was written."""
    first, _ = sliced_at(tmp_path / "feed", (0.5,), FEED)
    (first / "alerts.ndjson").unlink()
    await publish(made, first)
    await fold(made, tmp_path)
    await export_ledger(made, APPLICATION, tmp_path / "file")
    await create(made, AGAIN)
    async with AIOKafkaProducer(**made.options()) as producer:
        for _ in range(2):
            await producer.send_and_wait(made.topic("alerts"), b"{}", partition=1)
    await delete_before(made, "alerts", 1, 1)
    said = await refused(made, AGAIN, tmp_path / "file")
    assert said.startswith(f"{made.topic('alerts')}/1 holds offsets 1 to 2, the file has folded up to 0: ")
    assert await is_empty(made, AGAIN)


async def test_an_import_that_was_killed_leaves_what_no_worker_takes_and_no_second_import(
    made: Connection, exported: Path, tmp_path: Path
) -> None:
    """Killed within the transaction of its third partition."""
    said = ("--bootstrap", made.bootstrap, "--prefix", made.prefix, "--application", AGAIN)
    command = [sys.executable, "-m", "dcc_analytics.commands.main", "ledger", "import", str(exported), *said]
    environment = {**os.environ, "DCCA_FAULT": "commit.sent:kill:3"}
    ended = await asyncio.to_thread(subprocess.run, command, env=environment, timeout=60, check=False)
    assert -signal.SIGKILL == ended.returncode
    async with Extents(made) as extents:
        found = [await read_ledger(extents, made, ledger_name(AGAIN), partition) for partition in range(PARTITIONS)]
    assert [True, True, False, False] == [bool(each) for each in found]
    with pytest.raises(StateError, match=r"the ledger was recreated, or has lost commits"):
        await fold(made, tmp_path, AGAIN)
    assert "hold records already" in await refused(made, AGAIN, exported)


async def test_a_ledger_without_commits_is_not_exported(made: Connection, tmp_path: Path) -> None:
    with pytest.raises(StateError, match=r"-ledger is empty: there is nothing to export$"):
        await export_ledger(made, APPLICATION, tmp_path / "file")
    assert not (tmp_path / "file").exists()
