"""The sample's expected figures beside finished CSV files: every difference, in words.

What the sample gives in full, the product withholds or rounds by contract section 7; both are worked out here anew
from the sample's own ``x_`` columns.
"""

import csv
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from tests.recorded_sample import SAMPLE

EXPECTED = SAMPLE / "expected" / "packs" / "2026-10"
MEMBERS = tuple(sorted(path.name for path in EXPECTED.iterdir()))
KEYS = {
    "round_trips_monthly": ("process", "srv", "variant"),
    "round_trips_daily": ("day", "process", "srv", "variant", "meter_type", "region", "smets_version"),
}
OWN = {
    "round_trips_monthly": (
        "requests", "successes", "failures", "open", "success_rate", "failure_rate", "in_time", "rtt_n", "rtt_best_s",
        "rtt_worst_s", "rtt_mean_s",
    ),
    "round_trips_daily": (
        "requests", "successes", "failures", "success_rate", "rtt_n", "rtt_best_s", "rtt_worst_s", "rtt_mean_s",
        "incident_category",
    ),
}  # fmt: skip
INDUSTRY = {
    "round_trips_monthly": ("industry_success_rate", "industry_failure_rate", "industry_rtt_mean_s"),
    "round_trips_daily": ("industry_success_rate", "industry_rtt_mean_s"),
}
#: The key of ``inventory_models``.
MODEL = ("device_type", "manufacturer", "model", "firmware_version")
BANDS = ((50, "50+"), (20, "20-49"), (10, "10-19"), (6, "6-9"), (0, ""))
Row = dict[str, str]
#: Verified texts may be printed; others the product leaves out.
_TEXTS = {"reason"}


def read(path: Path) -> list[Row]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def significant(text: str, digits: int = 2) -> Decimal:
    """Return a number rounded half-even to significant digits, then to three decimals as it is printed.

    >>> significant("20.518"), significant("0.0")
    (Decimal('21.000'), Decimal('0.000'))
    """
    value = Decimal(text)
    if value:
        value = value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), ROUND_HALF_EVEN)
    return value.quantize(Decimal("0.001"), ROUND_HALF_EVEN)


def differences(packs: Path, member: str) -> Iterator[str]:
    """Yield where a Member's files differ from what the sample expects."""
    for name, key in KEYS.items():
        found = {tuple(row[column] for column in key): row for row in read(packs / member / f"{name}.csv")}
        expected = {tuple(row[column] for column in key): row for row in read(EXPECTED / member / f"{name}.csv")}
        if list(found) != list(expected):
            yield f"{member} {name}: rows or their order, {set(found) ^ set(expected)}"
        for cell in found.keys() & expected.keys():
            for difference in _row(name, found[cell], expected[cell]):
                yield f"{member} {name} {cell}: {difference}"
    yield from _failures(packs, member)
    yield from _peer_values(packs, member)
    yield from _inventory(packs, member)
    yield from _models(packs, member)


def _row(name: str, found: Row, expected: Row) -> Iterator[str]:
    for column in OWN[name]:
        if found[column] != expected[column]:
            yield f"{column} is {found[column]!r}, expected {expected[column]!r}"
    allowed = expected["x_industry_allowed"] == "true"
    for column in INDUSTRY[name]:
        yield from differ(column, found, expected[column] if allowed else "")
    groups = int(expected["x_peer_groups"])
    yield from differ("peer_failure_rate_median", found, rate(expected, "peer_failure_rate_median", groups >= 6))
    if name == "round_trips_monthly":
        yield from _monthly(found, expected, groups)


def _monthly(found: Row, expected: Row, groups: int) -> Iterator[str]:
    for rank in ("p25", "p75"):
        column = f"peer_failure_rate_{rank}"
        yield from differ(column, found, rate(expected, column, groups >= 10))
    yield from differ("peers", found, _band(groups))
    timed = int(expected["x_timed_groups"]) >= 6
    for column in ("industry_rtt_best_s", "industry_rtt_worst_s"):
        given = expected[column]
        yield from differ(column, found, str(significant(given)) if timed and given else "")
    yield from median("rtt_median_s", found, expected, shown=True)
    yield from median("industry_rtt_median_s", found, expected, shown=timed)


def _band(groups: int) -> str:
    return next(band for least, band in BANDS if groups >= least)


def median(column: str, found: Row, expected: Row, *, shown: bool) -> Iterator[str]:
    stem = f"x_{column.removesuffix('_s')}"
    low, high = expected[f"{stem}_lo_s"], expected[f"{stem}_hi_s"]
    if not (shown and low):
        yield from differ(column, found, "")
    elif not (found[column] and Decimal(low) <= Decimal(found[column]) <= Decimal(high)):
        yield f"{column} is {found[column]!r}, expected between {low} and {high}"


def rate(expected: Row, column: str, shown: bool) -> str:  # noqa: FBT001 (read beside its condition)
    if not (shown and expected[column]):
        return ""
    return f"{Decimal(expected[column]).quantize(Decimal('0.001'), ROUND_HALF_EVEN):.6f}"


def differ(column: str, found: Row, expected: str) -> Iterator[str]:
    if found[column] != expected:
        yield f"{column} is {found[column]!r}, expected {expected!r}"


def _failures(packs: Path, member: str) -> Iterator[str]:
    def rows(path: Path) -> list[Row]:
        return [{name: cell for name, cell in row.items() if name not in _TEXTS} for row in read(path)]

    found, expected = rows(packs / member / "failures.csv"), rows(EXPECTED / member / "failures.csv")
    if found != expected:
        more = [row for row in found if row not in expected]
        fewer = [row for row in expected if row not in found]
        yield f"{member} failures: found {more}, expected {fewer}"


def _peer_values(packs: Path, member: str) -> Iterator[str]:
    shown = [row for row in read(EXPECTED / member / "peer_values.csv") if int(row["x_groups"]) >= 10]
    found = read(packs / member / "peer_values.csv")
    key = ("process", "srv", "variant", "measure", "position")
    if [[row[name] for name in key] for row in found] != [[row[name] for name in key] for row in shown]:
        yield f"{member} peer_values: rows, {len(found)} for {len(shown)}"
        return
    for row, expected in zip(found, shown, strict=True):
        if row["measure"] == "failure_rate":
            yield from differ("value", row, rate(expected, "value", shown=True))
        else:
            low, high = significant(expected["x_low"]), significant(expected["x_high"])
            if not low <= Decimal(row["value"]) <= high:
                yield f"{member} peer_values {row}: expected between {low} and {high}"


def _inventory(packs: Path, member: str) -> Iterator[str]:
    """Yield each row that differs; the file is to be the same text for text, in the same order."""
    found, expected = read(packs / member / "inventory.csv"), read(EXPECTED / member / "inventory.csv")
    if [row["device"] for row in found] != [row["device"] for row in expected]:
        yield f"{member} inventory: Devices or their order, {len(found)} for {len(expected)}"
        return
    for row, given in zip(found, expected, strict=True):
        if list(row.items()) != list(given.items()):
            yield f"{member} inventory: found {row}, expected {given}"


def _models(packs: Path, member: str) -> Iterator[str]:
    """Yield where Models differ: a share of others is shown if its groups allow it, rounded if it is of peers."""
    found, expected = read(packs / member / "inventory_models.csv"), read(EXPECTED / member / "inventory_models.csv")
    if [[row[name] for name in MODEL] for row in found] != [[row[name] for name in MODEL] for row in expected]:
        yield f"{member} inventory_models: Models or their order, {len(found)} for {len(expected)}"
        return
    for row, given in zip(found, expected, strict=True):
        groups, allowed = int(given["x_peer_groups"]), given["x_industry_allowed"] == "true"
        shown = {
            "devices": given["devices"],
            "share": given["share"],
            "industry_share": given["industry_share"] if allowed else "",
            "peer_share_median": rate(given, "peer_share_median", groups >= 6),
            "peer_share_p25": rate(given, "peer_share_p25", groups >= 10),
            "peer_share_p75": rate(given, "peer_share_p75", groups >= 10),
            "peers": _band(groups),
        }
        for column, value in shown.items():
            for difference in differ(column, row, value):
                yield f"{member} inventory_models {[row[name] for name in MODEL]}: {difference}"
