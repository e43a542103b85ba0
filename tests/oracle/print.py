"""Rows as texts: printed in full, or rounded and withheld by contract section 7, rules 3 to 5 and 9."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Final

from tests.oracle.figures import FEW_GROUPS, MANY_GROUPS, Benchmark, Figures, quantile

Row = dict[str, str]
Number = Fraction | int | None
_HALF: Final = Fraction(1, 2)
_QUARTER: Final = Fraction(1, 4)


def rate(value: Number) -> str:
    """Return a fraction with six decimals, rounded half-even."""
    return "" if value is None else f"{Decimal(round(value * 1_000_000)).scaleb(-6):.6f}"


def seconds(us: Number) -> str:
    """Return a duration with three decimals, rounded half-even."""
    return "" if us is None else f"{Decimal(round(Fraction(us) / 1000)).scaleb(-3):.3f}"


def rough_seconds(us: Number, digits: int = 2) -> str:
    """Return a duration rounded to significant digits.

    >>> rough_seconds(123_456_789), rough_seconds(0), rough_seconds(None)
    ('120.000', '0.000', '')
    """
    if not us:
        return seconds(us)
    value = Decimal(Fraction(us).numerator) / Decimal(Fraction(us).denominator) / 1_000_000
    value = value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), ROUND_HALF_EVEN)
    return f"{value.quantize(Decimal('0.001'), ROUND_HALF_EVEN):.3f}"


def rough_rate(value: Number) -> str:
    """Return a rate rounded to 0.001, printed with six decimals."""
    return "" if value is None else rate(Fraction(round(value * 1000), 1000))


def band(groups: int) -> str:
    """Return the band of a number of groups."""
    for least, text in ((50, "50+"), (20, "20-49"), (10, "10-19"), (6, "6-9")):
        if groups >= least:
            return text
    return ""


def guarded(text: str) -> str:
    """Return a text as CSV may hold it: one that a spreadsheet would run is quoted."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r", "\0"} else text


def _flag(value: object) -> str:
    return "true" if value else "false"


def _own(figures: Figures) -> Row:
    ordered = figures.times_us
    return {
        "requests": str(figures.requests),
        "successes": str(figures.successes),
        "failures": str(figures.failures),
        "success_rate": rate(figures.success_rate),
        "rtt_n": str(len(ordered)),
        "rtt_best_s": seconds(ordered[0]) if ordered else "",
        "rtt_worst_s": seconds(ordered[-1]) if ordered else "",
        "rtt_mean_s": seconds(figures.mean_us),
    }


def status_of(benchmark: Benchmark, *, monthly: bool) -> str:
    """Return the first reason that withholds any figure of a row.

    Args:
        benchmark: of the row's cell.
        monthly: whether the row has the figures that need times of six groups and quartiles of ten.
    """
    few = not benchmark.enough or benchmark.peer_groups < (MANY_GROUPS if monthly else FEW_GROUPS)
    if few or (monthly and benchmark.timed_groups < FEW_GROUPS):
        return "few"
    if benchmark.dominated:
        return "dominated"
    return "complement" if benchmark.weighted_rest or benchmark.peers_rest else "ok"


def monthly_row(cell: tuple[str, str, str], figures: Figures, benchmark: Benchmark, *, disclosed: bool) -> Row:
    """Return a row of ``round_trips_monthly``."""
    low, median, high = figures.band_us()
    total = benchmark.total
    ordered = total.times_us
    industry_low, industry_median, industry_high = total.band_us()
    rates = benchmark.peer_rates
    best, worst = (ordered[0], ordered[-1]) if ordered else (None, None)
    weighted, timed, middle, quarters = shown(benchmark, disclosed=disclosed)
    rounded, peer_rate = (rough_seconds, rough_rate) if disclosed else (seconds, rate)
    row = dict(zip(("process", "srv", "variant"), map(guarded, cell), strict=True)) | _own(figures)
    return (
        row
        | {
            "open": str(figures.open),
            "failure_rate": rate(figures.failure_rate),
            "in_time": "" if figures.in_time is None else str(figures.in_time),
            "rtt_median_s": seconds(median),
            "industry_success_rate": rate(total.success_rate) if weighted else "",
            "industry_failure_rate": rate(total.failure_rate) if weighted else "",
            "industry_rtt_best_s": rounded(best) if timed else "",
            "industry_rtt_worst_s": rounded(worst) if timed else "",
            "industry_rtt_mean_s": seconds(total.mean_us) if weighted else "",
            "industry_rtt_median_s": seconds(industry_median) if timed else "",
            "peer_failure_rate_p25": peer_rate(quantile(rates, _QUARTER)) if quarters else "",
            "peer_failure_rate_median": peer_rate(quantile(rates, _HALF)) if middle else "",
            "peer_failure_rate_p75": peer_rate(quantile(rates, 1 - _QUARTER)) if quarters else "",
            "peers": band(benchmark.peer_groups),
            "benchmark_status": status_of(benchmark, monthly=True),
            "x_rtt_median_lo_s": seconds(low),
            "x_rtt_median_hi_s": seconds(high),
            "x_industry_rtt_median_lo_s": seconds(industry_low),
            "x_industry_rtt_median_hi_s": seconds(industry_high),
            "x_timed_groups": str(benchmark.timed_groups),
        }
        | group_counts(benchmark)
    )


def shown(benchmark: Benchmark, *, disclosed: bool) -> tuple[bool, bool, bool, bool]:
    """Return whether weighted figures, times of all, peer medians and peer quartiles may be printed."""
    if not disclosed:
        return True, True, True, True
    groups = benchmark.peer_groups
    return (
        benchmark.enough and not benchmark.dominated and not benchmark.weighted_rest,
        benchmark.timed_groups >= FEW_GROUPS,
        groups >= FEW_GROUPS and not benchmark.peers_rest,
        groups >= MANY_GROUPS,
    )


def group_counts(benchmark: Benchmark) -> Row:
    """Return what the sample's files tell of the owner groups in a cell."""
    return {
        "x_industry_groups": str(benchmark.groups),
        "x_industry_allowed": _flag(benchmark.enough and not benchmark.dominated),
        "x_peer_groups": str(benchmark.peer_groups),
    }


def daily_row(
    cell: tuple[date, str, str, str, str, str, str], figures: Figures, benchmark: Benchmark, incident: str, *,
    disclosed: bool,
) -> Row:  # fmt: skip
    """Return a row of ``round_trips_daily``."""
    weighted, _, middle, _ = shown(benchmark, disclosed=disclosed)
    peer_rate = rough_rate if disclosed else rate
    names = ("process", "srv", "variant", "meter_type", "region", "smets_version")
    total = benchmark.total
    return (
        {"day": cell[0].isoformat()}
        | dict(zip(names, map(guarded, cell[1:]), strict=True))
        | _own(figures)
        | {
            "industry_success_rate": rate(total.success_rate) if weighted else "",
            "industry_rtt_mean_s": seconds(total.mean_us) if weighted else "",
            "peer_failure_rate_median": peer_rate(quantile(benchmark.peer_rates, _HALF)) if middle else "",
            "incident_category": incident,
            "benchmark_status": status_of(benchmark, monthly=False),
        }
        | group_counts(benchmark)
    )


def peer_rows(cell: tuple[str, str, str], benchmark: Benchmark, *, disclosed: bool) -> Iterator[Row]:
    """Yield the rows of ``peer_values`` of one cell."""
    groups = benchmark.peer_groups
    if disclosed and groups < MANY_GROUPS:
        return
    rates = [(each.failure_rate, party) for party, each in benchmark.peers.items()]
    bands = {party: each.band_us() for party, each in benchmark.peers.items()}
    medians = [(middle, party) for party, (_, middle, _) in bands.items()]
    for measure, values in (("failure_rate", rates), ("rtt_median_s", medians)):
        known = sorted((value, party) for value, party in values if value is not None)
        for position, (value, party) in enumerate(known, 1):
            timed = measure == "rtt_median_s"
            show = (rough_seconds if disclosed else seconds) if timed else (rough_rate if disclosed else rate)
            low, _, high = bands[party]
            yield dict(zip(("process", "srv", "variant"), map(guarded, cell), strict=True)) | {
                "measure": measure,
                "position": str(position),
                "value": show(value),
                "x_party": party,
                "x_low": seconds(low) if timed else "",
                "x_high": seconds(high) if timed else "",
                "x_groups": str(groups),
            }
