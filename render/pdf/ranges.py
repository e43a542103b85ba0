"""Times of each SRV or Alert code as a range: best to worst, median and mean, the recipient's above the industry's."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil, floor, log10
from typing import Final

from dcc_analytics.render.pdf.alternatives import times_words
from dcc_analytics.render.pdf.flow import Flow, key_entry
from dcc_analytics.render.pdf.fonts import fitted
from dcc_analytics.render.pdf.paper import Align, Paper
from dcc_analytics.render.pdf.plots import Plots
from dcc_analytics.render.pdf.row_kinds import ROUND_TRIP_TIMES, RangeRow, RangeWords, Times
from dcc_analytics.render.pdf.said import Other, figure, named, other, said
from dcc_analytics.render.pdf.sources import Series, Source, Unit
from dcc_analytics.render.pdf.structure import CELL, COLUMN_TITLE, ROW, ROW_TITLE, TABLE, rows_title
from dcc_analytics.render.pdf.style import (
    BENCHMARK,
    LEFT_MM,
    MUTED,
    OWN,
    OWN_TEXT,
    RIGHT_MM,
    RULE,
    SMALL_PT,
    TEXT,
    WHITE,
    WIDTH_MM,
    Colour,
)
from dcc_analytics.render.pdf.words import duration

_LINE_MM: Final = 3.6
_PAD_MM: Final = 1.2
_GROUP_MM: Final = 6.6
_HEADER_MM: Final = 9.0
_KEY_MM: Final = 6.5
_NAME_MM: Final = LEFT_MM + 12
_PLOT_LEFT_MM: Final = LEFT_MM + 64
_PLOT_RIGHT_MM: Final = LEFT_MM + 121
_FIGURES_MM: Final = (LEFT_MM + 136, LEFT_MM + 150, LEFT_MM + 164, LEFT_MM + 178)
_FIGURES: Final = ("Best", "Median", "Mean", "Worst")
_FIGURE_PLACE_MM: Final = 13.5
#: Milliseconds that are labelled, where the scale holds them.
_TICKS_MS: Final = (10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000, 864_000_000)
_TICK_NAMES: Final = ("0.01 s", "0.1 s", "1 s", "10 s", "1 min", "10 min", "1 h", "1 d", "10 d")
_LABEL_GAP_MM: Final = 9.0


@dataclass(frozen=True, slots=True)
class TimeScale:
    """A logarithmic scale of times."""

    least: float
    greatest: float

    @classmethod
    def over(cls, rows: Sequence[RangeRow]) -> "TimeScale":
        """Return the shortest scale of whole decades of seconds that holds every mark of these rows."""
        marks = [
            max(ms, 1)
            for row in rows
            for times in (row.own, row.industry)
            for ms in (times.best_ms, times.worst_ms, times.median_ms, times.mean_ms)
            if ms is not None
        ]
        least, greatest = floor(log10(min(marks))), ceil(log10(max(marks)))
        return cls(least, max(greatest, least + 2))

    def x_mm(self, ms: float) -> float:
        """Return where a time stands."""
        share = (log10(max(ms, 1)) - self.least) / (self.greatest - self.least)
        return _PLOT_LEFT_MM + (_PLOT_RIGHT_MM - _PLOT_LEFT_MM) * share

    def ticks(self) -> list[tuple[float, str]]:
        """Return where the ticks stand that fit, and their names; too near ones have none."""
        found: list[tuple[float, str]] = []
        labelled_mm = -_LABEL_GAP_MM
        for ms, name in zip(_TICKS_MS, _TICK_NAMES, strict=True):
            if self.least <= log10(ms) <= self.greatest:
                x_mm = self.x_mm(ms)
                fits = x_mm - labelled_mm >= _LABEL_GAP_MM
                found.append((x_mm, name if fits else ""))
                labelled_mm = x_mm if fits else labelled_mm
        return found


def ranges_mm(rows: Sequence[RangeRow]) -> float:
    """Return the height of rows under headings of their groups."""
    timed = [row for row in rows if row.own.known]
    groups = len({row.group for row in timed})
    return _KEY_MM + _HEADER_MM + groups * _GROUP_MM + sum(map(_height_mm, timed))


def draw_ranges(
    flow: Flow, rows: Sequence[RangeRow], *, words: RangeWords = ROUND_TRIP_TIMES, grouped: bool = True
) -> None:
    """Draw the rows that have times, over as many pages as they need.

    Args:
        flow: where to draw.
        rows: of the table, those of a group together.
        words: what they are.
        grouped: under headings of their groups.
    """
    timed = [row for row in rows if row.own.known]
    if not timed:
        flow.paragraph("No successful round trip has a time this month.")
        return
    scale = TimeScale.over(timed)
    flow.room(_KEY_MM + _HEADER_MM + _GROUP_MM + 12)
    plots = Plots[RangeRow](flow, lambda shown: times_words(shown, words))
    with plots.marks(_KEY_MM):
        _key(flow, others=any(row.industry.known for row in timed))
    with flow.paper.structure.element(TABLE):
        _header(flow, scale, words.titles, plots)
        for group, of_group in groupby(timed, key=lambda row: row.group):
            for place, row in enumerate(of_group, 0 if grouped else 1):
                if flow.room(_height_mm(row) + (_GROUP_MM if place == 0 else 0)):
                    _turned(flow, scale, words.titles, plots, group=group if place and grouped else "")
                if place == 0:
                    _group(flow, group)
                _row(flow, scale, row, words.stem, plots)
                flow.y_mm += _height_mm(row)
    plots.end()


def _turned(flow: Flow, scale: TimeScale, titles: tuple[str, str], plots: Plots[RangeRow], *, group: str) -> None:
    """Draw at the top of another page what the rows there need, and its reader has heard already."""
    plots.end()
    plots.begin()
    with flow.paper.structure.decoration():
        _header(flow, scale, titles, plots)
        if group:
            _group(flow, f"{group} (continued)")


def _group(flow: Flow, process: str) -> None:
    text = fitted(process, WIDTH_MM, SMALL_PT, "B")
    with flow.paper.structure.element(ROW):
        flow.paper.text(LEFT_MM, flow.y_mm + 4.8, text, size_pt=SMALL_PT, bold=True, tag=rows_title(6))
    flow.y_mm += _GROUP_MM


def _height_mm(row: RangeRow) -> float:
    return (2 if row.industry.known else 1) * _LINE_MM + _PAD_MM


def _key(flow: Flow, *, others: bool) -> None:
    paper, y_mm = flow.paper, flow.y_mm + 1.6
    x_mm = LEFT_MM
    example = Times(0, 100, 62, 38, 15, 80)
    _range(paper, example, y_mm, OWN, lambda ms: x_mm + ms * 0.14)
    after_mm = key_entry(
        paper, x_mm + 16, y_mm + 1.1, said("you: best to worst; thick: middle 90%; bar: median; diamond: mean")
    )
    if others:
        _range(paper, replace(example, p5_ms=None), y_mm, BENCHMARK, lambda ms: after_mm + ms * 0.14)
        key_entry(paper, after_mm + 16, y_mm + 1.1, "industry")
    paper.text(RIGHT_MM, y_mm + 1.1, "logarithmic scale", size_pt=SMALL_PT, colour=MUTED, align="right")
    flow.y_mm += _KEY_MM


def _header(flow: Flow, scale: TimeScale, names: tuple[str, str], plots: Plots[RangeRow]) -> None:
    paper, baseline_mm = flow.paper, flow.y_mm + 6.6
    titles: tuple[tuple[float, str, Align], ...] = (
        *((x_mm, name, "left") for x_mm, name in zip((LEFT_MM, _NAME_MM), names, strict=True)),
        *((x_mm, title, "right") for x_mm, title in zip(_FIGURES_MM, _FIGURES, strict=True)),
    )
    with paper.structure.element(ROW):
        for x_mm, title, align in titles:
            paper.text(
                x_mm, baseline_mm, title, size_pt=SMALL_PT, bold=True, colour=BENCHMARK, align=align, tag=COLUMN_TITLE
            )
    with plots.marks(_HEADER_MM):
        for x_mm, name in scale.ticks():
            paper.text(x_mm, baseline_mm, other(name, Other.TICK), size_pt=SMALL_PT, colour=MUTED, align="centre")
    flow.y_mm += _HEADER_MM
    paper.line([(LEFT_MM, flow.y_mm - 1), (RIGHT_MM, flow.y_mm - 1)], colour=BENCHMARK, thick_mm=0.3)


def _row(flow: Flow, scale: TimeScale, row: RangeRow, stem: str, plots: Plots[RangeRow]) -> None:
    paper, top_mm, height_mm = flow.paper, flow.y_mm, _height_mm(row)
    middle_mm = top_mm + _PAD_MM / 2 + _LINE_MM / 2
    name = fitted(named(row.label), _PLOT_LEFT_MM - _NAME_MM - 3, SMALL_PT)
    own, industry = (replace(row.source, value=each) for each in (stem, f"industry_{stem}"))
    _figures(paper, middle_mm, row.own, own, (fitted(named(row.code), 11, SMALL_PT), name))
    if row.industry.known:
        _figures(paper, middle_mm + _LINE_MM, row.industry, industry, ("", "industry"))
    foot_mm = top_mm + height_mm
    paper.line([(LEFT_MM, foot_mm), (RIGHT_MM, foot_mm)], colour=RULE, thick_mm=0.1)
    with plots.marks(height_mm, row):
        for x_mm, _ in scale.ticks():
            paper.line([(x_mm, top_mm), (x_mm, foot_mm)], colour=RULE, thick_mm=0.12)
        _range(paper, row.own, middle_mm, OWN, scale.x_mm)
        if row.industry.known:
            _range(paper, row.industry, middle_mm + _LINE_MM, BENCHMARK, scale.x_mm)
        paper.carry(_middle(row, stem))


def _middle(row: RangeRow, stem: str) -> Iterator[Series]:
    """Yield the ends of the thick line, which no cell prints; only the recipient's times have one."""
    low_ms, high_ms = row.own.p5_ms, row.own.p95_ms
    if low_ms is not None and high_ms is not None:
        yield Series(row.title, ((low_ms / 1000, high_ms / 1000),), row.source.of(f"{stem}_p5_s, {stem}_p95_s"))


def _figures(paper: Paper, middle_mm: float, times: Times, source: Source, names: tuple[str, str]) -> None:
    """Write a line: whose times they are is said in words, so that colour is never needed."""
    own = bool(names[0])
    baseline_mm, colour = middle_mm + 1.1, OWN_TEXT if own else BENCHMARK
    with paper.structure.element(ROW):
        for x_mm, name, tag in zip((LEFT_MM, _NAME_MM), names, (ROW_TITLE, CELL), strict=True):
            paper.text(x_mm, baseline_mm, name, size_pt=SMALL_PT, colour=TEXT if own else colour, tag=tag)
        values = (times.best_ms, times.median_ms, times.mean_ms, times.worst_ms)
        for x_mm, ms, title in zip(_FIGURES_MM, values, _FIGURES, strict=True):
            text = figure(duration(ms), Unit.SECONDS, source.of(f"{source.value}_{title.lower()}_s"))
            paper.text(
                x_mm, baseline_mm, text, size_pt=SMALL_PT, bold=own, colour=colour, align="right",
                allowed_mm=_FIGURE_PLACE_MM, tag=CELL,
            )  # fmt: skip


def _range(paper: Paper, times: Times, y_mm: float, colour: Colour, x_mm: Callable[[float], float]) -> None:
    if times.best_ms is not None and times.worst_ms is not None:
        paper.line([(x_mm(times.best_ms), y_mm), (x_mm(times.worst_ms), y_mm)], colour=colour, thick_mm=0.45)
        for end_ms in (times.best_ms, times.worst_ms):
            paper.line([(x_mm(end_ms), y_mm - 0.8), (x_mm(end_ms), y_mm + 0.8)], colour=colour, thick_mm=0.45)
    if times.p5_ms is not None and times.p95_ms is not None:
        paper.line([(x_mm(times.p5_ms), y_mm), (x_mm(times.p95_ms), y_mm)], colour=colour, thick_mm=1.3)
    if times.median_ms is not None:
        at_mm = x_mm(times.median_ms)
        paper.line([(at_mm, y_mm - 1.5), (at_mm, y_mm + 1.5)], colour=TEXT, thick_mm=0.6)
    if times.mean_ms is not None:
        at_mm = x_mm(times.mean_ms)
        diamond = [(at_mm - 1.1, y_mm), (at_mm, y_mm - 1.1), (at_mm + 1.1, y_mm), (at_mm, y_mm + 1.1)]
        paper.polygon(diamond, fill=WHITE, edge=colour, thick_mm=0.35)
