"""Bank holidays of England and Wales by their rules, as the judge knows them."""

from datetime import date, timedelta


def bank_holidays(year: int) -> set[date]:
    """Return a year's bank holidays of England and Wales by their rules, those of one year alone left out.

    >>> [day.isoformat()[5:] for day in sorted(bank_holidays(2026))]
    ['01-01', '04-03', '04-06', '05-04', '05-25', '08-31', '12-25', '12-26', '12-28']
    """
    days = {_easter(year) - timedelta(days=2), _easter(year) + timedelta(days=1)}
    days |= {_monday(date(year, 5, 7)), _monday(date(year, 5, 31)), _monday(date(year, 8, 31))}
    fixed = [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)]
    for day in fixed:
        lieu = day
        while lieu.weekday() >= 5 or (lieu != day and (lieu in days or lieu in fixed)):
            lieu += timedelta(days=1)
        days |= {day, lieu}
    return days


def _monday(latest: date) -> date:
    return latest - timedelta(days=latest.weekday())


def _easter(year: int) -> date:
    """Return Easter Sunday by Gauss's rule, as it holds from 1900 to 2099."""
    moon = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    day = 22 + moon + sunday
    if (moon, sunday) == (29, 6) or (moon == 28 and sunday == 6 and year % 19 > 10):
        day -= 7
    return date(year, 3, 1) + timedelta(days=day - 1)
