"""The product's figures beside the judge's: every difference, in words.

Medians are estimates: they must lie between the exact values at the ranks 49 % and 51 %.
Texts from sources that are not verified need not be printed.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.oracle.domain import table
from tests.oracle.judge import Judged
from tests.oracle.members import Member
from tests.oracle.print import Row, rough_seconds

_KEYS: Final = {
    "round_trips_monthly": ("process", "srv", "variant"),
    "round_trips_daily": ("day", "process", "srv", "variant", "meter_type", "region", "smets_version"),
    "peer_values": ("process", "srv", "variant", "measure", "position"),
    "failures": (
        "day", "process", "srv", "variant", "reason_code", "meter_type", "region", "smets_version", "device_type",
        "manufacturer", "model", "firmware_version",
    ),
    "alerts_monthly": ("kind", "code"),
    "alerts_daily": ("day", "kind", "code"),
    "alerts": (
        "day", "kind", "code", "device_type", "meter_type", "region", "smets_version", "manufacturer", "model",
        "firmware_version",
    ),
    "n13_n55": ("code", "meter_type", "manufacturer", "model", "firmware_version"),
}  # fmt: skip
_ROWS: Final[dict[str, Callable[[Judged, Member], list[Row]]]] = {
    "round_trips_monthly": lambda judged, member: judged.monthly_rows(member, disclosed=True),
    "round_trips_daily": lambda judged, member: judged.daily_rows(member, disclosed=True),
    "peer_values": lambda judged, member: judged.peer_rows(member, disclosed=True),
    "failures": lambda judged, member: judged.failure_rows(member),
    "alerts_monthly": lambda judged, member: judged.alerts.monthly_rows(member, disclosed=True),
    "alerts_daily": lambda judged, member: judged.alerts.daily_rows(member, disclosed=True),
    "alerts": lambda judged, member: judged.alerts.own_rows(member),
    "n13_n55": lambda judged, member: judged.alerts.failed_command_rows(member),
}
#: Files of one Role; the others' packs have none.
_ROLES: Final = {"n13_n55": "ED"}
#: Whose rows are known to be in the order of their key columns, as they are before they are guarded.
_ORDERED: Final = ("round_trips_monthly", "round_trips_daily", "alerts_monthly", "alerts_daily", "alerts", "n13_n55")
#: Whose columns come in the contract's order here, so that they must there.
_COLUMNS: Final = ("alerts_monthly", "alerts_daily", "alerts", "n13_n55")
_MEDIANS: Final = ("rtt_median_s", "industry_rtt_median_s", "delivery_median_s", "industry_delivery_median_s")
_PRINTED: Final = Decimal("0.0005")
_NO_TEXTS: Final = ("reason",)


def differences(
    judged: Judged, packs: Path, members: Iterable[Member] | None = None, *, files: Iterable[str] = tuple(_KEYS)
) -> list[str]:
    """Return where packs differ from what the judge would show.

    Args:
        judged: the month.
        packs: its folder, in which each Member has one: ``packs/2026-10``.
        members: whose packs; by default all the judge knows.
        files: which of each pack, without their ending.
    """
    found = []
    files = tuple(files)
    for member in judged.members() if members is None else members:
        folder = packs / f"{member.party}-{member.role}"
        for name in files:
            path = folder / f"{name}.csv"
            if _ROLES.get(name, member.role) != member.role:
                found += [f"{folder.name} {name}: no file of this Role"] * path.exists()
                continue
            rows = _ROWS[name](judged, member)
            if not path.exists():
                found.append(f"{folder.name} {name}: no file, expected {len(rows)} rows")
                continue
            found += [f"{folder.name} {name}{words}" for words in _table(name, _read(path), rows)]
    return found if members is not None else found + list(_of_nobody(judged, packs, files))


def _of_nobody(judged: Judged, packs: Path, files: Iterable[str]) -> Iterator[str]:
    """Yield the rows in packs of whom the judge knows nothing: one that is only registered has none in these files."""
    known = {f"{member.party}-{member.role}" for member in judged.members()}
    for folder in sorted(packs.iterdir()):
        for name in () if folder.name in known or not folder.is_dir() else files:
            path = folder / f"{name}.csv"
            if path.exists() and (rows := _read(path)):
                yield f"{folder.name} {name}: not expected, found {len(rows)} rows"


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _table(name: str, found: list[Row], expected: list[Row]) -> Iterator[str]:
    key = _KEYS[name]
    keyed = {tuple(row[column] for column in key): row for row in found}
    judged = {tuple(row[column] for column in key): row for row in expected}
    if len(keyed) != len(found):
        yield f": {len(found) - len(keyed)} rows are there twice"
    for cell in sorted(judged.keys() - keyed.keys()):
        yield f" {cell}: no such row, expected {_brief(judged[cell])}"
    for cell in sorted(keyed.keys() - judged.keys()):
        yield f" {cell}: not expected, found {_brief(keyed[cell])}"
    if keyed.keys() == judged.keys() and name in _ORDERED and list(keyed) != list(judged):
        yield ": rows are in another order"
    columns = [column for column in expected[0] if not column.startswith("x_")] if expected and found else []
    if name in _COLUMNS and columns and columns != list(found[0])[: len(columns)]:
        yield f": columns are {list(found[0])}"
    bands = _peer_bands(expected) if name == "peer_values" else {}
    for cell in judged.keys() & keyed.keys():
        for words in _row(keyed[cell], judged[cell], bands.get(cell)):
            yield f" {cell}: {words}"


def _brief(row: Row) -> str:
    names = ("requests", "successes", "failures", "open", "value", "delivered", "failed", "alerts")
    return ", ".join(f"{name} {row[name]}" for name in names if row.get(name))


def _row(found: Row, expected: Row, band: tuple[str, str] | None) -> Iterator[str]:
    for column, value in expected.items():
        if column.startswith("x_") or column in _NO_TEXTS:
            continue
        shown = found.get(column)
        if shown is None:
            yield f"no column {column}"
        elif not _agrees(column, found, expected, band):
            yield f"{column} is {shown!r}, expected {value!r}"


def _agrees(column: str, row: Row, expected: Row, band: tuple[str, str] | None) -> bool:
    found, value = row[column], expected[column]
    if found == value:
        return True
    if column == "name" and not found:
        return expected["code"] not in _verified_alerts()
    if not found or not value:
        return False
    if column in _MEDIANS:
        return _within(found, expected[f"x_{column.removesuffix('_s')}_lo_s"], expected[f"x_{column[:-2]}_hi_s"])
    if band is not None and column == "value":
        return _within(found, *band)
    return False


@cache
def _verified_alerts() -> frozenset[str]:
    rows = (*table("dcc_alerts"), *table("device_alerts"))
    return frozenset(row["code"] for row in rows if row["verified"] == "yes")


def _within(found: str, low: str, high: str) -> bool:
    """Return whether a printed value lies between two, as they are or as they round to two digits."""
    value = Decimal(found)
    rough = [Decimal(rough_seconds(int(Decimal(each) * 1_000_000))) for each in (low, high)]
    least, most = min(Decimal(low), rough[0]), max(Decimal(high), rough[1])
    return least - _PRINTED <= value <= most + _PRINTED


def _peer_bands(rows: list[Row]) -> dict[tuple[str, ...], tuple[str, str]]:
    """Return between what values each position of a list of medians must lie: order statistics of the bands."""
    lists: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row["measure"] == "rtt_median_s":
            lists.setdefault(tuple(row[column] for column in _KEYS["peer_values"][:4]), []).append(row)
    bands = {}
    for cell, each in lists.items():
        lows = sorted((row["x_low"] for row in each), key=Decimal)
        highs = sorted((row["x_high"] for row in each), key=Decimal)
        for row, low, high in zip(each, lows, highs, strict=True):
            bands[*cell, row["position"]] = (low, high)
    return bands


def total_differences(judged: Judged, totals: Mapping[str, Any]) -> list[str]:
    """Return where the counts over all Members differ; what the judge does not count is passed over."""
    expected = judged.totals()
    found = {name: _like(expected[name], totals.get(name)) for name in expected}
    return [
        f"totals {name}: {found[name]}, expected {value}" for name, value in expected.items() if found[name] != value
    ]


def _like(expected: object, found: object) -> object:
    """Return what is found under the names expected."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return {name: found[name] for name in expected if name in found}
    return found
