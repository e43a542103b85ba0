"""What a leg is told of its Device: contract sections 2 (Device facts), 8 (Time and place) and 1 (null values)."""

import pytest

from dcc_analytics.catalogue.months import month_of
from dcc_analytics.stream.fetched import Fetched
from tests.desk import DAY, DEVICE, NOON, S
from tests.driver import LogRecord
from tests.records import text
from tests.story import Story, at

#: So many that a Device's id and the same in lower case have different ones.
PARTITIONS = 6


@pytest.mark.parametrize("key", [DEVICE.encode(), DEVICE.lower().encode()])
def test_a_null_value_removes_a_devices_entry(key: bytes) -> None:
    story = Story()
    story.device()
    story.driver.publish("devices", key, None, NOON // 1000)
    story.request()
    story.response()
    story.run()
    assert [("Unknown", "Unknown")] == story.rows("region", "meter_type")


def test_a_null_value_keyed_otherwise_removes_a_devices_entry_at_home() -> None:
    """The record and its removal share a key in lower case, which lies in another partition than the Device's."""
    story = Story(PARTITIONS)
    story.device()
    story.driver.publish("devices", DEVICE.lower().encode(), None, NOON // 1000)
    story.request()
    story.run()
    assert [("Unknown",)] == story.rows("region")


@pytest.mark.parametrize(
    ("expected", "received"),
    [
        ("North", NOON - 10 * DAY),  # before the first version: the earliest
        ("North", NOON - DAY - S),
        ("South", NOON - DAY),  # from when a version holds it holds
        ("South", NOON - S),
        ("Unknown", NOON),  # removed
    ],
)
def test_a_devices_facts_are_those_of_the_version_with_the_greatest_as_of_not_after_the_start(
    expected: str, received: int
) -> None:
    story = Story()
    story.device(as_of=NOON - 2 * DAY)
    story.device(as_of=NOON - DAY, csp_region="4G South")
    story.device(as_of=NOON, removed=True)
    story.request(received=received)
    story.response(sent=received + S)
    story.run()
    assert [(expected,)] == story.rows("region", month=month_of(received))


def test_a_future_dated_leg_has_the_facts_of_its_execution() -> None:
    story = Story()
    story.device()
    story.device(as_of=NOON + DAY, csp_region="South")
    story.request(execute_at=at(NOON + 2 * DAY), srv="6.8.1")
    story.response(sent=NOON + 2 * DAY + S)
    story.let_time_pass(NOON + 3 * DAY)
    story.run()
    assert ["South"] == [region for (region,) in story.rows("region")]


def test_a_device_record_read_after_the_events_it_would_have_explained_moves_nothing_and_is_counted() -> None:
    story = Story()
    story.device()
    story.request()
    story.response()
    story.run()
    late = text({
        "device": DEVICE, "as_of": at(NOON - S), "device_type": "ESME", "status": "Commissioned",
        "csp_region": "South",
    })  # fmt: skip
    records = [LogRecord(1, NOON // 1000, DEVICE.encode(), late)]
    story.driver.shards[0].fold_reference(Fetched("devices", 0, 1, 2, records, lambda: None))
    story.driver.commit(story.driver.shards[0])
    assert story.beside()["late_facts"] == 1
    assert [("North",)] == story.rows("region")
