"""Packs of two months' versions, each made once; tests that damage one copy it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from dcc_analytics.render.packs import render_packs
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.render.snapshot_maker import member, monthly, write_month, write_snapshot


@dataclass(frozen=True)
class Released:
    """A released month.

    Attributes:
        folder: of its packs.
        names: of their folders.
    """

    folder: Path
    names: tuple[str, ...]


@pytest.fixture(scope="package")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """A month of four Members of four Roles."""
    path = tmp_path_factory.mktemp("released")
    snapshot = SnapshotFolder.open(write_month(path / "snapshot", largest=False, status="provisional"))
    folder = render_packs(snapshot, path, processes=2)
    return Released(folder, tuple(sorted(each.name for each in folder.iterdir() if each.is_dir())))


@pytest.fixture(scope="package")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """A month of two import suppliers."""
    path = tmp_path_factory.mktemp("pair")
    tables = {
        "members": [member(name, "IS") for name in "AB"],
        "round_trips_monthly": [monthly(name, "IS", "Meter Reads", "4.8.1") for name in "AB"],
    }
    snapshot = SnapshotFolder.open(write_snapshot(path / "snapshot", tables))
    return Released(render_packs(snapshot, path, processes=2), ("A-IS", "B-IS"))
