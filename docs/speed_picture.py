"""The picture of speeds: each from the least to the most measured, on a logarithmic axis, with the median marked.

Text stays text, ours and the yardsticks differ in the form of the mark and not by colour alone, and the background is
its own so that it can be read on a dark page too.
"""

from collections.abc import Iterator
from html import escape
from math import ceil, floor, log10
from typing import Final, NamedTuple

WIDTH: Final = 720
ROW: Final = 30
TOP: Final = 46
LEFT: Final = 210
RIGHT: Final = 80
OURS: Final = "#12436D"
YARDSTICK: Final = "#F46A25"
INK: Final = "#3D3D3D"


class Speed(NamedTuple):
    """Events a second of something over some runs; whether it is the product's or a yardstick's."""

    label: str
    least: float
    median: float
    most: float
    ours: bool


def picture(speeds: list[Speed]) -> str:
    """Return the picture as SVG."""
    if not speeds:
        return _svg(TOP, ["<title>No speeds were measured</title>"])
    low = floor(log10(min(speed.least for speed in speeds)))
    high = max(ceil(log10(max(speed.most for speed in speeds))), low + 1)
    bottom = TOP + ROW * len(speeds)

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (log10(value) - low) / (high - low)

    lines = [
        "<title>Events a second, logarithmic: least to most of the stored runs, the median marked</title>",
        *_key(),
    ]
    for power in range(low, high + 1):
        at = x(10.0**power)
        lines += [
            f'<line x1="{at:.1f}" y1="{TOP}" x2="{at:.1f}" y2="{bottom}" stroke="#CCCCCC"/>',
            f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle">{10**power:,}</text>',
        ]
    for number, speed in enumerate(speeds):
        y = TOP + ROW * number + ROW / 2
        left, middle, right = x(speed.least), x(speed.median), x(speed.most)
        colour = OURS if speed.ours else YARDSTICK
        lines += [
            f'<text x="{LEFT - 12}" y="{y + 4:.1f}" text-anchor="end">{escape(speed.label)}</text>',
            f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-width="4"/>',
            _mark(middle, y, ours=speed.ours),
            f'<text x="{right + 10:.1f}" y="{y + 4:.1f}">{speed.median:,.0f}</text>',
        ]
    return _svg(bottom + 28, lines)


def _key() -> Iterator[str]:
    yield f'<text x="{LEFT}" y="24" font-weight="bold">events/s</text>'
    for at, ours, label in ((LEFT + 90, True, "the product"), (LEFT + 210, False, "yardsticks")):
        yield _mark(at, 20, ours=ours)
        yield f'<text x="{at + 12}" y="24">{label}</text>'


def _mark(x: float, y: float, *, ours: bool) -> str:
    """Return a dot for the product, a square for a yardstick."""
    if ours:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{OURS}"/>'
    return f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{YARDSTICK}"/>'


def _svg(height: float, lines: list[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13" fill="{INK}">'
    )
    body = [f'<rect width="{WIDTH}" height="{height}" fill="#FFFFFF"/>', *lines]
    # The title has to be the first child to be the picture's name.
    body.sort(key=lambda line: not line.startswith("<title>"))
    return "\n".join([head, *(f"  {line}" for line in body), "</svg>", ""])
