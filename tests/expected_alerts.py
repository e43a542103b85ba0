"""The sample's expected figures of Alerts beside finished CSV files: every difference, in words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.expected_figures import EXPECTED, Row, differ, median, rate, read, significant

#: By file: the columns of its key, and those of the Member's own figures.
_OWN: Final = {
    "alerts_monthly": (
        ("kind", "code"),
        (
            "delivered", "failed", "represented", "success_rate", "delivery_n", "delivery_best_s", "delivery_worst_s",
            "delivery_mean_s",
        ),
    ),
    "alerts_daily": (
        ("day", "kind", "code"),
        (
            "delivered", "failed", "success_rate", "delivery_n", "delivery_best_s", "delivery_worst_s",
            "delivery_mean_s",
        ),
    ),
    "alerts": (
        (
            "day", "kind", "code", "device_type", "meter_type", "region", "smets_version", "manufacturer", "model",
            "firmware_version",
        ),
        (
            "delivered", "failed", "represented", "delivery_n", "delivery_best_s", "delivery_worst_s",
            "delivery_mean_s",
        ),
    ),
    "n13_n55": (("code", "meter_type", "manufacturer", "model", "firmware_version"), ("alerts",)),
}  # fmt: skip


def alert_differences(packs: Path, member: str) -> Iterator[str]:
    """Yield where a Member's files of Alerts differ from what the sample expects."""
    for name, (key, own) in _OWN.items():
        path = packs / member / f"{name}.csv"
        if path.exists() != (EXPECTED / member / f"{name}.csv").exists():
            yield f"{member} {name}: the file is {'there' if path.exists() else 'missing'}"
        if not path.exists():
            continue
        found = {tuple(row[column] for column in key): row for row in read(path)}
        expected = {tuple(row[column] for column in key): row for row in read(EXPECTED / member / f"{name}.csv")}
        if list(found) != list(expected):
            yield f"{member} {name}: rows or their order, {set(found) ^ set(expected)}"
        for cell in found.keys() & expected.keys():
            for column in own:
                for difference in differ(column, found[cell], expected[cell][column]):
                    yield f"{member} {name} {cell}: {difference}"
            for difference in _benchmarks(name, found[cell], expected[cell]):
                yield f"{member} {name} {cell}: {difference}"


def _benchmarks(name: str, found: Row, expected: Row) -> Iterator[str]:
    if name not in {"alerts_monthly", "alerts_daily"}:
        return
    allowed = expected["x_industry_allowed"] == "true"
    for column in ("industry_success_rate", "industry_delivery_mean_s"):
        yield from differ(column, found, expected[column] if allowed else "")
    if name == "alerts_daily":
        return
    groups = int(expected["x_peer_groups"])
    yield from differ("peer_failure_rate_median", found, rate(expected, "peer_failure_rate_median", groups >= 6))
    yield from median("delivery_median_s", found, expected, shown=True)
    for column in ("industry_delivery_best_s", "industry_delivery_worst_s"):
        if found[column]:
            yield from differ(column, found, str(significant(expected[column])))
    if found["industry_delivery_median_s"]:
        yield from median("industry_delivery_median_s", found, expected, shown=True)
    if int(expected["x_industry_groups"]) < 6 and any(
        found[f"industry_delivery_{name}_s"] for name in ("best", "worst", "median")
    ):
        yield "times of others are shown although too few have any"
