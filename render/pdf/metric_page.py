"""Pages of further metrics, drawn from their entries: one for each page an entry names, a block for each metric."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from dcc_analytics.catalogue.metrics import DIMENSIONS, FRACTIONS, Metric
from dcc_analytics.catalogue.service_requests import srv_order
from dcc_analytics.render.metric_file import METRICS_FILE
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow, heading_mm, key_entry, paragraph_mm
from dcc_analytics.render.pdf.fonts import fitted, width_mm
from dcc_analytics.render.pdf.marks import band, median_mark, own_mark
from dcc_analytics.render.pdf.paper import Align, Paper
from dcc_analytics.render.pdf.plots import Plots
from dcc_analytics.render.pdf.said import Other, Said, dated, figure, joined, named, number, other, said
from dcc_analytics.render.pdf.sources import Series, Source, Unit, rows, rows_of
from dcc_analytics.render.pdf.structure import CELL, COLUMN_TITLE, ROW, ROW_TITLE, TABLE
from dcc_analytics.render.pdf.style import BENCHMARK, LEFT_MM, MUTED, OWN, OWN_TEXT, RIGHT_MM, RULE, SMALL_PT, WIDTH_MM
from dcc_analytics.render.pdf.words import NOT_SHOWN, count, day_name, duration, percent

#: More rows than these, those with the greatest denominators, are in ``metrics.csv`` alone.
_MOST_ROWS: Final = 25
_LEFT: Final[Align] = "left"
_RIGHT: Final[Align] = "right"
_ROW_MM: Final = 6.0
_HEADER_MM: Final = 8.0
_KEY_MM: Final = 6.5
_DAYS_MM: Final = 32.0
_LABEL_MM: Final = 66.0
_LEAST_PART_MM: Final = 10.0
_COUNT_MM: Final = LEFT_MM + 84
_OWN_MM: Final = LEFT_MM + 101
_PLOT_MM: Final = (LEFT_MM + 105, LEFT_MM + 144)
_MEDIAN_MM: Final = LEFT_MM + 161
_PEERS: Final = ("peer_result_p25", "peer_result_median", "peer_result_p75")
_DRAWN: Final = ("result", "peer_result_median", "peer_result_p75")

Row = dict[str, Any]


def draw_metrics(flow: Flow, figures: PackFigures) -> None:
    """Draw the pages of the metrics a Member has rows of; none where no metric is in force."""
    entries = [each for each in figures.snapshot.metrics() if each.figure != "none"]
    if not entries:
        return
    rows = figures.snapshot.table("metrics", figures.member)
    for page in dict.fromkeys(each.page for each in entries):
        drawn = [(each, rows.filter(metric=each.id)) for each in entries if each.page == page]
        drawn = [(metric, own) for metric, own in drawn if own.height]
        if drawn:
            flow.new_page(page)
            flow.paper.bookmark(page)
            flow.title(page, said("Metrics beyond those of the modification, {}, {}", figures.role, figures.month))
            for metric, own in drawn:
                _draw(flow, metric, own)


def _draw(flow: Flow, metric: Metric, own: pl.DataFrame) -> None:
    version = named(f"{metric.id}, version {metric.version}")
    words = said("{} Metric {}, in metrics.csv.", named(metric.description), version)
    block_mm = _DAYS_MM if metric.figure == "daily" else _HEADER_MM + _ROW_MM
    flow.room(heading_mm() + paragraph_mm(words) + _KEY_MM + block_mm)
    flow.heading(named(metric.title))
    flow.paragraph(words)
    flow.space(1)
    if metric.figure == "daily":
        days = own.sort("day").to_dicts()
        alternative = _said(days, metric, "a column for each day from 0")
        with flow.paper.figure(alternative, LEFT_MM, flow.y_mm, WIDTH_MM, _KEY_MM + _DAYS_MM):
            _key(flow, metric, own)
            flow.paper.carry(_drawn(metric, row) for row in days)
            _days(flow, days, metric)
    else:
        _rows(flow, metric, own)
    flow.space(5)


def _figure(row: Row, metric: Metric) -> float | None:
    """Return what is drawn of a row: its value, or what a count counted."""
    figure: float | None = row["numerator"] if metric.aggregate == "count" else row["result"]
    return figure


def _value(metric: Metric) -> str:
    return "numerator" if metric.aggregate == "count" else "result"


def _source(metric: Metric, row: Row) -> Source:
    """Return its row of the file."""
    asked = {name: row[name] for name in metric.dimensions}
    return Source("metrics", rows_of({"metric": metric.id, **asked}), _value(metric))


def _told(value: float | None, metric: Metric, source: Source) -> Said:
    unit = Unit.RATE if metric.aggregate in FRACTIONS else Unit.SECONDS
    return figure(_text(value, metric), Unit.COUNT if metric.aggregate == "count" else unit, source)


def _drawn(metric: Metric, row: Row) -> Series:
    """Return what the marks of a row show."""
    every = {_value(metric): _figure(row, metric)} | {name: row[name] for name in _PEERS}
    known = {name: value for name, value in every.items() if value is not None}
    source = _source(metric, row).of(", ".join(known))
    return Series(" / ".join(_named(metric, row)) or "All", (tuple(known.values()),), source)


def _text(value: float | None, metric: Metric) -> str:
    if value is None:
        return NOT_SHOWN
    if metric.aggregate in FRACTIONS:
        return percent(value)
    return count(round(value)) if metric.aggregate == "count" else duration(round(value * 1000))


def _greatest(rows: Sequence[Row], metric: Metric) -> float:
    """Return the end of a scale from zero that holds every mark."""
    marks = [row[name] for row in rows for name in _DRAWN] + [_figure(row, metric) for row in rows]
    return max((mark for mark in marks if mark is not None), default=0.0) or 1.0


def _key(flow: Flow, metric: Metric, own: pl.DataFrame) -> None:
    paper, y_mm = flow.paper, flow.y_mm + 1.6
    if metric.figure == "strip":
        own_mark(paper, LEFT_MM + 1.5, y_mm)
    else:
        paper.rectangle(LEFT_MM, y_mm - 1.3, 3, 2.6, fill=OWN)
    x_mm = key_entry(paper, LEFT_MM + 4.5, y_mm + 1.1, "you")
    if own["peer_result_median"].count():
        median_mark(paper, x_mm, y_mm)
        x_mm = key_entry(paper, x_mm + 2.5, y_mm + 1.1, "median of Users")
    if own["peer_result_p25"].count():
        band(paper, x_mm, x_mm + 8, y_mm)
        key_entry(paper, x_mm + 10, y_mm + 1.1, "middle half of Users")
    flow.y_mm += _KEY_MM


def _rows(flow: Flow, metric: Metric, own: pl.DataFrame) -> None:
    by_size = own.with_columns(pl.coalesce("denominator", "numerator").alias("size")).sort("size", descending=True)
    shown = sorted(by_size.head(_MOST_ROWS).to_dicts(), key=_order)
    greatest = _greatest(shown, metric)
    structure = flow.paper.structure
    scale = f"{metric.figure} from 0 to {_text(greatest, metric)}"
    plots = Plots[Row](flow, lambda rows: _said(rows, metric, scale))
    with plots.marks(_KEY_MM):
        _key(flow, metric, own)
    with structure.element(TABLE):
        _header(flow, metric, greatest, plots)
        for row in shown:
            if flow.room(_ROW_MM):
                plots.end()
                plots.begin()
                with structure.decoration():  # heard already
                    _header(flow, metric, greatest, plots)
            _draw_row(flow, metric, row, greatest, plots)
    plots.end()
    if more := own.height - len(shown):
        flow.space(1)
        source = Source("metrics", rows(metric=metric.id), f"count(*) - {len(shown)}")
        told = said("{} more with smaller numbers are in metrics.csv.", number(more, source))
        flow.paragraph(told, size_pt=SMALL_PT, colour=MUTED)


def _order(row: Row) -> tuple[Any, ...]:
    return tuple(srv_order(row[name]) if name == "srv" else str(row[name] or "") for name in DIMENSIONS)


def _header(flow: Flow, metric: Metric, greatest: float, plots: Plots[Row]) -> None:
    paper, baseline_mm = flow.paper, flow.y_mm + 5.4
    titles: tuple[tuple[float, str, Align], ...] = (
        (LEFT_MM, " / ".join(METRICS_FILE.column(each).title for each in metric.dimensions) or "All", "left"),
        (_COUNT_MM, "Number", "right"),
        (_OWN_MM, "You", "right"),
        (_MEDIAN_MM, "Median", "right"),
        (RIGHT_MM, "Industry", "right"),
    )
    with paper.structure.element(ROW):
        for x_mm, title, align in titles:
            paper.text(
                x_mm, baseline_mm, title, size_pt=SMALL_PT, bold=True, colour=BENCHMARK, align=align, tag=COLUMN_TITLE
            )
    with plots.marks(_HEADER_MM):
        for x_mm, label, align in ((_PLOT_MM[0], "0", _LEFT), (_PLOT_MM[1], _text(greatest, metric), _RIGHT)):
            tick = other(label, Other.TICK)
            paper.text(x_mm, baseline_mm, tick, size_pt=SMALL_PT, colour=MUTED, align=align)
    flow.y_mm += _HEADER_MM
    paper.line([(LEFT_MM, flow.y_mm - 1), (RIGHT_MM, flow.y_mm - 1)], colour=BENCHMARK, thick_mm=0.3)


def _draw_row(flow: Flow, metric: Metric, row: Row, greatest: float, plots: Plots[Row]) -> None:
    paper, middle_mm = flow.paper, flow.y_mm + _ROW_MM / 2
    baseline_mm = middle_mm + 1.1
    source, size = _source(metric, row), row["denominator"]
    of = number(size, source.of("denominator")) if size is not None else ""
    own = _told(_figure(row, metric), metric, source)
    median, industry = (_told(row[name], metric, source.of(name)) for name in ("peer_result_median", "industry_result"))
    with paper.structure.element(ROW):
        paper.text(LEFT_MM, baseline_mm, named(_label(_named(metric, row)) or "All"), size_pt=SMALL_PT, tag=ROW_TITLE)
        paper.text(_COUNT_MM, baseline_mm, of, size_pt=SMALL_PT, align="right", tag=CELL)
        paper.text(_OWN_MM, baseline_mm, own, size_pt=SMALL_PT, bold=True, colour=OWN_TEXT, align="right", tag=CELL)
        for x_mm, text in ((_MEDIAN_MM, median), (RIGHT_MM, industry)):
            paper.text(
                x_mm, baseline_mm, text, size_pt=SMALL_PT, colour=BENCHMARK, align="right", allowed_mm=16, tag=CELL
            )
    paper.line([(LEFT_MM, flow.y_mm + _ROW_MM), (RIGHT_MM, flow.y_mm + _ROW_MM)], colour=RULE, thick_mm=0.1)
    with plots.marks(_ROW_MM, row):
        _marks(paper, metric, row, greatest, middle_mm)
        paper.carry([_drawn(metric, row)])
    flow.y_mm += _ROW_MM


def _marks(paper: Paper, metric: Metric, row: Row, greatest: float, middle_mm: float) -> None:
    value = _figure(row, metric)
    marks = {name: _x_mm(row[name], greatest) for name in _DRAWN if row[name] is not None}
    if "peer_result_p75" in marks and row["peer_result_p25"] is not None:
        band(paper, _x_mm(row["peer_result_p25"], greatest), marks["peer_result_p75"], middle_mm)
    if value is not None and metric.figure == "bars":
        paper.rectangle(_PLOT_MM[0], middle_mm - 1.3, max(_x_mm(value, greatest) - _PLOT_MM[0], 0.2), 2.6, fill=OWN)
    if "peer_result_median" in marks:
        median_mark(paper, marks["peer_result_median"], middle_mm)
    if value is not None and metric.figure == "strip":
        own_mark(paper, _x_mm(value, greatest), middle_mm)


def _named(metric: Metric, row: Row) -> list[str]:
    return [day_name(row["day"]) if each == "day" else row[each] or "none" for each in metric.dimensions]


def _label(parts: Sequence[str]) -> str:
    """Return what tells a row apart; where it is too long the longest part is cut, since the others tell as much."""
    too_wide_mm = width_mm(" / ".join(parts), SMALL_PT) - _LABEL_MM
    if too_wide_mm <= 0:
        return " / ".join(parts)
    longest = max(parts, key=len)
    place_mm = max(width_mm(longest, SMALL_PT) - too_wide_mm, _LEAST_PART_MM)
    cut = (fitted(part, place_mm, SMALL_PT) if part == longest else part for part in parts)
    return fitted(" / ".join(cut), _LABEL_MM, SMALL_PT)


def _x_mm(value: float, greatest: float) -> float:
    return _PLOT_MM[0] + (_PLOT_MM[1] - _PLOT_MM[0]) * min(value / greatest, 1.0)


def _said(rows: Sequence[Row], metric: Metric, scale: str) -> str:
    """Return what the marks of some rows show, in words."""
    drawn = [row for row in rows if _figure(row, metric) is not None]
    if not drawn:
        return said("{}, {}: no row has a figure.", named(metric.title), other(scale, Other.TICK))
    most, least = (of(drawn, key=lambda row: _figure(row, metric) or 0.0) for of in (max, min))
    told = [
        said(
            f"{word} {{}} ({{}})",
            _told(_figure(row, metric), metric, _source(metric, row)),
            named(" / ".join(_named(metric, row)) or "all"),
        )
        for word, row in (("greatest", most), ("least", least))
    ]
    return said("{}, {}. Yours: {}.", named(metric.title), other(scale, Other.TICK), joined(", ", told))


def _days(flow: Flow, rows: Sequence[Row], metric: Metric) -> None:
    """Draw a column for each day with rows, at its place in the month."""
    paper, greatest = flow.paper, _greatest(rows, metric)
    foot_mm, high_mm, step_mm = flow.y_mm + _DAYS_MM - 6, _DAYS_MM - 12, (WIDTH_MM - 20) / 31
    paper.text(LEFT_MM, flow.y_mm + 5.5, other(_text(greatest, metric), Other.TICK), size_pt=SMALL_PT, colour=MUTED)
    paper.line([(LEFT_MM + 20, foot_mm), (RIGHT_MM, foot_mm)], colour=RULE, thick_mm=0.3)
    for row in rows:
        x_mm = LEFT_MM + 20 + (row["day"].day - 1) * step_mm
        tall_mm = high_mm * (_figure(row, metric) or 0.0) / greatest
        paper.rectangle(x_mm + 0.8, foot_mm - tall_mm, step_mm - 1.6, max(tall_mm, 0.2), fill=OWN)
        if row["peer_result_median"] is not None:
            y_mm = foot_mm - high_mm * row["peer_result_median"] / greatest
            paper.line([(x_mm, y_mm), (x_mm + step_mm, y_mm)], colour=BENCHMARK, thick_mm=0.75)
        day = dated(str(row["day"].day))
        paper.text(x_mm + step_mm / 2, foot_mm + 4, day, size_pt=SMALL_PT, colour=MUTED, align="centre")
    flow.y_mm += _DAYS_MM
