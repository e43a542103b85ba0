"""Pages to draw on: text, lines and marks in millimetres from the top left corner.

Only this module and ``structure``, which knows what the marks mean, know fpdf2. Each mark is one operator sequence with
its own colours between ``q`` and ``Q``, so that nothing depends on what was drawn before.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from fpdf import FPDF, ViewerPreferences
from fpdf.annotations import PDFAnnotation
from fpdf.enums import PageMode
from fpdf.syntax import DestinationXYZ

from dcc_analytics.render.pdf.fonts import ASCENT_EM, DESCENT_EM, FAMILY, FontFolder, said_printable, width_mm
from dcc_analytics.render.pdf.layout import TextBox
from dcc_analytics.render.pdf.metadata import metadata
from dcc_analytics.render.pdf.operators import around, numbers, painted, pen, through, up
from dcc_analytics.render.pdf.properties import tell
from dcc_analytics.render.pdf.said import Said, rest
from dcc_analytics.render.pdf.sources import Carried, Figure, Series
from dcc_analytics.render.pdf.structure import FIGURE, LINK, Box, Element, Structure, Tag
from dcc_analytics.render.pdf.style import BODY_PT, MM_PER_PT, TEXT, Colour

Align = Literal["left", "right", "centre"]
_DEFAULT_LINE_MM: Final = 0.2


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A bookmark: its title, the page it leads to, and how far down that page."""

    title: str
    page: int
    top_mm: float = 0.0


class Paper:
    """A document in the making.

    Attributes:
        boxes: every line of text written.
        outline: every bookmark.
        carried: every figure that carries its source.
        alternatives: pages of figures, and what of the words in their place nothing is said of.
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
        pdf.set_xmp_metadata(metadata(title))
        self.structure = Structure(pdf)
        self.boxes: list[TextBox] = []
        self.outline: list[OutlineEntry] = []
        self.carried: list[Carried] = []
        self.alternatives: list[tuple[int, str]] = []
        self._leads: list[tuple[str, DestinationXYZ]] = []  # links to titles whose pages may come later

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

    def bookmark(self, title: str, *, level: int = 0, top_mm: float = 0.0) -> None:
        """Enter a place of the current page into the outline: its top, or further down; level 1 is below level 0."""
        self._pdf.set_y(top_mm)
        self._pdf.start_section(said_printable(title), level)
        self.outline.append(OutlineEntry(title, self.page, top_mm))

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
        self, left_mm: float, top_mm: float, width: float, height: float, *, to: int | str, words: str,
        to_mm: float = 0.0,
    ) -> Iterator[None]:  # fmt: skip
        """Make an area lead to a page, with words for who can't see it; what is drawn meanwhile is in it.

        Args:
            left_mm: of the area.
            top_mm: of it.
            width: of it, in mm.
            height: of it, in mm.
            to: the number of the page, or a title that it has in the outline when all is drawn.
            words: where it leads.
            to_mm: how far down that page.
        """
        place = DestinationXYZ(to if isinstance(to, int) else 0, top=up(to_mm))
        if isinstance(to, str):
            self._leads.append((to, place))
        with self.structure.element(LINK):
            yield
            self.structure.annotate(
                PDFAnnotation(
                    "Link",
                    x=left_mm / MM_PER_PT,
                    y=up(top_mm),
                    width=width / MM_PER_PT,
                    height=height / MM_PER_PT,
                    dest=place,
                    contents=words,
                )
            )

    @contextmanager
    def figure(self, alternative: str, left_mm: float, top_mm: float, width: float, height: float) -> Iterator[None]:
        """Draw a figure in an area of the page, with words in its place for who can't see it."""
        with self.structure.element(FIGURE) as figure:
            figure.box = box(left_mm, top_mm, width, height)
            self.describe(figure, alternative)
            yield

    def page_of(self, title: str) -> int:
        """Return the page that has a title in the outline.

        Raises:
            ValueError: none has.
        """
        for entry in self.outline:
            if entry.title == title:
                return entry.page
        raise ValueError(f"no page has the title {title!r}: a link would lead nowhere")

    def describe(self, figure: Element, alternative: str) -> None:
        """Give a figure that is open the words that stand in its place; they carry their sources as others do."""
        figure.alternative = alternative
        self.alternatives.append((self.page, rest(alternative)))
        if isinstance(alternative, Said):
            self.carry(alternative.figures)

    def output(self) -> bytes:
        """Return the document.

        Raises:
            ValueError: a link leads to a title that no page has.
        """
        for title, place in self._leads:
            place.page_number = self.page_of(title)
        tell(self.structure.elements)
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
        text = said_printable(text)
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
            self.boxes.append(
                TextBox(self.page, left_mm, top_mm, right_mm, foot_mm, size_pt, text, allowed_mm, rest(text))
            )
            if isinstance(text, Said):
                self.carry(text.figures)
        return wide_mm

    def carry(self, what: Iterable[Figure | Series]) -> None:
        """Let the part of the document that is open carry the sources of what is drawn in it."""
        for each in what:
            self.carried.append(Carried(self.page, each))
            self.structure.carry(each)

    def line(
        self,
        points_mm: Iterable[tuple[float, float]],
        *,
        colour: Colour = TEXT,
        thick_mm: float = _DEFAULT_LINE_MM,
        dash_mm: tuple[float, ...] = (),
    ) -> None:
        """Draw a line through points."""
        path = through(points_mm)
        dash = f"[{numbers(*(each / MM_PER_PT for each in dash_mm))}] 0 d " if dash_mm else ""
        self.operators(f"{pen(colour, thick_mm)} {dash}{path} S")

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
        path = f"{numbers(left_mm / MM_PER_PT, up(top_mm + height), width / MM_PER_PT, height / MM_PER_PT)} re"
        self.operators(painted(path, fill, edge, thick_mm))

    def polygon(
        self,
        points_mm: Iterable[tuple[float, float]],
        *,
        fill: Colour | None = None,
        edge: Colour | None = None,
        thick_mm: float = _DEFAULT_LINE_MM,
    ) -> None:
        """Draw a closed shape with straight sides."""
        self.operators(painted(through(points_mm) + " h", fill, edge, thick_mm))

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
        circle = around(x_mm, y_mm, radius_mm)
        self.operators(painted(circle, fill, edge, thick_mm))

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
    left, foot = left_mm / MM_PER_PT, up(top_mm + height)
    return left, foot, left + width / MM_PER_PT, foot + height / MM_PER_PT
