"""Four partitions become six with events flowing: the commands of the page, in order, on a real broker.

Requirements: R-MON-1.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from dcc_analytics.aggregators.clocks import ClockBoard
from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.render.files import KEYS
from dcc_analytics.render.packs import write_pack
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze, write
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import topics
from tests.conftest import APPLICATION, PARTITIONS, remove_topics
from tests.golden_ledgers import FEED, MONTH
from tests.recorded_sample import published
from tests.sliced_sample import sliced_at
from tests.snapshot.revised_month import read_up_to
from tests.worker_process import WorkerProcess, until

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PAGE: Final = Path(__file__).parents[1] / "docs" / "upgrading.md"
WIDE: Final = "wide-"
MORE: Final = 6


def commands() -> list[list[str]]:
    """Return the commands of the page's section, in their order."""
    (section,) = re.findall(r"(?ms)^## More partitions$(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"))
    return [line.split() for line in re.findall(r"(?m)^ {7}(dcca .+)$", section.replace("\\\n", " "))]


class Shell:
    """Runs the page's commands for topics under a prefix of the test's own."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self.folder = folder
        self._prefix = connection.prefix
        self._environment = {**os.environ, "DCCA_BOOTSTRAP": connection.bootstrap, "DCCA_PREFIX": connection.prefix}

    def _words(self, command: list[str]) -> list[str]:
        own = [self._prefix + each if before in {"--prefix", "--from"} else each for before, each in pairwise(command)]
        return [sys.executable, "-m", "dcc_analytics.commands.main", *own]

    async def run(self, command: list[str], *more: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""

        def run() -> "subprocess.CompletedProcess[str]":
            return subprocess.run(
                [*self._words(command), *more], cwd=self.folder, env=self._environment, capture_output=True, text=True,
                timeout=120, check=False,
            )  # fmt: skip

        return await asyncio.to_thread(run)

    async def done(self, command: list[str], *more: str) -> str:
        """Run a command that has to succeed; return what it prints."""
        ended = await self.run(command, *more)
        assert 0 == ended.returncode, f"{command}: {ended.stdout}{ended.stderr}"
        return ended.stdout

    @contextmanager
    def running(self, command: list[str], *more: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Run a command beside what follows; it is killed at the end."""
        log = self.folder / f"{command[1]}-{len(list(self.folder.glob('*.log')))}.log"
        with (
            log.open("wb") as file,
            subprocess.Popen(
                [*self._words(command), *more], cwd=self.folder, env=self._environment, stdout=file, stderr=file
            ) as process,
        ):
            try:
                yield process
                assert process.poll() is None, log.read_text()
            finally:
                process.kill()


async def caught_up(connection: Connection, partitions: int) -> None:
    """Wait until all there is has been folded and committed."""
    async with Extents(connection) as extents, ClockBoard(connection, APPLICATION, partitions) as board:
        async with asyncio.timeout(120):
            while not await board.caught_up(extents):  # noqa: ASYNC110 (of a broker)
                await asyncio.sleep(0.1)


async def live_says(shell: Shell, wanted: Callable[[int], bool]) -> None:
    """Wait until the live view is ready and says that so many records wait."""
    log = shell.folder / "live-1.log"
    await until(lambda: b"http://" in log.read_bytes(), "the address of live")
    (address,) = set(map(str, re.findall(r"http://127\.0\.0\.1:\d+", log.read_text())))
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while (await session.get(f"{address}/readyz")).status != 200:  # noqa: ASYNC110 (of a server)
            await asyncio.sleep(0.2)
        while not wanted((await (await session.get(f"{address}/api/v1/now")).json())["trust"]["behind"]):  # noqa: ASYNC110 (of a server)
            await asyncio.sleep(0.2)


@pytest.mark.long
async def test_four_partitions_become_six_with_events_flowing_and_the_figures_are_the_same(
    made: Connection, tmp_path: Path
) -> None:
    create, move, live, worker, *freezing, compare = commands()
    shell, wide = Shell(made, tmp_path), replace(made, prefix=f"{made.prefix}{WIDE}")
    # A repeat that is a request of its own comes later than the answer before it, and a month's end than its answers.
    first, *flowing, last = sliced_at(tmp_path / "feed", (0.4, 0.58, 0.73, 0.95), FEED)
    await publish(made, first)  # Device records precede the events they explain
    with WorkerProcess(made, tmp_path / "old"):
        await shell.done(create, "--keep-recorded")
        await shell.done(move)
        assert move.pop() == "--until-caught-up"
        with shell.running(move):
            live[live.index("--port") + 1] = "0"
            with shell.running(live), ExitStack() as later:
                await live_says(shell, lambda behind: behind > 0)
                later.enter_context(shell.running(worker))
                for each in flowing:
                    await publish(made, each)
                    await caught_up(made, PARTITIONS)
                    await shell.done([*move, "--until-caught-up"])
                    await caught_up(wide, MORE)
                for command in freezing:
                    await shell.done(command)
                said = json.loads(await shell.done(compare, "--totals", "--json"))
                assert (True, {}, []) == (said["equal"], said["totals"], said["differences"])
                assert said["tables"]["round_trips_monthly"]["rows"] > 100
                await live_says(shell, lambda behind: behind == 0)

                await publish(wide, last)
                await caught_up(wide, MORE)
    await shell.done(["dcca", "snapshot", "--month", "2026-10", "--out", "switched", "--prefix", WIDE])
    await shell.done(["dcca", "audit", "--month", "2026-10", "--out", "switched", "--prefix", WIDE])
    undisturbed(tmp_path / "undisturbed")
    ended = await shell.done(
        ["dcca", "compare", "undisturbed/2026-10", "switched/snapshots/2026-10"], "--totals", "--json"
    )
    said = json.loads(ended)
    assert (True, ["final", "final"]) == (said["equal"], said["status"])
    assert 112 == said["tables"]["round_trips_monthly"]["rows"]


def undisturbed(folder: Path) -> Path:
    """Freeze the month of a feed that was folded by four partitions, and nothing else done."""
    driver, _ = published(PARTITIONS, FEED)
    driver.run()
    return write(freeze(read_up_to(driver), MONTH, read_rules()), folder, KEYS)


async def alter(connection: Connection, names: set[str]) -> None:
    """Add partitions to topics, as somebody might."""
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        await admin.create_partitions({connection.topic(name): NewPartitions(MORE) for name in names})
        async with Extents(connection) as extents:
            while {await extents.partitions(name) for name in names} != {MORE}:  # noqa: ASYNC110 (of a broker)
                await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def test_topics_to_all_of_which_somebody_has_added_partitions_are_refused_and_their_records_move_on(
    made: Connection, tmp_path: Path
) -> None:
    """Every number is the same again, so that nothing but the ledger itself knows."""
    first, second = sliced_at(tmp_path / "feed", (0.4,), FEED)
    await publish(made, first)
    settings = WorkerSettings(APPLICATION, tmp_path / "state", session_timeout_s=3.0)
    await asyncio.wait_for(Worker(made, settings).run(until_caught_up=True), 60)
    await alter(made, {topic.name for topic in topics(APPLICATION) if topic.partitions is None})
    with pytest.raises(StateError, match=r"-ledger is folded by 4 partitions, the topics have 6: somebody added"):
        await asyncio.wait_for(Worker(made, settings).run(until_caught_up=True), 60)
    with pytest.raises(StateError, match=r"-ledger is folded by 4 partitions, the topics have 6: somebody added"):
        await collect(made, APPLICATION)

    create, move, *_ = commands()
    shell, wide = Shell(made, tmp_path), replace(made, prefix=f"{made.prefix}{WIDE}")
    await publish(made, second)
    await shell.done(create, "--keep-recorded")
    await shell.done(move)
    settings = WorkerSettings(APPLICATION, tmp_path / "wide", session_timeout_s=3.0)
    await asyncio.wait_for(Worker(wide, settings).run(until_caught_up=True), 60)
    await shell.done(["dcca", "snapshot", "--month", "2026-10", "--out", "wide", "--prefix", WIDE])
    undisturbed(tmp_path / "undisturbed")
    await shell.done(["dcca", "compare", "undisturbed/2026-10", "wide/snapshots/2026-10"], "--totals")


def failures_of_one(out: Path) -> Path:
    """Write packs of a folder's snapshot, as rendering all of them does, up to one that has failures to explain."""
    snapshot = SnapshotFolder.open(out / "snapshots" / "2026-10")
    fonts = out / "fonts"
    fonts.mkdir()
    for member in snapshot.members():
        pack = out / "packs" / "2026-10" / member.folder
        pack.mkdir(parents=True)
        write_pack(snapshot, member, pack, FontFolder.make(fonts))
        if len((pack / "failures.csv").read_text(encoding="utf-8").splitlines()) > 1:
            return pack / "failures.csv"
    raise AssertionError("nobody has any failures")


@pytest.mark.long
async def test_old_topics_and_folder_are_needed_for_the_months_before_and_then_for_nothing(
    made: Connection, tmp_path: Path
) -> None:
    """The last step: who asks of a month before is told that its topics are gone, and everybody else goes on."""
    create, move, _, worker, *_ = commands()
    (step,) = re.findall(r"(?ms)^7\. Remove the old topics.*?(?=^\S)", PAGE.read_text(encoding="utf-8"))
    names = set(re.findall(r"`([a-z][a-z-]+)`", step))
    shell = Shell(made, tmp_path)
    await publish(made, FEED)
    settings = WorkerSettings(APPLICATION, tmp_path / "state", session_timeout_s=3.0)
    await asyncio.wait_for(Worker(made, settings).run(until_caught_up=True), 60)
    await shell.done(["dcca", "snapshot", "--month", "2026-10", "--out", "before"])
    await shell.done(create, "--keep-recorded")
    await shell.done(move)
    await shell.done([*worker, "--until-caught-up"])
    await shell.done(["dcca", "snapshot", "--month", "2026-10", "--out", "after", "--prefix", WIDE])

    audit = ["dcca", "audit", "--month", "2026-10", "--out", "before"]
    explain = ["dcca", "explain", str(failures_of_one(tmp_path / "before")), "1"]
    prove = ["dcca", "retention", "prove", "--prefix", WIDE, "--out", "after", "--state"]
    await shell.done(audit)
    await shell.done(explain)
    refused = await shell.run([*prove, "state"])
    assert (2, True) == (refused.returncode, "dcca: --state state holds no estate of " in refused.stderr)

    assert {topic.name for topic in topics(APPLICATION)} == names
    await remove_topics(made, *names)
    shutil.rmtree(tmp_path / "state")
    for command in (audit, explain):
        refused = await shell.run(command)
        assert 1 == refused.returncode
        (line,) = refused.stderr.splitlines()
        assert line.startswith(f"dcca: there is no topic {made.prefix}")
    await shell.done([*prove, "state-wide"])
    await shell.done([*worker, "--until-caught-up"])
    await shell.done(["dcca", "doctor", "--prefix", WIDE, "--part", "worker"])
    await shell.done(["dcca", "snapshot", "--month", "2026-10", "--out", "alone", "--prefix", WIDE])
    await shell.done(["dcca", "audit", "--month", "2026-10", "--out", "alone", "--prefix", WIDE])
    await shell.done(["dcca", "compare", "after/snapshots/2026-10", "alone/snapshots/2026-10"], "--totals")
