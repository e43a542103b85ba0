"""Operators of a page description: numbers in points from the lower left corner, from millimetres from the top left."""

from collections.abc import Iterable
from typing import Final

from dcc_analytics.render.pdf.style import MM_PER_PT, PAGE_HEIGHT_MM, Colour, rgb

#: A circle as four Bézier curves: how far their handles reach, of the radius.
_HANDLE: Final = 0.5523


def numbers(*numbers: float) -> str:
    """Return operands."""
    return " ".join(f"{number:.2f}" for number in numbers)


def up(y_mm: float) -> float:
    """Return points up from the foot of the page."""
    return (PAGE_HEIGHT_MM - y_mm) / MM_PER_PT


def through(points_mm: Iterable[tuple[float, float]]) -> str:
    """Return the path through some points."""
    first, *rest = (numbers(x / MM_PER_PT, up(y)) for x, y in points_mm)
    return f"{first} m " + " ".join(f"{point} l" for point in rest)


def colour_operands(colour: Colour) -> str:
    """Return a colour as operands of ``rg`` and ``RG``."""
    return " ".join(f"{part:.3f}" for part in rgb(colour))


def pen(colour: Colour, thick_mm: float) -> str:
    """Return colour and width of lines."""
    return f"{colour_operands(colour)} RG {numbers(thick_mm / MM_PER_PT)} w"


def painted(path: str, fill: Colour | None, edge: Colour | None, thick_mm: float) -> str:
    """Return a path that is filled, drawn, or both."""
    before = f"{colour_operands(fill)} rg " if fill else ""
    line = f"{pen(edge, thick_mm)} " if edge else ""
    return f"{before}{line}{path} {'B' if fill and edge else 'f' if fill else 'S'}"


def around(x_mm: float, y_mm: float, radius_mm: float) -> str:
    """Return a circle as a path."""
    x, y, r = x_mm / MM_PER_PT, up(y_mm), radius_mm / MM_PER_PT
    h = r * _HANDLE
    return (
        f"{numbers(x + r, y)} m {numbers(x + r, y + h, x + h, y + r, x, y + r)} c "
        f"{numbers(x - h, y + r, x - r, y + h, x - r, y)} c {numbers(x - r, y - h, x - h, y - r, x, y - r)} c "
        f"{numbers(x + h, y - r, x + r, y - h, x + r, y)} c h"
    )
