"""What packs say of the audit of their month, and that none are made of one that failed."""

import json
from pathlib import Path

import pytest
from pypdf import PdfReader

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.render.packs import is_finished, render_packs
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.audit import Audit, Line
from dcc_analytics.snapshot.audit_file import write_audit
from tests.render.snapshot_maker import member, monthly, write_snapshot

pytestmark = pytest.mark.slow

PROVEN = Audit("dcca", None, (
    Line("read", "alerts", 0, (12_000, 0xAB), (12_000, 0xAB)),
    Line("read", "alerts", 1, (345, 1), (345, 1)),
    Line("dead letters", "alerts", 0, (2, 7), None),
))  # fmt: skip
FAILED = Audit("dcca", None, (Line("read", "alerts", 0, (2, 7), (1, 7)),))


@pytest.fixture
def snapshot(tmp_path: Path) -> SnapshotFolder:
    rows = [monthly("A", "IS", "Meter Reads", "4.8.1")]
    return SnapshotFolder.open(
        write_snapshot(tmp_path / "s", {"members": [member("A", "IS")], "round_trips_monthly": rows})
    )


def method_page(pack: Path) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(pack / "pack.pdf").pages)
    return " ".join(text.partition("Made from")[2].split())


def test_a_month_nobody_audited_says_so(snapshot: SnapshotFolder, tmp_path: Path) -> None:
    pack = render_packs(snapshot, tmp_path, processes=1) / "A-IS"
    assert {"verdict": "not audited"} == json.loads((pack / "manifest.json").read_text())["audit"]
    assert "its records were not audited" in method_page(pack)


def test_an_audited_month_carries_its_sums_and_packs_made_before_are_made_anew(
    snapshot: SnapshotFolder, tmp_path: Path
) -> None:
    pack = render_packs(snapshot, tmp_path, processes=1) / "A-IS"
    write_audit(PROVEN, snapshot.path, snapshot.identity)
    assert not is_finished(pack, snapshot)
    render_packs(snapshot, tmp_path, processes=1)
    assert is_finished(pack, snapshot)
    said = json.loads((pack / "manifest.json").read_text())["audit"]
    assert {"snapshot": snapshot.identity, **PROVEN.told()} == said
    page = method_page(pack)
    assert "none was lost, counted twice, or changed since" in page
    assert "read alerts 12,345 00000000000000ac" in page
    assert "dead letters" not in page


def test_nothing_is_made_of_a_month_whose_audit_failed(snapshot: SnapshotFolder, tmp_path: Path) -> None:
    write_audit(FAILED, snapshot.path, snapshot.identity)
    with pytest.raises(SnapshotError, match=r"not folded exactly once \(see audit.json there\)"):
        render_packs(snapshot, tmp_path, processes=1)
    assert not (tmp_path / "packs").exists()


def test_packs_are_not_made_of_a_snapshot_that_took_the_place_of_another(
    snapshot: SnapshotFolder, tmp_path: Path
) -> None:
    manifest = snapshot.path / "manifest.json"
    manifest.write_text(manifest.read_text() + "\n")
    with pytest.raises(Exception, match="was replaced while packs were made of it"):
        render_packs(snapshot, tmp_path, processes=1)
