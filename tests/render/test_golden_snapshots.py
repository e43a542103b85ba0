"""A snapshot that an earlier release has taken is rendered, and revised, by this one (R-MON-1)."""

import csv
import json
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.render.files import KEYS
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.revision import FORMAT_VERSION, revision_of
from dcc_analytics.snapshot.take import write
from tests.golden_ledgers import FEED, PARTITIONS, taken
from tests.recorded_sample import published
from tests.render.golden_snapshots import snapshots, unpacked, write_csv_files
from tests.render.snapshot_maker import write_snapshot

GOLDEN_SNAPSHOTS = snapshots()


def test_the_format_written_now_has_its_golden_snapshot() -> None:
    names = [path.name for path in GOLDEN_SNAPSHOTS]
    assert f"snapshot-v{FORMAT_VERSION}.tar.gz" in names, "run python -m tests.render.golden_snapshots"


@pytest.mark.slow
@pytest.mark.parametrize("archive", GOLDEN_SNAPSHOTS, ids=lambda path: path.name)
def test_packs_of_it_have_the_figures_they_had(archive: Path, tmp_path: Path) -> None:
    write_csv_files(unpacked(archive, tmp_path), tmp_path / "now")
    files = sorted(path.relative_to(tmp_path / "packs") for path in (tmp_path / "packs").rglob("*.csv"))
    assert len(files) > 20
    for file in files:
        expected = rows(tmp_path / "packs" / file)
        width = len(expected[0])  # more columns may follow on the right
        assert expected == [row[:width] for row in rows(tmp_path / "now" / file)], file


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.slow
@pytest.mark.parametrize("archive", GOLDEN_SNAPSHOTS, ids=lambda path: path.name)
def test_the_month_frozen_again_over_it_changes_no_figure(archive: Path, tmp_path: Path) -> None:
    unpacked(archive, tmp_path)
    driver, _ = published(PARTITIONS, FEED)
    driver.run()
    now = SnapshotFolder.open(write(taken(driver), tmp_path, KEYS))
    assert 0 == now.manifest.get("changes", {"figures": 0})["figures"]


def test_a_snapshot_of_a_newer_release_is_refused_with_what_to_do(tmp_path: Path) -> None:
    folder = write_snapshot(tmp_path, {})
    manifest = json.loads((folder / "manifest.json").read_text())
    newer = {**manifest, "format": FORMAT_VERSION + 1, "product_version": "9.0"}
    (folder / "manifest.json").write_text(json.dumps(newer))
    words = r"has format 2, this release reads up to 1; use the release that wrote it \(9\.0\) or a later one$"
    with pytest.raises(SnapshotError, match=words):
        SnapshotFolder.open(folder)
    with pytest.raises(SnapshotError, match=words):
        revision_of(folder)
