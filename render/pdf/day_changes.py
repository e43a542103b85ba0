"""What changed within a month: days on which more failed, or round trips took longer, than chance makes of it. Pure.

A change is told where two things hold. Days are points of an XmR chart (``xmr``), of which one is no common cause. And
the days together, from first to last, are unlike the others by far more than all the charts of a pack would make by
chance: a pack has up to some hundred of them, and each of 31 days some 450 spans of days.

Points of failures are (failed - expected) / sqrt(expected), what is expected being the month's own failures shared out
over days by what was sent: rates of few requests scatter widely, and volumes differ (Laney's p' chart). Their limits
are never nearer than 3, where chance alone puts them. Points of times are the logarithm of the time taken against the
month's own for the same requests.

Sources: as ``xmr``; Laney, Improved control charts for attributes, Quality Engineering 14 (2002), for the points and
the over-dispersion; Olshen and others, Circular binary segmentation, Biostatistics 5 (2004), for the search of spans.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import exp, log, sqrt
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dcc_analytics.snapshot.xmr import Limits, limits, signals

Array: TypeAlias = NDArray[np.float64]

#: A day of fewer is no point: neither its rate nor its mean says anything.
LEAST_A_DAY: Final = 10
#: Deviance of a span, about the square of a normal deviate: 5.5 of them. Of 21,000 months of binomial days at constant
#: rates from 0.2 to 40 % and 12 to 1,000 requests a day none had a change.
_LEAST_DEVIANCE: Final = 30.0
#: Fewer failures more or less are not worth a sentence.
_LEAST_FAILURES: Final = 10.0
#: Of times, deviates of the mean of some days from that of the others, and how many times longer.
_LEAST_DEVIATES: Final = 6.0
_LEAST_RATIO: Final = 1.5
#: A day's mean is made by its slowest round trips: fewer days are no change.
_LEAST_DAYS_OF_TIMES: Final = 5
#: A span as sure as this share of the surest is taken instead if it goes on to the end: a last good day ends nothing.
_LASTING: Final = 0.9
#: A day further from the median day counts as if it were so many deviates from it: one day is no span of days.
_FAR_DEVIATES: Final = 4.0
#: So many days must be left to compare with.
_LEAST_OTHERS: Final = 3
#: A mean moving range is 1.128 standard deviations; a limit 2.66 of it.
_LIMIT_DEVIATES: Final = 2.66 * 1.128
_CHANCE_LIMIT: Final = Fraction(3)
#: Standard deviation of a day's mean time below which nothing real is: its logarithm.
_LEAST_SPREAD: Final = 0.02


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a chart.

    Attributes:
        day: which.
        number: round trips with an outcome, or those that were timed.
        found: of these that failed, or the time they took together, in ms.
        expected: the same had the month been even.
    """

    day: date
    number: int
    found: float
    expected: float


@dataclass(frozen=True, slots=True)
class Change:
    """Days unlike the others of the month.

    Attributes:
        first, last: of the days.
        lasting: whether they go on to the month's last day.
        strength: deviance, by which the surest of several is chosen.
        signal: the first rule of the chart that holds within the days.
        number, found: sums over the days.
        other_number, other_found: over the others.
        more: what was found in the days beyond what would have been at the others' rate; negative for less.
    """

    first: date
    last: date
    lasting: bool
    strength: float
    signal: str
    number: int
    found: float
    other_number: int
    other_found: float
    more: float

    @property
    def rate(self) -> float:
        """Found of the number: a failure rate, or a mean time in ms."""
        return self.found / self.number

    @property
    def other_rate(self) -> float:
        """The same of the other days."""
        return self.other_found / self.other_number


def failures_change(days: Iterable[Day]) -> Change | None:
    """Return the days on which more failed, or fewer; None where chance may have made all of it.

    >>> failures_change([]) is None
    True
    """
    kept = [each for each in days if each.number >= LEAST_A_DAY and each.expected > 0]
    points = [Fraction((each.found - each.expected) / sqrt(each.expected)) for each in kept]
    chart = limits(points, screened=True)
    if chart is None or not any(each.found for each in kept):
        return None
    scatter = max((float(chart.width) / _LIMIT_DEVIATES) ** 2, 1.0)
    chart = Limits(chart.mean, max(chart.width, _CHANCE_LIMIT))

    spans = _Spans(kept)
    even = spans.found.sum() / spans.expected.sum()
    strength = (
        _deviance(spans.inside(spans.found), even * spans.inside(spans.expected))
        + _deviance(spans.outside(spans.found), even * spans.outside(spans.expected))
    ) / scatter
    change = spans.surest(strength, _noted(points, chart), least_days=1)
    if change is None or change.strength < _LEAST_DEVIANCE or abs(change.more) < _LEAST_FAILURES:
        return None
    return change


def times_change(days: Iterable[Day]) -> Change | None:
    """Return the days on which round trips took longer, or less long; None where chance may have made all of it."""
    kept = [each for each in days if each.number >= LEAST_A_DAY and each.found > 0 < each.expected]
    points = [log(each.found / each.expected) for each in kept]
    exact = [Fraction(point) for point in points]
    chart = limits(exact, screened=True)
    if chart is None:
        return None
    spread = max(float(chart.width) / _LIMIT_DEVIATES, _LEAST_SPREAD)

    spans = _Spans(kept)
    days, middle, far = np.ones(len(kept)), float(np.median(points)), _FAR_DEVIATES * spread
    each = np.clip(points, middle - far, middle + far)
    inside, outside = spans.inside(days), spans.outside(days)
    apart = spans.inside(each) / inside - spans.outside(each) / outside
    strength = (apart / spread) ** 2 / (1 / inside + 1 / outside)
    change = spans.surest(strength, _noted(exact, chart), least_days=_LEAST_DAYS_OF_TIMES)
    if change is None or change.strength < _LEAST_DEVIATES**2:
        return None
    usual = change.found - change.more
    return change if exp(abs(log(change.found / usual))) >= _LEAST_RATIO else None


def _deviance(seen: Array, due: Array) -> Array:
    """Return what counts add to the deviance of counts from those due."""
    some = seen > 0
    return 2 * seen * np.log(np.where(some, seen, due) / due)


def _noted(points: Sequence[Fraction], chart: Limits) -> list[tuple[str, bool] | None]:
    """Return of each point the rule that holds, and whether it is above the mean."""
    return [
        (rule, point > chart.mean) if rule else None for rule, point in zip(signals(points, chart), points, strict=True)
    ]


class _Spans:
    """All spans of days that do not begin on the first: what ends before the last is a change back."""

    def __init__(self, days: Sequence[Day]) -> None:
        self._days = days
        self.number = np.array([day.number for day in days], float)
        self.found = np.array([day.found for day in days], float)
        self.expected = np.array([day.expected for day in days], float)
        first, end = np.triu_indices(len(days))
        kept = (first > 0) & (len(days) - (end + 1 - first) >= _LEAST_OTHERS)
        self._start, self._end = first[kept], end[kept] + 1

    def inside(self, values: Array) -> Array:
        """Return the sum of values of the days of each span."""
        sums = np.concatenate(([0.0], np.cumsum(values)))
        return sums[self._end] - sums[self._start]

    def outside(self, values: Array) -> Array:
        """Return the sum over the other days."""
        rest: Array = values.sum() - self.inside(values)
        return rest

    def surest(self, strength: Array, noted: Sequence[tuple[str, bool] | None], *, least_days: int) -> Change | None:
        """Return the span most unlike the other days, of so many days, with a signal of its own side in it."""
        more = self.inside(self.found) - self.inside(self.expected) * self.outside(self.found) / self.outside(
            self.expected
        )
        above, below = (
            self.inside(np.array([each is not None and each[1] == side for each in noted], float))
            for side in (True, False)
        )
        allowed = np.where(more > 0, above, below) > 0
        allowed &= self._end - self._start >= least_days
        if not allowed.any():
            return None
        sure = np.where(allowed, strength, -1.0)
        best = int(np.argmax(sure))
        lasting = np.where((self._start == self._start[best]) & (self._end == len(self._days)), sure, -1.0)
        if lasting.max() >= _LASTING * sure[best]:
            best = int(np.argmax(lasting))
        start, end, less = int(self._start[best]), int(self._end[best]), bool(more[best] <= 0)
        rule = next(each[0] for each in noted[start:end] if each and each[1] != less)
        number, found = (float(self.inside(each)[best]) for each in (self.number, self.found))
        return Change(
            self._days[start].day, self._days[end - 1].day, end == len(self._days), float(strength[best]), rule,
            round(number), found, round(self.number.sum() - number), float(self.found.sum()) - found,
            float(more[best]),
        )  # fmt: skip
