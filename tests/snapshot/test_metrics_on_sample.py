"""Three metrics that the modification lacks, on the sample month, as an independent computation has them. R-CHG-1."""

from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from dcc_analytics.catalogue.metrics import in_force
from dcc_analytics.snapshot.metric_file import read_metric_file
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import RuleSet
from dcc_analytics.snapshot.take import Snapshot, freeze
from tests.in_process import collected
from tests.oracle.judge import Judged, judge
from tests.oracle.metrics import SPELLED, Least, told
from tests.recorded_sample import MONTH, SAMPLE, published

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "docs" / "metrics-example.toml"
METRICS = {each.id: each for each in in_force(read_metric_file(EXAMPLE))}
#: The sample is small: with the contract's thresholds hardly any median is shown.
LAX = Least(4, 4, 3)


@lru_cache(maxsize=1)
def judged() -> Judged:
    return judge(SAMPLE, 2026, 10)


def rules(least: Least) -> RuleSet:
    """Return the built-in rule set with other thresholds."""
    found = read_rules()
    peers = replace(
        found.peers, requests=least.peer_requests, median_groups=least.median_groups, bands=[3, 6, 10, 20, 50]
    )
    return replace(found, industry=replace(found.industry, groups=least.industry_groups), peers=peers)


@lru_cache(maxsize=2)
def frozen(least: Least) -> Snapshot:
    driver, _ = published(2)
    driver.run(700)
    return freeze(collected(driver), MONTH, rules(least), metrics=tuple(METRICS.values()))


def table(least: Least) -> pl.DataFrame:
    return frozen(least).tables.by_name["metrics"]


def rows(metric: str, least: Least) -> dict[tuple[str, str, tuple[str, ...]], dict[str, object]]:
    found = table(least).filter(metric=metric).to_dicts()
    names = METRICS[metric].dimensions
    return {(row["party"], row["role"], tuple(row[name] for name in names)): row for row in found}


def nearly(exact: Fraction | None, within: float) -> object:
    return None if exact is None else pytest.approx(float(exact), abs=within)


@pytest.mark.parametrize("least", [Least(), LAX], ids=["contract", "lax"])
@pytest.mark.parametrize("metric", SPELLED)
def test_a_metric_told_by_its_entry_alone_is_as_computed_by_other_means_r_chg_1(metric: str, least: Least) -> None:
    expected = told(judged(), SPELLED[metric], least)
    found = rows(metric, least)
    assert expected.keys() == found.keys()
    for place, row in found.items():
        says = expected[place]
        assert (says.part, says.whole) == (row["numerator"], row["denominator"]), place
        assert nearly(Fraction(says.part, says.whole), 1e-12) == row["result"], place
        assert nearly(says.industry, 1e-12) == row["industry_result"], place
        assert nearly(says.median, 0.000_501) == row["peer_result_median"], place  # rounded to three decimals


@pytest.mark.parametrize("metric", SPELLED)
def test_the_sample_has_cells_of_each_metric_that_are_shown_and_cells_that_are_withheld(metric: str) -> None:
    of_metric = table(LAX).filter(metric=metric)
    shown = of_metric["industry_result"].is_not_null()
    assert shown.any()
    assert not shown.all()


def test_a_part_is_withheld_where_what_is_left_of_its_total_could_not_be_told() -> None:
    found = [row for row in frozen(Least()).tables.suppression if row["table"] == "metrics/reads-in-time"]
    assert [("GS", "industry", 1)] == [
        (row["role"], row["figures"], row["cells"]) for row in found if row["reason"] == "complement"
    ]


def test_the_operator_is_told_of_each_cell_that_is_withheld_and_never_a_value() -> None:
    told_of = dict(frozen(Least()).tables.withheld["metrics"])
    assert "few" == told_of["smets1-gas-failures|GS|Meter Reads"]
