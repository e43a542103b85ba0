"""Intervals, tails and families of tests, against what was published and against exact sums."""

from fractions import Fraction
from math import comb
from random import Random

import pytest

from dcc_analytics.snapshot.intervals import at_least, at_most, benjamini_hochberg, wilson

#: Benjamini and Hochberg 1995, section 4.1: thrombolysis after an infarction, 15 comparisons.
THROMBOLYSIS = (
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
    1.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_score_interval_is_that_of_newcombes_examples(part: int, whole: int, low: float, high: float) -> None:
    """Newcombe 1998, table I, method 3."""
    assert (low, high) == tuple(round(bound, 4) for bound in wilson(part, whole))


def test_the_bounds_are_the_shares_that_lie_z_standard_errors_away() -> None:
    """Wilson's definition: (rate - bound)^2 = z^2 bound (1 - bound) / n."""
    for part, whole in ((3, 10), (1, 1_000), (999, 1_000), (40_000, 4_000_000)):
        for bound in wilson(part, whole):
            away = (part / whole - bound) ** 2 / (bound * (1 - bound) / whole)
            assert 1.959963984540054**2 == pytest.approx(away, rel=1e-9)


def test_an_interval_holds_its_rate_and_never_leaves_nothing_and_everything() -> None:
    for whole in range(1, 60):
        for part in range(whole + 1):
            low, high = wilson(part, whole)
            assert 0 <= low <= part / whole <= high <= 1
            mirrored = wilson(whole - part, whole)
            assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-12)


def exactly_at_least(events: int, trials: int, chance: Fraction) -> Fraction:
    terms = (comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(max(events, 0), trials + 1))
    return sum(terms, Fraction(0))


def test_tails_are_the_exact_sums() -> None:
    random = Random(7)
    for _ in range(200):
        trials, chance = random.randint(1, 80), Fraction(random.randint(1, 99), 100)
        events = random.randint(0, trials)
        expected = float(exactly_at_least(events, trials, chance))
        assert expected == pytest.approx(at_least(events, trials, float(chance)), rel=1e-9, abs=1e-14)
        assert 1 - float(exactly_at_least(events + 1, trials, chance)) == pytest.approx(
            at_most(events, trials, float(chance)), rel=1e-9, abs=1e-14
        )


def test_a_tail_far_out_keeps_its_digits() -> None:
    """Of 300 trials at one in a hundred, 30 events or more: about 1.7e-18, which one minus the rest would lose."""
    expected = float(exactly_at_least(30, 300, Fraction(1, 100)))
    assert 0 < expected < 1e-17
    assert expected == pytest.approx(at_least(30, 300, 0.01), rel=1e-9)


def test_a_nation_of_trials_is_as_the_normal_approximation_has_it() -> None:
    """Of 100 million at 2 %, 1,400 standard deviations of one: 2,002,801 is two above the mean, 0.02275."""
    assert 0.02275 == pytest.approx(at_least(2_002_801, 100_000_000, 0.02), rel=1e-3)
    assert 1 - 0.02275 == pytest.approx(at_most(2_002_800, 100_000_000, 0.02), rel=1e-3)


@pytest.mark.parametrize(
    ("expected", "events", "trials", "chance"),
    [(1.0, 0, 10, 0.3), (0.0, 11, 10, 0.3), (0.0, 1, 10, 0.0), (1.0, 10, 10, 1.0), (1.0, 0, 0, 0.5), (0.0, 9, 9, 0.0)],
)
def test_what_is_certain_is_certain(expected: float, events: int, trials: int, chance: float) -> None:
    assert expected == at_least(events, trials, chance)


def test_the_published_family_of_fifteen_has_four_discoveries() -> None:
    """Bonferroni's bound, 0.05 / 15, would find three of them."""
    assert [True] * 4 + [False] * 11 == benjamini_hochberg(THROMBOLYSIS, rate=0.05)
    assert 3 == sum(p <= 0.05 / 15 for p in THROMBOLYSIS)


def test_the_order_of_a_family_does_not_matter() -> None:
    random = Random(3)
    places = list(range(15))
    random.shuffle(places)
    found = benjamini_hochberg([THROMBOLYSIS[place] for place in places], rate=0.05)
    assert {0, 1, 2, 3} == {place for place, discovered in zip(places, found, strict=True) if discovered}


def test_a_value_above_its_own_bound_is_found_if_a_later_one_is_below_its() -> None:
    """0.04 is above 0.05 / 2, but 0.045 is not above 0.05: both are found."""
    assert [True, True] == benjamini_hochberg([0.04, 0.045], rate=0.05)
    assert [] == benjamini_hochberg([], rate=0.05)


def test_where_nothing_differs_a_discovery_is_as_rare_as_the_rate() -> None:
    """Families of twenty uniform values: at a rate of 5 %, some one in twenty has any."""
    random = Random(11)
    families = 4_000
    some = sum(any(benjamini_hochberg([random.random() for _ in range(20)], rate=0.05)) for _ in range(families))
    assert 0.04 < some / families < 0.06
