"""A Member beside itself: its month's failure rate and those of the twelve months before, on an XmR chart. Pure.

Some Roles have too few companies for any figure of others: five groups own all distributors. Where no median of peers
may be shown, the question becomes whether the month is unlike the Member's own months before it.

The limits are those of the twelve months (``xmr``); with fewer they are not settled and nothing is said. The month's
own rate is judged by them and by the months before it. Nothing of others is in it.
"""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import polars as pl

from dcc_analytics.snapshot.xmr import OUTSIDE, RUN, TREND, TWO_OF_THREE, limits, signal

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

_Told = tuple[float | None, float | None, float | None, str | None]
_NOTHING: Final[_Told] = (None, None, None, None)


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
