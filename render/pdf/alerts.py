"""Alerts sent to the recipient: which failed to arrive, how long the others took, and the days of the most frequent."""

from collections.abc import Sequence
from typing import Final

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.pdf.alert_rows import (
    ALERT_DAYS,
    CODES,
    FAILED_OF_ALL,
    AlertRow,
    alert_days,
    alert_rows,
    days_of,
)
from dcc_analytics.render.pdf.alternatives import DailyWords
from dcc_analytics.render.pdf.assumed import draw_assumed_line
from dcc_analytics.render.pdf.daily_chart import daily_chart_mm, draw_daily_chart
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow, heading_mm
from dcc_analytics.render.pdf.fonts import fitted
from dcc_analytics.render.pdf.plot import Plot, Span
from dcc_analytics.render.pdf.ranges import draw_ranges
from dcc_analytics.render.pdf.row_kinds import DELIVERY_TIMES, StripWords
from dcc_analytics.render.pdf.said import Said, counted, dated, every, joined, named, number, rated, said
from dcc_analytics.render.pdf.source import draw_source
from dcc_analytics.render.pdf.sources import Source, ratio
from dcc_analytics.render.pdf.strips import draw_strip_table
from dcc_analytics.render.pdf.style import BENCHMARK, LEFT_MM, OWN, SMALL_PT, WIDTH_MM
from dcc_analytics.render.pdf.sums import Part, parts, worst_day, worst_day_said
from dcc_analytics.render.pdf.words import day_name, percent, weekday_name

SECTION: Final = "Alerts"
FAILED: Final = "Alerts that failed to arrive"
TIMES: Final = "Delivery times of Alerts"
DAILY: Final = "Alerts day by day"
#: What two pages hold: all others are in the files.
_MOST_FAILED: Final = 14
_MOST_TIMED: Final = 8
_MOST_DAILY: Final = 5
_STRIPS: Final = StripWords(
    ("Alert", "Name", "Alerts", "Failed", "Industry", "You stand"), "failure rate",
    ("delivered + failed", FAILED_OF_ALL, "1 - industry_success_rate"),
)  # fmt: skip
_DAYS: Final = DailyWords("mean delivery time", "those that arrived", "Alerts")
#: Codes that have a time to draw.
_TIMED: Final = "count(*) FILTER (WHERE delivery_median_s IS NOT NULL OR delivery_mean_s IS NOT NULL)"
_CHART_MM: Final = 24.0
_PANEL_MM: Final = 11.0
_NAME_MM: Final = 6.0
_SCALE_MM: Final = 16.0
_HALF_MM: Final = WIDTH_MM / 2
_GAP_MM: Final = 4.0


def draw_alerts(flow: Flow, figures: PackFigures) -> None:
    """Draw the two pages; none if no Alert was sent."""
    rows = alert_rows(figures)
    if not rows:
        return
    daily = alert_days(figures)
    days = parts(daily, "day")
    flow.new_page(SECTION, assumed=True)
    flow.paper.bookmark(SECTION)
    flow.title(finding(rows), _subtitle(figures, rows, days))
    draw_assumed_line(flow, SECTION)
    _failed(flow, rows)
    _times(flow, rows)
    if days:
        _daily(flow, figures, days)
        _codes(flow, figures.snapshot.month, rows[:_MOST_DAILY], [days_of(daily, row) for row in rows[:_MOST_DAILY]])
        draw_source(flow, "alerts_daily", more=len(rows) - _MOST_DAILY, shown=_MOST_DAILY, of=CODES, one="code")


def finding(rows: Sequence[AlertRow]) -> str:
    """Return how many did not arrive, and of which code the most."""
    failed, total = sum(row.failed for row in rows), sum(row.requests for row in rows)
    sent = Source("alerts_monthly", "", "sum(delivered) + sum(failed)")
    if not failed:
        return said("{} sent to you arrived", every(total, "Alert", sent))
    told = said(
        "{} of {} sent to you failed to arrive ({})",
        number(failed, sent.of("sum(failed)")),
        counted(total, "Alert", sent),
        rated(failed / total, sent.of(ratio("sum(failed)", f"({sent.value})"))),
    )
    worst = _by_failures(rows)[0]
    return said("{}, most of them {}", told, named(worst.code)) if 2 * worst.failed > failed else told


def _subtitle(figures: PackFigures, rows: Sequence[AlertRow], days: Sequence[Part]) -> str:
    codes = counted(len(rows), "Alert code", Source("alerts_monthly", "", "count(*)"))
    told = said("{}, {}, {}", codes, figures.role, figures.month)
    return told + worst_day_said(worst_day(days), ALERT_DAYS, "failed to arrive")


def _by_failures(rows: Sequence[AlertRow]) -> list[AlertRow]:
    return sorted(rows, key=lambda row: -row.failed)


def _failed(flow: Flow, rows: Sequence[AlertRow]) -> None:
    flow.heading(FAILED, note="the codes of which most failed, then the most frequent")
    draw_strip_table(flow, _by_failures(rows)[:_MOST_FAILED], grouped=False, words=_STRIPS)
    draw_source(flow, "alerts_monthly", more=len(rows) - _MOST_FAILED, shown=_MOST_FAILED, one="code")
    flow.space(_GAP_MM)


def _times(flow: Flow, rows: Sequence[AlertRow]) -> None:
    timed = [row for row in rows if row.own.known]
    if not timed:
        return
    shown = sorted(timed[:_MOST_TIMED], key=lambda row: row.group)
    flow.room(heading_mm() + 30)
    flow.heading(TIMES, note="from raised to delivered; the most frequent codes")
    draw_ranges(flow, shown, words=DELIVERY_TIMES)
    draw_source(flow, "alerts_monthly", more=len(timed) - _MOST_TIMED, shown=_MOST_TIMED, of=_TIMED, one="code")


def _daily(flow: Flow, figures: PackFigures, days: Sequence[Part]) -> None:
    flow.space(_GAP_MM)
    flow.room(heading_mm() + daily_chart_mm(_CHART_MM))
    flow.heading(DAILY, note="all codes together, by the UTC day on which they were raised")
    month = figures.snapshot.month
    draw_daily_chart(flow, month, days, figures.incidents, panel_mm=_CHART_MM, source=ALERT_DAYS, words=_DAYS)
    flow.space(_GAP_MM)


def _codes(flow: Flow, month: Month, rows: Sequence[AlertRow], days: Sequence[Sequence[Part]]) -> None:
    """Draw two panels for each code; all on the same two scales."""
    every = [part for each in days for part in each]
    rates = [rate for part in every for rate in (part.failure_rate, part.industry_failure_rate) if rate is not None]
    times = [ms for part in every for ms in (part.mean_ms, part.industry_mean_ms) if ms is not None]
    scales = Span.from_zero(rates, least=0.01), Span.of_times(times)
    row_mm = _NAME_MM + _PANEL_MM
    height_mm = 4 + row_mm * len(rows) + _NAME_MM
    flow.room(height_mm)
    with flow.paper.figure(panels_words(rows, days), LEFT_MM, flow.y_mm, WIDTH_MM, height_mm):
        for place, title in enumerate((said("Failure rate, from 0"), "Mean delivery time, logarithmic scale")):
            x_mm = LEFT_MM + _SCALE_MM + place * _HALF_MM
            flow.paper.text(x_mm, flow.y_mm + 3, title, size_pt=SMALL_PT, bold=True, colour=BENCHMARK)
        flow.y_mm += 4
        for row, of_row in zip(rows, days, strict=True):
            flow.paper.carry([row.days.series(row.title, of_row)])
            name = fitted(named(f"{row.code} {row.label}"), WIDTH_MM - _SCALE_MM, SMALL_PT, "B")
            flow.paper.text(LEFT_MM + _SCALE_MM, flow.y_mm + 4, name, size_pt=SMALL_PT, bold=True)
            _panels(flow, month, of_row, scales, labelled=row is rows[-1])
            flow.y_mm += row_mm
    flow.y_mm += _NAME_MM


def _panels(flow: Flow, month: Month, days: Sequence[Part], scales: tuple[Span, Span], *, labelled: bool) -> None:
    rates, times = scales
    by_day = {part.label: part for part in days}
    in_order = [by_day.get(day) for day in month.days]
    across = Span(0, len(month.days))
    mondays = [(place + 0.5, weekday_name(day)) for place, day in enumerate(month.days) if day.weekday() == 0]
    plots = [
        Plot(
            flow.paper, LEFT_MM + _SCALE_MM + place * _HALF_MM, flow.y_mm + _NAME_MM, _HALF_MM - _SCALE_MM - 2,
            _PANEL_MM, across, scale,
        )
        for place, scale in enumerate(scales)
    ]  # fmt: skip
    ticks = [(each, percent(each)) for each in (rates.start, rates.end)], times.time_ticks()
    for plot, up in zip(plots, ticks, strict=True):
        plot.frame(up, mondays[::2] if labelled else [(at, "") for at, _ in mondays])
    plots[0].series([part.industry_failure_rate if part else None for part in in_order], BENCHMARK, dashed=True)
    plots[0].series([part.failure_rate if part else None for part in in_order], OWN)
    plots[1].series([part.industry_mean_ms if part else None for part in in_order], BENCHMARK, dashed=True)
    plots[1].series([part.mean_ms if part else None for part in in_order], OWN)


def panels_words(rows: Sequence[AlertRow], days: Sequence[Sequence[Part]]) -> str:
    """Return in words what the panels of the codes show."""
    told = [said("{}: {}", named(row.title), _worst(row, of_row)) for row, of_row in zip(rows, days, strict=True)]
    return joined(" ", told)


def _worst(row: AlertRow, days: Sequence[Part]) -> Said:
    if not any(part.failures for part in days):
        return said("none failed on any day.")
    worst = max(days, key=lambda part: part.failure_rate or 0.0)
    rate = rated(worst.failure_rate, row.days.of(row.days.failure_rate, day=worst.label))
    return said("most failed on {}, {}.", dated(day_name(worst.label)), rate)
