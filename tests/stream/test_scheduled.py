"""Scheduled results, round trips that no request began: contract sections 3.11 and 8 (Ends)."""

import pytest

from dcc_analytics.stream.events import ScheduledResult
from dcc_analytics.stream.outcomes import RecordClass
from tests.desk import DAY, DEVICE, NOON, OTHER_DEVICE, OTHER_USER, USER, Desk, S


@pytest.fixture
def desk() -> Desk:
    return Desk()


def scheduled(desk: Desk, sent_at: int = NOON + 40 * S, *, device_failed: bool = False, **other: str) -> RecordClass:
    """Hand over a scheduled result planned for noon."""
    said = {"user": USER, "srv": "4.8.1", "device": DEVICE, "schedule_id": "7", "code": "I0", **other}
    return desk.matcher.scheduled(
        ScheduledResult(
            said["user"], "IS", said["srv"], said["device"], said["schedule_id"], NOON, sent_at, said["code"],
            device_failed=device_failed,
        ),
        sent_at,
    )  # fmt: skip


def test_a_scheduled_result_is_a_round_trip_of_its_own_from_planned_at(desk: Desk) -> None:
    assert scheduled(desk) == RecordClass.SCHEDULED
    assert [(True, 40 * S)] == [(each.succeeded, each.rtt_us) for each in desk.settled]


def test_scheduled_results_equal_in_user_device_schedule_srv_and_plan_are_one(desk: Desk) -> None:
    scheduled(desk)
    assert scheduled(desk, NOON + 90 * S, code="E20") == RecordClass.DUPLICATE_END
    assert ["success"] == desk.told()
    assert {"duplicate_ends": 1} == desk.counts


@pytest.mark.parametrize(
    "other", [{"user": OTHER_USER}, {"device": OTHER_DEVICE}, {"schedule_id": "8"}, {"srv": "4.8.2"}], ids=str
)
def test_scheduled_results_that_differ_in_one_of_these_are_two(desk: Desk, other: dict[str, str]) -> None:
    scheduled(desk)
    became = scheduled(desk, NOON + 40 * S, **other)  # type: ignore[arg-type]  # all of them texts
    assert became == RecordClass.SCHEDULED
    assert ["success", "success"] == desk.told()


@pytest.mark.parametrize(
    ("expected", "code", "device_failed"),
    [("success", "I0", False), ("success", "W110101", False), ("I0-DEVICE", "I0", True), ("E30", "E30", True)],
)
def test_a_scheduled_result_has_the_outcome_a_response_with_its_code_has(
    desk: Desk, *, expected: str, code: str, device_failed: bool
) -> None:
    scheduled(desk, code=code, device_failed=device_failed)
    assert [expected] == desk.told()


def test_a_scheduled_result_sent_before_its_plan_counts_and_has_a_negative_time(desk: Desk) -> None:
    scheduled(desk, NOON - S)
    assert [(True, -S)] == [(each.succeeded, each.rtt_us) for each in desk.settled]


def test_a_scheduled_result_is_not_open_before_or_after(desk: Desk) -> None:
    scheduled(desk)
    desk.clock(NOON + DAY)
    assert desk.at_snapshot(NOON + DAY) == []
    assert len(desk.settled) == 1
