"""Strip table: a row for each SRV with the recipient's failure rate among its peers', from zero.

The scale is a square root: it begins at zero, as a rate must, and still tells 0.5 % from 2 % where another row has
40 %. (A logarithmic scale has no zero, and many rates are zero.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import sqrt
from typing import Final

from dcc_analytics.render.pdf.alternatives import strips_words
from dcc_analytics.render.pdf.flow import Flow, key_entry
from dcc_analytics.render.pdf.fonts import fitted, width_mm
from dcc_analytics.render.pdf.marks import (
    band,
    far_mark,
    industry_mark,
    median_mark,
    own_interval,
    own_mark,
    peer_tick,
)
from dcc_analytics.render.pdf.paper import Align, Paper
from dcc_analytics.render.pdf.plots import Plots
from dcc_analytics.render.pdf.row_kinds import SERVICE_WORDS, StripRow, StripWords
from dcc_analytics.render.pdf.said import Other, figure, named, other, said
from dcc_analytics.render.pdf.sources import Series, Unit
from dcc_analytics.render.pdf.structure import CELL, COLUMN_TITLE, ROW, ROW_TITLE, TABLE, rows_title
from dcc_analytics.render.pdf.style import (
    BENCHMARK,
    LEFT_MM,
    MID_BLUE,
    MUTED,
    OWN_TEXT,
    RIGHT_MM,
    RULE,
    SMALL_PT,
    TEXT,
    WIDTH_MM,
    Colour,
)
from dcc_analytics.render.pdf.words import count, percent

ROW_MM: Final = 5.0
GROUP_MM: Final = 6.4
HEADER_MM: Final = 9.0
KEY_MM: Final = 6.5
_SCALES: Final = (
    (0.05, (0.0, 0.005, 0.02, 0.05)),
    (0.10, (0.0, 0.01, 0.05, 0.10)),
    (0.25, (0.0, 0.01, 0.05, 0.10, 0.25)),
    (0.50, (0.0, 0.02, 0.10, 0.25, 0.50)),
    (1.00, (0.0, 0.05, 0.25, 0.50, 1.0)),
)
_NAME_MM: Final = LEFT_MM + 12
#: Hundreds of millions have place: a large supplier reads its meters every day.
_COUNT_PLACE_MM: Final = 18.2
_RATE_PLACE_MM: Final = 14.5
_REQUESTS_MM: Final = LEFT_MM + 77
_OWN_MM: Final = LEFT_MM + 92
_PLOT_LEFT_MM: Final = LEFT_MM + 97
_PLOT_RIGHT_MM: Final = LEFT_MM + 134
_MEDIAN_MM: Final = LEFT_MM + 152
_WORDS_MM: Final = LEFT_MM + 155


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale of rates from zero."""

    greatest: float
    ticks: tuple[float, ...]
    linear: bool = False

    @classmethod
    def over(cls, rows: Sequence[StripRow]) -> "Scale":
        """Return the shortest scale that holds every mark of these rows."""
        drawn = [rate for row in rows for rate in (row.rate, row.industry_mark, row.median, row.p75, *row.near)]
        marks = [rate for rate in drawn if rate is not None]
        greatest, ticks = next(each for each in _SCALES if each[0] >= max(marks, default=0.0))
        return cls(greatest, ticks)

    def x_mm(self, rate: float) -> float:
        """Return where a rate stands."""
        share = rate / self.greatest
        return _PLOT_LEFT_MM + (_PLOT_RIGHT_MM - _PLOT_LEFT_MM) * (share if self.linear else sqrt(share))


def draw_strip_table(
    flow: Flow,
    rows: Sequence[StripRow],
    *,
    grouped: bool = True,
    words: StripWords = SERVICE_WORDS,
    scale: Scale | None = None,
) -> None:
    """Draw rows, under headings of their groups or without, over as many pages as they need.

    Without a scale they have the shortest that holds them.
    """
    if not rows:
        return
    scale = scale or Scale.over(rows)
    greatest = scale.greatest
    flow.room(KEY_MM + HEADER_MM + GROUP_MM + ROW_MM)
    plots = Plots[StripRow](flow, lambda shown: strips_words(shown, greatest, words))
    with plots.marks(KEY_MM):
        _key(flow, rows, scale)
    with flow.paper.structure.element(TABLE):
        _header(flow, scale, words, plots)
        if not grouped:
            for row in rows:
                _row_on_page(flow, scale, words, row, plots)
        else:
            _groups(flow, scale, words, rows, plots)
    plots.end()


def _groups(flow: Flow, scale: Scale, words: StripWords, rows: Sequence[StripRow], plots: Plots[StripRow]) -> None:
    for group, of_group in groupby(rows, key=lambda row: row.group):
        if flow.room(GROUP_MM + ROW_MM):
            _turned(flow, scale, words, plots)
        _group(flow, group)
        for row in of_group:
            _row_on_page(flow, scale, words, row, plots, group=group)


def _row_on_page(
    flow: Flow, scale: Scale, words: StripWords, row: StripRow, plots: Plots[StripRow], *, group: str = ""
) -> None:
    if flow.room(ROW_MM):
        _turned(flow, scale, words, plots, group=group)
    draw_row(flow, scale, words, row, plots)
    flow.y_mm += ROW_MM


def _turned(flow: Flow, scale: Scale, words: StripWords, plots: Plots[StripRow], *, group: str = "") -> None:
    """Draw at the top of another page what the rows there need, and its reader has heard already."""
    plots.end()
    plots.begin()
    with flow.paper.structure.decoration():
        _header(flow, scale, words, plots)
        if group:
            _group(flow, f"{group} (continued)")


def _key(flow: Flow, rows: Sequence[StripRow], scale: Scale) -> None:
    paper, y_mm = flow.paper, flow.y_mm + 1.6
    x_mm = LEFT_MM + 1.5
    own_interval(paper, x_mm - 1.5, x_mm + 4.5, y_mm)
    own_mark(paper, x_mm + 1.5, y_mm)
    x_mm = key_entry(paper, x_mm + 6, y_mm + 1.1, said("you, 95% interval"))
    if any(row.industry_mark is not None for row in rows):
        industry_mark(paper, x_mm, y_mm)
        x_mm = key_entry(paper, x_mm + 3, y_mm + 1.1, "industry")
    if any(row.near for row in rows):
        peer_tick(paper, x_mm, y_mm)
        x_mm = key_entry(paper, x_mm + 2, y_mm + 1.1, "one other User")
    if any(row.p25 is not None for row in rows):
        band(paper, x_mm - 1, x_mm + 7, y_mm)
        x_mm = key_entry(paper, x_mm + 9, y_mm + 1.1, "middle half")
    if any(row.median is not None for row in rows):
        median_mark(paper, x_mm, y_mm)
        x_mm = key_entry(
            paper, x_mm + 2.5, y_mm + 1.1, "their median" if any(row.near for row in rows) else "median of Users"
        )
    if any(row.far_above for row in rows):
        far_mark(paper, x_mm - 1, y_mm)
        key_entry(paper, x_mm + 2.5, y_mm + 1.1, "far above")
    paper.text(
        RIGHT_MM,
        y_mm + 1.1,
        "linear scale" if scale.linear else "square-root scale",
        size_pt=SMALL_PT,
        colour=MUTED,
        align="right",
    )
    flow.y_mm += KEY_MM


def _header(flow: Flow, scale: Scale, words: StripWords, plots: Plots[StripRow]) -> None:
    paper, y_mm = flow.paper, flow.y_mm
    places: tuple[tuple[float, Align], ...] = (
        (LEFT_MM, "left"), (_NAME_MM, "left"), (_REQUESTS_MM, "right"), (_OWN_MM, "right"), (_MEDIAN_MM, "right"),
        (_WORDS_MM, "left"),
    )  # fmt: skip
    with paper.structure.element(ROW):
        for (x_mm, align), title in zip(places, words.titles, strict=True):
            paper.text(
                x_mm, y_mm + 6.6, title, size_pt=SMALL_PT, bold=True, colour=BENCHMARK, align=align, tag=COLUMN_TITLE
            )
    with plots.marks(HEADER_MM):
        for tick in scale.ticks:
            paper.text(
                scale.x_mm(tick),
                y_mm + 6.6,
                other(f"{tick * 100:g}%", Other.TICK),
                size_pt=SMALL_PT,
                colour=MUTED,
                align="centre",
            )
    flow.y_mm += HEADER_MM
    paper.line([(LEFT_MM, flow.y_mm - 1), (RIGHT_MM, flow.y_mm - 1)], colour=BENCHMARK, thick_mm=0.3)


def _group(flow: Flow, process: str) -> None:
    text = fitted(process, WIDTH_MM, SMALL_PT, "B")
    with flow.paper.structure.element(ROW):
        flow.paper.text(LEFT_MM, flow.y_mm + 5.0, text, size_pt=SMALL_PT, bold=True, colour=TEXT, tag=rows_title(6))
    flow.y_mm += GROUP_MM


def draw_row(flow: Flow, scale: Scale, words: StripWords, row: StripRow, plots: Plots[StripRow]) -> None:
    """Draw one SRV at the flow's place: its figures, and the marks beside them."""
    paper, foot_mm = flow.paper, flow.y_mm + ROW_MM
    with paper.structure.element(ROW):
        _figures(paper, flow.y_mm + ROW_MM / 2 + 1.1, row, words)
    paper.line([(LEFT_MM, foot_mm), (RIGHT_MM, foot_mm)], colour=RULE, thick_mm=0.1)
    with plots.marks(ROW_MM, row):
        _marks(paper, flow.y_mm, scale, row)
        paper.carry(_series(row))


def _series(row: StripRow) -> Iterator[Series]:
    """Yield the values that the marks of a row show."""
    shown = (row.rate, row.rate_low, row.rate_high, row.industry_mark, row.p25, row.median, row.p75)
    drawn = [(value, taken) for value, taken in zip(shown, row.marks, strict=True) if value is not None]
    if drawn:
        source = row.source.of(", ".join(taken for _, taken in drawn))
        yield Series(row.title, (tuple(value for value, _ in drawn),), source)
    if row.near:
        yield Series(f"{row.title}: other Users", tuple((rate,) for rate in row.near), row.peers_source)


def _figures(paper: Paper, baseline_mm: float, row: StripRow, words: StripWords) -> None:
    standing, colour = row.standing, _standing_colour(row)
    number, own, reference = (row.source.of(value) for value in words.values)
    requests = figure(count(row.requests), Unit.COUNT, number)
    name = fitted(named(row.label), _REQUESTS_MM - _NAME_MM - width_mm(requests, SMALL_PT) - 2, SMALL_PT)
    code = fitted(named(row.code), 11, SMALL_PT)
    if words.leads:
        told = f"{row.code}: to the page {row.group!r}"
        with (
            paper.structure.element(ROW_TITLE),
            paper.link(LEFT_MM, baseline_mm - 3.4, 11, ROW_MM, to=row.group, words=told),
        ):
            paper.text(LEFT_MM, baseline_mm, code, size_pt=SMALL_PT, colour=MID_BLUE)
    else:
        paper.text(LEFT_MM, baseline_mm, code, size_pt=SMALL_PT, tag=ROW_TITLE)
    paper.text(_NAME_MM, baseline_mm, name, size_pt=SMALL_PT, tag=CELL)
    paper.text(
        _REQUESTS_MM, baseline_mm, requests, size_pt=SMALL_PT, align="right", allowed_mm=_COUNT_PLACE_MM, tag=CELL
    )
    rates = ((_OWN_MM, row.rate, own, OWN_TEXT, True), (_MEDIAN_MM, row.reference, reference, BENCHMARK, False))
    for x_mm, rate, source, rate_colour, bold in rates:
        text = figure(percent(rate), Unit.RATE, source)
        paper.text(
            x_mm, baseline_mm, text, size_pt=SMALL_PT, bold=bold, colour=rate_colour, align="right",
            allowed_mm=_RATE_PLACE_MM, tag=CELL,
        )  # fmt: skip
    paper.text(
        _WORDS_MM, baseline_mm, standing, size_pt=SMALL_PT, colour=colour, allowed_mm=RIGHT_MM - _WORDS_MM,
        bold=standing in {"Worst quarter", "Best quarter"}, tag=CELL,
    )  # fmt: skip


def _marks(paper: Paper, top_mm: float, scale: Scale, row: StripRow) -> None:
    middle_mm = top_mm + ROW_MM / 2
    for tick in scale.ticks:
        x_mm = scale.x_mm(tick)
        paper.line([(x_mm, top_mm), (x_mm, top_mm + ROW_MM)], colour=RULE, thick_mm=0.3 if tick == 0 else 0.12)
    if row.p25 is not None and row.p75 is not None:
        band(paper, scale.x_mm(row.p25), scale.x_mm(row.p75), middle_mm)
    for peer_rate in row.near:
        peer_tick(paper, scale.x_mm(peer_rate), middle_mm)
    if row.far_above:
        far_mark(paper, _PLOT_RIGHT_MM + 1.6, middle_mm)
    if row.median is not None:
        median_mark(paper, scale.x_mm(row.median), middle_mm)
    if row.industry_mark is not None:
        industry_mark(paper, scale.x_mm(row.industry_mark), middle_mm)
    if row.rate is not None:
        if row.rate_low is not None and row.rate_high is not None:
            ends_mm = (scale.x_mm(row.rate_low), scale.x_mm(min(row.rate_high, scale.greatest)))
            own_interval(paper, *ends_mm, middle_mm)
        own_mark(paper, scale.x_mm(row.rate), middle_mm)


def _standing_colour(row: StripRow) -> Colour:
    return TEXT if row.told else MUTED
