"""Firmware: how soon 11.1 reached the hubs it was for, and whether 11.3 was answered in time."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.pdf.figures import ServiceRow
from dcc_analytics.render.pdf.flow import Flow, heading_mm
from dcc_analytics.render.pdf.plot import Plot, Span
from dcc_analytics.render.pdf.source import draw_source
from dcc_analytics.render.pdf.style import LEFT_MM, MUTED, OWN, RIGHT_MM, SMALL_PT
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.words import count, day_name, duration, percent, plural

DELIVERY: Final = "Firmware delivery"
IN_TIME: Final = "Firmware updates in time"
DAYS: Final = 10
IN_TIME_DAYS: Final = 5
_DAY_MS: Final = 86_400_000
_STEPS_A_DAY: Final = 8
_CHART_MM: Final = 30.0
_WIDE_MM: Final = 72.0
_SCALE_MM: Final = 12.0
_MOST_DAYS: Final = 6


class Deliveries:
    """The hubs of all 11.1 of the month; when each had its firmware.

    Attributes:
        hubs: of all requests together.
        in_time: of these those that had it within five days.
    """

    def __init__(self, rows: pl.DataFrame) -> None:
        age = pl.col("delivered_at") - pl.col("received_at")
        self._rows = rows.select(
            "within_five_days", day=pl.col("received_at").dt.date(), age_ms=age.dt.total_milliseconds()
        )
        self.hubs = rows.height
        self.in_time = int(rows["within_five_days"].sum())

    def finding(self) -> str:
        """Return what part was delivered in time, and how many not at all."""
        never = self._rows["age_ms"].null_count()
        rest = f"; {count(never)} not at all" if never else ""
        return (
            f"{count(self.in_time)} of {plural(self.hubs, 'hub')} ({percent(self.in_time / self.hubs)}) had their "
            f"firmware within five days{rest}"
        )

    def curve(self) -> list[tuple[float, float]]:
        """Return what part had it after so many days, from 0 to 10, every three hours."""
        ages = self._rows["age_ms"].drop_nulls().sort()
        steps = [step / _STEPS_A_DAY for step in range(DAYS * _STEPS_A_DAY + 1)]
        reached = ages.search_sorted(pl.Series([round(days * _DAY_MS) for days in steps]), side="right")
        return [(days, number / self.hubs) for days, number in zip(steps, reached, strict=True)]

    def campaigns(self) -> list[tuple[date, int, int, int, float | None]]:
        """Return for each day of receipt its hubs, those in time, those without, and the median time in ms.

        Those of most hubs come first.
        """
        by_day = self._rows.group_by("day").agg(
            pl.len().alias("hubs"),
            pl.col("within_five_days").sum(),
            pl.col("age_ms").null_count().alias("never"),
            pl.col("age_ms").median().alias("median_ms"),
        )
        return list(by_day.sort("hubs", "day", descending=[True, False]).iter_rows())


def draw_deliveries(flow: Flow, deliveries: Deliveries) -> None:
    """Draw the curve, and beside it the days on which requests came."""
    campaigns = deliveries.campaigns()
    shown = sorted(campaigns[:_MOST_DAYS])
    flow.room(heading_mm() + 8 + _CHART_MM + 14)
    flow.heading(f"{DELIVERY} {MARK}", note="11.1 on SMETS2+ hubs, from the receipt of the request")
    flow.paragraph(f"{deliveries.finding()}.")
    flow.space(5)
    top_mm = flow.y_mm
    with flow.paper.figure(alternative(deliveries), LEFT_MM, top_mm - 5, _WIDE_MM, _CHART_MM + 14):
        _curve(flow, deliveries)
    columns = (
        TableColumn("Received", 24, bold=True), TableColumn("Hubs", 20, "right"),
        TableColumn("Within five days", 22, "right"), TableColumn("Not delivered", 18, "right"),
        TableColumn("Median", 16, "right"),
    )  # fmt: skip
    rows = [
        (day_name(day), count(hubs), count(in_time), count(never), duration(None if ms is None else round(ms)))
        for day, hubs, in_time, never, ms in shown
    ]
    flow.y_mm = top_mm - 4
    table = Table.of(columns, rows)
    table.draw(flow, left_mm=RIGHT_MM - table.wide_mm)
    flow.y_mm = max(flow.y_mm, top_mm + _CHART_MM + 9)
    draw_source(
        flow, "firmware_delivery.csv", more=len(campaigns) - len(shown), one="day of receipt", many="days of receipt"
    )
    flow.space(4)


def _curve(flow: Flow, deliveries: Deliveries) -> None:
    plot = Plot(
        flow.paper, LEFT_MM + _SCALE_MM, flow.y_mm, _WIDE_MM - _SCALE_MM, _CHART_MM, Span(0, DAYS), Span(0, 1)
    )  # fmt: skip
    plot.frame([(each, percent(each)) for each in (0.0, 0.5, 1.0)], [(day, str(day)) for day in range(0, DAYS + 1, 5)])
    plot.upright(IN_TIME_DAYS, "five days")
    plot.curve(deliveries.curve(), OWN)
    flow.paper.text(
        LEFT_MM + _SCALE_MM, flow.y_mm + _CHART_MM + 8, "Days since the request; hubs that have it, from 0",
        size_pt=SMALL_PT, colour=MUTED,
    )  # fmt: skip


def draw_in_time(flow: Flow, updates: Sequence[ServiceRow]) -> None:
    """Say how many 11.3 were answered within their Target Response Time."""
    flow.room(heading_mm() + 14)
    flow.heading(f"{IN_TIME} {MARK}", note="11.3, one for each Device")
    flow.paragraph(in_time_finding(updates))
    draw_source(flow, "round_trips_monthly.csv")
    flow.space(4)


def in_time_finding(updates: Sequence[ServiceRow]) -> str:
    """Return it in a sentence; only on SMETS1 a target is known."""
    timed = [row for row in updates if row.in_time is not None]
    outcomes = sum(row.outcomes for row in updates)
    if not timed:
        return (
            f"No Target Response Time is known for your {plural(outcomes, 'request')} of 11.3 with an outcome: it is "
            "five days on SMETS1, and no source gives one for other Devices."
        )
    within, succeeded = sum(row.in_time or 0 for row in timed), sum(row.successes for row in timed)
    return f"{count(within)} of {plural(succeeded, 'request')} of 11.3 that succeeded were answered in time."


def alternative(deliveries: Deliveries) -> str:
    """Return in words what the curve shows."""
    whole = [(days, share) for days, share in deliveries.curve() if days == int(days)]
    return f"{deliveries.finding()}. " + ", ".join(f"day {days:.0f}: {percent(share)}" for days, share in whole) + "."
