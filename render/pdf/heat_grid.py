"""Heat grid: failure rates by Region and by Meter Type with SMETS version, each printed in its cell, which is shaded.

The number carries the value, the shade only leads the eye: a grid printed in grey loses nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from dcc_analytics.render.pdf.figures import ENOUGH_OUTCOMES
from dcc_analytics.render.pdf.flow import Flow, key_entry
from dcc_analytics.render.pdf.fonts import fitted, width_mm
from dcc_analytics.render.pdf.row_sums import Cell
from dcc_analytics.render.pdf.said import Other, figure, named, other, said
from dcc_analytics.render.pdf.sources import Unit
from dcc_analytics.render.pdf.structure import CELL, COLUMN_TITLE, ROW, ROW_TITLE, TABLE
from dcc_analytics.render.pdf.style import BENCHMARK, LEFT_MM, MUTED, RULE, SMALL_PT, TEXT, WHITE, WIDTH_MM, Colour
from dcc_analytics.render.pdf.sums import Part, PartSource
from dcc_analytics.render.pdf.words import percent, short_gap

#: From which rate a cell has a shade; text on the darkest has a contrast of 4.7:1.
SHADES: Final[tuple[tuple[float, Colour], ...]] = (
    (0.20, "#F7965F"),
    (0.05, "#FAB892"),
    (0.01, "#FCD5BE"),
    (0.0, "#FEEFE6"),
)
_ROW_MM: Final = 5.0
_HEADER_MM: Final = 8.4
_KEY_MM: Final = 5.4
_KEY_WIDE_MM: Final = 84.0
_LABEL_MM: Final = 17.0
_CELL_MM: Final = 22.0
_UNKNOWN: Final = "Unknown"
_FEW: Final = "few"


@dataclass(frozen=True, slots=True)
class HeatGrid:
    """A grid that can be drawn.

    Attributes:
        cells: sums by Region, Meter Type and SMETS version; one that is missing was not sent.
        source: of the rows of a cell.
    """

    cells: Mapping[Cell, Part]
    source: Callable[[Cell], PartSource]

    @property
    def regions(self) -> list[str | None]:
        """Of its rows, in alphabetical order."""
        return sorted({region for region, _, _ in self.cells}, key=_words)

    @property
    def columns(self) -> list[tuple[str | None, str | None]]:
        """Meter Type and SMETS version."""
        return sorted({(meter, smets) for _, meter, smets in self.cells}, key=lambda each: tuple(map(_words, each)))

    @property
    def wide_mm(self) -> float:
        """Of all columns, or of the key where that is wider."""
        return max(_LABEL_MM + self.cell_mm * len(self.columns), _KEY_WIDE_MM)

    @property
    def cell_mm(self) -> float:
        """Of each cell: less where there are many columns."""
        return min(_CELL_MM, (WIDTH_MM - _LABEL_MM) / max(len(self.columns), 1))

    @property
    def height_mm(self) -> float:
        """With its key."""
        return _KEY_MM + _HEADER_MM + _ROW_MM * len(self.regions)

    @property
    def worst(self) -> Part | None:
        """The cell of the highest rate among those with enough outcomes; None where nothing of those failed."""
        enough = [part for part in self.cells.values() if part.failures and _outcomes(part) >= ENOUGH_OUTCOMES]
        return max(enough, key=lambda part: (part.failure_rate or 0.0, part.failures), default=None)

    def draw(self, flow: Flow, *, left_mm: float = LEFT_MM) -> None:
        """Draw it at the flow's place."""
        self._key(flow, left_mm)
        with flow.paper.structure.element(TABLE):
            self._header(flow, left_mm)
            for region in self.regions:
                self._row(flow, region, left_mm)

    def _key(self, flow: Flow, left_mm: float) -> None:
        paper, x_mm, y_mm = flow.paper, left_mm, flow.y_mm
        for rate, shade in reversed(SHADES):
            paper.rectangle(x_mm, y_mm + 0.6, 4, 3, fill=shade, edge=RULE, thick_mm=0.1)
            text = other(f"over {rate:.0%}", Other.TICK)
            x_mm = key_entry(paper, x_mm + 5, y_mm + 3.2, text) - 3.5
        flow.y_mm += _KEY_MM

    def _header(self, flow: Flow, left_mm: float) -> None:
        paper, y_mm = flow.paper, flow.y_mm
        with paper.structure.element(ROW):
            paper.text(left_mm, y_mm + 6.8, "Region", size_pt=SMALL_PT, bold=True, colour=BENCHMARK, tag=COLUMN_TITLE)
            for place, column in enumerate(self.columns):
                x_mm = left_mm + _LABEL_MM + self.cell_mm * place + 1
                with paper.structure.element(COLUMN_TITLE):
                    for line, value in enumerate(column):
                        title = fitted(named(_words(value)), self.cell_mm - 2, SMALL_PT, "B")
                        baseline_mm = y_mm + 3.2 + 3.6 * line
                        paper.text(x_mm, baseline_mm, title, size_pt=SMALL_PT, bold=True, colour=BENCHMARK)
        flow.y_mm += _HEADER_MM

    def _row(self, flow: Flow, region: str | None, left_mm: float) -> None:
        paper, y_mm = flow.paper, flow.y_mm
        baseline_mm, worst = y_mm + _ROW_MM / 2 + 1.1, self.worst
        with paper.structure.element(ROW):
            label = fitted(named(_words(region)), _LABEL_MM - 1, SMALL_PT, "B")
            paper.text(left_mm, baseline_mm, label, size_pt=SMALL_PT, bold=True, tag=ROW_TITLE)
            for place, column in enumerate(self.columns):
                x_mm = left_mm + _LABEL_MM + self.cell_mm * place
                cell = (region, *column)
                part = self.cells.get(cell)
                with paper.structure.element(CELL):
                    if part is None:
                        continue
                    paper.rectangle(
                        x_mm + 0.2, y_mm + 0.2, self.cell_mm - 0.4, _ROW_MM - 0.4, fill=shade_of(part), edge=RULE,
                        thick_mm=0.1,
                    )  # fmt: skip
                    self._cell(flow, (x_mm, baseline_mm), part, self.source(cell), bold=part is worst)
        flow.y_mm += _ROW_MM

    def _cell(self, flow: Flow, at_mm: tuple[float, float], part: Part, source: PartSource, *, bold: bool) -> None:
        x_mm, baseline_mm = at_mm
        if part.failure_rate is None:
            flow.paper.text(x_mm + 1, baseline_mm, "open", size_pt=SMALL_PT, colour=MUTED)
            return
        rate = figure(percent(part.failure_rate), Unit.RATE, source.of(source.failure_rate))
        wide_mm = flow.paper.text(x_mm + 1, baseline_mm, rate, size_pt=SMALL_PT, bold=bold)
        beside = _beside(part, source)
        if width_mm(beside, SMALL_PT) <= self.cell_mm - 3 - wide_mm:
            flow.paper.text(
                x_mm + self.cell_mm - 1, baseline_mm, beside, size_pt=SMALL_PT, align="right",
                colour=TEXT if beside == _FEW else BENCHMARK, allowed_mm=self.cell_mm - 2,
            )  # fmt: skip


def _beside(part: Part, source: PartSource) -> str:
    """Return what stands beside a rate: that it is of few, or how far from the industry's it is."""
    if _outcomes(part) < ENOUGH_OUTCOMES:
        return _FEW
    if part.failure_rate is None or part.industry_failure_rate is None:
        return ""
    apart = f"{source.failure_rate} - {source.industry_failure_rate}"
    return figure(short_gap(part.failure_rate - part.industry_failure_rate), Unit.SHORT_GAP, source.of(apart))


def note() -> str:
    """Return what is to be said of a grid beside its heading."""
    return said("failed; beside it points above or below the industry at your mix; few: under 30 outcomes; bold: worst")


def shade_of(part: Part) -> Colour:
    """Return the shade of a cell: none where nothing failed, and of few outcomes none but the lightest."""
    rate = part.failure_rate or 0.0
    if not rate:
        return WHITE
    if _outcomes(part) < ENOUGH_OUTCOMES:
        return SHADES[-1][1]
    return next(shade for least, shade in SHADES if rate > least)


def _outcomes(part: Part) -> int:
    return part.successes + part.failures


def _words(value: str | None) -> str:
    return value or _UNKNOWN
