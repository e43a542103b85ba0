"""Response documents of DUIS become the events JSON records become: contract sections 1 and 5."""

from datetime import UTC, datetime

import pytest

from dcc_analytics.stream.events import Instruction, Rejected, Response, ScheduledResult
from dcc_analytics.stream.home import subject_of
from dcc_analytics.stream.instants import instant_us
from tests.duis_documents import (
    DCC,
    DCC_RID,
    NOON,
    PAYLOAD,
    RESPONSE_ID,
    dcc_alert,
    decoded,
    device_alert,
    message,
    read_request,
    references,
    refused,
    response,
    smets1,
)
from tests.records import DEVICE, NOON_US, RID, USER

TOPIC = "service-responses"
PRE_COMMAND = f"<sr:PreCommand><sr:GBCSVersion>4.3</sr:GBCSVersion>{PAYLOAD}</sr:PreCommand>"
PLANNED = (("planned_at", b"2026-10-05T00:00:00Z"),)
MIDNIGHT_US = instant_us(datetime(2026, 10, 5, tzinfo=UTC))


def read(value: bytes) -> Response:
    found = decoded(TOPIC, value)
    assert isinstance(found, Response), found
    return found


def test_the_acknowledgement_of_a_request_is_an_i99_without_an_answer() -> None:
    expected = Response(RID, NOON_US, "I99", "acknowledgement", DEVICE, device_failed=False, instruction=None)
    assert expected == read(response(message("4.8.1"), code="I99"))


def test_a_refusal_before_a_device_was_asked_is_an_acknowledgement() -> None:
    expected = Response(RID, NOON_US, "E65", "acknowledgement", DEVICE, device_failed=False, instruction=None)
    assert expected == read(response(message("4.8.1"), code="E65"))


def test_a_feed_that_knows_it_may_say_which_leg_a_refusal_ends() -> None:
    value = response(message("1.1.1"), code="E65")
    kinds = {}
    for said in (b"pre_command", b"acknowledgement", b""):
        found = decoded(TOPIC, value, (("kind", said),))
        assert isinstance(found, Response)
        kinds[said] = found.kind
    assert kinds == {b"pre_command": "pre_command", b"acknowledgement": "acknowledgement", b"": "acknowledgement"}
    assert refused(TOPIC, value, (("kind", b"response"),)) == (
        "DUIS XML: the header `kind` is neither acknowledgement nor pre_command: 'response'"
    )


@pytest.mark.parametrize("code", ["E20", "E21", "I0", "W110101"])
def test_an_answer_that_names_the_device_that_gave_it_is_a_response_without_payload_too(code: str) -> None:
    expected = Response(RID, NOON_US, code, "response", DEVICE, device_failed=False, instruction=None)
    assert expected == read(response(message("4.8.1"), code=code, response_id=RESPONSE_ID))


@pytest.mark.parametrize("code", ["I0", "W110101"])
def test_what_the_dcc_answers_itself_is_a_response(code: str) -> None:
    found = read(response(message("11.1"), request_id=DCC_RID, code=code))
    assert (code, "response") == (found.code, found.kind)


def test_the_pre_command_ends_the_transform_leg() -> None:
    expected = Response(RID, NOON_US, "I0", "pre_command", DEVICE, device_failed=False, instruction=None)
    assert expected == read(response(message("1.1.1", PRE_COMMAND)))


@pytest.mark.parametrize(
    ("srv", "content"),
    [
        ("4.8.1", PAYLOAD),
        ("4.8.1", f"<sr:LocalCommand>{PAYLOAD}</sr:LocalCommand>"),
        ("9.1", f"<sr:CINMessage>{PAYLOAD}</sr:CINMessage>"),
        ("8.2", "<sr:DSPInventory/>"),
        ("8.6", "<sr:DSPOptIn/>"),
        ("5.1", "<sr:DSPScheduleID>34</sr:DSPScheduleID>"),
        ("5.2", "<sr:DSPSchedulesRead/>"),
        ("11.1", "<sr:DSPUpdateFirmwareWarning/>"),
        ("11.4", "<sr:DSPUpdatePPMIDFirmwareWarning/>"),
        ("12.1", "<sr:DSPWANMatrix/>"),
    ],
)
@pytest.mark.parametrize("code", ["I0", "E20", "I99"])
def test_whatever_answer_a_message_holds_it_is_a_response(srv: str, content: str, code: str) -> None:
    found = read(response(message(srv, content), code=code))
    assert (code, "response") == (found.code, found.kind)


def test_an_element_the_schema_has_not_makes_no_answer_of_an_acknowledgement() -> None:
    assert read(response(message("4.8.1", "<sr:Colour>red</sr:Colour>"), code="I99")).kind == "acknowledgement"


def test_a_message_about_what_the_dcc_does_itself_belongs_where_its_key_says() -> None:
    for target in (DCC, "88-73-84-90-6A-10-02-FE"):  # the DCC's id of another environment is no Device's either
        found = read(response(message("8.14.1"), request_id=f"{USER}:{target}:7", code="I99"))
        assert found.device is None
        assert DEVICE == subject_of(found, DEVICE.encode())


# -- future dated ------------------------------------------------------------------------------------------


def outcome(alert: str = "8F66", number: str = "2", total: str = "6") -> bytes:
    """Return the outcome of one instruction of a future dated command."""
    return response(
        message(
            "1.1.1",
            f"<sr:FutureDatedDeviceAlertMessage><sr:FutureDatedAlertCode>{alert}</sr:FutureDatedAlertCode>{PAYLOAD}"
            f"<sr:InstructionNumber>{number}</sr:InstructionNumber>"
            f"<sr:TotalCommandInstructions>{total}</sr:TotalCommandInstructions></sr:FutureDatedDeviceAlertMessage>",
        ),
        response_id=RESPONSE_ID,
    )


@pytest.mark.parametrize(("alert", "failed"), [("8F66", False), ("8F67", True), ("8f67", True)])
def test_an_outcome_of_a_future_dated_command_is_an_instruction_done_or_failed(alert: str, *, failed: bool) -> None:
    expected = Response(
        RID, NOON_US, "I0", "future_dated", DEVICE, device_failed=False, instruction=Instruction(2, 6, failed)
    )
    assert expected == read(outcome(alert))


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("`$.instruction.alert`", outcome("8F68")),
        ("`$.instruction.number`", outcome(number="0")),
        ("`InstructionNumber` is no whole number: 'two'", outcome(number="two")),
        ("`TotalCommandInstructions` is no whole number: '-1'", outcome(total="-1")),
        ("`TotalCommandInstructions` is no whole number: '100000'", outcome(total="100000")),
        ("missing required element `FutureDatedDeviceAlertMessage/InstructionNumber`", outcome(number="")),
    ],
)
def test_an_outcome_that_is_not_whole_is_refused(words: str, value: bytes) -> None:
    assert words in refused(TOPIC, value)


# -- scheduled ---------------------------------------------------------------------------------------------

RUN = message(
    "4.6.1", f"<sr:DSPScheduledMessage>{PAYLOAD}<sr:DSPScheduleID>34</sr:DSPScheduleID></sr:DSPScheduledMessage>"
)
EXPECTED_RUN = ScheduledResult(USER, "", "4.6.1", DEVICE, "34", MIDNIGHT_US, NOON_US, "I0", device_failed=False)


def test_a_scheduled_result_needs_no_request_and_is_planned_as_its_header_says() -> None:
    assert EXPECTED_RUN == decoded(TOPIC, response(RUN, request_id="", response_id=RESPONSE_ID), PLANNED)


def test_a_scheduled_result_that_names_a_request_names_user_and_device_by_it() -> None:
    assert EXPECTED_RUN == decoded(TOPIC, response(RUN), PLANNED)


def test_the_user_of_a_run_the_device_answered_to_the_dcc_is_said_by_a_header() -> None:
    value = response(RUN, request_id="", response_id=f"{DEVICE}:{DCC}:7")
    assert EXPECTED_RUN == decoded(TOPIC, value, (*PLANNED, ("user", USER.encode())))
    assert refused(TOPIC, value, PLANNED) == "DUIS XML: kind is scheduled, but there is no `user`"


def test_a_scheduled_result_is_refused_where_nothing_says_when_it_was_planned() -> None:
    expected = "DUIS XML: a scheduled result does not say when it was planned: the header `planned_at` is required"
    assert expected == refused(TOPIC, response(RUN, response_id=RESPONSE_ID))


# -- SMETS1 ------------------------------------------------------------------------------------------------


def answer(success: str | None, srv: str = "4.8.1") -> str:
    """Return a readable answer, with the Device's own verdict or without."""
    verdict = "" if success is None else f' MessageSuccess="{success}"'
    return smets1(
        f"<sr:ResponseMessage><ra:SMETSData><ra:ReadActiveImportProfileDataRsp{verdict}/></ra:SMETSData>"
        "</sr:ResponseMessage>",
        beside=references(srv),
    )


@pytest.mark.parametrize(
    ("failed", "success"), [(False, "true"), (False, "1"), (True, "false"), (True, "0"), (False, None), (False, "")]
)
def test_a_smets1_response_tells_the_devices_own_verdict(success: str | None, *, failed: bool) -> None:
    expected = Response(RID, NOON_US, "I0", "response", DEVICE, device_failed=failed, instruction=None)
    assert expected == read(response(answer(success), response_id=RESPONSE_ID))


def test_a_smets1_response_need_not_say_its_srv() -> None:
    value = response(smets1("<sr:ResponseMessage/>"))
    expected = Response(RID, NOON_US, "I0", "response", DEVICE, device_failed=False, instruction=None)
    assert expected == read(value)


def test_a_smets1_run_of_a_schedule_takes_its_srv_from_the_inner_header_where_it_must() -> None:
    schedule = "<sr:DSPScheduleID>34</sr:DSPScheduleID>"
    srv = "<ra:ServiceReference>4.6</ra:ServiceReference><ra:ServiceReferenceVariant>4.6.1</ra:ServiceReferenceVariant>"
    body = "<sr:ResponseMessage/>"
    for held in (smets1(body, beside=references("4.6.1") + schedule), smets1(body, beside=schedule, header=srv)):
        assert EXPECTED_RUN == decoded(TOPIC, response(held, request_id="", response_id=RESPONSE_ID), PLANNED)
    without = response(smets1(body, beside=schedule))
    assert "missing required element `SMETS1ResponseMessage/ServiceReferenceVariant`" in refused(
        TOPIC, without, PLANNED
    )


# -- refused -----------------------------------------------------------------------------------------------


def test_a_response_to_no_request_is_refused() -> None:
    value = response(message("4.8.1"), request_id="", response_id=RESPONSE_ID)
    assert refused(TOPIC, value) == "DUIS XML: missing required element `Header/RequestID`"


@pytest.mark.parametrize("name", ["ResponseCode", "ResponseDateTime"])
def test_a_response_without_code_or_time_is_refused(name: str) -> None:
    value = response(message("4.8.1")).replace(f"sr:{name}>".encode(), f"sr:x{name}>".encode())
    assert f"DUIS XML: missing required element `Header/{name}`" == refused(TOPIC, value)


@pytest.mark.parametrize("wrong", ["noon", "2026-10-05T12:00:00"])
def test_a_response_sent_at_no_instant_is_refused(wrong: str) -> None:
    assert "`$.sent_at`" in refused(TOPIC, response(message("4.8.1"), sent_at=wrong))


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ("'none'", ""),
        ("'none'", "<sr:Colour/>"),
        ("'ResponseMessage, DCCAlertMessage'", message("4.8.1") + dcc_alert("N13", "")),
        ("'ResponseMessage, ResponseMessage'", message("4.8.1") + message("4.8.1")),
    ],
)
def test_a_response_holds_one_message(words: str, body: str) -> None:
    assert f"DUIS XML: the body of a Response holds one message of DUIS, not: {words}" == refused(TOPIC, response(body))


def test_a_response_id_that_is_none_refuses_the_document() -> None:
    assert "not a request id" in refused(TOPIC, response(message("4.8.1"), response_id=f"{DEVICE}:{USER}"))


ALERT = response(device_alert(), request_id="", response_id=RESPONSE_ID)
ANSWERED = response(message("4.8.1", PAYLOAD))


@pytest.mark.parametrize(
    ("kind", "belongs", "value"),
    [
        ("a Request document", "service-requests", read_request()),
        ("a Response document without an Alert", "service-responses", ANSWERED),
        ("a Response document without an Alert", "service-responses", outcome()),
        ("a Response document with an Alert", "alerts", ALERT),
    ],
)
@pytest.mark.parametrize("topic", ["service-requests", "service-responses", "alerts"])
def test_a_message_on_a_topic_it_does_not_belong_on_is_refused(
    kind: str, belongs: str, value: bytes, topic: str
) -> None:
    if topic == belongs:
        assert not isinstance(decoded(topic, value), Rejected)
    else:
        assert f"DUIS XML: {kind} on the topic {topic}: it belongs on {belongs}" == refused(topic, value)


def test_the_instant_of_a_response_is_the_dccs_own_whatever_the_record_says() -> None:
    found = decoded(TOPIC, response(message("4.8.1"), sent_at=NOON), (("received_at", b"2026-10-05T15:00:00Z"),), 1)
    assert isinstance(found, Response)
    assert NOON_US == found.sent_us
