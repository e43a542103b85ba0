"""Figures: what a part has measured."""

from collections.abc import Iterable
from typing import Final, NamedTuple

RATIOS: Final = "ratios"

#: Of which figure to which, each as part and name; given where both were measured in the same run.
_RATIOS: Final = (
    ("worker / getmany and decoding", ("worker", "folded"), ("getmany", "fetched and decoded")),
    ("worker / stock Faust, a dict", ("worker", "folded"), ("faust", "folded")),
    ("worker / stock Faust, two Tables", ("worker", "folded"), ("faust-tables", "folded")),
    ("worker / Quix Streams, exactly once", ("worker", "folded"), ("quix", "folded")),
    ("worker / a batch by polars", ("worker", "folded"), ("polars", "made into round trips")),
    ("worker / Kafka Streams", ("worker", "folded"), ("kafka-streams", "folded")),
    ("worker / Flink", ("worker", "folded"), ("flink", "folded")),
    ("two processes / one", ("workers", "two: folded"), ("workers", "one: folded")),
    ("two processes / one, CPU of an event", ("workers", "two: CPU"), ("workers", "one: CPU")),
    ("folding / decoding, no broker", ("fold", "folded"), ("decode", "decoded")),
    ("pack / its figures by pyplot and PNG", ("pyplot", "packs drawn"), ("pyplot", "their figures by pyplot and PNG")),
)


class Figure(NamedTuple):
    """A figure.

    Attributes:
        part: that measured it.
        name: what was measured.
        value: how much.
        unit: of what.
    """

    part: str
    name: str
    value: float
    unit: str


class PartFailedError(Exception):
    """A part could not be measured; the message says why."""


def ratios(figures: Iterable[Figure]) -> list[Figure]:
    """Return the shares of the yardsticks that were measured.

    >>> ratios([Figure("fold", "folded", 30.0, "events/s"), Figure("decode", "decoded", 120.0, "events/s")])
    [Figure(part='ratios', name='folding / decoding, no broker', value=0.25, unit='times')]
    """
    speeds = {(part, name): value for part, name, value, _ in figures}
    found = []
    for name, measured, yardstick in _RATIOS:
        ours, theirs = speeds.get(measured), speeds.get(yardstick)
        if ours is not None and theirs:
            found.append(Figure(RATIOS, name, ours / theirs, "times"))
    return found


def slope(points: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Return intercept and slope of the straight line of least squares; the slope is 0 where x does not vary.

    >>> slope([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)])
    (1.0, 2.0)
    """
    points = list(points)
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    risen = sum((x - mean_x) * (y - mean_y) for x, y in points)
    per_x = risen / spread if spread else 0.0
    return mean_y - per_x * mean_x, per_x
