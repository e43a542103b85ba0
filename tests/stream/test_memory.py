"""What is remembered, and until when: contract sections 3.7, 3.9, 3.13 and 8 (Ends)."""

from datetime import UTC, datetime

import pytest

from dcc_analytics.stream.events import Parameters
from dcc_analytics.stream.instants import instant_us
from dcc_analytics.stream.outcomes import RecordClass
from tests.desk import DAY, MIN, NOON, Desk, H, S, rid

#: October 2026 ends after 26 and a half days from noon of the fifth, and is final eight days later.
MONTH_END = NOON + 26 * DAY + 12 * H
FINAL = MONTH_END + 8 * DAY


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_month_of_these_tests_ends_where_it_says() -> None:
    assert instant_us(datetime(2026, 11, 1, tzinfo=UTC)) == MONTH_END


# -- 3.7: time-out -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("srv", "time_out"), [("4.8.1", DAY), ("99.9", DAY), ("11.1", 5 * DAY), ("11.3", 5 * DAY)])
def test_a_leg_is_open_until_the_clock_is_past_its_time_out_and_then_has_no_response(
    desk: Desk, srv: str, time_out: int
) -> None:
    desk.request(srv=srv)
    assert [(rid(), "open")] == desk.at_snapshot(NOON + time_out)
    assert [(rid(), "NO-RESPONSE")] == desk.at_snapshot(NOON + time_out + 1)


def test_a_transform_leg_times_out_like_a_command_leg(desk: Desk) -> None:
    desk.request(variant=4)
    assert [(f"{rid()}:T", "NO-RESPONSE")] == desk.at_snapshot(NOON + DAY + 1)


def test_the_time_out_of_a_future_dated_leg_runs_from_its_execution(desk: Desk) -> None:
    desk.request(execute_at=NOON + 3 * DAY)
    assert [(rid(), "open")] == desk.at_snapshot(NOON + 4 * DAY)
    assert [(rid(), "NO-RESPONSE")] == desk.at_snapshot(NOON + 4 * DAY + 1)


def test_an_answer_later_than_the_time_out_still_ends_the_leg_with_its_own_code(desk: Desk) -> None:
    desk.request()
    desk.clock(NOON + 3 * DAY)
    assert desk.response(at=NOON + 3 * DAY, code="W110101") == RecordClass.END
    assert [(True, True, 3 * DAY)] == [(each.succeeded, each.warned, each.rtt_us) for each in desk.settled]
    assert desk.at_snapshot(NOON + 4 * DAY) == []


def test_an_acceptance_does_not_keep_a_leg_from_timing_out(desk: Desk) -> None:
    desk.request()
    desk.response(at=NOON + S, code="I99", kind="acknowledgement")
    assert [(rid(), "NO-RESPONSE")] == desk.at_snapshot(NOON + DAY + 1)


# -- section 8, Ends: until the month is final -------------------------------------------------------------


def close(desk: Desk) -> None:
    """Settle October for good, well after it became final."""
    desk.clock(FINAL + DAY)
    desk.matcher.close_months(FINAL + DAY, MONTH_END)


def test_a_leg_without_response_is_settled_for_good_when_its_month_is_final(desk: Desk) -> None:
    desk.request()
    close(desk)
    assert [("NO-RESPONSE", None)] == [(each.reason, each.rtt_us) for each in desk.settled]
    assert desk.at_snapshot(FINAL + DAY) == []


def test_a_leg_an_alert_ended_is_settled_by_the_alert_when_its_month_is_final(desk: Desk) -> None:
    desk.request()
    desk.alert(at=NOON + H, code="N13")
    close(desk)
    assert ["N13"] == desk.told()


def test_a_leg_of_the_next_month_is_not_settled_with_this_one(desk: Desk) -> None:
    desk.request(at=MONTH_END)
    desk.request(2, at=MONTH_END - 1)
    close(desk)
    assert [rid(2)] == [each.key for each in desk.settled]


def test_a_future_dated_leg_belongs_to_the_month_of_its_execution(desk: Desk) -> None:
    desk.request(execute_at=MONTH_END)
    close(desk)
    assert desk.settled == []
    assert [rid()] == [key for key, _ in desk.at_snapshot(FINAL + DAY)]


@pytest.mark.parametrize(
    ("expected", "sent_at"),
    [(RecordClass.END, FINAL - 1), (RecordClass.LATE, FINAL), (RecordClass.LATE, FINAL + 3 * DAY)],
)
def test_an_end_sent_when_the_month_was_final_is_late_settled_already_or_not(
    desk: Desk, expected: RecordClass, sent_at: int
) -> None:
    desk.request()
    assert expected == desk.response(at=sent_at)


def test_an_end_after_the_month_was_settled_is_late_and_changes_nothing(desk: Desk) -> None:
    desk.request()
    close(desk)
    assert desk.response(at=NOON + S, stamp=FINAL + 2 * DAY) == RecordClass.LATE
    assert desk.response(at=FINAL + 2 * DAY) == RecordClass.LATE
    assert desk.alert(at=FINAL + 2 * DAY) == RecordClass.LATE
    assert ["NO-RESPONSE"] == desk.told()
    assert desk.counts == {}


def test_a_clock_fault_in_an_end_does_not_make_it_late(desk: Desk) -> None:
    desk.request()
    assert desk.response(at=FINAL + DAY, stamp=NOON + S) == RecordClass.END
    assert [True] == [each.outcome.untimed for each in desk.settled]


def test_a_leg_of_a_settled_month_is_forgotten_after_two_months(desk: Desk) -> None:
    desk.request()
    close(desk)
    desk.clock(NOON + 62 * DAY)
    assert desk.response(at=NOON + 62 * DAY + S) == RecordClass.WAITING


# -- section 8, Ends: what is remembered -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "after"),
    [(RecordClass.DUPLICATE_END, 10 * MIN), (RecordClass.DUPLICATE_END, DAY), (RecordClass.WAITING, DAY + 1)],
)
def test_an_answered_leg_is_remembered_for_a_day_by_the_instants_of_its_ends(
    desk: Desk, expected: RecordClass, after: int
) -> None:
    desk.request()
    desk.response(at=NOON + S)
    desk.clock(NOON + S + after)
    assert expected == desk.response(at=NOON + S + after)


def test_a_second_answer_more_than_a_day_after_the_first_is_the_same_whatever_the_clock() -> None:
    """Instants decide how long an answered leg is remembered, so that partitions and restarts do not."""
    became = set()
    for clock in (NOON + S, NOON + 2 * DAY):
        desk = Desk()
        desk.request()
        desk.response(at=NOON + S)
        desk.clock(clock)
        became.add(desk.response(at=NOON + DAY + 2 * S))
    assert 1 == len(became)


def test_a_firmware_request_is_remembered_for_the_weeks_in_which_its_hubs_report(desk: Desk) -> None:
    desk.request(srv="11.1")
    desk.response(at=NOON + S)
    desk.clock(NOON + 30 * DAY)
    assert desk.alert(at=NOON + 30 * DAY, code="N60", delivery=True) == RecordClass.DUPLICATE_END


def test_a_firmware_request_keeps_no_other_from_being_forgotten(desk: Desk) -> None:
    """An end of 11.1 is kept for forty days, the hundred ends after it for a day."""
    desk.request(0, srv="11.1")
    desk.response(0, at=NOON + S)
    for number in range(1, 101):
        desk.request(number)
        desk.response(number, at=NOON + S)
    desk.clock(NOON + 2 * DAY)
    assert [rid(0)] == list(desk.memory.ended)


def test_a_timestamp_years_ahead_keeps_nothing_else_from_being_forgotten(desk: Desk) -> None:
    desk.request(0, stamp=NOON + 5_000 * DAY)
    desk.response(0, at=NOON + S, stamp=NOON + 5_000 * DAY)
    desk.request(1)
    desk.response(1, at=NOON + S)
    desk.clock(NOON + 2 * DAY)
    assert [rid(0)] == list(desk.memory.ended)


def test_what_has_ended_is_held_no_longer(desk: Desk) -> None:
    for number in range(5):
        desk.request(number)
        desk.response(number, at=NOON + S)
    assert len(desk.memory.legs) == 0
    desk.clock(NOON + 2 * DAY)
    assert len(desk.memory.ended) == 0


def test_all_is_forgotten_in_the_end(desk: Desk) -> None:
    desk.request(1, variant=4, parameters=Parameters(payment_mode="credit"))
    desk.response(1, at=NOON + S, kind="pre_command")
    desk.request(2, execute_at=NOON + DAY)
    desk.request(3, variant=5, execute_at=NOON + 400_000 * DAY, cancels=True, at=NOON + H)
    desk.response(4, at=NOON)
    desk.matcher.repeats_alert(desk.an_alert(at=NOON), NOON)
    close(desk)
    desk.clock(NOON + 99 * DAY)
    maps = (desk.memory.legs, desk.memory.waiting, *desk.memory.forgetting)
    assert [0] * len(maps) == [len(each) for each in maps]


# -- section 8, At the snapshot: a Signed Pre-Command takes what it lacks from its first leg ---------------


def signed(desk: Desk, own: Parameters, *, variant: int = 5, after: int = MIN) -> Parameters:
    """Return the parameters a Signed Pre-Command is settled with."""
    desk.request(srv=BY_CREDENTIAL, variant=variant, at=NOON + after, parameters=own)
    desk.response(at=NOON + after + S)
    return desk.settled[-1].leg.parameters


#: Its process hangs on the kind of credential.
BY_CREDENTIAL = "6.15.2"
FIRST = Parameters("prepayment", "digital_signature", "supplier", 5, "AA", ("BB",))


@pytest.mark.parametrize("variant", [5, 6, 7])
def test_a_signed_pre_command_takes_the_parameters_it_lacks_from_its_first_leg(desk: Desk, variant: int) -> None:
    desk.request(srv=BY_CREDENTIAL, variant=4, parameters=FIRST)
    assert FIRST == signed(desk, Parameters(), variant=variant)


def test_a_signed_pre_command_without_execution_takes_that_of_its_first_leg(desk: Desk) -> None:
    for number, own in ((1, None), (2, NOON + 2 * DAY)):
        desk.request(number, variant=4, execute_at=NOON + DAY)
        desk.request(number, variant=5, at=NOON + MIN, execute_at=own)
    assert [NOON + DAY, NOON + 2 * DAY] == [desk.memory.legs.data[rid(number)].start_us for number in (1, 2)]
    desk.request(3, variant=8, execute_at=None)
    assert not desk.memory.legs.data[rid(3)].future_dated


def test_a_signed_pre_command_withdraws_what_its_first_leg_asks_to_be_withdrawn(desk: Desk) -> None:
    desk.request(1, execute_at=NOON + DAY)
    year_3000 = NOON + 400_000 * DAY
    assert RecordClass.CANCELLATION == desk.request(2, variant=4, at=NOON + H, execute_at=year_3000, cancels=True)
    assert RecordClass.CANCELLATION == desk.request(2, variant=5, at=NOON + H + MIN)
    desk.clock(NOON + 9 * DAY)
    assert {"cancelled": 1} == desk.counts


def test_a_user_may_take_weeks_to_sign(desk: Desk) -> None:
    desk.request(srv=BY_CREDENTIAL, variant=4, parameters=FIRST)
    desk.clock(NOON + 30 * DAY)
    assert FIRST == signed(desk, Parameters(), after=30 * DAY)


def test_a_signed_pre_command_keeps_the_parameters_it_has(desk: Desk) -> None:
    desk.request(srv=BY_CREDENTIAL, variant=4, parameters=FIRST)
    own = Parameters("credit", None, "network_operator", 0, None, ("CC",))
    expected = Parameters("credit", "digital_signature", "network_operator", 0, "AA", ("CC",))
    assert expected == signed(desk, own)


def test_a_request_without_first_leg_keeps_its_own(desk: Desk) -> None:
    desk.request(srv=BY_CREDENTIAL, variant=4, parameters=FIRST)
    desk.request(2, srv=BY_CREDENTIAL, variant=5)
    desk.response(2, at=NOON + S)
    desk.clock(NOON + H)
    assert Parameters() == desk.settled[-1].leg.parameters


def test_a_first_leg_read_after_the_signed_pre_command_still_gives_its_parameters(desk: Desk) -> None:
    desk.request(srv=BY_CREDENTIAL, variant=5, at=NOON + MIN)
    desk.request(srv=BY_CREDENTIAL, variant=4, parameters=FIRST)
    desk.response(at=NOON + MIN + S)
    assert FIRST == desk.settled[-1].leg.parameters


def test_a_first_leg_that_comes_as_a_stray_after_the_end_still_gives_its_parameters(desk: Desk) -> None:
    desk.request(srv=BY_CREDENTIAL, variant=5, at=NOON + MIN, parameters=Parameters(other_device="AA"))
    desk.response(at=NOON + MIN + S)
    assert desk.settled == []
    desk.request(srv=BY_CREDENTIAL, variant=4, parameters=FIRST)
    desk.clock(NOON + H)
    assert "digital_signature" == desk.settled[-1].leg.parameters.credential_type


# -- read back ---------------------------------------------------------------------------------------------


def restored(desk: Desk, clock: int) -> Desk:
    """Return another desk with what the ledger would bring back."""
    other = Desk()
    ours = (desk.memory.legs, desk.memory.waiting, *desk.memory.forgetting)
    theirs = (other.memory.legs, other.memory.waiting, *other.memory.forgetting)
    for mine, its in zip(ours, theirs, strict=True):
        puts, drops = mine.cut()  # type: ignore[attr-defined]
        its.apply(puts, drops)  # type: ignore[attr-defined]
    other.memory.restore(clock)
    return other


def test_a_memory_read_back_goes_on_as_the_one_that_was_lost(desk: Desk) -> None:
    desk.request(1, execute_at=NOON + DAY)
    desk.response(2, at=NOON + S)
    other = restored(desk, NOON)
    assert other.request(2) == RecordClass.LEG_OPENED
    assert [(2, True)] == [(int(each.key[-1]), each.succeeded) for each in other.settled]
    other.request(9, variant=5, execute_at=NOON + 400_000 * DAY, cancels=True, at=NOON + H)
    other.clock(NOON + 2 * H)
    assert other.at_snapshot(NOON + 9 * DAY) == []


def test_a_future_dated_end_read_back_is_settled_when_it_is_definite(desk: Desk) -> None:
    desk.request(execute_at=NOON + H)
    desk.instruction(1, 1, at=NOON + 2 * H)
    other = restored(desk, NOON + 2 * H)
    other.clock(NOON + 3 * H)
    assert [(True, H)] == [(each.succeeded, each.rtt_us) for each in other.settled]
