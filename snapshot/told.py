"""What stands of a month and the month before, as it was told: read from their snapshots, for ``earlier``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.earlier import Earlier
from dcc_analytics.snapshot.inventory_models import FIRMWARE_KEY, counts_of_firmware
from dcc_analytics.snapshot.metrics import METRICS, told_as
from dcc_analytics.snapshot.revision import standing, versions
from dcc_analytics.snapshot.rules import EarlierRules

#: The tables that have figures of others; days are no cells of the month before, and Models change from month to month.
_MONTHLY: Final = ("round_trips_monthly", "alerts_monthly")
_MODELS: Final = "inventory_models"
_TABLES: Final = (*_MONTHLY, "round_trips_daily", "alerts_daily", _MODELS)


def told_before(snapshots: Path, month: Month, rules: EarlierRules) -> Earlier:
    """Return what was told before a month is told now, as far as the rules ask.

    Args:
        snapshots: the folder of all months.
        month: to be told.
        rules: what they ask.

    Raises:
        SnapshotError: a snapshot that stands there is damaged.
    """
    former = versions(snapshots, str(month)) if rules.changed_groups else []
    before = [standing(snapshots, str(month.before))] if rules.joined_groups else []
    return Earlier(
        tuple(_told(each, _TABLES) for each in former),
        next((_told(each, _MONTHLY) for each in before if each.exists()), {}),
    )


def _told(folder: Path, names: Sequence[str]) -> Mapping[str, pl.DataFrame]:
    try:
        told = {name: _shown(pl.read_parquet(folder / f"{name}.parquet")) for name in names}
        path = folder / f"{METRICS}.parquet"
        return told | _metrics(pl.read_parquet(path)) if path.exists() else told
    except (OSError, PolarsError) as error:
        raise SnapshotError(
            f"the snapshot at {folder} can't be read ({error}), and the rule set asks what it has told: restore it, or "
            "set changed_groups and joined_groups to 0"
        ) from error


def _metrics(table: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the cells of each metric and version as ``snapshot.metrics`` counts them: the denominator as requests."""
    shown = _of_others(table).with_columns(
        pl.col("denominator").alias("requests"),
        pl.col("numerator").fill_null(0).alias("failures"),
        (pl.col("denominator") - pl.col("numerator").fill_null(0)).alias("successes"),
    )
    parts = shown.partition_by("metric", "version", as_dict=True)
    return {told_as(metric, version): rows for (metric, version), rows in parts.items()}


def _shown(table: pl.DataFrame) -> pl.DataFrame:
    if "delivered" in table.columns:
        table = table.rename({"delivered": "successes"}).with_columns(requests=pl.col("successes") + pl.col("failed"))
        table = table.rename({"failed": "failures"})
    shown = _of_others(table)
    if "devices" in table.columns:
        return counts_of_firmware(table).join(shown, on=FIRMWARE_KEY, how="semi")
    return shown


def _of_others(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with any figure of others."""
    figures = [name for name in table.columns if name.startswith(("industry_", "peer_"))]
    return table.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in figures))
