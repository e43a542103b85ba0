"""Tables: widths fixed, text measured; words are wrapped or end in an ellipsis, figures are never cut."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Final

from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.fonts import fitted, wrapped
from dcc_analytics.render.pdf.paper import Align
from dcc_analytics.render.pdf.said import joined
from dcc_analytics.render.pdf.structure import CELL, COLUMN_TITLE, ROW, ROW_TITLE, TABLE, Tag
from dcc_analytics.render.pdf.style import BENCHMARK, LEFT_MM, MID_BLUE, MM_PER_PT, RULE, SMALL_PT, TEXT, Colour

_LINE_MM: Final = SMALL_PT * MM_PER_PT * 1.25
_PAD_MM: Final = 0.8
_GAP_MM: Final = 2.0
#: From the top of a cell's first line to its baseline.
_BASELINE_MM: Final = 3.0


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: its title, width including the gap on its right, and how cells stand in it."""

    title: str
    width_mm: float
    align: Align = "left"
    bold: bool = False
    colour: Colour = TEXT
    most_lines: int = 1

    @property
    def place_mm(self) -> float:
        """How wide a text may be."""
        return self.width_mm - _GAP_MM


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was measured and can be drawn; see ``of``."""

    columns: tuple[TableColumn, ...]
    header: list[list[str]]
    rows: list[list[list[str]]]
    leads: tuple[str, ...] = ()

    @classmethod
    def of(cls, columns: Sequence[TableColumn], rows: Sequence[Sequence[str]], *, leads: Sequence[str] = ()) -> "Table":
        """Measure a table; each row has a text for each column.

        Args:
            columns: of the table.
            rows: texts.
            leads: titles of the pages that the first cells of rows lead to; none where they lead nowhere.
        """
        return cls(
            tuple(columns),
            [wrapped(column.title, column.place_mm, SMALL_PT, "B") for column in columns],
            [[_cell(column, text) for column, text in zip(columns, row, strict=True)] for row in rows],
            tuple(leads),
        )

    @property
    def height_mm(self) -> float:
        """Of the header and all rows."""
        return _row_mm(self.header) + sum(map(_row_mm, self.rows))

    @property
    def wide_mm(self) -> float:
        """Of all columns."""
        return sum(column.width_mm for column in self.columns)

    def draw(self, flow: Flow, *, left_mm: float = LEFT_MM) -> None:
        """Draw it, over several pages if need be; the header is repeated, and read out once."""
        flow.room(_row_mm(self.header) + (_row_mm(self.rows[0]) if self.rows else 0))
        structure = flow.paper.structure
        titles = [replace(column, bold=True, colour=BENCHMARK) for column in self.columns]
        right_mm = left_mm + self.wide_mm

        def header() -> None:
            _draw_row(flow, left_mm, titles, self.header, [COLUMN_TITLE] * len(titles))
            flow.paper.line([(left_mm, flow.y_mm), (right_mm, flow.y_mm)], colour=BENCHMARK, thick_mm=0.3)

        tags = [ROW_TITLE if place == 0 and column.bold else CELL for place, column in enumerate(self.columns)]
        with structure.element(TABLE):
            header()
            for row, lead in zip(self.rows, self.leads or [""] * len(self.rows), strict=True):
                if flow.room(_row_mm(row)):
                    with structure.decoration():
                        header()
                _draw_row(flow, left_mm, self.columns, row, tags, lead=lead)
                flow.paper.line([(left_mm, flow.y_mm), (right_mm, flow.y_mm)], colour=RULE, thick_mm=0.1)


def _cell(column: TableColumn, text: str) -> list[str]:
    style = "B" if column.bold else ""
    if column.align == "right":
        return [text]  # a figure: cut, it would be another one; the layout test finds one that is too wide
    lines = wrapped(text, column.place_mm, SMALL_PT, style)
    if len(lines) <= column.most_lines:
        return lines
    kept, rest = lines[: column.most_lines - 1], joined(" ", lines[column.most_lines - 1 :])
    return [*kept, fitted(rest, column.place_mm, SMALL_PT, style)]


def _row_mm(row: list[list[str]]) -> float:
    return max(map(len, row)) * _LINE_MM + 2 * _PAD_MM - 0.4


def _draw_row(
    flow: Flow,
    left_mm: float,
    columns: Sequence[TableColumn],
    cells: list[list[str]],
    tags: Sequence[Tag],
    *,
    lead: str = "",
) -> None:
    structure, x_mm = flow.paper.structure, left_mm
    with structure.element(ROW):
        for column, lines, tag in zip(columns, cells, tags, strict=True):
            at_mm = x_mm + {"left": 0.0, "centre": column.place_mm / 2, "right": column.place_mm}[column.align]
            leads = bool(lead) and column is columns[0]
            with structure.element(tag), _link(flow, x_mm, column, cells, lead) if leads else nullcontext():
                colour = MID_BLUE if leads else column.colour
                for number, line in enumerate(lines):
                    baseline_mm = flow.y_mm + _PAD_MM - 0.4 + _BASELINE_MM + number * _LINE_MM
                    flow.paper.text(
                        at_mm, baseline_mm, line, size_pt=SMALL_PT, bold=column.bold, colour=colour,
                        align=column.align, allowed_mm=column.place_mm,
                    )  # fmt: skip
            x_mm += column.width_mm
    flow.y_mm += _row_mm(cells)


def _link(
    flow: Flow, x_mm: float, column: TableColumn, cells: list[list[str]], lead: str
) -> AbstractContextManager[None]:
    return flow.paper.link(x_mm, flow.y_mm, column.place_mm, _row_mm(cells), to=lead, words=f"To the page {lead!r}")
