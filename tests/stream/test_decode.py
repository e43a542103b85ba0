"""Bytes of the source topics become events: contract sections 1 and 8 (Records)."""

from datetime import UTC, datetime

import pytest

from dcc_analytics.stream.decode import DECODERS, decode_alert, decode_request, decode_response, decoded
from dcc_analytics.stream.events import (
    NO_PARAMETERS,
    Alert,
    Instruction,
    Parameters,
    Rejected,
    Request,
    Response,
    ScheduledResult,
)
from dcc_analytics.stream.instants import HOUR_US, instant_us
from tests.records import ALERT, DEVICE, KINDS, NOON_US, REQUEST, RESPONSE, RID, SCHEDULED, USER, Fields, text

ASKED = Request(RID, NOON_US, "4.8.1", 1, "", None, None, cancels=False, parameters=NO_PARAMETERS)


def request(**changed: object) -> Request | Rejected:
    return decoded(decode_request, text(REQUEST, **changed))


def response(**changed: object) -> Response | ScheduledResult | Rejected:
    return decoded(decode_response, text(RESPONSE, **changed))


def alert(**changed: object) -> Alert | Rejected:
    return decoded(decode_alert, text(ALERT, **changed))


def test_a_request_with_its_required_fields_alone_is_read() -> None:
    assert ASKED == request()


def test_a_request_is_read_field_by_field() -> None:
    found = request(
        role="ES", device=DEVICE, execute_at="2026-10-06T00:00:00Z", schedule_id="7",
        parameters={
            "payment_mode": "credit", "credential_type": "key_agreement", "remote_party_role": "supplier",
            "top_up_pence": 12.5, "other_device": DEVICE, "devices": [DEVICE.lower(), USER],
        },
    )  # fmt: skip
    parameters = Parameters("credit", "key_agreement", "supplier", 12.5, DEVICE, (DEVICE, USER))
    midnight_us = instant_us(datetime(2026, 10, 6, tzinfo=UTC))
    expected = Request(RID, NOON_US, "4.8.1", 1, "ES", DEVICE, midnight_us, cancels=False, parameters=parameters)
    assert expected == found


def test_a_response_is_read_and_its_kind_is_response_unless_said() -> None:
    expected = Response(RID, NOON_US, "I0", "response", None, device_failed=False, instruction=None)
    assert expected == response()
    assert expected == response(kind="response", device_result="success")


@pytest.mark.parametrize("kind", ["acknowledgement", "pre_command", "response"])
def test_a_responses_kind_and_the_devices_own_verdict_are_read(kind: str) -> None:
    found = response(kind=kind, device=DEVICE.lower(), device_result="failure")
    assert isinstance(found, Response)
    assert (kind, DEVICE, True) == (found.kind, found.device, found.device_failed)


@pytest.mark.parametrize(("alert_code", "failed"), [("8F66", False), ("8F67", True)])
def test_an_instruction_is_read_with_whether_it_failed(alert_code: str, *, failed: bool) -> None:
    found = response(kind="future_dated", instruction={"number": 2, "total": 3, "alert": alert_code})
    assert isinstance(found, Response)
    assert Instruction(2, 3, failed) == found.instruction


def test_a_user_that_is_none_is_refused_in_every_kind_of_response() -> None:
    for kind in ("acknowledgement", "pre_command", "response"):
        assert isinstance(response(kind=kind, user="meter"), Rejected)
        assert isinstance(response(kind=kind, user=USER), Response)


def test_a_scheduled_result_needs_no_request() -> None:
    planned_us = instant_us(datetime(2026, 10, 5, tzinfo=UTC))
    expected = ScheduledResult(USER, "IS", "4.8.1", DEVICE, "7", planned_us, NOON_US, "I0", device_failed=False)
    found = decoded(decode_response, text(SCHEDULED, role="IS", device=DEVICE, schedule_id="7"))
    assert expected == found


def test_an_alert_is_read_with_no_further_alerts_unless_said() -> None:
    expected = Alert(
        "a-1", "dcc", "N13", USER, "", None, NOON_US - HOUR_US, NOON_US, delivered=True, throttled_count=0,
        request_id=None, delivery_succeeded=None,
    )  # fmt: skip
    assert expected == alert()


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (True, {"target_device": DEVICE, "result": "success"}),
        (False, {"target_device": DEVICE, "result": "failure"}),
        (None, {"target_device": DEVICE}),
        (None, {"result": "success"}),
        (None, {}),
    ],
)
def test_a_firmware_delivery_status_is_an_alert_with_target_device_and_result(
    *, expected: bool | None, said: Fields
) -> None:
    found = alert(parameters=said)
    assert isinstance(found, Alert)
    assert found.delivery_succeeded is expected


def test_an_alert_names_its_request_itself_or_in_its_parameters() -> None:
    other = f"{USER}:{DEVICE}:8"
    for found in (alert(request_id=RID.lower()), alert(parameters={"request_id": RID.lower()})):
        assert isinstance(found, Alert)
        assert found.request_id == RID
    both = alert(request_id=RID, parameters={"request_id": other})
    assert isinstance(both, Alert)
    assert both.request_id == RID


def test_ids_in_any_case_are_held_in_upper_case() -> None:
    assert ASKED == request(request_id=RID.lower())
    found = alert(recipient=USER.lower(), device=DEVICE.lower())
    assert isinstance(found, Alert)
    assert (USER, DEVICE) == (found.recipient, found.device)


def test_an_unknown_code_srv_or_role_is_taken_as_said() -> None:
    found = request(srv="99.9.9", role="XYZ")
    assert isinstance(found, Request)
    assert ("99.9.9", "XYZ") == (found.srv, found.role)
    told = alert(code="ZZ99")
    assert isinstance(told, Alert)
    assert told.code == "ZZ99"


@pytest.mark.parametrize(
    ("cancels", "execute_at"),
    [(False, "2999-12-31T23:59:59.999999Z"), (True, "3000-01-01T00:00:00Z"), (True, "3000-12-31T00:00:00Z")],
)
def test_a_request_to_be_executed_in_the_year_3000_cancels(*, cancels: bool, execute_at: str) -> None:
    found = request(execute_at=execute_at)
    assert isinstance(found, Request)
    assert found.cancels is cancels


@pytest.mark.parametrize("topic", sorted(KINDS))
def test_fields_not_named_are_ignored(topic: str) -> None:
    fields = KINDS[topic]
    plain = decoded(DECODERS[topic], text(fields))
    assert plain == decoded(DECODERS[topic], text(fields, colour="red", nested={"a": [1, None, {"b": 1.5}]}))
    assert not isinstance(plain, Rejected)


@pytest.mark.parametrize(
    ("topic", "optional"),
    [
        ("service-requests", ("role", "device", "execute_at", "schedule_id", "parameters")),
        ("service-responses", ("kind", "device", "device_result", "instruction", "user", "srv", "planned_at", "role")),
        ("alerts", ("role", "device", "attempts", "throttled_count", "request_id", "parameters")),
    ],
)
def test_an_optional_field_that_is_null_is_absent(topic: str, optional: tuple[str, ...]) -> None:
    fields = KINDS[topic]
    assert decoded(DECODERS[topic], text(fields)) == decoded(DECODERS[topic], text(fields, **dict.fromkeys(optional)))


def test_an_optional_parameter_that_is_null_is_absent() -> None:
    names = ("payment_mode", "credential_type", "remote_party_role", "top_up_pence", "other_device", "devices")
    assert ASKED == request(parameters=dict.fromkeys(names))


@pytest.mark.parametrize("counter", [0, 1, 2**63, 2**64 - 1])
def test_a_counter_goes_from_0_to_2_to_the_64th_less_1(counter: int) -> None:
    found = request(request_id=f"{USER}:{DEVICE}:{counter}")
    assert isinstance(found, Request)
    assert found.request_id == f"{USER}:{DEVICE}:{counter}"


def test_a_record_of_4_mib_is_read() -> None:
    padded = text(REQUEST, padding="x" * (4 * 1024 * 1024))
    assert ASKED == decoded(decode_request, padded)


@pytest.mark.parametrize(
    "instant",
    [
        "2026-10-05T12:00:00Z",
        "2026-10-05T12:00:00.000000+00:00",
        "2026-10-05T13:00:00+01:00",
        "2026-10-05T12:00:00.000Z",
    ],
)
def test_an_instant_is_the_same_however_rfc_3339_writes_it(instant: str) -> None:
    assert ASKED == request(received_at=instant)


def test_an_instant_is_exact_to_the_microsecond() -> None:
    found = request(received_at="2026-10-05T12:00:00.000001Z")
    assert isinstance(found, Request)
    assert found.received_us == NOON_US + 1
