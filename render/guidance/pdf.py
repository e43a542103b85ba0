"""The document as a PDF: the pages of packs, with numbers before titles, bookmarks, and contents on the first page."""

from datetime import UTC, datetime
from typing import Final

from dcc_analytics.render.guidance.document import Block, Document, Grid, Section, numbered, plain
from dcc_analytics.render.pdf.compact import compact
from dcc_analytics.render.pdf.contents import ContentsPlace, draw_contents
from dcc_analytics.render.pdf.flow import Flow, Running, heading_mm, paragraph_mm
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.pack import PackPdf
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.structure import SECTION, Tag
from dcc_analytics.render.pdf.style import BENCHMARK, BODY_PT, WIDTH_MM
from dcc_analytics.render.pdf.table import Table, TableColumn

#: A PDF bears an instant. That of making it would make every copy another.
_CREATED: Final = datetime(2026, 1, 1, tzinfo=UTC)
#: Titles of metrics, below the headings of sections; packs have none so deep.
_SUBHEADING: Final = Tag("H3")
_CAPTION: Final = Tag("P")
#: More than any cell has: nothing may be cut.
_MOST_LINES: Final = 99
#: What has to fit below a heading, or it goes to the next page.
_BELOW_MM: Final = 40.0
_GAP_MM: Final = 2.0
_SECTION_GAP_MM: Final = 4.0
_LINE_MM: Final = 5.0
_INDENT_MM: Final = 4.0
_ITEM_GAP_MM: Final = 1.3


def pdf(document: Document, fonts: FontFolder) -> PackPdf:
    """Return the PDF; the same document gives the same bytes."""
    paper = Paper(fonts, title=document.title, subject="Guidance document (R-DOC-1)", created=_CREATED)
    flow = Flow(paper, Running(document.title, document.edition))
    flow.new_page("Contents")
    flow.title(document.title, document.edition)
    contents = ContentsPlace(paper.page, flow.y_mm, paper.structure.placed(SECTION))
    for number, section in numbered(document.chapters):
        _draw(flow, number, section)
    draw_contents(flow, contents)
    return PackPdf(compact(paper.output()), tuple(paper.boxes), tuple(paper.carried), tuple(paper.alternatives))


def _draw(flow: Flow, number: str, section: Section) -> None:
    title = f"{number} {section.title}"
    match number.count("."):
        case 0:
            flow.new_page(title)
            flow.paper.bookmark(title)
            flow.title(title)
        case 1:
            flow.space(_SECTION_GAP_MM)
            flow.room(heading_mm() + min(_BELOW_MM, _heights_mm(section)))
            flow.paper.bookmark(title)
            flow.heading(title)
        case _:
            flow.space(_GAP_MM)
            flow.room(_LINE_MM + _heights_mm(section))  # it is read as one
            flow.paragraph(title, bold=True, colour=BENCHMARK, tag=_SUBHEADING)
            flow.space(0.6)
    for block in section.blocks:
        _draw_block(flow, block)
        flow.space(_GAP_MM)


def _draw_block(flow: Flow, block: Block) -> None:
    height_mm = _height_mm(block)
    match block:
        case str():
            flow.room(height_mm)
            flow.paragraph(plain(block))
        case Grid():
            flow.room(min(height_mm, _BELOW_MM))
            flow.lines([block.caption], size_pt=BODY_PT, bold=True, tag=_CAPTION)
            _table(block).draw(flow)
        case _:
            flow.room(height_mm)
            flow.bullets([plain(item) for item in block], gap_mm=_ITEM_GAP_MM)


def _heights_mm(section: Section) -> float:
    return sum(_height_mm(block) + _GAP_MM for block in section.blocks)


def _height_mm(block: Block) -> float:
    match block:
        case str():
            return paragraph_mm(plain(block))
        case Grid():
            return _LINE_MM + _table(block).height_mm
        case _:
            return sum(paragraph_mm(plain(item), width=WIDTH_MM - _INDENT_MM) + _ITEM_GAP_MM for item in block)


def _table(grid: Grid) -> Table:
    columns = [
        TableColumn(title, WIDTH_MM * part / 100, bold=place == 0, most_lines=_MOST_LINES)
        for place, (title, part) in enumerate(zip(grid.header, grid.widths, strict=True))
    ]
    return Table.of(columns, [[plain(cell) for cell in row] for row in grid.rows])
