"""The figures of the explained round trips beside those of the row. Pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, NamedTuple

from dcc_analytics.aggregators.cells import IN_TIME, TARGETED
from dcc_analytics.explain.choose import RoundTrip
from dcc_analytics.explain.row import Row

_RATES: Final = ("success_rate", "failure_rate")


class Sum(NamedTuple):
    """A figure as it follows from the records, and as the file has it."""

    column: str
    explained: str
    in_file: str

    @property
    def agrees(self) -> bool:
        """Whether they are the same."""
        return self.explained == self.in_file


def sums(row: Row, trips: Sequence[RoundTrip]) -> list[Sum]:
    """Return every exact figure of a row that the round trips make, beside the file's.

    Medians are estimates, and what was rounded or chosen for disclosure control can't be summed up: they have none. A
    figure of others that the file withholds has none either.
    """
    found = _figures(trips)
    if not row.of_role:
        return [Sum(name, found[name], row.values[name]) for name in found if name in row.values]
    industry = {f"industry_{name}": text for name, text in found.items() if name in {*_RATES, "rtt_mean_s"}}
    return [Sum(name, text, row.values[name]) for name, text in industry.items() if row.values.get(name)]


def _figures(trips: Sequence[RoundTrip]) -> dict[str, str]:
    successes, failures = sum(trip.succeeded for trip in trips), sum(trip.failed for trip in trips)
    ended = successes + failures
    commands = [trip for trip in trips if not trip.seen.transform]
    times_us = [trip.seen.rtt_us for trip in commands if trip.timed]
    targeted = any(trip.flags & TARGETED for trip in commands)
    return {
        "requests": str(len(trips)),
        "successes": str(successes),
        "failures": str(failures),
        "open": str(sum(trip.open for trip in trips)),
        "success_rate": rate_text(successes / ended) if ended else "",
        "failure_rate": rate_text(failures / ended) if ended else "",
        "in_time": str(sum(bool(trip.flags & IN_TIME) for trip in commands)) if targeted else "",
        "rtt_n": str(len(times_us)),
        "rtt_best_s": _seconds(Decimal(min(times_us))) if times_us else "",
        "rtt_worst_s": _seconds(Decimal(max(times_us))) if times_us else "",
        "rtt_mean_s": _seconds(Decimal(sum(times_us)) / len(times_us)) if times_us else "",
    }


def rate_text(value: float) -> str:
    """Return a rate as files print it.

    >>> rate_text(2 / 3)
    '0.666667'
    """
    return f"{value:.6f}"


def _seconds(us: Decimal) -> str:
    """Return microseconds as seconds with three decimals, rounded half-even once."""
    return str((us / 1_000_000).quantize(Decimal("0.001"), ROUND_HALF_EVEN))
