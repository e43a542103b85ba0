"""How unusual an hour is: tails against sums of terms, and hours worked by hand."""

from math import comb, exp, lgamma, log, log10

import pytest

from dcc_analytics.live.surprise import (
    ENOUGH_WEEKS,
    Hour,
    baseline,
    counts,
    failure_surprise,
    judge,
    unusual_since,
    volume_surprise,
)
from dcc_analytics.live.tails import binomial_at_least, poisson_beyond

STEADY = [Hour(1000, 20)] * 8


def summed_binomial(failed: int, of: int, rate: float) -> float:
    return -log10(sum(comb(of, each) * rate**each * (1 - rate) ** (of - each) for each in range(failed, of + 1)))


def summed_poisson(count: int, mean: float) -> float:
    def chance(each: int) -> float:
        return exp(each * log(mean) - mean - lgamma(each + 1))

    above = sum(chance(each) for each in range(count, count + 400))
    below = sum(chance(each) for each in range(count + 1))
    return max(0.0, -log10(2 * (above if count >= mean else below)))


@pytest.mark.parametrize(
    ("failed", "of", "rate"),
    [(1, 2, 0.1), (5, 50, 0.02), (40, 100, 0.02), (50, 100, 0.5), (30, 100, 0.5), (99, 100, 0.9), (300, 1000, 0.1)],
)
def test_the_tail_of_the_binomial_is_the_sum_of_its_terms(failed: int, of: int, rate: float) -> None:
    assert summed_binomial(failed, of, rate) == pytest.approx(binomial_at_least(failed, of, rate), abs=1e-9)


@pytest.mark.parametrize(
    ("count", "mean"), [(0, 10.0), (9, 10.0), (10, 10.0), (12, 10.0), (30, 10.0), (5, 50.0), (49, 50.0), (900, 700.0)]
)
def test_the_tail_of_the_poisson_is_the_sum_of_its_terms(count: int, mean: float) -> None:
    assert summed_poisson(count, mean) == pytest.approx(poisson_beyond(count, mean), abs=1e-9)


def test_what_is_far_beyond_the_least_float_still_has_a_surprise() -> None:
    assert 1000 < binomial_at_least(2000, 2000, 0.02)
    assert 4000 < poisson_beyond(0, 10_000)


def test_an_hour_like_the_others_surprises_nobody() -> None:
    known = baseline(STEADY)
    assert (0.02, 1000, 0.0, 0.0) == (known.failure_rate, known.ended, known.ended_sd, known.failure_rate_sd)
    found = judge(counts(1000, 20), STEADY, known)
    assert "" == found.unusual
    assert found.failure_surprise < 1
    assert found.volume_surprise < 1


def test_six_times_the_failures_are_said_in_words() -> None:
    found = judge(counts(1000, 121), STEADY, baseline(STEADY))
    assert "failures 12.1% instead of 2.0%" == found.unusual
    assert 20 < found.failure_surprise


def test_a_failure_of_two_by_hand() -> None:
    """Rate (0.5 + 0) / (9 + 1) = 0.05; the spread is 1 + 0.01 * 1 * 0.05 / 0.95 at least: 1 - 0.95 is -log10 1.301."""
    weeks = [Hour(3, 0)] * 3
    assert pytest.approx(1.301, abs=0.005) == failure_surprise(counts(1, 1), weeks)


def test_nothing_ending_where_a_thousand_do_is_unusual_and_said() -> None:
    found = judge(counts(0, 0), STEADY, baseline(STEADY))
    assert "0 ended instead of 1,000" == found.unusual
    assert found.failure_surprise == 0


def test_weeks_that_differ_wildly_have_to_be_left_further() -> None:
    wild = [Hour(1000, 2), Hour(1000, 60), Hour(1000, 5), Hour(1000, 13)]
    same = [Hour(1000, 20)] * 4
    assert failure_surprise(counts(1000, 60), wild) < 2
    assert failure_surprise(counts(1000, 60), same) > 5
    assert volume_surprise(300, [Hour(100, 0), Hour(500, 0), Hour(900, 0)]) < 1
    assert volume_surprise(300, [Hour(500, 0)] * 3) > 1


@pytest.mark.parametrize("weeks", range(ENOUGH_WEEKS))
def test_with_too_little_history_nothing_is_unusual_and_it_says_so(weeks: int) -> None:
    known = baseline([Hour(1000, 20)] * weeks)
    assert not known.enough
    assert f"too little history, {weeks} of {ENOUGH_WEEKS} weeks" == known.says
    assert (0.0, 0.0, "") == judge(counts(1000, 900), [Hour(1000, 20)] * weeks, known)


def test_an_hour_that_was_not_followed_whole_is_compared_with_nothing() -> None:
    known = baseline(STEADY, seen_minutes=12)
    assert "only 12 of the last 60 minutes have been followed" == known.says
    assert not known.enough


def test_more_failures_never_surprise_less() -> None:
    found = [failure_surprise(counts(200, failed), STEADY) for failed in range(201)]
    assert sorted(found) == found


def test_a_run_of_bad_slots_begins_where_the_first_of_them_is() -> None:
    known = baseline(STEADY)
    assert 2 == unusual_since([(100, 30), (100, 1), (100, 9), (0, 0), (100, 12)], known)
    assert unusual_since([(100, 30), (100, 2)], known) is None
    assert unusual_since([(0, 0)] * 3, known) is None
    assert unusual_since([(100, 30)], baseline([])) is None
