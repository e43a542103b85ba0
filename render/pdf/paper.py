"""Pages to draw on: text, lines and marks in millimetres from the top left corner.

Only this module and ``structure``, which knows what the marks mean, know fpdf2. Each mark is one operator sequence with
its own colours between ``q`` and ``Q``, so that nothing depends on what was drawn before.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from xml.sax.saxutils import escape

from fpdf import FPDF, ViewerPreferences
from fpdf.annotations import PDFAnnotation
from fpdf.enums import PageMode
from fpdf.syntax import DestinationXYZ

from dcc_analytics.render.pdf.fonts import ASCENT_EM, DESCENT_EM, FAMILY, FontFolder, printable, width_mm
from dcc_analytics.render.pdf.layout import TextBox
from dcc_analytics.render.pdf.structure import FIGURE, LINK, Box, Structure, Tag
from dcc_analytics.render.pdf.style import BODY_PT, MM_PER_PT, PAGE_HEIGHT_MM, TEXT, Colour, rgb

Align = Literal["left", "right", "centre"]
#: A circle as four Bézier curves: how far their handles reach, of the radius.
_HANDLE: Final = 0.5523
_DEFAULT_LINE_MM: Final = 0.2
#: A claim that PDF/UA-1 asks for, with the title, in the metadata that stand beside the document's own.
_METADATA: Final = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part>'
    '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A bookmark: its title, and the page it leads to."""

    title: str
    page: int


class Paper:
    """A document in the making.

    Attributes:
        boxes: every line of text written.
        outline: every bookmark.
        structure: what the marks are; those drawn while no part of it is open are read out to nobody.
    """

    def __init__(self, fonts: FontFolder, *, title: str, subject: str, created: datetime) -> None:
        """Start a document without pages; the instant it bears is an argument, so that it can be made again."""
        pdf = self._pdf = FPDF(unit="mm", format="A4")
        pdf.set_auto_page_break(auto=False)
        for style in ("", "B"):
            pdf.add_font(FAMILY, style, fonts.file(style))
        pdf.set_title(title)
        pdf.set_subject(subject)
        pdf.set_lang("en-GB")
        pdf.set_creation_date(created)
        pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        pdf.page_mode = PageMode.USE_OUTLINES
        pdf.pdf_version = "1.7"  # of which PDF/UA-1 is a part
        pdf.set_xmp_metadata(_METADATA.format(title=escape(title)))
        self.structure = Structure(pdf)
        self.boxes: list[TextBox] = []
        self.outline: list[OutlineEntry] = []

    @property
    def page(self) -> int:
        """The number of the current page, from 1."""
        return self._pdf.page

    @property
    def pages(self) -> int:
        """How many there are."""
        return self._pdf.pages_count

    def add_page(self) -> None:
        """Go on on a new page."""
        self.structure.end()
        self._pdf.add_page()

    def bookmark(self, title: str) -> None:
        """Enter the top of the current page into the outline."""
        self._pdf.set_y(0)
        self._pdf.start_section(printable(title))
        self.outline.append(OutlineEntry(title, self.page))

    @contextmanager
    def on_page(self, page: int) -> Iterator[None]:
        """Go back to an earlier page for a while: contents are written when all pages are known."""
        pdf, current = self._pdf, self._pdf.page
        self.structure.end()
        pdf.page, pdf.current_font_is_set_on_page = page, False
        try:
            yield
        finally:
            self.structure.end()
            pdf.page, pdf.current_font_is_set_on_page = current, False

    @contextmanager
    def link(
        self, left_mm: float, top_mm: float, width: float, height: float, *, page: int, words: str
    ) -> Iterator[None]:
        """Make an area lead to the top of a page, with words for who can't see it; what is drawn meanwhile is in it."""
        with self.structure.element(LINK):
            yield
            self.structure.annotate(
                PDFAnnotation(
                    "Link",
                    x=left_mm / MM_PER_PT,
                    y=_up(top_mm),
                    width=width / MM_PER_PT,
                    height=height / MM_PER_PT,
                    dest=DestinationXYZ(page, top=_up(0)),
                    contents=words,
                )
            )

    @contextmanager
    def figure(self, alternative: str, left_mm: float, top_mm: float, width: float, height: float) -> Iterator[None]:
        """Draw a figure in an area of the page, with words in its place for who can't see it."""
        with self.structure.element(FIGURE) as figure:
            figure.alternative, figure.box = alternative, box(left_mm, top_mm, width, height)
            yield

    def output(self) -> bytes:
        """Return the document."""
        self.structure.finish()
        return bytes(self._pdf.output())

    def text(
        self,
        x_mm: float,
        baseline_mm: float,
        text: str,
        *,
        size_pt: float = BODY_PT,
        bold: bool = False,
        colour: Colour = TEXT,
        align: Align = "left",
        allowed_mm: float | None = None,
        tag: Tag | None = None,
    ) -> float:
        """Write one line.

        Args:
            x_mm: its left end, right end or middle, as ``align`` says.
            baseline_mm: down the page.
            text: what to write; characters the font lacks become squares.
            size_pt: of the font.
            bold: or not.
            colour: of the text.
            align: which point of it stands at ``x_mm``.
            allowed_mm: how wide it may be: the layout test reports text that is wider.
            tag: what the line is by itself; None for a part of what is open.

        Returns:
            Its width in mm.
        """
        text = printable(text)
        style = "B" if bold else ""
        wide_mm = width_mm(text, size_pt, style)
        left_mm = x_mm - wide_mm * {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
        with self.structure.element(tag) if tag else nullcontext():
            if not text.strip():
                return wide_mm
            self.structure.begin()
            pdf = self._pdf
            pdf.set_font(FAMILY, style, size_pt)
            pdf.set_text_color(colour)
            pdf.text(left_mm, baseline_mm, f"{text} ")  # read out, the words of two lines are apart
            em_mm = size_pt * MM_PER_PT
            top_mm, foot_mm = baseline_mm - ASCENT_EM * em_mm, baseline_mm + DESCENT_EM * em_mm
            right_mm = left_mm + wide_mm
            self.boxes.append(TextBox(self.page, left_mm, top_mm, right_mm, foot_mm, size_pt, text, allowed_mm))
        return wide_mm

    def line(
        self,
        points_mm: Iterable[tuple[float, float]],
        *,
        colour: Colour = TEXT,
        thick_mm: float = _DEFAULT_LINE_MM,
        dash_mm: tuple[float, ...] = (),
    ) -> None:
        """Draw a line through points."""
        path = _polygon(points_mm)
        dash = f"[{_numbers(*(each / MM_PER_PT for each in dash_mm))}] 0 d " if dash_mm else ""
        self.operators(f"{_pen(colour, thick_mm)} {dash}{path} S")

    def rectangle(
        self,
        left_mm: float,
        top_mm: float,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        edge: Colour | None = None,
        thick_mm: float = _DEFAULT_LINE_MM,
    ) -> None:
        """Draw a rectangle, filled, with an edge, or both."""
        box = f"{_numbers(left_mm / MM_PER_PT, _up(top_mm + height), width / MM_PER_PT, height / MM_PER_PT)} re"
        self.operators(_painted(box, fill, edge, thick_mm))

    def polygon(
        self,
        points_mm: Iterable[tuple[float, float]],
        *,
        fill: Colour | None = None,
        edge: Colour | None = None,
        thick_mm: float = _DEFAULT_LINE_MM,
    ) -> None:
        """Draw a closed shape with straight sides."""
        self.operators(_painted(_polygon(points_mm) + " h", fill, edge, thick_mm))

    def dot(
        self,
        x_mm: float,
        y_mm: float,
        radius_mm: float,
        *,
        fill: Colour | None = None,
        edge: Colour | None = None,
        thick_mm: float = _DEFAULT_LINE_MM,
    ) -> None:
        """Draw a circle."""
        x, y, r = x_mm / MM_PER_PT, _up(y_mm), radius_mm / MM_PER_PT
        h = r * _HANDLE
        circle = (
            f"{_numbers(x + r, y)} m {_numbers(x + r, y + h, x + h, y + r, x, y + r)} c "
            f"{_numbers(x - h, y + r, x - r, y + h, x - r, y)} c {_numbers(x - r, y - h, x - h, y - r, x, y - r)} c "
            f"{_numbers(x + h, y - r, x + r, y - h, x + r, y)} c h"
        )
        self.operators(_painted(circle, fill, edge, thick_mm))

    def operators(self, operators: str, *, opacity: float = 1.0) -> None:
        """Append operators of the page description, points from the lower left corner, state restored after."""
        self.structure.begin()
        if opacity < 1.0:
            with self._pdf.local_context(fill_opacity=opacity, stroke_opacity=opacity):
                self._pdf._out(f"q {operators} Q")  # noqa: SLF001 (see structure)
        else:
            self._pdf._out(f"q {operators} Q")  # noqa: SLF001 (see structure)


def box(left_mm: float, top_mm: float, width: float, height: float) -> Box:
    """Return an area of a page as the structure has it."""
    left, foot = left_mm / MM_PER_PT, _up(top_mm + height)
    return left, foot, left + width / MM_PER_PT, foot + height / MM_PER_PT


def _numbers(*numbers: float) -> str:
    return " ".join(f"{number:.2f}" for number in numbers)


def _up(y_mm: float) -> float:
    """Return points up from the foot of the page."""
    return (PAGE_HEIGHT_MM - y_mm) / MM_PER_PT


def _polygon(points_mm: Iterable[tuple[float, float]]) -> str:
    first, *rest = (_numbers(x / MM_PER_PT, _up(y)) for x, y in points_mm)
    return f"{first} m " + " ".join(f"{point} l" for point in rest)


def colour_operands(colour: Colour) -> str:
    """Return a colour as operands of ``rg`` and ``RG``."""
    return " ".join(f"{part:.3f}" for part in rgb(colour))


def _pen(colour: Colour, thick_mm: float) -> str:
    return f"{colour_operands(colour)} RG {_numbers(thick_mm / MM_PER_PT)} w"


def _painted(path: str, fill: Colour | None, edge: Colour | None, thick_mm: float) -> str:
    before = f"{colour_operands(fill)} rg " if fill else ""
    pen = f"{_pen(edge, thick_mm)} " if edge else ""
    return f"{before}{pen}{path} {'B' if fill and edge else 'f' if fill else 'S'}"
