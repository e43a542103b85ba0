"""What disclosure control costs, for the operator. Requirement: R-OUT-2."""

from dcc_analytics.snapshot.benchmarks import (
    DAILY_KEY,
    SERVICE_KEY,
    by_member,
    daily_benchmarks,
    monthly_benchmarks,
)
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.suppression import suppression, withheld_cells
from tests.snapshot.counted_members import equal_members, frame, member

RULES = read_rules()


def test_withheld_cells_are_named_with_the_reason_and_no_value() -> None:
    cells, _ = monthly_benchmarks(by_member(frame(equal_members(3)), SERVICE_KEY), {}, RULES)
    assert [("IS|Meter Reads|4.8.1|", "few")] == withheld_cells(cells, SERVICE_KEY)


def test_cells_and_what_they_are_of_are_counted_by_role_figures_and_reason() -> None:
    """Seven of equal size are too few for all but the median; two of them with nine tenths of twelve dominate."""
    of_seven = equal_members(7)
    of_twelve = [member(number, requests=5_000 if number < 3 else 50, srv="8.1.1") for number in range(1, 13)]
    cells, _ = monthly_benchmarks(by_member(frame([*of_seven, *of_twelve]), SERVICE_KEY), {}, RULES)
    seven, twelve = sum(row["requests"] for row in of_seven), 10_500
    assert [
        ("industry", "dominated", 1, twelve),
        ("industry", "few", 1, seven),
        ("industry_times", "ok", 2, seven + twelve),
        ("peer_median", "ok", 2, seven + twelve),
        ("peer_quartiles", "few", 1, seven),
        ("peer_quartiles", "ok", 1, twelve),
    ] == [
        (row["figures"], row["reason"], row["cells"], row["total"])
        for row in suppression("round_trips_monthly", cells)
        if (row["table"], row["role"]) == ("round_trips_monthly", "IS")
    ]


def test_a_day_has_no_times_and_no_quartiles_to_withhold_and_no_cells_nothing() -> None:
    rows = frame(equal_members(7))
    daily = by_member(rows, DAILY_KEY)
    days = daily_benchmarks(daily, by_member(rows, SERVICE_KEY), RULES)
    assert ["industry", "peer_median"] == [row["figures"] for row in suppression("round_trips_daily", days)]
    assert [] == suppression("round_trips_daily", days.clear())
