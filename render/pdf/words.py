"""Figures as people read them. Names of months are ours: a machine's locale must not change a pack."""

from datetime import UTC, date, datetime
from typing import Final

from dcc_analytics.catalogue.months import Month

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SECOND_MS: Final = 1000
_MINUTE_MS: Final = 60 * _SECOND_MS
_HOUR_MS: Final = 60 * _MINUTE_MS
_DAY_MS: Final = 24 * _HOUR_MS
NOT_SHOWN: Final = "\N{EN DASH}"
MINUS: Final = "\N{MINUS SIGN}"


def month_name(month: Month) -> str:
    """Return a month in words.

    >>> month_name(Month.parse("2026-10"))
    'October 2026'
    """
    return f"{_MONTHS[month.month - 1]} {month.year}"


def day_name(day: date) -> str:
    """Return a day in words.

    >>> day_name(date(2026, 10, 7))
    '7 October'
    """
    return f"{day.day} {_MONTHS[day.month - 1]}"


def weekday_name(day: date) -> str:
    """Return a day short.

    >>> weekday_name(date(2026, 10, 5))
    'Mon 5 Oct'
    """
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1][:3]}"


def instant_name(us: int) -> str:
    """Return an instant in UTC.

    >>> instant_name(1_791_336_600_000_000)
    '7 Oct 01:30'
    """
    at = datetime.fromtimestamp(us // 1_000_000, UTC)
    return f"{at.day} {_MONTHS[at.month - 1][:3]} {at:%H:%M}"


def clock_name(at: datetime) -> str:
    """Return an instant with its year."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"


def count(number: int) -> str:
    """Return a number with separators.

    >>> count(1392)
    '1,392'
    """
    return f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> plural(1, "failure"), plural(12, "failure"), plural(0, "is", "are")
    ('1 failure', '12 failures', '0 are')
    """
    return f"{count(number)} {one if number == 1 else many or f'{one}s'}"


def percent(rate: float | None) -> str:
    """Return a fraction as a percentage with as many decimals as help; a small one is never printed as nothing.

    >>> [percent(each) for each in (0.0, 0.000001, 0.0004, 0.0421, 0.9583, 0.9999, 0.999999, 1.0)]
    ['0%', '<0.001%', '0.04%', '4.2%', '95.8%', '99.99%', '>99.99%', '100%']
    >>> percent(None) == NOT_SHOWN
    True
    """
    if rate is None:
        return NOT_SHOWN
    if rate in {0.0, 1.0}:
        return f"{rate:.0%}"
    for decimals in (1, 2, 3) if rate < 0.5 else (1, 2):
        text = f"{rate:.{decimals}%}"
        if 0 < float(text[:-1]) < 100 and (decimals > 1 or float(text[:-1]) >= 0.1):
            return text
    return "<0.001%" if rate < 0.5 else ">99.99%"


def points(gap: float) -> str:
    """Return a difference of two rates in percentage points.

    >>> points(0.0312)
    '3.1 points'
    """
    return f"{abs(gap) * 100:.1f} points" if abs(gap) >= 0.0005 else "under 0.1 points"


def gap(share: float) -> str:
    """Return a difference of two shares in percentage points with its sign.

    >>> gap(0.0312), gap(-0.2) == f"{MINUS}20.0 points"
    ('+3.1 points', True)
    """
    return f"{'+' if share > 0 else MINUS}{abs(share) * 100:.1f} points"


def short_gap(share: float) -> str:
    """Return the same without its unit, for a cell whose heading has it.

    >>> short_gap(0.0123)
    '+1.2'
    """
    return gap(share).removesuffix(" points")


def duration(ms: int | None) -> str:
    """Return a time with two to three significant digits, in the unit that suits it.

    >>> [duration(each) for each in (0, 412, 4_656, 22_221, 266_874, 4_338_180, 259_200_000)]
    ['0 s', '0.41 s', '4.7 s', '22 s', '4.4 min', '1.2 h', '3.0 d']
    """
    if ms is None:
        return NOT_SHOWN
    if ms < _MINUTE_MS:
        seconds = ms / _SECOND_MS
        decimals = 0 if ms == 0 or seconds >= 9.95 else 1 if seconds >= 0.995 else 2
        return f"{seconds:.{decimals}f} s"
    for unit_ms, name, following_ms in ((_MINUTE_MS, "min", _HOUR_MS), (_HOUR_MS, "h", _DAY_MS)):
        if ms < following_ms:
            return f"{ms / unit_ms:.{1 if ms / unit_ms < 9.95 else 0}f} {name}"
    return f"{ms / _DAY_MS:.1f} d"


def listed(words: list[str]) -> str:
    """Return words as a list.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
