"""Sums over rows of one Member: of days, Regions, Meter Types, SMETS versions and reasons of failure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from dcc_analytics.render.pdf.figures import ENOUGH_OUTCOMES
from dcc_analytics.render.pdf.said import Said, dated, rated, said
from dcc_analytics.render.pdf.sources import Asked, Series, Source, ratio, rows
from dcc_analytics.render.pdf.words import day_name

#: Share of a Member's round trips that must have a benchmark before those are summed up: with fewer, the two lines
#: of a chart would be of different requests.
COVERED_SHARE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Part:
    """Round trips of a day, or of a Region, Meter Type or SMETS version, summed over SRVs.

    Attributes:
        label: the day or the word.
        requests, successes, failures: counts.
        failure_rate: None without outcomes.
        mean_ms: of the successes, None without.
        industry_failure_rate: at the Member's own mix of requests; None where too few of them have a benchmark.
        industry_mean_ms: likewise.
    """

    label: Any
    requests: int
    successes: int
    failures: int
    failure_rate: float | None
    mean_ms: float | None
    industry_failure_rate: float | None
    industry_mean_ms: float | None


@dataclass(frozen=True, slots=True)
class PartSource:
    """Where the figures of a ``Part`` stand: rows of a daily file, and what its columns are called.

    Attributes:
        file: its name.
        where: the rows that are summed up by day, or by another column.
        requests, successes, failures, timed: counts.
        mean, industry_mean: times in seconds.
    """

    file: str
    where: str
    requests: str = "requests"
    successes: str = "successes"
    failures: str = "failures"
    timed: str = "rtt_n"
    mean: str = "rtt_mean_s"
    industry_mean: str = "industry_rtt_mean_s"

    def of(self, value: str, **asked: Asked) -> Source:
        """Return a value of some of the rows."""
        return Source(self.file, rows(self.where, **asked), value)

    @property
    def number(self) -> str:
        """The requests, as SQL."""
        return f"sum({self.requests})"

    @property
    def failure_rate(self) -> str:
        """Of the recipient."""
        return ratio(f"sum({self.failures})", f"(sum({self.successes}) + sum({self.failures}))")

    @property
    def own_mean(self) -> str:
        """Of its times."""
        return _mean(self.mean, self.mean, self.timed)

    @property
    def industry_failure_rate(self) -> str:
        """At the recipient's mix."""
        outcomes = f"({self.successes} + {self.failures})"
        return _mean("(1 - industry_success_rate)", "industry_success_rate", outcomes)

    @property
    def others_mean(self) -> str:
        """Of the industry's times, likewise."""
        return _mean(self.industry_mean, self.industry_mean, self.timed)

    def series(self, name: str, days: Sequence[Part]) -> Series:
        """Return what is drawn of some days."""
        drawn = [
            (each.label, each.requests, each.failure_rate, each.industry_failure_rate, _s(each.mean_ms),
             _s(each.industry_mean_ms))
            for each in days
        ]  # fmt: skip
        taken = (self.number, self.failure_rate, self.industry_failure_rate, self.own_mean, self.others_mean)
        return Series(name, tuple(drawn), Source(self.file, self.where, ", ".join(taken), by="day"))


def _s(ms: float | None) -> float | None:
    return None if ms is None else ms / 1000


def _mean(value: str, known: str, weight: str) -> str:
    """Return a weighted mean as SQL; none where what has no value weighs too much."""
    covered = f"sum(CASE WHEN {known} IS NOT NULL THEN {weight} END)"
    enough = f"{covered} > 0 AND {covered} >= {COVERED_SHARE} * sum({weight})"
    return f"CASE WHEN {enough} THEN sum({value} * {weight}) / {covered} END"


def parts(daily: pl.DataFrame, column: str) -> list[Part]:
    """Return the sums of daily rows by a column, sorted by it.

    The figures of others are given at the recipient's mix: each row's benchmark weighted with the recipient's own
    round trips, so that a difference is not one of what was sent, or where.
    """
    return [part for of_all in parts_by(daily, (), column).values() for part in of_all]


def parts_by(daily: pl.DataFrame, keys: Sequence[str], column: str) -> dict[tuple[Any, ...], list[Part]]:
    """Return for the values of some columns, as a tuple, the parts by another; all with one pass over the rows."""
    outcomes = pl.col("successes") + pl.col("failures")
    industry_rate = 1 - pl.col("industry_success_rate")
    grouped = daily.group_by(*keys, column).agg(
        pl.col("requests").sum(),
        pl.col("successes").sum(),
        pl.col("failures").sum(),
        _weighted(pl.col("rtt_mean_ms"), pl.col("rtt_n")).alias("mean_ms"),
        _weighted(industry_rate, outcomes).alias("industry_failure_rate"),
        _weighted(pl.col("industry_rtt_mean_ms"), pl.col("rtt_n")).alias("industry_mean_ms"),
    )
    found = defaultdict[tuple[Any, ...], list[Part]](list)
    for row in grouped.sort(*keys, column).iter_rows(named=True):
        found[tuple(row[key] for key in keys)].append(_part(row, column))
    return dict(found)


def _weighted(value: pl.Expr, weight: pl.Expr) -> pl.Expr:
    """Return the mean of a value; null where what has none weighs too much."""
    covered = weight.filter(value.is_not_null()).sum()
    mean = (value * weight).sum() / covered
    return pl.when((covered > 0) & (covered >= COVERED_SHARE * weight.sum())).then(mean)


def _part(row: dict[str, Any], column: str) -> Part:
    outcomes = row["successes"] + row["failures"]
    return Part(
        row[column],
        row["requests"],
        row["successes"],
        row["failures"],
        row["failures"] / outcomes if outcomes else None,
        row["mean_ms"],
        row["industry_failure_rate"],
        row["industry_mean_ms"],
    )


def worst_day_said(worst: tuple[date, float] | None, days: PartSource, failed: str) -> Said:
    """Return the end of a sentence, with another that tells of the worst day if there is one."""
    if worst is None:
        return said(".")
    day, rate = worst
    rate_said = rated(rate, days.of(days.failure_rate, day=day))
    return said(". The worst day was {}, when {} {}.", dated(day_name(day)), rate_said, failed)


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason of failure: its code, its text where one is known, and how often it came."""

    code: str
    text: str
    failures: int

    @property
    def short(self) -> str:
        """What tells it from others of its kind: its text without the title that comes before a colon.

        >>> Reason("E19", "Failed authorisation: the Device does not exist", 1).short
        'The Device does not exist'
        """
        words = self.text.partition(": ")[2] or self.text
        return words[:1].upper() + words[1:]


def reasons(failed: pl.DataFrame) -> list[Reason]:
    """Return the reasons of failures, the commonest first."""
    grouped = failed.group_by("reason_code").agg(pl.col("reason").first(), pl.col("failures").sum())
    rows = grouped.sort(["failures", "reason_code"], descending=[True, False]).iter_rows()
    return [Reason(code, text or "", number) for code, text, number in rows]


def worst_day(days: Iterable[Part]) -> tuple[date, float] | None:
    """Return the day with the highest failure rate among those with enough outcomes, and that rate."""
    candidates = [
        (part.failure_rate, part.label)
        for part in days
        if part.failure_rate and part.successes + part.failures >= ENOUGH_OUTCOMES
    ]
    if not candidates:
        return None
    rate, day = max(candidates, key=lambda each: (each[0], -each[1].toordinal()))
    return day, rate
