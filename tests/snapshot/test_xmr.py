"""XmR charts: natural process limits, and each rule at its bound."""

from fractions import Fraction

import pytest

from dcc_analytics.snapshot.xmr import Limits, limits, signal, signals


def rates(*hundredths: int) -> list[Fraction]:
    return [Fraction(each, 100) for each in hundredths]


#: Mean 5, every move 2: limits 5.32 to either side.
EVEN = rates(*(4, 6) * 6)
USUAL = Limits(Fraction(5, 100), Fraction(532, 10_000))
STILL = Limits(Fraction(1, 3), Fraction(0))


def test_limits_are_the_mean_and_two_and_two_thirds_moving_ranges_to_either_side() -> None:
    """Eleven moves of 0.02: the width is 2.66 * 0.02."""
    assert USUAL == limits(EVEN)


def test_the_chart_is_the_one_of_a_textbook() -> None:
    """Montgomery, Introduction to Statistical Quality Control, viscosity of 15 batches of primer paint.

    Printed there: mean 33.52, limits 32.24 and 34.80.
    """
    viscosity = (
        3375, 3305, 3400, 3381, 3346, 3402, 3368, 3327, 3349, 3320, 3362, 3300, 3354, 3312, 3384,
    )  # fmt: skip
    within = limits(rates(*viscosity))
    assert within is not None
    found = within.mean, within.mean - within.width, within.mean + within.width
    assert (33.52, 32.24, 34.80) == tuple(round(float(each), 2) for each in found)


def test_limits_are_settled_from_twelve_points_on() -> None:
    assert limits(EVEN[:11]) is None
    assert limits(EVEN) is not None


@pytest.mark.parametrize(
    ("expected", "before", "now"),
    [
        (None, EVEN, Fraction(5, 100)),
        (None, EVEN, Fraction(1032, 10_000)),
        ("outside", EVEN, Fraction(1033, 10_000)),
        ("run", rates(4, 4, 4, 4, 4, 4, 6, 6, 6, 6, 6, 6), Fraction(6, 100)),
        (None, rates(4, 4, 4, 4, 4, 6, 4, 6, 6, 6, 6, 6), Fraction(6, 100)),
        ("run", rates(6, 6, 6, 6, 6, 6, 4, 4, 4, 4, 4, 4), Fraction(4, 100)),
        ("trend", rates(9, 9, 1, 1, 9, 9, 1, 3, 4, 5, 6, 7), Fraction(8, 100)),
        (None, rates(9, 9, 1, 1, 9, 9, 1, 3, 4, 4, 6, 7), Fraction(8, 100)),
    ],
)
def test_each_rule_holds_from_its_bound_on(expected: str | None, before: list[Fraction], now: Fraction) -> None:
    assert expected == signal(before, now, USUAL)


@pytest.mark.parametrize(
    ("expected", "last"),
    [
        ("two_of_three", (5, 9, 9)),
        ("two_of_three", (9, 5, 9)),
        (None, (9, 9, 5)),
        (None, (1, 5, 9)),
        (None, (5, 8, 9)),
        ("two_of_three", (1, 5, 1)),
    ],
)
def test_two_of_three_are_on_one_side_beyond_two_thirds_and_the_point_is_one(
    expected: str | None, last: tuple[int, int, int]
) -> None:
    """Two thirds of the way are at 8.55 and 1.45."""
    first, second, now = rates(*last)
    assert expected == signal([*EVEN[:10], first, second], now, USUAL)


def test_a_history_without_any_move_lets_no_other_rate_pass() -> None:
    same = [Fraction(1, 3)] * 12
    assert STILL == limits(same)
    assert (None, "outside") == (signal(same, Fraction(1, 3), STILL), signal(same, Fraction(334, 1000), STILL))


def test_a_step_does_not_widen_screened_limits() -> None:
    """Moves of 2, eleven times and nine, and one of 40: it is beyond 3.267 times the mean of all, 80 / 21 = 3.8."""
    stepped = [*EVEN, *rates(*(46, 44) * 5)]
    unscreened = limits(stepped)
    assert unscreened is not None
    assert unscreened.width == Fraction(266, 100) * Fraction(80, 2100)
    assert limits(stepped, screened=True) == Limits(unscreened.mean, Fraction(266, 100) * Fraction(2, 100))


def test_every_point_is_judged_by_those_before_it() -> None:
    """Mean 5, limits 5.32 away: of a run the seventh point is the first that is told."""
    run = rates(6, 6, 6, 6, 6, 6, 6, 4, 11)
    assert [*[None] * 6, "run", None, "outside"] == signals(run, USUAL)


def test_the_first_points_of_a_chart_are_neither_a_run_nor_a_trend() -> None:
    assert [None] * 6 == signals(rates(6, 7, 8, 6, 7, 8), USUAL)
    assert [None] * 6 == signals(rates(1, 2, 3, 4, 5, 6), USUAL)
