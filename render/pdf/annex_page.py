"""The page of one process and SRV in the annex: where it stands, its days, where and why it failed, and its filter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.pdf.assumed import draw_assumed_line
from dcc_analytics.render.pdf.common_theme import theme_table, themes
from dcc_analytics.render.pdf.daily_chart import (
    MOST_PANEL_MM,
    daily_chart_mm,
    draw_daily_chart,
)
from dcc_analytics.render.pdf.figures import PackFigures, ServiceRow
from dcc_analytics.render.pdf.flow import Flow, heading_mm, paragraph_mm
from dcc_analytics.render.pdf.heat_grid import HeatGrid, note
from dcc_analytics.render.pdf.ranges import draw_ranges
from dcc_analytics.render.pdf.row_sums import SPLITS, RowSums, days_of
from dcc_analytics.render.pdf.said import counted, dated, figure, named, said
from dcc_analytics.render.pdf.small_multiples import (
    MOST_PANELS,
    Panel,
    common_scale,
    draw_panels,
    panels_mm,
    split_panels,
)
from dcc_analytics.render.pdf.sources import FAILURE_RATE, Source, Unit, ratio, rows
from dcc_analytics.render.pdf.strips import draw_strip_table
from dcc_analytics.render.pdf.style import LEFT_MM, MUTED, OWN_TEXT, RIGHT_MM, SMALL_PT
from dcc_analytics.render.pdf.sums import Reason, reasons, worst_day
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.words import count, day_name, percent
from dcc_analytics.render.snapshot_folder import Incident
from dcc_analytics.snapshot.comparison import BETTER, WORSE

_GAP_MM: Final = 2.4
_MOST_REASONS: Final = 5
_PANELS_NOTE: Final = "by Region, Meter Type, SMETS version; one scale; dashed: industry; ring: beyond it"
#: The chart may be lower here than on the page of a process: more stands below it.
_LEAST_CHART_MM: Final = 7.6
_CODE_MM: Final = 23.0
_NUMBER_MM: Final = 18.0
_SHARE_MM: Final = 14.0
_MEANING_MM: Final = 26.0
_MOST_MEANING_MM: Final = 70.0
_HEADINGS: Final = ("Failure rates", "Round Trip Times", "Day by day", "Where it failed", "Why it failed")


@dataclass(frozen=True, slots=True)
class AnnexFigures:
    """What the pages of the annex are drawn from.

    Attributes:
        pack: of the Member.
        sums: over the days of each of its rows.
    """

    pack: PackFigures
    sums: RowSums

    def failed(self, row: ServiceRow) -> pl.DataFrame:
        """Return the failures of a row."""
        return self.pack.failed.filter(
            pl.col("process") == row.process, pl.col("srv") == row.srv, pl.col("variant").fill_null("") == row.variant
        )


def draw_row_page(flow: Flow, figures: AnnexFigures, row: ServiceRow, *, first: bool) -> None:
    """Draw the page of a row with enough outcomes; of many failures of many kinds it goes on on the next.

    Args:
        flow: where to draw.
        figures: of the annex.
        row: which.
        first: of its process, whose bookmark stands above those of its rows.
    """
    pack, days = figures.pack, figures.sums.days(row)
    failed = figures.failed(row)
    flow.new_page(f"{row.process}: {row.srv}", assumed=True)
    if first:
        flow.paper.bookmark(row.process)
    flow.paper.bookmark(row.title, level=1)
    flow.title(finding(row), _subtitle(pack, row, figures.sums))
    draw_assumed_line(flow, *_HEADINGS)
    draw_strip_table(flow, [row], grouped=False)
    flow.space(_GAP_MM)
    if row.own.known:
        draw_ranges(flow, [row], grouped=False)
        flow.space(_GAP_MM)
    below = _Below(figures, row, failed)
    chart_mm = flow.left_mm - below.height_mm - heading_mm() - daily_chart_mm(0) - _GAP_MM
    panel_mm = min(max(chart_mm / 2, _LEAST_CHART_MM), MOST_PANEL_MM)
    flow.room(heading_mm() + daily_chart_mm(panel_mm))
    flow.heading("Day by day", note="from round_trips_daily.csv; Incidents by their numbers on the page of pack.pdf")
    draw_daily_chart(flow, pack.snapshot.month, days, pack.incidents, panel_mm=panel_mm, source=days_of(row))
    flow.space(_GAP_MM)
    below.draw(flow)


def finding(row: ServiceRow) -> str:
    """Return what the page of a row shows, in one sentence."""
    source = row.source
    name = named(row.title)
    if not row.failures:
        return said("{}: none of {} failed", name, _outcomes(row))
    rate = figure(percent(row.failure_rate), Unit.RATE, source.of("failure_rate"))
    if row.compared in {WORSE, BETTER} and row.median is not None:
        median = figure(percent(row.median), Unit.RATE, source.of("peer_failure_rate_median"))
        than = "more than the median of Users," if row.compared == WORSE else "less than the median of Users,"
        return said("{}: {} failed, {} {}", name, rate, than, median)
    return said("{}: {} of {} failed", name, rate, _outcomes(row))


def _outcomes(row: ServiceRow) -> str:
    return figure(count(row.outcomes), Unit.COUNT, row.source.of("successes + failures"))


def _subtitle(pack: PackFigures, row: ServiceRow, sums: RowSums) -> str:
    told = said(
        "{}, {}: {}, {}", row.process, dated(pack.month), counted(row.requests, "request", row.source.of("requests")),
        counted(row.failures, "failure", row.source.of("failures")),
    )  # fmt: skip
    if row.open:
        told = said("{}, {} still open", told, figure(count(row.open), Unit.COUNT, row.source.of("open")))
    worst = worst_day(sums.days(row))
    if worst is None:
        return said("{}.", told)
    day, rate = worst
    of_day = figure(percent(rate), Unit.RATE, days_of(row).of(FAILURE_RATE, day=day))
    return said("{}. The worst day was {}, when {} failed.", told, dated(day_name(day)), of_day)


def csv_filter(row: ServiceRow, file: str = "round_trips_daily.csv") -> str:
    """Return which rows of a file a page is of, for whoever filters a sheet by hand."""
    variant = f'variant = "{row.variant}"' if row.variant else "variant empty"
    return named(f'{file}: process = "{row.process}", srv = "{row.srv}", {variant}')


class _Below:
    """What stands below the days: small multiples, the grid, reasons, what failures have in common, and the filter."""

    def __init__(self, figures: AnnexFigures, row: ServiceRow, failed: pl.DataFrame) -> None:
        pack = figures.pack
        self._month = pack.snapshot.month
        regions, *others = (row_panels(self._month, pack.incidents, figures.sums, row, column) for column in SPLITS)
        kinds = [panel for split in others for panel in split]
        split = [each for each in (regions, kinds) if len(each) > 1]
        self._panels = [each[at : at + MOST_PANELS] for each in split for at in range(0, len(each), MOST_PANELS)]
        self._grid = row_grid(figures.sums, row)
        spare_mm = RIGHT_MM - LEFT_MM - self._grid.wide_mm - _GAP_MM
        self._why = reason_table(row, reasons(failed), spare_mm) if failed.height else None
        found = themes(failed, pack.models, row=(row.srv, row.variant))
        self._themes = theme_table(found) if found else None
        self._filter = said("Made of {}.", csv_filter(row))
        beside_mm = self._grid.wide_mm + _GAP_MM + (self._why.wide_mm if self._why else 0.0)
        self._beside = beside_mm <= RIGHT_MM - LEFT_MM

    @property
    def height_mm(self) -> float:
        panels_high = heading_mm() + panels_mm() * len(self._panels) + _GAP_MM if self._panels else 0.0
        why_mm = heading_mm() + self._why.height_mm if self._why else 0.0
        grid_mm = heading_mm() + self._grid.height_mm
        both_mm = max(grid_mm, why_mm) if self._beside else grid_mm + _GAP_MM + why_mm
        themes_mm = _GAP_MM + heading_mm() + self._themes.height_mm if self._themes else 0.0
        return panels_high + both_mm + themes_mm + 1 + paragraph_mm(self._filter, size_pt=SMALL_PT)

    def draw(self, flow: Flow) -> None:
        if self._panels:
            flow.room(heading_mm() + panels_mm())
            flow.heading("Failure rate of each part", note=_PANELS_NOTE)
            scale = common_scale([panel for of_row in self._panels for panel in of_row])
            for of_row in self._panels:
                flow.room(panels_mm())
                draw_panels(flow, self._month, of_row, scale)
            flow.space(_GAP_MM)
        self._where_and_why(flow)
        if self._themes:
            flow.space(_GAP_MM)
            flow.room(heading_mm() + self._themes.height_mm)
            flow.heading("What failures have in common", note="shares are of the Device Type; from failures.csv")
            self._themes.draw(flow)
        flow.space(1)
        flow.room(paragraph_mm(self._filter, size_pt=SMALL_PT))
        flow.paragraph(self._filter, size_pt=SMALL_PT, colour=MUTED)

    def _where_and_why(self, flow: Flow) -> None:
        why_mm = heading_mm() + self._why.height_mm if self._why else 0.0
        grid_mm = heading_mm() + self._grid.height_mm
        flow.room(max(grid_mm, why_mm) if self._beside else grid_mm)
        top_mm = flow.y_mm
        flow.heading("Where it failed", note="" if self._beside and self._why else note())
        self._grid.draw(flow)
        if self._why is None:
            return
        foot_mm = flow.y_mm
        if self._beside:
            flow.y_mm = top_mm
        else:
            flow.space(_GAP_MM)
            flow.room(why_mm)
        left_mm = RIGHT_MM - self._why.wide_mm if self._beside else LEFT_MM
        flow.heading("Why it failed", left_mm=left_mm)
        self._why.draw(flow, left_mm=left_mm)
        flow.y_mm = max(foot_mm, flow.y_mm) if self._beside else flow.y_mm


def row_panels(month: Month, incidents: Sequence[Incident], sums: RowSums, row: ServiceRow, column: str) -> list[Panel]:
    """Return the panels of a row for the values of a column."""
    return split_panels(
        month, incidents, sums.split(row, column), lambda value: days_of(row, **{column: value}),
        is_region=column == "region",
    )  # fmt: skip


def row_grid(sums: RowSums, row: ServiceRow) -> HeatGrid:
    """Return the grid of a row."""
    return HeatGrid(
        sums.cells(row),
        lambda cell: days_of(row, region=cell[0], meter_type=cell[1], smets_version=cell[2]),
    )


def reason_table(row: ServiceRow, found: Sequence[Reason], wide_mm: float) -> Table:
    """Return the reasons of a row's failures, the commonest first, with their shares; as wide as there is place."""
    meaning_mm = wide_mm - _CODE_MM - _NUMBER_MM - _SHARE_MM
    if meaning_mm < _MEANING_MM:
        meaning_mm = _MOST_MEANING_MM  # it stands below the grid
    columns = (
        TableColumn("Reason", _CODE_MM),
        TableColumn("Meaning", min(meaning_mm, _MOST_MEANING_MM)),
        TableColumn("Failed", _NUMBER_MM, "right", bold=True, colour=OWN_TEXT),
        TableColumn("Share", _SHARE_MM, "right"),
    )
    total = sum(reason.failures for reason in found)
    shown, rest = found[:_MOST_REASONS], found[_MOST_REASONS:]
    lines: list[tuple[str, ...]] = [
        (named(reason.code), named(reason.short), *_failures(row, reason.failures, total, (reason.code,)))
        for reason in shown
    ]
    if rest:
        number = sum(reason.failures for reason in rest)
        codes = tuple(reason.code for reason in rest)
        kinds = figure(count(len(rest)), Unit.COUNT, _failures_source(row, codes).of("count(DISTINCT reason_code)"))
        lines.append((said("{} more", kinds), "see failures.csv", *_failures(row, number, total, codes)))
    return Table.of(columns, lines)


def _failures_source(row: ServiceRow, codes: tuple[str, ...]) -> Source:
    asked = rows(process=row.process, srv=row.srv, variant=row.variant, reason_code=codes)
    return Source("failures", asked, "sum(failures)")


def _failures(row: ServiceRow, number: int, total: int, codes: tuple[str, ...]) -> tuple[str, str]:
    whole = Source("failures", rows(process=row.process, srv=row.srv, variant=row.variant), "")
    listed = rows(reason_code=codes)
    share = ratio(f"sum(CASE WHEN {listed} THEN failures ELSE 0 END)", "sum(failures)")
    return (
        figure(count(number), Unit.COUNT, _failures_source(row, codes)),
        figure(percent(number / total), Unit.RATE, whole.of(share)),
    )
