"""What a GBCS payload says in the clear fills what a document does not say: contract section 5."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.stream.duis import record_bytes
from dcc_analytics.stream.duis_gbcs import Payload, opened
from dcc_analytics.stream.events import Alert, Rejected, ScheduledResult
from tests.duis_documents import DCC, NOON_MS, decoded, message, refused, response
from tests.records import DEVICE, NOON_US, USER

#: 5 October 2026, 11:59:30, in each of the three codings; hundredths, weekday and deviation of DLMS are not specified.
DLMS_TIME = bytes.fromhex("07ea0a05ff0b3b1eff8000ff")
ASN1_TIME = b"20261005115930Z"
GBZ_TIME = (844_516_770).to_bytes(4)  # seconds since 2000
RAISED = "2026-10-05T11:59:30.000Z"
RAISED_US = NOON_US - 30_000_000
ALERT, RESPONSE = b"\x03", b"\x02"


def ids(*texts: str) -> list[bytes]:
    return [bytes.fromhex(text.replace("-", "")) for text in texts]


def gbcs(
    content: bytes, *, kind: bytes = ALERT, originator: str = DEVICE, target: str = USER, party: str = "",
    mac: bytes = b"", time: bytes = b"",
) -> str:  # fmt: skip
    """Return a payload with a header, in base64."""
    sender, receiver = ids(originator, target)
    other = b"\x00\x67" + (ids(party)[0] + bytes(8) if party else b"")
    length = bytes([len(content)]) if len(content) < 0x80 else b"\x81" + bytes([len(content)])
    header = b"\xdf\x09" + kind + bytes(7) + b"\x07\x08" + sender + b"\x08" + receiver + b"\x00"
    return base64.b64encode(mac + header + bytes([len(other)]) + other + length + content + time).decode()


def dlms(code: str, *times: bytes, raised: bytes = DLMS_TIME) -> bytes:
    tail = b"".join(b"\x09\x0c" + each for each in (raised, *times))
    return b"\x0f\x20\x00\x00\x07\x00\x02" + bytes([2 + len(times)]) + b"\x12" + bytes.fromhex(code) + tail


def asn1(code: str, time: bytes = ASN1_TIME) -> bytes:
    inner = b"\x02\x03\x00" + bytes.fromhex(code) + b"\x18\x0f" + time + b"\x02\x01\x00"
    return b"\x30" + bytes([len(inner)]) + inner


def gbz(code: str) -> bytes:
    return b"\x01\x09\x00" + bytes.fromhex(code) + GBZ_TIME


@pytest.mark.parametrize("content", [dlms("8F20"), asn1("8F20"), gbz("8F20")], ids=["DLMS", "ASN.1", "GBZ"])
@pytest.mark.parametrize(
    "mac", [b"", bytes.fromhex("dd000000000000" + "57" + "1100000000"), bytes.fromhex("dd00000000000081a81100000000")]
)
def test_an_alert_says_who_raised_it_for_whom_and_when_in_each_coding(content: bytes, mac: bytes) -> None:
    assert Payload(DEVICE, USER, None, "8F20", RAISED) == opened(gbcs(content, mac=mac))


def test_a_message_of_another_kind_has_no_code_and_no_time() -> None:
    assert Payload(DEVICE, USER, None) == opened(gbcs(dlms("8F20"), kind=RESPONSE))


def test_where_the_dcc_speaks_for_a_user_the_user_is_the_supplementary_party() -> None:
    assert Payload(DEVICE, DCC, USER, "8F85", RAISED) == opened(gbcs(dlms("8F85"), target=DCC, party=USER))


INTERRUPTED = bytes.fromhex("07ea0a05ff0a0000008000ff")
RESTORED = bytes.fromhex("07ea0a05ff0a0c0500000000")


@pytest.mark.parametrize("code", ["8F35", "8F36", "8F37", "8F38", "8F39", "8F3A", "8F3B", "8F3C"])
def test_an_alert_of_a_restored_supply_says_from_when_to_when(code: str) -> None:
    found = opened(gbcs(dlms(code, INTERRUPTED, RESTORED)))
    assert Payload(DEVICE, USER, None, code, RAISED, "2026-10-05T10:00:00.000Z", "2026-10-05T10:12:05.000Z") == found


@pytest.mark.parametrize("code", ["8F34", "8F3D", "8F20"])
def test_two_times_in_another_alert_are_of_no_outage(code: str) -> None:
    assert Payload(DEVICE, USER, None, code, RAISED) == opened(gbcs(dlms(code, INTERRUPTED, RESTORED)))


@pytest.mark.parametrize(
    "content",
    [
        dlms("8F20", raised=bytes.fromhex("ffffffffffffffffff8000ff")),
        dlms("8F20", raised=bytes.fromhex("07ea0d05ff0b3b1eff8000ff")),
        dlms("8F20", raised=bytes.fromhex("07ea0a05ff0b3b1eff003cff")),
        asn1("8F20", b"20261305115930Z"),
    ],
    ids=["not specified", "month 13", "not UTC", "month 13 in ASN.1"],
)
def test_a_time_that_is_none_is_absent(content: bytes) -> None:
    assert Payload(DEVICE, USER, None, "8F20") == opened(gbcs(content))


@pytest.mark.parametrize(
    "text", [None, "", "A", "????", "é", "٣QAAAAAAAEUR", "3QAAAAAAAEUR", base64.b64encode(b"\xdf\x09\x03").decode()]
)
def test_what_is_no_payload_says_nothing(text: str | None) -> None:
    assert opened(text) is None


@settings(derandomize=True, max_examples=200, deadline=None)
@given(cut=st.integers(0, 90), put=st.binary(max_size=4), at=st.integers(0, 90))
def test_whatever_the_bytes_are_a_payload_is_read_or_says_nothing(cut: int, put: bytes, at: int) -> None:
    raw = base64.b64decode(gbcs(dlms("8F36", INTERRUPTED, RESTORED)))
    found = opened(base64.b64encode(raw[:at] + put + raw[at + cut :]).decode())
    assert found is None or len(found.originator) == len(DEVICE)


# -- in documents ------------------------------------------------------------------------------------------


def device_alert(code: str, payload: str) -> str:
    return (
        f"<sr:DeviceAlertMessage><sr:AlertCode>{code}</sr:AlertCode><sr:GBCSPayload>{payload}</sr:GBCSPayload>"
        "</sr:DeviceAlertMessage>"
    )


def alert(code: str, payload: str, **given: str) -> Alert | Rejected:
    found = decoded("alerts", response(device_alert(code, payload), request_id="", **given))
    assert isinstance(found, Alert | Rejected)
    return found


def test_a_device_alert_needs_no_ids_beside_its_payload() -> None:
    found = alert("8F20", gbcs(dlms("8F20")))
    assert isinstance(found, Alert), found
    assert (USER, DEVICE, RAISED_US) == (found.recipient, found.device, found.raised_us)


def test_ids_of_the_header_come_before_those_of_the_payload() -> None:
    other, device = "90-B3-D5-1F-30-02-00-00", "88-73-84-90-6A-10-02-FF"
    found = alert("8F20", gbcs(dlms("8F20")), response_id=f"{device}:{other}:1")
    assert isinstance(found, Alert), found
    assert (other, device) == (found.recipient, found.device)


def test_an_alert_the_dcc_passes_on_for_a_device_is_its_users() -> None:
    found = alert("8F85", gbcs(dlms("8F85"), target=DCC, party=USER), response_id=f"{DEVICE}:{DCC}:1")
    assert isinstance(found, Alert), found
    assert USER == found.recipient


def test_a_payload_of_another_alert_tells_no_time() -> None:
    found = alert("8F21", gbcs(dlms("8F20")))
    assert isinstance(found, Alert), found
    assert NOON_US == found.raised_us


def test_the_times_of_an_outage_are_parameters_of_the_record() -> None:
    value = response(device_alert("8F36", gbcs(dlms("8F36", INTERRUPTED, RESTORED))), request_id="")
    record = record_bytes("alerts", value, (), NOON_MS)
    assert b'"interrupted_at":"2026-10-05T10:00:00.000Z","restored_at":"2026-10-05T10:12:05.000Z"' in record


@pytest.mark.parametrize(("target", "party"), [(USER, ""), (DCC, USER)])
def test_a_run_of_a_schedule_is_the_users_its_payload_names(target: str, party: str) -> None:
    payload = gbcs(b"\x0c", kind=RESPONSE, target=target, party=party)
    run = f"<sr:GBCSPayload>{payload}</sr:GBCSPayload><sr:DSPScheduleID>34</sr:DSPScheduleID>"
    run = f"<sr:DSPScheduledMessage>{run}</sr:DSPScheduledMessage>"
    value = response(message("4.6.1", run), request_id="")
    planned = (("planned_at", b"2026-10-05T00:00:00Z"),)
    found = decoded("service-responses", value, planned)
    assert isinstance(found, ScheduledResult), found
    assert (USER, DEVICE) == (found.user, found.device)
    garbled = value.replace(payload.encode(), b"AAAA")
    assert "there is no `user`" in refused("service-responses", garbled, planned)
