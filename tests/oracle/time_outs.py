"""What rows would count for other time-outs, leg by leg.

For a time-out, a leg not ended within it is a failure, whatever came later; one that nothing has ended is open until
the stream's clock has passed it. A success without a time is in time. Of ``transform`` legs only failures count.
"""

from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final

from tests.oracle.domain import srv_order
from tests.oracle.judge import Stream, judge_month
from tests.oracle.members import Member
from tests.oracle.print import Row, guarded, rate

HOURS: Final = (1, 24, 120)
_HOUR_US: Final = 3_600_000_000
_LEG: Final = ("party", "role", "process", "srv", "variant", "leg", "start_us", "outcome", "reason", "time_us")
Cell = tuple[str, str, str]


def would_be(  # noqa: PLR0917 (a leg)
    hours: int, start_us: int, clock_us: int, outcome: str, reason: str, time_us: int | None
) -> str:  # fmt: skip
    """Return ``success``, ``failure`` or ``open`` for a time-out.

    Args:
        hours: the time-out.
        start_us: of the leg.
        clock_us: the stream's clock.
        outcome: as the month has it.
        reason: of a failure.
        time_us: of a success, None without.

    >>> would_be(1, 0, 9 * _HOUR_US, "success", "", _HOUR_US + 1), would_be(24, 0, 9 * _HOUR_US, "open", "", None)
    ('failure', 'open')
    """
    if outcome == "success":
        return "failure" if time_us is not None and time_us > hours * _HOUR_US else "success"
    if outcome == "failure" and reason != "NO-RESPONSE":
        return "failure"
    return "failure" if start_us + hours * _HOUR_US < clock_us else "open"


def time_out_rows(stream: Stream, year: int, month: int) -> dict[Member, list[Row]]:
    """Return ``time_out_sensitivity`` of every Member that has a row in ``round_trips_monthly``."""
    start_us, end_us = (
        int(datetime(year + place // 12, place % 12 + 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
        for place in (month - 1, month)
    )
    counts: Counter[tuple[Member, Cell, int, str]] = Counter()
    legs = stream.legs.select(_LEG)
    for party, role, process, srv, variant, leg, at_us, outcome, reason, time_us in legs.iter_rows():
        for hours in HOURS if start_us <= at_us < end_us else ():
            would = would_be(hours, at_us, stream.matching.clock_us, outcome, reason, time_us)
            if leg == "command" or would == "failure":
                counts[Member(party, role), (process, srv, variant), hours, would] += 1
    found: dict[Member, list[Row]] = {}
    for member, cells in judge_month(stream, year, month).monthly.items():
        ordered = sorted(cells, key=lambda cell: (cell[0], srv_order(cell[1]), cell[2]))
        found[member] = [
            _row(cell, hours, *(counts[member, cell, hours, name] for name in ("success", "failure", "open")))
            for cell in ordered
            for hours in HOURS
        ]
    return found


def _row(cell: Cell, hours: int, successes: int, failures: int, still_open: int) -> Row:
    ended = successes + failures
    return dict(zip(("process", "srv", "variant"), map(guarded, cell), strict=True)) | {
        "time_out_h": str(hours),
        "successes": str(successes),
        "failures": str(failures),
        "open": str(still_open),
        "failure_rate": rate(Fraction(failures, ended) if ended else None),
    }
