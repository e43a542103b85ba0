"""What every failure rate would be if an answer were waited for an hour, a day or five days.

The time-outs of the catalogue are a policy of this product (contract 3.7), so a reader is told what others would give.

Definition. For a time-out T, a round trip that nothing has ended within T of its start is a failure, also when an
answer came later. One that nothing has ended is open until the stream's clock has passed its start by T. A success
without a time, which is a clock fault, counts as in time; a failure is one whenever it came. Of transform legs the
failures count and nothing else (contract 3.8). The failure rate is failures of successes and failures.

The month's own figures differ from this in one thing, by contract 3.7: there an answer that came after the time-out
still ends the round trip with its own code, and only what never was answered is NO-RESPONSE. That is why the rate for
the catalogue's own time-out can differ from the one printed: it is never below it.

Rows are those of ``round_trips_monthly``, so a Member's rows hold nothing that is another's.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import polars as pl

from dcc_analytics.aggregators.slow import TIME_OUTS_H, SlowKey
from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.exact import share
from dcc_analytics.snapshot.members import Directory

ROW: Final = ("party", "role", "process", "srv", "variant")
SENSITIVITY: Final = ("process", "srv", "variant", "time_out_h", "successes", "failures", "open", "failure_rate")

_SUCCESS: Final = "successes"
_FAILURE: Final = "failures"
_OPEN: Final = "open"
_COUNTED: Final = (_SUCCESS, _FAILURE, _OPEN)
_LEG: Final = {
    **dict.fromkeys(ROW, pl.String), "transform": pl.Boolean, "beyond_h": pl.Int64, "counted": pl.String,
    "legs": pl.Int64,
}  # fmt: skip


class Unanswered(NamedTuple):
    """Legs that nothing has ended: of what and for how long, and whether the month has them as failures or as open."""

    of: SlowKey
    failed: bool


def long_legs(
    answered: Iterable[Tally[SlowKey]], unanswered: Mapping[Unanswered, int], month: Month, directory: Directory
) -> pl.DataFrame:
    """Return the legs of a month whose outcome hangs on the time-out.

    Args:
        answered: successes that took long, of all shards and months.
        unanswered: legs nothing has ended, with the time since their start in place of a Round Trip Time.
        month: which.
        directory: whose Users are.

    Returns:
        How many ``legs`` of a Member and row there are, by leg, by the longest time-out they took longer than, and by
        the column of the month in which they are ``counted``.
    """
    found = [(key, _SUCCESS, legs) for tally in answered for key, legs in tally.items()]
    found += [(each.of, _FAILURE if each.failed else _OPEN, legs) for each, legs in unanswered.items()]
    rows = [
        (*directory.member(key.user, key.role, key.srv), key.process, key.srv, key.variant, key.transform,
         key.beyond_h, counted, legs)
        for key, counted, legs in found
        if key.month == month.number
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_LEG, orient="row")


def time_out_sensitivity(monthly: pl.DataFrame, legs: pl.DataFrame) -> pl.DataFrame:
    """Return the counts and the failure rate of every Member and row for each time-out.

    Args:
        monthly: the month's own counts by ``ROW``.
        legs: what ``long_legs`` returns.
    """
    own = monthly.select(*ROW, *_COUNTED)
    tables = [_at(time_out_h, own, legs) for time_out_h in TIME_OUTS_H]
    columns = ["party", "role", *SENSITIVITY]
    return pl.concat(tables).select(columns).sort(columns)


def _at(time_out_h: int, own: pl.DataFrame, legs: pl.DataFrame) -> pl.DataFrame:
    """Return the rows for one time-out: the month's own counts, with the legs moved that count otherwise."""
    counted = pl.col("counted")
    in_time = pl.when(counted == _SUCCESS).then(pl.lit(_SUCCESS)).otherwise(pl.lit(_OPEN))
    would = pl.when(pl.col("beyond_h") >= time_out_h).then(pl.lit(_FAILURE)).otherwise(in_time)
    moves = [
        pl.col("legs")
        .mul((would == name).cast(pl.Int64) - (counted == name).cast(pl.Int64))
        .filter(pl.lit(name == _FAILURE) | ~pl.col("transform"))
        .sum()
        .alias(f"{name}_more")
        for name in _COUNTED
    ]
    rows = own.join(legs.group_by(ROW).agg(moves), on=ROW, how="left")
    counts = rows.select(
        *ROW,
        pl.lit(time_out_h, pl.Int64).alias("time_out_h"),
        *(pl.col(name) + pl.col(f"{name}_more").fill_null(0) for name in _COUNTED),
    )
    outcomes = pl.col(_SUCCESS) + pl.col(_FAILURE)
    return counts.with_columns(share(pl.col(_FAILURE), outcomes).alias("failure_rate"))
