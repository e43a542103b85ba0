"""Lines through the days of a month, drawn by matplotlib: one figure in each process, its lines given other data.

Made anew, a chart of three panels took 74 ms of CPU, of which its axes and ticks took two thirds and a path for each
dot most of the rest; with the figure kept it takes 6 ms. What is around the lines is ``Plot``'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import nan
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dcc_analytics.render.pdf.matplotlib_page import draw_figure, new_figure
from dcc_analytics.render.pdf.plot import Plot
from dcc_analytics.render.pdf.style import BENCHMARK, OWN

_ANY_MM: Final = 100.0
_INCH_MM: Final = 25.4


@dataclass(frozen=True, slots=True)
class _Kept:
    """The figure with its axes from 0 to 1 upwards, and its two lines."""

    figure: Figure
    axes: Axes
    own: Line2D
    industry: Line2D


@cache
def _kept() -> _Kept:
    figure = new_figure(_ANY_MM, _ANY_MM)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_ylim(0, 1)
    (industry,) = axes.plot([], [], color=BENCHMARK, linewidth=1.2, dashes=(3.3, 1.7))
    (own,) = axes.plot([], [], color=OWN, linewidth=1.5, marker="o", markersize=4, markeredgewidth=0, clip_on=False)
    return _Kept(figure, axes, own, industry)


def draw_lines(plot: Plot, own: Sequence[float | None], industry: Sequence[float | None]) -> None:
    """Draw both into a plot, a value a day, broken where there is none; the recipient's has dots and stands in front.

    Not for threads: they would share the figure.
    """
    kept = _kept()
    kept.figure.set_size_inches(plot.width_mm / _INCH_MM, plot.height_mm / _INCH_MM)
    kept.axes.set_xlim(plot.across.start, plot.across.end)
    for line, values in ((kept.own, own), (kept.industry, industry)):
        places = [place + 0.5 for place in range(len(values))]
        line.set_data(places, [nan if value is None else plot.up.share(value) for value in values])
        line.set_visible(any(value is not None for value in values))
    draw_figure(plot.paper, kept.figure, plot.left_mm, plot.top_mm)
