"""Alerts of one Member's month as values: codes with their failures and times, and days."""

from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.row_kinds import Times
from dcc_analytics.render.pdf.sources import Source, ratio, rows
from dcc_analytics.render.pdf.sums import Part, PartSource, parts
from dcc_analytics.render.pdf.words import NOT_SHOWN
from dcc_analytics.snapshot.comparison import ALIKE, BETTER, FEW, WITHHELD, WORSE

#: The failure rate of a code in the file.
FAILED_OF_ALL: Final = ratio("failed", "delivered + failed")
#: Of a rate, as the files print it: 1 - 0.98 is not 0.02 in binary, and a rate beside it would seem to be below.
_DECIMALS: Final = 6
_KINDS: Final = {"dcc": "DCC Alerts", "device": "Device Alerts"}
_STANDINGS: Final = {
    WORSE: "Worse half", BETTER: "Better half", ALIKE: "Can't be told", FEW: "Few Alerts", WITHHELD: "No median",
}  # fmt: skip
#: Columns of a day's Alerts under the names of those of a day's round trips, so that they are summed up alike.
_AS_ROUND_TRIPS: Final = {
    "delivered": "successes", "failed": "failures", "delivery_n": "rtt_n", "delivery_mean_ms": "rtt_mean_ms",
    "industry_delivery_mean_ms": "industry_rtt_mean_ms",
}  # fmt: skip


#: Alert codes in a daily file.
CODES: Final = "count(DISTINCT concat_ws(' ', kind, code))"
#: Where the days of all codes stand.
ALERT_DAYS: Final = PartSource(
    "alerts_daily", "", "delivered + failed", "delivered", "failed", "delivery_n", "delivery_mean_s",
    "industry_delivery_mean_s",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An Alert code of the month: own figures, and those of others that may be shown."""

    kind: str
    code: str
    name: str
    delivered: int
    failed: int
    own: Times
    industry: Times
    industry_failure_rate: float | None
    median: float | None
    rate_low: float | None
    rate_high: float | None
    compared: str
    p25: None = None
    p75: None = None
    near: tuple[float, ...] = ()
    far_above: int = 0

    @property
    def source(self) -> Source:
        """Its row of the file."""
        return Source("alerts_monthly", rows(kind=self.kind, code=self.code), "delivered + failed")

    @property
    def days(self) -> PartSource:
        """Its rows of the daily file."""
        return replace(ALERT_DAYS, where=self.source.where)

    @property
    def marks(self) -> tuple[str, ...]:
        """What its marks are in the file."""
        ends = (FAILED_OF_ALL, "failure_rate_low", "failure_rate_high")
        return (*ends, "1 - industry_success_rate", "", "peer_failure_rate_median", "")

    @property
    def peers_source(self) -> Source:
        """Of Alerts no single peers are drawn."""
        return self.source

    @property
    def group(self) -> str:
        """The heading under which it stands."""
        return _KINDS.get(self.kind, self.kind)

    @property
    def label(self) -> str:
        """What the code means, where that is known."""
        return self.name or "(no verified name)"

    @property
    def requests(self) -> int:
        """Alerts whose delivery ended."""
        return self.delivered + self.failed

    @property
    def rate(self) -> float | None:
        """The failed of all."""
        return self.failed / self.requests if self.requests else None

    @property
    def reference(self) -> float | None:
        """The industry's rate: the report asks for its average."""
        return self.industry_failure_rate

    @property
    def industry_mark(self) -> float | None:
        """Where that is drawn."""
        return self.industry_failure_rate

    @property
    def title(self) -> str:
        """Code and name, in a sentence."""
        return f"{self.code} {self.label}"

    @property
    def told(self) -> bool:
        """Whether more or fewer failed than chance explains."""
        return self.compared in {WORSE, BETTER}

    @property
    def standing(self) -> str:
        """How the rate stands beside the peers' median, in words; beside the industry's rate the figures stand."""
        if self.rate is None:
            return NOT_SHOWN
        return _STANDINGS.get(self.compared, NOT_SHOWN)


def alert_rows(figures: PackFigures) -> list[AlertRow]:
    """Return the codes sent to a Member, the most frequent first."""
    rows = [_row(each) for each in figures.table("alerts_monthly").iter_rows(named=True)]
    return sorted(rows, key=lambda row: (-row.requests, row.kind, row.code))


def _row(row: dict[str, Any]) -> AlertRow:
    success = row["industry_success_rate"]
    return AlertRow(
        row["kind"],
        row["code"],
        row["name"] or "",
        row["delivered"],
        row["failed"],
        Times.of(row, "delivery"),
        Times.of(row, "industry_delivery"),
        None if success is None else round(1 - success, _DECIMALS),
        row["peer_failure_rate_median"],
        row.get("failure_rate_low"),
        row.get("failure_rate_high"),
        row.get("compared") or "",
    )


def alert_days(figures: PackFigures) -> pl.DataFrame:
    """Return the Alerts of each day and code, with the columns of round trips."""
    daily = figures.table("alerts_daily").rename(_AS_ROUND_TRIPS)
    return daily.with_columns(requests=pl.col("successes") + pl.col("failures"))


def days_of(daily: pl.DataFrame, row: AlertRow) -> list[Part]:
    """Return the days of one code."""
    return parts(daily.filter(kind=row.kind, code=row.code), "day")
