"""Firmware: how soon 11.1 reached the hubs it was for, and whether 11.3 was answered in time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import polars as pl

from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.pdf.figures import ServiceRow
from dcc_analytics.render.pdf.flow import Flow, heading_mm
from dcc_analytics.render.pdf.plot import Plot, Span
from dcc_analytics.render.pdf.said import counted, dated, joined, lasting, number, rated, said
from dcc_analytics.render.pdf.source import draw_source
from dcc_analytics.render.pdf.sources import Series, Source, ratio, rows, total
from dcc_analytics.render.pdf.style import LEFT_MM, MUTED, OWN, RIGHT_MM, SMALL_PT
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.words import day_name, percent

DELIVERY: Final = "Firmware delivery"
IN_TIME: Final = "Firmware updates in time"
DAYS: Final = 10
_UPDATE: Final = "11.3"
IN_TIME_DAYS: Final = 5
_DAY_MS: Final = 86_400_000
_STEPS_A_DAY: Final = 8
_CHART_MM: Final = 30.0
_WIDE_MM: Final = 72.0
_SCALE_MM: Final = 12.0
_MOST_DAYS: Final = 6


_FILE: Final = "firmware_delivery"


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
        rest = said("; {} not at all", number(never, _delivered("delivered_at IS NULL"))) if never else ""
        in_time = _delivered(rows(within_five_days=True))
        share = in_time.of(ratio("count(*)", total(_FILE, "", "count(*)")))
        return said(
            "{} of {} ({}) had their firmware within five days{}",
            number(self.in_time, in_time),
            counted(self.hubs, "hub", _delivered()),
            rated(self.in_time / self.hubs, share),
            rest,
        )

    def series(self) -> Series:
        """Return the curve: how many have it after each three hours, of how many."""
        reached = tuple(round(share * self.hubs) for _, share in self.curve())
        asked = [
            f"count(*) FILTER (WHERE delivered_at - received_at <= INTERVAL '{3 * step} hours')"
            for step in range(len(reached))
        ]
        return Series("hubs with their firmware by three hours", (reached,), _delivered().of(", ".join(asked)))

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
    flow.heading(f"{DELIVERY} {MARK}", note=said("11.1 on SMETS2+ hubs, from the receipt of the request"))
    flow.paragraph(said("{}.", deliveries.finding()))
    flow.space(5)
    top_mm = flow.y_mm
    with flow.paper.figure(alternative(deliveries), LEFT_MM, top_mm - 5, _WIDE_MM, _CHART_MM + 14):
        flow.paper.carry([deliveries.series()])
        _curve(flow, deliveries)
    columns = (
        TableColumn("Received", 24, bold=True), TableColumn("Hubs", 20, "right"),
        TableColumn("Within five days", 22, "right"), TableColumn("Not delivered", 18, "right"),
        TableColumn("Median", 16, "right"),
    )  # fmt: skip
    flow.y_mm = top_mm - 4
    table = Table.of(columns, [_campaign(*each) for each in shown])
    table.draw(flow, left_mm=RIGHT_MM - table.wide_mm)
    flow.y_mm = max(flow.y_mm, top_mm + _CHART_MM + 9)
    draw_source(
        flow, _FILE, more=len(campaigns) - len(shown), shown=len(shown),
        of="count(DISTINCT CAST(received_at AS DATE))", one="day of receipt", many="days of receipt",
    )  # fmt: skip
    flow.space(4)


def _delivered(*conditions: str) -> Source:
    return Source(_FILE, rows(*conditions), "count(*)")


def _campaign(day: date, hubs: int, in_time: int, never: int, ms: float | None) -> tuple[str, ...]:
    received = f"CAST(received_at AS DATE) = '{day}'"
    return (
        dated(day_name(day)),
        number(hubs, _delivered(received)),
        number(in_time, _delivered(received, "within_five_days = true")),
        number(never, _delivered(received, "delivered_at IS NULL")),
        lasting(None if ms is None else round(ms), _delivered(received).of("median(delivered_at - received_at)")),
    )


def _curve(flow: Flow, deliveries: Deliveries) -> None:
    plot = Plot(
        flow.paper, LEFT_MM + _SCALE_MM, flow.y_mm, _WIDE_MM - _SCALE_MM, _CHART_MM, Span(0, DAYS), Span(0, 1)
    )  # fmt: skip
    plot.frame([(each, percent(each)) for each in (0.0, 0.5, 1.0)], [(day, str(day)) for day in range(0, DAYS + 1, 5)])
    plot.upright(IN_TIME_DAYS, "five days")
    plot.curve(deliveries.curve(), OWN)
    flow.paper.text(
        LEFT_MM + _SCALE_MM, flow.y_mm + _CHART_MM + 8, said("Days since the request; hubs that have it, from 0"),
        size_pt=SMALL_PT, colour=MUTED,
    )  # fmt: skip


def draw_in_time(flow: Flow, updates: Sequence[ServiceRow]) -> None:
    """Say how many 11.3 were answered within their Target Response Time."""
    flow.room(heading_mm() + 14)
    flow.heading(f"{IN_TIME} {MARK}", note=said("11.3, one for each Device"))
    flow.paragraph(in_time_finding(updates))
    draw_source(flow, "round_trips_monthly")
    flow.space(4)


def in_time_finding(updates: Sequence[ServiceRow]) -> str:
    """Return it in a sentence; only on SMETS1 a target is known."""
    timed = [row for row in updates if row.in_time is not None]
    outcomes = sum(row.outcomes for row in updates)
    every = Source("round_trips_monthly", rows(srv=_UPDATE), "sum(successes) + sum(failures)")
    if not timed:
        return said(
            "No Target Response Time is known for your {} of 11.3 with an outcome: it is five days on SMETS1, and no "
            "source gives one for other Devices.",
            counted(outcomes, "request", every),
        )
    within, succeeded = sum(row.in_time or 0 for row in timed), sum(row.successes for row in timed)
    known = replace(every, where=rows("in_time IS NOT NULL", srv=_UPDATE))
    return said(
        "{} of {} of 11.3 that succeeded were answered in time.",
        number(within, known.of("sum(in_time)")),
        counted(succeeded, "request", known.of("sum(successes)")),
    )


def alternative(deliveries: Deliveries) -> str:
    """Return in words what the curve shows."""
    whole = [(days, share) for days, share in deliveries.curve() if days == int(days)]
    told = [said(f"day {days:.0f}: {{}}", rated(share, _by_day(round(days)))) for days, share in whole]
    return said("{}. {}.", deliveries.finding(), joined(", ", told))


def _by_day(days: int) -> Source:
    reached = f"count(*) FILTER (WHERE delivered_at - received_at <= INTERVAL '{24 * days} hours')"
    return _delivered().of(ratio(reached, "count(*)"))
