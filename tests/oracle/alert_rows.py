"""Rows of Alerts as texts, in the columns of contract section 6: in full, or as they may be shown by section 7."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from tests.oracle.domain import table
from tests.oracle.figures import FEW_GROUPS, Benchmark, Figures, Key, quantile
from tests.oracle.print import Row, band, group_counts, guarded, rate, rough_rate, rough_seconds, seconds, shown

_HALF: Final = Fraction(1, 2)


def alert_name(code: str) -> str:
    """Return an Alert's name, nothing if its code is unknown."""
    known = (row for name in ("dcc_alerts", "device_alerts") for row in table(name))
    return next((row["name"] for row in known if row["code"] == code), "")


def _cell(names: Sequence[str], cell: Key) -> Row:
    return {name: guarded(str(value)) for name, value in zip(names, cell, strict=True)}


def _counts(figures: Figures) -> Row:
    return {"delivered": str(figures.successes), "failed": str(figures.failures)}


def _times(figures: Figures) -> Row:
    ordered = figures.times_us
    return {
        "delivery_n": str(len(ordered)),
        "delivery_best_s": seconds(ordered[0]) if ordered else "",
        "delivery_worst_s": seconds(ordered[-1]) if ordered else "",
        "delivery_mean_s": seconds(figures.mean_us),
    }


def _status(benchmark: Benchmark, *, monthly: bool) -> str:
    """Return the first reason that withholds any figure of a row: only a month's has peers, best, worst and median."""
    few = not benchmark.enough or (monthly and min(benchmark.peer_groups, benchmark.timed_groups) < FEW_GROUPS)
    if few or benchmark.dominated:
        return "few" if few else "dominated"
    return "complement" if benchmark.weighted_rest else "ok"


def monthly_row(cell: Key, figures: Figures, represented: int, benchmark: Benchmark, *, disclosed: bool) -> Row:
    """Return a row of ``alerts_monthly``; what begins with ``x_`` is no part of a pack."""
    low, median, high = figures.band_us()
    total = benchmark.total
    industry_low, industry_median, industry_high = total.band_us()
    best, worst = (total.times_us[0], total.times_us[-1]) if total.times_us else (None, None)
    weighted, timed, middle, _ = shown(benchmark, disclosed=disclosed)
    rounded, peer_rate = (rough_seconds, rough_rate) if disclosed else (seconds, rate)
    return (
        _cell(("kind", "code"), cell)
        | {"name": alert_name(cell[1])}
        | _counts(figures)
        | {"represented": str(represented), "success_rate": rate(figures.success_rate)}
        | _times(figures)
        | {
            "delivery_median_s": seconds(median),
            "industry_success_rate": rate(total.success_rate) if weighted else "",
            "industry_delivery_mean_s": seconds(total.mean_us) if weighted else "",
            "peer_failure_rate_median": peer_rate(quantile(benchmark.peer_rates, _HALF)) if middle else "",
            "peers": band(benchmark.peer_groups),
            "benchmark_status": _status(benchmark, monthly=True),
            "industry_delivery_best_s": rounded(best) if timed else "",
            "industry_delivery_worst_s": rounded(worst) if timed else "",
            "industry_delivery_median_s": seconds(industry_median) if timed else "",
            "x_delivery_median_lo_s": seconds(low),
            "x_delivery_median_hi_s": seconds(high),
            "x_industry_delivery_median_lo_s": seconds(industry_low),
            "x_industry_delivery_median_hi_s": seconds(industry_high),
        }
        | group_counts(benchmark)
    )


def daily_row(cell: Key, figures: Figures, benchmark: Benchmark, *, disclosed: bool) -> Row:
    """Return a row of ``alerts_daily``."""
    weighted, *_ = shown(benchmark, disclosed=disclosed)
    total = benchmark.total
    return (
        _cell(("day", "kind", "code"), cell)
        | _counts(figures)
        | {"success_rate": rate(figures.success_rate)}
        | _times(figures)
        | {
            "industry_success_rate": rate(total.success_rate) if weighted else "",
            "industry_delivery_mean_s": seconds(total.mean_us) if weighted else "",
            "benchmark_status": _status(benchmark, monthly=False),
        }
        | group_counts(benchmark)
    )


def own_row(names: Sequence[str], cell: Key, figures: Figures, represented: int) -> Row:
    """Return a row of ``alerts``.

    Args:
        names: of the cell's values: ``day``, ``kind``, ``code``, then facts of the Device.
        cell: its values.
        figures: of the Alerts in it.
        represented: how many these stand for.
    """
    said = _cell(names, cell)
    before = {name: said[name] for name in names[:3]} | {"name": alert_name(cell[2])}
    return before | said | _counts(figures) | {"represented": str(represented)} | _times(figures)


def failed_command_row(names: Sequence[str], cell: Key, figures: Figures) -> Row:
    """Return a row of ``n13_n55``: how many were received."""
    return _cell(names, cell) | {"alerts": str(figures.requests)}
