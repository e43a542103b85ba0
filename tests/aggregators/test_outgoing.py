"""Kinds of reasons: what dead letters are counted by tells nothing of the records, and there are few kinds."""

import pytest

from dcc_analytics.aggregators.outgoing import count_by_kind, kind_of_reason
from dcc_analytics.stream.decode import DECODERS, decoded
from dcc_analytics.stream.events import Rejected
from tests.desk import NOON
from tests.records import ALERT, KINDS, text
from tests.story import Story

HOME = "10 Elm Road"
#: The same in each kind of quotes that the words why a record can't be read have, and cut short in the middle.
TOLD = [HOME, f"{HOME}'s", f'"{HOME}"', f'it\'s "{HOME}"', f"{HOME}\n'", f"{HOME}'" * 100_000]


def reason(topic: str, value: bytes) -> str:
    found = decoded(DECODERS[topic], value)
    assert isinstance(found, Rejected)
    return found.reason


@pytest.mark.parametrize("told", TOLD, ids=range(len(TOLD)))
@pytest.mark.parametrize(("topic", "field"), [("alerts", "outcome"), ("alerts", "recipient"), *(
    (topic, "request_id") for topic in ("service-requests", "service-responses")
)])  # fmt: skip
def test_a_kind_holds_nothing_of_the_value(topic: str, field: str, told: str) -> None:
    said = reason(topic, text(KINDS[topic], **{field: told}))
    assert HOME in said
    assert kind_of_reason(reason(topic, text(KINDS[topic], **{field: "x"}))) == kind_of_reason(said)


def test_bytes_that_are_no_text_are_one_kind_wherever_they_stand() -> None:
    broken = {text(ALERT, code=f"{'x' * n}@").replace(b"@", bytes([byte])) for n in range(3) for byte in (0xFF, 0xFE)}
    assert 6 == len({reason("alerts", value) for value in broken})
    assert 1 == len({kind_of_reason(reason("alerts", value)) for value in broken})


def test_a_reason_is_short_however_long_the_value_and_keeps_the_path() -> None:
    said = reason("alerts", text(ALERT, outcome="x" * 3_000_000))
    assert len(said) <= 401
    assert said.endswith("' - at `$.outcome`")


def test_letters_are_counted_by_topic_and_kind() -> None:
    story = Story()
    for value in (b"{}", text(ALERT, outcome="lost"), text(ALERT, outcome="gone"), b"{}"):
        story.tell("alerts", value, NOON)
    story.tell("service-requests", b"{}", NOON)
    story.run()
    assert {
        ("alerts", "Object missing required field `alert_id`"): 2,
        ("alerts", "Invalid enum value - at `$.outcome`"): 2,
        ("service-requests", "Object missing required field `request_id`"): 1,
    } == count_by_kind(story.driver.dead_letters)
