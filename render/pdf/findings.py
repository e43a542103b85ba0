"""How a Member stands in the month: its sums, its rows that stand out, and what to know before trusting a figure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from dcc_analytics.render.pdf.figures import PackFigures, ServiceRow
from dcc_analytics.render.pdf.said import counted, dated, number, said
from dcc_analytics.render.pdf.sources import Source
from dcc_analytics.render.pdf.sources import rows as rows_where
from dcc_analytics.render.pdf.words import clock_name
from dcc_analytics.snapshot.comparison import ALIKE, BETTER, FEW, WORSE

#: Rows of the table of extremes.
WORST_ROWS: Final = 5
BEST_ROWS: Final = 3
_REQUESTS: Final = "coalesce(sum(requests), 0)"
_MONTHLY: Final = "round_trips_monthly"


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all rows of the month."""

    requests: int
    successes: int
    failures: int
    open: int
    untimed: int

    @property
    def failure_rate(self) -> float | None:
        """Failures of all outcomes."""
        outcomes = self.successes + self.failures
        return self.failures / outcomes if outcomes else None


def totals(figures: PackFigures) -> Totals:
    """Return the sums of a Member's month."""
    rows = figures.rows
    successes = sum(row.successes for row in rows)
    return Totals(
        sum(row.requests for row in rows),
        successes,
        sum(row.failures for row in rows),
        sum(row.open for row in rows),
        successes - sum(row.timed for row in rows),
    )


def ranked(figures: PackFigures) -> tuple[list[ServiceRow], list[ServiceRow]]:
    """Return the worse rows furthest above the peers' median, and the better ones furthest below, by requests."""
    by_excess = sorted(figures.rows, key=lambda row: -row.excess)
    worst = [row for row in by_excess if row.compared == WORSE][:WORST_ROWS]
    best = [row for row in reversed(by_excess) if row.compared == BETTER][:BEST_ROWS]
    return worst, best


def most_failures(figures: PackFigures) -> list[ServiceRow]:
    """Return the rows with the most failures."""
    return sorted((row for row in figures.rows if row.failures), key=lambda row: -row.failures)


def nothing_told(rows: Sequence[ServiceRow]) -> str:
    """Return why no row is worse or better."""
    if any(row.compared == ALIKE for row in rows):
        return "No failure rate of yours can be told from its peers' median: chance alone makes such differences."
    if any(row.compared == FEW and row.median is not None for row in rows):
        return "You sent too few requests of any kind to tell your failure rate from its peers' median."
    if any(row.median is not None for row in rows):
        return "The release that took this snapshot did not ask whether a difference from peers is more than chance."
    return "No figure of peers may be shown for what you sent: too few companies sent enough of it."


def strip_finding(rows: Iterable[ServiceRow]) -> str:
    """Return what the page of failure rates shows, as its title."""
    found = Counter(row.compared for row in rows)
    compared = found[WORSE] + found[BETTER] + found[ALIKE]
    if not compared:
        return "Failure rates of your Service Requests"
    untold = said(", {} can't be told", number(found[ALIKE], _compared(ALIKE))) if found[ALIKE] else ""
    if not found[WORSE]:
        return said("No compared row is worse{}", untold)
    are = "is" if found[WORSE] == 1 else "are"
    every = counted(compared, "compared row", _compared(WORSE, BETTER, ALIKE))
    return said("{} of {} {} worse{}", number(found[WORSE], _compared(WORSE)), every, are, untold)


def _compared(*words: str) -> Source:
    """Return where the number of rows stands of which ``compared`` says one of some words."""
    return Source(_MONTHLY, rows_where(compared=words), "count(*)")


def data_quality(figures: PackFigures) -> list[str]:
    """Return what the reader must know before trusting a figure."""
    snapshot, sums = figures.snapshot, totals(figures)
    state = (
        "Final: no later event can change these figures."
        if snapshot.final
        else "Provisional: answers that are still to come will change these figures."
    )
    lines: list[str] = [said("{} Events were read up to {}.", state, dated(clock_name(snapshot.clock)))]
    unknown = int(figures.daily.filter(pl.col("region") == "Unknown")["requests"].sum())
    if sums.requests:
        lines.append(
            said(
                "{} of {} concern no Device in the inventory or one whose Region is not recorded; they are under "
                "Unknown.",
                number(unknown, Source("round_trips_daily", rows_where(region="Unknown"), _REQUESTS)),
                counted(sums.requests, "request", Source(_MONTHLY, "", "sum(requests)")),
            )
        )
    if sums.untimed:
        source = Source(_MONTHLY, "", "sum(successes) - sum(rtt_n)")
        untimed = counted(sums.untimed, "success", source, "successes")
        lines.append(said("{} left out of times because a clock was wrong.", untimed))
    withheld = [row for row in figures.rows if row.status not in {"", "ok"}]
    if withheld:
        lines.append(
            said(
                "Of {} of {} some figures of others are withheld, so that no single company can be made out. A row is "
                "an SRV of a business process.",
                number(len(withheld), Source(_MONTHLY, "benchmark_status <> 'ok'", "count(*)")),
                counted(len(figures.rows), "row", Source(_MONTHLY, "", "count(*)")),
            )
        )
    if sums.requests:
        lines.append(
            "Assumed: what no source settles, such as when an unanswered request counts as failed, is a rule of this "
            "report; all such rules are listed on the page 'Method'."
        )
    return lines
