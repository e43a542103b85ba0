"""Which snapshot stands, which is kept, and what a kill leaves: real folders, a real process killed."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.render.files import KEYS
from dcc_analytics.snapshot.revision import put, revision_of, standing, told
from tests.render.snapshot_maker import member, monthly, write_snapshot

pytestmark = pytest.mark.slow


def make(folder: Path, *, failures: int, status: str = "final") -> tuple[Path, dict[str, Any]]:
    """Return a folder with the tables of a snapshot, and its manifest without number."""
    making = folder / f".making-{failures}"
    rows = [monthly("A", "IS", "Meter Reads", "4.8.1", failures=failures)]
    write_snapshot(making, {"members": [member("A", "IS")], "round_trips_monthly": rows}, status=status)
    manifest = making / "manifest.json"
    said: dict[str, Any] = json.loads(manifest.read_text())
    manifest.unlink()
    return making, said


def take(folder: Path, *, failures: int, status: str = "final") -> dict[str, Any]:
    """Put a snapshot into its place; return the manifest that stands afterwards."""
    making, manifest = make(folder, failures=failures, status=status)
    put(making, manifest, folder / "2026-10", KEYS)
    said: dict[str, Any] = json.loads((folder / "2026-10" / "manifest.json").read_text())
    return said


def failures_of(path: Path) -> int:
    return int(pl.read_parquet(path / "round_trips_monthly.parquet")["failures"].item())


def test_the_first_is_number_one_and_lists_nothing(tmp_path: Path) -> None:
    said = take(tmp_path, failures=1)
    assert (1, False) == (said["revision"], "changes" in said)
    assert not (tmp_path / "2026-10" / "changes.parquet").exists()


def test_the_next_lists_what_changed_and_keeps_the_one_before(tmp_path: Path) -> None:
    take(tmp_path, failures=1)
    said = take(tmp_path, failures=2)
    rows = pl.read_parquet(tmp_path / "2026-10" / "changes.parquet")
    own = {"requests", "failures", "success_rate", "failure_rate", "failure_rate_low", "failure_rate_high"}
    assert own == set(rows["column"])
    assert (2, 6) == (said["revision"], said["changes"]["figures"])
    assert (2, 1) == (failures_of(tmp_path / "2026-10"), failures_of(tmp_path / "2026-10.revision-1"))


def test_a_snapshot_of_a_release_that_knew_no_revisions_counts_as_the_first(tmp_path: Path) -> None:
    making, manifest = make(tmp_path, failures=1)
    (making / "manifest.json").write_text(json.dumps(manifest))
    making.rename(tmp_path / "2026-10")
    assert 1 == revision_of(tmp_path / "2026-10")
    assert 2 == take(tmp_path, failures=2)["revision"]
    assert {1: True} == {1: (tmp_path / "2026-10.revision-1").exists()}


def test_a_file_that_was_harmed_is_repaired_under_the_same_number(tmp_path: Path) -> None:
    take(tmp_path, failures=1)
    (tmp_path / "2026-10" / "round_trips_monthly.parquet").write_bytes(b"harmed")
    assert 1 == take(tmp_path, failures=1)["revision"]
    assert 1 == failures_of(tmp_path / "2026-10")
    assert not (tmp_path / "2026-10.revision-1").exists()


@pytest.mark.parametrize("name", ["manifest.json", "round_trips_monthly.parquet"])
def test_one_too_damaged_to_be_compared_is_never_replaced(tmp_path: Path, name: str) -> None:
    take(tmp_path, failures=1)
    (tmp_path / "2026-10" / name).write_bytes(b"damaged")
    with pytest.raises(SnapshotError, match=r"the snapshot in .*2026-10 is damaged \(.*\); move it away and take"):
        take(tmp_path, failures=2)
    assert b"damaged" == (tmp_path / "2026-10" / name).read_bytes()
    assert not (tmp_path / "2026-10.revision-1").exists()


def test_the_newest_kept_one_stands_where_none_is_in_the_place(tmp_path: Path) -> None:
    assert tmp_path / "2026-10" == standing(tmp_path, "2026-10")
    for number in range(1, 12):
        (tmp_path / f"2026-10.revision-{number}").mkdir()
    (tmp_path / "2026-10.revision-old").mkdir()
    assert tmp_path / "2026-10.revision-11" == standing(tmp_path, "2026-10")
    assert tmp_path / "2026-11" == standing(tmp_path, "2026-11")
    assert None is revision_of(tmp_path / "2026-11")


RUN = """
import json, os, signal, sys
from pathlib import Path
from dcc_analytics.render.files import KEYS
from dcc_analytics.snapshot.revision import put

making, manifest, target, left = Path(sys.argv[1]), json.loads(sys.argv[2]), Path(sys.argv[3]), [int(sys.argv[4])]
rename = os.rename

def killed(*names, **options):
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    rename(*names, **options)

os.rename = killed
put(making, manifest, target, KEYS)
"""


@pytest.mark.parametrize(("renames", "stands"), [(0, 1), (1, 1), (2, 2)])
@pytest.mark.parametrize("status", ["final", "provisional"])
def test_a_kill_leaves_one_whole_snapshot_that_the_next_goes_on_from(
    tmp_path: Path, renames: int, stands: int, status: str
) -> None:
    take(tmp_path, failures=1)
    making, manifest = make(tmp_path, failures=2, status=status)
    said = json.dumps(manifest)
    command = [sys.executable, "-c", RUN, str(making), said, str(tmp_path / "2026-10"), str(renames)]
    ended = subprocess.run(command, check=False, timeout=100)
    assert (-signal.SIGKILL if renames < 2 else 0) == ended.returncode
    found = standing(tmp_path, "2026-10")
    assert (stands, stands) == (revision_of(found), failures_of(found))
    assert (renames != 1) == (tmp_path / "2026-10").exists()
    assert 1 + stands == take(tmp_path, failures=3)["revision"]
    kept = sorted(path.name for path in tmp_path.glob("2026-10*"))
    assert ["2026-10", *(f"2026-10.revision-{number}" for number in range(1, 1 + stands))] == kept


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_a_kill_while_the_same_figures_are_put_under_a_later_clock_leaves_the_number(
    tmp_path: Path, renames: int
) -> None:
    take(tmp_path, failures=1)
    making, manifest = make(tmp_path, failures=1)
    said = json.dumps({**manifest, "stream_clock": "later"})
    command = [sys.executable, "-c", RUN, str(making), said, str(tmp_path / "2026-10"), str(renames)]
    assert (-signal.SIGKILL if renames < 2 else 0) == subprocess.run(command, check=False, timeout=100).returncode
    found = standing(tmp_path, "2026-10")
    assert (1, 1) == (revision_of(found), failures_of(found))
    assert 1 == take(tmp_path, failures=1)["revision"]
    assert ["2026-10"] == [path.name for path in tmp_path.glob("2026-10*")]


def test_what_was_left_of_a_replacement_by_the_same_figures_gives_way(tmp_path: Path) -> None:
    take(tmp_path, failures=1)
    shutil.copytree(tmp_path / "2026-10", tmp_path / "2026-10.revision-1")
    assert 2 == take(tmp_path, failures=2)["revision"]
    assert (2, 1) == (failures_of(tmp_path / "2026-10"), failures_of(tmp_path / "2026-10.revision-1"))


def test_what_a_command_says(tmp_path: Path) -> None:
    first = take(tmp_path, failures=1)
    nothing = {"figures": 0, "rows_came": 0, "rows_gone": 0}
    assert ({"revision": 1, "changes": nothing}, "revision 1") == told(first)
    second = take(tmp_path, failures=2)
    counted = {"figures": 6, "rows_came": 0, "rows_gone": 0}
    words = "revision 2: 6 figures changed, 0 rows came and 0 went"
    assert ({"revision": 2, "changes": counted}, words) == told(second, before=1)
    assert "revision 2 as before: no figure changed" == told(second, before=2)[1]


def test_the_same_snapshot_again_leaves_the_audit_beside_the_standing_one(tmp_path: Path) -> None:
    take(tmp_path, failures=1)
    audit = tmp_path / "2026-10" / "audit.json"
    audit.write_text("{}")
    take(tmp_path, failures=1)
    assert audit.exists()
    take(tmp_path, failures=2)
    assert (False, True) == (audit.exists(), (tmp_path / "2026-10.revision-1" / "audit.json").exists())
