"""annex.pdf: a page for each process and SRV, those of few round trips several to a page, and contents before them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Final

from dcc_analytics.render.pdf.annex_few import begin_few, draw_few
from dcc_analytics.render.pdf.annex_page import AnnexFigures, draw_row_page
from dcc_analytics.render.pdf.compact import compact
from dcc_analytics.render.pdf.figures import ENOUGH_OUTCOMES, PackFigures, ServiceRow
from dcc_analytics.render.pdf.flow import Flow, Running
from dcc_analytics.render.pdf.fonts import FontFolder, fitted
from dcc_analytics.render.pdf.layout import TextBox
from dcc_analytics.render.pdf.paper import OutlineEntry, Paper
from dcc_analytics.render.pdf.row_sums import Key, RowSums
from dcc_analytics.render.pdf.said import Other, dated, named, other, said
from dcc_analytics.render.pdf.sources import Carried
from dcc_analytics.render.pdf.structure import CONTENTS, ENTRY, HEADING, REFERENCE, SECTION, Element
from dcc_analytics.render.pdf.style import BOTTOM_MM, LEFT_MM, MID_BLUE, SMALL_PT, TOP_MM, WIDTH_MM
from dcc_analytics.render.pdf.words import plural

CONTENTS_TITLE: Final = "Contents of the annex"
_COLUMN_GAP_MM: Final = 8.0
_COLUMN_MM: Final = (WIDTH_MM - _COLUMN_GAP_MM) / 2
_ROW_MM: Final = 4.6
_TITLE_MM: Final = 22.0
_NUMBER_MM: Final = 8.0
_LINES: Final = int((BOTTOM_MM - TOP_MM - _TITLE_MM) / _ROW_MM)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the contents: the name of a process, or a row; and its page, column and place from the top."""

    what: str | ServiceRow
    page: int
    column: int
    place: int


@dataclass(frozen=True, slots=True)
class AnnexPdf:
    """A finished annex.

    Attributes:
        data: the file.
        boxes: every line of text in it, for the layout test.
        carried: every figure in it with its source, for the test that resolves them.
        alternatives: pages of figures, and what of the words in their place nothing is said of, likewise.
        pages: on which page each row stands.
    """

    data: bytes
    boxes: tuple[TextBox, ...]
    carried: tuple[Carried, ...]
    alternatives: tuple[tuple[int, str], ...]
    pages: Mapping[Key, int]


def compose_annex(figures: PackFigures, fonts: FontFolder, running: Running) -> AnnexPdf | None:
    """Draw the annex; None for a Member that sent nothing.

    Args:
        figures: of the Member.
        fonts: to write in.
        running: the head and foot of the pack.
    """
    if not figures.rows:
        return None
    subject = "Customer analytics of the month (MP176): a page for each SRV"
    paper = Paper(fonts, title=f"{running.head}: annex", subject=subject, created=figures.snapshot.clock)
    flow = Flow(paper, running)
    of_annex = AnnexFigures(figures, RowSums.of(figures.daily))
    lines = _placed(figures.rows)
    parts = _begin_contents(flow, figures, lines[-1].page + 1)
    found: dict[Key, OutlineEntry] = {}
    enough = [row for row in figures.rows if row.outcomes >= ENOUGH_OUTCOMES]
    for place, row in enumerate(enough):
        first = place == 0 or enough[place - 1].process != row.process
        draw_row_page(flow, of_annex, row, first=first)
        found[row.key] = paper.outline[-1]
    few = [row for row in figures.rows if row.outcomes < ENOUGH_OUTCOMES]
    if few:
        begin_few(flow)
    for row in few:
        draw_few(flow, of_annex, row)
        found[row.key] = paper.outline[-1]
    _draw_contents(flow, parts, lines, found)
    pages = MappingProxyType({key: entry.page for key, entry in found.items()})
    return AnnexPdf(compact(paper.output()), tuple(paper.boxes), tuple(paper.carried), tuple(paper.alternatives), pages)


def _placed(rows: Sequence[ServiceRow]) -> list[_Line]:
    """Return the lines of the contents; the name of a process is never the last of its column."""
    found: list[_Line] = []
    at = 0
    for process, of_process in groupby(rows, key=lambda row: row.process):
        at += (at + 1) % _LINES == 0
        for what in (process, *of_process):
            column, place = divmod(at, _LINES)
            found.append(_Line(what, column // 2, column % 2, place))
            at += 1
    return found


def _begin_contents(flow: Flow, figures: PackFigures, pages: int) -> list[tuple[int, Element]]:
    """Begin the pages of the contents; return for each its number and the part that is filled at the end."""
    begun = []
    for number in range(pages):
        flow.new_page(CONTENTS_TITLE)
        if number == 0:
            flow.paper.bookmark(CONTENTS_TITLE)
        few = sum(row.outcomes < ENOUGH_OUTCOMES for row in figures.rows)
        enough = len(figures.rows) - few
        flow.title(
            CONTENTS_TITLE if number == 0 else f"{CONTENTS_TITLE} (continued)",
            said(
                "{}, in the order of Table 1, {}. {} of enough round trips to be drawn have a page each; {} of few "
                "stand at the end, several to a page.",
                figures.role, dated(figures.month),
                *(other(plural(each, "row"), Other.RECORD) for each in (enough, few)),
            ),
        )  # fmt: skip
        begun.append((flow.paper.page, flow.paper.structure.placed(SECTION)))
    return begun


def _draw_contents(
    flow: Flow, parts: Sequence[tuple[int, Element]], lines: Sequence[_Line], found: Mapping[Key, OutlineEntry]
) -> None:
    structure = flow.paper.structure
    for number, (page, part) in enumerate(parts):
        with flow.paper.on_page(page), structure.within(part):
            of_page = [line for line in lines if line.page == number]
            for heads, group in groupby(of_page, key=lambda line: isinstance(line.what, str)):
                if heads:
                    for line in group:
                        _process(flow, line)
                    continue
                with structure.element(CONTENTS):
                    for line in group:
                        _entry(flow, line, found)


def _at(line: _Line) -> tuple[float, float]:
    """Return the left end and the top of a line."""
    return LEFT_MM + line.column * (_COLUMN_MM + _COLUMN_GAP_MM), TOP_MM + _TITLE_MM + line.place * _ROW_MM


def _process(flow: Flow, line: _Line) -> None:
    left_mm, top_mm = _at(line)
    name = fitted(str(line.what), _COLUMN_MM, SMALL_PT, "B")
    flow.paper.text(left_mm, top_mm + 3.4, name, size_pt=SMALL_PT, bold=True, tag=HEADING)


def _entry(flow: Flow, line: _Line, found: Mapping[Key, OutlineEntry]) -> None:
    if isinstance(line.what, str):
        raise TypeError(f"{line.what!r} is a heading, no entry")
    paper, structure, row = flow.paper, flow.paper.structure, line.what
    entry = found[row.key]
    left_mm, top_mm = _at(line)
    page = other(str(entry.page), Other.PAGE)
    with structure.element(ENTRY), structure.element(REFERENCE):
        words = f"{row.title}, page {entry.page}"
        with paper.link(left_mm, top_mm, _COLUMN_MM, _ROW_MM, to=entry.page, words=words, to_mm=entry.top_mm):
            title = fitted(named(row.title), _COLUMN_MM - _NUMBER_MM, SMALL_PT)
            paper.text(left_mm, top_mm + 3.4, title, size_pt=SMALL_PT, colour=MID_BLUE)
            right_mm = left_mm + _COLUMN_MM
            paper.text(right_mm, top_mm + 3.4, page, size_pt=SMALL_PT, align="right", allowed_mm=_NUMBER_MM)
