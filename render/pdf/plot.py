"""A small chart by vector calls: a rectangle with a scale to the right and one upwards, and what is drawn in it.

For panels of which a page has many: one costs a millisecond, by way of matplotlib twenty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final, Self

from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.said import Other, other
from dcc_analytics.render.pdf.style import BAND, BENCHMARK, MUTED, OWN, RULE, SMALL_PT, TEXT, Colour
from dcc_analytics.render.pdf.words import duration

#: Of a column's place, how much of it is filled.
_FILLED: Final = 0.72
_BASELINE_MM: Final = 1.0
_BELOW_MM: Final = 4.0
_DOT_MM: Final = 0.55
_SERIES_MM: Final = 0.45
#: Ends of a scale that begins at zero: the least that holds all is taken.
_STEPS: Final = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Span:
    """A scale from one value to another.

    Attributes:
        start: the value at its beginning.
        end: the value at its end; greater.
        logarithmic: equal ratios have equal lengths.
    """

    start: float
    end: float
    logarithmic: bool = False

    @classmethod
    def of_times(cls, values_ms: Sequence[float]) -> Self:
        """Return a logarithmic scale of whole decades that holds some times in milliseconds."""
        held = [max(each, 1.0) for each in values_ms] or [1.0]
        start, end = floor(log10(min(held))), ceil(log10(max(held)))
        return cls(10.0**start, 10.0 ** max(end, start + 1), logarithmic=True)

    @classmethod
    def from_zero(cls, values: Sequence[float], *, least: float = 1.0) -> Self:
        """Return a scale from zero to a round number that holds some values, and is no shorter than ``least``."""
        greatest = max([least, *values])
        unit = 10.0 ** floor(log10(greatest))
        return cls(0.0, next(step * unit for step in _STEPS if step * unit >= greatest * 0.999_999))

    def share(self, value: float) -> float:
        """Return how far along a value stands, from 0 to 1; what lies outside stands at the end.

        >>> Span(0, 10).share(2.5), Span(1, 100, logarithmic=True).share(10)
        (0.25, 0.5)
        """
        if self.logarithmic:
            part = log10(max(value, self.start) / self.start) / log10(self.end / self.start)
        else:
            part = (value - self.start) / (self.end - self.start)
        return min(max(part, 0.0), 1.0)

    def time_ticks(self) -> list[tuple[float, str]]:
        """Return the ends and, if there is one, a decade in the middle, of a scale of times, with their names."""
        decades = round(log10(self.end / self.start))
        powers = {0, decades // 2, decades} if decades > 1 else {0, 1}
        return [(ms, duration(round(ms))) for ms in (self.start * 10.0**power for power in sorted(powers))]


@dataclass(frozen=True, slots=True)
class Plot:
    """A rectangle of a page with its two scales."""

    paper: Paper
    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float
    across: Span
    up: Span

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point stands on the page."""
        across_mm = self.left_mm + self.width_mm * self.across.share(x)
        return across_mm, self.top_mm + self.height_mm * (1 - self.up.share(y))

    def frame(self, up: Sequence[tuple[float, str]], across: Sequence[tuple[float, str]] = ()) -> None:
        """Draw a line at each tick upwards with its name left of it, and the ticks along the foot below it."""
        right_mm, foot_mm = self.left_mm + self.width_mm, self.top_mm + self.height_mm
        for value, name in up:
            label = other(name, Other.TICK)
            _, y_mm = self.at(self.across.start, value)
            self.paper.line([(self.left_mm, y_mm), (right_mm, y_mm)], colour=RULE, thick_mm=0.12)
            baseline_mm = y_mm + _BASELINE_MM
            self.paper.text(self.left_mm - 1, baseline_mm, label, size_pt=SMALL_PT, colour=MUTED, align="right")
        self.paper.line([(self.left_mm, foot_mm), (right_mm, foot_mm)], colour=MUTED, thick_mm=0.2)
        for value, name in across:
            label = other(name, Other.TICK)
            x_mm, _ = self.at(value, self.up.start)
            self.paper.line([(x_mm, foot_mm), (x_mm, foot_mm + 0.9)], colour=MUTED, thick_mm=0.2)
            self.paper.text(x_mm, foot_mm + _BELOW_MM, label, size_pt=SMALL_PT, colour=MUTED, align="centre")

    def series(self, values: Sequence[float | None], colour: Colour, *, dashed: bool = False) -> None:
        """Draw a line through values at 0.5, 1.5, …, broken where there is none; the recipient's has dots."""
        for run in _runs(values):
            points = [self.at(place + 0.5, value) for place, value in run]
            if len(points) > 1:
                dash = (1.2, 0.7) if dashed else ()
                self.paper.line(points, colour=colour, thick_mm=_SERIES_MM, dash_mm=dash)
            if not dashed:
                for x_mm, y_mm in points:
                    self.paper.dot(x_mm, y_mm, _DOT_MM, fill=colour)

    def thin(self, values: Sequence[float | None], colour: Colour, *, dashed: bool = False) -> None:
        """Draw a line without dots through values at 0.5, 1.5, …; a value alone is a short stroke of its width."""
        half = 0.3
        for run in _runs(values):
            if len(run) == 1:
                ((place, value),) = run
                points = [self.at(place + 0.5 - half, value), self.at(place + 0.5 + half, value)]
            else:
                points = [self.at(place + 0.5, value) for place, value in run]
            dash, thick_mm = ((1.1, 0.8), 0.3) if dashed else ((), _SERIES_MM)
            self.paper.line(points, colour=colour, thick_mm=thick_mm, dash_mm=dash)

    def columns(
        self, values: Sequence[float], fill: Colour = OWN, *, on: Sequence[float] = (), edge: Colour | None = None
    ) -> None:
        """Draw a column for each value, from zero or standing on another."""
        wide_mm = self.width_mm * _FILLED / (self.across.end - self.across.start)
        for place, value in enumerate(values):
            below = on[place] if on else 0.0
            x_mm, top_mm = self.at(place + 0.5, below + value)
            _, foot_mm = self.at(place + 0.5, below)
            if value > 0:
                self.paper.rectangle(
                    x_mm - wide_mm / 2, top_mm, wide_mm, foot_mm - top_mm, fill=fill, edge=edge, thick_mm=0.25
                )

    def curve(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """Draw a line through points of the two scales."""
        self.paper.line([self.at(x, y) for x, y in points], colour=colour, thick_mm=_SERIES_MM)

    def band(self, low: Sequence[float | None], high: Sequence[float | None], middle: Sequence[float | None]) -> None:
        """Draw at each place how far a value was expected to go, and the one expected most."""
        half_mm = self.width_mm / (self.across.end - self.across.start) / 2
        for place, (least, most, expected) in enumerate(zip(low, high, middle, strict=True)):
            if least is None or most is None or expected is None:
                continue
            x_mm, top_mm = self.at(place + 0.5, most)
            _, foot_mm = self.at(place + 0.5, least)
            self.paper.rectangle(x_mm - half_mm, top_mm, 2 * half_mm, foot_mm - top_mm, fill=BAND)
            _, y_mm = self.at(place + 0.5, expected)
            self.paper.line([(x_mm - half_mm, y_mm), (x_mm + half_mm, y_mm)], colour=BENCHMARK, thick_mm=0.45)

    def upright(self, x: float, name: str) -> None:
        """Draw a dashed line at a value of the scale to the right, and its name at the top of it."""
        x_mm, foot_mm = self.at(x, self.up.start)
        label = other(name, Other.TICK)
        self.paper.line([(x_mm, self.top_mm), (x_mm, foot_mm)], colour=TEXT, thick_mm=0.3, dash_mm=(0.8, 0.8))
        self.paper.text(x_mm, self.top_mm - 1.0, label, size_pt=SMALL_PT, align="centre")


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Yield stretches without a gap, each value with its place."""
    run: list[tuple[int, float]] = []
    for place, value in enumerate(values):
        if value is not None:
            run.append((place, value))
        elif run:
            yield run
            run = []
    if run:
        yield run
