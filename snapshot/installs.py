"""Installs: how many a day beside how many were to be expected, and those after which no meter was read.

Source: MP176, Table 1, rows 10 to 12; contract sections 4 (Install, Read, No read in 30 days, Predicted installs) and 8
(Predicted installs, Hubs).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final, NamedTuple

import polars as pl
from holidays import country_holidays

from dcc_analytics.aggregators.device_records import INSTALL_SRV, LEAVE_SRV, Install
from dcc_analytics.catalogue.months import Month, date_of, day_of
from dcc_analytics.snapshot.evidence import DECIMAL, INSTANT, Hubs, Reads, decimal, hub_on, member_table
from dcc_analytics.snapshot.members import Directory, Member

#: An install is foretold from so many weeks before the month.
WEEKS: Final = 8
#: Days after the install's own on which a read is looked for.
READ_DAYS: Final = 30
_WEEK_DAYS: Final = 7
_SUNDAY: Final = 6
#: Digits in which square roots are taken: far more than are printed, so that rounding is that of the exact value.
_DIGITS: Final = 60
_DAILY: Final = {
    "day": pl.Date(), "install_and_commission": pl.Int64(), "install_and_leave": pl.Int64(), "predicted": DECIMAL,
    "predicted_low": DECIMAL, "predicted_high": DECIMAL,
}  # fmt: skip
_WITHOUT_READ: Final = {"chf": pl.String(), "installed_at": INSTANT, "window_ended_on": pl.Date()}


class Prediction(NamedTuple):
    """How many installs are to be expected on a day, and two standard deviations to either side.

    None where there is nothing to go by: no week for the mean, fewer than two for the deviation.
    """

    mean: Decimal | None
    low: Decimal | None
    high: Decimal | None


def installs_daily(installs: Iterable[Install], month: Month, directory: Directory) -> pl.DataFrame:
    """Return for each day of a month the installs of each Member who had any in it or in the weeks before.

    Args:
        installs: of the month and all before, whatever their outcome; only the successful count.
        month: which.
        directory: whose Users are.
    """
    done = [each for each in installs if each.succeeded]
    first_day = min((day_of(each.received_us) for each in done if each.srv == INSTALL_SRV), default=None)
    start_day = day_of(month.start_us)
    weeks = 0 if first_day is None else weeks_before(start_day, first_day)
    counts: dict[Member, Counter[tuple[str, int]]] = {}
    for each in done:
        day = day_of(each.received_us)
        if start_day - WEEKS * _WEEK_DAYS <= day < day_of(month.end_us):
            member = directory.member(each.user, each.role, each.srv)
            counts.setdefault(member, Counter())[each.srv, day] += 1
    holidays = bank_holidays(month)
    rows: list[tuple[object, ...]] = []
    for member, by_day in counts.items():
        history = [by_day[INSTALL_SRV, start_day - back] for back in range(1, weeks * _WEEK_DAYS + 1)]
        for number, on in enumerate(month.days, start_day):
            done_on = (by_day[INSTALL_SRV, number], by_day[LEAVE_SRV, number])
            foretelling = same_weekday(history, start_day, day_like(number, on, holidays))
            rows.append((*member, on, *done_on, *prediction(foretelling)))
    return member_table(rows, _DAILY)


def weeks_before(start_day: int, first_day: int) -> int:
    """Return how many weeks there are to go by: those that reach to the first install by anyone, eight at most."""
    return min(max(-((first_day - start_day) // _WEEK_DAYS), 0), WEEKS)


def day_like(day: int, on: date, holidays: Collection[date]) -> int:
    """Return the day whose weekday foretells a day: its own, the Sunday of its week for a bank holiday.

    Args:
        day: since 1970.
        on: the same as a date.
        holidays: bank holidays.
    """
    return day + _SUNDAY - on.weekday() if on in holidays else day


def same_weekday(history: Sequence[int], start_day: int, day: int) -> list[int]:
    """Return the numbers of the days before a month that are of the weekday of ``day``.

    Args:
        history: a number for each day before the month, the nearest first.
        start_day: the month's first.
        day: any; weekdays are taken from the distance.
    """
    back = (start_day - 1 - day) % _WEEK_DAYS
    return list(history[back::_WEEK_DAYS])


def prediction(numbers: Sequence[int]) -> Prediction:
    """Return what is to be expected after these numbers of the same weekday.

    The deviation is the sample's, and the band has no floor (contract section 8).

    >>> prediction([3, 0, 0, 0, 0, 0, 0, 0]).mean, prediction([1])
    (Decimal('0.375'), Prediction(mean=Decimal('1.000'), low=None, high=None))
    """
    number = len(numbers)
    if not number:
        return Prediction(None, None, None)
    mean = Fraction(sum(numbers), number)
    if number == 1:
        return Prediction(decimal(mean), None, None)
    variance = sum(((each - mean) ** 2 for each in numbers), Fraction()) / (number - 1)
    with localcontext(prec=_DIGITS):
        band = Fraction((4 * Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt())
    return Prediction(decimal(mean), decimal(mean - band), decimal(mean + band))


def bank_holidays(month: Month) -> frozenset[date]:
    """Return the bank holidays of England and Wales in a month, days in lieu included.

    >>> sorted(bank_holidays(Month(2026, 8)))
    [datetime.date(2026, 8, 31)]
    """
    known = country_holidays("GB", subdiv="ENG", years=month.year)
    return frozenset(day for day in month.days if day in known)


def installs_without_read(
    installs: Iterable[Install], month: Month, directory: Directory, *, hubs: Hubs, reads: Reads
) -> pl.DataFrame:
    """Return the installs whose thirtieth day falls in a month and after which no meter of the hub was read.

    Args:
        installs: as for ``installs_daily``.
        month: which.
        directory: whose Users are.
        hubs: which Devices have which hub.
        reads: by anyone.
    """
    return member_table(_without_read(installs, month, directory, hubs, reads), _WITHOUT_READ)


def _without_read(
    installs: Iterable[Install], month: Month, directory: Directory, hubs: Hubs, reads: Reads
) -> Iterator[tuple[object, ...]]:
    start_day, end_day = day_of(month.start_us), day_of(month.end_us)
    for each in installs:
        day = day_of(each.received_us)
        ends = day + READ_DAYS
        if not (each.succeeded and each.srv == INSTALL_SRV and start_day <= ends < end_day):
            continue
        if not _is_read(each.hub, day, ends, hubs, reads):
            member = directory.member(each.user, each.role, each.srv)
            yield (*member, each.hub, each.received_us, date_of(ends))


def _is_read(hub: str, first_day: int, last_day: int, hubs: Hubs, reads: Reads) -> bool:
    return any(
        hub_on(hubs, device, day) == hub
        for device in hubs.meters_of(hub)
        for day in reads.days_read(device, first_day, last_day)
    )
