"""A Member's failure rate at the Role's mix: worked by hand, and what of the mix may be told apart (contract 7.3)."""

from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from random import Random

import polars as pl
import pytest
from msgspec.structs import replace

from dcc_analytics.snapshot.mix import MIX_GAP, STRATUM, Counts, counted_strata, gap, usable, with_gap
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import RuleSet

RULES = read_rules()
NINE_TENTHS = Fraction(9, 10)
SERVICE = {"role": "IS", "process": "Meter Reads", "srv": "4.8.1", "variant": ""}
ROLE = {"North": Counts(600, 120), "South": Counts(400, 8)}


def gap_of(own: dict[str, Counts], role: dict[str, Counts] = ROLE) -> Fraction | None:
    return gap(own, role, enough=30, share=NINE_TENTHS)


def test_a_member_that_only_sends_more_to_the_north_has_no_gap() -> None:
    """20 % of the North and 2 % of the South fail, for all: 900 and 100 give 18.2 % beside the Role's 12.8 %."""
    assert 0 == gap_of({"North": Counts(900, 180), "South": Counts(100, 2)})


def test_a_gap_is_the_difference_at_the_roles_weights() -> None:
    """0.6 * 10/50 + 0.4 * 6/100 = 0.144; the Role's 128 of 1,000 are 0.128."""
    assert Fraction(16, 1000) == gap_of({"North": Counts(50, 10), "South": Counts(100, 6)})


def test_a_mix_can_turn_the_sign_of_a_difference() -> None:
    """Plainly 12 of 1,000 fail, far below 12.8 %; in the South, where nearly all were sent, half as many again."""
    own = {"North": Counts(30, 9), "South": Counts(970, 29)}
    assert Fraction(38, 1000) < Fraction(128, 1000)
    assert Fraction(6, 10) * Fraction(9, 30) + Fraction(4, 10) * Fraction(29, 970) - Fraction(128, 1000) == gap_of(own)
    assert (gap_of(own) or 0) > 0


def test_strata_with_too_few_of_ones_own_are_left_out_of_both_sides_if_they_are_few_of_the_roles() -> None:
    role = {"North": Counts(900, 90), "South": Counts(100, 50)}
    assert Fraction(20, 100) - Fraction(90, 900) == gap_of({"North": Counts(100, 20), "South": Counts(29, 29)}, role)
    assert gap_of({"North": Counts(29, 3), "South": Counts(100, 20)}, role) is None
    assert gap_of({"South": Counts(100, 20)}, role) is None
    assert gap_of({}, role) is None
    assert gap_of({"North": Counts(100, 20)}, {}) is None


# -- what of the mix may be told apart -------------------------------------------------------------------------


def passes(groups: dict[str, int]) -> bool:
    """Return whether contract 7.3 lets a cell be shown, written anew."""
    *others, second, first = sorted(groups.values())
    left = sum(others)
    return len(groups) >= 10 and first + second < 9 * left and 10 * left >= first


def equal(groups: int, outcomes: int = 10) -> dict[str, int]:
    return {f"G{number:02}": outcomes for number in range(groups)}


def apart(strata: dict[str, dict[str, int]], rules: RuleSet = RULES, **unprinted: dict[str, int]) -> list[str]:
    return usable(strata, unprinted, rules)


def test_strata_that_pass_are_told_apart_if_the_rest_passes_or_is_empty() -> None:
    assert ["North", "South"] == apart({"North": equal(12, 20), "South": equal(12)})
    assert ["North"] == apart({"North": equal(12), "a": equal(6), "b": {f"H{n}": 5 for n in range(6)}})


def test_a_rest_that_fails_takes_the_smallest_stratum_that_passes() -> None:
    """Nine groups are too few: what is left of the total without North and South would be theirs."""
    strata = {"North": equal(12, 30), "South": equal(12, 20), "Central": equal(12), "Unknown": equal(9, 1)}
    assert ["North", "South"] == apart(strata)
    assert [] == apart({"Unknown": equal(9)})
    assert [] == apart({"North": equal(12), "Unknown": {"G00": 10_000}})


def test_a_stratum_is_not_told_apart_if_its_printed_days_taken_from_it_would_leave_one() -> None:
    """All days of the North but G07's are printed: it is the rest, and alone; the South, of which none is, joins it."""
    strata = {"North": equal(12), "South": equal(12, 20), "Central": equal(12, 30)}
    alone, whole = {"G07": 10}, equal(12, 20)
    assert ["Central"] == apart(strata, North=alone, South=whole)
    assert ["Central", "South", "North"] == apart(strata, North=equal(11), South=whole)
    assert ["Central", "South", "North"] == apart(strata)


def test_the_days_printed_of_the_rest_may_leave_nobody_alone_either() -> None:
    """North and South are no cells of ten groups; together they are, but without their printed days G00 is left."""
    strata = {"North": equal(6), "South": {f"H{n}": 10 for n in range(6)}, "Central": equal(12, 30)}
    assert ["Central"] == apart(strata)
    assert [] == apart(strata, North={"G00": 5})


def test_a_dominated_stratum_is_not_told_apart() -> None:
    strata = {"North": equal(12, 100), "South": {**equal(12), "G00": 10_000}, "Central": equal(12, 10_000)}
    assert ["Central", "North"] == apart({**strata, "South": equal(12)})[:2]
    assert "South" not in apart(strata)


def test_the_mix_may_ask_for_more_groups_and_never_for_fewer() -> None:
    strata = {"North": equal(12), "South": equal(12)}
    assert [] == apart(strata, replace(RULES, mix=replace(RULES.mix, groups=13)))
    fewer = replace(RULES, mix=replace(RULES.mix, groups=1))
    assert [] == apart({"North": equal(9)}, fewer)


@pytest.mark.parametrize("seed", range(20))
def test_every_union_of_what_is_told_apart_and_the_rest_passes_too(seed: int) -> None:
    """So no difference of two gaps, and no complement, is of a cell that rule 3 would withhold."""
    random = Random(seed)
    strata = {
        f"S{place}": {
            f"G{group}": max(1, int(random.paretovariate(1.0))) for group in range(random.choice((3, 11, 14, 20)))
        }
        for place in range(6)
    }
    told = apart(strata)
    rest = [name for name in strata if name not in told]
    parts = [[name] for name in told] + ([rest] if told and rest else [])
    for size in range(1, len(parts) + 1):
        for chosen in combinations(parts, size):
            union: dict[str, int] = {}
            for name in (name for part in chosen for name in part):
                union = {group: union.get(group, 0) + strata[name].get(group, 0) for group in {*union, *strata[name]}}
            assert passes(union), chosen


# -- the table -------------------------------------------------------------------------------------------------


def cells(*rows: tuple[str, str, int, int]) -> pl.DataFrame:
    """Return counts of (party, region, outcomes, failures), each Party a group of its own."""
    split = dict(zip(STRATUM, ("", "Electricity", "SMETS2+"), strict=True))
    return pl.DataFrame(
        [
            {"party": party, "group": party, **SERVICE, **split, "region": region, "successes": outcomes - failures,
             "failures": failures, "unprinted": outcomes}
            for party, region, outcomes, failures in rows
        ]
    )  # fmt: skip


def found(strata: pl.DataFrame, *, industry: float | None = 0.1) -> dict[str, Decimal | None]:
    rows = strata.select("party", *SERVICE).unique().with_columns(industry_failure_rate=pl.lit(industry, pl.Float64))
    return dict(with_gap(rows, strata, RULES).select("party", MIX_GAP).iter_rows())


def month() -> pl.DataFrame:
    """Return twelve Members: 10 of 100 fail in the North, 2 of 100 in the South; A the same, and only 40 there."""
    others = [(f"P{n:02}", region, 100, failed) for n in range(11) for region, failed in (("North", 10), ("South", 2))]
    return cells(*others, ("A", "North", 400, 40), ("A", "South", 40, 2))


def test_strata_are_counted_over_days_with_the_outcomes_of_those_withheld() -> None:
    split = {**SERVICE, **dict(zip(STRATUM, ("North", "Electricity", "SMETS2+"), strict=True))}
    days = [{**split, "day": day, "industry_success_rate": rate} for day, rate in ((1, 0.9), (2, None))]
    sent = [
        {"party": "A", "group": "A", **split, "day": day, "successes": 10 * day, "failures": day, "open": 9}
        for day in (1, 2)
    ]
    counted = counted_strata(pl.DataFrame(sent), pl.DataFrame(days))
    assert [(30, 3, 22)] == counted.select("successes", "failures", "unprinted").rows()


def test_each_member_with_enough_has_its_gap_in_three_decimals() -> None:
    """The Role: 150 of 1,500 and 24 of 1,140. A: (1500 * 0.1 + 1140 * 0.05 - 174) / 2640 = 0.0125; others -0.00045."""
    gaps = found(month())
    assert Decimal("0.012") == gaps["A"]
    assert {Decimal("0.000")} == {gaps[f"P{n:02}"] for n in range(11)}


def test_nothing_is_told_where_the_roles_own_rate_is_withheld() -> None:
    assert {None} == set(found(month(), industry=None).values())


def test_nothing_is_told_if_most_of_the_roles_mix_may_not_be_told_apart() -> None:
    few = cells(*((f"P{n:02}", "Central", 500, 9) for n in range(9)))
    assert {None} == set(found(pl.concat([month(), few])).values())


def test_a_member_with_too_little_of_the_mix_has_no_gap() -> None:
    gaps = found(pl.concat([month(), cells(("B", "North", 500, 9), ("B", "South", 29, 0))]))
    assert gaps["B"] is None
    assert gaps["A"] is not None
