"""Which figures of others may be shown, and how coarse: contract section 7, rules 3, 4, 5 and 9."""

from fractions import Fraction

import polars as pl
import pytest

from dcc_analytics.snapshot.disclosure import band, coarse_ms, coarse_rate, few, first_reason, industry_reason, shown
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import IndustryRules

RULES = read_rules()


def reason(*requests: int, rules: IndustryRules = RULES.industry) -> str | None:
    """Return why a cell is withheld whose owner groups have so many requests each."""
    ordered = sorted(requests, reverse=True)
    cell = pl.DataFrame(
        {
            "groups": [len(ordered)],
            "total": [sum(ordered)],
            "largest": [ordered[0]],
            "largest_two": [sum(ordered[:2])],
        }
    )
    found: str | None = cell.select(industry_reason(rules)).item()
    return found


# -- rule 3 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("expected", "groups"), [("few", 1), ("few", 9), (None, 10), (None, 11)])
def test_industry_figures_need_ten_groups(expected: str | None, groups: int) -> None:
    assert expected == reason(*[5] * groups)


@pytest.mark.parametrize(
    ("expected", "largest"),
    [
        # Eight others with 10 each are 80 of 2 * largest + 80: below 90 % while 2 * largest < 720.
        (None, 359),
        ("dominated", 360),
        ("dominated", 361),
    ],
)
def test_the_largest_two_have_to_be_below_90_percent(expected: str | None, largest: int) -> None:
    assert expected == reason(largest, largest, *[10] * 8)


def test_one_giant_alone_dominates() -> None:
    assert reason(10_000, *[1] * 12) == "dominated"


@pytest.mark.parametrize(("expected", "rest"), [("dominated", 9), (None, 10)])
def test_what_is_left_beside_the_largest_two_has_to_be_p_percent_of_the_largest(
    expected: str | None, rest: int
) -> None:
    """With the 90 % out of the way, 100 and 30 and the rest: the rest must be 10 % of 100, or more."""
    alone = IndustryRules(groups=3, largest_two_percent=100, p_percent=10, timed_groups=6)
    assert expected == reason(100, 30, rest, rules=alone)


def test_few_is_told_before_dominated() -> None:
    assert reason(1_000, 1) == "few"


def test_whole_numbers_decide_exactly_at_the_edge_however_large() -> None:
    """9e15 + 9e15 of 2e16 is 90 % sharp; one less of the largest is below."""
    tens = [250_000_000_000_000] * 8
    assert reason(9_000_000_000_000_000, 9_000_000_000_000_000, *tens) == "dominated"
    assert reason(9_000_000_000_000_000, 8_999_999_999_999_999, *tens) is None


# -- rule 9 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "reasons"),
    [
        ("ok", (None, None)),
        ("few", (None, "few")),
        ("few", ("dominated", "few")),
        ("few", ("few", "dominated")),
        ("dominated", ("dominated", None)),
        ("dominated", (None, "dominated")),
    ],
)
def test_the_status_is_the_first_reason_that_holds_for_any_figure_of_the_row(
    expected: str, reasons: tuple[str | None, ...]
) -> None:
    row = pl.DataFrame({"a": [reasons[0]], "b": [reasons[1]]}, schema={"a": pl.String, "b": pl.String})
    assert expected == row.select(first_reason("a", "b")).item()


def test_a_figure_with_a_reason_to_withhold_it_is_null() -> None:
    rows = pl.DataFrame({"figure": [0.5, 0.25], "reason": [None, "few"]})
    assert [0.5, None] == rows.select(shown("figure", "reason")).to_series().to_list()


@pytest.mark.parametrize(("expected", "groups"), [("few", 0), ("few", 5), (None, 6), (None, 7)])
def test_a_count_below_the_least_number_is_few(expected: str | None, groups: int) -> None:
    assert expected == pl.DataFrame({"groups": [groups]}).select(few("groups", 6)).item()


def test_a_band_below_the_first_is_nothing() -> None:
    frame = pl.DataFrame({"groups": [0, 5, 6, 10, 20, 50]})
    assert [None, None, "6-9", "10-19", "20-49", "50+"] == frame.select(
        band("groups", RULES.peers)
    ).to_series().to_list()


# -- roundings (rules 3 and 5) -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected_ms", "us"),
    [
        (0, 0),
        (0, -5),
        (1, 1_049),
        (1, 1_050),
        (120, 125_000),
        (130, 125_001),
        (140, 135_000),
        (21_000, 20_518_000),
        (990, 994_999),
        (1_000, 996_000),
        (10_000, 9_960_000),
        (4_300_000, 4_338_180_000),
        (120, Fraction(250_000, 2)),
    ],
)
def test_times_of_others_have_two_significant_digits_rounded_half_even(expected_ms: int, us: Fraction | int) -> None:
    assert expected_ms == coarse_ms(us, RULES.rounding)


@pytest.mark.parametrize(
    ("expected", "rate"), [(0.0, 0.0), (0.0, 0.0005), (0.001, 0.00051), (0.002, 0.0015), (0.333, 1 / 3), (1.0, 0.9996)]
)
def test_rates_of_peers_have_three_decimals_rounded_half_even(expected: float, rate: float) -> None:
    assert expected == coarse_rate(rate, RULES.rounding)
