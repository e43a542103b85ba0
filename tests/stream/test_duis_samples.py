"""The public DUIS messages: each is read as what it is, or refused for what is wrong with it (contract section 5).

They are not part of the project (their licence is another) and lie beside it, as ``shared/duis-samples``.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from dcc_analytics.stream.events import NO_PARAMETERS, Parameters, Request, Response
from tests.duis_documents import DCC, decoded, refused
from tests.records import NOON_US

SAMPLES = Path(__file__).parents[2].parent / "shared" / "duis-samples"

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the public DUIS samples are not beside the project, as ../shared/duis-samples"
)

SUPPLIER = "90-B3-D5-1F-30-01-00-00"
OPERATOR = "90-B3-D5-1F-30-02-00-00"
ESME, GSME, CHF, GPF = (f"00-DB-12-34-56-78-90-A{n}" for n in range(4))
JANUARY_2030_US = 1_893_542_400_000_000  # 2 January 2030
FIRMWARE_2030_US = 1_894_698_000_000_000  # 15 January 2030, 09:00
JANUARY_2015_US = 1_421_312_400_000_000  # 15 January 2015, 09:00
YEAR_3000_US = 32_535_129_600_000_000  # 31 December 3000


class Asked(NamedTuple):
    """What a sample request is, beyond what most of them are."""

    srv: str
    variant: int
    counter: int
    device: str | None = ESME
    target: str = ESME
    user: str = SUPPLIER
    execute_us: int | None = None
    cancels: bool = False
    parameters: Parameters = NO_PARAMETERS


def by_the_dcc(srv: str, device: str | None, parameters: Parameters = NO_PARAMETERS) -> Asked:
    return Asked(srv, 8, 1000, device, DCC, parameters=parameters)


REQUESTS = {
    "11.1_UPDATE_FIRMWARE": by_the_dcc("11.1", None, Parameters(devices=(ESME,))),
    "12.2_DEVICE_PRE_NOTIFICATION": by_the_dcc("12.2", ESME),
    "8.14.1_COMMUNICATIONS_HUB_STATUS_UPDATE_INSTALL_SUCCESS": by_the_dcc("8.14.1", CHF),
    "8.14.3_COMMUNICATIONS_HUB_STATUS_UPDATE_FAULT_RETURN": by_the_dcc("8.14.3", CHF, Parameters(other_device=ESME)),
    "8.2_READ_INVENTORY": by_the_dcc("8.2", CHF),
    "8.4_UPDATE_INVENTORY": by_the_dcc("8.4", ESME),
    "ECS21a_5.1._DCC_SCHEDULED": by_the_dcc("5.1", ESME),
    "CCS01_8.11_SUCCESS": Asked("8.11", 1, 1002, CHF, CHF),
    "CS01a_2.2_SUCCESS": Asked("2.2", 1, 12_884_901_888),
    "CS02bNOByNO_6.15.1_SUCCESS": Asked(
        "6.15.1", 4, 1200, user=OPERATOR, parameters=Parameters(remote_party_role="network_operator")
    ),
    "CS02bSupplierBySupplierHandover_6.21_SUCCESS": Asked(
        "6.21", 1, 1000, GPF, GPF, parameters=Parameters(remote_party_role="supplier")
    ),
    "CS02bSupplierByTransCoS_6.23_FUTURE_DATED_SUCCESS": Asked("6.23", 1, 1007, execute_us=JANUARY_2030_US),
    "CS02c_6.17_SUCCESS": Asked("6.17", 4, 1000, parameters=Parameters(credential_type="digital_signature")),
    "CS02d_6.15.2_SUCCESS": Asked("6.15.2", 4, 1000, parameters=Parameters(credential_type="digital_signature")),
    "CS03B_8.7.2_SUCCESS": Asked(
        "8.7.2", 1, 1001, GSME, GSME, parameters=Parameters(other_device="00-DB-12-34-56-78-90-9C")
    ),
    "CS06_11.3_FUTURE_DATED_SUCCESS": Asked("11.3", 4, 1001, execute_us=FIRMWARE_2030_US),
    "ECS01a_1.1.1_CANCELLATION_TOU_BLOCK_SUCCESS": Asked("1.1.1", 4, 1009, execute_us=YEAR_3000_US, cancels=True),
    "ECS01a_1.1.1_FUTURE_DATED_TOU_BLOCK_SUCCESS": Asked("1.1.1", 4, 1008, execute_us=FIRMWARE_2030_US),
    "ECS02_1.6_IMMEDIATE_SINGLE_SUCCESS": Asked("1.6", 4, 1002, parameters=Parameters(payment_mode="credit")),
    "ECS03_1.6_IMMEDIATE_SINGLE_SUCCESS": Asked("1.6", 4, 1010, parameters=Parameters(payment_mode="prepayment")),
    "ECS12_3.2_SUCCESS": Asked("3.2", 1, 1000),
    "ECS17b_4.1.1_DSP_FUTURE_DATED": Asked("4.1.1", 1, 1000, execute_us=JANUARY_2015_US),
    "ECS17b_4.1.1_SINGLE_SUCCESS": Asked("4.1.1", 1, 1000),
    "ECS21a_4.6.1_SINGLE_SUCCESS": Asked("4.6.1", 1, 1003),
    "ECS22b_4.8.1_SINGLE_SUCCESS": Asked("4.8.1", 1, 1002),
    "ECS25b_6.22_SUCCESS": Asked("6.22", 1, 1200, user=OPERATOR),
    "ECS70Commission_8.1.1_SUCCESS": Asked("8.1.1", 4, 1000),
    "GCS01b_1.2.1_IMMEDIATE_TOU_SUCCESS": Asked("1.2.1", 4, 1000, GSME, GSME),
    "GCS13a_4.1.1_SUCCESS_RELIABLE_GPF": Asked("4.1.1", 1, 1001, GPF, GPF),
    "GCS13a_4.1.1_SUCCESS_RELIABLE_GSME": Asked("4.1.1", 1, 1000, GPF, GPF),
    "GCS61_4.17_SUCCESS": Asked("4.17", 1, 1003, GPF, GPF),
}  # fmt: skip


class Told(NamedTuple):
    """What a sample response is: always sent to the supplier."""

    target: str
    counter: int
    sent_us: int
    code: str = "I0"
    kind: str = "response"


RESPONSES = {
    "ECS52_11.2_SUCCESS_RESPONSE_DUIS.XML": Told("BC-33-AC-00-FE-FA-55-3C", 1660286628923, 1660286629844000),
    "acknowledgement-error.xml": Told(
        "88-73-84-57-00-2F-96-6C", 1658482675800, 1658482676134000, "E65", "acknowledgement"
    ),
    "message.xml": Told("00-07-81-D7-00-00-36-CE", 1655397248260, 1655397255844000),
    "read-inventory-response-4g.xml": Told(DCC, 1752497827244, 1752497827666000),
    "read-inventory-response-5.4.xml": Told(DCC, 1766940660265, 1766940661185000),
    "readfw-response.xml": Told("88-73-84-57-00-2F-96-1E", 1660751141087, 1660751142790000),
}

#: What is wrong with each, in words that the reason must have.
INVALID = {
    "8.2_READ_INVENTORY_REQUEST_DUIS-invalid.XML": (
        "service-requests", "DUIS XML: missing required element `Header/RequestID`",
    ),
    "ECS17b_4.1.1_SINGLE_SUCCESS_REQUEST_DUIS-invalid.XML": (
        "service-requests",
        f"DUIS XML: not a request id originator:target:counter: '{SUPPLIER}:00-07-81-D7-00-00-36-CE::1000'",
    ),
    "readfw-response-invalid.xml": (
        "service-responses",
        "DUIS XML: the Service Reference is not that of the Variant: '11.2.11.2 with 11.2'",
    ),
}  # fmt: skip


def test_every_sample_is_looked_at() -> None:
    found = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*")}
    expected = {f"requests/{name}_REQUEST_DUIS.XML" for name in REQUESTS}
    expected |= {f"responses/{name}" for name in RESPONSES} | {f"invalid/{name}" for name in INVALID}
    assert expected == found


@pytest.mark.parametrize("name", REQUESTS)
def test_a_sample_request_is_read_as_its_name_says(name: str) -> None:
    asked = REQUESTS[name]
    value = (SAMPLES / "requests" / f"{name}_REQUEST_DUIS.XML").read_bytes()
    expected = Request(
        f"{asked.user}:{asked.target}:{asked.counter}", NOON_US, asked.srv, asked.variant, "", asked.device,
        asked.execute_us, cancels=asked.cancels, parameters=asked.parameters,
    )  # fmt: skip
    assert expected == decoded("service-requests", value)


@pytest.mark.parametrize("name", RESPONSES)
def test_a_sample_response_is_read_as_its_name_says(name: str) -> None:
    told = RESPONSES[name]
    found = decoded("service-responses", (SAMPLES / "responses" / name).read_bytes())
    assert isinstance(found, Response)
    device = None if told.target == DCC else told.target
    assert (f"{SUPPLIER}:{told.target}:{told.counter}", told.sent_us) == (found.request_id, found.sent_us)
    assert (told.code, told.kind, device) == (found.code, found.kind, found.device)
    assert not found.device_failed
    assert found.instruction is None


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_sample_is_refused_for_what_is_wrong_with_it(name: str) -> None:
    topic, reason = INVALID[name]
    assert reason == refused(topic, (SAMPLES / "invalid" / name).read_bytes())


@pytest.mark.parametrize("name", RESPONSES)
def test_a_sample_response_belongs_on_no_other_topic(name: str) -> None:
    value = (SAMPLES / "responses" / name).read_bytes()
    assert "it belongs on service-responses" in refused("service-requests", value)
    assert "it belongs on service-responses" in refused("alerts", value)
