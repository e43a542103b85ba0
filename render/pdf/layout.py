"""Where text stands on the pages, and what is wrong with it: the measure that the layout test holds every page to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from dcc_analytics.render.pdf.style import LEAST_PT, PAGE_HEIGHT_MM, PAGE_WIDTH_MM

#: Text nearer to the edge of the paper may be lost by a printer.
_EDGE_MM: Final = 8.0
#: Rounding of coordinates in the file.
_SLACK_MM: Final = 0.05


@dataclass(frozen=True, slots=True)
class TextBox:
    """A line of text on a page: its ink, and the width it was given.

    Attributes:
        page: from 1.
        left_mm, top_mm, right_mm, bottom_mm: from the top left corner of the page.
        size_pt: of the font.
        text: as drawn.
        allowed_mm: the width it had to fit; None where only the page limits it.
        rest: what of the text is no figure with a source, no wording and not said to be anything else.
    """

    page: int
    left_mm: float
    top_mm: float
    right_mm: float
    bottom_mm: float
    size_pt: float
    text: str
    allowed_mm: float | None = None
    rest: str = ""


def faults(boxes: Iterable[TextBox]) -> Iterator[str]:
    """Yield what a reader would stumble over: small, cut off, too wide, or overlapping text."""
    pages: dict[int, list[TextBox]] = {}
    for box in boxes:
        pages.setdefault(box.page, []).append(box)
        yield from _own_faults(box)
    for page, on_page in pages.items():
        for above, below in _overlapping(on_page):
            yield f"page {page}: {above.text!r} and {below.text!r} overlap"


def _own_faults(box: TextBox) -> Iterator[str]:
    where = f"page {box.page}: {box.text!r}"
    if box.size_pt < LEAST_PT:
        yield f"{where} has {box.size_pt} pt"
    if box.left_mm < _EDGE_MM or box.right_mm > PAGE_WIDTH_MM - _EDGE_MM:
        yield f"{where} runs from {box.left_mm:.1f} to {box.right_mm:.1f} mm across the page"
    if box.top_mm < _EDGE_MM or box.bottom_mm > PAGE_HEIGHT_MM - _EDGE_MM:
        yield f"{where} runs from {box.top_mm:.1f} to {box.bottom_mm:.1f} mm down the page"
    if box.allowed_mm is not None and box.right_mm - box.left_mm > box.allowed_mm + _SLACK_MM:
        yield f"{where} is {box.right_mm - box.left_mm:.1f} mm wide, allowed are {box.allowed_mm:.1f}"


def _overlapping(boxes: list[TextBox]) -> Iterator[tuple[TextBox, TextBox]]:
    """Yield pairs that share ink; sorted by their top, so that only near ones are compared."""
    boxes = sorted(boxes, key=lambda box: box.top_mm)
    for first, _ in pairwise(boxes):
        start = boxes.index(first) + 1
        for second in boxes[start:]:
            if second.top_mm >= first.bottom_mm - _SLACK_MM:
                break
            if first.left_mm < second.right_mm - _SLACK_MM and second.left_mm < first.right_mm - _SLACK_MM:
                yield first, second
