"""The marks of strips: the recipient, other Users, the industry, each told by its shape."""

from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.style import BAND, BENCHMARK, MID_BLUE, OWN, PEER, TEXT


def own_mark(paper: Paper, x_mm: float, y_mm: float) -> None:
    """Draw the recipient's dot."""
    paper.dot(x_mm, y_mm, 1.35, fill=OWN, edge=TEXT, thick_mm=0.25)


def industry_mark(paper: Paper, x_mm: float, y_mm: float) -> None:
    """Draw the industry's rate, by volume."""
    diamond = [(x_mm - 1.9, y_mm), (x_mm, y_mm - 1.9), (x_mm + 1.9, y_mm), (x_mm, y_mm + 1.9)]
    paper.polygon(diamond, edge=BENCHMARK, thick_mm=0.4)


def own_interval(paper: Paper, left_mm: float, right_mm: float, y_mm: float) -> None:
    """Draw what chance leaves open of the recipient's rate."""
    paper.line([(left_mm, y_mm), (right_mm, y_mm)], colour=OWN, thick_mm=0.7)


def peer_tick(paper: Paper, x_mm: float, y_mm: float) -> None:
    """Draw one unnamed User."""
    paper.line([(x_mm, y_mm - 1.3), (x_mm, y_mm + 1.3)], colour=PEER, thick_mm=0.22)


def far_mark(paper: Paper, x_mm: float, y_mm: float) -> None:
    """Draw that there are Users far above the others, not where."""
    paper.polygon([(x_mm, y_mm - 1.3), (x_mm + 1.8, y_mm), (x_mm, y_mm + 1.3)], fill=PEER)


def median_mark(paper: Paper, x_mm: float, y_mm: float) -> None:
    """Draw the median of Users."""
    paper.line([(x_mm, y_mm - 2.2), (x_mm, y_mm + 2.2)], colour=BENCHMARK, thick_mm=0.75)


def band(paper: Paper, left_mm: float, right_mm: float, y_mm: float) -> None:
    """Draw the middle half of Users."""
    paper.rectangle(left_mm, y_mm - 1.7, max(right_mm - left_mm, 0.3), 3.4, fill=BAND, edge=MID_BLUE, thick_mm=0.12)
