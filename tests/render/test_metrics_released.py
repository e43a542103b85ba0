"""Metrics of the sample month in packs that pass the gate; and a planted figure that does not. R-CHG-1, R-OUT-2."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from dcc_analytics.catalogue.metrics import in_force
from dcc_analytics.render.attack.finished import Release, releases
from dcc_analytics.render.attack.parts import parts
from dcc_analytics.render.files import KEYS
from dcc_analytics.render.packs import render_packs
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.metric_file import read_metric_file
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.sample import fold_sample
from dcc_analytics.snapshot.take import freeze, write
from tests.recorded_sample import MONTH, SAMPLE

pytestmark = pytest.mark.slow
EXAMPLE = Path(__file__).parents[2] / "docs" / "metrics-example.toml"


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packs of the sample month with the example's metrics, released."""
    out = tmp_path_factory.mktemp("month")
    metrics = in_force(read_metric_file(EXAMPLE))
    frozen = freeze(fold_sample(SAMPLE).collected, MONTH, read_rules(), metrics=metrics)
    return render_packs(SnapshotFolder.open(write(frozen, out / "snapshots", KEYS)), out, processes=2)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_packs_with_metrics_told_by_entries_alone_are_released_r_chg_1(packs: Path) -> None:
    found = rows(packs / "NWE-IS" / "metrics.csv")
    assert {"failures-without-response", "reads-in-time"} == {row["metric"] for row in found}
    row = next(row for row in found if row["srv"] == "4.8.1")
    assert ("1", "33", "0.030303", "0.016807", "few") == tuple(
        row[name] for name in ("numerator", "denominator", "result", "industry_result", "benchmark_status")
    )
    files = json.loads((packs / "NWE-IS" / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert len(found) == files["metrics.csv"]["rows"]
    snapshot = SnapshotFolder.open(packs.parents[1] / "snapshots" / "2026-10")
    assert ["failures-without-response", "reads-in-time", "smets1-gas-failures"] == [
        each.id for each in snapshot.metrics()
    ]


def test_a_figure_of_too_few_groups_in_the_file_of_metrics_is_found_by_the_gate(packs: Path) -> None:
    (release,) = releases([packs])
    assert [] == list(parts(release))
    planted = Release(release.month, release.snapshot, release.packs, release.gate)
    table = planted.rows("GS", "metrics")
    smets1 = table["metric"] == "smets1-gas-failures"
    leak = table.with_columns(industry_result=table["industry_result"].zip_with(~smets1, table["denominator"]))
    found = list(parts(replace(planted, _read={("GS", "metrics"): leak})))
    assert {"metrics.csv"} == {each.file for each in found}
