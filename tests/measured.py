"""Table 1's special measures of recorded events, from the product's own fold and snapshot in this process."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import polars as pl

from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.rule_file import read_rules
from tests.in_process import frozen

NAMES = (
    "installs_daily", "installs_without_read", "cos_gains", "firmware_delivery", "n42_after_n16", "outages_unrestored",
)  # fmt: skip
#: Suppliers are named, so that their rows can be told apart.
_NAMING = msgspec.structs.replace(read_rules(), governance_reference="a test")


def measured(folder: Path, month: Month, *, partitions: int = 3) -> dict[str, pl.DataFrame]:
    """Return the six tables of a month of recorded events; suppliers are named."""
    snapshot, _ = frozen(folder, month, partitions=partitions, fetch=700, rules=_NAMING)
    return {name: snapshot.tables.by_name[name] for name in NAMES}


def told(table: pl.DataFrame, party: str, role: str) -> list[dict[str, str]]:
    """Return a Member's rows as they are printed."""
    own = table.filter(party=party, role=role).drop("party", "role")
    return [{column: _printed(value) for column, value in row.items()} for row in own.iter_rows(named=True)]


def _printed(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case Decimal():
            return f"{value:.3f}"
        case date():
            return value.isoformat()
        case _:
            return str(value)
