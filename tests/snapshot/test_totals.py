"""What the operator is told: contract sections 3.14 and 8 (Print: totals.json)."""

from typing import Any

import pytest

from dcc_analytics.snapshot.totals import totals
from tests.desk import DAY, NOON, OTHER_DEVICE, H, S, rid
from tests.story import FINAL, OCTOBER, Story, at


def told(story: Story) -> dict[str, Any]:
    """Return the totals of October."""
    trips = story.month()
    states = [shard.state for shard in story.driver.shards]
    return totals(states, trips.cells, trips.failures, story.alerts().cells, 3)


@pytest.fixture
def story() -> Story:
    """Return a story with a little of everything in it."""
    story = Story(6)
    story.device()
    story.request(1)
    story.request(1, received=NOON + S)
    story.response(1, code="W110101", sent=NOON + 2 * S)
    story.response(1, sent=NOON + 3 * S)
    story.request(2, received=NOON + S)
    story.response(2, code="E20", sent=NOON + 2 * S)
    story.request(3, received=NOON + 10 * S)
    story.response(3, sent=NOON + 9 * S)
    story.request(4, received=NOON + 10 * S)
    story.alert("a-1", raised=NOON + H)
    story.alert("a-1", raised=NOON + H)
    story.alert("a-2", raised=NOON + H, request_id=rid(88))
    story.response(99, sent=NOON + H)
    story.tell("alerts", b"[]", NOON + H)
    story.tell("alerts", b"", NOON + H)
    story.tell("service-requests", b"<x/>", NOON + H)
    return story


def test_totals_of_the_stream_and_of_the_month(story: Story) -> None:
    story.run()
    found = told(story)
    assert {"requests": 4, "success": 2, "failure": 1, "open": 1, "warnings": 1, "clock_faults": 1} == found["month"]
    assert found["reasons"] == {"E20": 1}
    expected = {
        "duplicate_requests": 1, "duplicate_ends": 1, "duplicate_alerts": 1, "unmatched_responses": 1, "orphans": 1,
        "late": 0, "late_facts": 0, "strays": 0, "alerts_in_month": 2, "members": 3,
    }  # fmt: skip
    assert expected == {name: found[name] for name in expected}


def test_what_waits_and_what_was_given_up_count_alike(story: Story) -> None:
    """Before seven days have passed the response and the Alert wait; after, they were forgotten and counted."""
    story.run()
    before = told(story)
    story.let_time_pass(NOON + 8 * DAY)
    story.run()
    after = told(story)
    for name in ("unmatched_responses", "orphans"):
        assert 1 == before[name] == after[name]


def test_dead_letters_are_told_by_topic(story: Story) -> None:
    story.run()
    assert told(story)["dead_letters"] == {"alerts": 2, "service-requests": 1}


def test_dead_letters_are_told_by_topic_and_reason(story: Story) -> None:
    story.run()
    assert "the record's value is empty" in str(told(story)["dead_letter_reasons"])


def test_classes_of_each_topic_add_up_to_its_records(story: Story) -> None:
    story.run()
    found = told(story)["conservation"]
    assert found["shards"] == 6
    lengths: dict[str, int] = {}
    for (topic, _), log in story.driver.log.items():
        lengths[topic] = lengths.get(topic, 0) + len(log)
    for topic, counts in found["topics"].items():
        records = counts.pop("records")
        assert records == sum(counts.values()) == lengths[topic]
    assert found["topics"]["service-requests"] == {"leg_opened": 4, "duplicate_request": 1, "dead_letter": 1}


def test_late_ends_strays_and_late_outcomes_are_told(story: Story) -> None:
    story.request(20, key=OTHER_DEVICE.encode(), received=NOON + H)
    story.let_time_pass(FINAL + DAY)
    story.response(4, sent=FINAL + DAY)
    story.run()
    found = told(story)
    assert (1, 1) == (found["late"], found["strays"])
    assert found["reasons"] == {"E20": 1, "NO-RESPONSE": 2}


def test_alerts_of_other_months_are_not_in_this_one(story: Story) -> None:
    """What counts is when they were raised: the last but one was delivered in November."""
    story.alert("b-0", raised=OCTOBER.start_us - 3000, ended=OCTOBER.start_us - 1000)
    for number, raised in enumerate((OCTOBER.start_us, OCTOBER.end_us - 1000, OCTOBER.end_us), 1):
        story.alert(f"b-{number}", raised=raised)
    story.run()
    assert told(story)["alerts_in_month"] == 2 + 2


def test_requests_that_were_cancelled_are_told_at_once_and_for_good(story: Story) -> None:
    story.request(30, srv="1.2.1", command_variant=5, received=NOON + H, execute_at=at(NOON + DAY))
    story.request(31, srv="1.2.1", command_variant=5, received=NOON + H + S, execute_at="3000-12-31T00:00:00Z")
    story.run()
    assert told(story)["cancelled"] == 1
    story.let_time_pass(NOON + 2 * DAY)
    story.run()
    assert told(story)["cancelled"] == 1
    assert told(story)["month"]["requests"] == 4
