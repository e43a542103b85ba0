"""Bytes of the reference topics: contract sections 1, 2 (Region, SMETS version) and 8 (Records)."""

from datetime import UTC, datetime

import pytest

from dcc_analytics.catalogue.devices import DEVICE_FIELDS
from dcc_analytics.stream.decode import decode_device, decode_incident, decode_user, decoded
from dcc_analytics.stream.events import DeviceVersion, Incident, Registration, Rejected, UserEntry
from dcc_analytics.stream.instants import DAY_US, instant_us
from tests.records import DEVICE, NOON_US, USER, Fields, text

DEVICE_RECORD: Fields = {
    "device": DEVICE, "as_of": "2026-10-05T12:00:00Z", "device_type": "ESME", "status": "Commissioned",
}  # fmt: skip
INCIDENT: Fields = {
    "incident": "INC1", "category": 1, "opened_at": "2026-10-05T12:00:00Z", "as_of": "2026-10-05T12:00:00Z",
}  # fmt: skip
USER_RECORD: Fields = {"user": USER, "party": "NWE", "roles": ["IS", "GS"], "as_of": "2026-10-05T12:00:00Z"}


def device(**changed: object) -> DeviceVersion:
    found = decoded(decode_device, text(DEVICE_RECORD, **changed))
    assert isinstance(found, DeviceVersion), found
    return found


def refused_device(**changed: object) -> str:
    found = decoded(decode_device, text(DEVICE_RECORD, **changed))
    assert isinstance(found, Rejected), found
    return found.reason


# -- devices -----------------------------------------------------------------------------------------------


def test_a_device_with_its_required_fields_alone_is_read() -> None:
    expected = DeviceVersion(
        DEVICE, NOON_US, "ESME", "Commissioned", removed=False, region="Unknown", smets_version="SMETS2+",
        manufacturer="Unknown", model="Unknown", firmware_version="Unknown", commissioned_us=None,
    )  # fmt: skip
    assert expected == device()


def test_a_devices_signifiers_are_read() -> None:
    found = device(device_manufacturer="106C", device_model="433100AC", device_firmware_version="1E10", removed=True)
    assert ("106C", "433100AC", "1E10", True) == (
        found.manufacturer,
        found.model,
        found.firmware_version,
        found.removed,
    )


@pytest.mark.parametrize("field", DEVICE_FIELDS, ids=lambda field: field.name)
def test_every_field_of_the_catalogue_may_be_null(field: object) -> None:
    name = field.name  # type: ignore[attr-defined]
    if name in DEVICE_RECORD:
        assert name in refused_device(**{name: None})
    else:
        assert device() == device(**{name: None})


@pytest.mark.parametrize("field", ["device", "as_of", "device_type", "status"])
def test_a_device_without_a_required_field_is_refused_and_the_field_named(field: str) -> None:
    assert f"missing required field `{field}`" in refused_device(**{field: ...})


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("North", "North"),
        ("North", "4G North"),
        ("Central", "4G Central"),
        ("South", "4G South"),
        ("South", "South"),
        ("SMETS1", "SMETS1"),
        ("Unknown", None),
        ("Unknown", ""),
    ],
)
def test_the_region_is_the_devices_own_with_4g_rolled_up(expected: str, said: str | None) -> None:
    assert expected == device(csp_region=said).region


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("SMETS1", {"smets_version": "SMETS1", "csp_region": "North"}),
        ("SMETS2+", {"smets_version": "SMETS2+", "csp_region": "SMETS1", "smets_chts_version": "SMETS1 v1.2"}),
        ("SMETS1", {"csp_region": "SMETS1"}),
        ("SMETS1", {"csp_region": "North", "smets_chts_version": "SMETS1 v1.2"}),
        ("SMETS2+", {"csp_region": "North", "smets_chts_version": "SMETS2 v5.0"}),
        ("SMETS2+", {"csp_region": "North", "smets_chts_version": "CHTS v1.0"}),
        ("SMETS2+", {}),
    ],
)
def test_the_smets_version_is_the_field_else_by_region_or_specification(expected: str, said: Fields) -> None:
    assert expected == device(**said).smets_version


@pytest.mark.parametrize("said", ["2026-10-05", "2026-10-05Z", "2026-10-05T23:59:59Z", "2026-10-05T00:00:00.000Z"])
def test_a_date_of_commissioning_is_the_midnight_it_begins_with(said: str) -> None:
    assert device(date_commissioned=said).commissioned_us == NOON_US - DAY_US // 2


@pytest.mark.parametrize("said", ["yesterday", "2026-02-30", "05/10/2026"])
def test_a_date_of_commissioning_that_is_no_date_is_refused_and_shown(said: str) -> None:
    assert refused_device(date_commissioned=said) == f"date_commissioned is no date: {said!r}"


def test_registrations_are_read_in_upper_case() -> None:
    lower = USER.lower()
    found = device(import_supplier_id=lower, export_supplier_id=USER, gas_supplier_id=None, network_operator_id=lower)
    assert Registration(USER, USER, None, USER) == found.registration


@pytest.mark.parametrize(
    "field", ["import_supplier_id", "export_supplier_id", "gas_supplier_id", "network_operator_id", "chf"]
)
def test_an_id_inside_a_devices_record_that_is_no_eui_64_is_refused(field: str) -> None:
    assert "not an EUI-64" in refused_device(**{field: "NWE"})


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("$.device_type", {"device_type": ""}),
        ("$.status", {"status": 4}),
        ("$.as_of", {"as_of": "2026-10-05"}),
        ("$.removed", {"removed": "yes"}),
        ("$.csp_region", {"csp_region": ["North"]}),
        ("$.device_model", {"device_model": 433100}),
        ("$.aerial_install", {"aerial_install": "true"}),
    ],
)
def test_a_devices_field_of_the_wrong_type_is_refused_with_its_path(path: str, changed: Fields) -> None:
    assert f"`{path}`" in refused_device(**changed)


def test_a_device_that_is_no_eui_64_is_refused() -> None:
    assert "not an EUI-64" in refused_device(device="meter 7")


# -- incidents ---------------------------------------------------------------------------------------------


def test_an_incident_is_read_and_no_regions_means_all() -> None:
    expected = Incident("INC1", 1, NOON_US, None, (), "", NOON_US)
    assert expected == decoded(decode_incident, text(INCIDENT))
    assert expected == decoded(decode_incident, text(INCIDENT, regions=None, closed_at=None, summary=None))


def test_an_incidents_end_regions_and_summary_are_read() -> None:
    said = text(INCIDENT, closed_at="2026-10-05T12:00:01Z", regions=["North", "4G South"], summary="Outage")
    expected = Incident("INC1", 1, NOON_US, NOON_US + 1_000_000, ("North", "4G South"), "Outage", NOON_US)
    assert expected == decoded(decode_incident, said)


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("`$.category`", {"category": 0}),
        ("`$.category`", {"category": 6}),
        ("`$.category`", {"category": "1"}),
        ("`$.regions`", {"regions": "North"}),
        ("`$.closed_at`", {"closed_at": "later"}),
        ("`$.incident`", {"incident": ""}),
        ("`incident`", {"incident": ...}),
        ("`opened_at`", {"opened_at": ...}),
        ("`as_of`", {"as_of": ...}),
        ("`category`", {"category": ...}),
    ],
)
def test_an_incident_that_is_not_whole_is_refused(words: str, changed: Fields) -> None:
    found = decoded(decode_incident, text(INCIDENT, **changed))
    assert isinstance(found, Rejected)
    assert words in found.reason


# -- users -------------------------------------------------------------------------------------------------


def test_a_user_without_name_or_group_is_known_by_its_party() -> None:
    expected = UserEntry(USER, "NWE", "NWE", "NWE", ("IS", "GS"), "", NOON_US)
    assert expected == decoded(decode_user, text(USER_RECORD))
    assert expected == decoded(decode_user, text(USER_RECORD, party_name=None, group=None, size=None))


def test_a_users_name_group_and_size_are_read_and_its_id_is_held_in_upper_case() -> None:
    said = text(USER_RECORD, user=USER.lower(), party_name="North West", group="Holding", size="large")
    assert UserEntry(USER, "NWE", "North West", "Holding", ("IS", "GS"), "large", NOON_US) == decoded(decode_user, said)


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("not an EUI-64", {"user": "NWE"}),
        ("`user`", {"user": ...}),
        ("`party`", {"party": ...}),
        ("`$.party`", {"party": ""}),
        ("`roles`", {"roles": ...}),
        ("`$.roles`", {"roles": "IS"}),
        ("`$.roles[0]`", {"roles": [1]}),
        ("`as_of`", {"as_of": ...}),
    ],
)
def test_a_user_that_is_not_whole_is_refused(words: str, changed: Fields) -> None:
    found = decoded(decode_user, text(USER_RECORD, **changed))
    assert isinstance(found, Rejected)
    assert words in found.reason


def test_instants_of_versions_are_those_said() -> None:
    assert device(as_of="2026-10-06T00:00:00Z").event_us == instant_us(datetime(2026, 10, 6, tzinfo=UTC))
