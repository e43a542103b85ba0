"""Looking for one Device in snapshots and packs, wherever in their rows its id stands."""

from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from dcc_analytics.catalogue.errors import SnapshotError


def rows_in_snapshot(path: Path, device: str) -> int:
    """Return how many rows of a snapshot's tables hold a Device's id.

    Raises:
        SnapshotError: a table can't be read.
    """
    return sum(_rows_in_table(table, device) for table in sorted(path.glob("*.parquet")))


def _rows_in_table(table: Path, device: str) -> int:
    rows = pl.scan_parquet(table)
    try:
        texts = [name for name, kind in rows.collect_schema().items() if kind == pl.String]
        if not texts:
            return 0
        held = pl.any_horizontal(
            pl.col(name).str.to_uppercase().str.contains(device, literal=True).fill_null(value=False) for name in texts
        )
        return int(rows.filter(held).select(pl.len()).collect(engine="streaming").item())
    except (OSError, PolarsError) as error:
        raise SnapshotError(f"{table} can't be looked into ({str(error).splitlines()[0]}); see to the file") from error


def lines_in_packs(path: Path, device: str) -> int:
    """Return how many lines of the files of a month's packs hold a Device's id; PDFs have none by Device.

    Raises:
        SnapshotError: a file can't be read.
    """
    wanted, found = device.encode(), 0
    for file in sorted(path.rglob("*.csv")):
        try:
            with file.open("rb") as lines:
                found += sum(wanted in line.upper() for line in lines)
        except OSError as error:
            raise SnapshotError(f"{file} can't be looked into ({error}); see to the file") from error
    return found
