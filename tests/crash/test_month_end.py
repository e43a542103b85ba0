"""Snapshot and packs as commands that are killed, fail or find the disk full: what stands is whole, and goes on."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dcc_analytics.snapshot.revision import revision_of, standing
from dcc_analytics.stream.broker.node import BrokerStatus
from dcc_analytics.stream.fault_points import VARIABLE
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import create_topics
from tests.conftest import APPLICATION
from tests.crash.entry import Forked
from tests.recorded_sample import MONTH
from tests.render.test_packs import contents, two
from tests.sliced_sample import sliced
from tests.worker_process import WorkerProcess

pytestmark = [pytest.mark.broker, pytest.mark.slow]

#: A disk on which no file can have more than some kilobytes.
SMALL_DISK = ("sh", "-c", 'ulimit -f 8 && exec "$@"', "sh")
PARTITIONS = 2


def dcca(*arguments: str, fault: str = "", before: tuple[str, ...] = ()) -> tuple[int, str]:
    """Run a command; return its exit code and the last line it said."""
    command = (*before, sys.executable, "-m", "dcc_analytics.commands.main", *arguments)
    environment = {**os.environ, VARIABLE: fault}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, (done.stderr.splitlines() or [""])[-1]


# -- the snapshot --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folded(kafka: BrokerStatus, tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[str, ...], Path]:
    """The options of a ledger that has folded a little, with a snapshot taken of less of it before."""
    connection = Connection(kafka.bootstrap, "month-end-")
    folder = tmp_path_factory.mktemp("folded")
    options = ("--month", str(MONTH), "--bootstrap", connection.bootstrap, "--prefix", connection.prefix)
    asyncio.run(create_topics(connection, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True))
    first, second = sliced(folder / "parts", 20)[:2]
    asyncio.run(fold(connection, folder, first))
    assert dcca("snapshot", *options, "--out", str(folder / "out"))[0] == 0
    asyncio.run(fold(connection, folder, second))
    return options, folder / "out"


async def fold(connection: Connection, folder: Path, part: Path) -> None:
    """Publish a part of the sample and let a worker fold it."""
    await publish(connection, part)
    with WorkerProcess(connection, folder / "worker", "--until-caught-up", begin=Forked) as worker:
        assert await worker.ended() == 0


@pytest.fixture(scope="module")
def whole(folded: tuple[tuple[str, ...], Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The snapshots as they are when nothing fails."""
    options, before = folded
    out = shutil.copytree(before, tmp_path_factory.mktemp("whole") / "out")
    assert dcca("snapshot", *options, "--out", str(out))[0] == 0
    return contents(out)


@pytest.mark.parametrize(
    ("fault", "stands"),
    [
        ("snapshot.written:kill", 1),
        ("snapshot.set_aside:kill", 1),
        ("snapshot.set_aside:raise", 1),
    ],
)
def test_a_snapshot_that_fails_leaves_the_former_and_the_next_has_the_same_bytes(
    folded: tuple[tuple[str, ...], Path], whole: dict[str, bytes], tmp_path: Path, fault: str, stands: int
) -> None:
    options, before = folded
    out = shutil.copytree(before, tmp_path / "out")
    code, last = dcca("snapshot", *options, "--out", str(out), fault=fault)
    if fault.endswith("kill"):
        assert -signal.SIGKILL == code
    else:
        assert 1 == code
        assert "the snapshot can't be written" in last
    assert stands == revision_of(standing(out / "snapshots", str(MONTH)))
    assert dcca("snapshot", *options, "--out", str(out))[0] == 0
    assert whole == contents(out)


def test_a_full_disk_is_said_and_the_former_snapshot_stands(
    folded: tuple[tuple[str, ...], Path], tmp_path: Path
) -> None:
    options, before = folded
    out = shutil.copytree(before, tmp_path / "out")
    code, last = dcca("snapshot", *options, "--out", str(out), before=SMALL_DISK)
    assert 1 == code
    assert last.startswith("dcca: ")
    assert contents(before) == contents(out)


# -- packs ---------------------------------------------------------------------------------------------------


def snapshots(out: Path, failures: int) -> Path:
    """Write a snapshot of two Members in place of the former."""
    shutil.rmtree(out / "snapshots", ignore_errors=True)
    two(out / "snapshots" / str(MONTH), failures=failures)
    return out


def render(out: Path, *, fault: str = "", before: tuple[str, ...] = ()) -> tuple[int, str]:
    return dcca("render", "--month", str(MONTH), "--out", str(out), "--processes", "1", fault=fault, before=before)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """Packs of a former snapshot, and what those of the next hold when nothing fails."""
    former = snapshots(tmp_path_factory.mktemp("former"), 5)
    assert render(former)[0] == 0
    following = snapshots(shutil.copytree(former, tmp_path_factory.mktemp("next") / "out"), 6)
    assert render(following)[0] == 0
    return former, contents(following / "packs")


@pytest.mark.parametrize(
    "fault",
    ["render.set_aside:kill", "render.pack_written:raise"],
)
def test_packs_that_fail_are_named_and_the_next_run_has_the_same_bytes(
    rendered: tuple[Path, dict[str, bytes]], tmp_path: Path, fault: str
) -> None:
    former, whole = rendered
    out = snapshots(shutil.copytree(former, tmp_path / "out"), 6)
    code, last = render(out, fault=fault)
    assert 3 == code
    assert "packs failed" in last
    assert not (out / "packs" / str(MONTH)).exists(), "released"
    for pack in (out / "packs" / f"{MONTH}.held").iterdir():
        assert pack.is_file() or (pack / "manifest.json").exists(), "half a pack"
    assert render(out)[0] == 0
    assert whole == contents(out / "packs")


def test_packs_are_held_when_a_run_is_killed_before_they_are_attacked(
    rendered: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    """What was released before is withdrawn: it is of a former snapshot, and being replaced."""
    former, whole = rendered
    out = snapshots(shutil.copytree(former, tmp_path / "out"), 6)
    assert -signal.SIGKILL == render(out, fault="render.held:kill")[0]
    assert [".told", f"{MONTH}.held"] == sorted(path.name for path in (out / "packs").iterdir())
    assert render(out)[0] == 0
    assert whole == contents(out / "packs")


@pytest.mark.parametrize("times", [1, 2])
def test_what_was_told_is_kept_whole_or_not_at_all_and_released_until_it_is(
    rendered: tuple[Path, dict[str, bytes]], tmp_path: Path, times: int
) -> None:
    former, whole = rendered
    out = snapshots(shutil.copytree(former, tmp_path / "out"), 6)
    for _ in range(times):
        assert -signal.SIGKILL == render(out, fault="render.told:kill")[0]
    assert contents(former / "packs" / str(MONTH)) == contents(out / "packs" / str(MONTH))
    assert [".making"] == [path.name for path in (out / "packs" / ".told" / str(MONTH)).iterdir()]
    assert render(out)[0] == 0
    assert whole == contents(out / "packs")


def test_packs_on_a_full_disk_are_said(rendered: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    former, _ = rendered
    out = snapshots(shutil.copytree(former, tmp_path / "out"), 6)
    code, last = render(out, before=SMALL_DISK)
    assert 3 == code
    assert "packs failed" in last or "packs can't be written" in last
