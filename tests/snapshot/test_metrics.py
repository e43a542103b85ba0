"""Aggregates of metrics and what is shown of others, on cells small enough to reckon by hand. R-CHG-1."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from fastdigest import TDigest
from msgspec.structs import replace

from dcc_analytics.catalogue.metrics import Metric
from dcc_analytics.snapshot.earlier import BEFORE
from dcc_analytics.snapshot.metrics import SCHEMA, MonthCells, metrics_table
from dcc_analytics.snapshot.rule_file import read_rules
from tests.snapshot.counted_members import Row, equal_members, frame, member

RULES = read_rules()
METRIC = Metric(
    id="m", version=1, title="M", description="Of all.", source="a test", observed="round_trips", aggregate="rate",
    of="failures", comparison="quartiles", page="M",
)  # fmt: skip


def nothing_before(_name: str, now: pl.DataFrame, key: Any) -> pl.DataFrame:  # noqa: ANN401 (columns)
    return now.select(key).clear().with_columns(pl.lit(None, pl.String).alias(BEFORE))


def month(rows: list[Row], digests: dict[Any, TDigest] | None = None) -> MonthCells:
    cells = frame(rows)
    failures = cells.with_columns(pl.col("failures").alias("requests"), reason_code=pl.lit("E20"))
    return MonthCells({"round_trips": cells, "alerts": cells, "failures": failures}, {"round_trips": digests or {}})


def table(metric: Metric, rows: list[Row], digests: dict[Any, TDigest] | None = None) -> pl.DataFrame:
    found, _ = metrics_table([metric], month(rows, digests), RULES, nothing_before)
    return found


def row(metric: Metric, rows: list[Row], party: str = "P01", digests: dict[Any, TDigest] | None = None) -> Row:
    return table(metric, rows, digests).filter(party=party).row(0, named=True)


def told(found: Row, *names: str) -> tuple[object, ...]:
    return tuple(found[name] for name in names)


def test_a_rate_is_of_what_has_ended_and_its_median_and_quartiles_are_of_the_members_rates() -> None:
    """Ten Members fail 1 to 10 of 100: 55 of 1,000 together, half way between 5 and 6 in the middle."""
    found = row(METRIC, equal_members(10))
    assert (1, 100, 0.01) == told(found, "numerator", "denominator", "result")
    assert (0.055, 0.055) == told(found, "industry_result", "peer_result_median")
    assert ("10-19", "ok") == told(found, "peers", "benchmark_status")
    assert (0.032, 0.078) == told(found, "peer_result_p25", "peer_result_p75")  # 3.25 and 7.75 %, half-even
    assert list(SCHEMA) == list(found)


def test_what_is_open_is_in_no_rate_and_a_member_without_any_outcome_has_no_row() -> None:
    rows = [member(1, requests=10, failures=3, still_open=4), member(2, requests=5, still_open=5)]
    found = table(METRIC, rows)
    assert [("P01", 3, 6)] == found.select("party", "numerator", "denominator").rows()


def test_a_share_is_of_all_that_is_observed() -> None:
    share = replace(METRIC, aggregate="share", of="", part={"region": ("South",)}, comparison="none")
    rows = [member(1, requests=30), member(1, requests=10, region="South")]
    assert (10, 40, 0.25, None, None) == told(
        row(share, rows), "numerator", "denominator", "result", "industry_result", "benchmark_status"
    )


def test_a_rate_in_time_is_of_what_has_a_target() -> None:
    in_time = replace(METRIC, of="in_time", comparison="none")
    rows = [member(1, requests=30, targeted=20, in_time=15), member(2)]
    assert [(15, 20, 0.75)] == table(in_time, rows).select("numerator", "denominator", "result").rows()


def test_a_count_is_a_numerator_and_nothing_else() -> None:
    count = replace(METRIC, aggregate="count", of="", comparison="none", dimensions=("day",))
    assert (100, None, None, date(2026, 10, 5), "count") == told(
        row(count, [member(1)]), "numerator", "denominator", "result", "day", "measure"
    )


@pytest.mark.parametrize(
    ("aggregate", "own_s", "industry_s"),
    [("mean_time", 2.0, 6.373), ("best_time", 2.0, 1.0), ("worst_time", 2.0, 12.0)],
)
def test_times_are_of_successes_in_seconds(aggregate: str, own_s: float, industry_s: float) -> None:
    """Member n has 100 - n successes of n seconds: twelve have 1,200 - 78, of 100 * 78 - 650 seconds together."""
    metric = replace(METRIC, aggregate=aggregate, of="", comparison="industry")
    found = row(metric, equal_members(12), "P02")
    assert (None, 98, own_s, industry_s) == told(found, "numerator", "denominator", "result", "industry_result")


def test_a_quantile_is_of_the_merged_digests_of_the_services_kept() -> None:
    def digest(*seconds: int) -> TDigest:
        return TDigest.from_values([each * 1_000_000 for each in seconds])

    metric = replace(
        METRIC, aggregate="quantile_time", of="", rank_percent=50, comparison="none", filter={"srv": ("4.8.1", "4.8.2")}
    )
    digests = {
        ("P01", "IS", "Meter Reads", "4.8.1", ""): digest(1, 2),
        ("P01", "IS", "Meter Reads", "4.8.2", ""): digest(3, 4, 5),
        ("P01", "IS", "Meter Reads", "4.6.1", ""): digest(900),
    }
    rows = [member(1, srv=srv) for srv in ("4.8.1", "4.8.2", "4.6.1")]
    assert (200, 3.0) == told(row(metric, rows, digests=digests), "denominator", "result")


@pytest.mark.parametrize(
    ("rows", "status", "shown"),
    [
        (equal_members(5), "few", (None, None, None)),
        (equal_members(6), "few", (None, 0.035, None)),
        (equal_members(10), "ok", (0.055, 0.055, 0.078)),
        ([*equal_members(10), member(11, requests=90_000)], "dominated", (None, 0.05, 0.075)),
    ],
)
def test_each_figure_of_others_is_shown_by_its_own_rule(
    rows: list[Row], status: str, shown: tuple[float | None, ...]
) -> None:
    names = ("industry_result", "peer_result_median", "peer_result_p75")
    assert (*shown, status) == told(row(METRIC, rows), *names, "benchmark_status")


def test_a_filter_by_a_split_is_a_part_of_the_whole_and_withheld_where_the_rest_is_of_few() -> None:
    """Twelve Members have something in the North, and one alone the rest: who knows both knows that one's."""
    north = replace(METRIC, filter={"region": ("North",)})
    rows = equal_members(12)
    assert "ok" == row(north, rows)["benchmark_status"]
    rows.append(member(3, requests=40, failures=1, region="South"))
    assert ("complement", None, None) == told(
        row(north, rows), "benchmark_status", "industry_result", "peer_result_median"
    )
    assert "ok" == row(METRIC, rows)["benchmark_status"]


def test_a_dimension_within_a_filter_is_a_part_of_the_filtered_whole_too() -> None:
    """All have gas too, so that only the filtered whole, electricity, gives the one Member in the South away."""
    split = replace(METRIC, filter={"meter_type": ("Electricity",)}, dimensions=("region",))
    rows = [*equal_members(12), *equal_members(12, meter_type="Gas")]
    assert ["ok"] == table(split, rows)["benchmark_status"].unique().to_list()
    rows.append(member(3, requests=40, failures=1, region="South"))
    found = table(split, rows).filter(region="North")
    assert ["complement"] == found["benchmark_status"].unique().to_list()


def test_what_was_told_before_is_asked_of_the_metric_and_its_version() -> None:
    asked = []

    def before(name: str, now: pl.DataFrame, key: Any) -> pl.DataFrame:  # noqa: ANN401 (columns)
        asked.append(name)
        return now.select(key).unique().with_columns(pl.lit("complement").alias(BEFORE))

    found, _ = metrics_table([replace(METRIC, version=3)], month(equal_members(12)), RULES, before)
    assert ["metrics/m/3"] == asked
    assert ["complement"] == found["benchmark_status"].unique().to_list()


def test_metrics_are_told_apart_by_id_and_no_metrics_make_an_empty_table() -> None:
    both, compared = metrics_table(
        [METRIC, replace(METRIC, id="n", comparison="none")], month(equal_members(3)), RULES, nothing_before
    )
    assert {"m": 3, "n": 3} == dict(both.group_by("metric").len().iter_rows())
    assert ["m"] == [each.metric for each in compared]
    assert 0 == metrics_table([], month(equal_members(3)), RULES, nothing_before)[0].height
