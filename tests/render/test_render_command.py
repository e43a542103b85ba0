"""``dcca render`` of a revised month: what it says, and which snapshot it takes when one was being replaced."""

import json
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.commands.render import render
from tests.render.revisions import listed, revise
from tests.render.snapshot_maker import MONTH, member, monthly

pytestmark = pytest.mark.slow


def take(out: Path, failures: int) -> None:
    rows = [monthly("A", "IS", "Meter Reads", "4.8.1", failures=failures)]
    revise(out / "snapshots", {"members": [member("A", "IS")], "round_trips_monthly": rows})


def test_the_closing_line_tells_the_revision_and_the_packs_list_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "packs" / "2026-10"
    take(tmp_path, 1)
    render(MONTH, out=tmp_path, processes=1)
    assert f"1 final packs of 2026-10 in {folder}, revision 1\n" == capsys.readouterr().out
    take(tmp_path, 2)
    render(MONTH, out=tmp_path, processes=1)
    words = "revision 2: 6 figures changed, 0 rows came and 0 went"
    assert f"1 final packs of 2026-10 in {folder}, {words}\n" == capsys.readouterr().out
    render(MONTH, out=tmp_path, processes=1, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert (2, {"figures": 6, "rows_came": 0, "rows_gone": 0}) == (said["revision"], said["changes"])
    own = ["failure_rate", "failure_rate_high", "failure_rate_low", "failures", "requests", "success_rate"]
    assert own == [each[2] for each in listed(folder / "A-IS")]


def test_the_newest_kept_snapshot_is_taken_where_a_replacement_was_ended_half_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(tmp_path, 1)
    take(tmp_path, 2)
    (tmp_path / "snapshots" / "2026-10").rename(tmp_path / "snapshots" / "2026-10.revision-2")
    render(MONTH, out=tmp_path, processes=1)
    assert "revision 2: 6 figures changed" in capsys.readouterr().out
    assert not (tmp_path / "snapshots" / "2026-10").exists()


def test_a_month_without_snapshot_is_said(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"2026-10 holds no manifest.json"):
        render(MONTH, out=tmp_path, processes=1)
