"""Alert documents of DUIS become the events JSON records become: contract sections 1 and 5."""

import json

import pytest

from dcc_analytics.catalogue.identities import DCC_IDS
from dcc_analytics.stream.decode import decode_alert
from dcc_analytics.stream.duis import record_bytes
from dcc_analytics.stream.duis_alerts import PAYLOADS
from dcc_analytics.stream.events import Alert, AlertDetails
from dcc_analytics.stream.instants import MINUTE_US
from tests.duis_documents import (
    DCC,
    DCC_RID,
    NOON_MS,
    RESPONSE_ID,
    Headers,
    dcc_alert,
    decoded,
    device_alert,
    refused,
    response,
    smets1,
)
from tests.records import ALERT, DEVICE, NOON_US, RID, USER, text

TOPIC = "alerts"
OTHER_USER = "90-B3-D5-1F-30-02-00-00"
OTHER = "88-73-84-90-6A-10-02-FF"
#: A DCC Alert is addressed by the DCC's own id.
DCC_RESPONSE_ID = f"{DCC}:{USER}:9"
FAILURE = (
    f"<sr:CommandFailure><sr:CommandRequestID>{RID}</sr:CommandRequestID>"
    f"<sr:DeviceID>{DEVICE}</sr:DeviceID></sr:CommandFailure>"
)


def read(value: bytes, headers: Headers = (), timestamp_ms: int = NOON_MS) -> Alert:
    found = decoded(TOPIC, value, headers, timestamp_ms)
    assert isinstance(found, Alert), found
    return found


def of_the_dcc(code: str, payload: str, *, headers: Headers = ()) -> Alert:
    return read(response(dcc_alert(code, payload), request_id="", response_id=DCC_RESPONSE_ID), headers)


def words(code: str, payload: str) -> dict[str, object]:
    """Return the parameters of the JSON record a DCC Alert stands for."""
    value = response(dcc_alert(code, payload), request_id="", response_id=DCC_RESPONSE_ID)
    said = decode_record(record_bytes(TOPIC, value, (), NOON_MS))
    return {name: each for name, each in said.items() if each is not None}


def decode_record(value: bytes) -> dict[str, object]:
    parameters: dict[str, object] = json.loads(value)["parameters"]
    return parameters


def test_a_device_alert_is_delivered_to_whom_it_is_addressed_when_its_record_was_written() -> None:
    value = response(device_alert("8f36"), request_id="", response_id=RESPONSE_ID)
    expected = Alert(
        f"{RESPONSE_ID}/8F36/{USER}", "device", "8F36", USER, "", DEVICE, NOON_US, NOON_US + MINUTE_US, delivered=True,
        throttled_count=0, request_id=None, delivery_succeeded=None,
    )  # fmt: skip
    assert expected == read(value, timestamp_ms=NOON_MS + 60_000)


def test_a_document_and_a_json_record_of_one_alert_are_one_event() -> None:
    said = text(
        ALERT, alert_id=f"{DCC_RESPONSE_ID}/N13/{USER}", raised_at="2026-10-05T12:00:00Z",
        ended_at="2026-10-05T12:00:00Z", device=DEVICE, request_id=RID,
    )  # fmt: skip
    assert decode_alert(said) == of_the_dcc("N13", FAILURE)


def test_headers_say_what_the_document_lacks_and_come_before_what_is_derived() -> None:
    found = of_the_dcc(
        "N13",
        FAILURE,
        headers=(
            ("alert_id", b"a-9"), ("recipient", OTHER_USER.lower().encode()), ("ended_at", b"2026-10-05T12:01:00Z"),
            ("received_at", b"2026-10-05T12:02:00Z"), ("outcome", b"failed"),
        ),
    )  # fmt: skip
    assert ("a-9", OTHER_USER, NOON_US + MINUTE_US, False) == (
        found.alert_id, found.recipient, found.ended_us, found.delivered,
    )  # fmt: skip


def test_the_header_received_at_says_when_delivery_ended_where_no_other_does() -> None:
    found = of_the_dcc("N13", FAILURE, headers=(("received_at", b"2026-10-05T12:01:00Z"),))
    assert NOON_US + MINUTE_US == found.ended_us


@pytest.mark.parametrize(
    ("path", "header"),
    [("$.outcome", ("outcome", b"lost")), ("$.ended_at", ("ended_at", b"later"))],
)
def test_a_header_of_another_form_refuses_the_record(path: str, header: tuple[str, bytes]) -> None:
    value = response(device_alert(), request_id="", response_id=RESPONSE_ID)
    assert f"`{path}`" in refused(TOPIC, value, (header,))
    assert "not an EUI-64" in refused(TOPIC, value, (("recipient", b"NWE"),))


def test_an_alert_to_nobody_is_refused() -> None:
    reason = "DUIS XML: nothing says whom the Alert was sent to: no header `recipient`, no `Header/ResponseID`"
    assert reason == refused(TOPIC, response(device_alert(), request_id=""))
    assert reason == refused(TOPIC, response(device_alert(), request_id="", response_id=f"{DEVICE}:{DCC}:7"))
    assert USER == read(response(device_alert(), request_id=""), (("recipient", USER.encode()),)).recipient


def test_an_alert_that_is_addressed_by_nothing_goes_to_who_sent_the_request_it_names() -> None:
    assert USER == read(response(dcc_alert("N13", FAILURE), request_id="")).recipient
    assert USER == read(response(dcc_alert("N42", ""), request_id=RID)).recipient


def test_an_alert_goes_to_whom_it_is_addressed_rather_than_to_who_sent_its_request() -> None:
    value = response(dcc_alert("N42", ""), request_id=RID, response_id=f"{DCC}:{OTHER_USER}:9")
    assert OTHER_USER == read(value).recipient


def test_copies_of_an_alert_have_one_id_and_two_alerts_or_two_recipients_have_two() -> None:
    payload = f"<sr:PPMIDAlert><sr:DeviceID>{DEVICE}</sr:DeviceID></sr:PPMIDAlert>"
    to = (("recipient", USER.encode()),)

    def alert_id(code: str, sent_at: str = "2026-10-05T12:00:00Z", headers: Headers = to, response_id: str = "") -> str:
        value = response(dcc_alert(code, payload), request_id="", response_id=response_id, sent_at=sent_at)
        return read(value, headers).alert_id

    copy = alert_id("N39")
    assert copy == alert_id("N39")
    others = {
        copy,
        alert_id("N40"),
        alert_id("N39", "2026-10-05T12:00:01Z"),
        alert_id("N39", headers=(("recipient", OTHER_USER.encode()),)),
        alert_id("N39", response_id=DCC_RESPONSE_ID),
        alert_id("N39", response_id=DCC_RESPONSE_ID, headers=(("recipient", OTHER_USER.encode()),)),
    }
    assert len(others) == 6


@pytest.mark.parametrize("count", [None, 0, 250, 2**32 - 1])
def test_a_throttled_alert_stands_for_as_many_more(count: int | None) -> None:
    device = response(device_alert(throttled=count), request_id="", response_id=RESPONSE_ID)
    dcc = response(dcc_alert("N42", "", throttled=count), request_id="", response_id=DCC_RESPONSE_ID)
    assert (count or 0) == read(device).throttled_count
    assert (count or 0) == read(dcc).throttled_count


def test_a_throttled_count_that_is_no_number_is_refused() -> None:
    value = response(device_alert(throttled=-1), request_id="", response_id=RESPONSE_ID)
    assert "`ThrottledAlertCount` is no whole number: '-1'" in refused(TOPIC, value)


def test_an_unknown_code_is_taken_as_said() -> None:
    assert of_the_dcc("N66", "<sr:Unheard/>").code == "N66"
    assert read(response(device_alert("9abc"), request_id="", response_id=RESPONSE_ID)).code == "9ABC"


@pytest.mark.parametrize("name", ["AlertCode", "DCCAlertCode", "DCCAlert"])
def test_an_alert_without_what_is_required_is_refused_and_the_element_named(name: str) -> None:
    body = device_alert() if name == "AlertCode" else dcc_alert("N13", FAILURE)
    value = response(body, response_id=RESPONSE_ID).replace(f"sr:{name}>".encode(), f"sr:x{name}>".encode())
    assert f"Message/{name}`" in refused(TOPIC, value)


# -- what the payloads of DCC Alerts say -------------------------------------------------------------------


def nested(path: str, text: str) -> str:
    """Return elements within each other along a path, with a text in the last."""
    for name in reversed(path.split("/")):
        text = f"<sr:{name}>{text}</sr:{name}>"
    return text


@pytest.mark.parametrize(("payload", "path"), [(name, path) for name, (paths, _) in PAYLOADS.items() for path in paths])
def test_each_payload_names_the_device_it_is_about(payload: str, path: str) -> None:
    assert OTHER == of_the_dcc("N66", nested(f"{payload}/{path}", OTHER.lower())).device


@pytest.mark.parametrize(("payload", "path"), [(name, path) for name, (_, paths) in PAYLOADS.items() for path in paths])
def test_each_payload_names_the_request_whose_failure_it_reports(payload: str, path: str) -> None:
    found = of_the_dcc("N66", nested(f"{payload}/{path}", RID.lower()))
    assert (RID, DEVICE) == (found.request_id, found.device)


def test_a_request_to_the_dcc_makes_no_device_of_it() -> None:
    payload = nested("FirmwareDistributionFailure/UpdateFirmwareRequestID", DCC_RID)
    found = of_the_dcc("N18", payload)
    assert (DCC_RID, None) == (found.request_id, found.device)
    assert DCC in DCC_IDS


def test_an_alert_that_reports_success_names_no_request() -> None:
    payload = nested("UpdateHANDeviceLogResult/UpdateHANDeviceLogServiceRequestID", RID)
    assert of_the_dcc("N24", payload).request_id is None
    assert RID == of_the_dcc("N25", payload).request_id


def test_the_request_of_the_header_is_not_the_one_that_failed() -> None:
    other = f"{USER}:{OTHER}:8"
    assert RID == read(response(dcc_alert("N13", FAILURE), request_id=other)).request_id
    assert read(response(dcc_alert("N42", ""), request_id=other)).request_id is None


@pytest.mark.parametrize("wrong", ["88-73", f"{USER}:{DEVICE}"])
def test_an_id_that_is_none_refuses_the_document(wrong: str) -> None:
    for path in ("CommandFailure/DeviceID", "CommandFailure/CommandRequestID"):
        value = response(dcc_alert("N13", nested(path, wrong)), response_id=DCC_RESPONSE_ID)
        assert "not a" in refused(TOPIC, value)


def test_a_power_outage_says_since_when_and_where() -> None:
    payload = (
        f"<sr:PowerOutageEvent><sr:CommsHubDeviceID>{DEVICE}</sr:CommsHubDeviceID>"
        "<sr:StartDateTime>2026-10-05T11:55:00Z</sr:StartDateTime><sr:MPxN>1312345678111</sr:MPxN></sr:PowerOutageEvent>"
    )
    assert {"started_at": "2026-10-05T11:55:00Z", "mpxn": "1312345678111"} == words("AD1", payload)
    assert "`$.parameters.started_at`" in refused(
        TOPIC, response(dcc_alert("AD1", payload.replace("T11:", "x")), response_id=DCC_RESPONSE_ID)
    )


def test_updated_credentials_are_those_of_a_role() -> None:
    payload = nested("SecurityCredentialsUpdated/RemotePartyRole", "NetworkOperator")
    assert {"remote_party_role": "network_operator"} == words("N42", payload)


def test_a_smets1_service_provider_has_codes_of_its_own() -> None:
    assert {"s1sp_code": "S1E0451"} == words("N55", nested("S1SPAlertDSP/S1SPAlert/S1SPAlertCode", "S1E0451"))


@pytest.mark.parametrize(("expected", "status"), [(True, "Success"), (False, "Failure")])
def test_a_firmware_delivery_status_says_to_which_device_and_how_it_went(*, expected: bool, status: str) -> None:
    payload = (
        f"<sr:CSPFirmwareDeliveryStatus><sr:UpdateFirmwareRequestID>{DCC_RID}</sr:UpdateFirmwareRequestID>"
        f"<sr:CommsHubDeviceID>{DEVICE}</sr:CommsHubDeviceID><sr:TargetDeviceID>{OTHER}</sr:TargetDeviceID>"
        f"<sr:CommsHubTransferStatus>{status}</sr:CommsHubTransferStatus></sr:CSPFirmwareDeliveryStatus>"
    )
    found = of_the_dcc("N60", payload)
    assert (DCC_RID, DEVICE, expected) == (found.request_id, found.device, found.delivery_succeeded)
    assert {"target_device": OTHER, "result": status.lower()} == words("N60", payload)


# -- SMETS1 ------------------------------------------------------------------------------------------------

OUTAGE = (
    "<ra:Payload><ra:SupplyOutageRestoreAlert><ra:interruptionValue>2026-10-05T10:00:00Z</ra:interruptionValue>"
    "<ra:restorationValue>2026-10-05T11:00:00Z</ra:restorationValue></ra:SupplyOutageRestoreAlert></ra:Payload>"
)


def smets1_alert(code: str = "<ra:GBCSHexAlertCode>8F36</ra:GBCSHexAlertCode>", *, throttled: str = "") -> str:
    """Return the readable Alert of a SMETS1 Device."""
    return smets1(
        f"<sr:DeviceAlertMessage><ra:DeviceAlertContent>{code}<ra:AlertDescription>Supply restored"
        f"</ra:AlertDescription><ra:Timestamp>2026-10-05T11:59:00Z</ra:Timestamp>{OUTAGE}</ra:DeviceAlertContent>"
        "</sr:DeviceAlertMessage>",
        beside=throttled,
    )


def test_a_smets1_alert_says_itself_who_raised_it_when_and_for_whom() -> None:
    value = response(smets1_alert(throttled="<sr:ThrottledAlertCount>3</sr:ThrottledAlertCount>"), request_id="")
    expected = Alert(
        f"{USER}/8F36/{DEVICE}/2026-10-05T12:00:00.000Z", "device", "8F36", USER, "", DEVICE, NOON_US - MINUTE_US,
        NOON_US, delivered=True, throttled_count=3, request_id=None, delivery_succeeded=None,
        details=AlertDetails(None, None, NOON_US - 120 * MINUTE_US, NOON_US - 60 * MINUTE_US, None, None),
    )  # fmt: skip
    assert expected == read(value)


def test_a_smets1_alert_tells_the_times_of_an_outage() -> None:
    said = decode_record(record_bytes(TOPIC, response(smets1_alert(), request_id=""), (), NOON_MS))
    assert {"interrupted_at": "2026-10-05T10:00:00Z", "restored_at": "2026-10-05T11:00:00Z"} == said


def test_a_smets1_alert_belongs_on_the_topic_of_alerts_and_has_a_code() -> None:
    assert "it belongs on alerts" in refused("service-responses", response(smets1_alert()))
    assert "missing required element `DeviceAlertContent/GBCSHexAlertCode`" in refused(
        TOPIC, response(smets1_alert(""))
    )
