"""Future dated requests: contract sections 3.2, 3.4 and 8 (Time and place, Ends)."""

from itertools import permutations

import pytest

from dcc_analytics.stream.outcomes import RecordClass
from tests.desk import DAY, NOON, Desk, H, S, rid

EXECUTION = NOON + 2 * DAY
#: Half an hour after the last of a leg is read no earlier cancellation can still be on its way.
LATER = EXECUTION + 5 * DAY


@pytest.fixture
def desk() -> Desk:
    """Return a desk with a request received at noon, to be executed in two days."""
    desk = Desk()
    desk.request(srv="1.1.1", variant=5, execute_at=EXECUTION)
    return desk


# -- instructions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))), ids=str)
def test_the_last_outstanding_instruction_ends_the_leg_and_its_end_is_the_greatest_instant(
    desk: Desk, order: tuple[int, ...]
) -> None:
    """Instructions 1, 2 and 3 were sent 10, 30 and 20 s after execution: the time is 30 s in every order read."""
    sent = {1: 10 * S, 2: 30 * S, 3: 20 * S}
    became = [desk.instruction(each, 3, at=EXECUTION + sent[each]) for each in order]
    assert [RecordClass.INTERIM, RecordClass.INTERIM, RecordClass.END] == became
    desk.clock(LATER)
    assert [(True, 30 * S)] == [(each.succeeded, each.rtt_us) for each in desk.settled]


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1)], ids=str)
def test_the_leg_has_failed_with_8f67_if_any_instruction_has(desk: Desk, failing: int, order: tuple[int, ...]) -> None:
    for each in order:
        desk.instruction(each, 3, at=EXECUTION + S, alert="8F67" if each == failing else "8F66")
    desk.clock(LATER)
    assert ["8F67"] == desk.told()


def test_a_single_instruction_ends_the_leg(desk: Desk) -> None:
    assert desk.instruction(1, 1, at=EXECUTION + S) == RecordClass.END
    desk.clock(LATER)
    assert ["success"] == desk.told()


def test_instructions_read_before_their_request_wait_for_it() -> None:
    desk = Desk()
    assert desk.instruction(2, 2, at=EXECUTION + 5 * S) == RecordClass.WAITING
    assert desk.instruction(1, 2, at=EXECUTION + 3 * S) == RecordClass.WAITING
    desk.request(srv="1.1.1", variant=5, execute_at=EXECUTION)
    desk.clock(LATER)
    assert [(True, 5 * S)] == [(each.succeeded, each.rtt_us) for each in desk.settled]


def test_with_an_instruction_missing_the_leg_is_open_for_a_day_and_then_has_no_response(desk: Desk) -> None:
    desk.instruction(1, 2, at=EXECUTION + S)
    assert [(rid(), "open")] == desk.at_snapshot(EXECUTION + 24 * H)
    assert [(rid(), "NO-RESPONSE")] == desk.at_snapshot(EXECUTION + 24 * H + 1)


def test_with_an_instruction_missing_a_failed_one_is_no_reason_either(desk: Desk) -> None:
    desk.instruction(1, 2, at=EXECUTION + S, alert="8F67")
    assert [(rid(), "NO-RESPONSE")] == desk.at_snapshot(EXECUTION + 2 * DAY)


def test_an_instruction_told_again_does_not_stand_for_the_missing_one(desk: Desk) -> None:
    desk.instruction(1, 2, at=EXECUTION + S)
    assert desk.instruction(1, 2, at=EXECUTION + 2 * S) == RecordClass.INTERIM
    assert [(rid(), "open")] == desk.at_snapshot(EXECUTION + H)
    assert desk.instruction(2, 2, at=EXECUTION + 3 * S) == RecordClass.END


def test_of_an_instruction_told_twice_the_first_in_the_log_counts(desk: Desk) -> None:
    desk.instruction(1, 2, at=EXECUTION + S)
    desk.instruction(1, 2, at=EXECUTION + 9 * S, alert="8F67")
    desk.instruction(2, 2, at=EXECUTION + 3 * S)
    assert desk.instruction(2, 2, at=EXECUTION + 8 * S) == RecordClass.INTERIM
    desk.clock(LATER)
    assert [(True, 3 * S)] == [(each.succeeded, each.rtt_us) for each in desk.settled]
    assert desk.counts == {}


def test_instructions_beat_an_alert_in_both_orders() -> None:
    for alert_first in (True, False):
        desk = Desk()
        desk.request(srv="1.1.1", variant=5, execute_at=EXECUTION)
        if alert_first:
            desk.alert(at=EXECUTION + H)
        desk.instruction(1, 1, at=EXECUTION + 2 * H)
        if not alert_first:
            desk.alert(at=EXECUTION + H)
        desk.clock(LATER)
        assert ["success"] == desk.told()
        assert {"duplicate_ends": 1} == desk.counts


# -- before execution --------------------------------------------------------------------------------------


@pytest.mark.parametrize("before_us", [1, DAY])
def test_a_class_i_response_before_execution_only_notes_acceptance(desk: Desk, before_us: int) -> None:
    assert desk.response(at=EXECUTION - before_us) == RecordClass.INTERIM
    assert desk.instruction(1, 1, at=EXECUTION + 4 * S) == RecordClass.END
    desk.clock(LATER)
    assert [(True, 4 * S)] == [(each.succeeded, each.rtt_us) for each in desk.settled]


@pytest.mark.parametrize("after_us", [0, 6 * S])
def test_a_class_i_response_at_execution_or_after_ends_the_leg(desk: Desk, after_us: int) -> None:
    assert desk.response(at=EXECUTION + after_us) == RecordClass.END
    desk.clock(LATER)
    assert [(True, after_us)] == [(each.succeeded, each.rtt_us) for each in desk.settled]


def test_a_refusal_before_execution_ends_the_leg_as_a_failure(desk: Desk) -> None:
    assert desk.response(at=NOON + S, code="E20") == RecordClass.END
    desk.clock(LATER)
    assert [("E20", NOON + S - EXECUTION)] == [(each.reason, each.rtt_us) for each in desk.settled]


def test_a_refusal_by_acknowledgement_before_execution_ends_the_leg_too(desk: Desk) -> None:
    assert desk.response(at=NOON + S, code="E5", kind="acknowledgement") == RecordClass.END
    desk.clock(LATER)
    assert ["E5"] == desk.told()


def test_a_w_response_before_execution_ends_the_leg(desk: Desk) -> None:
    assert desk.response(at=NOON + S, code="W110101") == RecordClass.END
    desk.clock(LATER)
    assert [(True, True, NOON + S - EXECUTION)] == [(each.succeeded, each.warned, each.rtt_us) for each in desk.settled]


def test_a_transform_leg_of_a_future_dated_request_runs_from_receipt() -> None:
    desk = Desk()
    desk.request(srv="1.1.1", variant=4, execute_at=EXECUTION)
    desk.response(at=NOON + 3 * S, kind="pre_command")
    assert [(True, 3 * S, NOON)] == [(each.succeeded, each.rtt_us, each.leg.start_us) for each in desk.settled]


def test_a_future_dated_request_takes_the_facts_of_its_execution() -> None:
    looked_up = []
    desk = Desk()
    desk.matcher._look_up = lambda leg: looked_up.append(leg.start_us)
    desk.request(srv="1.1.1", variant=5, execute_at=EXECUTION)
    assert looked_up == []
    desk.instruction(1, 1, at=EXECUTION + S)
    desk.clock(LATER)
    assert [EXECUTION] == looked_up
