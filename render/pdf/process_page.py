"""A page for each business process in use: its SRVs among peers, its days with Incidents, where and why it failed."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.pdf.assumed import draw_assumed_line, names_of
from dcc_analytics.render.pdf.common_theme import striking, theme_table, themes
from dcc_analytics.render.pdf.daily_chart import LEAST_PANEL_MM, MOST_PANEL_MM, daily_chart_mm, draw_daily_chart
from dcc_analytics.render.pdf.figures import ENOUGH_OUTCOMES, PackFigures, ServiceRow
from dcc_analytics.render.pdf.flow import Flow, heading_mm, paragraph_mm
from dcc_analytics.render.pdf.incidents import SECTION, incident_table, weightiest
from dcc_analytics.render.pdf.strips import ROW_MM, draw_strip_table
from dcc_analytics.render.pdf.structure import HEADING
from dcc_analytics.render.pdf.style import BENCHMARK, LEFT_MM, MUTED, OWN_TEXT, SMALL_PT, WIDTH_MM
from dcc_analytics.render.pdf.sums import Part, Reason, parts, reasons, worst_day
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.words import count, day_name, duration, percent, plural

#: More reasons than these are summed up in a row.
_MOST_REASONS: Final = 6
_SPLITS: Final = (("Region", "region"), ("Meter Type", "meter_type"), ("SMETS", "smets_version"))
_GAP_MM: Final = 4.0
_DAILY: Final = "Day by day"
_WHERE: Final = "Where it failed"
_WHY: Final = "Why it failed"
_COMMON: Final = "What failures have in common"
_COMMON_NOTE: Final = "shares are of the Device Type; from failures.csv"
#: Rows of the strip table that a page has place for.
_MOST_ROWS: Final = 5
#: What a process without a chart needs beyond its rows and tables.
_FEW_MM: Final = 60.0
_TOO_FEW: Final = f"Fewer than {ENOUGH_OUTCOMES} had an outcome: their days are in round_trips_daily.csv."


def draw_process(flow: Flow, figures: PackFigures, process: str, *, goes_on: bool) -> bool:
    """Draw the page of a process, or what it has of one: a process of few round trips has no chart.

    Args:
        flow: where to draw.
        figures: of the pack.
        process: which.
        goes_on: whether the page before has place left for another of few.

    Returns:
        Whether it was of few.
    """
    daily = figures.daily.filter(pl.col("process") == process)
    failed = figures.failed.filter(pl.col("process") == process)
    rows, days = figures.of_process(process), parts(daily, "day")
    below = _Below(daily, failed, figures.models)
    few = sum(row.outcomes for row in rows) < ENOUGH_OUTCOMES
    if few and goes_on and flow.left_mm >= _FEW_MM + ROW_MM * min(len(rows), _MOST_ROWS) + below.height_mm:
        flow.space(2 * _GAP_MM)
    else:
        flow.new_page(process)
    flow.paper.bookmark(process)
    flow.title(process, f"{_subtitle(figures, process, days)} {below.striking}".rstrip())
    draw_assumed_line(flow, process, "Failure rates")
    _strip(flow, rows)
    if few:
        flow.paragraph(_TOO_FEW, size_pt=SMALL_PT, colour=MUTED)
        flow.space(_GAP_MM)
    else:
        _daily(flow, figures, process, days, below_mm=below.height_mm)
    below.draw(flow)
    return few


def _strip(flow: Flow, rows: Sequence[ServiceRow]) -> None:
    """Draw the rows of which most failed, in their order; all are among the failure rates."""
    by_failures = sorted(rows, key=lambda row: -row.failures)[:_MOST_ROWS]
    draw_strip_table(flow, [row for row in rows if row in by_failures], grouped=False)
    if more := len(rows) - len(by_failures):
        flow.space(1)
        flow.paragraph(f"{plural(more, 'more row')} on the page 'Failure rates'.", size_pt=SMALL_PT, colour=MUTED)
    flow.space(_GAP_MM)


def _subtitle(figures: PackFigures, process: str, days: Sequence[Part]) -> str:
    rows = figures.of_process(process)
    failures, outcomes = sum(row.failures for row in rows), sum(row.outcomes for row in rows)
    still_open = sum(row.open for row in rows)
    said = f"{figures.month}: {plural(sum(row.requests for row in rows), 'request')}, {plural(failures, 'failure')}"
    if outcomes:
        said += f" ({percent(failures / outcomes)})"
    if still_open:
        said += f", {count(still_open)} still open"
    worst = worst_day(days)
    if worst is None:
        return f"{said}."
    return f"{said}. The worst day was {day_name(worst[0])}, when {percent(worst[1])} failed."


def _daily(flow: Flow, figures: PackFigures, process: str, days: Sequence[Part], *, below_mm: float) -> None:
    """Draw the days, as high as leaves place for what stands below; Incidents are listed where they have place too."""
    least_mm = heading_mm() + daily_chart_mm(LEAST_PANEL_MM) + _GAP_MM
    flow.room(least_mm + below_mm)
    spare_mm = flow.left_mm - least_mm - below_mm
    incidents = _Incidents(figures)
    listed = spare_mm >= incidents.height_mm
    if listed:
        spare_mm -= incidents.height_mm
    flow.heading(f"{_DAILY} {MARK}", note=_day_note(process))
    panel_mm = min(LEAST_PANEL_MM + max(spare_mm, 0.0) / 2, MOST_PANEL_MM)
    draw_daily_chart(flow, figures.snapshot.month, days, figures.incidents, panel_mm=panel_mm)
    flow.space(_GAP_MM / 2)
    if listed:
        incidents.draw(flow)


def _day_note(process: str) -> str:
    """Return by which day, and what the days rest on beyond what the page's line has told already."""
    told = names_of(process, "Failure rates")
    more = [each for each in names_of(_DAILY) if each not in told]
    return f"from round_trips_daily.csv; also assumed: {', '.join(more)}"


class _Incidents:
    """What is said of Incidents below the chart: nothing but a line, or the weightiest of them."""

    def __init__(self, figures: PackFigures) -> None:
        shown = weightiest(figures.incidents, figures.snapshot.month.end_us)
        self._table = incident_table(shown) if shown else None
        more = len(figures.incidents) - len(shown)
        self._note = (
            f"{count(more)} more, and all in full, are on the page {SECTION!r}." if more
            else f"In full on the page {SECTION!r}." if shown
            else "No Category 1 or 2 Incident touched the month."
        )  # fmt: skip

    @property
    def height_mm(self) -> float:
        table_mm = self._table.height_mm + 1 if self._table else 0.0
        return table_mm + paragraph_mm(self._note, size_pt=SMALL_PT) + _GAP_MM

    def draw(self, flow: Flow) -> None:
        flow.room(self.height_mm)
        if self._table:
            self._table.draw(flow)
            flow.space(1)
        flow.paragraph(self._note, size_pt=SMALL_PT, colour=MUTED)
        flow.space(_GAP_MM)


class _Below:
    """What stands below the days: where it failed beside why, and what failures have in common."""

    def __init__(self, daily: pl.DataFrame, failed: pl.DataFrame, models: pl.DataFrame) -> None:
        self._splits, self._why = _split_table(daily), _reason_table(reasons(failed))
        found = themes(failed, models)
        self._themes = theme_table(found) if found else None
        self.striking = striking(found)

    @property
    def height_mm(self) -> float:
        beside_mm = heading_mm() + max(self._splits.height_mm, self._why.height_mm)
        return beside_mm + (_GAP_MM + heading_mm() + self._themes.height_mm if self._themes else 0.0)

    def draw(self, flow: Flow) -> None:
        flow.room(self.height_mm)
        _splits_and_reasons(flow, self._splits, self._why)
        if self._themes:
            flow.space(_GAP_MM)
            flow.heading(f"{_COMMON} {MARK}", note=_COMMON_NOTE)
            self._themes.draw(flow)


def _splits_and_reasons(flow: Flow, splits: Table, why: Table) -> None:
    right_mm = LEFT_MM + WIDTH_MM - why.wide_mm
    top_mm = flow.y_mm
    flow.heading(f"{_WHERE} {MARK}")
    splits.draw(flow)
    foot_mm = flow.y_mm
    flow.y_mm = top_mm
    flow.lines([f"{_WHY} {MARK}"], left_mm=right_mm, size_pt=11.0, bold=True, tag=HEADING)
    flow.y_mm = top_mm + heading_mm()
    if why.rows:
        why.draw(flow, left_mm=right_mm)
    else:
        flow.paragraph("Nothing failed.", left_mm=right_mm, width=why.wide_mm, size_pt=SMALL_PT)
    flow.y_mm = max(foot_mm, flow.y_mm)


def _split_table(daily: pl.DataFrame) -> Table:
    columns = (
        TableColumn("By", 21, bold=True),
        TableColumn("", 17),
        TableColumn("Requests", 20, "right"),
        TableColumn("Failed", 16, "right", bold=True, colour=OWN_TEXT),
        TableColumn("Industry", 16.5, "right", colour=BENCHMARK),
        TableColumn("Mean", 14, "right"),
    )
    rows = [
        (
            title if place == 0 else "",
            part.label or "Unknown",
            count(part.requests),
            percent(part.failure_rate),
            percent(part.industry_failure_rate),
            duration(None if part.mean_ms is None else round(part.mean_ms)),
        )
        for title, column in _SPLITS
        for place, part in enumerate(parts(daily, column))
    ]
    return Table.of(columns, rows)


def _reason_table(found: Sequence[Reason]) -> Table:
    columns = (
        TableColumn("Reason", 23),
        TableColumn("Meaning", 27, most_lines=2),
        TableColumn("Failures", 20, "right", bold=True, colour=OWN_TEXT),
    )
    rows = [(reason.code, reason.short, count(reason.failures)) for reason in found[:_MOST_REASONS]]
    if rest := found[_MOST_REASONS:]:
        rows.append((f"{len(rest)} more", "see failures.csv", count(sum(reason.failures for reason in rest))))
    return Table.of(columns, rows)
