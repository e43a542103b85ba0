"""Changes of Supplier (Gain): what was known of the Devices gained before they were."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.pdf.flow import Flow, heading_mm
from dcc_analytics.render.pdf.said import counted, every, joined, named, number, rated, said
from dcc_analytics.render.pdf.segments import BAR_MM, SHADES, Segment, draw_segments
from dcc_analytics.render.pdf.source import draw_source
from dcc_analytics.render.pdf.sources import Source, ratio, rows, total
from dcc_analytics.render.pdf.style import LEFT_MM, RIGHT_MM, SMALL_PT, WIDTH_MM

SECTION: Final = "Gains and what came before"
_NAME_MM: Final = 54.0
_ROW_MM: Final = BAR_MM + 1.6
_INSTALLS: Final = ("8.14.1", "8.14.2", "none")

_GAINS: Final = Source("cos_gains", "", "count(*)")

Counted = Sequence[tuple[str, int]]


def counts(gains: pl.DataFrame) -> tuple[Counted, Counted]:
    """Return how many Devices gained were read before or not, and by which SRV another User had installed their hub."""
    read, last = gains["read_within_30_days"], gains["last_install_srv"]
    yes = int(read.sum())
    return (
        (("read", yes), ("not read", gains.height - yes)),
        tuple((srv, int((last == srv).sum())) for srv in _INSTALLS),
    )


def unread(gains: pl.DataFrame) -> int:
    """Return how many Devices gained had not been read before."""
    (_, (_, left)), _ = counts(gains)
    return left


def finding(gains: pl.DataFrame) -> str:
    """Return how many gains had no read before."""
    left = unread(gains)
    if not left:
        return said("{} gained had been read in the 30 days before", every(gains.height, "Device", _GAINS))
    return said(
        "{} of {} gained ({}) had not been read in the 30 days before",
        number(left, _counted("not read")),
        counted(gains.height, "Device", _GAINS),
        rated(left / gains.height, _share(_counted("not read"))),
    )


def _counted(what: str) -> Source:
    """Return where the number of a part of a bar stands."""
    asked = rows(last_install_srv=what) if what in _INSTALLS else rows(read_within_30_days=what == "read")
    return replace(_GAINS, where=asked)


def _share(part: Source) -> Source:
    return part.of(ratio("count(*)", total("cos_gains", "", "count(*)")))


def draw_gains(flow: Flow, gains: pl.DataFrame) -> None:
    """Draw the two bars, each of all gains."""
    read, installs = counts(gains)
    flow.room(heading_mm() + 6 + 2 * _ROW_MM + 8)
    flow.heading(f"{SECTION} {MARK}", note=said("successful 6.23 of the month; a bar is all of them"))
    flow.paragraph(said("{}.", finding(gains)))
    flow.space(1.5)
    with flow.paper.figure(alternative(gains), LEFT_MM, flow.y_mm, WIDTH_MM, 2 * _ROW_MM):
        for name, parts in ((said("Read in the 30 days before"), read), ("Last install by another User", installs)):
            flow.paper.text(LEFT_MM, flow.y_mm + 3.3, name, size_pt=SMALL_PT)
            segments = [
                Segment(size, _labels(what, size, gains.height), shade)
                for (what, size), shade in zip(parts, SHADES, strict=False)
            ]
            left_mm = LEFT_MM + _NAME_MM
            draw_segments(
                flow.paper, left_mm, flow.y_mm, segments, mm_per_unit=(RIGHT_MM - left_mm) / max(gains.height, 1)
            )
            flow.y_mm += _ROW_MM
    draw_source(flow, "cos_gains")
    flow.space(4)


def _labels(what: str, size: int, every: int) -> tuple[str, ...]:
    source = _counted(what)
    name, told = named(what), number(size, source)
    return said("{}: {} ({})", name, told, rated(size / every, _share(source))), name, told


def alternative(gains: pl.DataFrame) -> str:
    """Return in words what the bars show."""
    read, installs = counts(gains)
    told = [said("{}: {}", named(what), number(size, _counted(what))) for what, size in (*read, *installs)]
    return said("{}. {}.", finding(gains), joined(", ", told))
