"""The tables of a snapshot: a row for each Member's figure, beside it the benchmark of its cell.

Figures of Members are exact and in whole microseconds until here; times become whole milliseconds, rounded half-even.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import polars as pl
from fastdigest import TDigest

from dcc_analytics.catalogue.metrics import Metric
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.alert_tables import alert_tables
from dcc_analytics.snapshot.alerts import Alerts
from dcc_analytics.snapshot.benchmarks import (
    DAILY_KEY,
    SERVICE_KEY,
    by_member,
    daily_benchmarks,
    median_ms,
    monthly_benchmarks,
)
from dcc_analytics.snapshot.comparison import with_comparison
from dcc_analytics.snapshot.earlier import NOTHING_TOLD, Earlier
from dcc_analytics.snapshot.exact import mean_ms, rounded_ms, share
from dcc_analytics.snapshot.history import EARLIER, HISTORY, with_history
from dcc_analytics.snapshot.incidents import incident_table, with_category
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.inventory_models import FIRMWARE_KEY, inventory_models
from dcc_analytics.snapshot.members import Directory, Member, folder_of
from dcc_analytics.snapshot.metrics import METRICS, MetricCells, MonthCells, metrics_table
from dcc_analytics.snapshot.mix import counted_strata, with_gap
from dcc_analytics.snapshot.named import named_comparison, opened_roles
from dcc_analytics.snapshot.round_trips import FAILURE_KEY, DigestOf, RoundTrips
from dcc_analytics.snapshot.rules import RuleSet
from dcc_analytics.snapshot.sensitivity import time_out_sensitivity
from dcc_analytics.snapshot.special import special_tables
from dcc_analytics.snapshot.suppression import suppression, withheld_cells
from dcc_analytics.stream.events import Incident

_MEMBER: Final = ("party", "role")
#: Ranks of the times shown of a Member's own; the median is a column of the CSV files, the others are drawn only.
_RANKS: Final = {"rtt_median_ms": 0.5, "rtt_p5_ms": 0.05, "rtt_p95_ms": 0.95}

MONTHLY: Final = (
    "process", "srv", "variant", "requests", "successes", "failures", "open", "success_rate", "failure_rate",
    "in_time", "rtt_n", "rtt_best_ms", "rtt_worst_ms", "rtt_mean_ms", "rtt_median_ms", "rtt_p5_ms", "rtt_p95_ms",
    "industry_success_rate", "industry_failure_rate", "industry_rtt_best_ms", "industry_rtt_worst_ms",
    "industry_rtt_mean_ms", "industry_rtt_median_ms", "peer_failure_rate_p25", "peer_failure_rate_median",
    "peer_failure_rate_p75", "peers", "benchmark_status", "failure_rate_low", "failure_rate_high", "compared",
    "mix_adjusted_gap", *HISTORY,
)  # fmt: skip
DAILY: Final = (
    "day", "process", "srv", "variant", "meter_type", "region", "smets_version", "requests", "successes", "failures",
    "success_rate", "rtt_n", "rtt_best_ms", "rtt_worst_ms", "rtt_mean_ms", "industry_success_rate",
    "industry_rtt_mean_ms", "peer_failure_rate_median", "incident_category", "benchmark_status",
)  # fmt: skip


class Tables:
    """A month as tables.

    Attributes:
        by_name: the tables, each sorted so that the same month gives the same bytes; texts of the largest as codes,
            which ``as_text`` writes out.
        withheld: for each table (cell, reason) of what was withheld, for the operator.
        suppression: how much that is, by table, Role, figures and reason.
    """

    def __init__(
        self,
        month: Month,
        trips: RoundTrips,
        alerts: Alerts,
        members: Iterable[Member],
        directory: Directory,
        *,
        incidents: Sequence[Incident],
        rules: RuleSet,
        inventory: Inventory,
        earlier: Earlier = NOTHING_TOLD,
        history: pl.DataFrame | None = None,
        metrics: Sequence[Metric] = (),
    ) -> None:
        """Make the tables of a month.

        Args:
            month: which.
            trips: its round trips.
            alerts: its Alerts.
            members: who gets a pack.
            directory: what Parties are called.
            incidents: the newest version of each.
            rules: what may be shown of others.
            inventory: all Devices.
            earlier: what was told before.
            history: counts of the months before, as ``history.EARLIER``; None where there are none.
            metrics: of the catalogue.
        """

        def before(name: str, now: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
            return earlier.withheld(name, now, key, directory, rules.earlier)

        members = sorted(members)
        monthly = by_member(trips.cells, SERVICE_KEY)
        daily = by_member(trips.cells, DAILY_KEY)
        told = before("round_trips_monthly", monthly, SERVICE_KEY)
        benchmarks, peer_values = monthly_benchmarks(monthly, trips.digests, rules, told)
        days = daily_benchmarks(daily, monthly, rules, before("round_trips_daily", daily, DAILY_KEY))
        rows = _own(monthly).join(_own_times(trips.digests), on=("party", *SERVICE_KEY), how="left")
        rows = _compared(rows.join(benchmarks, on=SERVICE_KEY, how="left"), daily, days, rules, history)
        sent = monthly.select("party", *SERVICE_KEY)
        of_alerts, alert_cells = alert_tables(alerts, rules, before)
        models, model_cells = inventory_models(inventory, directory, month.end_us, rules, before)
        self.by_name = {
            "members": _members(members, directory),
            "incidents": incident_table(incidents),
            "round_trips_monthly": _sorted(rows, MONTHLY),
            "round_trips_daily": _sorted(
                with_category(_own(daily).join(days, on=DAILY_KEY, how="left"), incidents, month), DAILY
            ),
            "time_out_sensitivity": time_out_sensitivity(monthly, trips.long_legs),
            "failures": _sorted(trips.failures, (*FAILURE_KEY[len(_MEMBER) :], "failures")),
            "peer_values": _sorted(sent.join(peer_values, on=SERVICE_KEY), tuple(peer_values.columns[1:])),
            **of_alerts,
            **special_tables(trips.kept, month, directory, inventory, rules),
            "inventory_models": models,
        }
        groups = [(member.role, directory.party(member.party).groups) for member in members]
        self.by_name["named_comparison"] = named_comparison(
            self.by_name["round_trips_monthly"], members, opened_roles(groups, month, rules)
        )
        cells = {
            "round_trips_monthly": (benchmarks, SERVICE_KEY),
            "round_trips_daily": (days, DAILY_KEY),
            **alert_cells,
            "inventory_models": (model_cells, FIRMWARE_KEY),
        }
        self.withheld = {name: withheld_cells(*of) for name, of in cells.items()}
        self.suppression = [row for name, (of, _) in cells.items() for row in suppression(name, of)]
        self._add_metrics(*metrics_table(metrics, MonthCells.of(trips, alerts, directory), rules, before))

    def _add_metrics(self, table: pl.DataFrame, compared: Iterable[MetricCells]) -> None:
        self.by_name[METRICS] = table
        self.withheld[METRICS] = []
        for metric, cells, key in compared:
            named = cells.with_columns(pl.lit(metric).alias("metric"))
            self.withheld[METRICS] += withheld_cells(named, ("metric", *key))
            self.suppression += suppression(f"{METRICS}/{metric}", cells)


def _compared(
    rows: pl.DataFrame, daily: pl.DataFrame, days: pl.DataFrame, rules: RuleSet, history: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return rows with what is said of them beside others, at the Role's mix, and beside the months before."""
    rows = with_gap(with_comparison(rows, rules), counted_strata(daily, days), rules)
    return with_history(rows, pl.DataFrame(schema=EARLIER) if history is None else history)


def _sorted(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    return frame.select(*_MEMBER, *columns).sort(*_MEMBER, *columns)


def _own(members: pl.DataFrame) -> pl.DataFrame:
    """Return the Members' own figures."""
    outcomes = pl.col("successes") + pl.col("failures")
    return members.with_columns(
        share(pl.col("successes"), outcomes).alias("success_rate"),
        share(pl.col("failures"), outcomes).alias("failure_rate"),
        pl.when(pl.col("targeted") > 0).then("in_time").alias("in_time"),
        rounded_ms("rtt_min_us").alias("rtt_best_ms"),
        rounded_ms("rtt_max_us").alias("rtt_worst_ms"),
        mean_ms("rtt_sum_us", "rtt_n").alias("rtt_mean_ms"),
    )


def _own_times(digests: dict[DigestOf, TDigest]) -> pl.DataFrame:
    """Return what comes from the digests of Members."""
    rows = [(*of, *(median_ms(digest, rank) for rank in _RANKS.values())) for of, digest in digests.items()]
    schema = dict.fromkeys(("party", *SERVICE_KEY), pl.String) | dict.fromkeys(_RANKS, pl.Int64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _members(members: Iterable[Member], directory: Directory) -> pl.DataFrame:
    """Return who gets a pack, each with a folder of its own even where a file system knows no upper case."""
    rows, taken = [], set[str]()
    for member in members:
        folder = name = folder_of(member)
        number = 1
        while folder.casefold() in taken:
            number += 1
            folder = f"{name}.{number}"
        taken.add(folder.casefold())
        rows.append((member.party, directory.party(member.party).name, member.role, folder))
    return pl.DataFrame(rows, schema=dict.fromkeys(("party", "party_name", "role", "folder"), pl.String), orient="row")
