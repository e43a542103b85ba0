"""Cancellation of future dated requests: contract sections 3.12 and 8 (Ends)."""

from itertools import permutations

import pytest

from dcc_analytics.stream.outcomes import RecordClass
from tests.desk import DAY, DEVICE, MIN, NOON, OTHER_DEVICE, OTHER_USER, USER, Desk, H, S, rid

EXECUTION = NOON + 2 * DAY
YEAR_3000 = NOON + 974 * 365 * DAY
#: Half an hour after the last of a leg is read no earlier cancellation can still be on its way.
LATER = EXECUTION + 5 * DAY

ANY_ORDER = pytest.mark.parametrize("order", list(permutations(("alert", "cancellation", "response"))), ids=str)


@pytest.fixture
def desk() -> Desk:
    """Return a desk with a request received at noon, to be executed in two days."""
    desk = Desk()
    desk.request(srv="1.1.1", variant=5, execute_at=EXECUTION)
    return desk


def cancel(
    desk: Desk, *, at: int, number: int = 99, srv: str = "1.1.1", user: str = USER, target: str = DEVICE
) -> RecordClass:
    """Hand over a request that cancels."""
    return desk.request(number, at=at, srv=srv, variant=5, execute_at=YEAR_3000, cancels=True, user=user, target=target)


def hand_over(desk: Desk, order: tuple[str, ...], *, alert: int, cancellation: int, response: int) -> None:
    """Hand over an Alert, a cancellation and a response that fails, each of its instant, in this order."""
    messages = {
        "alert": lambda: desk.alert(at=alert),
        "cancellation": lambda: cancel(desk, at=cancellation),
        "response": lambda: desk.response(at=response, code="E20"),
    }
    for message in order:
        messages[message]()


def outcomes(desk: Desk) -> dict[str, str]:
    """Return the outcome of each round trip once everything is definite; what is withdrawn is missing."""
    desk.clock(LATER)
    settled = {each.key: "success" if each.succeeded else each.reason for each in desk.settled}
    return settled | dict(desk.at_snapshot(LATER))


def test_a_cancellation_ends_the_earlier_leg_without_a_round_trip_and_is_none_itself(desk: Desk) -> None:
    assert cancel(desk, at=NOON + H) == RecordClass.CANCELLATION
    assert outcomes(desk) == {}
    assert desk.at_snapshot(LATER) == []


def test_neither_leg_of_a_cancellation_is_a_request(desk: Desk) -> None:
    transform = desk.request(99, at=NOON + H, srv="1.1.1", variant=4, execute_at=YEAR_3000, cancels=True)
    assert transform == RecordClass.CANCELLATION
    assert desk.response(99, at=NOON + H + S, kind="pre_command") == RecordClass.INTERIM
    assert cancel(desk, at=NOON + H + MIN) == RecordClass.CANCELLATION
    assert desk.response(99, at=NOON + H + MIN + S) == RecordClass.INTERIM
    assert outcomes(desk) == {}
    assert desk.counts == {"cancelled": 1}


def test_a_response_to_a_cancellation_read_before_it_is_not_unmatched(desk: Desk) -> None:
    desk.response(99, at=NOON + H + S)
    cancel(desk, at=NOON + H)
    desk.clock(NOON + 9 * DAY)
    assert desk.counts == {"cancelled": 1}


@pytest.mark.parametrize(
    ("srv", "user", "target"),
    [("1.2.1", USER, DEVICE), ("1.1.1", OTHER_USER, DEVICE), ("1.1.1", USER, OTHER_DEVICE)],
)
def test_a_cancellation_withdraws_only_what_has_its_originator_target_and_srv(
    desk: Desk, srv: str, user: str, target: str
) -> None:
    cancel(desk, at=NOON + H, srv=srv, user=user, target=target)
    assert {rid(): "NO-RESPONSE"} == outcomes(desk)


def test_a_cancellation_withdraws_no_request_that_is_not_future_dated() -> None:
    desk = Desk()
    desk.request(srv="1.1.1", variant=5)
    cancel(desk, at=NOON + H)
    assert {rid(): "NO-RESPONSE"} == outcomes(desk)


def test_a_cancellation_withdraws_the_newest_request_received_before_it(desk: Desk) -> None:
    desk.request(2, at=NOON + H, srv="1.1.1", variant=5, execute_at=EXECUTION)
    cancel(desk, at=NOON + 2 * H)
    desk.request(3, at=NOON + 3 * H, srv="1.1.1", variant=5, execute_at=EXECUTION)
    assert {rid(1): "NO-RESPONSE", rid(3): "NO-RESPONSE"} == outcomes(desk)


@pytest.mark.parametrize("after", [0, H])
def test_a_cancellation_does_not_withdraw_what_was_received_with_or_after_it_and_read_before_it(
    desk: Desk, after: int
) -> None:
    desk.request(2, at=NOON + 2 * H + after, srv="1.1.1", variant=5, execute_at=EXECUTION)
    cancel(desk, at=NOON + 2 * H)
    assert {rid(2): "NO-RESPONSE"} == outcomes(desk)


def test_what_is_withdrawn_is_no_round_trip_from_then_on(desk: Desk) -> None:
    cancel(desk, at=NOON + H)
    assert desk.at_snapshot(NOON + H) == []


def test_two_cancellations_withdraw_two_requests(desk: Desk) -> None:
    desk.request(2, at=NOON + H, srv="1.1.1", variant=5, execute_at=EXECUTION)
    cancel(desk, at=NOON + 2 * H)
    cancel(desk, at=NOON + 3 * H, number=98)
    assert outcomes(desk) == {}


def test_a_cancellation_told_again_withdraws_nothing_more(desk: Desk) -> None:
    desk.request(2, at=NOON + H, srv="1.1.1", variant=5, execute_at=EXECUTION)
    cancel(desk, at=NOON + 2 * H)
    assert cancel(desk, at=NOON + 2 * H) == RecordClass.DUPLICATE_REQUEST
    assert {rid(1): "NO-RESPONSE"} == outcomes(desk)


def end_and_cancel(desk: Desk, *, end_first: bool, ended_at: int, cancelled_at: int, number: int) -> None:
    """Hand over the end of a request and a cancellation, in the order in which they are read."""
    if end_first:
        desk.instruction(1, 1, at=ended_at, of=number)
    cancel(desk, at=cancelled_at)
    if not end_first:
        desk.instruction(1, 1, at=ended_at, of=number)


@pytest.mark.parametrize("end_first", [True, False], ids=["end read first", "cancellation read first"])
@pytest.mark.parametrize(
    ("expected", "cancelled_us"),
    [({rid(): "success"}, 5 * S), ({rid(): "success"}, 5 * S + 1), ({}, 5 * S - 1)],
    ids=["cancelled at its end", "cancelled after its end", "cancelled before its end"],
)
def test_what_had_ended_by_the_cancellation_stays_whichever_is_read_first(
    desk: Desk, *, expected: dict[str, str], cancelled_us: int, end_first: bool
) -> None:
    """The request ended five seconds after its execution."""
    end_and_cancel(
        desk, end_first=end_first, ended_at=EXECUTION + 5 * S, cancelled_at=EXECUTION + cancelled_us, number=1
    )
    assert expected == outcomes(desk)


@pytest.mark.parametrize("end_first", [True, False], ids=["end read first", "cancellation read first"])
def test_the_newest_request_not_ended_by_then_is_withdrawn_whichever_is_read_first(
    desk: Desk, *, end_first: bool
) -> None:
    """The newer request had ended when it was cancelled, so the older one is what the cancellation means."""
    desk.request(2, at=NOON + H, srv="1.1.1", variant=5, execute_at=EXECUTION)
    end_and_cancel(desk, end_first=end_first, ended_at=EXECUTION + S, cancelled_at=EXECUTION + 9 * S, number=2)
    assert {rid(2): "success"} == outcomes(desk)


@pytest.mark.parametrize("alert_first", [True, False], ids=["Alert read first", "cancellation read first"])
def test_what_an_alert_had_ended_by_the_cancellation_stays_whichever_is_read_first(
    desk: Desk, *, alert_first: bool
) -> None:
    """An Alert that names the request is an end (3.2), so the leg had "ended by then" (section 8, Ends)."""
    if alert_first:
        desk.alert(at=NOON + H)
    cancel(desk, at=NOON + 2 * H)
    if not alert_first:
        desk.alert(at=NOON + H)
    assert {rid(): "N12"} == outcomes(desk)


def test_an_alert_after_the_cancellation_fails_nothing(desk: Desk) -> None:
    cancel(desk, at=NOON + H)
    desk.alert(at=NOON + 2 * H)
    assert outcomes(desk) == {}


# -- an Alert's end, a response that beats it, and a cancellation between ----------------------------------


@ANY_ORDER
def test_a_response_that_beats_the_alert_after_the_cancellation_leaves_the_leg_withdrawn(
    desk: Desk, order: tuple[str, ...]
) -> None:
    """Alert at one, cancellation at two, response at three: the leg ended at three, so it was cancelled before."""
    hand_over(desk, order, alert=NOON + H, cancellation=NOON + 2 * H, response=NOON + 3 * H)
    assert outcomes(desk) == {}


@ANY_ORDER
def test_a_response_that_beats_the_alert_and_comes_before_the_cancellation_counts(
    desk: Desk, order: tuple[str, ...]
) -> None:
    hand_over(desk, order, alert=NOON + 3 * H, cancellation=NOON + 2 * H, response=NOON + H)
    assert {rid(): "E20"} == outcomes(desk)


@ANY_ORDER
def test_what_an_alert_passed_on_to_an_older_request_comes_back_with_the_response(
    desk: Desk, order: tuple[str, ...]
) -> None:
    """Two requests; the newer was ended by an Alert at one, cancelled at two, and by a response at three after all."""
    desk.request(2, at=NOON + 10 * MIN, srv="1.1.1", variant=5, execute_at=EXECUTION)
    for message in order:
        if message == "alert":
            desk.alert(2, at=NOON + H)
        elif message == "cancellation":
            cancel(desk, at=NOON + 2 * H)
        else:
            desk.response(2, at=NOON + 3 * H, code="E20")
    assert {rid(1): "NO-RESPONSE"} == outcomes(desk)


@pytest.mark.parametrize("order", list(permutations(("alert", "first", "second"))), ids=str)
def test_two_cancellations_and_an_alert_withdraw_one_request_whatever_is_read_first(
    desk: Desk, order: tuple[str, ...]
) -> None:
    """Two requests, the newer ended by an Alert at one: cancellations at two and three find only the older."""
    desk.request(2, at=NOON + 10 * MIN, srv="1.1.1", variant=5, execute_at=EXECUTION)
    for message in order:
        if message == "alert":
            desk.alert(2, at=NOON + H)
        else:
            cancel(desk, at=NOON + (2 if message == "first" else 3) * H, number=90 + len(message))
    assert {rid(2): "N12"} == outcomes(desk)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))), ids=str)
def test_ends_and_two_cancellations_withdraw_the_same_whatever_is_read_first(
    desk: Desk, order: tuple[int, ...]
) -> None:
    """Three requests received at 0, 10, 20 minutes; the newest refused at one o'clock, cancelled at two and at three.

    The cancellation at two withdraws the second, that at three the first.
    """
    for number in (2, 3):
        desk.request(number, at=NOON + (number - 1) * 10 * MIN, srv="1.1.1", variant=5, execute_at=EXECUTION)
    for message in order:
        if message == 1:
            desk.response(3, at=NOON + H, code="E20")
        else:
            cancel(desk, at=NOON + message * H, number=90 + message)
    assert {rid(3): "E20"} == outcomes(desk)


def test_a_request_read_after_its_cancellation_as_a_stray_may_be_is_withdrawn_too() -> None:
    desk = Desk()
    cancel(desk, at=NOON + H)
    desk.request(srv="1.1.1", variant=5, execute_at=EXECUTION, stamp=NOON + H)
    assert outcomes(desk) == {}
