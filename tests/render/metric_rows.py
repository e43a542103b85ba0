"""Metrics of each figure, and rows of them for one Member: with every mark, with none, and with large numbers."""

from typing import Any, Final

from dcc_analytics.catalogue.metrics import DIMENSIONS, Metric
from dcc_analytics.catalogue.months import Month

MONTH: Final = Month.parse("2026-10")
_COMMON: Final[dict[str, Any]] = {"version": 2, "source": "a test", "observed": "round_trips"}
METRICS: Final = (
    Metric(
        id="by-day", title="Alerts delivered each day", description="Share of Alerts that were delivered.",
        aggregate="rate", of="successes", dimensions=("day",), comparison="median", figure="daily",
        page="Further metrics", **{**_COMMON, "observed": "alerts"},
    ),
    Metric(
        id="counted", title="Requests counted", description="All of them, without any comparison.",
        aggregate="count", dimensions=("srv",), page="Further metrics", **_COMMON,
    ),
    Metric(
        id="hidden", title="Not drawn", description="In the file alone.", aggregate="count", figure="none",
        page="Nowhere", **_COMMON,
    ),
    Metric(
        id="timed", title="Slowest tenth", description="Nine of ten were faster.", aggregate="quantile_time",
        rank_percent=90, dimensions=("process", "srv", "variant"), comparison="industry", page="Times", **_COMMON,
    ),
    Metric(
        id="rated", title="Failures by Region", description="Failure rate of what was sent to the meters of a Region.",
        aggregate="rate", of="failures", dimensions=("region", "meter_type"), comparison="quartiles", figure="strip",
        page="Further metrics", **_COMMON,
    ),
)  # fmt: skip
_OTHERS: Final = {
    "industry_result": 0.031, "peer_result_p25": 0.01, "peer_result_median": 0.02, "peer_result_p75": 0.04,
    "peers": "20-49", "benchmark_status": "ok",
}  # fmt: skip


def _row(party: str, role: str, metric: Metric, **values: Any) -> dict[str, Any]:  # noqa: ANN401 (any column)
    own = {"party": party, "role": role, "metric": metric.id, "version": 2, "measure": metric.measure}
    return {**own, **dict.fromkeys(DIMENSIONS, ""), "day": None, **values}


def metric_rows(party: str, role: str) -> list[dict[str, Any]]:
    """Return rows of every metric; the last has more than a page draws."""
    by_day, counted, hidden, timed, rated = METRICS
    found = [
        _row(party, role, by_day, day=day, numerator=90, denominator=100, result=0.9, peer_result_median=0.95,
             benchmark_status="ok")
        for day in MONTH.days[:29]
    ]  # fmt: skip
    found += [_row(party, role, counted, srv=f"4.{number}", numerator=number) for number in (0, 10, 400_000_000)]
    found += [_row(party, role, hidden, numerator=7)]
    found += [
        _row(party, role, timed, process="Distribution Networks Post I&C Activity", srv="6.15.1", variant=variant,
             denominator=12_345_678, result=345_678.9, industry_result=0.4, benchmark_status="ok")
        for variant in ("digital_signature", "key_agreement")
    ]  # fmt: skip
    regions = [f"Region {number:02}" for number in range(30)]
    found += [
        _row(party, role, rated, region=each, meter_type="Electricity", numerator=place, denominator=50 + place,
             result=place / (50 + place), **(_OTHERS if place % 3 else {"benchmark_status": "few"}))
        for place, each in enumerate(regions)
    ]  # fmt: skip
    return found
