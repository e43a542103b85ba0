"""How sure a rate is: the interval of a share, the tail of a binomial, and which of many tests may be believed. Pure.

Sources: Wilson, Probable inference, the law of succession, and statistical inference, J. Am. Stat. Assoc. 22, 1927;
Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, 1998, method 3;
Benjamini and Hochberg, Controlling the false discovery rate, J. R. Stat. Soc. B 57, 1995.
"""

from collections.abc import Sequence
from math import exp, lgamma, log, log1p, sqrt
from typing import Final

#: The 97.5 % point of the standard normal, for an interval that holds 95 % of the time.
Z_95: Final = 1.959963984540054
#: A term this much smaller than the sum no longer moves it.
_NEGLIGIBLE: Final = 2.0**-53


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share, without continuity correction.

    It never leaves 0 to 1, and says something also where nothing or everything is of the part.

    Args:
        part: how many are.
        whole: of how many, at least 1.

    Source: Newcombe 1998, method 3.

    >>> [round(bound, 4) for bound in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    centre = 2 * part + Z_95**2
    spread = Z_95 * sqrt(Z_95**2 + 4 * part * (whole - part) / whole)
    scale = 2 * (whole + Z_95**2)
    low = (centre - spread) / scale if part else 0.0
    high = (centre + spread) / scale if part < whole else 1.0
    return max(low, 0.0), min(high, 1.0)


def at_least(events: int, trials: int, chance: float) -> float:
    """Return how likely so many events or more are, if each trial has one by the same chance.

    Terms of the shorter tail are added up, so a small result is exact to some 1e-6 of itself even for a hundred
    million trials.

    >>> round(at_least(3, 20, 0.05), 4)
    0.0755
    """
    if events <= 0 or chance >= 1:
        return 1.0
    if events > trials or chance <= 0:
        return 0.0
    if events > trials * chance:
        return min(_upper_tail(events, trials, chance), 1.0)
    return max(1.0 - _upper_tail(trials - events + 1, trials, 1 - chance), 0.0)


def at_most(events: int, trials: int, chance: float) -> float:
    """Return how likely so many events or fewer are; see ``at_least``.

    >>> round(at_most(2, 20, 0.05), 4)
    0.9245
    """
    return at_least(trials - events, trials, 1 - chance)


def _upper_tail(events: int, trials: int, chance: float) -> float:
    """Return the sum of the terms from ``events``, which is above the mean, so that each is less than the one before.

    ``events`` may be one more than ``trials``: nothing is that often.
    """
    if events > trials:
        return 0.0
    others = trials - events
    ways = lgamma(trials + 1) - lgamma(events + 1) - lgamma(others + 1)
    term = exp(ways + events * log(chance) + others * log1p(-chance))
    total, odds = term, chance / (1 - chance)
    while term > total * _NEGLIGIBLE and events < trials:
        term *= (trials - events) / (events + 1) * odds
        events += 1
        total += term
    return total


def benjamini_hochberg(p_values: Sequence[float], *, rate: float) -> list[bool]:
    """Return which of a family of tests are found, such that of those found no more than a share is expected by chance.

    It holds for tests that are independent or depend on each other positively, such as services that fail together.

    Args:
        p_values: of the tests.
        rate: the expected share of false ones among those found.

    Source: Benjamini and Hochberg 1995, procedure (1).

    >>> benjamini_hochberg([0.03, 0.9, 0.001], rate=0.05)
    [True, False, True]
    """
    in_order = sorted(range(len(p_values)), key=p_values.__getitem__)
    found = 0
    for rank, which in enumerate(in_order, 1):
        if p_values[which] <= rank * rate / len(p_values):
            found = rank
    kept = set(in_order[:found])
    return [which in kept for which in range(len(p_values))]
