"""A month beside the twelve before it: natural process limits, and each rule at its bound."""

from fractions import Fraction

import polars as pl
import pytest

from dcc_analytics.snapshot.history import EARLIER, HISTORY, Limits, limits, signal, with_history


def rates(*hundredths: int) -> list[Fraction]:
    return [Fraction(each, 100) for each in hundredths]


#: Mean 5, every move 2: limits 5.32 to either side.
EVEN = rates(*(4, 6) * 6)
USUAL = Limits(Fraction(5, 100), Fraction(532, 10_000))
STILL = Limits(Fraction(1, 3), Fraction(0))
ROW = {"party": "DN1", "role": "ED", "process": "Other SRVs", "srv": "4.10", "variant": ""}


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
def test_two_of_three_are_on_one_side_beyond_two_thirds_and_the_month_is_one(
    expected: str | None, last: tuple[int, int, int]
) -> None:
    """Two thirds of the way are at 8.55 and 1.45."""
    first, second, now = rates(*last)
    assert expected == signal([*EVEN[:10], first, second], now, USUAL)


def test_a_history_without_any_move_lets_no_other_rate_pass() -> None:
    same = [Fraction(1, 3)] * 12
    assert STILL == limits(same)
    assert (None, "outside") == (signal(same, Fraction(1, 3), STILL), signal(same, Fraction(334, 1000), STILL))


# -- the table -------------------------------------------------------------------------------------------------


def told(
    failures: list[int], *, now: tuple[int, int] | None = (95, 5), median: float | None = None, outcomes: int = 100
) -> tuple[object, ...]:
    """Return the history of a row, given failures of each month before."""
    schema = dict.fromkeys(ROW, pl.String) | {
        "successes": pl.Int64, "failures": pl.Int64, "peer_failure_rate_median": pl.Float64,
    }  # fmt: skip
    successes, failed = now or (0, 0)
    said = {"successes": successes, "failures": failed, "peer_failure_rate_median": median}
    earlier = pl.DataFrame(
        [{**ROW, "month": f"2026-{at:02}", "successes": outcomes - each, "failures": each}
         for at, each in enumerate(failures, 1)], schema=EARLIER,
    )  # fmt: skip
    (found,) = with_history(pl.DataFrame([ROW | said], schema=schema), earlier.reverse()).select(list(HISTORY)).rows()
    return found


def test_a_row_without_a_median_of_peers_has_its_own_history() -> None:
    assert (0.05, 0.0, pytest.approx(0.1032), None) == told([4, 6] * 6)
    assert "outside" == told([4, 6] * 6, now=(80, 20))[3]
    assert (0.95, pytest.approx(0.8968), 1.0, "outside") == told([94, 96] * 6)


def test_a_row_with_a_median_of_peers_has_none() -> None:
    assert (None,) * 4 == told([4, 6] * 6, now=(80, 20), median=0.05)


def test_fewer_than_twelve_months_are_short_and_none_is_empty() -> None:
    assert (None, None, None, "short") == told([4, 6] * 5 + [4])
    assert (None,) * 4 == told([])


def test_a_month_without_outcomes_is_no_point_and_gives_no_signal() -> None:
    assert (None,) * 4 == told([0] * 12, outcomes=0)
    assert (0.05, 0.0, pytest.approx(0.1032), None) == told([4, 6] * 6, now=None)
