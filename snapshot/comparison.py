"""Worse than peers, or only unlucky? What a Member's failure rates say beside the median of peers. Pure.

A row is *worse* if so many failures or more, of the round trips with an outcome (or Alerts delivered and given up),
would be rare were each to fail by the peers' median chance: a one-sided exact binomial test. *better* is the same the
other way. The median is known as it is printed, rounded; the test takes the value most lenient to the Member of those
that print so, since against a median of 0.000 a single failure would otherwise be certain proof. What is *alike* can't
be told from the median.

A pack says it of dozens of rows, of which one in twenty would be *worse* by chance alone. So each Member's rows of a
table are one family: of those called worse no more than 5 % are expected to be so by chance, and likewise of those
called better. Round trips and Alerts are two families, for each file is read by itself and must keep the promise by
itself: in one family, many Alerts that are plainly worse would lower the bar for round trips, and the false ones could
all be among these (Efron, "Simultaneous inference: When should hypothesis testing problems be combined?", 2008). The
price is that over both files the bound may be passed, at most to twice.

The median is a fair null because it is the one benchmark that is the same in every pack and counts each User once. Its
limits: it is taken as fixed, although it is an estimate over few Users where these are few; failures are taken to be
independent, which those within an Incident don't, so that *worse* says that more failed, not whose fault it is;
and with millions of round trips the smallest distance shows, so that the interval tells how large it is.

It gives nothing away: it is made of the Member's own counts and of the rounded benchmark in the same row.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import polars as pl

from dcc_analytics.snapshot.intervals import at_least, at_most, benjamini_hochberg, wilson
from dcc_analytics.snapshot.rules import RuleSet

#: The usual bound for a report of many comparisons; one in a hundred would leave most true differences unsaid in rows
#: of some hundreds of round trips.
FALSE_DISCOVERY_RATE: Final = 0.05

WORSE: Final = "worse"
BETTER: Final = "better"
ALIKE: Final = "alike"
FEW: Final = "few"
WITHHELD: Final = "withheld"
COMPARED: Final = ("failure_rate_low", "failure_rate_high", "compared")

_MEMBER: Final = ("party", "role")
_COLUMNS: Final = {"failure_rate_low": pl.Float64, "failure_rate_high": pl.Float64, "compared": pl.String}


class Row(NamedTuple):
    """A row of a file: what succeeded and what failed, and the peers' median as it is printed, if it is."""

    successes: int
    failures: int
    median: float | None


def verdicts(rows: Sequence[Row], *, enough: int, half_unit: float) -> list[str]:
    """Return what each row of one Member's table says.

    Args:
        rows: all of them.
        enough: with fewer outcomes of its own a row is ``few``.
        half_unit: how far a median may be from what is printed.

    >>> verdicts([Row(900, 100, 0.05), Row(950, 50, 0.05), Row(9, 9, 0.05)], enough=30, half_unit=0.0005)
    ['worse', 'alike', 'few']
    """
    said = [FEW if row.successes + row.failures < enough else WITHHELD for row in rows]
    tested = {at: row.median for at, row in enumerate(rows) if said[at] != FEW and row.median is not None}
    said = [ALIKE if at in tested else word for at, word in enumerate(said)]
    for word, tail, away in ((WORSE, at_least, half_unit), (BETTER, at_most, -half_unit)):
        p_values = [
            tail(rows[at].failures, rows[at].successes + rows[at].failures, min(max(median + away, 0.0), 1.0))
            for at, median in tested.items()
        ]
        for at, found in zip(tested, benjamini_hochberg(p_values, rate=FALSE_DISCOVERY_RATE), strict=True):
            if found:
                said[at] = word
    return said


def with_comparison(rows: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """Return rows of ``round_trips_monthly``, or of Alerts by month, with the columns ``COMPARED``.

    Args:
        rows: own ``successes`` and ``failures`` (of Alerts: delivered, given up) and benchmarks, what may not be shown
            being null already.
        rules: how medians are rounded, and how many outcomes are enough.
    """
    half_unit = 0.5 * 10**-rules.rounding.rate_decimals
    parts = []
    for pack in rows.partition_by(_MEMBER, maintain_order=True):
        counts = [Row(*row) for row in pack.select("successes", "failures", "peer_failure_rate_median").iter_rows()]
        words = verdicts(counts, enough=rules.peers.requests, half_unit=half_unit)
        found = [(*_interval(row), word) for row, word in zip(counts, words, strict=True)]
        parts.append(pack.hstack(pl.DataFrame(found, _COLUMNS, orient="row")))
    return (
        pl.concat(parts) if parts else rows.with_columns(pl.lit(None, kind).alias(of) for of, kind in _COLUMNS.items())
    )


def _interval(row: Row) -> tuple[float | None, float | None]:
    outcomes = row.successes + row.failures
    return wilson(row.failures, outcomes) if outcomes else (None, None)
