"""The sample month as records and as figures, for tests that run the core over it."""

import base64
import gzip
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import polars as pl

from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.round_trips import RoundTrips, round_trips
from dcc_analytics.stream.clock import horizon_us
from dcc_analytics.stream.decode import decode_device, decode_user, decoded
from dcc_analytics.stream.events import Rejected
from tests.driver import Driver

SAMPLE = Path(__file__).parent / "data" / "sample"
MONTH = Month.parse("2026-10")
TOPICS = ("devices", "users", "incidents", "service-requests", "service-responses", "alerts")


class Line(NamedTuple):
    """A recorded event."""

    number: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int


def lines(topic: str, folder: Path = SAMPLE) -> Iterator[Line]:
    """Yield the recorded events of a topic, read without the product's own reader."""
    with gzip.open(folder / f"{topic}.ndjson.gz", "rb") as file:
        for number, line in enumerate(file, 1):
            raw: dict[str, Any] = msgspec.json.decode(line)
            key = raw["key"]
            yield Line(number, None if key is None else key.encode(), _value(raw), raw["timestamp"])


def _value(raw: dict[str, Any]) -> bytes | None:
    if "value_text" in raw:
        return str(raw["value_text"]).encode()
    if "value_base64" in raw:
        return base64.b64decode(raw["value_base64"])
    return None if raw["value"] is None else msgspec.json.encode(raw["value"])


def published(partitions: int, folder: Path = SAMPLE) -> tuple[Driver, dict[tuple[str, int, int], int]]:
    """Return a driver with the sample in its log, and the line of each (topic, partition, offset)."""
    driver, line_at = Driver(partitions), {}
    for topic in TOPICS:
        for line in lines(topic, folder):
            partition, offset = driver.publish(topic, line.key, line.value, line.timestamp_ms)
            line_at[topic, partition, offset] = line.number
    return driver, line_at


@lru_cache
def directory_and_inventory(folder: Path = SAMPLE) -> tuple[Directory, Inventory]:
    """Return what the snapshot knows of Users and Devices."""
    users = [decoded(decode_user, line.value) for line in lines("users", folder)]
    devices = [decoded(decode_device, line.value) for line in lines("devices", folder)]
    return (
        Directory(user for user in users if not isinstance(user, Rejected)),
        Inventory(device for device in devices if not isinstance(device, Rejected)),
    )


def month_of(driver: Driver) -> RoundTrips:
    """Return October as the snapshot makes it from a driver's ledgers."""
    directory, inventory = directory_and_inventory()
    clock_us = horizon_us([(shard.state.clock_us, shard.finished) for shard in driver.shards])
    states = [read_back(dict(ledger)) for ledger in driver.ledgers]
    return round_trips(states, MONTH, clock_us, directory, inventory)


def counters(states: list[ShardState]) -> dict[str, int]:
    """Return what is counted beside the record classes."""
    found: dict[str, int] = {}
    for state in states:
        for (name, topic), count in state.counters.items():
            if not topic:
                found[name] = found.get(name, 0) + count
    return found


def counted(states: list[ShardState]) -> dict[str, int]:
    """Return ``counters`` as the snapshot tells them, with what still waits for its request or its settlement."""
    found = {"duplicate_ends": 0, "unmatched_responses": 0, "orphans": 0, "cancelled": 0} | counters(states)
    for state in states:
        found["cancelled"] += sum(leg.cancelled_us is not None for leg in state.memory.legs.data.values())
        for _, ends in state.memory.waiting.data.values():
            for end in ends:
                found["orphans" if end.kind == "alert" else "unmatched_responses"] += 1
    return found


def same(one: RoundTrips, other: RoundTrips) -> bool:
    """Return whether two months agree in every exact figure."""
    return bool(one.cells.equals(other.cells) and one.failures.equals(other.failures))


def totals_of(cells: pl.DataFrame) -> dict[str, int]:
    """Return the month's counts as ``expected/totals.json`` names them."""
    return {
        "requests": int(cells["requests"].sum()),
        "success": int(cells["successes"].sum()),
        "failure": int(cells["failures"].sum()),
        "warnings": int(cells["warnings"].sum()),
        "clock_faults": int(cells["clock_faults"].sum()),
    }
