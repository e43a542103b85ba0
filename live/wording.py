"""Numbers, ages and instants as the page and the terminal say them. Pure."""

from typing import Final

from dcc_analytics.live.figures import Counts

#: Where there is no figure.
NOTHING: Final = "\N{EN DASH}"

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400


def rate_text(rate: float | None) -> str:
    """Return a rate in per cent; a dash when there is none.

    >>> [rate_text(rate) for rate in (0.0, 0.00004, 0.0191, 0.5, 1.0)]
    ['0 %', '<0.1 %', '1.9 %', '50.0 %', '100 %']
    """
    if rate is None:
        return NOTHING
    if rate in {0.0, 1.0}:
        return f"{rate:.0%}".replace("%", " %")
    return "<0.1 %" if rate < 0.0005 else f"{100 * rate:.1f} %"


def count_text(count: float) -> str:
    """Return a count with its thousands parted.

    >>> count_text(1234567), count_text(12.4)
    ('1,234,567', '12')
    """
    return f"{count:,.0f}"


def age_text(age_s: float | None) -> str:
    """Return how long something takes, in its largest two units.

    >>> [age_text(age_s) for age_s in (None, 0.42, 7.3, 75, 3700, 200_000)]
    ['never', '0.4 s', '7 s', '1 min 15 s', '1 h 1 min', '2 d 7 h']
    """
    if age_s is None:
        return "never"
    if age_s < 1:
        return f"{max(age_s, 0):.1f} s"
    whole = int(age_s)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S} s"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S} min"
    return f"{whole // _DAY_S} d {whole % _DAY_S // _HOUR_S} h"


def clock_text(instant: str | None) -> str:
    """Return an instant's time of day in UTC.

    >>> clock_text("2026-10-05T12:03:04.567Z")
    '12:03:04'
    """
    return NOTHING if instant is None else instant[11:19]


def minute_text(instant: str | None, *, now: str | None) -> str:
    """Return an instant to the minute, with its day when that is not today's.

    >>> minute_text("2026-10-05T12:03:04Z", now="2026-10-05T13:00:00Z")
    '12:03'
    >>> minute_text("2026-10-04T23:03:04Z", now="2026-10-05T13:00:00Z")
    '2026-10-04 23:03'
    """
    if instant is None:
        return NOTHING
    return instant[11:16] if now is not None and instant[:10] == now[:10] else f"{instant[:10]} {instant[11:16]}"


def of_text(counts: Counts) -> str:
    """Return failures of round trips.

    >>> of_text(Counts(1200, 3, 0.0025))
    '3 of 1,200'
    """
    return f"{count_text(counts.failures)} of {count_text(counts.ended)}"


def ms_text(time_ms: int | None) -> str:
    """Return a time in seconds.

    >>> ms_text(1234)
    '1.2 s'
    """
    return NOTHING if time_ms is None else age_text(time_ms / 1000) if time_ms >= 60_000 else f"{time_ms / 1000:,.1f} s"
