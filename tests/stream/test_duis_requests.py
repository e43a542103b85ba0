"""Request documents of DUIS become the events JSON records become: contract sections 1 and 5."""

import base64
from datetime import datetime

import pytest

from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS
from dcc_analytics.stream.decode import decode_request
from dcc_analytics.stream.events import NO_PARAMETERS, Parameters, Request
from dcc_analytics.stream.instants import instant_us
from tests.duis_documents import DCC_RID, NOON_MS, decoded, read_request, refused, request
from tests.records import DEVICE, NOON_US, REQUEST, RID, USER, text

TOPIC = "service-requests"
OTHER = "88-73-84-90-6A-10-02-FF"


def read(value: bytes, headers: tuple[tuple[str, bytes], ...] = (), timestamp_ms: int = NOON_MS) -> Request:
    found = decoded(TOPIC, value, headers, timestamp_ms)
    assert isinstance(found, Request), found
    return found


def parameters(srv: str, body: str, *, variant: int = 4, request_id: str = RID) -> Parameters:
    """Return the parameters a body gives."""
    element = SERVICE_REQUESTS[srv].duis_element
    return read(request(srv, f"<sr:{element}>{body}</sr:{element}>", variant=variant, request_id=request_id)).parameters


def test_a_document_and_a_json_record_of_one_request_are_one_event() -> None:
    said = text(REQUEST, srv="4.1.1", device=DEVICE, execute_at="2026-10-06T00:00:00Z", parameters={})
    assert decode_request(said) == read(read_request(execute_at="2026-10-06T00:00:00.00Z"))


@pytest.mark.parametrize("version", ["5.1", "5.2", "5.3", "5.4"])
def test_schema_versions_5_1_to_5_4_are_read(version: str) -> None:
    assert RID == read(read_request(version=version)).request_id


@pytest.mark.parametrize("version", ["5.0", "5.5", "4.4", "6.1", "5", "", "5.1a", "51", "15.1"])
def test_another_schema_version_is_refused(version: str) -> None:
    assert f"DUIS XML: the schema version is not 5.1 to 5.4: '{version}'" == refused(
        TOPIC, read_request(version=version)
    )


def test_a_document_without_a_schema_version_is_refused() -> None:
    value = read_request().replace(b' schemaVersion="5.4"', b"")
    assert refused(TOPIC, value) == "DUIS XML: missing required attribute `schemaVersion`"


def test_the_time_of_receipt_is_the_records_timestamp() -> None:
    assert NOON_US + 1_000 == read(read_request(), timestamp_ms=NOON_MS + 1).received_us


def test_the_header_received_at_comes_before_the_timestamp_and_is_exact_to_the_microsecond() -> None:
    found = read(read_request(), (("received_at", b"2026-10-05T12:00:00.000001Z"),), NOON_MS + 5)
    assert NOON_US + 1 == found.received_us


def test_of_two_headers_of_one_name_the_last_counts_and_others_are_ignored() -> None:
    headers = (("received_at", b"2026-10-05T11:00:00Z"), ("received_at", b"2026-10-05T12:00:00Z"), ("topic", b"\xff"))
    assert NOON_US == read(read_request(), headers, 1).received_us


@pytest.mark.parametrize("value", [b"", None])
def test_a_header_that_is_empty_or_null_is_absent(value: bytes) -> None:
    assert NOON_US == read(read_request(), (("received_at", value),)).received_us


@pytest.mark.parametrize("wrong", [b"noon", b"2026-10-05T12:00:00", b"1791201600000"])
def test_a_header_that_is_no_instant_refuses_the_record_and_is_named(wrong: bytes) -> None:
    assert "`$.received_at`" in refused(TOPIC, read_request(), (("received_at", wrong),))


def test_a_header_that_is_not_utf_8_refuses_the_record_and_is_named() -> None:
    assert refused(TOPIC, read_request(), (("received_at", b"\xff"),)) == (
        "DUIS XML: the header `received_at` is not UTF-8"
    )


def test_a_record_with_neither_header_nor_timestamp_has_no_time_of_receipt() -> None:
    assert "no time of receipt" in refused(TOPIC, read_request(), timestamp_ms=-1)
    assert NOON_US == read(read_request(), (("received_at", b"2026-10-05T12:00:00Z"),), -1).received_us


def test_a_timestamp_beyond_the_calendar_refuses_the_record() -> None:
    assert refused(TOPIC, read_request(), timestamp_ms=2**62)


def test_a_request_id_in_lower_case_is_held_in_upper_case() -> None:
    assert RID == read(read_request(request_id=RID.lower())).request_id


@pytest.mark.parametrize("srv", SERVICE_REQUESTS)
def test_every_service_request_of_the_schema_is_read_by_its_body(srv: str) -> None:
    service = SERVICE_REQUESTS[srv]
    rid = DCC_RID if service.non_device else RID
    variant = service.command_variants[0]
    found = read(request(srv, f"<sr:{service.duis_element}/>", request_id=rid, variant=variant))
    assert (srv, variant) == (found.srv, found.command_variant)
    assert found.device == (None if service.non_device else DEVICE)
    assert NO_PARAMETERS == found.parameters


@pytest.mark.parametrize("variant", [5, 6, 7])
def test_a_signed_pre_command_stands_for_the_body_of_its_srv(variant: int) -> None:
    body = "<sr:SignedPreCommand><sr:GBCSPayload>3wkB</sr:GBCSPayload></sr:SignedPreCommand>"
    found = read(request("1.1.1", body, variant=variant))
    expected = Request(RID, NOON_US, "1.1.1", variant, "", DEVICE, None, cancels=False, parameters=NO_PARAMETERS)
    assert expected == found


@pytest.mark.parametrize(
    ("cancels", "execute_at"), [(False, "2026-10-06T00:00:00.00Z"), (True, "3000-12-31T00:00:00.00Z")]
)
def test_a_signed_pre_command_has_an_execution_time_of_its_own(*, cancels: bool, execute_at: str) -> None:
    body = f"<sr:SignedPreCommand><sr:ExecutionDateTime>{execute_at}</sr:ExecutionDateTime></sr:SignedPreCommand>"
    found = read(request("1.1.1", body, variant=5))
    assert instant_us(datetime.fromisoformat(execute_at)) == found.execute_us
    assert found.cancels is cancels


@pytest.mark.parametrize("variant", [1, 4, 8])
def test_a_signed_pre_command_under_another_command_variant_is_refused(variant: int) -> None:
    reason = refused(TOPIC, request("1.1.1", "<sr:SignedPreCommand/>", variant=variant))
    assert reason == "DUIS XML: the body is not that of the SRV: 'SignedPreCommand with 1.1.1'"


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ("ReadInventory with 4.8.1", "<sr:ReadInventory/>"),
        ("empty with 4.8.1", ""),
        ("empty with 4.8.1", '<other:ReadActiveImportProfileData xmlns:other="urn:other"/>'),
    ],
)
def test_a_body_that_is_not_that_of_its_srv_is_refused(words: str, body: str) -> None:
    assert f"DUIS XML: the body is not that of the SRV: '{words}'" == refused(TOPIC, request("4.8.1", body))


def test_unknown_elements_are_ignored_wherever_they_are() -> None:
    value = read_request(execute_at="2026-10-06T00:00:00.00Z")
    for end in (b"</sr:Header>", b"</sr:Body>", b"</sr:ReadInstantaneousImportRegisters>"):
        extra = b'<sr:Colour>red</sr:Colour><x:RequestID xmlns:x="urn:x"><x:Body/></x:RequestID>'
        assert read(value) == read(value.replace(end, extra + end))


def test_what_stands_within_an_element_of_another_namespace_is_none_of_the_documents() -> None:
    value = read_request(execute_at="2026-10-06T00:00:00.00Z")
    for end in (b"</sr:Header>", b"</sr:ReadInstantaneousImportRegisters>"):
        extra = (
            b'<x:Wrap xmlns:x="urn:x"><x:Deep><sr:RequestID>another</sr:RequestID></x:Deep>'
            b"<sr:ExecutionDateTime>never</sr:ExecutionDateTime></x:Wrap>"
        )
        assert read(value) == read(value.replace(end, extra + end))


@pytest.mark.parametrize("variant", ["0", "9", "", "12", "+1", "one", "\u0661"])
def test_a_command_variant_that_users_do_not_send_is_refused(variant: str) -> None:
    reason = refused(TOPIC, request("4.1.1", "<sr:ReadInstantaneousImportRegisters/>", variant=variant))
    assert "`Header/CommandVariant`" in reason or f"the Command Variant is not 1 to 8: '{variant}'" in reason


@pytest.mark.parametrize("name", ["RequestID", "CommandVariant", "ServiceReference", "ServiceReferenceVariant"])
def test_a_header_without_a_required_element_is_refused_and_the_element_named(name: str) -> None:
    value = read_request().replace(f"sr:{name}>".encode(), f"sr:x{name}>".encode())
    assert f"DUIS XML: missing required element `Header/{name}`" == refused(TOPIC, value)


@pytest.mark.parametrize("name", ["Header", "Body"])
def test_a_document_without_header_or_body_is_refused(name: str) -> None:
    value = read_request().replace(f"sr:{name}>".encode(), b"sr:Foot>")
    assert f"DUIS XML: missing required element `Request/{name}`" == refused(TOPIC, value)


def test_an_element_that_stands_twice_is_refused() -> None:
    value = read_request().replace(
        b"<sr:CommandVariant>", f"<sr:RequestID>{RID}</sr:RequestID><sr:CommandVariant>".encode()
    )
    assert refused(TOPIC, value) == "DUIS XML: more than one element `Header/RequestID`"


@pytest.mark.parametrize(("reference", "variant"), [("4.2", "4.1.1"), ("4.1.1", "4.1.1"), ("4", "4.1.1")])
def test_a_service_reference_that_is_not_that_of_its_variant_is_refused(reference: str, variant: str) -> None:
    value = read_request().replace(b">4.1<", f">{reference}<".encode())
    expected = f"DUIS XML: the Service Reference is not that of the Variant: '{reference} with {variant}'"
    assert expected == refused(TOPIC, value)


def test_an_srv_that_the_schema_has_not_is_refused() -> None:
    reason = refused(TOPIC, request("4.99.1", "<sr:ReadInstantaneousImportRegisters/>"))
    assert reason == "DUIS XML: no Service Request of DUIS has the Service Reference Variant: '4.99.1'"


@pytest.mark.parametrize("wrong", ["tomorrow", "2026-10-06", "2026-10-06T00:00:00", "2026-02-30T00:00:00Z"])
def test_an_execution_time_that_is_no_instant_is_refused(wrong: str) -> None:
    assert "`$.execute_at`" in refused(TOPIC, read_request(execute_at=wrong))


# -- what the body says ------------------------------------------------------------------------------------


@pytest.mark.parametrize("srv", ["5.1", "5.2", "8.2", "8.3", "8.4", "8.14.1", "8.14.2", "8.14.3", "8.14.4", "12.2"])
def test_what_the_dcc_does_itself_is_about_the_device_its_body_names(srv: str) -> None:
    element = SERVICE_REQUESTS[srv].duis_element
    body = f"<sr:{element}><sr:DeviceID>{DEVICE.lower()}</sr:DeviceID></sr:{element}>"
    assert DEVICE == read(request(srv, body, request_id=DCC_RID, variant=8)).device


def test_a_non_device_request_is_about_no_device_whichever_id_the_dcc_has() -> None:
    body = "<sr:ReadInventory><sr:MPxN>1312345678111</sr:MPxN></sr:ReadInventory>"
    assert read(request("8.2", body, request_id=f"{USER}:{OTHER}:1", variant=8)).device is None


def test_an_update_of_the_han_device_log_is_about_the_hub_not_the_device_that_joins() -> None:
    body = f"<sr:UpdateHANDeviceLog><sr:DeviceID>{OTHER}</sr:DeviceID></sr:UpdateHANDeviceLog>"
    assert DEVICE == read(request("8.11", body)).device


def test_a_device_id_that_is_none_refuses_the_document() -> None:
    body = "<sr:ReadInventory><sr:DeviceID>88-73</sr:DeviceID></sr:ReadInventory>"
    assert "not an EUI-64" in refused(TOPIC, request("8.2", body, request_id=DCC_RID, variant=8))


@pytest.mark.parametrize(
    ("expected", "body"), [("prepayment", "<sr:Prepayment/>"), ("credit", "<sr:Credit/>"), (None, "")]
)
def test_the_payment_mode_is_which_of_two_elements_stands(expected: str | None, body: str) -> None:
    assert Parameters(payment_mode=expected) == parameters("1.6", body)


@pytest.mark.parametrize(
    ("expected", "said"),
    [("digital_signature", "Digital Signature"), ("key_agreement", "Key Agreement"), ("Other", "Other")],
)
def test_the_credential_type_is_as_the_contract_writes_it(expected: str, said: str) -> None:
    body = f"<sr:CredentialType>{said}</sr:CredentialType>"
    assert Parameters(credential_type=expected) == parameters("6.17", body)


KEY_USAGE = bytes.fromhex("0603551d0f")
CRITICAL = bytes.fromhex("0101ff")


@pytest.mark.parametrize(
    ("expected", "der"),
    [
        ("digital_signature", KEY_USAGE + CRITICAL + bytes.fromhex("040403020780")),
        ("key_agreement", KEY_USAGE + CRITICAL + bytes.fromhex("040403020308")),
        ("key_agreement", KEY_USAGE + bytes.fromhex("040403020308")),
        (None, KEY_USAGE + CRITICAL + bytes.fromhex("040403020106")),
        (None, b"no certificate"),
        (None, b""),
    ],
)
def test_the_credential_type_of_6_15_2_is_the_key_usage_of_its_certificate(expected: str | None, der: bytes) -> None:
    certificate = base64.b64encode(b"0\x82" + der + b"more").decode() if der else ""
    body = f"<sr:DeviceCertificate>{certificate}</sr:DeviceCertificate>"
    assert Parameters(credential_type=expected) == parameters("6.15.2", body)


@pytest.mark.parametrize("certificate", ["A", "é"])
def test_a_certificate_that_is_not_base64_has_no_key_usage(certificate: str) -> None:
    assert NO_PARAMETERS == parameters("6.15.2", f"<sr:DeviceCertificate>{certificate}</sr:DeviceCertificate>")


@pytest.mark.parametrize("srv", ["6.15.1", "6.21"])
@pytest.mark.parametrize(
    ("expected", "said"), [("supplier", "Supplier"), ("network_operator", "NetworkOperator"), ("trans_cos", "TransCoS")]
)
def test_the_remote_party_role_is_as_the_contract_writes_it(srv: str, expected: str, said: str) -> None:
    body = f"<sr:RemotePartyRole>{said}</sr:RemotePartyRole>"
    assert expected == parameters(srv, body).remote_party_role


def test_a_list_of_remote_party_roles_is_no_parameter() -> None:
    body = "<sr:RemotePartyRole>Supplier</sr:RemotePartyRole><sr:RemotePartyRole>Root</sr:RemotePartyRole>"
    assert NO_PARAMETERS == parameters("6.24.1", body, variant=1)


@pytest.mark.parametrize("srv", ["11.1", "11.4"])
def test_an_update_of_firmware_is_for_the_devices_of_its_list(srv: str) -> None:
    body = f"<sr:DeviceIDList>{DEVICE.lower()},{OTHER}</sr:DeviceIDList>"
    assert Parameters(devices=(DEVICE, OTHER)) == parameters(srv, body, variant=8, request_id=DCC_RID)


def test_a_list_with_what_is_no_device_refuses_the_document() -> None:
    body = f"<sr:UpdateFirmware><sr:DeviceIDList>{DEVICE},</sr:DeviceIDList></sr:UpdateFirmware>"
    assert "not an EUI-64" in refused(TOPIC, request("11.1", body, request_id=DCC_RID, variant=8))


@pytest.mark.parametrize("srv", ["8.7.1", "8.7.2", "8.8.1", "8.8.2"])
def test_a_join_is_with_the_other_device(srv: str) -> None:
    assert Parameters(other_device=OTHER) == parameters(srv, f"<sr:OtherDeviceID>{OTHER.lower()}</sr:OtherDeviceID>")


def test_the_amount_of_a_top_up_is_not_opened() -> None:
    assert NO_PARAMETERS == parameters("2.2", "<sr:UTRN>73946144332040217315</sr:UTRN>", variant=1)
