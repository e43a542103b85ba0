"""How unlikely a count is: tails of the binomial and of the Poisson distribution as powers of ten. Pure.

Both are given for numbers that need not be whole, since what varies more than chance does is judged as fewer
observations (quasi-likelihood). Logarithms throughout: what is looked for is far beyond the least float.

Source: Press and others, Numerical Recipes, 3rd edition, 6.2 and 6.4 (continued fractions by Lentz's method).
"""

from math import exp, expm1, lgamma, log, log1p
from typing import Final

_LN_10: Final = log(10)
_TINY: Final = 1e-300
_CLOSE: Final = 1e-13
_MOST_STEPS: Final = 10_000


def binomial_at_least(failed: float, of: float, rate: float) -> float:
    """Return -log10 of the chance of so many failures or more.

    It is the incomplete beta function I_rate(failed, of - failed + 1).

    Args:
        failed: so many.
        of: round trips.
        rate: of failures that was to be expected, between 0 and 1, neither included.

    >>> round(binomial_at_least(10, 10, 0.5), 3), round(binomial_at_least(1, 2, 0.1), 3)
    (3.01, 0.721)
    """
    if failed <= 0:
        return 0.0
    a, b = failed, of - failed + 1
    front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(rate) + b * log1p(-rate)
    if rate < (a + 1) / (a + b + 2):
        return _power(front - log(a) + log(_beta_fraction(a, b, rate)))
    other = exp(front - log(b)) * _beta_fraction(b, a, 1 - rate)
    return _power(log1p(-min(other, 1 - _CLOSE)))


def _beta_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_STEPS):
        for part in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + part * d)
            c = _away(1 + part / c)
            value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value


def poisson_beyond(count: float, mean: float) -> float:
    """Return -log10 of the chance of a count so far to its side of the mean, doubled for there are two sides.

    >>> round(poisson_beyond(0, 10), 3), round(poisson_beyond(10, 10), 3)
    (4.042, 0.0)
    """
    if mean <= 0:
        return 0.0
    tail = _gamma_below(count, mean) if count >= mean else _gamma_above(count + 1, mean)
    return max(0.0, _power(tail + log(2)))


def _gamma_below(a: float, x: float) -> float:
    """Return the logarithm of P(a, x), the chance of ``a`` or more at a mean of x, for x up to a."""
    term = total = 1 / a
    for step in range(1, _MOST_STEPS):
        term *= x / (a + step)
        total += term
        if term < total * _CLOSE:
            break
    return a * log(x) - x - lgamma(a) + log(total)


def _gamma_above(a: float, x: float) -> float:
    """Return the logarithm of Q(a, x), the chance of less than ``a`` at a mean of x, for x from a - 1 on."""
    if x < a + 1:
        return log(max(_TINY, -expm1(min(0.0, _gamma_below(a, x)))))
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    value = d
    for step in range(1, _MOST_STEPS):
        part = -step * (step - a)
        b += 2
        d = 1 / _away(part * d + b)
        c = _away(b + part / c)
        value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return a * log(x) - x - lgamma(a) + log(value)


def _away(value: float) -> float:
    """Keep Lentz's method from dividing by nothing."""
    return value if abs(value) > _TINY else _TINY


def _power(logarithm: float) -> float:
    return max(0.0, -logarithm / _LN_10)
