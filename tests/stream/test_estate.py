"""What a Device was at an instant: contract sections 2 (Device facts, Meter Type), 4 (first rule) and 8."""

import pytest

from dcc_analytics.stream.estate import (
    INSTALLATION_US,
    UNKNOWN_FACTS,
    Facts,
    Version,
    holding_at,
    installing,
    version_of,
)
from dcc_analytics.stream.events import DeviceVersion
from tests.desk import DAY, DEVICE, NOON


def record(**changed: object) -> DeviceVersion:
    said = {
        "device": DEVICE, "as_of_us": NOON, "device_type": "ESME", "status": "Commissioned", "removed": False,
        "region": "North", "smets_version": "SMETS2+", "manufacturer": "Acme", "model": "M-1",
        "firmware_version": "1E10", "commissioned_us": NOON - DAY,
    }  # fmt: skip
    return DeviceVersion(**(said | changed))  # type: ignore[arg-type]  # fields of the record


def test_a_version_keeps_the_facts_a_figure_is_split_by() -> None:
    facts = Facts("ESME", "Electricity", "North", "SMETS2+", "Acme", "M-1", "1E10")
    assert Version(NOON, facts, uncommissioned=False, commissioned_us=NOON - DAY) == version_of(record())


def test_a_removed_device_has_no_facts() -> None:
    assert version_of(record(removed=True)).facts is None


def test_unknown_facts_are_all_the_word_unknown() -> None:
    assert {"Unknown"} == {getattr(UNKNOWN_FACTS, name) for name in UNKNOWN_FACTS.__struct_fields__}


@pytest.mark.parametrize(
    ("expected", "device_type"),
    [("Electricity", "ESME"), ("Gas", "GSME"), ("Gas", "GPF"), ("None", "CHF"), ("None", "IHD"), ("None", "anything")],
)
def test_meter_type_follows_the_device_type(expected: str, device_type: str) -> None:
    facts = version_of(record(device_type=device_type)).facts
    assert facts is not None
    assert expected == facts.meter_type


@pytest.mark.parametrize(
    ("expected", "at_us"), [(10, 0), (10, 10), (10, 19), (20, 20), (20, 29), (30, 30), (30, 1_000)]
)
def test_the_version_that_holds_is_the_last_not_after_else_the_earliest(expected: int, at_us: int) -> None:
    versions = [Version(as_of, UNKNOWN_FACTS, uncommissioned=False, commissioned_us=None) for as_of in (10, 20, 30)]
    found = holding_at(versions, at_us)
    assert found is not None
    assert expected == found.as_of_us


def test_a_device_of_which_nothing_is_known_has_no_version() -> None:
    assert holding_at([], NOON) is None


def test_a_device_is_in_its_installation_for_seven_days() -> None:
    assert INSTALLATION_US == 7 * DAY


@pytest.mark.parametrize(
    ("expected", "status", "commissioned_us"),
    [
        (True, "Pending", NOON - 100 * DAY),
        (True, "Whitelisted", None),
        (True, "InstalledNotCommissioned", None),
        (True, "Commissioned", NOON + DAY),
        (True, "Commissioned", NOON - 7 * DAY),
        (False, "Commissioned", NOON - 7 * DAY - 1),
        (False, "Commissioned", None),
        (False, "Withdrawn", None),
    ],
)
def test_not_yet_commissioned_is_by_status_else_by_date(
    *, expected: bool, status: str, commissioned_us: int | None
) -> None:
    assert expected == installing(version_of(record(status=status, commissioned_us=commissioned_us)), NOON)
