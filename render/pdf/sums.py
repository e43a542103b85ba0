"""Sums over rows of one Member: of days, Regions, Meter Types, SMETS versions and reasons of failure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from dcc_analytics.render.pdf.figures import ENOUGH_OUTCOMES

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


def parts(daily: pl.DataFrame, column: str) -> list[Part]:
    """Return the sums of daily rows by a column, sorted by it.

    The figures of others are given at the recipient's mix: each row's benchmark weighted with the recipient's own
    round trips, so that a difference is not one of what was sent, or where.
    """
    outcomes = pl.col("successes") + pl.col("failures")
    industry_rate = 1 - pl.col("industry_success_rate")
    grouped = daily.group_by(column).agg(
        pl.col("requests").sum(),
        pl.col("successes").sum(),
        pl.col("failures").sum(),
        _weighted(pl.col("rtt_mean_ms"), pl.col("rtt_n")).alias("mean_ms"),
        _weighted(industry_rate, outcomes).alias("industry_failure_rate"),
        _weighted(pl.col("industry_rtt_mean_ms"), pl.col("rtt_n")).alias("industry_mean_ms"),
    )
    return [_part(row, column) for row in grouped.sort(column).iter_rows(named=True)]


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
