"""The months before, from the snapshots that stand beside the one that is taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.history import EARLIER
from dcc_analytics.snapshot.revision import Former, check_tables, standing
from dcc_analytics.snapshot.xmr import SETTLED

_TABLE: Final = "round_trips_monthly"


@dataclass(frozen=True, slots=True)
class MonthBefore:
    """A month before.

    Attributes:
        month: which.
        identity: of its snapshot, the checksum of the manifest.
        metric_version: by which its events were folded; rates of another are another measure.
        rates: counts as ``history.EARLIER``.
    """

    month: str
    identity: str
    metric_version: int
    rates: pl.DataFrame


def months_before(folder: Path, month: Month) -> list[MonthBefore]:
    """Return the twelve months before a month as far as their snapshots are there, in order.

    Args:
        folder: of all snapshots; it need not exist.
        month: the one that is taken.

    Raises:
        SnapshotError: one of them is damaged: without it the figures would be others, and nobody would know.
    """
    before = [Month(at // 12, at % 12 + 1) for at in range(month.number - SETTLED, month.number)]
    paths = [(str(each), standing(folder, str(each))) for each in before]
    return [_read(name, path) for name, path in paths if path.exists()]


def _read(month: str, path: Path) -> MonthBefore:
    former = Former.read(path)
    try:
        check_tables(path, {"tables": {_TABLE: former.manifest["tables"][_TABLE]}})
        rows = pl.read_parquet(path / f"{_TABLE}.parquet").with_columns(month=pl.lit(month)).select(list(EARLIER))
    except (OSError, ValueError, KeyError, PolarsError) as error:
        raise SnapshotError(
            f"the snapshot in {path} is damaged ({error}); move it away and take the snapshot again"
        ) from error
    return MonthBefore(month, former.identity, int(former.manifest.get("metric_version", 1)), rows)


def of_metric(earlier: Sequence[MonthBefore], metric_version: int) -> list[MonthBefore]:
    """Return the months that were folded by one version of the metric."""
    return [each for each in earlier if each.metric_version == metric_version]


def rates_of(earlier: Sequence[MonthBefore]) -> pl.DataFrame:
    """Return the rates of some months in one table."""
    return pl.concat([pl.DataFrame(schema=EARLIER), *(each.rates for each in earlier)])
