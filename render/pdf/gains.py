"""Changes of Supplier (Gain): what was known of the Devices gained before they were."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.pdf.flow import Flow, heading_mm
from dcc_analytics.render.pdf.segments import BAR_MM, SHADES, Segment, draw_segments
from dcc_analytics.render.pdf.source import draw_source
from dcc_analytics.render.pdf.style import LEFT_MM, RIGHT_MM, SMALL_PT, WIDTH_MM
from dcc_analytics.render.pdf.words import count, percent, plural

SECTION: Final = "Gains and what came before"
_NAME_MM: Final = 54.0
_ROW_MM: Final = BAR_MM + 1.6
_INSTALLS: Final = ("8.14.1", "8.14.2", "none")

Counted = Sequence[tuple[str, int]]


def counts(gains: pl.DataFrame) -> tuple[Counted, Counted]:
    """Return how many Devices gained were read before or not, and by which SRV another User had installed their hub."""
    read, last = gains["read_within_30_days"], gains["last_install_srv"]
    yes = int(read.sum())
    return (
        (("read", yes), ("not read", gains.height - yes)),
        tuple((srv, int((last == srv).sum())) for srv in _INSTALLS),
    )


def finding(gains: pl.DataFrame) -> str:
    """Return how many gains had no read before."""
    (_, (_, unread)), _ = counts(gains)
    if not unread:
        return f"All {count(gains.height)} Devices gained had been read in the 30 days before"
    return (
        f"{count(unread)} of {plural(gains.height, 'Device')} gained ({percent(unread / gains.height)}) had not been "
        "read in the 30 days before"
    )


def draw_gains(flow: Flow, gains: pl.DataFrame) -> None:
    """Draw the two bars, each of all gains."""
    read, installs = counts(gains)
    flow.room(heading_mm() + 6 + 2 * _ROW_MM + 8)
    flow.heading(f"{SECTION} {MARK}", note="successful 6.23 of the month; a bar is all of them")
    flow.paragraph(f"{finding(gains)}.")
    flow.space(1.5)
    with flow.paper.figure(alternative(gains), LEFT_MM, flow.y_mm, WIDTH_MM, 2 * _ROW_MM):
        for name, parts in (("Read in the 30 days before", read), ("Last install by another User", installs)):
            flow.paper.text(LEFT_MM, flow.y_mm + 3.3, name, size_pt=SMALL_PT)
            segments = [
                Segment(
                    number, (f"{what}: {count(number)} ({percent(number / gains.height)})", what, count(number)), shade
                )
                for (what, number), shade in zip(parts, SHADES, strict=False)
            ]
            left_mm = LEFT_MM + _NAME_MM
            draw_segments(
                flow.paper, left_mm, flow.y_mm, segments, mm_per_unit=(RIGHT_MM - left_mm) / max(gains.height, 1)
            )
            flow.y_mm += _ROW_MM
    draw_source(flow, "cos_gains.csv")
    flow.space(4)


def alternative(gains: pl.DataFrame) -> str:
    """Return in words what the bars show."""
    read, installs = counts(gains)
    said = ", ".join(f"{what}: {count(number)}" for what, number in (*read, *installs))
    return f"{finding(gains)}. {said}."
