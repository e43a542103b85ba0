"""A page for each business process in use: its SRVs among peers, its days with Incidents, where and why it failed."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.pdf.assumed import draw_assumed_line, names_of
from dcc_analytics.render.pdf.daily_chart import LEAST_PANEL_MM, MOST_PANEL_MM, daily_chart_mm, draw_daily_chart
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow, heading_mm, paragraph_mm
from dcc_analytics.render.pdf.incidents import SECTION, incident_table, weightiest
from dcc_analytics.render.pdf.strips import draw_strip_table
from dcc_analytics.render.pdf.structure import HEADING
from dcc_analytics.render.pdf.style import BENCHMARK, LEFT_MM, MUTED, OWN_TEXT, SMALL_PT, WIDTH_MM
from dcc_analytics.render.pdf.sums import Part, Reason, parts, reasons, worst_day
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.words import count, day_name, duration, percent, plural

#: More reasons than these are summed up in a row.
_MOST_REASONS: Final = 9
_SPLITS: Final = (("Region", "region"), ("Meter Type", "meter_type"), ("SMETS", "smets_version"))
_GAP_MM: Final = 4.0
_DAILY: Final = "Day by day"
_WHERE: Final = "Where it failed"
_WHY: Final = "Why it failed"


def draw_process(flow: Flow, figures: PackFigures, process: str) -> None:
    """Draw the page, or pages, of a process."""
    flow.new_page(process)
    flow.paper.bookmark(process)
    daily = figures.daily.filter(pl.col("process") == process)
    failed = figures.failed.filter(pl.col("process") == process)
    days = parts(daily, "day")
    flow.title(process, _subtitle(figures, process, days))
    draw_assumed_line(flow, process, "Failure rates")
    draw_strip_table(flow, figures.of_process(process), grouped=False)
    flow.space(_GAP_MM)

    incidents = _Incidents(figures)
    tables = _side_by_side(daily, failed)
    tables_mm = heading_mm() + max(each.height_mm for each in tables) + 2 * _GAP_MM
    _daily(flow, figures, process, days, incidents_mm=incidents.height_mm, tables_mm=tables_mm)
    incidents.draw(flow)
    _splits_and_reasons(flow, *tables)


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


def _daily(
    flow: Flow, figures: PackFigures, process: str, days: Sequence[Part], *, incidents_mm: float, tables_mm: float
) -> None:
    """Draw the days as high as leaves place for Incidents and tables; if the tables need a new page, for Incidents."""
    least_mm = heading_mm() + daily_chart_mm(LEAST_PANEL_MM) + incidents_mm
    flow.room(least_mm)
    spare_mm = flow.left_mm - least_mm
    spare_mm -= tables_mm if spare_mm >= tables_mm else _GAP_MM
    flow.heading(f"{_DAILY} {MARK}", note=_day_note(process))
    panel_mm = min(LEAST_PANEL_MM + max(spare_mm, 0.0) / 2, MOST_PANEL_MM)
    draw_daily_chart(flow, figures.snapshot.month, days, figures.incidents, panel_mm=panel_mm)
    flow.space(2)


def _day_note(process: str) -> str:
    """Return by which day, and what the days rest on beyond what the page's line has told already."""
    told = names_of(process, "Failure rates")
    more = [each for each in names_of(_DAILY) if each not in told]
    return f"by the day on which the round trip started; also assumed: {', '.join(more)}"


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


def _side_by_side(daily: pl.DataFrame, failed: pl.DataFrame) -> tuple[Table, Table]:
    return _split_table(daily), _reason_table(reasons(failed))


def _splits_and_reasons(flow: Flow, splits: Table, why: Table) -> None:
    flow.room(heading_mm() + max(splits.height_mm, why.height_mm))
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
