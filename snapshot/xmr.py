"""XmR charts: natural process limits of points in order, and what is more than their common cause. Pure.

Limits are the mean of the points and 2.66 of their mean moving range to either side. A point is judged by them, by the
first of these rules that holds of it and the points before it:

    outside       it is beyond a limit
    run           it is the seventh in a row, or later, on one side of the mean
    trend         it ends seven points of which each is above, or each below, the one before
    two_of_three  of it and the two before, two are beyond two thirds of the way to one limit, itself among them

Sources: Shewhart, Economic Control of Quality, 1931; Wheeler, Understanding Variation, 1993 (2.66 is 3 / 1.128); NHS
England, Making Data Count (the four rules, twelve points, and moving ranges screened at 3.267 of their mean).
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

#: Points that limits are made of; those of fewer are trial limits, by which nothing is said.
SETTLED: Final = 12
OUTSIDE: Final = "outside"
RUN: Final = "run"
TREND: Final = "trend"
TWO_OF_THREE: Final = "two_of_three"

_IN_A_ROW: Final = 7
_LIMIT: Final = Fraction(266, 100)
#: Moving ranges beyond it are of special causes themselves: the upper limit of a chart of ranges of two.
_RANGE_LIMIT: Final = Fraction(3267, 1000)
_NOTHING: Final = Fraction(0)


class Limits(NamedTuple):
    """Of a chart: its mean, and how far the limits are from it."""

    mean: Fraction
    width: Fraction


def limits(points: Sequence[Fraction], *, screened: bool = False) -> Limits | None:
    """Return the natural process limits of points in order; None while they are too few.

    Args:
        points: in order.
        screened: leave out the moving ranges that are too large to be of common cause; for points that are judged by
            limits made of themselves, since a step would widen them.

    >>> limits([Fraction(each, 100) for each in (1, 2) * 6])
    Limits(mean=Fraction(3, 200), width=Fraction(133, 5000))
    """
    if len(points) < SETTLED:
        return None
    moves = [abs(later - earlier) for earlier, later in pairwise(points)]
    if screened:
        most = _RANGE_LIMIT * _mean(moves)
        moves = [move for move in moves if move <= most]
    return Limits(_mean(points), _LIMIT * _mean(moves))


def signal(points: Sequence[Fraction], now: Fraction, within: Limits) -> str | None:
    """Return by which rule a point is unlike those before it; None if by none.

    Args:
        points: those before it, in order.
        now: the point.
        within: the limits of the chart.
    """
    last = [point - within.mean for point in (*points[1 - _IN_A_ROW :], now)]
    away, enough = last[-1], len(last) == _IN_A_ROW
    if abs(away) > within.width:
        return OUTSIDE
    if enough and (all(each > 0 for each in last) or all(each < 0 for each in last)):
        return RUN
    steps = [later - earlier for earlier, later in pairwise(last)]
    if enough and (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
        return TREND
    # Turned so that the point is above the mean: only its own side counts.
    side = 1 if away > 0 else -1
    far = [3 * side * each > 2 * within.width for each in last[-3:]]
    return TWO_OF_THREE if far[-1] and sum(far) > 1 else None


def signals(points: Sequence[Fraction], within: Limits) -> list[str | None]:
    """Return of each point in order by which rule it is unlike those before it."""
    return [signal(points[:place], point, within) for place, point in enumerate(points)]


def _mean(points: Sequence[Fraction]) -> Fraction:
    return sum(points, _NOTHING) / len(points)
