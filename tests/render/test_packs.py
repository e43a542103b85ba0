"""Packs: whole or not there, made again only if need be, the same bytes each time; real processes make them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import RenderError, SnapshotError
from dcc_analytics.render.columns import FileDefinition
from dcc_analytics.render.files import FILES
from dcc_analytics.render.incident_file import INCIDENTS
from dcc_analytics.render.packs import is_finished, render_packs
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.pack import compose
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.render.snapshot_maker import member, monthly, write_month, write_snapshot

pytestmark = pytest.mark.slow

#: What a pack has besides the files of its Role and their metadata.
BESIDE = ["README.txt", "data-dictionary.csv", "data-dictionary.csv-metadata.json", "pack.pdf"]
#: Members that sent something have an annex too.
WITH_ANNEX = {"FEW-GS", "LONG-IS"}
SMALL_FOLDERS = ["00-11-22-33-44-55-66-77-OU", "FEW-GS", "LONG-IS", "QUIET-ED"]


def always_there(pack: str) -> list[FileDefinition]:
    """Return the files every pack of its Role has."""
    role = pack.rsplit("-", 1)[1]
    of_role = [file for file in FILES.values() if not file.optional and (not file.roles or role in file.roles)]
    return [*of_role, INCIDENTS]


def beside(pack: str) -> list[str]:
    """Return what a pack has besides the files of its Role."""
    return [*BESIDE, *(["annex.pdf"] if pack in WITH_ANNEX else [])]


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file under a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def two(path: Path, *names: str, failures: int = 5) -> SnapshotFolder:
    """Return a snapshot of two Members, or of those named."""
    members = [member(name, "IS") for name in names or ("A", "B")]
    rows = [monthly(each["party"], "IS", "Meter Reads", "4.8.1", failures=failures) for each in members]
    return SnapshotFolder.open(write_snapshot(path, {"members": members, "round_trips_monthly": rows}))


@dataclass(frozen=True)
class Rendered:
    """A month of four Members, rendered once."""

    snapshot: SnapshotFolder
    folder: Path
    told: list[str]

    def copied(self, out: Path) -> Path:
        """Return the folder of packs in a copy that may be damaged."""
        return shutil.copytree(self.folder, out / "packs" / "2026-10")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    path, told = tmp_path_factory.mktemp("month"), list[str]()
    snapshot = SnapshotFolder.open(write_month(path / "snapshot", largest=False, status="provisional"))
    return Rendered(snapshot, render_packs(snapshot, path, processes=2, progress=told.append), told)


def test_every_member_gets_a_folder_whose_manifest_holds(rendered: Rendered) -> None:
    folder = rendered.folder
    assert ("packs", "2026-10") == folder.parts[-2:]
    assert [*SMALL_FOLDERS, "gate.json", "totals.json"] == sorted(path.name for path in folder.iterdir())
    assert SMALL_FOLDERS == sorted(rendered.told)
    assert rendered.snapshot.totals() == (folder / "totals.json").read_bytes()
    for pack in SMALL_FOLDERS:
        manifest = json.loads((folder / pack / "manifest.json").read_text())
        files = contents(folder / pack)
        del files["manifest.json"]
        assert {name: sha256(data).hexdigest() for name, data in files.items()} == {
            name: each["sha256"] for name, each in manifest["files"].items()
        }
        listed = always_there(pack)
        wanted = [name for file in listed for name in (file.file_name, file.metadata_name)]
        assert sorted([*wanted, *beside(pack)]) == sorted(files)
        for file in listed:
            assert files[file.file_name].count(b"\r\n") - 1 == manifest["files"][file.file_name]["rows"]


def test_a_manifest_says_whose_when_and_from_what(rendered: Rendered) -> None:
    manifest = json.loads((rendered.folder / "FEW-GS" / "manifest.json").read_text())
    files = manifest.pop("files")
    product = manifest.pop("product_version")
    assert {
        "month": "2026-10",
        "status": "provisional",
        "revision": 1,
        "query_until": "2026-11-17",
        "party": "FEW",
        "role": "GS",
        "stream_clock": "2026-11-10T00:00:00.000Z",
        "snapshot": rendered.snapshot.identity,
        "application": "dcca",
        "input_offsets": {"service-requests": {"0": 120, "1": 7}},
        "audit": {"verdict": "not audited"},
        "catalogue_version": "2026-10.1",
        "rule_set": {"id": "default", "version": "1", "parameters": {"industry_groups": 10}},
    } == manifest
    assert product
    assert (1, None) == (files["failures.csv"]["rows"], files["pack.pdf"]["rows"])


def test_the_same_snapshot_gives_the_same_bytes_in_one_process_or_two(rendered: Rendered, tmp_path: Path) -> None:
    again = contents(render_packs(rendered.snapshot, tmp_path, processes=1))
    assert contents(rendered.folder) == again
    wanted = [2 * len(always_there(pack)) + len(beside(pack)) + 1 for pack in SMALL_FOLDERS]  # with the manifest
    assert sum(wanted) + 2 == len(again)  # with totals.json and gate.json


def test_a_pdf_is_the_same_in_a_process_that_orders_its_sets_otherwise(rendered: Rendered, fonts: FontFolder) -> None:
    for each in rendered.snapshot.members():
        drawn_here, folder = compose(PackFigures.read(rendered.snapshot, each), fonts), rendered.folder / each.folder
        assert drawn_here.data == (folder / "pack.pdf").read_bytes()
        if drawn_here.annex:
            assert drawn_here.annex.data == (folder / "annex.pdf").read_bytes()


def test_a_finished_pack_is_left_alone_and_a_damaged_one_made_again(rendered: Rendered, tmp_path: Path) -> None:
    folder = rendered.copied(tmp_path)
    untouched = (folder / "FEW-GS" / "pack.pdf").stat().st_ino
    (folder / "QUIET-ED" / "failures.csv").write_text("changed")
    told: list[str] = []
    render_packs(rendered.snapshot, tmp_path, processes=1, progress=told.append)
    assert contents(rendered.folder) == contents(folder)
    assert untouched == (folder / "FEW-GS" / "pack.pdf").stat().st_ino
    assert SMALL_FOLDERS == sorted(told)


def test_a_pack_of_another_snapshot_is_replaced_and_one_of_a_member_no_more_is_removed(tmp_path: Path) -> None:
    folder = render_packs(two(tmp_path / "before", "A", "GONE"), tmp_path, processes=1)
    later = two(tmp_path / "after", "A", failures=6)
    (folder / ".making-A-IS").mkdir()
    (folder / ".making-A-IS" / "half.csv").write_text("left by a killed run")
    render_packs(later, tmp_path, processes=1)
    assert ["A-IS", "gate.json", "totals.json"] == sorted(path.name for path in folder.iterdir())
    assert later.identity == json.loads((folder / "A-IS" / "manifest.json").read_text())["snapshot"]
    assert b"A," not in contents(folder)["A-IS/failures.csv"]


def damage(pack: Path, how: str) -> None:
    """Do to a finished pack what disks and people do."""
    match how:
        case "changed":
            (pack / "failures.csv").write_bytes(b"")
        case "missing":
            (pack / "pack.pdf").unlink()
        case "more":
            (pack / "notes.txt").write_text("mine")
        case "manifest":
            (pack / "manifest.json").write_text("[]")
        case _:
            (pack / "manifest.json").unlink()


@pytest.mark.parametrize("how", ["changed", "missing", "more", "manifest", "no manifest"])
def test_a_pack_that_was_harmed_is_not_finished(rendered: Rendered, tmp_path: Path, how: str) -> None:
    pack = rendered.copied(tmp_path) / "FEW-GS"
    assert is_finished(pack, rendered.snapshot)
    damage(pack, how)
    assert not is_finished(pack, rendered.snapshot)


def test_a_pack_of_another_snapshot_or_none_at_all_is_not_finished(rendered: Rendered) -> None:
    assert not is_finished(rendered.folder / "FEW-GS", replace(rendered.snapshot, identity="another"))
    assert not is_finished(rendered.folder / "NOBODY-IS", rendered.snapshot)


def test_a_pack_with_another_query_window_is_not_finished(rendered: Rendered) -> None:
    assert is_finished(rendered.folder / "FEW-GS", rendered.snapshot, query_days=5)
    assert not is_finished(rendered.folder / "FEW-GS", rendered.snapshot, query_days=6)


def test_one_pack_that_fails_leaves_the_others_and_is_named_with_its_reason(tmp_path: Path) -> None:
    snapshot = two(tmp_path / "s", "A", "B", "NO/PLACE")
    with pytest.raises(RenderError) as caught:
        render_packs(snapshot, tmp_path, processes=2)
    said = str(caught.value)
    assert said.startswith("1 of 3 packs failed (NO/PLACE-IS: FileNotFoundError: ")
    assert (False, 3) == ("\n" in said, caught.value.exit_code)
    held = tmp_path / "packs" / "2026-10.held"
    assert ["A-IS", "B-IS", "gate.json", "totals.json"] == sorted(path.name for path in held.iterdir())
    assert not (tmp_path / "packs" / "2026-10").exists()


def test_of_many_failures_three_are_told_and_the_others_counted(tmp_path: Path) -> None:
    snapshot = two(tmp_path / "s", *(f"NO/{letter}" for letter in "ABCDE"))
    with pytest.raises(RenderError, match=r"^5 of 5 packs failed \(NO/A.*; NO/B.*; NO/C.*; and 2 more\)"):
        render_packs(snapshot, tmp_path, processes=1)


def test_a_snapshot_that_can_not_be_read_makes_no_pack(tmp_path: Path) -> None:
    snapshot = two(tmp_path / "s")
    table = snapshot.path / "failures.parquet"
    whole = table.read_bytes()
    harmed = whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:]
    for content in (b"", b"damaged", harmed):
        table.write_bytes(content)
        with pytest.raises(
            SnapshotError, match=r"is damaged \(the checksum of failures.parquet is not that of the man"
        ):
            render_packs(snapshot, tmp_path, processes=1)
    table.unlink()
    with pytest.raises(SnapshotError, match=r"is damaged \(.*failures.parquet'\); take the snapshot again"):
        render_packs(snapshot, tmp_path, processes=1)
    assert not (tmp_path / "packs").exists()


def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "packs").write_text("a file where the folder should be")
    with pytest.raises(RenderError, match=r"packs can't be written to .*; free space or give another --out"):
        render_packs(two(tmp_path / "s"), tmp_path, processes=1)


def test_two_members_of_one_folder_are_refused(tmp_path: Path) -> None:
    members = [member("A", "IS", folder="same"), member("B", "IS", folder="same")]
    snapshot = SnapshotFolder.open(write_snapshot(tmp_path / "s", {"members": members}))
    with pytest.raises(SnapshotError, match=r"A IS and B IS have the same folder, same"):
        render_packs(snapshot, tmp_path, processes=1)


RUN = """
import sys
from pathlib import Path
from dcc_analytics.render.packs import render_packs
from dcc_analytics.render.snapshot_folder import SnapshotFolder
if __name__ == "__main__":
    tell = lambda folder: print(folder, flush=True)
    render_packs(SnapshotFolder.open(Path(sys.argv[1])), Path(sys.argv[2]), processes=2, progress=tell)
"""


@contextmanager
def rendering(folder: Path, snapshot: SnapshotFolder) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield a rendering under way in a session of its own, and the first pack it has made; none of it is left."""
    script = folder / "run.py"
    script.write_text(RUN)
    run = subprocess.Popen(
        [sys.executable, str(script), str(snapshot.path), str(folder)], start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert run.stdout is not None
    try:
        yield run, run.stdout.readline().strip()
        assert _group_is_gone(run.pid)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.communicate()


def test_an_interrupt_ends_the_processes_and_leaves_only_finished_packs(tmp_path: Path) -> None:
    names = [f"M{number}" for number in range(60)]
    snapshot = two(tmp_path / "s", *names)
    with rendering(tmp_path, snapshot) as (run, first):
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the processes too
        _, said = run.communicate(timeout=30)
    assert "KeyboardInterrupt" in said
    folder = tmp_path / "packs" / "2026-10.held"
    packs = {path.name for path in folder.iterdir() if path.is_dir()}
    assert first in packs
    assert len(packs) < len(names)
    assert all(is_finished(folder / pack, snapshot) for pack in packs)


def test_no_process_outlives_a_rendering_that_is_killed(tmp_path: Path) -> None:
    with rendering(tmp_path, two(tmp_path / "s", *(f"M{number}" for number in range(60)))) as (run, _):
        run.kill()
        run.wait(timeout=30)


def _group_is_gone(group: int) -> bool:
    """Wait until no process of a group is left; the kernel takes a moment."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
    return False
