"""``dcca packs diff``: two versions of a pack, beside what a reader finds in their CSV files by other means."""

import json
import shutil
from copy import deepcopy
from pathlib import Path
from random import Random

import polars as pl
import pytest
from typer.testing import CliRunner

from dcc_analytics.catalogue.errors import PackError, UsageError
from dcc_analytics.commands.main import app
from dcc_analytics.render.comparison_columns import NAMED_COMPARISON
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.csv_metadata import csv_metadata
from dcc_analytics.render.delivery import diff
from dcc_analytics.render.delivery.diff import FileDiff, differences
from dcc_analytics.render.delivery.pack import DeliveredPack
from dcc_analytics.render.files import files_for
from dcc_analytics.render.packs import write_pack
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.render import revisions
from tests.render.delivery.conftest import Released
from tests.render.revisions import revise
from tests.render.snapshot_maker import MONTH, busy, member
from tests.render.test_change_files import BUSY, CLOCK, revised_tables

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory, fonts: FontFolder) -> tuple[Path, Path]:
    """Two versions of a distributor's pack, which has every file; figures, rows and Devices are others by chance."""
    path = tmp_path_factory.mktemp("versions")
    tables = {**busy("BUSY", "ED", seed=3), "members": [member("BUSY", "ED")]}
    later = revised_tables(tables, Random(3))
    folders = (path / "first", path / "second")
    snapshots = (
        revise(path / "s", tables, clock_us=MONTH.end_us, status="provisional", **CLOCK),
        revise(path / "s", later),
    )
    for folder, snapshot in zip(folders, snapshots, strict=True):
        # The first snapshot was put aside when the second took its place.
        kept = path / "s" / "2026-10.revision-1" if folder == folders[0] else snapshot.path
        folder.mkdir()
        write_pack(SnapshotFolder.open(kept), BUSY, folder, fonts)
    return folders


def compared(was: Path, now: Path, *, most: int | None = None) -> dict[str, FileDiff]:
    found = differences(DeliveredPack.read(was), DeliveredPack.read(now), most=most)
    return {each.file: each for each in found.files}


def as_changes(found: dict[str, FileDiff]) -> list[revisions.Change]:
    """Return entries as the tests of ``changes.csv`` have them."""
    csv_names = {file.file_name: file.name for file in files_for("ED") if file is not NAMED_COMPARISON}
    return sorted(
        (
            (name, each["key"] or "", each["column"] or "", each["row"] or "", plain(each["was"]), plain(each["is"]))
            for file, name in csv_names.items()
            if file in found
            for each in found[file].entries
        ),
        key=lambda change: change[:3],
    )


def plain(text: str | None) -> str:
    return revisions._plain(text or "")


def without_guards(change: revisions.Change) -> revisions.Change:
    """Take the guard from within the figures of a row and its key, where the file prints it."""
    table, key, column, row, was, now = (part.replace("='", "=") for part in change)
    return table, key, column, row, was, now


@pytest.mark.parametrize("slice_keys", [2, 50_000])
def test_the_entries_are_what_a_reader_finds(
    versions: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, slice_keys: int
) -> None:
    monkeypatch.setattr(diff, "_SLICE_KEYS", slice_keys)
    wanted = revisions.differences(*versions, "ED")
    found = [without_guards(each) for each in as_changes(compared(*versions))]
    assert {"came", "gone", "changed"} == {each[3] for each in found}
    assert wanted == found


def test_counts_are_those_of_all_entries_however_few_are_kept(versions: tuple[Path, Path]) -> None:
    every, few = compared(*versions), compared(*versions, most=1)
    assert every.keys() == few.keys()
    for name, each in every.items():
        assert each.counts == few[name].counts
        assert sum(each.counts.values()) == len(each.entries)
        assert each.entries[:1] == few[name].entries


def test_files_of_one_version_and_those_that_are_no_tables_are_named(versions: tuple[Path, Path]) -> None:
    found = compared(*versions)
    assert "came" == found["changes.csv"].state
    assert ("changed", {}) == (found["pack.pdf"].state, found["pack.pdf"].counts)
    assert "gone" == compared(*reversed(versions))["changes.csv"].state


def test_what_manifests_say_is_told_with_both_values(versions: tuple[Path, Path]) -> None:
    said = differences(*map(DeliveredPack.read, versions), most=1).manifest
    assert (1, 2) == said["revision"]
    assert ("provisional", "final") == said["status"]
    assert ("2026-11-06", None) == said["query_until"]
    assert "snapshot" in said
    assert not any(name.startswith("files") for name in said)
    assert not {"month", "party", "role"} & said.keys()


def test_the_rule_set_is_compared_parameter_by_parameter(versions: tuple[Path, Path], tmp_path: Path) -> None:
    other = shutil.copytree(versions[0], tmp_path / "other")
    manifest = json.loads((other / "manifest.json").read_text())
    manifest["rule_set"]["parameters"]["industry_groups"] = 12
    (other / "manifest.json").write_text(json.dumps(manifest))
    found = differences(DeliveredPack.read(versions[0]), DeliveredPack.read(other), most=1)
    assert {"rule_set.parameters.industry_groups": (10, 12)} == found.manifest
    assert () == found.files


def test_a_pack_and_itself_have_no_difference(versions: tuple[Path, Path]) -> None:
    found = differences(DeliveredPack.read(versions[0]), DeliveredPack.read(versions[0]), most=None)
    assert ({}, ()) == (found.manifest, found.files)


def test_what_is_in_the_files_counts_whatever_the_manifest_says(versions: tuple[Path, Path], tmp_path: Path) -> None:
    other = shutil.copytree(versions[0], tmp_path / "other")
    data = (other / "installs_daily.csv").read_bytes()
    last = data.splitlines()[-1]
    (other / "installs_daily.csv").write_bytes(data.replace(last + b"\r\n", b""))
    assert {"changed": 0, "came": 0, "gone": 1} == compared(versions[0], other)["installs_daily.csv"].counts
    (other / "installs_daily.csv").unlink()
    with pytest.raises(PackError, match=r"can't be read .*; see `dcca packs verify"):
        compared(versions[0], other)


def test_a_column_that_came_with_a_release_is_named_and_no_figure_that_changed(
    versions: tuple[Path, Path], tmp_path: Path
) -> None:
    older = shutil.copytree(versions[0], tmp_path / "older")
    table = pl.read_csv(older / "installs_daily.csv", infer_schema=False).drop("predicted_high")
    table.write_csv(older / "installs_daily.csv", line_terminator="\r\n")
    found = compared(older, versions[0])["installs_daily.csv"]
    assert (("predicted_high",), {"changed": 0, "came": 0, "gone": 0}) == (found.columns, found.counts)


def test_packs_of_two_members_are_no_two_versions(released: Released) -> None:
    with pytest.raises(UsageError, match=r"is of party FEW, .* of LONG; give two versions"):
        compared(released.folder / "FEW-GS", released.folder / "LONG-IS")


def test_a_large_inventory_is_compared_without_being_held(versions: tuple[Path, Path], tmp_path: Path) -> None:
    folders = [shutil.copytree(versions[0], tmp_path / name) for name in ("was", "now")]
    file = next(each for each in files_for("ED") if each.streamed)
    one = pl.read_csv(versions[0] / file.file_name, infer_schema=False).head(1).drop("device")
    numbers = pl.DataFrame({"device": [f"{number:08X}" for number in range(60_000)]})
    rows = numbers.join(one, how="cross")
    later = rows[1:].with_columns(
        device_model=pl.when(pl.int_range(pl.len()) % 20_000 == 7).then(pl.lit("M-2")).otherwise("device_model")
    )
    for folder, table in zip(folders, (rows, later), strict=True):
        write_csv(table.lazy(), file, folder / file.file_name)
        assert csv_metadata(file) == DeliveredPack.read(folder).metadata(file.file_name)
    found = compared(*folders)[file.file_name]
    assert {"changed": 3, "came": 0, "gone": 1} == found.counts
    assert [f"device={number:08X}" for number in (0, 8, 20_008, 40_008)] == [each["key"] for each in found.entries]


def test_the_command_tells_rows_and_how_many_more_there_are(versions: tuple[Path, Path]) -> None:
    paths = [str(each) for each in versions]
    ran = CliRunner().invoke(app, ["packs", "diff", *paths])
    assert 0 == ran.exit_code
    assert "  status: provisional -> final" in ran.output
    assert "  query_until: 2026-11-06 -> (empty)" in ran.output
    assert "inventory.csv changed: " in ran.output
    every = json.loads(CliRunner().invoke(app, ["packs", "diff", *paths, "--all", "--json"]).stdout)
    assert deepcopy(every)["manifest"]["revision"] == [1, 2]
    assert "no difference\n" == CliRunner().invoke(app, ["packs", "diff", paths[0], paths[0]]).output
