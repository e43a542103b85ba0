import csv
from functools import lru_cache
from pathlib import Path

import pytest

from tests.oracle.bank_holidays import bank_holidays
from tests.oracle.measures import Measures
from tests.oracle.members import Member

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
PACKS = SAMPLE / "expected" / "packs" / "2026-10"
MEMBERS = sorted(path.name for path in PACKS.iterdir())
NAMES = (
    "installs_daily", "installs_without_read", "cos_gains", "firmware_delivery", "n42_after_n16", "outages_unrestored",
)  # fmt: skip


@lru_cache(maxsize=1)
def judged() -> Measures:
    return Measures(SAMPLE, 2026, 10)


@pytest.mark.slow
@pytest.mark.parametrize("folder", MEMBERS)
@pytest.mark.parametrize("name", NAMES)
def test_every_measure_of_the_sample_is_judged_alike(folder: str, name: str) -> None:
    """Days on which nothing happens may be left out."""
    path = PACKS / folder / f"{name}.csv"
    expected: list[dict[str, str]] = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            expected = list(csv.DictReader(file))
    found = judged().by_name[name].get(Member(*folder.rsplit("-", 1)), [])
    if name == "installs_daily":
        expected, found = (
            [row for row in rows if set(list(row.values())[1:]) - {"0", "0.000"}] for rows in (expected, found)
        )
    assert expected == found


@pytest.mark.parametrize(
    ("easter_monday", "year"),
    [("2024-04-01", 2024), ("2025-04-21", 2025), ("2026-04-06", 2026), ("2038-04-26", 2038), ("2049-04-19", 2049)],
)
def test_easter_is_known(easter_monday: str, year: int) -> None:
    assert easter_monday in {day.isoformat() for day in bank_holidays(year)}
