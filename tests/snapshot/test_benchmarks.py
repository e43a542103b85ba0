"""Benchmarks of a cell: contract section 7, rules 1 to 5 and 9, and section 8 (Peers). Requirement: R-BP-1."""

from collections.abc import Sequence

import polars as pl
import pytest
from fastdigest import TDigest
from msgspec.structs import replace

from dcc_analytics.snapshot.benchmarks import (
    DAILY_KEY,
    SERVICE_KEY,
    by_member,
    daily_benchmarks,
    median_ms,
    monthly_benchmarks,
)
from dcc_analytics.snapshot.peers import PEER_VALUES
from dcc_analytics.snapshot.rule_file import read_rules
from tests.snapshot.counted_members import Row, equal_members, frame, member

RULES = read_rules()


def benchmarks(members: Sequence[Row]) -> tuple[list[Row], pl.DataFrame]:
    """Return the cells of a month and the values of peers."""
    digests = {}
    for row in members:
        if row["rtt_n"]:
            of = row["party"], row["role"], row["process"], row["srv"], row["variant"]
            digests[of] = TDigest.from_values([float(row["rtt_min_us"])] * row["rtt_n"])
    cells, peer_values = monthly_benchmarks(by_member(frame(members), SERVICE_KEY), digests, RULES)
    return cells.sort(SERVICE_KEY).to_dicts(), peer_values


def cell(members: Sequence[Row]) -> Row:
    """Return the one cell of a month."""
    (found,), _ = benchmarks(members)
    return found


# -- rule 3: industry figures ------------------------------------------------------------------------------


def test_industry_figures_are_weighted_by_volume() -> None:
    """Ten Members: 1000 requests with 10 failures, 500 with 50, eight with 100 and none: 60 of 2300 failed."""
    members = [member(1, requests=1000, failures=10), member(2, requests=500, failures=50)]
    found = cell([*members, *(member(number) for number in range(3, 11))])
    assert (60 / 2300, 2240 / 2300) == (found["industry_failure_rate"], found["industry_success_rate"])
    seconds = 990 * 1 + 450 * 2 + 100 * sum(range(3, 11))
    assert round(seconds * 1000 / 2240) == found["industry_rtt_mean_ms"]


def test_open_requests_are_outside_every_rate() -> None:
    found = cell([member(number, failures=10, still_open=50) for number in range(1, 11)])
    assert (10 / 50, 40 / 50) == (found["industry_failure_rate"], found["industry_success_rate"])


@pytest.mark.parametrize(("shown", "groups"), [(False, 9), (True, 10)])
def test_industry_figures_need_ten_owner_groups(*, shown: bool, groups: int) -> None:
    found = cell(equal_members(groups))
    for name in ("industry_success_rate", "industry_failure_rate", "industry_rtt_mean_ms"):
        assert shown == (found[name] is not None)
    assert found["benchmark_status"] == ("ok" if shown else "few")


@pytest.mark.parametrize(("asked", "shown"), [(0, True), (1, True), (2, False)])
@pytest.mark.parametrize("others", [{"still_open": 100}, {"failures": 100}], ids=["still open", "all failed"])
def test_figures_of_one_alone_that_had_an_answer_are_withheld_if_the_rule_set_asks(
    others: dict[str, int], *, asked: int, shown: bool
) -> None:
    """By requests there are twelve groups; the rate, or the mean time, is P01's."""
    rows = [member(1, failures=40), *(member(number, **others) for number in range(2, 13))]
    rules = replace(RULES, industry=replace(RULES.industry, outcome_groups=asked))
    cells, _ = monthly_benchmarks(by_member(frame(rows), SERVICE_KEY), {}, rules)
    (cell,) = cells.to_dicts()
    assert shown == (cell["industry_rtt_mean_ms"] == 1_000) == (cell["industry_failure_rate"] is not None)
    assert shown or cell["benchmark_status"] == "few"


def test_two_parties_of_one_owner_group_count_once() -> None:
    members = equal_members(10)
    members[9]["group"] = "P01"
    assert cell(members)["industry_success_rate"] is None
    assert cell([*members, member(11)])["industry_success_rate"] is not None


@pytest.mark.parametrize(("status", "parties"), [("ok", 10), ("dominated", 21)])
def test_the_largest_two_are_owner_groups_and_not_parties(status: str, parties: int) -> None:
    """A group of 10 parties with 400 each beside nine with 100: 4100 of 4900 are 84 %. Of 21: 8500 of 9300, 91 %."""
    group = [member(number, requests=400, group="Holding") for number in range(1, parties + 1)]
    others = [member(number, requests=100) for number in range(40, 49)]
    found = cell([*group, *others])
    assert status == found["benchmark_status"]
    assert (status == "ok") == (found["industry_success_rate"] is not None)


def test_a_dominated_cell_shows_no_industry_figure_but_its_peers() -> None:
    found = cell([member(1, requests=100_000), *(member(number) for number in range(2, 12))])
    assert found["benchmark_status"] == "dominated"
    assert found["industry_success_rate"] is found["industry_failure_rate"] is found["industry_rtt_mean_ms"] is None
    assert found["peer_failure_rate_median"] == 0.0
    assert found["industry_rtt_best_ms"] == 1000


@pytest.mark.parametrize(("shown", "groups"), [(False, 5), (True, 6)])
def test_best_worst_and_median_times_need_six_groups(*, shown: bool, groups: int) -> None:
    found = cell(equal_members(groups))
    for name in ("industry_rtt_best_ms", "industry_rtt_worst_ms", "industry_rtt_median_ms"):
        assert shown == (found[name] is not None)


def test_six_groups_with_requests_of_which_one_has_no_time_show_no_best_or_worst() -> None:
    members = [*equal_members(5), member(6, failures=100)]
    found = cell(members)
    assert found["industry_rtt_best_ms"] is found["industry_rtt_worst_ms"] is found["industry_rtt_median_ms"] is None


def test_best_and_worst_are_rounded_to_two_significant_digits() -> None:
    members = equal_members(10)
    members[0]["rtt_min_us"], members[9]["rtt_max_us"] = 1_234_000, 98_765_000
    found = cell(members)
    assert (1_200, 99_000) == (found["industry_rtt_best_ms"], found["industry_rtt_worst_ms"])


def test_a_cell_without_any_time_has_nothing_to_withhold() -> None:
    assert cell([member(number, failures=100) for number in range(1, 11)])["benchmark_status"] == "ok"


# -- rule 4: peers -----------------------------------------------------------------------------------------


def test_peer_figures_are_unweighted() -> None:
    """Failure rates 1, 2, … 11 %: the median is the sixth, whatever a Member's volume; quartiles 3.5 and 8.5 %."""
    members = equal_members(11)
    members[0].update(requests=1_000, successes=990, failures=10)
    found = cell(members)
    assert (0.035, 0.06, 0.085) == tuple(found[f"peer_failure_rate_{name}"] for name in ("p25", "median", "p75"))


def test_quartiles_are_linear_between_ranks() -> None:
    """R's type 7 over 1 to 10 %, each doubled: p25 at rank 3.25 is 6.5 %, the median 11 %, p75 15.5 %."""
    found = cell([member(number, failures=2 * number) for number in range(1, 11)])
    assert (0.065, 0.11, 0.155) == tuple(found[f"peer_failure_rate_{name}"] for name in ("p25", "median", "p75"))


@pytest.mark.parametrize(("counted", "requests"), [(False, 29), (True, 30)])
def test_a_peer_has_at_least_thirty_requests_open_ones_too(*, counted: bool, requests: int) -> None:
    members = [*equal_members(5), member(6, requests=requests, still_open=10)]
    found = cell(members)
    assert counted == (found["peer_failure_rate_median"] is not None)
    assert found["peers"] == ("6-9" if counted else None)


@pytest.mark.parametrize(("median", "quartiles", "groups"), [(False, False, 5), (True, False, 9), (True, True, 10)])
def test_the_median_needs_six_groups_of_peers_and_quartiles_ten(*, median: bool, quartiles: bool, groups: int) -> None:
    found = cell([*equal_members(groups), *(member(50 + number, requests=29) for number in range(10))])
    assert median == (found["peer_failure_rate_median"] is not None)
    assert quartiles == (found["peer_failure_rate_p25"] is not None) == (found["peer_failure_rate_p75"] is not None)
    assert found["benchmark_status"] == ("ok" if quartiles else "few")


def test_two_peers_of_one_group_are_two_values_and_one_group() -> None:
    members = equal_members(6)
    members[5]["group"] = "P01"
    assert cell(members)["peer_failure_rate_median"] is None
    found = cell([*members, member(7, failures=7)])
    assert (0.04, "6-9") == (found["peer_failure_rate_median"], found["peers"])


@pytest.mark.parametrize(("band", "groups"), [("6-9", 9), ("10-19", 19), ("20-49", 20), ("50+", 50)])
def test_the_number_of_peers_is_told_as_a_band(band: str, groups: int) -> None:
    assert band == cell(equal_members(groups))["peers"]


# -- rule 2: one benchmark for each Role -------------------------------------------------------------------


def test_each_role_has_its_own_benchmark() -> None:
    suppliers = equal_members(10)
    operators = [member(number, failures=50, role="ED") for number in range(20, 30)]
    found, _ = benchmarks([*suppliers, *operators])
    assert [("ED", 0.5), ("IS", 0.055)] == [(each["role"], each["industry_failure_rate"]) for each in found]


# -- rule 5: the values themselves -------------------------------------------------------------------------


def test_peer_values_are_sorted_numbered_rounded_and_say_not_whose_they_are() -> None:
    members = equal_members(10)
    members[3].update(requests=3_000, successes=2_999, failures=1)
    _, values = benchmarks(members[::-1])
    assert list(PEER_VALUES) == values.columns
    rates = values.filter(pl.col("measure") == "failure_rate")
    assert [0.0, 0.01, 0.02, 0.03, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1] == rates["value"].to_list()
    assert list(range(1, 11)) == rates["position"].to_list()
    times = values.filter(pl.col("measure") == "rtt_median_s")
    assert [float(number) for number in range(1, 11)] == times["value"].to_list()


def test_peer_values_of_ten_parties_in_nine_groups_are_not_told() -> None:
    members = equal_members(10)
    members[9]["group"] = "P01"
    assert benchmarks(members)[1].height == 0


def test_peer_values_need_ten_groups_each_measure_for_itself() -> None:
    assert benchmarks(equal_members(9))[1].height == 0
    _, values = benchmarks([*equal_members(9), member(10, failures=100)])
    assert ["failure_rate"] == values["measure"].unique().to_list()


# -- days and splits ---------------------------------------------------------------------------------------


def day(members: Sequence[Row]) -> Row:
    """Return the one day of a month, whose only part it is."""
    rows = frame(members)
    found = daily_benchmarks(by_member(rows, DAILY_KEY), by_member(rows, SERVICE_KEY), RULES)
    (row,) = found.to_dicts()
    return row


def test_a_day_has_the_benchmark_of_its_own_requests() -> None:
    found = day(equal_members(11))
    assert (1034 / 1100, 0.06, "ok") == (
        found["industry_success_rate"],
        found["peer_failure_rate_median"],
        found["benchmark_status"],
    )


@pytest.mark.parametrize(("status", "groups"), [("few", 5), ("few", 9), ("ok", 10)])
def test_a_day_with_too_few_groups_is_withheld(status: str, groups: int) -> None:
    found = day(equal_members(groups))
    assert status == found["benchmark_status"]
    assert (groups >= 10) == (found["industry_success_rate"] is not None) == (found["industry_rtt_mean_ms"] is not None)
    assert (groups >= 6) == (found["peer_failure_rate_median"] is not None)


def test_a_median_is_told_in_milliseconds_rounded_half_even() -> None:
    assert median_ms(None) is None
    assert (2, 2, 3) == tuple(median_ms(TDigest.from_values([us])) for us in (1_500.0, 2_500.0, 2_501.0))
