"""Months and days, all in UTC (contract section 3.6)."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Self

from dcc_analytics.catalogue.errors import UsageError

_DAY_US: Final = 86_400_000_000
_EPOCH: Final = date(1970, 1, 1)

#: A month is final when the stream's clock is past its end by eight days, the longest window of any figure.
FINAL_AFTER_US: Final = 8 * _DAY_US
#: It is closed a day later: what is known of single requests and Devices for it goes, when no end of before it became
#: final can still be on its way.
CLOSED_AFTER_US: Final = FINAL_AFTER_US + _DAY_US


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the month a text names.

        Raises:
            UsageError: it is not of the form 2026-10.

        >>> Month.parse("2026-10").days[-1]
        datetime.date(2026, 10, 31)
        """
        match = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
        if match is None or not 1970 <= int(match[1]) < 9999:
            raise UsageError(f"{text!r} is no month; give year and month, for example 2026-10")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def number(self) -> int:
        """Months since year 0."""
        return self.year * 12 + self.month - 1

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def next(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def before(self) -> "Month":
        """The month before it."""
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    @property
    def days(self) -> tuple[date, ...]:
        """All its days."""
        return tuple(self.first_day + timedelta(days=day) for day in range(monthrange(self.year, self.month)[1]))

    @property
    def start_us(self) -> int:
        """Its first instant, microseconds since 1970."""
        return (self.first_day - _EPOCH).days * _DAY_US

    @property
    def end_us(self) -> int:
        """The first instant after it."""
        return self.start_us + monthrange(self.year, self.month)[1] * _DAY_US

    @property
    def final_us(self) -> int:
        """The instant from which on it is final: past its end by the longest window (contract section 3.13)."""
        return self.end_us + FINAL_AFTER_US


@lru_cache(maxsize=16)
def closed_us(number: int) -> int:
    """Return the instant at which the months before a month, by its number, are closed; before all instants for 0.

    >>> closed_us(Month(1970, 2).number) == 40 * 86_400_000_000
    True
    """
    return Month(number // 12, number % 12 + 1).start_us + CLOSED_AFTER_US if number else -(2**63)


def next_closed_us(us: int) -> int:
    """Return the first instant, not before another, at which a month is closed.

    >>> next_closed_us(closed_us(24_312)) == closed_us(24_312) < next_closed_us(closed_us(24_312) + 1)
    True
    """
    month = month_of(max(us - CLOSED_AFTER_US, 0))
    begun = closed_us(month.number)
    return begun if us <= begun else closed_us(month.next.number)


def day_of(us: int) -> int:
    """Return the UTC day of an instant, in days since 1970."""
    return us // _DAY_US


def date_of(day: int) -> date:
    """Return a day since 1970 as a date."""
    return _EPOCH + timedelta(days=day)


def day_text(day: int) -> str:
    """Return a day since 1970 as text.

    >>> day_text(20_727)
    '2026-10-01'
    """
    return date_of(day).isoformat()


def month_of(us: int) -> Month:
    """Return the month of an instant."""
    moment = datetime.fromtimestamp(us // 1_000_000, UTC)
    return Month(moment.year, moment.month)
