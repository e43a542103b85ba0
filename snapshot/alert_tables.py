"""The tables of Alerts: by month, by day, by every signifier of the Device, and N13 and N55 for distributors."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from dcc_analytics.snapshot.alerts import SIGNIFIERS, Alerts, n13_n55, named, own_figures
from dcc_analytics.snapshot.benchmarks import (
    ALERT_DAILY_KEY,
    ALERT_KEY,
    alert_benchmarks,
    alert_daily_benchmarks,
    by_member,
    median_ms,
)
from dcc_analytics.snapshot.comparison import COMPARED, with_comparison
from dcc_analytics.snapshot.earlier import Before
from dcc_analytics.snapshot.rules import RuleSet

_DELIVERY: Final = ("delivery_n", "delivery_best_ms", "delivery_worst_ms", "delivery_mean_ms")
_INDUSTRY: Final = {
    f"industry_rtt_{name}_ms": f"industry_delivery_{name}_ms" for name in ("best", "worst", "mean", "median")
}
#: Columns of the tables, in the order of contract section 6; ours are to the right of its.
COLUMNS: Final = {
    "alerts_monthly": (
        "kind", "code", "name", "delivered", "failed", "represented", "success_rate", *_DELIVERY, "delivery_median_ms",
        "industry_success_rate", "industry_delivery_mean_ms", "peer_failure_rate_median", "peers", "benchmark_status",
        "industry_delivery_best_ms", "industry_delivery_worst_ms", "industry_delivery_median_ms", *COMPARED,
    ),
    "alerts_daily": (
        "day", "kind", "code", "delivered", "failed", "success_rate", *_DELIVERY, "industry_success_rate",
        "industry_delivery_mean_ms", "benchmark_status",
    ),
    "alerts": ("day", "kind", "code", "name", *SIGNIFIERS, "delivered", "failed", "represented", *_DELIVERY),
    "n13_n55": ("code", "meter_type", "manufacturer", "model", "firmware_version", "alerts"),
}  # fmt: skip


def alert_tables(
    alerts: Alerts, rules: RuleSet, before: Before
) -> tuple[dict[str, pl.DataFrame], Mapping[str, tuple[pl.DataFrame, Sequence[str]]]]:
    """Return the tables by name, and those of benchmarks with the key of their cells.

    Args:
        alerts: of the month.
        rules: what may be shown of others.
        before: which cells of a table are withheld for what was told before.
    """
    monthly, daily = by_member(alerts.cells, ALERT_KEY), by_member(alerts.cells, ALERT_DAILY_KEY)
    months = alert_benchmarks(monthly, alerts.digests, rules, before("alerts_monthly", monthly, ALERT_KEY))
    days = alert_daily_benchmarks(daily, monthly, rules, before("alerts_daily", daily, ALERT_DAILY_KEY))
    medians = [(*of, median_ms(digest)) for of, digest in alerts.digests.items()]
    schema = dict.fromkeys(("party", *ALERT_KEY), pl.String) | {"delivery_median_ms": pl.Int64}
    own = own_figures(monthly).join(pl.DataFrame(medians, schema, orient="row"), on=("party", *ALERT_KEY), how="left")
    beside_others = own.join(months, on=ALERT_KEY, how="left")
    tables = {
        "alerts_monthly": named(with_comparison(beside_others, rules).rename(_INDUSTRY)),
        "alerts_daily": own_figures(daily)
        .join(days, on=ALERT_DAILY_KEY, how="left")
        .rename({"industry_rtt_mean_ms": "industry_delivery_mean_ms"}),
        "alerts": named(own_figures(alerts.cells)),
        "n13_n55": n13_n55(alerts.cells),
    }
    shown = {name: frame.select("party", "role", *COLUMNS[name]) for name, frame in tables.items()}
    cells = {"alerts_monthly": (months, ALERT_KEY), "alerts_daily": (days, ALERT_DAILY_KEY)}
    return {name: frame.sort("party", "role", *COLUMNS[name]) for name, frame in shown.items()}, cells
