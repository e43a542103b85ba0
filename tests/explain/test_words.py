"""What a record is said to have done, each in a log of a few records."""

from datetime import UTC, datetime, timedelta

import pytest

from dcc_analytics.explain.choose import RoundTrip
from dcc_analytics.explain.telling import leg_records, outcome_in_words
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.stream.home import partition_of
from tests.driver import Driver
from tests.explain.sample_month import Everything, folded_of
from tests.records import ALERT, DEVICE, NOON_US, REQUEST, RESPONSE, RID, SCHEDULED, Fields, text

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
FULL = {"device": DEVICE}


def at(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat()


def told(
    *records: tuple[str, Fields, float], partitions: int = 1, key: str = DEVICE, clock_us: int = NOON_US
) -> tuple[str, list[str]]:
    """Return how the one round trip of a log ended, and what each record about it did."""
    driver = Driver(partitions)
    for topic, fields, seconds in records:
        driver.publish(topic, key.encode(), text(fields), int((NOON_US / 1e6 + seconds) * 1000))
    driver.run(10)
    stories = folded_of(driver, Everything(), clock_us, directory=Directory([])).stories
    story = next(each for each in stories if each.key == RID or RID not in each.key)
    seen = story.seen
    assert seen is not None
    trip = RoundTrip(story, seen, Member("A", "IS"), seen.flags)
    return outcome_in_words(trip), [each.did for each in leg_records(story)]


ASKED = ("service-requests", REQUEST | FULL, 0.0)
ANSWERED = ("service-responses", RESPONSE | FULL | {"sent_at": at(3)}, 3.0)
#: Brings the clock of its topic on, so that what follows in it is read in its turn.
OTHER_ANSWER = ("service-responses", RESPONSE | FULL | {"request_id": f"{RID}0"}, 0.0)
OTHER_REQUEST = ("service-requests", REQUEST | FULL | {"request_id": f"{RID}1"}, 0.0)
ANSWERED_LATER = ("service-responses", RESPONSE | FULL | {"sent_at": at(3600)}, 3600.0)
FAILED = ("alerts", ALERT | FULL | {"code": "N12", "request_id": RID, "raised_at": at(1), "ended_at": at(2)}, 2.0)


@pytest.mark.parametrize(
    ("records", "outcome", "did"),
    [
        ((ASKED,), "open: within its time-out", ["opened the leg"]),
        ((ASKED, ANSWERED), "success", ["opened the leg", "ended it: success (I0)"]),
        (
            (ASKED, ANSWERED, ANSWERED),
            "success",
            ["opened the leg", "ended it: success (I0)", "duplicate (I0)"],
        ),
        (
            (ASKED, ASKED, ANSWERED),
            "success",
            ["opened the leg", "ended it: success (I0)", "duplicate: the leg was there before"],
        ),
        (
            (ASKED, ("service-responses", RESPONSE | FULL | {"kind": "acknowledgement", "code": "I99"}, 0.0), ANSWERED),
            "success",
            ["opened the leg", "accepted, noted (I99)", "ended it: success (I0)"],
        ),
        (
            (ASKED, ("service-responses", RESPONSE | FULL | {"code": "E20"}, 1.0)),
            "failure E20",
            ["opened the leg", "ended it: failure (E20)"],
        ),
        ((ASKED, FAILED), "failure N12", ["opened the leg", "ended it by Alert N12: failure"]),
        (
            (ASKED, FAILED, FAILED),
            "failure N12",
            ["opened the leg", "ended it by Alert N12: failure", "duplicate of an Alert"],
        ),
        (
            (ASKED, OTHER_ANSWER, FAILED, ANSWERED_LATER),
            "success",
            [
                "opened the leg",
                "ended it by Alert N12: failure (taken back by service-responses 0 @ 1)",
                "ended it: success (I0)",
            ],
        ),
        (
            (("service-responses", SCHEDULED | FULL | {"schedule_id": "s"}, 0.0),),
            "success",
            ["scheduled result (I0)"],
        ),
    ],
)
def test_each_record_is_told_with_what_it_did(
    records: tuple[tuple[str, Fields, float], ...], outcome: str, did: list[str]
) -> None:
    assert (outcome, did) == told(*records)


def test_a_response_read_before_its_request_is_said_to_have_waited() -> None:
    late = ("service-requests", REQUEST | FULL | {"received_at": at(3600)}, 3600.0)
    outcome, did = told(OTHER_REQUEST, ("service-responses", RESPONSE | FULL | {"sent_at": at(3601)}, 1.0), late)
    assert "success" == outcome
    assert {"opened the leg", "waited for its request, then ended it: success (I0)"} == set(did)


def test_an_unanswered_leg_says_how_long_was_waited() -> None:
    outcome, _ = told(ASKED, clock_us=NOON_US + 10 * 86_400_000_000)
    assert "failure NO-RESPONSE: the stream's clock passed its start by more than 24 h" == outcome


def test_a_record_passed_on_stands_where_the_feed_put_it_and_where_it_was_passed_on() -> None:
    driver = Driver(4)
    home = partition_of(DEVICE, 4)
    driver.publish("service-requests", DEVICE.lower().encode(), text(ASKED[1]), NOON_US // 1000)
    away = partition_of(DEVICE.lower(), 4)
    assert away != home
    driver.run(10)
    stories = folded_of(driver, Everything(), NOON_US, directory=Directory([])).stories
    assert [("service-requests", away, 0, (home, 0))] == [note.position for note in stories[0].notes]
