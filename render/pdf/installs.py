"""Installs of the recipient: each day against what was predicted, left uncommissioned, and never read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.pdf.flow import Flow, heading_mm, key_entry
from dcc_analytics.render.pdf.plot import Plot, Span
from dcc_analytics.render.pdf.said import counted, dated, joined, listed_said, number, rated, said
from dcc_analytics.render.pdf.source import draw_source
from dcc_analytics.render.pdf.sources import Series, Source, ratio, rows
from dcc_analytics.render.pdf.style import BAND, BENCHMARK, LEFT_MM, OWN, OWN_TEXT, WHITE, WIDTH_MM
from dcc_analytics.render.pdf.words import count, day_name, weekday_name

DAILY: Final = "Installs day by day"
UNREAD: Final = "Installs without a read"
_SCALE_MM: Final = 12.0
_CHART_MM: Final = 30.0
_KEY_MM: Final = 6.5
_FOOT_MM: Final = 7.0


#: Days on which more or fewer were commissioned than the band holds.
_OUTSIDE: Final = (
    "predicted_low IS NOT NULL AND predicted_high IS NOT NULL AND (install_and_commission < predicted_low OR "
    "(install_and_commission > predicted_high AND install_and_commission > 0))"
)


@dataclass(frozen=True, slots=True)
class InstallDays:
    """Days of the month, each with its place.

    Attributes:
        known: whether the table has it.
        commissioned: installs by 8.14.1.
        left: by 8.14.2.
        predicted, low, high: 8.14.1 expected, and how far; None where there is no history.
    """

    known: list[bool]
    commissioned: list[int]
    left: list[int]
    predicted: list[float | None]
    low: list[float | None]
    high: list[float | None]

    @classmethod
    def of(cls, daily: pl.DataFrame, month: Month) -> "InstallDays":
        """Return the days of a table; one it lacks had no installs."""
        by_day = {row["day"]: row for row in daily.iter_rows(named=True)}
        rows = [by_day.get(day, {}) for day in month.days]

        def expected(name: str) -> list[float | None]:
            found = (row.get(name) for row in rows)
            return [None if value is None else max(float(value), 0.0) for value in found]

        return cls(
            [bool(row) for row in rows],
            [row.get("install_and_commission") or 0 for row in rows],
            [row.get("install_and_leave") or 0 for row in rows],
            expected("predicted"),
            expected("predicted_low"),
            expected("predicted_high"),
        )

    @property
    def outside(self) -> int:
        """Days on which more or fewer were commissioned than the band holds."""
        return sum(
            low is not None and high is not None and not low <= done <= high
            for done, low, high in zip(self.commissioned, self.low, self.high, strict=True)
        )

    def finding(self) -> str:
        """Return how many were installed, and how many were expected."""
        source = Source("installs_daily", "", "sum(install_and_commission)")
        done = counted(sum(self.commissioned), "install", source)
        known = [value for value in self.predicted if value is not None]
        if not known:
            return said("{} commissioned; there is no history to predict them from", done)
        predicted = number(round(sum(known)), source.of(f"sum({_from_zero('predicted')})"))
        days = counted(self.outside, "day", Source("installs_daily", _OUTSIDE, "count(*)"))
        return said("{} commissioned, {} predicted; {} outside the band", done, predicted, days)

    def left_said(self) -> str:
        """Return how many were left uncommissioned."""
        left, every = sum(self.left), sum(self.left) + sum(self.commissioned)
        if not every:
            return "Nothing was installed."
        if not left:
            return said("None was left to be commissioned later (8.14.2).")
        both = Source("installs_daily", "", "sum(install_and_commission) + sum(install_and_leave)")
        return said(
            "{} of {} ({}) were Install and Leave (8.14.2).",
            number(left, both.of("sum(install_and_leave)")),
            counted(every, "install", both),
            rated(left / every, both.of(ratio("sum(install_and_leave)", f"({both.value})"))),
        )

    def series(self, month: Month) -> Series:
        """Return what is drawn of the days that the table has."""
        each = zip(month.days, self.commissioned, self.left, self.predicted, self.low, self.high, strict=True)
        drawn = tuple(values for values, known in zip(each, self.known, strict=True) if known)
        expected = ", ".join(map(_from_zero, ("predicted", "predicted_low", "predicted_high")))
        return Series(
            "days", drawn, Source("installs_daily", "", f"day, install_and_commission, install_and_leave, {expected}")
        )


def _from_zero(column: str) -> str:
    """Return a prediction as it is drawn: not below zero."""
    return f"CASE WHEN {column} < 0 THEN 0 ELSE {column} END"


def draw_installs(flow: Flow, days: InstallDays, month: Month) -> None:
    """Draw the days of the month."""
    flow.room(heading_mm() + 14 + _KEY_MM + _CHART_MM + _FOOT_MM)
    flow.heading(f"{DAILY} {MARK}", note=said("by the UTC day of the request; from 0"))
    flow.paragraph(said("{}. {}", days.finding(), days.left_said()))
    flow.space(1.5)
    with flow.paper.figure(alternative(days, month), LEFT_MM, flow.y_mm, WIDTH_MM, _KEY_MM + _CHART_MM + _FOOT_MM):
        flow.paper.carry([days.series(month)])
        _chart(flow, days, month)
    draw_source(flow, "installs_daily")
    flow.space(4)


def _chart(flow: Flow, days: InstallDays, month: Month) -> None:
    banded = any(value is not None for value in days.predicted)
    _key(flow, banded=banded)
    tops = [done + left for done, left in zip(days.commissioned, days.left, strict=True)]
    up = Span.from_zero([*tops, *(value for value in days.high if value is not None)])
    plot = Plot(
        flow.paper, LEFT_MM + _SCALE_MM, flow.y_mm, WIDTH_MM - _SCALE_MM, _CHART_MM, Span(0, len(month.days)), up
    )
    mondays = [(place + 0.5, weekday_name(day)) for place, day in enumerate(month.days) if day.weekday() == 0]
    plot.frame([(0, "0"), (up.end, count(round(up.end)))], mondays)
    plot.band(days.low, days.high, days.predicted)
    plot.columns(days.commissioned, OWN)
    plot.columns(days.left, WHITE, on=days.commissioned, edge=OWN_TEXT)
    flow.y_mm += _CHART_MM + 5


def _key(flow: Flow, *, banded: bool) -> None:
    paper, y_mm, x_mm = flow.paper, flow.y_mm + 1.6, LEFT_MM
    paper.rectangle(x_mm, y_mm - 1.6, 4, 3.2, fill=OWN)
    x_mm = key_entry(paper, x_mm + 6, y_mm + 1.1, said("Install and Commission (8.14.1)"))
    paper.rectangle(x_mm, y_mm - 1.6, 4, 3.2, fill=WHITE, edge=OWN_TEXT)
    x_mm = key_entry(paper, x_mm + 6, y_mm + 1.1, said("Install and Leave (8.14.2)"))
    if banded:
        paper.rectangle(x_mm, y_mm - 1.6, 6, 3.2, fill=BAND)
        paper.line([(x_mm, y_mm), (x_mm + 6, y_mm)], colour=BENCHMARK, thick_mm=0.45)
        key_entry(paper, x_mm + 8, y_mm + 1.1, said("8.14.1 predicted, and the band"))
    flow.y_mm += _KEY_MM


def draw_unread(flow: Flow, unread: pl.DataFrame) -> None:
    """Say how many installs nobody read, and in which weeks their 30 days ended; never which they are."""
    weeks = unread_weeks(unread["window_ended_on"].to_list())
    each = [
        said("{} in the week from {}", number(ended, _unread_in(monday)), dated(day_name(monday)))
        for monday, ended in weeks
    ]
    flow.room(heading_mm() + 20)
    flow.heading(f"{UNREAD} {MARK}", note=said("within 30 days of their 8.14.1, by anyone"))
    flow.paragraph(said("{} The 30 days ended: {}.", unread_finding(unread.height), listed_said(each)))
    draw_source(flow, "installs_without_read")
    flow.space(4)


def _unread_in(monday: date) -> Source:
    ended = f"window_ended_on >= '{monday}' AND window_ended_on <= '{monday + timedelta(days=6)}'"
    return Source("installs_without_read", ended, "count(*)")


def unread_finding(installs: int) -> str:
    """Return how many there are."""
    every = counted(installs, "install", Source("installs_without_read", "", "count(*)"))
    return said("Of {} no meter was read in 30 days; the file names the hub of each.", every)


def unread_weeks(days: Sequence[date]) -> list[tuple[date, int]]:
    """Return how many of some days fall into each week, by its Monday.

    >>> unread_weeks([date(2026, 10, 7), date(2026, 10, 5), date(2026, 10, 12)])
    [(datetime.date(2026, 10, 5), 2), (datetime.date(2026, 10, 12), 1)]
    """
    mondays = [day - timedelta(days=day.weekday()) for day in days]
    return [(monday, mondays.count(monday)) for monday in sorted(set(mondays))]


def alternative(days: InstallDays, month: Month) -> str:
    """Return in words what the chart shows."""
    each = [
        said("{}: {}", dated(day_name(day)), number(done, _on(day)))
        for day, done in zip(month.days, days.commissioned, strict=True)
        if done
    ]
    every = joined("; ", each) if each else "none"
    return said("{}. {} 8.14.1 by day: {}.", days.finding(), days.left_said(), every)


def _on(day: date) -> Source:
    return Source("installs_daily", rows(day=day), "install_and_commission")
