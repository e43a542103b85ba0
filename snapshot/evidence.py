"""What the special measures ask of the inventory and of reads, and the form their tables have.

Shards keep small records of single Devices; they are joined only here, where every fact is known, so that the order of
reading does not matter (contract section 8, At the snapshot).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, Protocol

import polars as pl

from dcc_analytics.snapshot.exact import rounded_ms
from dcc_analytics.stream.instants import DAY_US

#: An instant of a table: UTC, whole milliseconds.
INSTANT: Final = pl.Datetime("ms", "UTC")
#: An exact number with three decimals.
DECIMAL: Final = pl.Decimal(18, 3)
_OF: Final = {"party": pl.String(), "role": pl.String()}


class Hubs(Protocol):
    """Which hub a Device has; the version that counts is as for facts (contract section 2), one removed has none."""

    def hub_at(self, device: str, at_us: int) -> str | None:
        """Return the hub (``chf``) of a Device at an instant, None where it has none."""

    def meters_of(self, hub: str) -> Iterable[str]:
        """Return every Device that has had this hub at any time."""


class MeterPoints(Protocol):
    """Which meter point a Device has."""

    def mpxn_at(self, device: str, at_us: int) -> str | None:
        """Return the ``import_mpxn`` of a Device at an instant, None where it has none."""


class Reads(Protocol):
    """On which days a Device was read (contract section 4, Read)."""

    def days_read(self, device: str, first_day: int, last_day: int) -> Iterable[int]:
        """Return the UTC days on which a successful read of a Device ended.

        Args:
            device: read by anyone.
            first_day: since 1970, included.
            last_day: likewise, included.
        """


def hub_on(hubs: Hubs, device: str, day: int) -> str | None:
    """Return the hub through which a Device was read on a day.

    Reads are kept by day: one on the day of a change counts for the hub the day began with, since the night's reads
    come before an engineer does. A Device that had none is read only once it has got one.
    """
    start_us = day * DAY_US
    hub = hubs.hub_at(device, start_us)
    return hub if hub is not None else hubs.hub_at(device, start_us + DAY_US - 1)


def decimal(value: Fraction) -> Decimal:
    """Return a fraction with three decimals, rounded half-even.

    >>> decimal(Fraction(1, 2000)), decimal(Fraction(-3, 2000))
    (Decimal('0.000'), Decimal('-0.002'))
    """
    return Decimal(round(value * 1000)).scaleb(-3)


def member_table(rows: Iterable[tuple[object, ...]], columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Return rows of Members as a table, sorted by Member and then by all columns from the left.

    Args:
        rows: party, role, then a value for each column; instants in microseconds since 1970.
        columns: their types.
    """
    instants = [name for name, kind in columns.items() if kind == INSTANT]
    schema: dict[str, pl.DataType] = {**_OF, **columns, **dict.fromkeys(instants, pl.Int64())}
    frame = pl.DataFrame(list(rows), schema=schema, orient="row")
    return frame.sort(frame.columns, nulls_last=False).with_columns(rounded_ms(name).cast(INSTANT) for name in instants)
