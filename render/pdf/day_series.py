"""Days of a Member's round trips as charts: of all of them, of each row, and of each Region, Meter Type and SMETS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from dcc_analytics.render.pdf.day_changes import LEAST_A_DAY, Change, Day, failures_change, times_change
from dcc_analytics.snapshot.xmr import SETTLED

Kind = Literal["failures", "times"]
FAILURES: Final[Kind] = "failures"
TIMES: Final[Kind] = "times"
SERVICE: Final = ("process", "srv", "variant")
SPLITS: Final = ("region", "meter_type", "smets_version")
#: Columns of what is counted, what of it is looked at, and the same had the month been even.
NAMES: Final[Mapping[Kind, tuple[str, str, str]]] = {
    FAILURES: ("outcomes", "failures", "failures_expected"),
    TIMES: ("rtt_n", "taken", "taken_expected"),
}
#: A mean beyond so many times its row's median one is made by single round trips that hung: it counts as so many times.
_FAR: Final = 5


@dataclass(frozen=True, slots=True)
class Scope:
    """Which round trips: those with some values in some columns of the daily rows; all of them with none."""

    columns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows that are in it."""
        for column, value in zip(self.columns, self.values, strict=True):
            rows = rows.filter(pl.col(column).eq_missing(pl.lit(value)))
        return rows

    @property
    def asked(self) -> dict[str, str]:
        """What is asked of each of its columns."""
        return dict(zip(self.columns, self.values, strict=True))

    @property
    def is_row(self) -> bool:
        """Whether it is a row of the months: an SRV of a process."""
        return self.columns == SERVICE

    @property
    def of_row(self) -> bool:
        """Whether it is one, or a part of one."""
        return self.columns[: len(SERVICE)] == SERVICE


@dataclass(frozen=True, slots=True)
class ScopedChange:
    """A change of round trips, and of which."""

    kind: Kind
    scope: Scope
    change: Change


class DaySeries:
    """A Member's daily rows, with what would be expected of each were the month of its row even.

    Sums over several rows compare like with like then, although on some days more of the slow and the failing is sent.
    """

    def __init__(self, daily: pl.DataFrame) -> None:
        outcomes = pl.col("successes") + pl.col("failures")
        mean = pl.col("rtt_mean_ms")
        taken = pl.col("rtt_n") * pl.min_horizontal(mean, _FAR * mean.median().over(SERVICE))
        timed = pl.col("rtt_n").filter(pl.col("rtt_mean_ms").is_not_null()).sum().over(SERVICE)
        self._rows = daily.with_columns(
            outcomes=outcomes,
            taken=taken,
            failures_expected=outcomes * (pl.col("failures").sum().over(SERVICE) / outcomes.sum().over(SERVICE)),
            taken_expected=pl.col("rtt_n") * (taken.sum().over(SERVICE) / timed),
        ).with_columns(pl.col("failures_expected", "taken_expected").fill_nan(None))

    def days(self, scope: Scope, kind: Kind) -> list[Day]:
        """Return the days of a chart in order."""
        names = NAMES[kind]
        sums = scope.of(self._rows).drop_nulls(names).group_by("day").agg(pl.col(*names).sum()).sort("day")
        return [
            Day(day, number, float(found), float(due))
            for day, number, found, due in sums.select("day", *names).iter_rows()
        ]

    def changes(self) -> list[ScopedChange]:
        """Return what changed, of failures and of times; the surest first."""
        found = []
        for scope in self._scopes():
            for kind, change_of in ((FAILURES, failures_change), (TIMES, times_change)):
                change = change_of(self.days(scope, kind))
                if change:
                    found.append(ScopedChange(kind, scope, change))
        return sorted(found, key=lambda each: -each.change.strength)

    def _scopes(self) -> Iterator[Scope]:
        yield Scope()
        for row in self._rows.select(SERVICE).unique().sort(SERVICE).iter_rows():
            yield Scope(SERVICE, row)
        for column in SPLITS:
            values = self._rows[column].unique().sort().drop_nulls().to_list()
            if len(values) > 1:
                yield from (Scope((column,), (value,)) for value in values)

    def within(self, scope: Scope, change: Change) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the rows of a scope on the days of a change, and those on the other days."""
        rows, during = scope.of(self._rows), pl.col("day").is_between(change.first, change.last)
        return rows.filter(during), rows.filter(~during)


def has_charts(daily: pl.DataFrame) -> bool:
    """Return whether a Member's round trips together have enough days to tell a change of them."""
    by_day = daily.group_by("day").agg((pl.col("successes") + pl.col("failures")).sum().alias("outcomes"))
    return by_day.filter(pl.col("outcomes") >= LEAST_A_DAY).height >= SETTLED
