"""The leg a Service Request opens: contract sections 3.1, 3.4, 3.6 and 8 (Time and place)."""

import pytest

from dcc_analytics.stream.events import NO_PARAMETERS, Parameters, Request
from dcc_analytics.stream.legs import FACTS_PENDING, Leg, leg_key, opened
from tests.desk import DAY, DEVICE, NOON, USER, rid


def request(variant: int = 1, execute_us: int | None = None, parameters: Parameters = NO_PARAMETERS) -> Request:
    return Request(rid(), NOON, "1.2.1", variant, "IS", DEVICE, execute_us, cancels=False, parameters=parameters)


def test_a_leg_is_what_its_request_says() -> None:
    parameters = Parameters(payment_mode="credit")
    expected = Leg(
        USER, "IS", "1.2.1", 1, transform=False, device=DEVICE, received_us=NOON, start_us=NOON, future_dated=False,
        untimed=False, parameters=parameters,
    )  # fmt: skip
    assert expected == opened(request(parameters=parameters), untimed=False)


@pytest.mark.parametrize(
    ("transform", "future_dated", "start_us", "variant", "execute_us"),
    [
        (False, False, NOON, 1, None),
        (False, True, NOON + DAY, 1, NOON + DAY),
        (False, True, NOON - DAY, 5, NOON - DAY),
        (True, False, NOON, 4, None),
        (True, False, NOON, 4, NOON + DAY),
        (False, False, NOON, 8, None),
    ],
)
def test_a_leg_starts_at_receipt_or_at_execution_when_future_dated(
    *, transform: bool, future_dated: bool, start_us: int, variant: int, execute_us: int | None
) -> None:
    leg = opened(request(variant, execute_us), untimed=False)
    assert (transform, future_dated, start_us) == (leg.transform, leg.future_dated, leg.start_us)
    assert NOON == leg.received_us


def test_a_leg_begins_without_facts_end_or_instructions() -> None:
    leg = opened(request(), untimed=True)
    assert leg.untimed
    assert FACTS_PENDING == leg.facts
    assert [None] * 4 == [leg.by_alert, leg.outcome, leg.cancelled_us, leg.instructions]


def test_the_two_legs_of_a_request_have_keys_of_their_own() -> None:
    assert leg_key(rid(), transform=False) == rid()
    assert leg_key(rid(), transform=True) != rid()
    assert leg_key(rid(), transform=True).startswith(rid())
