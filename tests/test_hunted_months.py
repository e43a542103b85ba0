"""Months told as feeds at their worst tell them, beside the judge: what the makers of months leave out is added here.

Shards fold by small fetches and are killed on the way, often before they have committed; two months come out of one
feed. Names of folders are not compared: a role that no file system takes gives one that only the product makes up.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import Snapshot, freeze
from tests.driver import Driver
from tests.in_process import collected, write_packs
from tests.oracle.compare import differences, total_differences
from tests.oracle.judge import judge_month, matched
from tests.oracle.month_maker import make_month
from tests.recorded_sample import published

pytestmark = pytest.mark.slow

_TRAFFIC: Final = ("service-requests", "service-responses", "alerts")
_IDS: Final = ("request_id", "device", "user", "recipient", "other_device", "target_device", "devices")
_ROLES: Final = ("?", "!", "is")
_HOUR_MS: Final = 3_600_000

Record = dict[str, Any]
Change = Callable[[list[Record], Random], list[Record]]


def rewrite(folder: Path, topic: str, change: Change, random: Random) -> None:
    """Change the records of a topic, and bring them in the order of their timestamps."""
    path = folder / f"{topic}.ndjson.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    records = change([json.loads(line) for line in lines], random)
    assert [json.loads(line) for line in lines] != records, "nothing was changed"
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        for record in sorted(records, key=lambda each: int(each["timestamp"])):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def values(records: list[Record]) -> list[Record]:
    return [record["value"] for record in records if isinstance(record.get("value"), dict)]


def later(hours: float) -> Change:
    """All records come so much later: a feed that catches up, or a topic behind the others."""

    def change(records: list[Record], _: Random) -> list[Record]:
        return [record | {"timestamp": record["timestamp"] + int(hours * _HOUR_MS)} for record in records]

    return change


def in_lower_case(records: list[Record], _: Random) -> list[Record]:
    """Every id is in lower case."""

    def lowered(value: Any, name: str = "") -> Any:  # noqa: ANN401 (what JSON holds)
        if isinstance(value, dict):
            return {key: lowered(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [lowered(each, name) for each in value]
        return value.lower() if isinstance(value, str) and name in _IDS else value

    return [record | {"value": lowered(record["value"])} if "value" in record else record for record in records]


def in_odd_roles(records: list[Record], random: Random) -> list[Record]:
    """Some say a role that nobody has; it is taken as said."""
    for value in values(records):
        if random.random() < 0.15:
            value["role"] = random.choice(_ROLES)
    return records


def without_roles(records: list[Record], _: Random) -> list[Record]:
    """No message says a role."""
    for value in values(records):
        value.pop("role", None)
    return records


def each_in_a_role_of_its_own(records: list[Record], _: Random) -> list[Record]:
    """Users of one Party have one role each, and not the same."""
    for place, value in enumerate(values(records)):
        if value["party"] in {"AAA", "EEE", "JJJ", "NNN"}:
            value["roles"] = [("IS", "GS", "ES")[place % 3]]
    return records


def about_another_device(records: list[Record], _: Random) -> list[Record]:
    """Alerts that name a request are about another Device, one for all Alerts of a request, so that they keep order."""
    devices = sorted({value["device"].upper() for value in values(records) if isinstance(value.get("device"), str)})
    for record in records:
        value = record.get("value")
        if isinstance(value, dict) and isinstance(value.get("request_id"), str):
            value["device"] = record["key"] = Random(value["request_id"].upper()).choice(devices)
    return records


def told_again(records: list[Record], random: Random) -> list[Record]:
    """One in twenty is told once more within the hour, word for word."""
    last_ms = max(record["timestamp"] for record in records)
    again = [record | {"timestamp": record["timestamp"] + random.randint(0, _HOUR_MS)} for record in records]
    return records + [each for each in again if random.random() < 0.05 and each["timestamp"] <= last_ms]


def folded(folder: Path, partitions: int, fetch: int, random: Random) -> Driver:
    """Return a driver that has read all, whose shards were killed on the way."""
    driver, _ = published(partitions, folder)
    driver.read_reference()
    kills = 0
    for turn in range(20 * partitions):
        partition = turn % partitions
        driver.step(driver.shards[partition], fetch, commit=False)
        if (dice := random.random()) < 0.7:
            driver.commit(driver.shards[partition], checkpoint=dice < 0.15)
        if random.random() < 0.1:
            kills += 1
            driver.restart(partition, elsewhere=random.random() < 0.4)
        if random.random() < 0.2:
            driver.tell_horizon()
    assert kills, "nothing was killed"
    driver.run(500)
    return driver


def packs_of(snapshot: Snapshot, packs: Path) -> Path:
    """Write a month's packs, in folders named by Party and role as they are."""
    write_packs(snapshot, packs)
    for party, _, role, name in snapshot.tables.by_name["members"].iter_rows():
        (packs / name).rename(packs / f"{party}-{role}")
    return packs


ALL: Final = _TRAFFIC
HUNTED: Final[tuple[tuple[str, dict[str, Any], int, int, tuple[tuple[tuple[str, ...], Change], ...]], ...]] = (
    ("a feed three days behind", {"seed": 101, "year": 2028, "month": 2}, 3, 7, ((ALL, later(72)),)),
    ("answers an hour behind", {"seed": 102, "year": 2027, "month": 3}, 7, 50, ((("service-responses",), later(1)),)),
    ("requests eleven minutes behind", {"seed": 103, "year": 2026, "month": 12}, 1, 1,
     ((("service-requests",), later(11 / 60)),)),
    ("lower case and odd roles", {"seed": 104, "year": 2026, "month": 10}, 16, 50,
     (((*ALL, "devices", "users"), in_lower_case), (ALL, in_odd_roles))),
    ("no roles", {"seed": 105, "year": 2026, "month": 3}, 3, 50,
     ((ALL, without_roles), (("users",), each_in_a_role_of_its_own))),
    ("alerts about others", {"seed": 106, "year": 2028, "month": 6}, 7, 1000, ((("alerts",), about_another_device),)),
    ("told again", {"seed": 107, "year": 2027, "month": 1}, 3, 50, ((ALL, told_again),)),
)  # fmt: skip


@pytest.mark.parametrize(("made", "partitions", "fetch", "changes"), [each[1:] for each in HUNTED],
                         ids=[each[0] for each in HUNTED])  # fmt: skip
def test_two_months_of_one_hard_feed_are_the_judges(
    made: dict[str, Any], partitions: int, fetch: int, changes: tuple[tuple[tuple[str, ...], Change], ...],
    tmp_path: Path,
) -> None:  # fmt: skip
    events, random = tmp_path / "events", Random(made["seed"])
    make_month(events, **made, homes=16, requests=250, peers=False)
    for topics, change in changes:
        for topic in topics:
            rewrite(events, topic, change, random)
    stream, driver = matched(events), folded(events, partitions, fetch, random)
    month = Month(made["year"], made["month"])
    for each in (month, month.next):
        judged = judge_month(stream, each.year, each.month)
        snapshot = freeze(collected(driver), each, read_rules())
        assert [] == differences(judged, packs_of(snapshot, tmp_path / str(each)))
        assert [] == total_differences(judged, snapshot.totals)
