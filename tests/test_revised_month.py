"""A month published to a real broker in two parts, a snapshot after each: the list of changes beside the files."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.render.change_files import CHANGES, own_changes, revision
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.files import files_for
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from tests.conftest import APPLICATION
from tests.render.revisions import differences, listed
from tests.sliced_sample import sliced

pytestmark = [pytest.mark.broker, pytest.mark.slow]

COMMAND = (sys.executable, "-m", "dcc_analytics.commands.main", "snapshot", "--month", "2026-10")
#: Device rows that are listed at most, in the inventory of a Member; the others are counted.
COUNTED = "inventory"


def snapshot(connection: Connection, out: Path, *options: str) -> str:
    """Return what ``dcca snapshot`` says."""
    where = ("--bootstrap", connection.bootstrap, "--prefix", connection.prefix, "--out", str(out))
    ended = subprocess.run([*COMMAND, *where, *options], capture_output=True, text=True, timeout=300, check=False)
    assert 0 == ended.returncode, ended.stderr
    return ended.stdout


async def fold(connection: Connection, events: Path, state: Path) -> None:
    await publish(connection, events)
    await Worker(connection, WorkerSettings(APPLICATION, state)).run(until_caught_up=True)


def write_files(taken: SnapshotFolder, packs: Path) -> None:
    """Write the CSV files of every Member, and what changed where there is a list."""
    for member in taken.members():
        pack = packs / member.folder
        pack.mkdir(parents=True)
        for file in files_for(member.role):
            write_csv(taken.table(file.name, member), file, pack / file.file_name)
        if revision(taken) > 1:
            write_csv(own_changes(taken, member), CHANGES, pack / CHANGES.file_name)


async def test_the_list_of_each_member_is_the_difference_of_its_files(made: Connection, tmp_path: Path) -> None:
    first, second, _ = sliced(tmp_path / "events", 3)
    out, standing = tmp_path / "out", tmp_path / "out" / "snapshots" / "2026-10"
    await fold(made, first, tmp_path / "state")
    said: dict[str, Any] = json.loads(snapshot(made, out, "--json"))
    assert ("provisional", 1, 0) == (said["status"], said["revision"], said["changes"]["figures"])
    write_files(SnapshotFolder.open(standing), tmp_path / "before")

    await fold(made, second, tmp_path / "state")
    said = json.loads(snapshot(made, out, "--json"))
    taken = SnapshotFolder.open(standing)
    write_files(taken, tmp_path / "after")
    assert ("provisional", 2) == (said["status"], said["revision"])
    assert {"service-requests", "service-responses", "alerts"} <= taken.manifest["causes"].keys()
    found = 0
    for member in taken.members():
        pack = tmp_path / "after" / member.folder
        expected = [
            each for each in differences(tmp_path / "before" / member.folder, pack, member.role) if each[0] != COUNTED
        ]
        assert expected == [each for each in listed(pack) if each[0] != COUNTED]
        found += len(expected)
    assert found > 1_000
    assert said["changes"] == {name: taken.manifest["changes"][name] for name in said["changes"]}

    kept = {path.name: path.read_bytes() for path in standing.iterdir()}
    assert "revision 2 as before: no figure changed\n" in snapshot(made, out)
    assert kept == {path.name: path.read_bytes() for path in standing.iterdir()}
    assert {"2026-10", "2026-10.revision-1"} == {path.name for path in standing.parent.iterdir()}
