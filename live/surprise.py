"""How unusual an hour is against the same hour of the weeks before. Pure; docs/live.md has the formulae.

Failures are compared with the pooled rate of those weeks, volume with their mean. Weeks vary more than chance alone
does; by how much is estimated from them (the mean of Pearson's chi-squared) and divides the counts, so that a User
whose weeks are wild has to do more to be unusual. From a few weeks that is known badly: a tenth of the rate, or of the
mean, is always allowed for.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Final, NamedTuple

from dcc_analytics.live.figures import Baseline, Counts
from dcc_analytics.live.tails import binomial_at_least, poisson_beyond

WEEKS: Final = 8
#: With fewer weeks nothing is called unusual.
ENOUGH_WEEKS: Final = 3
#: Surprise from which something is called unusual: one hour in a thousand, of one User.
UNUSUAL: Final = 3.0
#: Weeks are taken to differ by this part at least.
_LEAST_SPREAD: Final = 0.1
#: A rate of nothing at all, and of everything, is not believed: half a failure more, as Jeffreys has it.
_HALF: Final = 0.5


class Hour(NamedTuple):
    """What ended in one hour, of all or of a User; parts of hours where two are weighed."""

    ended: float
    failures: float


class Judged(NamedTuple):
    """How unusual an hour is; see ``UserNow``."""

    failure_surprise: float
    volume_surprise: float
    unusual: str


def counts(ended: int, failures: int) -> Counts:
    """Return counts with their rate.

    >>> counts(4, 1), counts(0, 0).failure_rate
    (Counts(ended=4, failures=1, failure_rate=0.25), None)
    """
    return Counts(ended, failures, failures / ended if ended else None)


def baseline(weeks: Sequence[Hour], *, seen_minutes: int = 60) -> Baseline:
    """Return what the same hour has been like.

    Args:
        weeks: each of the weeks before in which anything at all was counted in that hour.
        seen_minutes: of the last hour, how many were followed.
    """
    number = len(weeks)
    ended, failures = sum(week.ended for week in weeks), sum(week.failures for week in weeks)
    rates = [week.failures / week.ended for week in weeks if week.ended > 0]
    enough = number >= ENOUGH_WEEKS and seen_minutes >= 60
    if seen_minutes < 60:
        says = f"only {seen_minutes} of the last 60 minutes have been followed"
    elif enough:
        says = f"the same hour of {number} weeks"
    else:
        says = f"too little history, {number} of {ENOUGH_WEEKS} weeks"
    return Baseline(
        weeks=number,
        enough=enough,
        says=says,
        ended=fmean(week.ended for week in weeks) if weeks else None,
        ended_sd=stdev(week.ended for week in weeks) if number > 1 else None,
        failure_rate=failures / ended if ended > 0 else None,
        failure_rate_sd=stdev(rates) if len(rates) > 1 else None,
    )


def failure_surprise(now: Counts, weeks: Sequence[Hour]) -> float:
    """Return how unlikely so many failures or more are, as -log10 of their chance.

    >>> steady = [Hour(100, 2)] * 4
    >>> [round(failure_surprise(counts(100, failed), steady), 1) for failed in (0, 2, 8, 40)]
    [0.0, 0.2, 2.8, 38.5]
    """
    ended, failures = sum(week.ended for week in weeks), sum(week.failures for week in weeks)
    if not now.ended or ended <= 0:
        return 0.0
    rate = (failures + _HALF) / (ended + 2 * _HALF)
    variance = rate * (1 - rate)
    squares = sum(
        (week.failures - week.ended * rate) ** 2 / (week.ended * variance) for week in weeks if week.ended > 0
    )
    least = now.ended * (rate * _LEAST_SPREAD) ** 2 / variance
    spread = max(1.0, squares / max(1, len(weeks) - 1), 1 + least)
    return binomial_at_least(now.failures / spread, now.ended / spread, rate)


def volume_surprise(ended: int, weeks: Sequence[Hour]) -> float:
    """Return how unlikely a volume so far from the mean is, on its side, as -log10 of its chance.

    >>> steady = [Hour(100, 2)] * 4
    >>> [round(volume_surprise(ended, steady), 1) for ended in (0, 60, 100, 200)]
    [21.4, 2.5, 0.0, 9.2]
    """
    if len(weeks) < 2:
        return 0.0
    mean = fmean(week.ended for week in weeks)
    if mean <= 0:
        return 0.0
    spread = max(1.0, stdev(week.ended for week in weeks) ** 2 / mean, 1 + mean * _LEAST_SPREAD**2)
    return poisson_beyond(ended / spread, mean / spread)


def judge(now: Counts, weeks: Sequence[Hour], known: Baseline) -> Judged:
    """Return how unusual an hour is, in numbers and words; nothing is without enough history."""
    if not known.enough:
        return Judged(0.0, 0.0, "")
    failed, volume = failure_surprise(now, weeks), volume_surprise(now.ended, weeks)
    words = []
    if failed >= UNUSUAL and now.failure_rate is not None and known.failure_rate is not None:
        words.append(f"failures {now.failure_rate:.1%} instead of {known.failure_rate:.1%}")
    if volume >= UNUSUAL and known.ended is not None:
        words.append(f"{now.ended:,} ended instead of {known.ended:,.0f}")
    return Judged(round(failed, 2), round(volume, 2), "; ".join(words))


def unusual_since(slots: Sequence[tuple[int, int]], known: Baseline) -> int | None:
    """Return the first slot of the run of bad ones that lasts until the newest, None when the newest are not bad.

    A slot is bad when its failures are above twice the baseline's rate and two standard deviations of chance; an empty
    one continues a run and begins none.

    Args:
        slots: ended and failures, oldest first.
        known: what is compared with.

    >>> known = baseline([Hour(100, 2)] * 4)
    >>> unusual_since([(50, 1), (50, 9), (0, 0), (50, 8)], known), unusual_since([(50, 9), (50, 1)], known)
    (1, None)
    """
    rate = known.failure_rate
    if rate is None:
        return None
    first = None
    for number in range(len(slots) - 1, -1, -1):
        ended, failures = slots[number]
        if not ended:
            continue
        if failures <= max(2 * rate * ended, rate * ended + 2 * sqrt(ended * rate * (1 - rate))):
            break
        first = number
    return first
