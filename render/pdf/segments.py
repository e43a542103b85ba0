"""Bars of segments from zero, each with its label in it, where that fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dcc_analytics.render.pdf.fonts import width_mm
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.style import OWN_TEXT, SMALL_PT, TEXT, WHITE, Colour

#: Fill and text of the recipient's segments in their order: one hue, told apart by label, shade and edge.
SHADES: Final[tuple[tuple[Colour, Colour], ...]] = (
    (OWN_TEXT, WHITE), ("#F8BC9B", TEXT), ("#FDE8DC", TEXT), (WHITE, TEXT),
)  # fmt: skip
BAR_MM: Final = 4.4
_PAD_MM: Final = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar.

    Attributes:
        size: how much of the bar's scale it takes.
        labels: what may stand in it, the longest first; the first that fits does.
        shade: fill and text.
    """

    size: float
    labels: tuple[str, ...]
    shade: tuple[Colour, Colour]


def draw_segments(
    paper: Paper, left_mm: float, top_mm: float, segments: Sequence[Segment], *, mm_per_unit: float
) -> tuple[float, list[Segment]]:
    """Draw a bar; return where it ends, and the segments that are too narrow for any of their labels."""
    x_mm = left_mm
    unlabelled = []
    for each in segments:
        wide_mm = each.size * mm_per_unit
        if wide_mm <= 0:
            continue
        fill, colour = each.shade
        paper.rectangle(x_mm, top_mm, wide_mm, BAR_MM, fill=fill, edge=OWN_TEXT, thick_mm=0.15)
        label = next((text for text in each.labels if width_mm(text, SMALL_PT) + 2 * _PAD_MM <= wide_mm), "")
        paper.text(x_mm + _PAD_MM, top_mm + BAR_MM / 2 + 1.1, label, size_pt=SMALL_PT, colour=colour)
        if not label:
            unlabelled.append(each)
        x_mm += wide_mm
    return x_mm, unlabelled
