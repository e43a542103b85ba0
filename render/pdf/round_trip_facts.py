"""What the round trips of a month have for the first page beside its changes: how many failed, of what, why, and when.

Each sentence is a template with the figures of its condition.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from math import erfc, exp, sqrt
from typing import Final

import polars as pl

from dcc_analytics.render.pdf.day_series import FAILURES, TIMES
from dcc_analytics.render.pdf.facts import NO_CHANGE, SLOW, Fact, about, gap_of, of_row, signal_of
from dcc_analytics.render.pdf.figures import PackFigures, ServiceRow
from dcc_analytics.render.pdf.findings import most_failures, ranked, totals
from dcc_analytics.render.pdf.incidents import SECTION as INCIDENTS
from dcc_analytics.render.pdf.incidents import category_said, incidents_said
from dcc_analytics.render.pdf.said import dated, figure, named, said
from dcc_analytics.render.pdf.sources import FAILURE_RATE, Source, Unit, ratio, rows
from dcc_analytics.render.pdf.sums import reasons
from dcc_analytics.render.pdf.words import count, day_name, duration, listed, percent, points
from dcc_analytics.snapshot.history import SHORT

RATES: Final = "Failure rates"
RANGES: Final = "Round Trip Times"
#: A reason of fewer failures is none to act on.
_LEAST_REASONED: Final = 5
#: So many are told from chance by the normal distribution.
_MANY: Final = 100
#: A row's share of all failures from which it is told where they are.
_MOST: Final = 0.5
#: Medians differ by so many times before they are told.
_LEAST_RATIO: Final = 1.5
#: Medians of fewer differ so much by chance.
_ENOUGH_TIMED: Final = 50
#: More failed under Incidents where chance makes it once in so many months.
_BY_CHANCE: Final = 0.001
_LEAST_MORE: Final = 3
#: What is known of failures anyway, beside what changed or stands out.
_KNOWN: Final = 0.1
_OUTCOMES: Final = "sum(successes) + sum(failures)"
_MONTHLY: Final = Source("round_trips_monthly", "", "sum(failures)")


def overall(figures: PackFigures) -> str:
    """Return how many failed of all, and of which row the most."""
    sums = totals(figures)
    if not sums.requests:
        return said("You sent no Service Request in {}.", dated(figures.month))
    number = figure(count(sums.open), Unit.COUNT, _MONTHLY.of("sum(open)"))
    still = said("; {} {} still open", number, "is" if sums.open == 1 else "are") if sums.open else ""
    if not sums.failures:
        done = figure(count(sums.successes), Unit.COUNT, _MONTHLY.of("sum(successes)"))
        one = sums.successes == 1
        all_done = "Your {} request with an outcome" if one else "All {} of your requests with an outcome"
        return said(f"{all_done} succeeded{{}}.", done, still)
    outcomes = sums.successes + sums.failures
    return said(
        "{} of your {} {} with an outcome failed ({}){}.{}",
        figure(count(sums.failures), Unit.COUNT, _MONTHLY),
        figure(count(outcomes), Unit.COUNT, _MONTHLY.of(_OUTCOMES)),
        "request" if outcomes == 1 else "requests",
        figure(percent(sums.failure_rate), Unit.RATE, _MONTHLY.of(FAILURE_RATE)),
        still,
        _where(most_failures(figures), sums.failures),
    )


def _where(by_failures: Sequence[ServiceRow], failures: int) -> str:
    first = by_failures[0]
    if failures < 2 or first.failures < _MOST * failures:
        return ""
    if first.failures == failures:
        return said(" All failures were of {}.", named(first.title))
    of_row = f"sum(CASE WHEN {first.source.where} THEN failures ELSE 0 END)"
    return said(
        " {} accounts for {} of the failures ({}).",
        named(first.title),
        figure(count(first.failures), Unit.COUNT, first.source.of("failures")),
        figure(percent(first.failures / failures), Unit.RATE, _MONTHLY.of(ratio(of_row, "sum(failures)"))),
    )


def round_trip_facts(figures: PackFigures) -> Iterator[Fact]:
    """Yield the facts."""
    yield from _before(figures)
    yield from _against_peers(figures)
    yield from _why(figures)
    yield from _incidents(figures)
    yield from _times(figures)


def _before(figures: PackFigures) -> Iterator[Fact]:
    """Yield of each row whose month is unlike the twelve before it by an XmR chart."""
    for row in figures.rows:
        if row.history_signal in {"", SHORT} or row.history_mean is None or row.failure_rate is None:
            continue
        more = row.failure_rate > row.history_mean
        text = said(
            "{} failed {} than in the twelve months before: {} in {}, their mean is {}.",
            named(row.title),
            "more" if more else "less",
            figure(percent(row.failure_rate), Unit.RATE, row.source.of("failure_rate")),
            dated(figures.month),
            figure(percent(row.history_mean), Unit.RATE, row.source.of("history_mean")),
        )
        size = abs(row.failure_rate - row.history_mean) * row.outcomes * (1 if more else 0.5)
        yield Fact(
            text, signal_of(row.history_signal), size, gap_of(row.failure_rate, row.history_mean), row.process,
            _of(row), change=True, of=about(FAILURES, [row.srv]),
        )  # fmt: skip


def _against_peers(figures: PackFigures) -> Iterator[Fact]:
    worst, _ = ranked(figures)
    if not worst:
        return
    row = worst[0]
    gap = (row.failure_rate or 0.0) - (row.median or 0.0)
    text = said(
        "Against your peers you lose most on {}: {} failed, {} above their median of {}.{}",
        named(row.title),
        figure(percent(row.failure_rate), Unit.RATE, row.source.of("failure_rate")),
        figure(points(gap), Unit.POINTS, row.source.of("failure_rate - peer_failure_rate_median")),
        figure(percent(row.median), Unit.RATE, row.source.of("peer_failure_rate_median")),
        _at_the_roles_mix(row),
    )
    yield Fact(
        text, NO_CHANGE, row.excess, gap_of(row.failure_rate, row.median), row.process, _of(row),
        of=about(FAILURES, [row.srv]),
    )  # fmt: skip


def _at_the_roles_mix(row: ServiceRow) -> str:
    """Return what is left of a difference when the same is sent to the same; nothing where that may not be told."""
    if row.mix_gap is None:
        return ""
    mix = " At the Role's mix of Regions, Meter Types and SMETS versions your rate would be"
    if not row.mix_gap:
        return f"{mix} the Role's."
    left = figure(points(float(row.mix_gap)), Unit.POINTS, row.source.of("mix_adjusted_gap"))
    return said(f"{mix} {{}} {'above' if row.mix_gap > 0 else 'below'} the Role's.", left)


def _why(figures: PackFigures) -> Iterator[Fact]:
    found = reasons(figures.failed)
    if not found or found[0].failures < _LEAST_REASONED:
        return
    first, total = found[0], sum(reason.failures for reason in found)
    source = Source("failures", rows(reason_code=first.code), "sum(failures)")
    tied = len(found) > 1 and found[1].failures == first.failures
    text = said(
        "{} is {}{}: {} of {} {}.",
        "One of the commonest reasons" if tied else "The commonest reason",
        named(first.code),
        named(f" ({first.text.rstrip('.')})") if first.text else "",
        figure(count(first.failures), Unit.COUNT, source),
        figure(count(total), Unit.COUNT, Source("failures", "", "sum(failures)")),
        "failure" if total == 1 else "failures",
    )
    yield Fact(
        text, NO_CHANGE, _KNOWN * first.failures, 1.0, RATES, f"failures.csv, reason_code {first.code}",
        of=about(FAILURES, figures.failed["srv"].unique()),
    )  # fmt: skip


def _incidents(figures: PackFigures) -> Iterator[Fact]:
    """Yield whether more failed on the days and in the Regions of Incidents than there at other times."""
    during = figures.daily.filter(pl.col("incident_category").is_not_null())
    regions: list[str] = sorted(during["region"].drop_nulls().unique())
    other = figures.daily.filter(pl.col("incident_category").is_null(), pl.col("region").is_in(regions))
    (found, number), (usual, usual_number) = map(_counts, (during, other))
    if not figures.incidents or not found or not usual_number:
        return
    expected = number * usual / usual_number
    if found < expected + _LEAST_MORE or _at_least(found, expected) > _BY_CHANCE:
        return
    under = rows("incident_category IS NOT NULL")
    text = said(
        "{}{} of your {} {} in {} failed ({}), at other times {}.",
        _when(figures, sorted(during["day"].unique())),
        figure(count(found), Unit.COUNT, _daily(under).of("sum(failures)")),
        figure(count(number), Unit.COUNT, _daily(under).of(_OUTCOMES)),
        "request" if number == 1 else "requests",
        named(listed(regions)),
        figure(percent(found / number), Unit.RATE, _daily(under)),
        figure(
            percent(usual / usual_number), Unit.RATE, _daily(rows("incident_category IS NULL", region=tuple(regions)))
        ),
    )
    gap = gap_of(found / number, usual / usual_number)
    source = "round_trips_daily.csv, incident_category not empty"
    yield Fact(text, signal_of("outside"), found - expected, gap, INCIDENTS, source, change=True)


def _when(figures: PackFigures, days: Sequence[date]) -> str:
    """Return on which days Incidents lay over the Regions; one Incident by its name."""
    if len(figures.incidents) > 1:
        return said("On the days of {} ", incidents_said(figures.incidents))
    (incident,) = figures.incidents
    when = day_name(days[0]) if len(days) == 1 else f"{len(days)} days from {day_name(days[0])}"
    name = named(f"{incident.incident}{f': {incident.summary}' if incident.summary else ''}")
    return said("On {}, during a Category {} Incident ({}), ", dated(when), category_said(incident), name)


def _counts(daily: pl.DataFrame) -> tuple[int, int]:
    failures = int(daily["failures"].sum())
    return failures, failures + int(daily["successes"].sum())


def _daily(where: str) -> Source:
    return Source("round_trips_daily", where, FAILURE_RATE)


def _at_least(found: int, expected: float) -> float:
    """Return how likely so many are where fewer are expected, all apart from each other.

    >>> round(_at_least(3, 1.0), 4)
    0.0803
    >>> round(_at_least(5000, 800.0), 4), round(_at_least(800, 800.0), 2)
    (0.0, 0.51)
    """
    if expected > _MANY:
        return erfc((found - 0.5 - expected) / sqrt(2 * expected)) / 2  # the normal one it comes near to
    less, term = 0.0, exp(-expected)
    for number in range(found):
        less += term
        term *= expected / (number + 1)
    return max(1 - less, 0.0)


def _times(figures: PackFigures) -> Iterator[Fact]:
    """Yield of the row whose median is longer than the industry's for most round trips."""
    longer = [row for row in figures.rows if row.timed >= _ENOUGH_TIMED and _ratio(row) >= _LEAST_RATIO]
    if not longer:
        return
    row = max(longer, key=lambda each: each.timed * (_ratio(each) - 1))
    text = said(
        "Half of your successful round trips of {} took longer than {}; in the industry half took longer than {}.",
        named(row.title),
        figure(duration(row.own.median_ms), Unit.SECONDS, row.source.of("rtt_median_s")),
        figure(duration(row.industry.median_ms), Unit.SECONDS, row.source.of("industry_rtt_median_s")),
    )
    yield Fact(
        text, NO_CHANGE, SLOW * row.timed / 2, _ratio(row), RANGES, _of(row), of=about(TIMES, [row.srv]),
    )  # fmt: skip


def _ratio(row: ServiceRow) -> float:
    if not row.own.median_ms or not row.industry.median_ms:
        return 0.0
    return row.own.median_ms / row.industry.median_ms


def _of(row: ServiceRow) -> str:
    """Return where a row's figures can be looked up."""
    return f"round_trips_monthly.csv, {of_row(row.process, row.srv, row.variant)}"
