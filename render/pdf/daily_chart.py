"""Days of the month for one process, or for Alerts: failure rate, mean time and number, with Incidents shaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10
from typing import Final

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.pdf.alternatives import ROUND_TRIPS, DailyWords, daily
from dcc_analytics.render.pdf.day_lines import draw_lines
from dcc_analytics.render.pdf.flow import Flow, key_entry
from dcc_analytics.render.pdf.fonts import width_mm
from dcc_analytics.render.pdf.incidents import incident_number, incident_series
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.plot import Plot, Span
from dcc_analytics.render.pdf.said import said
from dcc_analytics.render.pdf.style import (
    BENCHMARK,
    INCIDENT,
    INCIDENT_TEXT,
    INCIDENT_TINT,
    LEFT_MM,
    MUTED,
    OWN,
    SMALL_PT,
    TEXT,
    WIDTH_MM,
)
from dcc_analytics.render.pdf.sums import Part, PartSource
from dcc_analytics.render.pdf.words import count, duration, percent, weekday_name
from dcc_analytics.render.snapshot_folder import Incident

_DAY_US: Final = 86_400_000_000
#: Left of the panels, for the labels of their scales.
_LABELS_MM: Final = 15.0
_TITLE_MM: Final = 5.0
_KEY_MM: Final = 6.5
_NUMBERS_MM: Final = 4.0
_FOOT_MM: Final = 5.5
_REQUESTS_MM: Final = 9.0
LEAST_PANEL_MM: Final = 14.0
MOST_PANEL_MM: Final = 40.0
_FIXED_MM: Final = _KEY_MM + 3 * _TITLE_MM + _NUMBERS_MM + _REQUESTS_MM + _FOOT_MM + 3
_RATES: Final = (0.02, 0.05, 0.10, 0.20, 0.50, 1.0)
#: Names of ticks nearer than this would overlap.
_LABEL_MM: Final = 3.6
_STEPS_MS: Final = (
    10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000, 120_000, 300_000, 600_000, 1_200_000,
    3_600_000, 7_200_000, 14_400_000, 28_800_000, 86_400_000, 172_800_000, 432_000_000, 864_000_000,
)  # fmt: skip
_DECADES_MS: Final = (10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000, 864_000_000)
#: Means that differ more than this are drawn on a logarithmic scale.
_WIDE_RANGE: Final = 25
#: A span shorter than this would not be seen.
_LEAST_SPAN_DAYS: Final = 0.2


def daily_chart_mm(panel_mm: float) -> float:
    """Return the height of the chart with its two large panels of a height."""
    return _FIXED_MM + 2 * panel_mm


def draw_daily_chart(
    flow: Flow,
    month: Month,
    days: Sequence[Part],
    incidents: Sequence[Incident],
    *,
    panel_mm: float,
    source: PartSource,
    words: DailyWords = ROUND_TRIPS,
) -> None:
    """Draw the chart at the flow's place."""
    alternative = daily(days, incidents, source, words)
    with flow.paper.figure(alternative, LEFT_MM, flow.y_mm, WIDTH_MM, daily_chart_mm(panel_mm)):
        flow.paper.carry([source.series("days", days), *([incident_series(incidents)] if incidents else [])])
        _draw(flow, month, days, incidents, panel_mm=panel_mm, words=words)


def _draw(
    flow: Flow,
    month: Month,
    days: Sequence[Part],
    incidents: Sequence[Incident],
    *,
    panel_mm: float,
    words: DailyWords,
) -> None:
    by_day = {part.label: part for part in days}
    in_order = [by_day.get(day) for day in month.days]
    paper = flow.paper
    _key(
        flow,
        words,
        industry=any(part.industry_failure_rate is not None for part in days),
        incidents=bool(incidents),
    )
    figure_mm = 2 * panel_mm + 2 * _TITLE_MM + _REQUESTS_MM + _FOOT_MM + 1
    flow.y_mm += _TITLE_MM + _NUMBERS_MM
    tops = [0.0, panel_mm + _TITLE_MM + 1, 2 * (panel_mm + _TITLE_MM + 1)]
    rates, times, number = _rates(in_order), _times(in_order), _volumes(in_order)
    spans = [incident_span(incident, month) for incident in incidents]
    panels = zip((rates, times, number), tops, (panel_mm, panel_mm, _REQUESTS_MM), strict=True)
    for panel, top, high_mm in panels:
        plot = Plot(
            paper, LEFT_MM + _LABELS_MM, flow.y_mm + top, WIDTH_MM - _LABELS_MM, high_mm, Span(0, len(month.days)),
            panel.scale,
        )  # fmt: skip
        _frame(plot, panel, month, spans, labelled=panel is number)
        if panel is number:
            plot.columns([float(part.requests) if part else 0.0 for part in in_order])
        else:
            draw_lines(plot, panel.own, panel.industry)
    _numbers(paper, flow.y_mm, month, incidents, spans)
    scale = ", logarithmic scale" if times.scale.logarithmic else ", from 0"
    timed, counted = words.titles
    titles = (said("Failure rate, from 0"), said(f"{timed}{scale}"), counted)
    for top, title, above in zip(tops, titles, (_NUMBERS_MM, 0.0, 0.0), strict=True):
        paper.text(LEFT_MM + _LABELS_MM, flow.y_mm + top - above - 1.6, title, size_pt=SMALL_PT, bold=True, colour=TEXT)
    flow.y_mm += figure_mm + 1


def incident_span(incident: Incident, month: Month) -> tuple[float, float]:
    """Return from when to when an Incident lasted, in days since the month began."""
    start = max((incident.opened_at_us - month.start_us) / _DAY_US, 0.0)
    start = min(start, len(month.days) - _LEAST_SPAN_DAYS)
    closed_us = month.end_us if incident.closed_at_us is None else incident.closed_at_us
    end = min((closed_us - month.start_us) / _DAY_US, float(len(month.days)))
    return start, max(end, start + _LEAST_SPAN_DAYS)


def _key(flow: Flow, words: DailyWords, *, industry: bool, incidents: bool) -> None:
    paper, y_mm = flow.paper, flow.y_mm + 1.6
    x_mm = LEFT_MM
    paper.line([(x_mm, y_mm), (x_mm + 9, y_mm)], colour=OWN, thick_mm=0.6)
    paper.dot(x_mm + 4.5, y_mm, 0.9, fill=OWN)
    x_mm = key_entry(paper, x_mm + 11, y_mm + 1.1, "you")
    if industry:
        paper.line([(x_mm, y_mm), (x_mm + 9, y_mm)], colour=BENCHMARK, thick_mm=0.5, dash_mm=(1.4, 0.7))
        x_mm = key_entry(paper, x_mm + 11, y_mm + 1.1, f"industry, at your mix of {words.number}")
    if incidents:
        paper.rectangle(x_mm, y_mm - 1.6, 5, 3.2, fill=INCIDENT_TINT, edge=INCIDENT)
        x_mm = key_entry(paper, x_mm + 7, y_mm + 1.1, said("Category 1 or 2 Incident, by its number"))
    if not industry:
        paper.text(x_mm, y_mm + 1.1, "(too many figures of others are withheld)", size_pt=SMALL_PT, colour=MUTED)
    flow.y_mm += _KEY_MM


@dataclass(frozen=True, slots=True)
class _Panel:
    """A panel: its scale upwards with its ticks, and what the lines show."""

    scale: Span
    ticks: Sequence[tuple[float, str]]
    own: Sequence[float | None] = ()
    industry: Sequence[float | None] = ()


def _frame(plot: Plot, panel: _Panel, month: Month, spans: Sequence[tuple[float, float]], *, labelled: bool) -> None:
    for start, end in spans:
        (from_mm, _), (to_mm, _) = (plot.at(each, panel.scale.start) for each in (start, end))
        plot.paper.rectangle(
            from_mm, plot.top_mm, to_mm - from_mm, plot.height_mm, fill=INCIDENT_TINT, edge=INCIDENT, thick_mm=0.18
        )
    mondays = [(place + 0.5, day) for place, day in enumerate(month.days) if day.weekday() == 0]
    plot.frame(_apart(panel, plot.height_mm), [(at, weekday_name(day) if labelled else "") for at, day in mondays])


def _apart(panel: _Panel, high_mm: float) -> list[tuple[float, str]]:
    """Return the ticks with the names that have place above the one before."""
    found: list[tuple[float, str]] = []
    named_mm = -_LABEL_MM
    for value, name in panel.ticks:
        at_mm = panel.scale.share(value) * high_mm
        fits = at_mm - named_mm >= _LABEL_MM
        found.append((value, name if fits else ""))
        named_mm = at_mm if fits else named_mm
    return found


def _rates(days: Sequence[Part | None]) -> _Panel:
    own = [part.failure_rate if part else None for part in days]
    industry = [part.industry_failure_rate if part else None for part in days]
    greatest = max((rate for rate in (*own, *industry) if rate is not None), default=0.0)
    top = next(rate for rate in _RATES if rate >= greatest)
    return _Panel(Span(0, top), [(each, percent(each)) for each in (0.0, top / 2, top)], own, industry)


def _times(days: Sequence[Part | None]) -> _Panel:
    own = [part.mean_ms if part else None for part in days]
    industry = [part.industry_mean_ms if part else None for part in days]
    values = [max(ms, 1.0) for ms in (*own, *industry) if ms is not None]
    if values and max(values) / min(values) > _WIDE_RANGE:
        low, high = 10 ** (log10(min(values)) // 1), 10.0 ** ceil(log10(max(values)))
        ticks = [(float(ms), duration(ms)) for ms in _DECADES_MS if low <= ms <= high]
        return _Panel(Span(low, high, logarithmic=True), ticks, own, industry)
    top = float(next((ms for ms in _STEPS_MS if ms >= max(values, default=1)), max(values, default=1)))
    return _Panel(Span(0, top), [(each, duration(round(each))) for each in (0.0, top / 2, top)], own, industry)


def _volumes(days: Sequence[Part | None]) -> _Panel:
    top = max((part.requests if part else 0 for part in days), default=0) or 1
    return _Panel(Span(0, top * 1.05), [(0.0, "0"), (float(top), count(top))])


def _numbers(
    paper: Paper,
    top_mm: float,
    month: Month,
    incidents: Sequence[Incident],
    spans: Sequence[tuple[float, float]],
) -> None:
    """Write the numbers of Incidents where their spans begin, moved aside where they would meet."""
    day_mm = (WIDTH_MM - _LABELS_MM) / len(month.days)
    widths = [width_mm(str(incident.number), SMALL_PT, "B") + 1.2 for incident in incidents]
    right_mm = LEFT_MM + WIDTH_MM
    if sum(widths) > WIDTH_MM - _LABELS_MM:
        return  # more Incidents than numbers have place for: the table gives their times
    places = [LEFT_MM + _LABELS_MM + start * day_mm + wide / 2 for (start, _), wide in zip(spans, widths, strict=True)]
    for place in range(1, len(places)):
        places[place] = max(places[place], places[place - 1] + (widths[place - 1] + widths[place]) / 2)
    for place in reversed(range(len(places))):
        limit_mm = right_mm - widths[place] / 2
        if place + 1 < len(places):
            limit_mm = places[place + 1] - (widths[place + 1] + widths[place]) / 2
        places[place] = min(places[place], limit_mm)
    for incident, x_mm in zip(incidents, places, strict=True):
        text = incident_number(incident)
        paper.text(x_mm, top_mm - 1.0, text, size_pt=SMALL_PT, bold=True, colour=INCIDENT_TEXT, align="centre")
