import csv
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from tests.oracle.judge import Judged, judge
from tests.oracle.members import Member

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
EXPECTED = SAMPLE / "expected"
PACKS = EXPECTED / "packs" / "2026-10"
MEMBERS = sorted(path.name for path in PACKS.iterdir())
STATUS = ("benchmark_status",)
Rows = list[dict[str, str]]
ALERT_ROWS: dict[str, Callable[[Judged, Member], Rows]] = {
    "alerts_monthly": lambda month, member: month.alerts.monthly_rows(member),
    "alerts_daily": lambda month, member: month.alerts.daily_rows(member),
    "alerts": lambda month, member: month.alerts.own_rows(member),
    "n13_n55": lambda month, member: month.alerts.failed_command_rows(member),
}
pytestmark = pytest.mark.slow


@lru_cache(maxsize=1)
def judged() -> Judged:
    return judge(SAMPLE, 2026, 10)


def expected(member: str, name: str, *, without: tuple[str, ...] = ()) -> list[dict[str, str]]:
    with (PACKS / member / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: value for key, value in row.items() if key not in without} for row in csv.DictReader(file)]


def bare(rows: list[dict[str, str]], without: tuple[str, ...] = ()) -> list[dict[str, str]]:
    return [{key: value for key, value in row.items() if key not in without} for row in rows]


def by_key(rows: list[dict[str, str]], *key: str) -> list[dict[str, str]]:
    return sorted(rows, key=lambda row: [row[column] for column in key])


def member_of(folder: str) -> Member:
    return Member(*folder.rsplit("-", 1))


@pytest.mark.parametrize("folder", MEMBERS)
@pytest.mark.parametrize("name", ["round_trips_monthly", "round_trips_daily"])
def test_every_round_trip_figure_of_the_sample_is_judged_alike(folder: str, name: str) -> None:
    """The status is only indicative there."""
    member = member_of(folder)
    rows = judged().monthly_rows(member) if name == "round_trips_monthly" else judged().daily_rows(member)
    columns = ("day", "process", "srv", "variant", "meter_type", "region", "smets_version")
    key = columns if name == "round_trips_daily" else columns[1:4]
    assert by_key(expected(folder, name, without=STATUS), *key) == by_key(bare(rows, STATUS), *key)


@pytest.mark.parametrize("folder", MEMBERS)
@pytest.mark.parametrize("name", list(ALERT_ROWS))
def test_every_figure_of_the_alerts_of_the_sample_is_judged_alike(folder: str, name: str) -> None:
    """The status is only indicative there."""
    member = member_of(folder)
    rows = expected(folder, name, without=STATUS) if name != "n13_n55" or member.role == "ED" else []
    assert rows == bare(ALERT_ROWS[name](judged(), member), STATUS)


@pytest.mark.parametrize("folder", MEMBERS)
def test_every_failure_of_the_sample_is_judged_alike(folder: str) -> None:
    key = ("day", "process", "srv", "variant", "reason_code", "region", "manufacturer", "model", "firmware_version")
    rows = judged().failure_rows(member_of(folder))
    left_out = ("reason",)
    assert by_key(expected(folder, "failures", without=left_out), *key) == by_key(bare(rows, left_out), *key)


@pytest.mark.parametrize("folder", MEMBERS)
def test_every_peer_value_of_the_sample_is_judged_alike(folder: str) -> None:
    key = ("process", "srv", "variant", "measure", "position")
    rows = judged().peer_rows(member_of(folder))
    assert by_key(expected(folder, "peer_values"), *key) == by_key(rows, *key)


def test_the_totals_of_the_sample_are_judged_alike() -> None:
    totals = json.loads((EXPECTED / "totals.json").read_text(encoding="utf-8"))
    del totals["members"]
    found = judged().totals()
    month = found["month"]
    assert isinstance(month, dict)
    assert 0 == month.pop("open")
    assert totals == {name: found[name] for name in totals}


def test_the_dead_letters_of_the_sample_are_judged_alike() -> None:
    with (EXPECTED / "dead_letters.csv").open(encoding="utf-8", newline="") as file:
        lines = {(row["topic"], int(row["line"])) for row in csv.DictReader(file)}
    assert lines == judged().recorded.dead_letters
