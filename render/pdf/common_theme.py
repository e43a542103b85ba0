"""What the failures of a process have in common: kinds of Device that have more of them than of the recipient's estate.

The modification asks that a User can find the common theme: Model, firmware, Region and reason stand together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from dcc_analytics.render.pdf.style import BENCHMARK, OWN_TEXT
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.words import NOT_SHOWN, count, percent

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
        device: its type, maker, Model and firmware version.
        failures: of the process.
        share: of the process's failures of the Device Type.
        estate: the share of the recipient's Devices of the type at the month's end; None where it has none.
        reason, region: the commonest of its failures, and what share of them has it.
    """

    device: str
    failures: int
    share: float
    estate: float | None
    reason: tuple[str, float]
    region: tuple[str, float]


def themes(failed: pl.DataFrame, models: pl.DataFrame) -> list[Theme]:
    """Return the kinds of Device of which most failed beyond what would if all Devices of the type were alike."""
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
            " ".join(row[name] for name in _MAKE if row[name]),
            row["failures"],
            row["share"],
            row["estate"],
            _commonest(failed, row, "reason_code"),
            _commonest(failed, row, "region"),
        )
        for row in rows.iter_rows(named=True)
    ]


def _commonest(failed: pl.DataFrame, make: dict[str, Any], column: str) -> tuple[str, float]:
    of_make = failed.filter(*(pl.col(name).eq_missing(make[name]) for name in _MAKE))
    sums = of_make.group_by(column).agg(pl.col("failures").sum()).sort("failures", column, descending=[True, False])
    value, failures = sums.row(0)
    return value or "Unknown", failures / make["failures"]


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
            theme.device, count(theme.failures), percent(theme.share),
            NOT_SHOWN if theme.estate is None else percent(theme.estate), _said(theme.reason), _said(theme.region),
        )
        for theme in found
    ]  # fmt: skip
    return Table.of(columns, rows)


def _said(commonest: tuple[str, float]) -> str:
    value, share = commonest
    return f"{value} ({share:.0%})"


def striking(found: Sequence[Theme]) -> str:
    """Return the first theme in a sentence, where it has far more of the failures than of the Devices."""
    if not found or found[0].estate is None or found[0].failures < _LEAST_TOLD:
        return ""
    theme, estate = found[0], found[0].estate
    if theme.share * (1 - estate) < _FAR_MORE * estate * (1 - theme.share):
        return ""
    return f"{theme.device} has {percent(theme.share)} of its type's failures and {percent(estate)} of the Devices."
