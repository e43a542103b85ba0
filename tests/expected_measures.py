"""The sample's expected special measures beside finished CSV files: every difference, in words."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.expected_figures import EXPECTED, Row, read

_NAMES: Final = (
    "installs_daily", "installs_without_read", "cos_gains", "firmware_delivery", "outages_unrestored", "n42_after_n16",
)  # fmt: skip


def measure_differences(packs: Path, member: str) -> Iterator[str]:
    """Yield where a Member's files of special measures differ from what the sample expects."""
    for name in _NAMES:
        path, wanted = packs / member / f"{name}.csv", EXPECTED / member / f"{name}.csv"
        if path.exists() != wanted.exists():
            yield f"{member} {name}: the file is {'there' if path.exists() else 'missing'}"
        if not (path.exists() and wanted.exists()):
            continue
        found, expected = _comparable(name, read(path)), _comparable(name, read(wanted))
        if found != expected:
            yield f"{member} {name}: {found}, expected {expected}"


def _comparable(name: str, rows: list[Row]) -> object:
    """Return rows without what may differ: days on which nothing happens, and how suppliers are named."""
    if name == "installs_daily":
        return [row for row in rows if set(list(row.values())[1:]) - {"0", "0.000"}]
    if name == "n42_after_n16":
        return Counter(tuple(row.values())[1:] for row in rows)
    return rows
