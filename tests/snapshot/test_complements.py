"""A part is compared only where what is left of its total could be too: contract 7.6. Requirement: R-OUT-2."""

from collections.abc import Sequence
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcc_analytics.snapshot.benchmarks import (
    ALERT_DAILY_KEY,
    ALERT_KEY,
    DAILY_KEY,
    SERVICE_KEY,
    alert_daily_benchmarks,
    by_member,
    daily_benchmarks,
)
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.suppression import withheld_cells
from tests.snapshot.counted_members import Row, equal_members, frame, member

RULES = read_rules()
GAS: Row = {"meter_type": "Gas"}


def parts(members: Sequence[Row]) -> list[Row]:
    """Return the benchmarks of the parts of a month, Electricity before Gas."""
    rows = frame(members)
    found = daily_benchmarks(by_member(rows, DAILY_KEY), by_member(rows, SERVICE_KEY), RULES)
    return found.sort(DAILY_KEY).to_dicts()


@pytest.mark.parametrize(("status", "left"), [("complement", 9), ("ok", 10)])
def test_a_part_is_withheld_where_too_few_groups_are_left_of_its_total(status: str, left: int) -> None:
    electricity, gas = parts([*equal_members(12), *equal_members(left, **GAS)])
    assert status == electricity["benchmark_status"]
    assert (left >= 10) == (electricity["industry_success_rate"] is not None)
    assert (left >= 10) == (electricity["industry_rtt_mean_ms"] is not None)
    assert ("few" if left < 10 else "ok") == gas["benchmark_status"]


def test_what_one_of_two_dominates_is_not_left_over() -> None:
    """Gas is one large Member's: who knows the month and Electricity knows what that one does."""
    large = member(1, requests=100_000, **GAS)
    electricity, gas = parts([*equal_members(12), large, *equal_members(12, **GAS)[1:]])
    assert ("complement", "dominated") == (electricity["benchmark_status"], gas["benchmark_status"])


@pytest.mark.parametrize(("shown", "left"), [(False, 5), (True, 6)])
def test_the_median_of_peers_goes_by_the_peers_that_are_left(*, shown: bool, left: int) -> None:
    """A Member with fewer than 30 requests left is no peer there."""
    few = [member(number, requests=29, **GAS) for number in range(left + 1, 13)]
    electricity, _ = parts([*equal_members(12), *equal_members(left, **GAS), *few])
    assert shown == (electricity["peer_failure_rate_median"] is not None)
    assert electricity["industry_success_rate"] is not None


def test_a_part_that_is_its_whole_total_hides_nothing() -> None:
    (only,) = parts(equal_members(12))
    assert "ok" == only["benchmark_status"]


def test_a_day_is_a_part_of_its_month() -> None:
    days = parts([*equal_members(12), *equal_members(9, day=date(2026, 10, 6))])
    assert ["complement", "few"] == [day["benchmark_status"] for day in days]


def test_parties_of_one_owner_group_are_one_group_of_what_is_left() -> None:
    left = equal_members(11, **GAS)
    left[9]["group"] = left[10]["group"] = "P01"
    electricity, _ = parts([*equal_members(12), *left])
    assert "complement" == electricity["benchmark_status"]


def test_a_day_of_alerts_is_a_part_of_its_month() -> None:
    def alerts(day: int, members: int) -> list[Row]:
        return [{**row, "kind": "device", "code": "AD1", "day": date(2026, 10, day)} for row in equal_members(members)]

    rows = frame([*alerts(1, 12), *alerts(2, 9)])
    found = alert_daily_benchmarks(by_member(rows, ALERT_DAILY_KEY), by_member(rows, ALERT_KEY), RULES)
    assert ["complement", "few"] == found.sort(ALERT_DAILY_KEY)["benchmark_status"].to_list()
    assert 2 == found["industry_success_rate"].null_count()


def test_the_operator_is_told_the_cell_and_the_rule() -> None:
    rows = frame([*equal_members(12), *equal_members(9, **GAS)])
    found = daily_benchmarks(by_member(rows, DAILY_KEY), by_member(rows, SERVICE_KEY), RULES)
    assert ("IS|2026-10-05|Meter Reads|4.8.1||Electricity|North|SMETS2+", "complement") in withheld_cells(
        found, DAILY_KEY
    )


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), min_size=1, max_size=16))
def test_what_is_shown_of_a_part_could_be_shown_of_the_rest(counts: list[tuple[int, int]]) -> None:
    """Whatever a month is made of: with two parts, one is never compared where the other's groups are too few."""
    members = [
        member(number, requests=requests, **split)
        for number, both in enumerate(counts, 1)
        for requests, split in zip(both, ({}, GAS), strict=True)
        if requests
    ]
    if not members:
        return
    found = pl.DataFrame(parts(members))
    if found.height == 2:
        of_rest = found.with_columns(pl.col("groups").reverse(), pl.col("peer_groups").reverse())
        shown = of_rest.filter(pl.col("industry_success_rate").is_not_null())
        assert (shown["groups"] >= RULES.industry.groups).all()
        matched = of_rest.filter(pl.col("peer_failure_rate_median").is_not_null())
        assert (matched["peer_groups"] >= RULES.peers.median_groups).all()
