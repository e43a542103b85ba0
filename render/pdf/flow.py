"""Running text down the pages: head and foot of each page, titles, paragraphs, and where the next block goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dcc_analytics.render.pdf.fonts import fitted, width_mm, wrapped
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.said import Other, named, other
from dcc_analytics.render.pdf.structure import HEADING, ITEM, ITEM_TEXT, LIST, PARAGRAPH, TITLE, Tag
from dcc_analytics.render.pdf.style import (
    BENCHMARK,
    BODY_PT,
    BOTTOM_MM,
    HEADING_PT,
    LEFT_MM,
    MM_PER_PT,
    MUTED,
    PAGE_HEIGHT_MM,
    RIGHT_MM,
    RULE,
    SMALL_PT,
    TEXT,
    TITLE_PT,
    TOP_MM,
    WIDTH_MM,
    Colour,
)

_LEADING: Final = 1.42
#: Between two sections of a page.
_APART_MM: Final = 8.0
#: What a title of two lines, one below it and the line of assumptions take.
HEAD_MM: Final = 30.0
_HEAD_MM: Final = 13.0
_FOOT_MM: Final = PAGE_HEIGHT_MM - 11.0


@dataclass(frozen=True, slots=True)
class Running:
    """What stands at the head and foot of every page."""

    head: str
    foot: str


class Flow:
    """The pages of a document, filled from the top.

    Attributes:
        paper: to draw on.
        y_mm: the top of what comes next.
    """

    def __init__(self, paper: Paper, running: Running) -> None:
        self.paper = paper
        self.y_mm = TOP_MM
        self._running = running
        self._continued = ""

    def new_page(self, section: str, *, assumed: bool = False) -> None:
        """Go on at the top of a new page.

        Args:
            section: names it at its head, and the pages it is continued on.
            assumed: say on those too that figures rest on assumptions; on the first the line below its title does.
        """
        self._continued = f"{section} (continued, assumed)" if assumed else f"{section} (continued)"
        self._turn(section)

    def section(self, name: str, height_mm: float, *, assumed: bool = False) -> None:
        """Go on below what is there if the section's height has place, else as ``new_page``."""
        if self.left_mm >= height_mm + _APART_MM:
            self.space(_APART_MM)
        else:
            self.new_page(name, assumed=assumed)

    def _turn(self, head: str) -> None:
        self.paper.add_page()
        self.y_mm = TOP_MM
        self._frame(head)

    def _frame(self, head: str) -> None:
        paper, structure, half_mm = self.paper, self.paper.structure, WIDTH_MM / 2
        with structure.decoration("Header"):
            running = fitted(self._running.head, half_mm, SMALL_PT)
            paper.text(LEFT_MM, _HEAD_MM, running, size_pt=SMALL_PT, colour=MUTED)
            section = fitted(named(head), half_mm - 4, SMALL_PT)
            paper.text(RIGHT_MM, _HEAD_MM, section, size_pt=SMALL_PT, colour=MUTED, align="right")
            paper.line([(LEFT_MM, _HEAD_MM + 2.2), (RIGHT_MM, _HEAD_MM + 2.2)], colour=RULE)
        with structure.decoration("Footer"):
            paper.text(LEFT_MM, _FOOT_MM, self._running.foot, size_pt=SMALL_PT, colour=MUTED, allowed_mm=WIDTH_MM - 20)
            number = other(f"Page {paper.page}", Other.PAGE)
            paper.text(RIGHT_MM, _FOOT_MM, number, size_pt=SMALL_PT, colour=MUTED, align="right")

    @property
    def left_mm(self) -> float:
        """How much of the page is left."""
        return BOTTOM_MM - self.y_mm

    def room(self, height_mm: float) -> bool:
        """Make room for a block; return whether a new page was begun for it."""
        if self.y_mm + height_mm <= BOTTOM_MM:
            return False
        self._turn(self._continued)
        return True

    def space(self, height_mm: float) -> None:
        """Leave a gap."""
        self.y_mm += height_mm

    def title(self, text: str, subtitle: str = "") -> None:
        """Write what a page shows, and below it measure, whose, when."""
        lines = wrapped(text, WIDTH_MM, TITLE_PT, "B")
        self.lines(lines, size_pt=TITLE_PT, bold=True, colour=BENCHMARK, leading=1.2, tag=TITLE)
        if subtitle:
            self.space(0.6)
            self.paragraph(subtitle, colour=MUTED)
        self.space(3)

    def heading(self, text: str, *, note: str = "", left_mm: float = LEFT_MM) -> None:
        """Write the heading of a block, with a note after it where there is place."""
        baseline_mm = self.y_mm + HEADING_PT * MM_PER_PT
        wide_mm = self.paper.text(
            left_mm, baseline_mm, text, size_pt=HEADING_PT, bold=True, allowed_mm=RIGHT_MM - left_mm, tag=HEADING
        )
        if note:
            place_mm = RIGHT_MM - left_mm - wide_mm - 4
            self.paper.text(
                left_mm + wide_mm + 3,
                baseline_mm,
                fitted(note, place_mm, SMALL_PT),
                size_pt=SMALL_PT,
                colour=MUTED,
                tag=PARAGRAPH,
            )
        self.y_mm += heading_mm()

    def paragraph(
        self,
        text: str,
        *,
        left_mm: float = LEFT_MM,
        width: float = WIDTH_MM,
        size_pt: float = BODY_PT,
        colour: Colour = TEXT,
        bold: bool = False,
        tag: Tag = PARAGRAPH,
    ) -> None:
        """Write text set left, in as many lines as it takes."""
        self.lines(
            wrapped(text, width, size_pt, "B" if bold else ""),
            left_mm=left_mm, size_pt=size_pt, colour=colour, bold=bold, tag=tag,
        )  # fmt: skip

    def bullets(
        self, texts: Sequence[str], *, left_mm: float = LEFT_MM, width: float = WIDTH_MM, gap_mm: float = 1.3
    ) -> None:
        """Write a list."""
        structure = self.paper.structure
        with structure.element(LIST):
            for text in texts:
                with structure.element(ITEM):
                    self.paper.rectangle(left_mm, self.y_mm + 1.25, 1.5, 1.5, fill=BENCHMARK)
                    self.paragraph(text, left_mm=left_mm + 4, width=width - 4, tag=ITEM_TEXT)
                self.y_mm += gap_mm

    def lines(
        self,
        lines: list[str],
        *,
        left_mm: float = LEFT_MM,
        size_pt: float = BODY_PT,
        colour: Colour = TEXT,
        bold: bool = False,
        leading: float = _LEADING,
        tag: Tag = PARAGRAPH,
    ) -> None:
        """Write lines that were measured before, as one paragraph or what else they are together."""
        step_mm = size_pt * MM_PER_PT * leading
        with self.paper.structure.element(tag):
            for line in lines:
                baseline_mm = self.y_mm + size_pt * MM_PER_PT
                self.paper.text(left_mm, baseline_mm, line, size_pt=size_pt, colour=colour, bold=bold)
                self.y_mm += step_mm


def heading_mm() -> float:
    """Return the height of a heading."""
    return HEADING_PT * MM_PER_PT * 1.25 + 1.6


def paragraph_mm(text: str, *, width: float = WIDTH_MM, size_pt: float = BODY_PT) -> float:
    """Return the height of a paragraph."""
    return len(wrapped(text, width, size_pt)) * size_pt * MM_PER_PT * _LEADING


def key_entry(paper: Paper, x_mm: float, baseline_mm: float, text: str) -> float:
    """Write the words of an entry of a key right of its mark; return where the next entry may start."""
    paper.text(x_mm, baseline_mm, text, size_pt=SMALL_PT)
    return x_mm + width_mm(text, SMALL_PT) + 6
