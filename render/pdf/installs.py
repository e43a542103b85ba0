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
from dcc_analytics.render.pdf.source import draw_source
from dcc_analytics.render.pdf.style import BAND, BENCHMARK, LEFT_MM, OWN, OWN_TEXT, WHITE, WIDTH_MM
from dcc_analytics.render.pdf.words import count, day_name, listed, percent, plural, weekday_name

DAILY: Final = "Installs day by day"
UNREAD: Final = "Installs without a read"
_SCALE_MM: Final = 12.0
_CHART_MM: Final = 30.0
_KEY_MM: Final = 6.5
_FOOT_MM: Final = 7.0


@dataclass(frozen=True, slots=True)
class InstallDays:
    """Days of the month, each with its place.

    Attributes:
        commissioned: installs by 8.14.1.
        left: by 8.14.2.
        predicted, low, high: 8.14.1 expected, and how far; None where there is no history.
    """

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
        done = plural(sum(self.commissioned), "install")
        known = [value for value in self.predicted if value is not None]
        if not known:
            return f"{done} commissioned; there is no history to predict them from"
        return f"{done} commissioned, {sum(known):,.0f} predicted; {plural(self.outside, 'day')} outside the band"

    def left_said(self) -> str:
        """Return how many were left uncommissioned."""
        left, every = sum(self.left), sum(self.left) + sum(self.commissioned)
        if not every:
            return "Nothing was installed."
        if not left:
            return "None was left to be commissioned later (8.14.2)."
        return f"{count(left)} of {plural(every, 'install')} ({percent(left / every)}) were Install and Leave (8.14.2)."


def draw_installs(flow: Flow, days: InstallDays, month: Month) -> None:
    """Draw the days of the month."""
    flow.room(heading_mm() + 14 + _KEY_MM + _CHART_MM + _FOOT_MM)
    flow.heading(f"{DAILY} {MARK}", note="by the UTC day of the request; from 0")
    flow.paragraph(f"{days.finding()}. {days.left_said()}")
    flow.space(1.5)
    with flow.paper.figure(alternative(days, month), LEFT_MM, flow.y_mm, WIDTH_MM, _KEY_MM + _CHART_MM + _FOOT_MM):
        _chart(flow, days, month)
    draw_source(flow, "installs_daily.csv")
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
    x_mm = key_entry(paper, x_mm + 6, y_mm + 1.1, "Install and Commission (8.14.1)")
    paper.rectangle(x_mm, y_mm - 1.6, 4, 3.2, fill=WHITE, edge=OWN_TEXT)
    x_mm = key_entry(paper, x_mm + 6, y_mm + 1.1, "Install and Leave (8.14.2)")
    if banded:
        paper.rectangle(x_mm, y_mm - 1.6, 6, 3.2, fill=BAND)
        paper.line([(x_mm, y_mm), (x_mm + 6, y_mm)], colour=BENCHMARK, thick_mm=0.45)
        key_entry(paper, x_mm + 8, y_mm + 1.1, "8.14.1 predicted, and the band")
    flow.y_mm += _KEY_MM


def draw_unread(flow: Flow, unread: pl.DataFrame) -> None:
    """Say how many installs nobody read, and in which weeks their 30 days ended; never which they are."""
    weeks = unread_weeks(unread["window_ended_on"].to_list())
    ended = listed([f"{count(number)} in the week from {day_name(monday)}" for monday, number in weeks])
    flow.room(heading_mm() + 20)
    flow.heading(f"{UNREAD} {MARK}", note="within 30 days of their 8.14.1, by anyone")
    flow.paragraph(f"{unread_finding(unread.height)} The 30 days ended: {ended}.")
    draw_source(flow, "installs_without_read.csv")
    flow.space(4)


def unread_finding(number: int) -> str:
    """Return how many there are."""
    return f"Of {plural(number, 'install')} no meter was read in 30 days; the file names the hub of each."


def unread_weeks(days: Sequence[date]) -> list[tuple[date, int]]:
    """Return how many of some days fall into each week, by its Monday.

    >>> unread_weeks([date(2026, 10, 7), date(2026, 10, 5), date(2026, 10, 12)])
    [(datetime.date(2026, 10, 5), 2), (datetime.date(2026, 10, 12), 1)]
    """
    mondays = [day - timedelta(days=day.weekday()) for day in days]
    return [(monday, mondays.count(monday)) for monday in sorted(set(mondays))]


def alternative(days: InstallDays, month: Month) -> str:
    """Return in words what the chart shows."""
    each = "; ".join(
        f"{day_name(day)}: {done}" for day, done in zip(month.days, days.commissioned, strict=True) if done
    )
    return f"{days.finding()}. {days.left_said()} 8.14.1 by day: {each or 'none'}."
