"""Snapshots and packs that are kept too long are deleted, and nothing else, whatever is linked beside them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.commands.main import app
from dcc_analytics.commands.retention import _in_folders
from dcc_analytics.render.device_search import lines_in_packs, rows_in_snapshot
from dcc_analytics.render.expired import Kept, delete, kept_packs, kept_snapshots

DEVICE = "88-73-84-90-6A-10-02-DB"


def snapshot(out: Path, name: str, *, status: str = "final", **said: Any) -> Path:  # noqa: ANN401 (of JSON)
    """Make a folder as ``dcca snapshot`` does, with one table."""
    path = out / "snapshots" / name
    path.mkdir(parents=True)
    month, _, revision = name.partition(".revision-")
    manifest = {"month": month, "status": status, "revision": int(revision or 9), "tables": {"inventory": {}}} | said
    (path / "manifest.json").write_text(json.dumps(manifest))
    (path / "totals.json").write_text("{}")
    pl.DataFrame({"device": [DEVICE.lower(), "other"], "n": [1, 2]}).write_parquet(path / "inventory.parquet")
    return path


def packs(out: Path, name: str, **said: Any) -> Path:  # noqa: ANN401 (of JSON)
    """Make a month's folder as ``dcca render`` does, with one pack."""
    path = out / "packs" / name
    pack = path / "NWE-IS"
    pack.mkdir(parents=True)
    manifest = {"month": name.removesuffix(".held"), "files": {"inventory.csv": {}}} | said
    (pack / "manifest.json").write_text(json.dumps(manifest))
    (pack / "inventory.csv").write_text(f"device\r\n{DEVICE}\r\nother\r\n")
    (path / "totals.json").write_text("{}")
    return path


def due(out: Path, today: date) -> set[str]:
    """Return the names of what is kept longer than the rules allow."""
    kept = [*kept_snapshots(out, 13), *kept_packs(out, 4)]
    return {f"{each.path.parent.name}/{each.path.name}" for each in kept if each.beyond(today)}


def test_a_snapshot_is_kept_for_thirteen_months_after_its_own_and_packs_for_four(tmp_path: Path) -> None:
    snapshot(tmp_path, "2026-10")
    packs(tmp_path, "2026-10")
    packs(tmp_path, "2026-11.held")
    assert set() == due(tmp_path, date(2027, 2, 28))
    assert {"packs/2026-10"} == due(tmp_path, date(2027, 3, 1))
    assert {"packs/2026-10", "packs/2026-11.held"} == due(tmp_path, date(2027, 11, 30))
    assert {"packs/2026-10", "packs/2026-11.held", "snapshots/2026-10"} == due(tmp_path, date(2027, 12, 1))


def test_what_was_replaced_goes_after_three_months_but_for_the_newest_final_one(tmp_path: Path) -> None:
    snapshot(tmp_path, "2026-10", status="provisional")
    for number, status in ((1, "provisional"), (2, "final"), (3, "final"), (10, "provisional")):
        snapshot(tmp_path, f"2026-10.revision-{number}", status=status)
    gone = {f"snapshots/2026-10.revision-{number}" for number in (1, 2, 10)}
    assert set() == due(tmp_path, date(2027, 1, 31))
    assert gone == due(tmp_path, date(2027, 2, 1))
    assert gone | {"snapshots/2026-10", "snapshots/2026-10.revision-3"} == due(tmp_path, date(2027, 12, 1))


def test_the_newest_that_was_set_aside_stands_where_replacing_it_was_ended_half_way(tmp_path: Path) -> None:
    for number in (9, 10):
        snapshot(tmp_path, f"2026-10.revision-{number}", status="provisional")
    assert {"snapshots/2026-10.revision-9"} == due(tmp_path, date(2027, 2, 1))


def test_an_age_is_what_the_manifest_says_whatever_the_file_system_does(tmp_path: Path) -> None:
    for path in (snapshot(tmp_path, "2026-10"), snapshot(tmp_path, "2027-10")):
        for each in (path, *path.iterdir()):
            os.utime(each, (0, 0))
    assert {"snapshots/2026-10"} == due(tmp_path, date(2027, 12, 1))


def linked(path: Path) -> None:
    """Put a link to a folder outside in the place of a snapshot."""
    elsewhere = path.parent.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def link_inside(path: Path) -> None:
    (path / "changes.parquet").symlink_to(path.parent.parent / "precious")


def link_for_manifest(path: Path) -> None:
    (path / "manifest.json").rename(path.parent.parent / "said.json")
    (path / "manifest.json").symlink_to(path.parent.parent / "said.json")


def of_another_month(path: Path) -> None:
    (path / "manifest.json").write_text('{"month": "2026-11", "tables": {}}')


def of_another_revision(path: Path) -> None:
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**manifest, "revision": 2}))
    path.rename(path.with_name("2026-10.revision-1"))


AMISS: list[tuple[Callable[[Path], object], str]] = [
    (linked, "it is a link"),
    (link_inside, "2026-10/changes.parquet is nothing this product writes there"),
    (link_for_manifest, "has no manifest.json"),
    (of_another_month, "is of 2026-11"),
    (of_another_revision, "says revision 2"),
    (lambda path: (path / "thesis.tex").write_text("x"), "thesis.tex is nothing this product writes there"),
    (lambda path: (path / "folder").mkdir(), "folder is nothing this product writes there"),
    (lambda path: (path / "manifest.json").write_text("[" * 99_999), "none of ours"),
    (lambda path: (path / "manifest.json").write_text('{"month": "../../2026-10"}'), "none of ours"),
    (lambda path: (path / "manifest.json").write_text('{"month": "2026-10"}'), "of no snapshot"),
    (lambda path: (path / "manifest.json").unlink(), "has no manifest.json"),
]


@pytest.mark.parametrize(("harm", "words"), AMISS)
def test_what_is_not_known_to_be_ours_is_named_and_left_alone(
    tmp_path: Path, harm: Callable[[Path], object], words: str
) -> None:
    (tmp_path / "precious").write_text("precious")
    harm(snapshot(tmp_path, "2026-10"))
    before = sorted(path for path in tmp_path.rglob("*"))
    (kept,) = kept_snapshots(tmp_path, 13)
    assert words in kept.amiss
    assert not kept.beyond(date(2099, 1, 1))
    ended = run(tmp_path, "--delete", "--as-of", "2099-01-01", "--json")
    assert [words in why for why in json.loads(ended)["left_alone"].values()] == [True]
    assert before == sorted(path for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("name", ["2026-10.revision-0", "2026-10.bak", "2026-13", ".2026-10", "x2026-10", "2026-10 "])
def test_what_has_another_name_is_not_looked_at(tmp_path: Path, name: str) -> None:
    snapshot(tmp_path, "2026-10").rename(tmp_path / "snapshots" / name)
    assert all(each.amiss for each in kept_snapshots(tmp_path, 13))
    assert (name == "2026-13") is bool(kept_snapshots(tmp_path, 13))


def test_packs_with_anything_else_among_them_are_left_alone(tmp_path: Path) -> None:
    (packs(tmp_path, "2026-10") / "NWE-IS" / "notes.txt").write_text("x")
    packs(tmp_path, "2026-11", month="2026-12")
    (packs(tmp_path, "2026-12") / "ALPHA").symlink_to(tmp_path)
    (tmp_path / "packs" / "2027-01").mkdir()
    assert [
        "NWE-IS/notes.txt is nothing this product writes there", "the manifest.json of NWE-IS is of 2026-12",
        "ALPHA in it is nothing this product writes there", "it holds no pack",
    ] == [each.amiss for each in kept_packs(tmp_path, 4)]  # fmt: skip


@pytest.mark.parametrize("name", ["snapshots", "packs"])
def test_a_folder_of_all_that_is_a_link_is_refused(tmp_path: Path, name: str) -> None:
    snapshot(tmp_path / "real", "2026-10")
    packs(tmp_path / "real", "2026-10")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(tmp_path / "real" / name)
    with pytest.raises(UsageError, match=f"{name} is a link; give the folder"):
        _ = kept_snapshots(tmp_path / "out", 13), kept_packs(tmp_path / "out", 4)


def test_what_became_another_since_it_was_looked_at_is_not_deleted(tmp_path: Path) -> None:
    path = snapshot(tmp_path, "2026-10")
    (kept,) = kept_snapshots(tmp_path, 13)
    (path / "thesis.tex").write_text("x")
    with pytest.raises(UsageError, match=r"is not deleted: 2026-10/thesis\.tex is nothing"):
        delete(kept)
    assert (path / "thesis.tex").exists()


def run(out: Path, *words: str) -> str:
    """Return what ``dcca retention apply`` says."""
    ended = CliRunner().invoke(app, ["retention", "apply", "--out", str(out), *words])
    assert 0 == ended.exit_code, ended.output
    return ended.stdout


def test_the_command_only_names_what_it_would_delete_unless_it_is_told_to(tmp_path: Path) -> None:
    old, held = snapshot(tmp_path, "2026-10"), packs(tmp_path, "2026-10.held")
    young = snapshot(tmp_path, "2026-11")
    said = run(tmp_path, "--as-of", "2027-12-01")
    assert f"would be deleted: {old} (snapshots, until 2027-12-01)\n" in said
    assert old.exists()
    half = tmp_path / "packs" / ".going-2026-09"
    half.mkdir()
    deleted = json.loads(run(tmp_path, "--as-of", "2027-12-01", "--delete", "--json"))
    assert {"deleted": [str(old), str(held), str(half)], "left_alone": {}, "kept": 1} == deleted
    assert (False, False, False, True) == (old.exists(), held.exists(), half.exists(), young.exists())
    assert "nothing is kept longer than its rule allows\n" == run(tmp_path, "--as-of", "2027-12-01", "--delete")
    assert 1 == len(
        json.loads(run(tmp_path, "--as-of", "2027-12-31", "--snapshot-months", "12", "--json"))["would_be_deleted"]
    )


def test_a_folder_of_output_that_is_none_is_refused(tmp_path: Path) -> None:
    for command in (["apply", "--delete"], ["prove"]):
        ended = CliRunner().invoke(app, ["retention", *command, "--out", str(tmp_path / "none")])
        assert isinstance(ended.exception, UsageError)
        assert f"--out {tmp_path / 'none'} is no folder" in str(ended.exception)
    assert f"no snapshots and no packs lie in {tmp_path}\n" == run(tmp_path, "--delete")


def test_what_processes_that_were_killed_left_is_found_and_named(tmp_path: Path) -> None:
    snapshot(tmp_path, "2026-10")
    packs(tmp_path, "2026-10")
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    killed, running = (tmp_path / "snapshots" / f".2026-10.{pid}" for pid in (ended.pid, os.getpid()))
    going = [tmp_path / name / ".going-2026-09" for name in ("snapshots", "packs")]
    for path in (killed, running, *going):
        path.mkdir()
    found = {each.place: each.beyond for each in _in_folders(tmp_path, 13, 4, None, date(2026, 11, 1)) if each.may_hold}
    assert {str(killed): 1, str(running): 0, **{str(each): 1 for each in going}} == found
    said = json.loads(run(tmp_path, "--as-of", "2026-11-01", "--json"))
    assert [str(each) for each in going] == said["would_be_deleted"]
    said = json.loads(run(tmp_path, "--as-of", "2026-11-01", "--delete", "--json"))
    assert ([str(each) for each in going], {str(killed), str(running)}) == (said["deleted"], said["left_alone"].keys())
    assert (True, True, False, False) == tuple(path.exists() for path in (killed, running, *going))


def test_where_nothing_was_ever_written_nothing_is_kept(tmp_path: Path) -> None:
    assert [] == [*kept_snapshots(tmp_path, 13), *kept_packs(tmp_path, 4)]


def test_a_device_is_found_in_tables_and_files_in_any_case(tmp_path: Path) -> None:
    taken, made, other = snapshot(tmp_path, "2026-10"), packs(tmp_path, "2026-10"), DEVICE[:-1] + "C"
    assert (1, 0) == (rows_in_snapshot(taken, DEVICE), rows_in_snapshot(taken, other))
    assert (1, 0) == (lines_in_packs(made, DEVICE), lines_in_packs(made, other))


def test_a_pack_counts_its_members(tmp_path: Path) -> None:
    packs(tmp_path, "2026-10")
    (kept,) = kept_packs(tmp_path, 4)
    assert isinstance(kept, Kept)
    assert 1 == kept.members
