"""One Member's month, as the pages need it: rows of the snapshot as values, and sums over them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, Self

import polars as pl

from dcc_analytics.catalogue.processes import PROCESSES
from dcc_analytics.catalogue.roles import ROLE_NAMES
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS, srv_order
from dcc_analytics.render.pdf.discretion import discreet
from dcc_analytics.render.pdf.row_kinds import Times
from dcc_analytics.render.pdf.said import dated
from dcc_analytics.render.pdf.sources import Source, rows
from dcc_analytics.render.pdf.words import NOT_SHOWN, month_name
from dcc_analytics.render.query_window import QUERY_DAYS, query_until
from dcc_analytics.render.snapshot_folder import Incident, MemberEntry, SnapshotFolder
from dcc_analytics.snapshot.comparison import ALIKE, BETTER, FEW, WITHHELD, WORSE

#: A rate of fewer outcomes is shown, but neither ranked nor put into words: one failure would decide it.
ENOUGH_OUTCOMES: Final = 30
#: Widths of the middle half above it, beyond which a peer is not drawn where it is.
EXTREME: Final = 3
#: What is said of a row that is neither worse nor better; of a snapshot that does not say, nothing.
_UNTOLD: Final = {ALIKE: "Can't be told", FEW: "Few requests", WITHHELD: "No benchmark"}


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A process and SRV of the month: own figures, and those of others that may be shown."""

    process: str
    srv: str
    variant: str
    requests: int
    successes: int
    failures: int
    open: int
    in_time: int | None
    timed: int
    failure_rate: float | None
    rate_low: float | None
    rate_high: float | None
    compared: str
    own: Times
    industry: Times
    industry_failure_rate: float | None
    p25: float | None
    median: float | None
    p75: float | None
    peers: str
    status: str
    peer_rates: tuple[float, ...]
    mix_gap: Decimal | None
    history_mean: float | None
    history_signal: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Process, SRV and variant: what it is found by."""
        return self.process, self.srv, self.variant

    @property
    def source(self) -> Source:
        """Its row of the file."""
        return Source("round_trips_monthly", rows(process=self.process, srv=self.srv, variant=self.variant), "requests")

    @property
    def marks(self) -> tuple[str, ...]:
        """What its marks are in the file."""
        own = ("failure_rate", "failure_rate_low", "failure_rate_high")
        return (*own, "", "peer_failure_rate_p25", "peer_failure_rate_median", "peer_failure_rate_p75")

    @property
    def peers_source(self) -> Source:
        """The peers that are drawn where they are; those of the file are sorted."""
        drawn = f"position <= {len(self.near)}"
        asked = rows(drawn, process=self.process, srv=self.srv, variant=self.variant, measure="failure_rate")
        return Source("peer_values", asked, "value")

    @property
    def outcomes(self) -> int:
        """Round trips that succeeded or failed."""
        return self.successes + self.failures

    @property
    def group(self) -> str:
        """The heading under which it stands: its process."""
        return self.process

    @property
    def code(self) -> str:
        """What stands before its name: its SRV."""
        return self.srv

    @property
    def rate(self) -> float | None:
        """What a strip shows of it."""
        return self.failure_rate

    @property
    def reference(self) -> float | None:
        """What its rate is compared with."""
        return self.median

    @property
    def industry_mark(self) -> float | None:
        """A rate by volume is not beside that of each User alike: what is drawn of peers is of Users."""
        return None

    @property
    def name(self) -> str:
        """What the SRV is called, with its variant; empty for one that DUIS does not know."""
        kind = SERVICE_REQUESTS.get(self.srv)
        parts = (kind.name if kind else "", self.variant.replace("_", " "))
        return ", ".join(part for part in parts if part)

    @property
    def label(self) -> str:
        """The same for a cell where the end may be cut off: what tells two rows of an SRV apart stands first."""
        kind = SERVICE_REQUESTS.get(self.srv)
        parts = (self.variant.replace("_", " "), kind.name if kind else self.process)
        return ": ".join(part for part in parts if part)

    @property
    def title(self) -> str:
        """SRV and name, in a sentence."""
        return f"{self.srv} {self.name}".strip()

    @property
    def told(self) -> bool:
        """Whether its rate is said to be worse or better."""
        return self.compared in {WORSE, BETTER}

    @property
    def far_above(self) -> int:
        """How many peers are so far above the others that who they are may be known from outside; see ``near``."""
        return len(self.peer_rates) - len(self.near)

    @property
    def near(self) -> tuple[float, ...]:
        """The peers whose rates are drawn where they are: not beyond three times the middle half above it.

        An outage in the news would tell whose a lone mark is. (Rates are not below 0, so none is far below.)
        """
        if self.p25 is None or self.p75 is None or self.p25 >= self.p75:
            return self.peer_rates
        fence = self.p75 + EXTREME * (self.p75 - self.p25)
        return tuple(rate for rate in self.peer_rates if rate <= fence)

    @property
    def excess(self) -> float:
        """How many more requests failed than would have at the peers' median; negative for fewer."""
        return (self.failure_rate or 0.0) * self.outcomes - (self.median or 0.0) * self.outcomes

    @property
    def standing(self) -> str:
        """Where its failure rate stands among peers, in words, so that colour is never needed.

        Worse or better is said where ``compared`` says it, a quarter where the whole interval of the rate lies in it.
        """
        if self.failure_rate is None:
            return "Still open"
        if self.compared == WORSE:
            return "Worst quarter" if self._in_a_quarter(worse=True) else "Worse half"
        if self.compared == BETTER:
            return "Best quarter" if self._in_a_quarter(worse=False) else "Better half"
        return _UNTOLD.get(self.compared, NOT_SHOWN)

    def _in_a_quarter(self, *, worse: bool) -> bool:
        if self.p25 is None or self.p75 is None or self.p25 >= self.p75:
            return False
        if self.rate_low is None or self.rate_high is None:
            return False
        return self.rate_low > self.p75 if worse else self.rate_high < self.p25


@dataclass(frozen=True)
class PackFigures:
    """All that a pack is drawn from."""

    member: MemberEntry
    snapshot: SnapshotFolder
    rows: tuple[ServiceRow, ...]
    daily: pl.DataFrame
    failed: pl.DataFrame
    incidents: tuple[Incident, ...]
    query_until: date | None

    @classmethod
    def read(cls, snapshot: SnapshotFolder, member: MemberEntry, *, query_days: int = QUERY_DAYS) -> Self:
        """Return what a snapshot holds of one Member.

        Raises:
            SnapshotError: a table can't be read.
        """
        return cls(
            member,
            snapshot,
            _rows(snapshot.table("round_trips_monthly", member), snapshot.table("peer_values", member)),
            snapshot.table("round_trips_daily", member),
            snapshot.table("failures", member),
            tuple(discreet(snapshot.incidents(), member, snapshot.members())),
            query_until(snapshot, query_days),
        )

    def table(self, name: str, *columns: str) -> pl.DataFrame:
        """Return the Member's rows of a table that only one kind of page is drawn from.

        Of a table by Device the columns that are drawn are named: it may have millions of rows.

        Raises:
            SnapshotError: it can't be read.
        """
        return self.snapshot.table(name, self.member, columns)

    @cached_property
    def models(self) -> pl.DataFrame:
        """Models and firmware versions of the Member's Devices.

        Raises:
            SnapshotError: the table can't be read.
        """
        return self.table("inventory_models")

    @property
    def role(self) -> str:
        """The Role in words."""
        return ROLE_NAMES.get(self.member.role, self.member.role)

    @property
    def month(self) -> str:
        """The month in words."""
        return dated(month_name(self.snapshot.month))

    @property
    def processes(self) -> list[str]:
        """The processes in use, in the order of Table 1."""
        return list(dict.fromkeys(row.process for row in self.rows))

    def of_process(self, process: str) -> list[ServiceRow]:
        """Return the rows of a process."""
        return [row for row in self.rows if row.process == process]

    @cached_property
    def benchmarked(self) -> bool:
        """Whether any figure of others may be shown at all."""
        return any(row.median is not None or row.industry_failure_rate is not None for row in self.rows)


def _rows(monthly: pl.DataFrame, peers: pl.DataFrame) -> tuple[ServiceRow, ...]:
    ticks: dict[tuple[str, str, str], list[float]] = {}
    rates = peers.filter(measure="failure_rate").sort("position")
    for process, srv, variant, value in rates.select("process", "srv", "variant", "value").iter_rows():
        ticks.setdefault((process, srv, variant or ""), []).append(value)
    found = [_row(row, ticks) for row in monthly.iter_rows(named=True)]
    order = {process: place for place, process in enumerate(PROCESSES)}
    return tuple(sorted(found, key=lambda row: (order.get(row.process, len(order)), srv_order(row.srv), row.variant)))


def _row(row: dict[str, Any], ticks: dict[tuple[str, str, str], list[float]]) -> ServiceRow:
    variant = row["variant"] or ""
    return ServiceRow(
        process=row["process"],
        srv=row["srv"],
        variant=variant,
        requests=row["requests"],
        successes=row["successes"],
        failures=row["failures"],
        open=row["open"],
        in_time=row["in_time"],
        timed=row["rtt_n"],
        failure_rate=row["failure_rate"],
        rate_low=row.get("failure_rate_low"),
        rate_high=row.get("failure_rate_high"),
        compared=row.get("compared") or "",
        own=Times.of(row, "rtt"),
        industry=Times.of(row, "industry_rtt"),
        industry_failure_rate=row["industry_failure_rate"],
        p25=row["peer_failure_rate_p25"],
        median=row["peer_failure_rate_median"],
        p75=row["peer_failure_rate_p75"],
        peers=row["peers"] or "",
        status=row["benchmark_status"] or "",
        peer_rates=tuple(ticks.get((row["process"], row["srv"], variant), ())),
        mix_gap=row.get("mix_adjusted_gap"),
        history_mean=row.get("history_mean"),
        history_signal=row.get("history_signal") or "",
    )
