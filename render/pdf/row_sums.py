"""Sums over the days of each process and SRV, made for all rows of a pack at once, and where each of them stands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import polars as pl

from dcc_analytics.render.pdf.figures import ServiceRow
from dcc_analytics.render.pdf.sources import Asked, rows
from dcc_analytics.render.pdf.sums import Part, PartSource, parts_by

#: Process, SRV and variant, empty for an SRV without.
Key: TypeAlias = tuple[str, str, str]
#: Region, Meter Type and SMETS version.
Cell: TypeAlias = tuple[str | None, str | None, str | None]

_ROW: Final = ("process", "srv", "variant")
SPLITS: Final = ("region", "meter_type", "smets_version")


@dataclass(frozen=True, slots=True)
class RowSums:
    """Of each row its days, the days of each value of a split, and the cells of its grid."""

    _days: Mapping[Key, Sequence[Part]]
    _split: Mapping[tuple[str, Key], Mapping[str | None, Sequence[Part]]]
    _cells: Mapping[Key, Mapping[Cell, Part]]

    @classmethod
    def of(cls, daily: pl.DataFrame) -> Self:
        """Sum up rows of ``round_trips_daily``."""
        named = daily.with_columns(pl.col("variant").fill_null(""))
        days = {_key(of): found for of, found in parts_by(named, _ROW, "day").items()}
        split = defaultdict[tuple[str, Key], dict[str | None, Sequence[Part]]](dict)
        for column in SPLITS:
            for (*of, value), found in parts_by(named, (*_ROW, column), "day").items():
                split[column, _key(of)][value] = found
        cells = defaultdict[Key, dict[Cell, Part]](dict)
        for (*of, region, meter_type), found in parts_by(
            named, (*_ROW, "region", "meter_type"), "smets_version"
        ).items():
            cells[_key(of)] |= {(region, meter_type, part.label): part for part in found}
        return cls(days, split, cells)

    def days(self, row: ServiceRow) -> Sequence[Part]:
        """Return the days of a row on which it was sent."""
        return self._days.get(row.key, ())

    def split(self, row: ServiceRow, column: str) -> Mapping[str | None, Sequence[Part]]:
        """Return its days for each value of a column."""
        return self._split.get((column, row.key), {})

    def cells(self, row: ServiceRow) -> Mapping[Cell, Part]:
        """Return the sums of its month by Region, Meter Type and SMETS version."""
        return self._cells.get(row.key, {})


def _key(of: Sequence[str]) -> Key:
    process, srv, variant = of
    return process, srv, variant


def days_of(row: ServiceRow, **more: Asked) -> PartSource:
    """Return where the days of a row stand, or of a part of it."""
    return PartSource("round_trips_daily", rows(process=row.process, srv=row.srv, variant=row.variant, **more))
