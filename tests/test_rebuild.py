"""``dcca rebuild`` on a real broker: the same figures, others where a fold was tampered with, and killed half-way.

Requirements: R-MON-1.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from dcc_analytics.aggregators import observe
from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.commands.rebuild import _check_retention
from dcc_analytics.commands.rebuild import rebuild as command_of_rebuild
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from tests.conftest import APPLICATION
from tests.golden_ledgers import FEED, MONTH
from tests.worker_process import until

pytestmark = [pytest.mark.broker, pytest.mark.slow]

COMMAND = (sys.executable, "-m", "dcc_analytics.commands.main", "rebuild", "--month", "2026-10")
INTO = f"{APPLICATION}-rebuild-202610"


def command(connection: Connection, *options: str) -> list[str]:
    return [*COMMAND, "--bootstrap", connection.bootstrap, "--prefix", connection.prefix, *options]


def rebuild(connection: Connection, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(connection, *options), capture_output=True, text=True, timeout=300, check=False)


@contextmanager
def started(connection: Connection, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a rebuild that is killed at the end of the context if it still runs."""
    with log.open("wb") as file, subprocess.Popen(command(connection), stdout=file, stderr=file) as process:
        try:
            yield process
        finally:
            process.kill()


def last_line(ended: "subprocess.CompletedProcess[str]") -> str:
    return ended.stderr.splitlines()[-1]


async def fold(connection: Connection, state: Path) -> None:
    await Worker(connection, WorkerSettings(APPLICATION, state)).run(until_caught_up=True)


async def topics(connection: Connection) -> set[str]:
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        return {name for name in await admin.list_topics() if name.startswith(connection.prefix)}
    finally:
        await admin.close()


async def test_a_rebuild_that_was_killed_goes_on_to_the_same_figures_and_leaves_nothing(
    made: Connection, tmp_path: Path
) -> None:
    await publish(made, FEED)
    await fold(made, tmp_path / "state")
    before = await topics(made)
    with started(made, tmp_path / "log") as process:
        await until(lambda: b" shard_open " in (tmp_path / "log").read_bytes(), "a shard of the rebuild")
        process.kill()
        assert -9 == process.wait()

    refused = rebuild(made)
    assert 1 == refused.returncode
    assert f"dcca: the application {INTO} is there (" in last_line(refused)
    assert last_line(refused).endswith("give --resume to go on with it, or another name with --into")

    ended = rebuild(made, "--resume", "--json", "--out", str(tmp_path / "out"))
    assert 0 == ended.returncode, ended.stderr
    said: dict[str, Any] = json.loads(ended.stdout)
    assert (True, "final", INTO) == (said["equal"], said["status"], said["into"])
    assert {} == said["totals"]
    assert [] == said["differences"]
    assert 112 == said["tables"]["round_trips_monthly"]["rows"]
    assert before == await topics(made)
    assert {"was", "now", "changes.parquet"} == {path.name for path in (tmp_path / "out").iterdir()}

    ended = rebuild(made, "--resume")
    assert f"dcca: there is no rebuild {INTO} to go on with; leave --resume out" == last_line(ended)


async def test_a_ledger_with_another_figure_is_told_by_table_and_row(
    made: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(made, FEED)
    observed = observe.Observer.observe

    def tampered(observer: observe.Observer, seen: observe.Observation) -> None:
        observed(observer, msgspec.structs.replace(seen, reason="E999") if seen.reason == "NO-RESPONSE" else seen)

    with monkeypatch.context() as patch:
        patch.setattr(observe.Observer, "observe", tampered)
        await fold(made, tmp_path / "state")
    ended = rebuild(made, "--json")
    assert 7 == ended.returncode, ended.stderr
    said: dict[str, Any] = json.loads(ended.stdout)
    assert not said["equal"]
    assert {"failures"} == {each["table"] for each in said["differences"]}
    assert {"failures"} == {
        name for name, each in said["tables"].items() if each["changed"] + each["came"] + each["gone"]
    }
    assert {"reasons"} == said["totals"].keys()
    assert re.search(
        r"folded again differs in \d+ places, the first in failures, \S+ \S+, day=2026-10-", last_line(ended)
    )
    assert not {name for name in await topics(made) if INTO in name}


async def test_a_month_is_refused_with_the_place_when_retention_has_removed_what_it_is_made_from(
    made: Connection,
) -> None:
    """It is made from records since 6 August; of two of July one may be gone."""
    place = TopicPartition(made.topic("alerts"), 1)
    async with AIOKafkaProducer(**made.options()) as producer:
        for day in (1, 2):
            july_ms = int(datetime(2026, 7, day, tzinfo=UTC).timestamp() * 1000)
            await producer.send_and_wait(place.topic, b"{}", partition=1, timestamp_ms=july_ms)
    await publish(made, FEED)
    await remove_until(made, place, 1)
    async with Extents(made) as extents:
        starts = await extents.starts([("alerts", 1)])
        assert {("alerts", 1): 1} == starts
        await _check_retention(made, extents, starts, MONTH)
    await remove_until(made, place, 2)
    refused = rebuild(made)
    assert 1 == refused.returncode
    assert f"{place.topic}, partition 1, begins at offset 2, and 2026-10 is made from records" in last_line(refused)
    assert not {name for name in await topics(made) if INTO in name}


async def remove_until(connection: Connection, place: TopicPartition, offset: int) -> None:
    """Remove records as retention does."""
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        await admin.delete_records({place: RecordsToDelete(offset)})
    finally:
        await admin.close()


def test_a_rebuild_into_the_application_itself_or_over_other_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--into dcca is the --application that is checked; give another name$"):
        command_of_rebuild(MONTH, into=APPLICATION)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"^--out .* is not empty; give another folder$"):
        command_of_rebuild(MONTH, out=tmp_path)
    with pytest.raises(UsageError, match=r"^--out .* can't be written to \(.*\); give another folder$"):
        command_of_rebuild(MONTH, out=tmp_path / "file")
