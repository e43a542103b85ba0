"""What opens a leg, what ends it, what is a repeat: contract sections 3.1, 3.2, 3.9, 3.10 and 8 (Ends)."""

from itertools import permutations

import pytest

from dcc_analytics.stream.events import ResponseKind
from dcc_analytics.stream.outcomes import RecordClass
from tests.desk import DAY, MIN, NOON, Desk, H, S, rid


@pytest.fixture
def desk() -> Desk:
    return Desk()


# -- 3.1: legs ---------------------------------------------------------------------------------------------


def test_the_two_legs_of_a_critical_request_are_two_round_trips_and_the_users_own_time_is_in_neither(
    desk: Desk,
) -> None:
    assert desk.request(srv="6.23", variant=4) == RecordClass.LEG_OPENED
    assert desk.response(at=NOON + 2 * S, kind="pre_command") == RecordClass.END
    assert desk.request(srv="6.23", variant=5, at=NOON + 50 * S) == RecordClass.LEG_OPENED
    assert desk.response(at=NOON + 57 * S) == RecordClass.END
    assert [(True, 2 * S), (False, 7 * S)] == [(each.leg.transform, each.rtt_us) for each in desk.settled]


@pytest.mark.parametrize("variant", [1, 2, 3, 5, 6, 7, 8])
def test_every_command_variant_but_4_opens_a_command_leg(desk: Desk, variant: int) -> None:
    desk.request(variant=variant)
    desk.response(at=NOON + S)
    assert [False] == [each.leg.transform for each in desk.settled]


def test_both_legs_of_one_request_id_may_be_open_at_once(desk: Desk) -> None:
    desk.request(variant=4)
    assert desk.request(variant=5, at=NOON + S) == RecordClass.LEG_OPENED
    assert [(f"{rid()}:T", "open"), (rid(), "open")] == desk.at_snapshot(NOON + S)


# -- 3.2: what ends a leg ----------------------------------------------------------------------------------


def test_a_pre_command_ends_transform_and_no_response_does(desk: Desk) -> None:
    desk.request(variant=4)
    assert desk.response(at=NOON + S) == RecordClass.WAITING
    assert [(f"{rid()}:T", "open")] == desk.at_snapshot(NOON + S)
    assert desk.response(at=NOON + 2 * S, kind="pre_command") == RecordClass.END


def test_a_pre_command_does_not_end_a_command_leg(desk: Desk) -> None:
    desk.request(variant=5)
    assert desk.response(at=NOON + S, kind="pre_command") == RecordClass.WAITING
    assert [(rid(), "open")] == desk.at_snapshot(NOON + S)


@pytest.mark.parametrize(
    ("expected", "kind", "code", "variant"),
    [
        (RecordClass.END, "response", "I0", 1),
        (RecordClass.END, "response", "E20", 1),
        (RecordClass.END, "response", "W110101", 1),
        (RecordClass.END, "acknowledgement", "E1", 1),
        (RecordClass.END, "acknowledgement", "E1", 8),
        (RecordClass.END, "acknowledgement", "I99", 8),
        (RecordClass.INTERIM, "acknowledgement", "I99", 1),
        (RecordClass.INTERIM, "acknowledgement", "I99", 5),
        (RecordClass.INTERIM, "acknowledgement", "I0", 8),
        (RecordClass.INTERIM, "acknowledgement", "W1", 1),
    ],
)
def test_an_acknowledgement_ends_a_leg_by_an_e_code_or_by_i99_for_a_non_device_request(
    desk: Desk, expected: RecordClass, kind: ResponseKind, code: str, variant: int
) -> None:
    desk.request(variant=variant)
    assert expected == desk.response(at=NOON + S, kind=kind, code=code)
    assert len(desk.settled) == (expected == RecordClass.END)


def test_an_acceptance_before_the_response_leaves_the_round_trip_time_to_the_response(desk: Desk) -> None:
    desk.request()
    assert desk.response(at=NOON + S, kind="acknowledgement", code="I99") == RecordClass.INTERIM
    assert desk.response(at=NOON + 9 * S) == RecordClass.END
    assert [9 * S] == [each.rtt_us for each in desk.settled]


def test_an_acceptance_read_after_the_response_is_interim_and_no_duplicate(desk: Desk) -> None:
    desk.request()
    desk.response(at=NOON + 9 * S)
    assert desk.response(at=NOON + S, kind="acknowledgement", code="I99") == RecordClass.INTERIM
    assert desk.counts == {}


def test_an_alert_that_names_the_request_fails_its_command_leg(desk: Desk) -> None:
    desk.request()
    assert desk.alert(at=NOON + H) == RecordClass.END
    assert [(rid(), "N12")] == desk.at_snapshot(NOON + H)


def test_an_alert_does_not_end_the_transform_leg_of_the_request_it_names(desk: Desk) -> None:
    desk.request(variant=4)
    assert desk.alert(at=NOON + H) == RecordClass.WAITING
    assert [(f"{rid()}:T", "open")] == desk.at_snapshot(NOON + H)


@pytest.mark.parametrize(
    ("kind", "code", "outcome"),
    [("response", "I0", "success"), ("response", "E30", "E30"), ("acknowledgement", "E5", "E5")],
)
def test_a_response_or_acknowledgement_beats_an_alert_whichever_is_read_first(
    kind: ResponseKind, code: str, outcome: str
) -> None:
    for response_first in (True, False):
        desk = Desk()
        desk.request()
        if response_first:
            desk.response(at=NOON + 2 * H, kind=kind, code=code)
            assert desk.alert(at=NOON + H) == RecordClass.DUPLICATE_END
        else:
            desk.alert(at=NOON + H)
            assert desk.response(at=NOON + 2 * H, kind=kind, code=code) == RecordClass.END
        assert [outcome] == desk.told()
        assert desk.at_snapshot(NOON + DAY) == []
        assert {"duplicate_ends": 1} == desk.counts


def test_all_orders_of_request_response_and_alert_give_the_same_round_trip_and_the_same_counts() -> None:
    for order in permutations(("request", "response", "alert")):
        desk = Desk()
        for message in order:
            if message == "request":
                desk.request()
            elif message == "response":
                desk.response(at=NOON + 30 * S)
            else:
                desk.alert(at=NOON + 20 * S)
        assert [(True, 30 * S)] == [(each.succeeded, each.rtt_us) for each in desk.settled], order
        assert {"duplicate_ends": 1} == desk.counts, order


def test_of_several_responses_the_first_in_the_log_wins_whatever_their_instants(desk: Desk) -> None:
    desk.request()
    assert desk.response(at=NOON + 9 * S, code="E20") == RecordClass.END
    assert desk.response(at=NOON + 5 * S, code="I0") == RecordClass.DUPLICATE_END
    assert desk.response(at=NOON + 9 * S, code="E20") == RecordClass.DUPLICATE_END
    assert ["E20"] == desk.told()
    assert {"duplicate_ends": 2} == desk.counts


def test_of_several_responses_that_waited_the_first_in_the_log_wins(desk: Desk) -> None:
    assert desk.response(at=NOON + 9 * S, code="E20") == RecordClass.WAITING
    assert desk.response(at=NOON + 5 * S, code="I0") == RecordClass.WAITING
    desk.request()
    assert ["E20"] == desk.told()
    assert {"duplicate_ends": 1} == desk.counts


def test_of_several_alerts_the_first_in_the_log_wins(desk: Desk) -> None:
    desk.request()
    assert desk.alert(at=NOON + 2 * H, code="N13") == RecordClass.END
    assert desk.alert(at=NOON + H, code="N12") == RecordClass.DUPLICATE_END
    assert [(rid(), "N13")] == desk.at_snapshot(NOON + DAY)
    assert {"duplicate_ends": 1} == desk.counts


@pytest.mark.parametrize(("delivery", "outcome"), [(True, "success"), (False, "N60"), (None, "N60")])
def test_a_firmware_delivery_status_ends_its_leg_by_its_result_any_other_alert_is_a_failure(
    desk: Desk, *, delivery: bool | None, outcome: str
) -> None:
    desk.request(srv="11.1")
    desk.alert(at=NOON + H, code="N60", delivery=delivery)
    assert [(rid(), outcome)] == desk.at_snapshot(NOON + H)


# -- 3.9: arrival order ------------------------------------------------------------------------------------


def test_a_response_read_before_its_request_waits_for_it(desk: Desk) -> None:
    assert desk.response(at=NOON + 4 * S) == RecordClass.WAITING
    assert desk.settled == []
    assert desk.request() == RecordClass.LEG_OPENED
    assert [4 * S] == [each.rtt_us for each in desk.settled]
    assert desk.counts == {}


def test_an_answer_waits_for_the_leg_it_belongs_to_and_not_for_the_other(desk: Desk) -> None:
    desk.response(at=NOON + S, kind="pre_command")
    desk.response(at=NOON + 60 * S)
    desk.request(variant=5, at=NOON + 50 * S)
    assert [(False, 10 * S)] == [(each.leg.transform, each.rtt_us) for each in desk.settled]
    desk.request(variant=4)
    assert [(False, 10 * S), (True, S)] == [(each.leg.transform, each.rtt_us) for each in desk.settled]


@pytest.mark.parametrize(("after_us", "matched"), [(7 * DAY - 1, 1), (7 * DAY, 0)])
def test_an_answer_waits_for_seven_days_of_the_clock(desk: Desk, after_us: int, matched: int) -> None:
    desk.response(at=NOON)
    desk.clock(NOON + after_us)
    desk.request(at=NOON - S)
    assert matched == len(desk.settled)
    assert desk.counts["unmatched_responses"] == 1 - matched


def test_an_alert_that_waited_seven_days_is_an_orphan_and_no_unmatched_response(desk: Desk) -> None:
    desk.alert(at=NOON)
    desk.clock(NOON + 7 * DAY)
    assert {"orphans": 1} == desk.counts


# -- 3.10: repeats -----------------------------------------------------------------------------------------


def test_an_equal_request_while_the_leg_is_open_is_dropped(desk: Desk) -> None:
    desk.request()
    assert desk.request(at=NOON + 3 * H) == RecordClass.DUPLICATE_REQUEST
    desk.response(at=NOON + 3 * H + S)
    assert [3 * H + S] == [each.rtt_us for each in desk.settled]


@pytest.mark.parametrize(
    ("expected", "after_us"),
    [
        (RecordClass.DUPLICATE_REQUEST, -S),
        (RecordClass.DUPLICATE_REQUEST, 0),
        (RecordClass.DUPLICATE_REQUEST, 10 * MIN),
        (RecordClass.DUPLICATE_REQUEST, DAY),
        (RecordClass.LEG_OPENED, DAY + 1),
    ],
)
def test_an_equal_request_is_a_repeat_until_a_day_after_the_response_inclusive(
    desk: Desk, expected: RecordClass, after_us: int
) -> None:
    """The contract asks for ten minutes and leaves open what a later repeat is."""
    desk.request()
    end = NOON + H
    desk.response(at=end)
    assert expected == desk.request(at=end + after_us)


def test_an_alert_closes_no_leg_for_repeats(desk: Desk) -> None:
    desk.request()
    desk.alert(at=NOON + H)
    assert desk.request(at=NOON + 3 * DAY) == RecordClass.DUPLICATE_REQUEST


def test_the_day_runs_to_the_repeats_own_receipt_however_late_it_is_read(desk: Desk) -> None:
    desk.request()
    desk.response(at=NOON + S)
    desk.clock(NOON + 20 * MIN)
    assert desk.request(at=NOON + 2 * S, stamp=NOON + 20 * MIN) == RecordClass.DUPLICATE_REQUEST


def test_the_legs_of_one_request_are_no_repeats_of_each_other(desk: Desk) -> None:
    desk.request(variant=4)
    desk.response(at=NOON + S, kind="pre_command")
    assert desk.request(variant=5, at=NOON + 2 * S) == RecordClass.LEG_OPENED
    assert desk.request(variant=4, at=NOON + 3 * S) == RecordClass.DUPLICATE_REQUEST


def test_an_equal_request_long_after_the_end_is_the_same_whichever_is_read_first() -> None:
    """The end may come by ``strays`` from a shard that is behind; two requests, one answer, an hour apart."""
    legs = set()
    for repeat_first in (True, False):
        desk = Desk()
        desk.request()
        if repeat_first:
            desk.request(at=NOON + H)
        desk.response(at=NOON + S)
        if not repeat_first:
            desk.request(at=NOON + H)
        legs.add(len(desk.settled) + len(desk.at_snapshot(NOON + H)))
    assert 1 == len(legs)


@pytest.mark.parametrize(
    ("repeats", "between_us"), [(True, 10 * MIN), (True, -10 * MIN), (False, 10 * MIN + 1), (False, -10 * MIN - 1)]
)
def test_an_alert_seen_again_within_ten_minutes_inclusive_is_a_repeat(
    desk: Desk, *, repeats: bool, between_us: int
) -> None:
    assert not desk.matcher.repeats_alert(desk.an_alert(at=NOON), NOON)
    assert repeats == desk.matcher.repeats_alert(desk.an_alert(at=NOON + between_us), NOON + H)


def test_repeats_of_an_alert_are_counted_from_the_last_one_kept(desk: Desk) -> None:
    """At 0, 8 and 16 minutes: the second is a repeat of the first, the third of neither."""
    seen = [desk.matcher.repeats_alert(desk.an_alert(at=NOON + after * MIN), NOON) for after in (0, 8, 16, 25)]
    assert [False, True, False, True] == seen


def test_alerts_of_different_ids_are_no_repeats(desk: Desk) -> None:
    assert not desk.matcher.repeats_alert(desk.an_alert(at=NOON), NOON)
    assert not desk.matcher.repeats_alert(desk.an_alert(at=NOON, alert_id="a-2"), NOON)
