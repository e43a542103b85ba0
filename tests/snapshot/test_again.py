"""Two foldings of the same events agree in every exact figure, or it is told where they do not."""

from pathlib import Path

import polars as pl
import pytest

from dcc_analytics.render.files import KEYS
from dcc_analytics.snapshot.again import Agreement, agreement
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import Snapshot, freeze
from tests.golden_ledgers import FEED, MONTH, PARTITIONS
from tests.recorded_sample import published
from tests.snapshot.revised_month import read_up_to

pytestmark = pytest.mark.slow


def folded(fetch: int) -> Snapshot:
    driver, _ = published(PARTITIONS, FEED)
    driver.run(fetch)
    return freeze(read_up_to(driver), MONTH, read_rules())


@pytest.fixture(scope="module")
def once() -> Snapshot:
    return folded(500)


def agreed(was: Snapshot, now: Snapshot, folder: Path) -> Agreement:
    return agreement(was, now, folder, KEYS, with_totals=True)


def test_events_cut_otherwise_into_commits_have_the_same_figures(once: Snapshot, tmp_path: Path) -> None:
    found = agreed(once, folded(20), tmp_path)
    assert (True, {}, []) == (found.equal, found.totals, found.first)
    assert 112 == found.tables["round_trips_monthly"]["rows"]


@pytest.mark.parametrize(
    ("column", "equal", "others", "estimates"), [("failures", False, 1, 0), ("rtt_median_ms", True, 0, 1)]
)
def test_a_figure_that_is_another_is_told_and_an_estimate_is_counted_apart(
    once: Snapshot, tmp_path: Path, *, column: str, equal: bool, others: int, estimates: int
) -> None:
    now = folded(500)
    table = now.tables.by_name["round_trips_monthly"]
    row = next(number for number, value in enumerate(table[column]) if value)
    changed = pl.when(pl.int_range(pl.len()) == row).then(pl.col(column) + 1).otherwise(column).alias(column)
    now.tables.by_name["round_trips_monthly"] = table.with_columns(changed)
    found = agreed(once, now, tmp_path)
    assert (equal, estimates) == (found.equal, found.estimates)
    assert others == found.differing("round_trips_monthly")
    assert others * [column] == [each["column"] for each in found.first]


def test_records_folded_that_were_others_are_told_by_their_sums(once: Snapshot, tmp_path: Path) -> None:
    now = folded(500)
    sums = now.manifest["audit"]["sums"]
    name = next(each for each in sums if each.startswith("alerts/1|"))
    now.manifest["audit"]["sums"][name] = {**sums[name], "records": sums[name]["records"] + 1}
    found = agreed(once, now, tmp_path)
    assert not found.equal
    assert {"audit sum of alerts/1"} == found.totals.keys()
