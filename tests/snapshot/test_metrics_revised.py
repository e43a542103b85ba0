"""A month frozen again with other metrics: what came, went and changed is told, and by which cause. R-CHG-1."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from dcc_analytics.catalogue.metrics import Metric, in_force
from dcc_analytics.render.change_files import own_changes
from dcc_analytics.render.files import KEYS
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.collect import Collected
from dcc_analytics.snapshot.metric_file import read_metric_file
from dcc_analytics.snapshot.metrics import told_as
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import EarlierRules
from dcc_analytics.snapshot.sample import fold_sample
from dcc_analytics.snapshot.take import freeze, write
from dcc_analytics.snapshot.told import told_before
from tests.recorded_sample import MONTH, SAMPLE

pytestmark = pytest.mark.slow
EXAMPLE = Path(__file__).parents[2] / "docs" / "metrics-example.toml"
METRICS = in_force(read_metric_file(EXAMPLE))
SHARE = METRICS[0]
Taken = Callable[..., SnapshotFolder]


@pytest.fixture(scope="module")
def collected() -> Collected:
    return fold_sample(SAMPLE).collected


@pytest.fixture
def taken(collected: Collected, tmp_path: Path) -> Taken:
    """Take the month with some metrics, beside what was taken before."""

    def take(*metrics: Metric) -> SnapshotFolder:
        frozen = freeze(collected, MONTH, read_rules(), metrics=metrics)
        return SnapshotFolder.open(write(frozen, tmp_path, KEYS))

    return take


def changed(snapshot: SnapshotFolder) -> pl.DataFrame:
    """Return what the pack of a Member says of metrics in its list of changes."""
    member = next(each for each in snapshot.members() if each.folder == "NWE-IS")
    return own_changes(snapshot, member).filter(table="metrics")


def test_a_metric_that_is_added_back_fills_a_month_as_a_revision_and_says_so(taken: Taken) -> None:
    taken()
    revised = taken(*METRICS)
    entries = changed(revised)
    assert {"came"} == set(entries["row"])
    assert {"metrics failures-without-response, reads-in-time, smets1-gas-failures"} == set(entries["why"])
    of_reads = entries.filter(pl.col("key").str.contains("srv=4.8.1"))["is"].item()
    assert "numerator=1; denominator=33; result=0.030303; industry_result=0.016807" in of_reads
    assert {"metrics"} == set(revised.manifest["changes"]["tables"])


def test_an_amended_metric_is_another_row_and_never_a_changed_figure(taken: Taken) -> None:
    taken(SHARE)
    amended = replace(SHARE, version=2, part={"reason_code": ("E20",)})
    entries = changed(taken(amended))
    assert {"came", "gone"} == set(entries["row"])
    assert {"metrics failures-without-response"} == set(entries["why"])


def test_the_same_metrics_change_nothing_at_all(taken: Taken) -> None:
    assert taken(SHARE).identity == taken(SHARE).identity


def test_what_a_metric_has_told_is_known_to_the_rules_of_what_was_told_before(taken: Taken) -> None:
    snapshot = taken(SHARE)
    told = told_before(snapshot.path.parent, MONTH, EarlierRules(changed_groups=2))
    (version,) = told.versions
    cells = version[told_as(SHARE.id, 1)].filter(party="NWE", role="IS", srv="4.8.1")
    assert [(33, 1, 32)] == cells.select("requests", "failures", "successes").rows()
