"""Small multiples: the failure rate of each day as a row of small panels, one for each value of a split, on one scale.

A panel is a line or two and a few words. A month of few requests has days on which the only one failed: the scale is
that of days with enough requests to tell, and what lies beyond it is drawn as a ring at its top.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isclose
from typing import Final

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.pdf.daily_chart import incident_span
from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.fonts import fitted
from dcc_analytics.render.pdf.incidents import incident_series
from dcc_analytics.render.pdf.plot import Plot, Span
from dcc_analytics.render.pdf.said import Other, dated, joined, named, other, rated, said
from dcc_analytics.render.pdf.sources import Series
from dcc_analytics.render.pdf.style import (
    BENCHMARK,
    INCIDENT,
    INCIDENT_TINT,
    LEFT_MM,
    MUTED,
    OWN,
    RULE,
    SMALL_PT,
    TEXT,
    WHITE,
    WIDTH_MM,
)
from dcc_analytics.render.pdf.sums import Part, PartSource
from dcc_analytics.render.pdf.words import day_name, percent
from dcc_analytics.render.snapshot_folder import Incident

PANEL_MM: Final = 9.4
_TITLE_MM: Final = 4.2
_DAYS_MM: Final = 4.6
_SCALE_MM: Final = 12.0
_GAP_MM: Final = 4.0
_UNKNOWN: Final = "Unknown"
#: Panels of a row that are still wide enough to be told apart.
MOST_PANELS: Final = 8
_WIDEST_MM: Final = 52.0
#: Days of fewer outcomes do not set the scale while most have more.
_TELLING: Final = 10
_RATES: Final = (0.02, 0.05, 0.10, 0.20, 0.50, 1.0)
_RING_MM: Final = 0.7


@dataclass(frozen=True, slots=True)
class Panel:
    """The days of a part of the recipient's round trips.

    Attributes:
        title: which part.
        days: those on which something was sent.
        spans: from when to when Incidents that touched it lasted, in days since the month began.
        series: what the lines show, with its sources.
    """

    title: str
    days: Sequence[Part]
    spans: Sequence[tuple[float, float]]
    series: Sequence[Series]

    @property
    def industry(self) -> Mapping[date, float]:
        """The industry's rates by day; none where most days have none: a mark here and there is no line."""
        known = {part.label: part.industry_failure_rate for part in self.days if part.industry_failure_rate is not None}
        return known if 2 * len(known) >= len(self.days) else {}


def split_panels(
    month: Month, incidents: Sequence[Incident], by_value: Mapping[str | None, Sequence[Part]],
    source: Callable[[str | None], PartSource], *, is_region: bool,
) -> list[Panel]:  # fmt: skip
    """Return a panel for each value of a split; those of Regions have only the Incidents that touched them.

    Args:
        month: whose days they are.
        incidents: of the month.
        by_value: the days of each value.
        source: of them.
        is_region: whether the values are Regions.
    """
    found = []
    for value, days in by_value.items():
        title = value or _UNKNOWN
        touched = [each for each in incidents if not is_region or not each.regions or value in each.regions]
        spans = [incident_span(each, month) for each in touched]
        shaded = [incident_series(touched)] if touched else []
        found.append(Panel(title, days, spans, (source(value).series(title, days), *shaded)))
    return found


def panels_mm() -> float:
    """Return the height of a row of panels."""
    return _TITLE_MM + PANEL_MM + _DAYS_MM


def common_scale(panels: Sequence[Panel]) -> Span:
    """Return one scale from zero for several panels."""
    days = [part for panel in panels for part in panel.days if part.failure_rate is not None]
    telling = [part for part in days if part.successes + part.failures >= _TELLING]
    if 2 * len(telling) < len(days):
        telling = days
    own = [part.failure_rate or 0.0 for part in telling]
    industry = [rate for panel in panels for rate in panel.industry.values()]
    greatest = max([*own, *industry], default=0.0)
    return Span(0.0, next(rate for rate in _RATES if rate >= greatest - 1e-9))


def draw_panels(flow: Flow, month: Month, panels: Sequence[Panel], scale: Span) -> None:
    """Draw one row of panels; there is place for about eight."""
    if not panels:
        return
    paper, top_mm = flow.paper, flow.y_mm
    place_mm = min((WIDTH_MM - _SCALE_MM + _GAP_MM) / len(panels), _WIDEST_MM + _GAP_MM)
    with paper.figure(panels_words(panels, scale), LEFT_MM, top_mm, WIDTH_MM, panels_mm()):
        for at, panel in enumerate(panels):
            left_mm = LEFT_MM + _SCALE_MM + at * place_mm
            plot = Plot(
                paper, left_mm, top_mm + _TITLE_MM, place_mm - _GAP_MM, PANEL_MM, Span(0, len(month.days)), scale
            )
            title = fitted(named(panel.title), place_mm - 1, SMALL_PT, "B")
            paper.text(left_mm, top_mm + 3, title, size_pt=SMALL_PT, bold=True)
            _panel(plot, month, panel)
            paper.carry(panel.series)
            if at == 0:
                _ticks(plot, scale)
    flow.y_mm = top_mm + panels_mm()


def _ticks(plot: Plot, scale: Span) -> None:
    for rate in (scale.start, scale.end):
        _, y_mm = plot.at(0, rate)
        text = other(percent(rate), Other.TICK)
        plot.paper.text(plot.left_mm - 1, y_mm + 1.0, text, size_pt=SMALL_PT, colour=MUTED, align="right")


def _panel(plot: Plot, month: Month, panel: Panel) -> None:
    paper, right_mm, foot_mm = plot.paper, plot.left_mm + plot.width_mm, plot.top_mm + plot.height_mm
    for start, end in panel.spans:
        (from_mm, _), (to_mm, _) = plot.at(start, 0), plot.at(end, 0)
        paper.rectangle(
            from_mm, plot.top_mm, to_mm - from_mm, plot.height_mm, fill=INCIDENT_TINT, edge=INCIDENT, thick_mm=0.15
        )
    paper.line([(plot.left_mm, plot.top_mm), (right_mm, plot.top_mm)], colour=RULE, thick_mm=0.12)
    paper.line([(plot.left_mm, foot_mm), (right_mm, foot_mm)], colour=MUTED, thick_mm=0.2)
    last = len(month.days)
    for place in (1, last):
        x_mm, _ = plot.at(place - 0.5, 0)
        text = other(str(place), Other.DATE)
        paper.text(x_mm, foot_mm + 3.4, text, size_pt=SMALL_PT, colour=MUTED, align="centre")
    by_day = {part.label: part for part in panel.days}
    in_order = [by_day.get(day) for day in month.days]
    industry = panel.industry
    plot.thin([industry.get(day) for day in month.days], BENCHMARK, dashed=True)
    own = [part.failure_rate if part else None for part in in_order]
    plot.thin(own, OWN)
    for place, rate in enumerate(own):
        if rate is not None and rate > plot.up.end and not isclose(rate, plot.up.end):
            x_mm, y_mm = plot.at(place + 0.5, rate)
            paper.dot(x_mm, y_mm, _RING_MM, fill=WHITE, edge=TEXT, thick_mm=0.25)


def panels_words(panels: Sequence[Panel], scale: Span) -> str:
    """Return in words what a row of panels shows."""
    told = [said("{}: {}", named(panel.title), _worst(panel)) for panel in panels]
    scale_said = other(f"0% to {percent(scale.end)}", Other.TICK)
    return said("Failure rate by day, on a scale from {}. {}", scale_said, joined(" ", told))


def _worst(panel: Panel) -> str:
    if not any(part.failures for part in panel.days):
        return "none failed."
    worst = max(panel.days, key=lambda part: part.failure_rate or 0.0)
    days = PartSource("round_trips_daily", next((each.source.where for each in panel.series), ""))
    rate = rated(worst.failure_rate, days.of(days.failure_rate, day=worst.label))
    return said("most failed on {}, {}.", dated(day_name(worst.label)), rate)
