"""Exact arithmetic on columns: sums in whole microseconds, rounded half-even only when a figure is made of them."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

import polars as pl


def mean_ms(sum_us: str, number: str) -> pl.Expr:
    """Return a mean in whole milliseconds, rounded half-even; null where there is nothing to divide by.

    >>> frame = pl.DataFrame({"sum_us": [1500, 2500, 5000, 0], "n": [1, 1, 3, 0]})
    >>> frame.select(mean_ms("sum_us", "n")).to_series().to_list()
    [2, 2, 2, None]
    """
    divisor = pl.col(number) * 1000
    whole = pl.col(sum_us) // divisor
    rest2 = (pl.col(sum_us) % divisor) * 2
    up = (rest2 > divisor) | ((rest2 == divisor) & (whole % 2 == 1))
    return pl.when(pl.col(number) > 0).then(whole + up.cast(pl.Int64))


def rounded_ms(us: str) -> pl.Expr:
    """Return whole microseconds as milliseconds, rounded half-even.

    >>> pl.DataFrame({"us": [500, 1500, None]}).select(rounded_ms("us")).to_series().to_list()
    [0, 2, None]
    """
    whole, rest = pl.col(us) // 1000, pl.col(us) % 1000
    return whole + ((rest > 500) | ((rest == 500) & (whole % 2 == 1))).cast(pl.Int64)


def share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Return a fraction, null where there is nothing to divide by."""
    return pl.when(whole > 0).then(part / whole)


def quantile(ordered: Sequence[Fraction], rank: Fraction) -> Fraction:
    """Return a quantile of sorted values, linear between them (R's type 7).

    >>> quantile([Fraction(0), Fraction(1, 2), Fraction(1)], Fraction(1, 4))
    Fraction(1, 4)
    """
    at = rank * (len(ordered) - 1)
    low, high = ordered[floor(at)], ordered[ceil(at)]
    return low + (at - floor(at)) * (high - low)
