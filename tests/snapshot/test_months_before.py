"""The months before, read from the snapshots that stand beside the one that is taken."""

import json
from pathlib import Path

import polars as pl
import pytest

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.months_before import months_before, of_metric, rates_of
from tests.render.snapshot_maker import monthly, write_snapshot
from tests.snapshot.revised_month import RevisedMonth

JANUARY = Month.parse("2027-01")


def month(folder: Path, name: str, failures: int = 5, **manifest: object) -> Path:
    path = write_snapshot(folder / name, {"round_trips_monthly": [monthly("A", "ED", "P", "4.10", failures=failures)]})
    said = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**said, "month": name, **manifest}))
    return path


def test_the_twelve_months_before_are_read_in_order_as_far_as_they_are_there(tmp_path: Path) -> None:
    for name in ("2027-01", "2025-12", "2026-12", "2026-01", "2026-12.revision-1", "2026-07"):
        month(tmp_path, name)
    assert ["2026-01", "2026-07", "2026-12"] == [each.month for each in months_before(tmp_path, JANUARY)]
    assert [] == months_before(tmp_path / "nowhere", JANUARY)


def test_a_month_that_was_being_replaced_is_read_from_its_newest_revision(tmp_path: Path) -> None:
    month(tmp_path, "2026-12.revision-1", failures=1)
    month(tmp_path, "2026-12.revision-2", failures=2)
    assert [2] == rates_of(months_before(tmp_path, JANUARY))["failures"].to_list()


def test_months_folded_by_another_metric_are_told_apart(tmp_path: Path) -> None:
    month(tmp_path, "2026-11")
    month(tmp_path, "2026-12", metric_version=2)
    found = months_before(tmp_path, JANUARY)
    assert [["2026-11"], ["2026-12"]] == [[each.month for each in of_metric(found, number)] for number in (1, 2)]


def test_a_damaged_month_stops_the_snapshot_with_what_to_do(tmp_path: Path) -> None:
    (month(tmp_path, "2026-12") / "round_trips_monthly.parquet").write_bytes(b"harmed")
    with pytest.raises(SnapshotError, match=r"is damaged \(the checksum .*; move it away and take the snapshot again$"):
        months_before(tmp_path, JANUARY)


def test_a_manifest_names_the_months_it_was_compared_with_and_a_revision_tells_of_another(tmp_path: Path) -> None:
    revised = RevisedMonth(tmp_path)
    revised.story.request()
    revised.story.response()
    assert {} == revised.frozen().manifest["months_before"]
    path = month(tmp_path / "more", "2026-09")
    (earlier,) = months_before(tmp_path / "more", Month.parse("2026-10"))
    party, role, process = (
        revised.frozen().tables.by_name["round_trips_monthly"].select("party", "role", "process").row(0)
    )
    renamed = earlier.rates.with_columns(
        party=pl.lit(party), role=pl.lit(role), process=pl.lit(process), srv=pl.lit("4.8.1")
    )
    earlier = type(earlier)(earlier.month, earlier.identity, earlier.metric_version, renamed)
    revised.take()
    second = revised.take(months=[earlier])
    assert path.name in second.manifest["months_before"]
    rows = pl.read_parquet(second.path / "changes.parquet").select("column", "was", "is", "why").rows()
    assert [("history_signal", None, "short", "snapshots of 2026-09")] == rows
