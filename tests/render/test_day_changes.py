"""Changes within a month: what is told of days whose figures were made by hand, and nothing of days made by chance."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

import pytest

from dcc_analytics.render.pdf.day_changes import Change, Day, failures_change, times_change

FIRST = date(2026, 10, 1)


def on(number: int) -> date:
    """Return a day of the month."""
    return FIRST + timedelta(days=number - 1)


def days_of(found: Sequence[float], numbers: Sequence[int]) -> list[Day]:
    """Return days whose expected figures are those of an even month."""
    even = sum(found) / sum(numbers)
    return [
        Day(on(place), number, each, even * number)
        for place, (each, number) in enumerate(zip(found, numbers, strict=True), 1)
    ]


def failed(*failures: int, outcomes: int = 100) -> Change | None:
    return failures_change(days_of(failures, [outcomes] * len(failures)))


def took(*means_ms: float, timed: int = 50) -> Change | None:
    return times_change(days_of([mean * timed for mean in means_ms], [timed] * len(means_ms)))


def test_a_step_is_told_from_its_first_day_to_the_end() -> None:
    """Ten days with 2 of 100, 21 with 20: 378 more than 21 times 2."""
    change = failed(*[1, 3] * 5, *[20] * 21)
    assert change is not None
    assert (on(11), on(31), True) == (change.first, change.last, change.lasting)
    assert (0.20, 0.02) == (change.rate, change.other_rate)
    assert (2_100, 420, 1_000, 20) == (change.number, change.found, change.other_number, change.other_found)
    assert pytest.approx(378.0) == change.more


def test_a_single_day_far_outside_is_told_by_itself() -> None:
    change = failed(*[1, 3] * 8, 40, *[3, 1] * 7)
    assert change is not None
    assert (on(17), on(17), False, "outside") == (change.first, change.last, change.lasting, change.signal)


def test_days_that_end_are_told_with_their_last() -> None:
    change = failed(*[1, 3] * 5, *[20] * 6, *[1, 3] * 7, 1)
    assert change is not None
    assert (on(11), on(16), False) == (change.first, change.last, change.lasting)


def test_one_good_day_at_the_end_ends_nothing() -> None:
    change = failed(*[1, 3] * 5, *[20] * 20, 6)
    assert change is not None
    assert (on(11), True) == (change.first, change.lasting)


def test_fewer_failures_are_a_change_too() -> None:
    change = failed(*[20] * 12, *[1, 3] * 9, 2)
    assert change is not None
    assert (on(13), True) == (change.first, change.lasting)
    assert pytest.approx(-342.0) == change.more


def test_a_day_more_than_the_limits_that_few_failures_make_is_not_told() -> None:
    """Nine of a hundred where one is usual is far outside, and not worth a sentence."""
    assert failed(*[1] * 20, 9, *[1] * 10) is None
    assert failed(*[1] * 20, 14, *[1] * 10) is not None


def test_three_failures_make_no_change() -> None:
    assert failed(*[0] * 28, 3, 0, 0) is None
    assert failed(*[0] * 30, 3) is None


@pytest.mark.parametrize("days", [1, 11])
def test_by_trial_limits_of_fewer_than_twelve_days_nothing_is_told(days: int) -> None:
    assert failed(*([2] * (days // 2) + [60] * (days - days // 2))) is None


def test_days_of_few_requests_are_no_points() -> None:
    """Every other day has 9 requests of which all fail: none of them is looked at."""
    numbers = [100 if day % 2 else 9 for day in range(31)]
    found = [2 if number == 100 else 9 for number in numbers]
    assert failures_change(days_of(found, numbers)) is None


def test_days_that_scatter_more_than_chance_must_stand_out_from_their_own_scatter() -> None:
    """Rates of 2 and 18 % by turns: six days of 18 % are as much as the others make of themselves."""
    assert failed(*[2, 18] * 8, *[18] * 3, *[2, 18] * 6) is None
    assert failed(*[2] * 16, *[18] * 3, *[2] * 12) is not None


def test_more_requests_are_no_more_failures() -> None:
    """The same 2 % of ten times as many."""
    numbers = [100] * 15 + [1_000] * 16
    assert failures_change(days_of([number // 50 for number in numbers], numbers)) is None


def test_times_that_double_and_stay_are_told() -> None:
    change = took(*[19_000, 21_000] * 6, *[60_000, 66_000] * 9, 60_000)
    assert change is not None
    assert (on(13), True) == (change.first, change.lasting)
    assert pytest.approx(20_000) == change.other_rate


@pytest.mark.parametrize(
    "means",
    [
        [*[19_000, 21_000] * 6, *[26_000, 28_000] * 9, 26_000],  # a third longer: nothing to act on
        [*[19_000, 21_000] * 13, 900_000, *[20_000] * 4],  # one day, of one round trip that hung
        [5_000, 50_000] * 15,  # by turns
    ],
)
def test_times_that_differ_little_or_for_days_only_are_not(means: list[float]) -> None:
    assert took(*means) is None


def test_times_that_fall_are_told() -> None:
    change = took(*[60_000, 66_000] * 6, *[19_000, 21_000] * 9, 20_000)
    assert change is not None
    assert change.more < 0


def _binomial(random: Random, rate: float, number: int) -> list[Day]:
    numbers = [random.randint(number // 2, 2 * number) for _ in range(31)]
    return days_of([sum(random.random() < rate for _ in range(each)) for each in numbers], numbers)


def _lognormal(random: Random, spread: float, number: int) -> list[Day]:
    numbers = [random.randint(number // 2, 2 * number) for _ in range(31)]
    return days_of([sum(random.lognormvariate(9, spread) for _ in range(each)) for each in numbers], numbers)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change_of", "made", "of", "number"),
    [
        (failures_change, _binomial, 0.003, 60),
        (failures_change, _binomial, 0.03, 20),
        (failures_change, _binomial, 0.03, 200),
        (failures_change, _binomial, 0.3, 40),
        (times_change, _lognormal, 0.8, 20),
        (times_change, _lognormal, 1.5, 30),
    ],
)
def test_chance_alone_makes_hardly_any_change(
    change_of: Callable[[list[Day]], Change | None],
    made: Callable[[Random, float, int], list[Day]],
    of: float,
    number: int,
) -> None:
    """A pack has up to some hundred charts: of 300 made by chance at most one may be told, one month in three."""
    random = Random(7)
    assert sum(change_of(made(random, of, number)) is not None for _ in range(300)) <= 1
