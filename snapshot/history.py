"""A Member beside itself: its month's failure rate and those of the twelve months before, on an XmR chart. Pure.

Some Roles have too few companies for any figure of others: five groups own all distributors. Where no median of peers
may be shown, the question becomes whether the month is unlike the Member's own months before it.

Natural process limits are the mean of the twelve months and 2.66 of the mean moving range to either side; with fewer
points they are not settled and nothing is said. The month's own rate is judged by them, by the first of these rules
that holds of it and the points before it:

    outside       it is beyond a limit
    run           it is the seventh in a row, or later, on one side of the mean
    trend         it ends seven points of which each is above, or each below, the one before
    two_of_three  of it and the two before, two are beyond two thirds of the way to one limit, itself among them

Sources: Shewhart, Economic Control of Quality, 1931; Wheeler, Understanding Variation, 1993 (2.66 is 3 / 1.128); NHS
England, Making Data Count (the four rules). Nothing of others is in it.
"""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

import polars as pl

#: Points that limits are made of, the months of a year.
SETTLED: Final = 12
OUTSIDE: Final = "outside"
RUN: Final = "run"
TREND: Final = "trend"
TWO_OF_THREE: Final = "two_of_three"
#: Fewer than twelve months have a rate.
SHORT: Final = "short"
SIGNALS: Final = (OUTSIDE, RUN, TREND, TWO_OF_THREE, SHORT)
#: What tells a Member's rates apart.
ROW: Final = ("party", "role", "process", "srv", "variant")
HISTORY: Final = {
    "history_mean": pl.Float64, "history_low": pl.Float64, "history_high": pl.Float64, "history_signal": pl.String,
}  # fmt: skip
#: Columns of the rates of earlier months.
EARLIER: Final = {**dict.fromkeys(ROW, pl.String), "month": pl.String, "successes": pl.Int64, "failures": pl.Int64}

_IN_A_ROW: Final = 7
_LIMIT: Final = Fraction(266, 100)
_Told = tuple[float | None, float | None, float | None, str | None]
_NOTHING: Final[_Told] = (None, None, None, None)


class Limits(NamedTuple):
    """Of a chart: its mean, and how far the limits are from it."""

    mean: Fraction
    width: Fraction


def limits(points: Sequence[Fraction]) -> Limits | None:
    """Return the natural process limits of points in order; None while they are too few.

    >>> limits([Fraction(each, 100) for each in (1, 2) * 6])
    Limits(mean=Fraction(3, 200), width=Fraction(133, 5000))
    """
    if len(points) < SETTLED:
        return None
    moves = [abs(later - earlier) for earlier, later in pairwise(points)]
    return Limits(sum(points, Fraction(0)) / len(points), _LIMIT * sum(moves, Fraction(0)) / len(moves))


def signal(points: Sequence[Fraction], now: Fraction, within: Limits) -> str | None:
    """Return by which rule a month is unlike the points before it; None if by none.

    Args:
        points: rates of the months before, in order.
        now: the rate of the month.
        within: the limits the points give.
    """
    away = [point - within.mean for point in (*points, now)]
    if abs(away[-1]) > within.width:
        return OUTSIDE
    last = away[-_IN_A_ROW:]
    if all(each > 0 for each in last) or all(each < 0 for each in last):
        return RUN
    steps = [later - earlier for earlier, later in pairwise(last)]
    if all(step > 0 for step in steps) or all(step < 0 for step in steps):
        return TREND
    # Turned so that the month is above the mean: only its own side counts.
    side = 1 if away[-1] > 0 else -1
    far = [3 * side * each > 2 * within.width for each in away[-3:]]
    return TWO_OF_THREE if far[-1] and sum(far) > 1 else None


def with_history(rows: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """Return rows of ``round_trips_monthly`` with the columns ``HISTORY``, empty where there is a median of peers.

    Args:
        rows: own counts and benchmarks, what may not be shown being null already.
        earlier: counts of the months before, ``EARLIER``.
    """
    points: defaultdict[tuple[str, ...], list[Fraction]] = defaultdict(list)
    rated = earlier.filter(pl.col("successes") + pl.col("failures") > 0).sort("month")
    for *of, successes, failures in rated.select(*ROW, "successes", "failures").iter_rows():
        points[tuple(of)].append(Fraction(failures, successes + failures))
    alone = rows.select(*ROW, "successes", "failures", "peer_failure_rate_median").iter_rows()
    told = [
        _told(points.get(tuple(of), []), successes, failures) if median is None else _NOTHING
        for *of, successes, failures, median in alone
    ]
    return rows.hstack(pl.DataFrame(told, HISTORY, orient="row"))


def _told(before: Sequence[Fraction], successes: int, failures: int) -> _Told:
    within = limits(before)
    if within is None:
        return (None, None, None, SHORT if before else None)
    mean, width = within
    outcomes = successes + failures
    found = signal(before, Fraction(failures, outcomes), within) if outcomes else None
    return float(mean), float(max(mean - width, Fraction(0))), float(min(mean + width, Fraction(1))), found
