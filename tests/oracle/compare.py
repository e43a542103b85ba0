"""The product's figures beside the judge's: every difference, in words.

``differences`` reads finished packs; ``cell_differences`` takes the exact rows a snapshot has before anything is
rounded or withheld. Medians are estimates: they must lie between the exact values at the ranks 49 % and 51 %.
A day's benchmark may be withheld for rule 6, which the judge does not apply; one that is shown must be right.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

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
}  # fmt: skip
_BENCHMARKS: Final = ("industry_", "peer_")
_MEDIANS: Final = ("rtt_median_s", "industry_rtt_median_s")
_PRINTED: Final = Decimal("0.0005")
_NO_TEXTS: Final = ("reason",)


def differences(judged: Judged, packs: Path, members: Iterable[Member] | None = None) -> list[str]:
    """Return where packs differ from what the judge would show.

    Args:
        judged: the month.
        packs: its folder, in which each Member has one: ``packs/2026-10``.
        members: whose packs; by default all the judge knows.
    """
    found = []
    for member in judged.members() if members is None else members:
        folder = packs / f"{member.party}-{member.role}"
        expected = {
            "round_trips_monthly": judged.monthly_rows(member, disclosed=True),
            "round_trips_daily": judged.daily_rows(member, disclosed=True),
            "failures": judged.failure_rows(member),
            "peer_values": judged.peer_rows(member, disclosed=True),
        }
        for name, rows in expected.items():
            path = folder / f"{name}.csv"
            if not path.exists():
                found.append(f"{folder.name} {name}: no file, expected {len(rows)} rows")
                continue
            found += [f"{folder.name} {name}{words}" for words in _table(name, _read(path), rows)]
    return found


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
    if keyed.keys() == judged.keys() and name.startswith("round_trips") and list(keyed) != list(judged):
        yield ": rows are in another order"
    bands = _peer_bands(expected) if name == "peer_values" else {}
    for cell in judged.keys() & keyed.keys():
        for words in _row(name, keyed[cell], judged[cell], bands.get(cell)):
            yield f" {cell}: {words}"


def _brief(row: Row) -> str:
    names = ("requests", "successes", "failures", "open", "value")
    return ", ".join(f"{name} {row[name]}" for name in names if row.get(name))


def _row(name: str, found: Row, expected: Row, band: tuple[str, str] | None) -> Iterator[str]:
    for column, value in expected.items():
        if column.startswith("x_") or column in _NO_TEXTS:
            continue
        shown = found.get(column)
        if shown is None:
            yield f"no column {column}"
        elif not _agrees(name, column, shown, expected, band):
            yield f"{column} is {shown!r}, expected {value!r}"


def _agrees(name: str, column: str, found: str, expected: Row, band: tuple[str, str] | None) -> bool:
    value = expected[column]
    if found == value:
        return True
    daily = name == "round_trips_daily"
    if column == "benchmark_status":
        return daily and (value, found) == ("ok", "complement")
    if daily and column.startswith(_BENCHMARKS) and not found:
        return True
    if not found or not value:
        return False
    if column in _MEDIANS:
        return _within(found, expected[f"x_{column.removesuffix('_s')}_lo_s"], expected[f"x_{column[:-2]}_hi_s"])
    if band is not None and column == "value":
        return _within(found, *band)
    return False


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


_COUNTS: Final = ("requests", "successes", "failures", "open")


def cell_differences(
    judged: Judged, cells: Iterable[Mapping[str, Any]], failures: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Return where exact rows differ: counts, ``in_time``, and number, sum, least and greatest of times.

    Args:
        judged: the month.
        cells: by party, role, day, process, srv, variant, meter_type, region and smets_version; ``day`` is a date;
            with ``targeted``, the legs that have a target, and ``rtt_sum_us``, ``rtt_min_us``, ``rtt_max_us``.
        failures: by party, role and the key columns of ``failures.csv``.
    """
    key = _KEYS["round_trips_daily"]
    expected = {}
    for member, rows in judged.daily.items():
        for cell, figures in rows.items():
            times = figures.times_us
            edges = (min(times), max(times)) if times else (None, None)
            counts = (figures.requests, figures.successes, figures.failures, figures.open, figures.in_time)
            expected[*member, *cell] = (*counts, len(times), sum(times), *edges)
    found = {
        tuple(row[name] for name in ("party", "role", *key)): (
            *(row[name] for name in _COUNTS), row["in_time"] if row["targeted"] else None, row["rtt_n"],
            row["rtt_sum_us"], *((row["rtt_min_us"], row["rtt_max_us"]) if row["rtt_n"] else (None, None)),
        )
        for row in cells
    }  # fmt: skip
    words = [
        f"cell {cell}: {found.get(cell)}, expected {expected.get(cell)}"
        for cell in sorted(found.keys() | expected.keys(), key=str)
        if found.get(cell) != expected.get(cell)
    ]
    return words + _failure_differences(judged, failures)


def _failure_differences(judged: Judged, failures: Iterable[Mapping[str, Any]]) -> list[str]:
    key = _KEYS["failures"]
    told: Counter[tuple[object, ...]] = Counter()
    for row in failures:
        told[tuple(row[name] for name in ("party", "role", *key))] += row["failures"]
    known: Counter[tuple[object, ...]] = Counter()
    for member in judged.monthly:
        for text in judged.failure_rows(member, bare=True):
            known[*member, date.fromisoformat(text["day"]), *(text[name] for name in key[1:])] += int(text["failures"])
    return [
        f"failure {each}: {told[each]}, expected {known[each]}"
        for each in sorted(told.keys() | known.keys(), key=str)
        if told[each] != known[each]
    ]
