"""N42 after N16 by supplier: ranked dots of the share that came within seven days, with how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.pdf.flow import Flow, heading_mm
from dcc_analytics.render.pdf.fonts import fitted
from dcc_analytics.render.pdf.marks import own_mark
from dcc_analytics.render.pdf.paper import Align
from dcc_analytics.render.pdf.said import Other, counted, joined, named, number, other, rated, said
from dcc_analytics.render.pdf.source import draw_source
from dcc_analytics.render.pdf.sources import Series, Source, ratio, rows, wilson_ends
from dcc_analytics.render.pdf.style import BENCHMARK, LEFT_MM, MUTED, RIGHT_MM, RULE, SMALL_PT, TEXT, WIDTH_MM
from dcc_analytics.snapshot.intervals import wilson

HEADING: Final = "N42 within seven days of N16"
_FILE: Final = "n42_after_n16"
_MOST: Final = 12
_ROW_MM: Final = 5.2
_HEADER_MM: Final = 5.6
_PLOT_LEFT_MM: Final = LEFT_MM + 34
_PLOT_RIGHT_MM: Final = LEFT_MM + 100
_FIGURES_MM: Final = (LEFT_MM + 116, LEFT_MM + 134, LEFT_MM + 150, LEFT_MM + 164, RIGHT_MM)
_TITLES: Final = ("Share", "N16", "In 7 days", "Later", "Never")
_TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Pairs:
    """The N16 of Devices of one supplier and what followed them; None where that is not known."""

    supplier: str
    n16: int
    in_time: int
    later: int
    none: int

    @property
    def source(self) -> Source:
        """Its row of the file."""
        return Source(_FILE, rows(supplier=self.supplier), "n16")

    @property
    def share(self) -> float:
        """Of N16 followed by an N42 within seven days."""
        return self.in_time / self.n16


def ranked(pairs: pl.DataFrame) -> list[Pairs]:
    """Return the suppliers that had an N16, the least share first, then the most N16."""
    every = pairs.select("supplier", "n16", "within_7_days", "later", "none").iter_rows()
    return sorted((Pairs(*row) for row in every if row[1]), key=lambda row: (row.share, -row.n16, row.supplier))


def n42_finding(pairs: pl.DataFrame) -> str:
    """Return what share of all had their N42 in time."""
    n16, in_time = int(pairs["n16"].sum()), int(pairs["within_7_days"].sum())
    every = Source(_FILE, "", "sum(n16)")
    share = said(" ({})", rated(in_time / n16, every.of(ratio("sum(within_7_days)", "sum(n16)")))) if n16 else ""
    return said(
        "{} of {} N16 were followed by an N42 within seven days{}",
        number(in_time, every.of("sum(within_7_days)")),
        number(n16, every),
        share,
    )


def draw_n42(flow: Flow, pairs: pl.DataFrame) -> None:
    """Draw the rows."""
    rows = ranked(pairs)
    flow.room(heading_mm() + 20 + _ROW_MM * min(len(rows), _MOST))
    flow.heading(
        said("{} {}", named(HEADING), MARK), note=said("the lowest share first; the line holds it 95 times of 100")
    )
    flow.paragraph(said("{}.", n42_finding(pairs)))
    flow.space(1)
    shown = rows[:_MOST]
    with flow.paper.figure(alternative(shown), LEFT_MM, flow.y_mm, WIDTH_MM, _HEADER_MM + _ROW_MM * len(shown)):
        _header(flow)
        for row in shown:
            _row(flow, row)
    draw_source(flow, _FILE, more=len(rows) - _MOST, shown=_MOST, where="n16 > 0", one="supplier")
    flow.space(4)


def _x_mm(share: float) -> float:
    return _PLOT_LEFT_MM + (_PLOT_RIGHT_MM - _PLOT_LEFT_MM) * share


def _header(flow: Flow) -> None:
    paper, baseline_mm = flow.paper, flow.y_mm + 4.0
    texts: list[tuple[float, str, Align]] = [(LEFT_MM, "Supplier", "left")]
    texts += [(x_mm, title, "right") for x_mm, title in zip(_FIGURES_MM, _TITLES, strict=True)]
    for x_mm, title, align in texts:
        paper.text(x_mm, baseline_mm, named(title), size_pt=SMALL_PT, bold=True, colour=BENCHMARK, align=align)
    for tick in _TICKS:
        paper.text(
            _x_mm(tick), baseline_mm, other(f"{tick:.0%}", Other.TICK), size_pt=SMALL_PT, colour=MUTED, align="centre"
        )
    flow.y_mm += _HEADER_MM
    paper.line([(LEFT_MM, flow.y_mm), (RIGHT_MM, flow.y_mm)], colour=BENCHMARK, thick_mm=0.3)


def _row(flow: Flow, row: Pairs) -> None:
    paper, middle_mm = flow.paper, flow.y_mm + _ROW_MM / 2
    paper.text(LEFT_MM, middle_mm + 1.1, fitted(named(row.supplier), 30, SMALL_PT), size_pt=SMALL_PT)
    for tick in _TICKS:
        paper.line([(_x_mm(tick), flow.y_mm), (_x_mm(tick), flow.y_mm + _ROW_MM)], colour=RULE, thick_mm=0.12)
    low, high = wilson(row.in_time, row.n16)
    paper.line([(_x_mm(low), middle_mm), (_x_mm(high), middle_mm)], colour=TEXT, thick_mm=0.35)
    own_mark(paper, _x_mm(row.share), middle_mm)
    source, (start, end) = row.source, wilson_ends("within_7_days", "n16")
    paper.carry([Series(f"{row.supplier}: interval", ((low, high),), source.of(f"{start}, {end}"))])
    figures = (
        rated(row.share, source.of(ratio("within_7_days", "n16"))), number(row.n16, source),
        number(row.in_time, source.of("within_7_days")), number(row.later, source.of("later")),
        number(row.none, source.of('"none"')),
    )  # fmt: skip
    for x_mm, text in zip(_FIGURES_MM, figures, strict=True):
        paper.text(x_mm, middle_mm + 1.1, text, size_pt=SMALL_PT, align="right")
    flow.y_mm += _ROW_MM
    paper.line([(LEFT_MM, flow.y_mm), (RIGHT_MM, flow.y_mm)], colour=RULE, thick_mm=0.1)


def alternative(rows: Sequence[Pairs]) -> str:
    """Return in words what the dots show."""
    told = [
        said(
            "{}: {} of {}",
            named(row.supplier),
            rated(row.share, row.source.of(ratio("within_7_days", "n16"))),
            counted(row.n16, "N16", row.source, "N16"),
        )
        for row in rows
    ]
    return said("{}.", joined("; ", told))
