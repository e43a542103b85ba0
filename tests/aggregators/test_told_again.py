"""What is told again is a repeat by its timestamp alone: how much is read at a time changes nothing (decision 10)."""

import pytest

from dcc_analytics.stream.outcomes import RecordClass
from tests.desk import DAY, DEVICE, MIN, NOON, USER, H, S, rid
from tests.records import text
from tests.story import Story, at

#: Timestamps after the first, and whether a record told then is a repeat of it.
LATER = [(31 * MIN, True), (23 * H, True), (DAY + H, True), (DAY + H + S, False), (50 * H, False)]
FETCHES = pytest.mark.parametrize("fetch", [1, 20, 500])

REQUEST = text({
    "request_id": rid(1), "received_at": at(NOON), "srv": "4.8.1", "command_variant": 1, "role": "IS",
    "device": DEVICE,
})  # fmt: skip
RESPONSE = text({"request_id": rid(1), "sent_at": at(NOON + S), "code": "I0"})
SCHEDULED = text({
    "kind": "scheduled", "user": USER, "srv": "4.8.1", "device": DEVICE, "planned_at": at(NOON),
    "sent_at": at(NOON + S), "code": "I0",
})  # fmt: skip
ALERT = text({
    "alert_id": "told-twice", "kind": "dcc", "code": "N13", "recipient": USER, "role": "IS", "device": DEVICE,
    "raised_at": at(NOON), "ended_at": at(NOON + S), "outcome": "delivered",
})  # fmt: skip


def told_again(topic: str, value: bytes, later_us: int, *, fetch: int) -> int:
    """Return how many repeats are found where a record is told again so much later, amid traffic."""
    story = Story()
    story.tell("service-requests", REQUEST, NOON, subject=DEVICE)
    story.tell("service-responses", RESPONSE, NOON + S, subject=DEVICE)
    if value not in {REQUEST, RESPONSE}:
        story.tell(topic, value, NOON + S, subject=DEVICE)
    for number in range(later_us // (5 * MIN)):
        story.alert(f"before-{number}", raised=NOON + number * 5 * MIN)
    story.tell(topic, value, NOON + S + later_us, subject=DEVICE)
    for number in range(100):
        story.alert(f"after-{number}", raised=NOON + later_us + number * 5 * MIN)
    story.run(fetch=fetch)
    repeats = {RecordClass.DUPLICATE_REQUEST, RecordClass.DUPLICATE_END, RecordClass.DUPLICATE_ALERT}
    return sum(count for name, count in story.classes().items() if name in repeats)


@FETCHES
@pytest.mark.parametrize(("later_us", "repeat"), LATER)
@pytest.mark.parametrize(
    ("topic", "value"),
    [
        ("service-requests", REQUEST),
        ("service-responses", RESPONSE),
        ("service-responses", SCHEDULED),
        ("alerts", ALERT),
    ],
    ids=["request", "response", "scheduled", "alert"],
)
def test_a_record_told_again_is_a_repeat_for_a_day_and_an_hour_by_its_timestamp(
    topic: str, value: bytes, later_us: int, *, repeat: bool, fetch: int
) -> None:
    assert repeat == told_again(topic, value, later_us, fetch=fetch)
