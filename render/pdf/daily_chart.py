"""Days of the month for one process, or for Alerts: failure rate, mean time and number, with Incidents shaded."""

from collections.abc import Sequence
from math import ceil, log10, nan
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.pdf.alternatives import ROUND_TRIPS, DailyWords, daily
from dcc_analytics.render.pdf.flow import Flow, key_entry
from dcc_analytics.render.pdf.fonts import width_mm
from dcc_analytics.render.pdf.matplotlib_page import draw_figure, new_figure
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.style import (
    BENCHMARK,
    INCIDENT,
    INCIDENT_TEXT,
    INCIDENT_TINT,
    LEFT_MM,
    MUTED,
    OWN,
    RULE,
    SMALL_PT,
    TEXT,
    WIDTH_MM,
)
from dcc_analytics.render.pdf.sums import Part
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
    words: DailyWords = ROUND_TRIPS,
) -> None:
    """Draw the chart at the flow's place."""
    said = daily(days, incidents, words)
    with flow.paper.figure(said, LEFT_MM, flow.y_mm, WIDTH_MM, daily_chart_mm(panel_mm)):
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
    plot_mm = WIDTH_MM - _LABELS_MM
    figure_mm = 2 * panel_mm + 2 * _TITLE_MM + _REQUESTS_MM + _FOOT_MM + 1
    flow.y_mm += _TITLE_MM + _NUMBERS_MM
    figure = new_figure(WIDTH_MM, figure_mm)
    tops = [0.0, panel_mm + _TITLE_MM + 1, 2 * (panel_mm + _TITLE_MM + 1)]
    heights = [panel_mm, panel_mm, _REQUESTS_MM]
    axes = [
        figure.add_axes((_LABELS_MM / WIDTH_MM, 1 - (top + high) / figure_mm, plot_mm / WIDTH_MM, high / figure_mm))
        for top, high in zip(tops, heights, strict=True)
    ]
    spans = [_span(incident, month) for incident in incidents]
    with mpl.rc_context({"font.size": SMALL_PT, "font.family": "DejaVu Sans"}):
        for place, each in enumerate(axes):
            _frame(each, month, spans, labelled=place == len(axes) - 1)
        _rates(axes[0], in_order)
        logarithmic = _times(axes[1], in_order)
        _volumes(axes[2], in_order)
        draw_figure(paper, figure, LEFT_MM, flow.y_mm)
    _numbers(paper, flow.y_mm, month, incidents, spans)
    scale = ", logarithmic scale" if logarithmic else ", from 0"
    times, number = words.titles
    titles = ("Failure rate, from 0", f"{times}{scale}", number)
    for top, title, above in zip(tops, titles, (_NUMBERS_MM, 0.0, 0.0), strict=True):
        paper.text(LEFT_MM + _LABELS_MM, flow.y_mm + top - above - 1.6, title, size_pt=SMALL_PT, bold=True, colour=TEXT)
    flow.y_mm += figure_mm + 1


def _span(incident: Incident, month: Month) -> tuple[float, float]:
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
        x_mm = key_entry(paper, x_mm + 7, y_mm + 1.1, "Category 1 or 2 Incident, by its number")
    if not industry:
        paper.text(x_mm, y_mm + 1.1, "(too many figures of others are withheld)", size_pt=SMALL_PT, colour=MUTED)
    flow.y_mm += _KEY_MM


def _frame(axes: Axes, month: Month, spans: Sequence[tuple[float, float]], *, labelled: bool) -> None:
    axes.set_facecolor("none")
    axes.set_xlim(0, len(month.days))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(color=MUTED, linewidth=0.6)
    mondays = [place for place, day in enumerate(month.days) if day.weekday() == 0]
    axes.set_xticks([place + 0.5 for place in mondays])
    axes.set_xticklabels([weekday_name(month.days[place]) if labelled else "" for place in mondays])
    axes.tick_params(axis="x", length=2.5, width=0.6, color=MUTED, labelcolor=MUTED, labelsize=SMALL_PT, pad=2)
    axes.tick_params(axis="y", length=0, labelcolor=MUTED, labelsize=SMALL_PT, pad=3)
    axes.grid(visible=True, axis="y", color=RULE, linewidth=0.4)
    axes.set_axisbelow(True)
    for start, end in spans:
        axes.axvspan(start, end, facecolor=INCIDENT_TINT, edgecolor=INCIDENT, linewidth=0.5, zorder=0)


def _line(axes: Axes, values: Sequence[float | None], *, own: bool) -> None:
    x = [place + 0.5 for place in range(len(values))]
    y = [nan if value is None else value for value in values]
    if own:
        axes.plot(
            x,
            y,
            color=OWN,
            linewidth=1.5,
            marker="o",
            markersize=4,
            markeredgewidth=0,
            zorder=4,
            clip_on=False,
        )
    elif any(value is not None for value in values):
        axes.plot(x, y, color=BENCHMARK, linewidth=1.2, dashes=(3.3, 1.7), zorder=3)


def _rates(axes: Axes, days: Sequence[Part | None]) -> None:
    own = [part.failure_rate if part else None for part in days]
    industry = [part.industry_failure_rate if part else None for part in days]
    _line(axes, industry, own=False)
    _line(axes, own, own=True)
    greatest = max((rate for rate in (*own, *industry) if rate is not None), default=0.0)
    top = next(rate for rate in _RATES if rate >= greatest)
    axes.set_ylim(0, top)
    axes.set_yticks([0, top / 2, top], [percent(each) for each in (0.0, top / 2, top)])


def _times(axes: Axes, days: Sequence[Part | None]) -> bool:
    """Draw the means; return whether on a logarithmic scale."""
    own = [part.mean_ms if part else None for part in days]
    industry = [part.industry_mean_ms if part else None for part in days]
    _line(axes, industry, own=False)
    _line(axes, own, own=True)
    values = [max(ms, 1.0) for ms in (*own, *industry) if ms is not None]
    if values and max(values) / min(values) > _WIDE_RANGE:
        axes.set_yscale("log")
        low, high = 10 ** (log10(min(values)) // 1), 10 ** ceil(log10(max(values)))
        axes.set_ylim(low, high)
        ticks = [ms for ms in _DECADES_MS if low <= ms <= high]
        axes.set_yticks(ticks, [duration(ms) for ms in ticks])
        axes.minorticks_off()
        return True
    top = next((ms for ms in _STEPS_MS if ms >= max(values, default=1)), max(values, default=1))
    axes.set_ylim(0, top)
    axes.set_yticks([0, top / 2, top], [duration(round(each)) for each in (0, top / 2, top)])
    return False


def _volumes(axes: Axes, days: Sequence[Part | None]) -> None:
    heights = [part.requests if part else 0 for part in days]
    axes.vlines([place + 0.5 for place in range(len(days))], 0, heights, color=OWN, linewidth=8, zorder=3)
    top = max(heights, default=0) or 1
    axes.set_ylim(0, top * 1.05)
    axes.set_yticks([0, top], ["0", count(top)])


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
        text = str(incident.number)
        paper.text(x_mm, top_mm - 1.0, text, size_pt=SMALL_PT, bold=True, colour=INCIDENT_TEXT, align="centre")
