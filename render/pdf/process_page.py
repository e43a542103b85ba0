"""A page for each business process in use: its SRVs among peers, its days with Incidents, where and why it failed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.pdf.assumed import draw_assumed_line, names_of
from dcc_analytics.render.pdf.common_theme import striking, theme_table, themes
from dcc_analytics.render.pdf.daily_chart import LEAST_PANEL_MM, MOST_PANEL_MM, daily_chart_mm, draw_daily_chart
from dcc_analytics.render.pdf.figures import ENOUGH_OUTCOMES, PackFigures, ServiceRow
from dcc_analytics.render.pdf.flow import Flow, heading_mm, paragraph_mm
from dcc_analytics.render.pdf.incidents import SECTION, further, incident_table, weightiest
from dcc_analytics.render.pdf.row_sums import Key
from dcc_analytics.render.pdf.said import Other, Said, counted, joined, lasting, named, number, other, rated, said
from dcc_analytics.render.pdf.small_multiples import (
    MOST_PANELS,
    Panel,
    common_scale,
    draw_panels,
    panels_mm,
    split_panels,
)
from dcc_analytics.render.pdf.sources import FAILURE_RATE, Source, quoted
from dcc_analytics.render.pdf.sources import rows as rows_where
from dcc_analytics.render.pdf.strips import ROW_MM, draw_strip_table
from dcc_analytics.render.pdf.structure import HEADING
from dcc_analytics.render.pdf.style import BENCHMARK, LEFT_MM, MUTED, OWN_TEXT, SMALL_PT, WIDTH_MM
from dcc_analytics.render.pdf.sums import Part, PartSource, Reason, parts, parts_by, reasons, worst_day, worst_day_said
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.words import listed

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
_MOST_PAGES: Final = 2
_REGIONS: Final = "Failure rate by Region, on one scale; dashed: industry; ring: beyond the scale"
_FEW_MM: Final = 60.0
_TOO_FEW: Final = said(f"Fewer than {ENOUGH_OUTCOMES} had an outcome: their days are in round_trips_daily.csv.")


def draw_process(flow: Flow, figures: PackFigures, process: str, *, goes_on: bool, annex: Mapping[Key, int]) -> bool:
    """Draw the page of a process, or what it has of one: a process of few round trips has no chart.

    Args:
        flow: where to draw.
        figures: of the pack.
        process: which.
        goes_on: whether the page before has place left for another of few.
        annex: on which page of the annex each row stands.

    Returns:
        Whether it was of few.
    """
    daily = figures.daily.filter(pl.col("process") == process)
    failed = figures.failed.filter(pl.col("process") == process)
    rows, days = figures.of_process(process), parts(daily, "day")
    below = _Below(process, daily, failed, figures.models, in_annex(rows, annex))
    few = sum(row.outcomes for row in rows) < ENOUGH_OUTCOMES
    if few and goes_on and flow.left_mm >= _FEW_MM + ROW_MM * min(len(rows), _MOST_ROWS) + below.height_mm:
        flow.space(2 * _GAP_MM)
    else:
        flow.new_page(process)
    flow.paper.bookmark(process)
    flow.title(process, joined(" ", filter(None, (_subtitle(figures, process, days), below.striking))))
    draw_assumed_line(flow, process, "Failure rates")
    _strip(flow, process, rows)
    if few:
        flow.paragraph(_TOO_FEW, size_pt=SMALL_PT, colour=MUTED)
        flow.space(_GAP_MM)
    else:
        _daily(flow, figures, process, days, below_mm=below.height_mm)
    below.draw(flow)
    return few


def _strip(flow: Flow, process: str, rows: Sequence[ServiceRow]) -> None:
    """Draw the rows of which most failed, in their order; all are among the failure rates."""
    by_failures = sorted(rows, key=lambda row: -row.failures)[:_MOST_ROWS]
    draw_strip_table(flow, [row for row in rows if row in by_failures], grouped=False)
    if more := len(rows) - len(by_failures):
        flow.space(1)
        source = Source("round_trips_monthly", rows_where(process=process), f"count(*) - {len(by_failures)}")
        told = said("{} on the page 'Failure rates'.", counted(more, "more row", source))
        flow.paragraph(told, size_pt=SMALL_PT, colour=MUTED)
    flow.space(_GAP_MM)


def _subtitle(figures: PackFigures, process: str, days: Sequence[Part]) -> Said:
    rows = figures.of_process(process)
    failures, outcomes = sum(row.failures for row in rows), sum(row.outcomes for row in rows)
    still_open = sum(row.open for row in rows)
    month = Source("round_trips_monthly", rows_where(process=process), FAILURE_RATE)
    requests = counted(sum(row.requests for row in rows), "request", month.of("sum(requests)"))
    told = said("{}: {}, {}", figures.month, requests, counted(failures, "failure", month.of("sum(failures)")))
    if outcomes:
        told += said(" ({})", rated(failures / outcomes, month))
    if still_open:
        told += said(", {} still open", number(still_open, month.of("sum(open)")))
    return told + worst_day_said(worst_day(days), _days_of(process), "failed")


def in_annex(rows: Sequence[ServiceRow], annex: Mapping[Key, int]) -> str:
    """Return where in the annex some rows stand."""
    pages = [str(page) for page in sorted({annex[row.key] for row in rows})]
    numbers = listed(pages if len(pages) <= _MOST_PAGES else [f"{pages[0]} to {pages[-1]}"])
    return said("annex {} {}", "page" if len(pages) == 1 else "pages", other(numbers, Other.PAGE))


def _days_of(process: str) -> PartSource:
    return PartSource("round_trips_daily", rows_where(process=process))


def _daily(flow: Flow, figures: PackFigures, process: str, days: Sequence[Part], *, below_mm: float) -> None:
    """Draw the days, as high as leaves place for what stands below; Incidents and Regions too where they have place."""
    least_mm = heading_mm() + daily_chart_mm(LEAST_PANEL_MM) + _GAP_MM
    flow.room(least_mm + below_mm)
    spare_mm = flow.left_mm - least_mm - below_mm
    incidents = _Incidents(figures)
    listed = spare_mm >= incidents.height_mm
    if listed:
        spare_mm -= incidents.height_mm
    regions = _region_panels(figures, process)
    if split := len(regions) > 1 and spare_mm >= _regions_mm():
        spare_mm -= _regions_mm()
    flow.heading(f"{_DAILY} {MARK}", note=_day_note(process))
    panel_mm = min(LEAST_PANEL_MM + max(spare_mm, 0.0) / 2, MOST_PANEL_MM)
    draw_daily_chart(flow, figures.snapshot.month, days, figures.incidents, panel_mm=panel_mm, source=_days_of(process))
    flow.space(_GAP_MM / 2)
    if split:
        flow.paragraph(_REGIONS, size_pt=SMALL_PT, colour=MUTED)
        draw_panels(flow, figures.snapshot.month, regions, common_scale(regions))
        flow.space(_GAP_MM / 2)
    if listed:
        incidents.draw(flow)


def _regions_mm() -> float:
    return paragraph_mm(_REGIONS, size_pt=SMALL_PT) + panels_mm() + _GAP_MM


def _region_panels(figures: PackFigures, process: str) -> list[Panel]:
    daily = figures.daily.filter(pl.col("process") == process)
    source = _days_of(process)

    def of_region(region: str | None) -> PartSource:
        return replace(source, where=rows_where(source.where, region=region))

    by_region = {region: days for (region,), days in parts_by(daily, ("region",), "day").items()}
    return split_panels(figures.snapshot.month, figures.incidents, by_region, of_region, is_region=True)[:MOST_PANELS]


def _day_note(process: str) -> str:
    """Return by which day, and what the days rest on beyond what the page's line has told already."""
    told = names_of(process, "Failure rates")
    more = [each for each in names_of(_DAILY) if each not in told]
    return said("from round_trips_daily.csv; also assumed: {}", named(", ".join(more)))


class _Incidents:
    """What is said of Incidents below the chart: nothing but a line, or the weightiest of them."""

    def __init__(self, figures: PackFigures) -> None:
        shown = weightiest(figures.incidents, figures.snapshot.month.end_us)
        self._table = incident_table(shown) if shown else None
        more = len(figures.incidents) - len(shown)
        self._note = (
            said("{} more, and all in full, are on the page 'Incidents'.", further(figures.incidents, shown)) if more
            else f"In full on the page {SECTION!r}." if shown
            else said("No Category 1 or 2 Incident touched the month.")
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

    def __init__(
        self, process: str, daily: pl.DataFrame, failed: pl.DataFrame, models: pl.DataFrame, annex: str
    ) -> None:
        self._annex = annex
        self._splits, self._why = _split_table(process, daily), _reason_table(process, reasons(failed))
        found = themes(failed, models)
        self._themes = theme_table(found) if found else None
        self.striking = striking(found)

    @property
    def height_mm(self) -> float:
        beside_mm = heading_mm() + max(self._splits.height_mm, self._why.height_mm)
        return beside_mm + (_GAP_MM + heading_mm() + self._themes.height_mm if self._themes else 0.0)

    def draw(self, flow: Flow) -> None:
        flow.room(self.height_mm)
        _splits_and_reasons(flow, self._splits, self._why, self._annex)
        if self._themes:
            flow.space(_GAP_MM)
            flow.heading(f"{_COMMON} {MARK}", note=_COMMON_NOTE)
            self._themes.draw(flow)


def _splits_and_reasons(flow: Flow, splits: Table, why: Table, annex: str) -> None:
    right_mm = LEFT_MM + WIDTH_MM - why.wide_mm
    top_mm = flow.y_mm
    flow.heading(f"{_WHERE} {MARK}", note=annex)
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


def _split_table(process: str, daily: pl.DataFrame) -> Table:
    columns = (
        TableColumn("By", 21, bold=True),
        TableColumn("", 17),
        TableColumn("Requests", 20, "right"),
        TableColumn("Failed", 16, "right", bold=True, colour=OWN_TEXT),
        TableColumn("Industry", 16.5, "right", colour=BENCHMARK),
        TableColumn("Mean", 14, "right"),
    )
    rows = [
        (title if place == 0 else "", *_part_cells(_days_of(process), column, part))
        for title, column in _SPLITS
        for place, part in enumerate(parts(daily, column))
    ]
    return Table.of(columns, rows)


def _part_cells(days: PartSource, column: str, part: Part) -> tuple[str, ...]:
    def of(value: str) -> Source:
        return days.of(value, **{column: part.label})

    return (
        named(part.label or "Unknown"),
        number(part.requests, of(days.number)),
        rated(part.failure_rate, of(days.failure_rate)),
        rated(part.industry_failure_rate, of(days.industry_failure_rate)),
        lasting(None if part.mean_ms is None else round(part.mean_ms), of(days.own_mean)),
    )


def _reason_table(process: str, found: Sequence[Reason]) -> Table:
    columns = (
        TableColumn("Reason", 23),
        TableColumn("Meaning", 27, most_lines=2),
        TableColumn("Failures", 20, "right", bold=True, colour=OWN_TEXT),
    )
    shown, rest = found[:_MOST_REASONS], found[_MOST_REASONS:]
    rows: list[tuple[str, ...]] = [
        (
            named(reason.code),
            named(reason.short),
            number(
                reason.failures,
                Source("failures", rows_where(process=process, reason_code=reason.code), "sum(failures)"),
            ),
        )
        for reason in shown
    ]
    if rest:
        others = rows_where(f"reason_code NOT IN ({', '.join(quoted(each.code) for each in shown)})", process=process)
        source = Source("failures", others, "sum(failures)")
        more = number(len(rest), source.of("count(DISTINCT reason_code)"))
        rows.append((more + said(" more"), "see failures.csv", number(sum(each.failures for each in rest), source)))
    return Table.of(columns, rows)
