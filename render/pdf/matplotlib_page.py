"""matplotlib figures drawn straight onto a page: paths become paths and text stays text; there is no image between.

A figure of 72 dpi has its unit in points, as a page has. Two thirds of the time a chart takes go into making its axes
and ticks: whoever draws many keeps one figure and gives its lines other data (see ``day_lines``).
"""

from collections.abc import Iterator
from math import cos, radians
from typing import Any, Final

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from dcc_analytics.render.pdf.fonts import ASCENT_EM, DESCENT_EM, printable, width_mm
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.said import Other, other
from dcc_analytics.render.pdf.style import MM_PER_PT, PAGE_HEIGHT_MM

POINTS_PER_INCH: Final = 72
_OPERATORS: Final = {int(Path.MOVETO): "m", int(Path.LINETO): "l", int(Path.CURVE4): "c"}
_CAPS: Final = {"butt": 0, "round": 1, "projecting": 2}
_JOINS: Final = {"miter": 0, "round": 1, "bevel": 2}
_BOLD_WEIGHT: Final = 600


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in mm; it belongs to no window and no list of open figures."""
    inch_mm = MM_PER_PT * POINTS_PER_INCH
    return Figure(figsize=(width / inch_mm, height / inch_mm), dpi=POINTS_PER_INCH, frameon=False)


def draw_figure(paper: Paper, figure: Figure, left_mm: float, top_mm: float) -> None:
    """Draw a figure with its upper left corner at a place of the page."""
    width, height = (float(each) * POINTS_PER_INCH for each in figure.get_size_inches())
    figure.draw(
        _PageRenderer(paper, left_mm / MM_PER_PT, (PAGE_HEIGHT_MM - top_mm) / MM_PER_PT - height, width, height)
    )


class _PageRenderer(RendererBase):
    """What matplotlib draws with: paths and upright text. Images, gradients and hatches have no counterpart here."""

    def __init__(self, paper: Paper, left: float, foot: float, width: float, height: float) -> None:
        super().__init__()
        self._paper = paper
        self._shift = Affine2D().translate(left, foot)
        self._origin = left, foot
        self._size = width, height

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: ANN401, N803
    ) -> None:
        """Draw a path: filled with a face colour, its line with the colour of the context."""
        operators = " ".join(_operators(path, transform + self._shift))
        if not operators:
            return
        clip = self._clip(gc)
        line_alpha = _alpha(gc, gc.get_rgb())
        if rgbFace is not None and (face_alpha := _alpha(gc, rgbFace)) > 0:
            self._paper.operators(f"{clip}{_colour(rgbFace)} rg {operators} f", opacity=face_alpha)
        if gc.get_linewidth() > 0 and line_alpha > 0:
            self._paper.operators(f"{clip}{_pen(gc)} {operators} S", opacity=line_alpha)

    def draw_markers(  # noqa: PLR0917 (matplotlib's own signature)
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,  # noqa: ANN401, N803
    ) -> None:
        """Draw a mark at each point of a path, all as one filled shape; matplotlib's own way takes one path for each.

        Marks here have no edge.
        """
        if rgbFace is None:
            return
        marks = list(marker_path.iter_segments(marker_trans, simplify=False))
        form = " ".join(_operator_form(vertices, code) for vertices, code in marks)
        numbers = np.concatenate([vertices for vertices, code in marks if code != Path.CLOSEPOLY])
        places = (trans + self._shift).transform(path.vertices)
        shifted = [np.tile(place, len(numbers) // 2) + numbers for place in places[np.isfinite(places).all(axis=1)]]
        if shifted:
            marked = " ".join(form % tuple(each.tolist()) for each in shifted)
            self._paper.operators(f"{self._clip(gc)}{_colour(rgbFace)} rg {marked} f", opacity=_alpha(gc, rgbFace))

    def _clip(self, gc: GraphicsContextBase) -> str:
        box = gc.get_clip_rectangle()
        if box is None:
            return ""
        left, foot = self._origin
        return f"{box.x0 + left:.2f} {box.y0 + foot:.2f} {box.width:.2f} {box.height:.2f} re W n "

    def draw_text(  # noqa: PLR0917 (matplotlib's own signature)
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,  # noqa: ANN401, ARG002, FBT002 (matplotlib's own signature)
        mtext: Text | None = None,  # noqa: ARG002 (matplotlib's own signature)
    ) -> None:
        """Write upright text; a formula is written as it is."""
        if abs(cos(radians(angle)) - 1) > 1e-9:
            raise ValueError(f"text {s!r} is turned; all text in a pack is upright")
        left, foot = self._origin
        red, green, blue = (round(part * 255) for part in gc.get_rgb()[:3])
        self._paper.text(
            (x + left) * MM_PER_PT,
            PAGE_HEIGHT_MM - (y + foot) * MM_PER_PT,
            other(s, Other.TICK),
            size_pt=prop.get_size_in_points(),
            bold=_is_bold(prop),
            colour=f"#{red:02X}{green:02X}{blue:02X}",
        )

    def get_text_width_height_descent(
        self,
        s: str,
        prop: FontProperties,
        ismath: Any,  # noqa: ANN401, ARG002 (matplotlib's own signature)
    ) -> tuple[float, float, float]:
        """Return the size of text in points, from the widths of the font it will be written in."""
        size_pt = prop.get_size_in_points()
        wide = width_mm(printable(s), size_pt, "B" if _is_bold(prop) else "") / MM_PER_PT
        return wide, (ASCENT_EM + DESCENT_EM) * size_pt, DESCENT_EM * size_pt

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the size of the figure in points."""
        return self._size

    def flipy(self) -> bool:
        """Say that y grows upwards, as it does on the page."""
        return False

    def points_to_pixels(self, points: Any) -> Any:  # noqa: ANN401 (matplotlib's own signature)
        """Return points as they are."""
        return points

    def draw_image(self, *_: object, **__: object) -> None:
        """Refuse images.

        Raises:
            TypeError: always.
        """
        raise TypeError("a figure of a pack has no images: they can't be searched, read aloud or enlarged")


def _operators(path: Path, transform: Transform) -> Iterator[str]:
    """Yield the operators of a path; quadratic curves come only from paths that have them, and ours have none."""
    for vertices, code in path.iter_segments(transform, simplify=False):
        yield _operator_form(vertices, code) % (() if code == Path.CLOSEPOLY else tuple(vertices.tolist()))


def _operator_form(vertices: Any, code: Any) -> str:  # noqa: ANN401 (of arrays)
    """Return one operator of a path, with places for its numbers."""
    return "h" if code == Path.CLOSEPOLY else "%.2f " * len(vertices) + _OPERATORS[int(code)]


def _alpha(gc: GraphicsContextBase, colour: Any) -> float:  # noqa: ANN401
    if gc.get_forced_alpha():
        return gc.get_alpha()
    return float(colour[3]) if len(colour) == 4 else 1.0


def _colour(colour: Any) -> str:  # noqa: ANN401
    return " ".join(f"{float(part):.3f}" for part in colour[:3])


def _pen(gc: GraphicsContextBase) -> str:
    offset, lengths = gc.get_dashes()
    given: Any = lengths  # typed as anything an array can be made of
    dash = "" if given is None else f"[{' '.join(f'{float(each):.2f}' for each in given)}] {float(offset or 0):.2f} d "
    cap, join = _CAPS[str(gc.get_capstyle())], _JOINS[str(gc.get_joinstyle())]
    return f"{_colour(gc.get_rgb())} RG {gc.get_linewidth():.2f} w {cap} J {join} j {dash}".rstrip()


def _is_bold(prop: FontProperties) -> bool:
    weight = prop.get_weight()
    return weight in {"bold", "semibold", "heavy", "black"} or (isinstance(weight, int) and weight >= _BOLD_WEIGHT)
