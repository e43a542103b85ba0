"""What the month shows, in sentences that are computed: each is a template with the figures of its condition."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from dcc_analytics.render.pdf.figures import ENOUGH_OUTCOMES, PackFigures, ServiceRow
from dcc_analytics.render.pdf.sums import parts, reasons
from dcc_analytics.render.pdf.words import clock_name, count, duration, percent, plural, points
from dcc_analytics.snapshot.comparison import ALIKE, BETTER, FEW, WORSE

#: Rows of the table of extremes.
WORST_ROWS: Final = 5
BEST_ROWS: Final = 3


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


def sentences(figures: PackFigures) -> list[str]:
    """Return what the month shows, the most important first."""
    found = (
        _overall(figures),
        _where(figures),
        _against_peers(figures),
        _why(figures),
        _incidents(figures),
        _times(figures),
    )
    return [sentence for sentence in found if sentence]


def _overall(figures: PackFigures) -> str:
    sums = totals(figures)
    if not sums.requests:
        return f"You sent no Service Request in {figures.month}."
    still = f"; {plural(sums.open, 'is', 'are')} still open" if sums.open else ""
    if not sums.failures:
        return f"All {count(sums.successes)} of your requests with an outcome succeeded{still}."
    return (
        f"{count(sums.failures)} of your {plural(sums.successes + sums.failures, 'request')} with an outcome failed "
        f"({percent(sums.failure_rate)}){still}."
    )


def _where(figures: PackFigures) -> str:
    rows, sums = most_failures(figures), totals(figures)
    if not rows or sums.failures < 2:
        return ""
    first = rows[0]
    if first.failures == sums.failures:
        return f"All failures were of {_title(first)}."
    return (
        f"{_title(first)} accounts for {count(first.failures)} of the failures "
        f"({percent(first.failures / sums.failures)}); the others are spread over "
        f"{plural(len(rows) - 1, 'further Service Request')}."
    )


def _against_peers(figures: PackFigures) -> str:
    worst, best = ranked(figures)
    said = []
    if worst:
        row = worst[0]
        said.append(
            f"Against your peers you lose most on {_title(row)}: {percent(row.failure_rate)} failed, "
            f"{points((row.failure_rate or 0) - (row.median or 0))} above their median of {percent(row.median)}."
            + _at_the_roles_mix(row)
        )
    if best:
        row = best[0]
        said.append(
            f"You gain most on {_title(row)}: {percent(row.failure_rate)} failed, their median is "
            f"{percent(row.median)}."
        )
    return " ".join((*said, *_untold(figures.rows)))


def _untold(rows: Iterable[ServiceRow]) -> Iterable[str]:
    """Yield of how many rows neither is said, and why."""
    number = Counter(row.compared for row in rows)
    chance = [f"{count(number[ALIKE])} can't be told from chance"] if number[ALIKE] else []
    few = [f"{plural(number[FEW], 'has', 'have')} too few requests to tell"] if number[FEW] else []
    if chance or few:
        yield f"Of your {plural(number.total(), 'row')} {' and '.join(chance + few)}."


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
    number = Counter(row.compared for row in rows)
    compared = number[WORSE] + number[BETTER] + number[ALIKE]
    if not compared:
        return "Failure rates of your Service Requests"
    untold = f", {count(number[ALIKE])} can't be told" if number[ALIKE] else ""
    if not number[WORSE]:
        return f"No compared row is worse{untold}"
    are = "is" if number[WORSE] == 1 else "are"
    return f"{count(number[WORSE])} of {plural(compared, 'compared row')} {are} worse{untold}"


def _at_the_roles_mix(row: ServiceRow) -> str:
    """Return what is left of a difference when the same is sent to the same; nothing where that may not be told."""
    if row.mix_gap is None:
        return ""
    mix = "the Role's mix of Regions, Meter Types and SMETS versions"
    if not row.mix_gap:
        return f" At {mix} your rate would be the Role's."
    side = "above" if row.mix_gap > 0 else "below"
    return f" At {mix} your rate would be {points(float(row.mix_gap))} {side} the Role's."


def _why(figures: PackFigures) -> str:
    found = reasons(figures.failed)
    if not found:
        return ""
    first, total = found[0], sum(reason.failures for reason in found)
    meaning = f" ({first.text.rstrip('.')})" if first.text else ""
    tied = len(found) > 1 and found[1].failures == first.failures
    return (
        f"{'One of the commonest reasons' if tied else 'The commonest reason'} is {first.code}{meaning}, "
        f"{count(first.failures)} of {plural(total, 'failure')}; {plural(len(found), 'reason')} "
        f"{'was' if len(found) == 1 else 'were'} given in all."
    )


def _incidents(figures: PackFigures) -> str:
    if not figures.incidents:
        return "No Category 1 or 2 Incident touched the month."
    head = f"{plural(len(figures.incidents), 'Category 1 or 2 Incident')} touched the month"
    if not figures.rows:
        return f"{head}."
    split = figures.daily.with_columns(touched=pl.col("incident_category").is_not_null())
    by = {part.label: part for part in parts(split, "touched")} if split.height else {}
    during, outside = by.get(True), by.get(False)
    if during is None or outside is None or during.successes + during.failures < ENOUGH_OUTCOMES:
        return f"{head}; few of your requests fell on their days and Regions."
    return (
        f"{head}. On their days and in their Regions {percent(during.failure_rate)} of your requests failed, at other "
        f"times {percent(outside.failure_rate)}."
    )


def _times(figures: PackFigures) -> str:
    timed = [row for row in figures.rows if row.own.median_ms is not None]
    if not timed:
        return ""
    row = max(timed, key=lambda each: each.requests)
    others = f"; industry {duration(row.industry.median_ms)}" if row.industry.median_ms is not None else ""
    return (
        f"Half of your successful round trips of {_title(row)}, your most frequent request, took no longer than "
        f"{duration(row.own.median_ms)} (mean {duration(row.own.mean_ms)}{others})."
    )


def _title(row: ServiceRow) -> str:
    return f"{row.srv} {row.name}".strip()


def data_quality(figures: PackFigures) -> list[str]:
    """Return what the reader must know before trusting a figure."""
    snapshot, sums = figures.snapshot, totals(figures)
    state = (
        "Final: no later event can change these figures."
        if snapshot.final
        else "Provisional: answers that are still to come will change these figures."
    )
    lines = [f"{state} Events were read up to {clock_name(snapshot.clock)}."]
    unknown = int(figures.daily.filter(pl.col("region") == "Unknown")["requests"].sum())
    if sums.requests:
        lines.append(
            f"{count(unknown)} of {plural(sums.requests, 'request')} concern no Device in the inventory or one whose "
            "Region is not recorded; they are under Unknown."
        )
    if sums.untimed:
        lines.append(f"{plural(sums.untimed, 'success', 'successes')} left out of times because a clock was wrong.")
    withheld = [row for row in figures.rows if row.status not in {"", "ok"}]
    if withheld:
        lines.append(
            f"Of {count(len(withheld))} of {plural(len(figures.rows), 'row')} some figures of others are withheld, so "
            "that no single company can be made out. A row is an SRV of a business process."
        )
    if sums.requests:
        lines.append(
            "Assumed: what no source settles, such as when an unanswered request counts as failed, is a rule of this "
            "report; all such rules are listed on the page 'Method'."
        )
    return lines
