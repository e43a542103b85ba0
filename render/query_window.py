"""The query window: until when the recipient of a provisional pack may doubt a figure, so that it is put right in time.

The cycle is draft, queries, corrections, final: a correction is the next revision of the month, whose ``changes.csv``
says what it changed. The last day is counted from the day of the stream's clock, as every date in a pack is, so that
the same snapshot gives the same pack whenever it is rendered.

Source: ``reporting.md`` 1 and 8.5, after Elexon's Peer Comparison: five working days.
"""

from datetime import date, timedelta
from typing import Final

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.pdf.words import day_name
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.installs import bank_holidays

#: Working days a recipient has.
QUERY_DAYS: Final = 5
_SATURDAY: Final = 5


def query_until(snapshot: SnapshotFolder, days: int) -> date | None:
    """Return the last day on which queries about the packs of a snapshot are taken; None for a final one.

    Args:
        snapshot: of a month.
        days: working days after the day of its clock.
    """
    return None if snapshot.final else working_days_after(snapshot.clock.date(), days)


def working_days_after(day: date, days: int) -> date:
    """Return the day so many working days later; weekends and bank holidays of England and Wales are none.

    >>> working_days_after(date(2026, 12, 24), 2)
    datetime.date(2026, 12, 30)
    """
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < _SATURDAY and day not in bank_holidays(Month(day.year, day.month))
    return day


def query_sentence(until: date | None) -> str:
    """Return what a recipient is told."""
    if until is None:
        return "Queries about this month are closed."
    return f"Queries about these figures are taken until {day_name(until)} {until.year}."
