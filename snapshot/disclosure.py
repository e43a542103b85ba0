"""Disclosure control: which figures of others may be shown, and how coarse. Pure; applied once, to all that leaves.

Source: contract section 7, rules 1 to 5 and 9; the p % rule as in Hundepool and others, Statistical Disclosure
Control, 2012, section 4.2. Members are counted by owner group, and each figure has its own reason to be withheld.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Final

import polars as pl

from dcc_analytics.snapshot.exact import quantile
from dcc_analytics.snapshot.rules import IndustryRules, PeerRules, Rounding, band_of

#: Reasons in the order in which the first that holds is told.
OK: Final = "ok"
FEW: Final = "few"
DOMINATED: Final = "dominated"
COMPLEMENT: Final = "complement"
REASONS: Final = (FEW, DOMINATED, COMPLEMENT)


def industry_reason(rules: IndustryRules) -> pl.Expr:
    """Return why volume-weighted figures of a cell are withheld: ``few``, ``dominated``, or null (rule 3).

    Columns: ``groups`` with requests in the cell, their ``total``, the ``largest`` one and the ``largest_two``.
    """
    left = pl.col("total") - pl.col("largest_two")
    dominated = (100 * pl.col("largest_two") >= rules.largest_two_percent * pl.col("total")) | (
        100 * left < rules.p_percent * pl.col("largest")
    )
    return (
        pl.when(pl.col("groups") < rules.groups)
        .then(pl.lit(FEW))
        .when(dominated)
        .then(pl.lit(DOMINATED))
        .otherwise(pl.lit(None, pl.String))
    )


def few(groups: str, least: int) -> pl.Expr:
    """Return ``few`` where a column of group counts is below the least number, else null."""
    return pl.when(pl.col(groups) < least).then(pl.lit(FEW)).otherwise(pl.lit(None, pl.String))


def shown(figure: str, reason: str) -> pl.Expr:
    """Return a figure where there is no reason to withhold it, else null."""
    return pl.when(pl.col(reason).is_null()).then(pl.col(figure)).alias(figure)


def first_reason(*reasons: str) -> pl.Expr:
    """Return the first reason, in the order of rule 9, that holds for any of a row's figures; else ``ok``."""
    found = pl.lit(OK)
    for reason in reversed(REASONS):
        holds = pl.any_horizontal(pl.col(name).eq_missing(pl.lit(reason)) for name in reasons)
        found = pl.when(holds).then(pl.lit(reason)).otherwise(found)
    return found


def band(groups: str, rules: PeerRules) -> pl.Expr:
    """Return the band of a column of group counts; null below the first."""
    return pl.col(groups).map_elements(lambda number: band_of(number, rules) or None, return_dtype=pl.String)


def coarse_ms(us: Fraction | int, rounding: Rounding) -> int:
    """Return a time of others in milliseconds, rounded half-even to significant digits of its microseconds.

    >>> from dcc_analytics.snapshot.rules import Rounding
    >>> [coarse_ms(each, Rounding(2, 3)) for each in (0, 20_518_000, 125_000, 1_409)]
    [0, 21000, 120, 1]
    """
    if us <= 0:
        return 0
    exact = Fraction(us)
    exponent = Decimal(int(exact) or 1).adjusted() - rounding.significant_digits + 1
    step = Fraction(10) ** exponent
    return round(round(exact / step) * step / 1000)


def coarse_quartiles(counts: Iterable[tuple[int, int]], rounding: Rounding) -> list[float]:
    """Return lower quartile, median and upper quartile of shares (linear, R's type 7), exact until they are rounded.

    Args:
        counts: part and whole of each share.
        rounding: of rates.

    >>> from dcc_analytics.snapshot.rules import Rounding
    >>> coarse_quartiles([(1, 40), (14, 40)], Rounding(2, 3))
    [0.106, 0.188, 0.269]
    """
    shares = sorted(Fraction(part, whole) for part, whole in counts)
    unit = 10**rounding.rate_decimals
    return [round(quantile(shares, Fraction(quarter, 4)) * unit) / unit for quarter in (1, 2, 3)]


def coarse_rate(rate: float, rounding: Rounding) -> float:
    """Return a rate of peers rounded half-even, by its shortest decimal.

    >>> from dcc_analytics.snapshot.rules import Rounding
    >>> coarse_rate(0.0625, Rounding(2, 3)), coarse_rate(1 / 3, Rounding(2, 3))
    (0.062, 0.333)
    """
    return float(Decimal(repr(rate)).quantize(Decimal(10) ** -rounding.rate_decimals, ROUND_HALF_EVEN))
