"""What the failures of a process have in common: kinds of Device that have more of them than of the recipient's estate.

The modification asks that a User can find the common theme: Model, firmware, Region and reason stand together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from dcc_analytics.render.pdf.said import Said, figure, named, number, rated, said
from dcc_analytics.render.pdf.sources import Asked, Source, Unit, ratio, total
from dcc_analytics.render.pdf.sources import rows as rows_where
from dcc_analytics.render.pdf.style import BENCHMARK, OWN_TEXT
from dcc_analytics.render.pdf.table import Table, TableColumn

MOST_THEMES: Final = 3
#: Fewer failures of a kind of Device than these are no theme.
_LEAST_FAILURES: Final = 2
#: What a sentence is made of: at least so many failures, so many times as often as on others of the type.
_LEAST_TOLD: Final = 10
_FAR_MORE: Final = 2
_MAKE: Final = ("device_type", "manufacturer", "model", "firmware_version")


@dataclass(frozen=True, slots=True)
class Theme:
    """A kind of Device whose round trips failed.

    Attributes:
        process: what failed.
        make: its type, maker, Model and firmware version.
        failures: of the process.
        share: of the process's failures of the Device Type.
        estate: the share of the recipient's Devices of the type at the month's end; None where it has none.
        reason, region: the commonest of its failures, and what share of them has it.
        row: SRV and variant, where it is of the failures of one row.
    """

    process: str
    make: tuple[str | None, ...]
    failures: int
    share: float
    estate: float | None
    reason: tuple[str | None, float]
    region: tuple[str | None, float]
    row: tuple[str, str] | None = None

    @property
    def device(self) -> Said:
        """Its make in words."""
        return named(" ".join(each for each in self.make if each))

    def source(self, **asked: Asked) -> Source:
        """Return its failures among those of a process."""
        return Source("failures", rows_where(**self._among(), **self._asked(), **asked), "sum(failures)")

    def share_said(self) -> Said:
        """Return the share of the type's failures."""
        every = total("failures", rows_where(**self._among(), device_type=self.make[0]), "sum(failures)")
        return rated(self.share, self.source().of(ratio("sum(failures)", every)))

    def estate_said(self) -> Said:
        """Return the share of the type's Devices."""
        every = total("inventory_models", rows_where(device_type=self.make[0]), "sum(devices)")
        source = Source("inventory_models", rows_where(**self._asked()), ratio("sum(devices)", every))
        return rated(self.estate, source)

    def commonest_said(self, column: str, commonest: tuple[str | None, float]) -> Said:
        """Return the value that most of its failures have in a column, and which share."""
        value, share = commonest
        source = self.source()
        every = total("failures", source.where, "sum(failures)")
        asked = self.source(**{column: value}).of(ratio("sum(failures)", every))
        return said("{} ({})", named(value or "Unknown"), figure(f"{share:.0%}", Unit.WHOLE, asked))

    def _among(self) -> dict[str, Asked]:
        of_row = {} if self.row is None else {"srv": self.row[0], "variant": self.row[1]}
        return {"process": self.process, **of_row}

    def _asked(self) -> dict[str, Asked]:
        return dict(zip(_MAKE, self.make, strict=True))


def themes(failed: pl.DataFrame, models: pl.DataFrame, *, row: tuple[str, str] | None = None) -> list[Theme]:
    """Return the kinds of Device of which most failed beyond what would if all Devices of the type were alike.

    Args:
        failed: failures of one process, or of one row of it.
        models: of the recipient's Devices.
        row: SRV and variant of that row.
    """
    if not failed.height:
        return []
    of_type = pl.col("failures").sum().over("device_type")
    grouped = failed.group_by(_MAKE).agg(pl.col("failures").sum()).with_columns(share=pl.col("failures") / of_type)
    estate = models.select(*_MAKE, estate=pl.col("devices") / pl.col("devices").sum().over("device_type"))
    excess = pl.col("failures") * (1 - pl.col("estate").fill_null(0.0) / pl.col("share"))
    rows = (
        grouped.join(estate, on=_MAKE, how="left")
        .with_columns(excess=excess)
        .filter(pl.col("failures") >= _LEAST_FAILURES, pl.col("excess") > 0)
        .sort("excess", "failures", *_MAKE, descending=[True, True, *[False] * len(_MAKE)])
        .head(MOST_THEMES)
    )
    return [
        Theme(
            failed["process"].item(0),
            tuple(kind[name] for name in _MAKE),
            kind["failures"],
            kind["share"],
            kind["estate"],
            _commonest(failed, kind, "reason_code"),
            _commonest(failed, kind, "region"),
            row,
        )
        for kind in rows.iter_rows(named=True)
    ]


def _commonest(failed: pl.DataFrame, make: dict[str, Any], column: str) -> tuple[str | None, float]:
    of_make = failed.filter(*(pl.col(name).eq_missing(make[name]) for name in _MAKE))
    sums = of_make.group_by(column).agg(pl.col("failures").sum()).sort("failures", column, descending=[True, False])
    value, failures = sums.row(0)
    return value, failures / make["failures"]


def theme_table(found: Sequence[Theme]) -> Table:
    """Return the table of them."""
    columns = (
        TableColumn("Device and firmware", 52, bold=True),
        TableColumn("Failures", 23, "right", bold=True, colour=OWN_TEXT),
        TableColumn("Share", 16, "right"),
        TableColumn("Of Devices", 22, "right", colour=BENCHMARK),
        TableColumn("Commonest reason", 36),
        TableColumn("Region", 29),
    )
    rows = [
        (
            theme.device, number(theme.failures, theme.source()), theme.share_said(),
            theme.estate_said(), theme.commonest_said("reason_code", theme.reason),
            theme.commonest_said("region", theme.region),
        )
        for theme in found
    ]  # fmt: skip
    return Table.of(columns, rows)


def striking(found: Sequence[Theme]) -> str:
    """Return the first theme in a sentence, where it has far more of the failures than of the Devices."""
    if not found or found[0].estate is None or found[0].failures < _LEAST_TOLD:
        return ""
    theme, estate = found[0], found[0].estate
    if theme.share * (1 - estate) < _FAR_MORE * estate * (1 - theme.share):
        return ""
    shares = theme.share_said(), theme.estate_said()
    return said("{} has {} of its type's failures and {} of the Devices.", theme.device, *shares)
