"""What an end makes of its leg: contract sections 3.2, 3.3 and 8 (Ends)."""

import pytest

from dcc_analytics.stream.events import ResponseKind
from dcc_analytics.stream.legs import End, Outcome
from dcc_analytics.stream.outcomes import alert_outcome, instructions_outcome, response_outcome
from tests.desk import DAY, NOON, Desk, S


@pytest.mark.parametrize(
    ("succeeded", "reason", "warned", "code", "device_failed"),
    [
        (True, "", False, "I0", False),
        (True, "", False, "I99", False),
        (True, "", False, "IXYZ", False),
        (True, "", True, "W110101", False),
        (True, "", True, "W", False),
        (False, "I0-DEVICE", False, "I0", True),
        (False, "I0-DEVICE", False, "W110101", True),
        (False, "E20", False, "E20", False),
        (False, "E20", False, "E20", True),
        (False, "X1", False, "X1", False),
        (False, "i0", False, "i0", False),
        (False, "0", False, "0", False),
    ],
)
def test_class_i_is_success_w_success_with_a_warning_and_all_else_failure_with_the_code_as_reason(
    *, succeeded: bool, reason: str, warned: bool, code: str, device_failed: bool
) -> None:
    end = End("response", NOON, code, device_failed, untimed=False)
    assert Outcome(succeeded, reason, NOON, warned) == response_outcome(end)


def test_an_alert_is_a_failure_with_its_code_as_reason_and_no_success_for_one_that_begins_with_i() -> None:
    assert Outcome(succeeded=False, reason="IN13", ended_us=NOON) == alert_outcome(
        End("alert", NOON, "IN13", failed=True, untimed=False)
    )


def test_a_firmware_delivery_reported_as_a_success_is_one() -> None:
    assert Outcome(succeeded=True, reason="", ended_us=NOON) == alert_outcome(
        End("alert", NOON, "N60", failed=False, untimed=False)
    )


def test_instructions_end_at_the_greatest_instant_and_fail_if_any_did() -> None:
    done = {1: (NOON + 9, False, False), 2: (NOON + 4, False, False)}
    failed = {**done, 3: (NOON + 5, True, False)}
    assert Outcome(succeeded=True, reason="", ended_us=NOON + 9) == instructions_outcome(done)
    assert Outcome(succeeded=False, reason="8F67", ended_us=NOON + 9) == instructions_outcome(failed)


def test_a_clock_fault_in_one_instruction_is_a_clock_fault_of_the_leg() -> None:
    told = {1: (NOON + 9, False, False), 2: (NOON + 4, False, True)}
    assert instructions_outcome(told).untimed


@pytest.mark.parametrize(("untimed", "ahead"), [(False, DAY), (True, DAY + 1)])
@pytest.mark.parametrize("kind", ["response", "acknowledgement", "pre_command"])
def test_an_event_time_more_than_a_day_after_its_records_timestamp_is_a_clock_fault(
    kind: ResponseKind, *, untimed: bool, ahead: int
) -> None:
    desk = Desk()
    desk.request(variant=4 if kind == "pre_command" else 1)
    desk.response(at=NOON + 2 * DAY, code="E1", kind=kind, stamp=NOON + 2 * DAY - ahead)
    assert [untimed] == [each.outcome.untimed for each in desk.settled]


@pytest.mark.parametrize(("untimed", "ahead"), [(False, DAY), (True, DAY + 1)])
def test_an_alert_raised_more_than_a_day_after_its_records_timestamp_is_a_clock_fault(
    *, untimed: bool, ahead: int
) -> None:
    desk = Desk()
    desk.request()
    desk.alert(at=NOON + 2 * DAY, stamp=NOON + 2 * DAY - ahead)
    (outcome,) = (each[2] for each in desk.memory.unsettled(NOON, before_us=NOON + DAY))
    assert outcome is not None
    assert outcome.untimed is untimed


@pytest.mark.parametrize(("untimed", "ahead"), [(False, DAY), (True, DAY + 1)])
def test_a_request_more_than_a_day_after_its_records_timestamp_is_a_clock_fault(*, untimed: bool, ahead: int) -> None:
    desk = Desk()
    desk.request(stamp=NOON - ahead)
    desk.response(at=NOON + S)
    assert [untimed] == [each.leg.untimed for each in desk.settled]
