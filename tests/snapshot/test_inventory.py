"""The inventory at an instant: contract sections 2 (Device facts) and 8 (Who: registration)."""

import pytest

from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.stream.estate import UNKNOWN_FACTS
from dcc_analytics.stream.events import DeviceVersion, Registration
from tests.desk import DAY, DEVICE, NOON, OTHER_DEVICE
from tests.story import OCTOBER

IMPORTER, EXPORTER, GAS, OPERATOR = (f"90-B3-D5-1F-30-0{number}-00-00" for number in range(1, 5))
REGISTERED = Registration(IMPORTER, EXPORTER, GAS, OPERATOR)


def version(
    as_of: int, *, device: str = DEVICE, region: str = "North", removed: bool = False, device_type: str = "ESME",
    status: str = "Commissioned", commissioned_us: int | None = None, registered: Registration = REGISTERED,
) -> DeviceVersion:  # fmt: skip
    return DeviceVersion(
        device, as_of, device_type, status, removed, region, "SMETS2+", "Acme", "M-1", "1E10",
        commissioned_us, registered,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "at_us"),
    [
        ("North", NOON - 100 * DAY),
        ("North", NOON - 1),
        ("South", NOON),
        ("South", NOON + DAY - 1),
        ("Central", NOON + DAY),
        ("Central", NOON + 100 * DAY),
    ],
)
def test_facts_are_those_of_the_greatest_as_of_not_after_and_of_the_earliest_before_all(
    expected: str, at_us: int
) -> None:
    versions = [
        version(NOON + DAY, region="Central"),
        version(NOON - DAY),
        version(NOON, region="South"),
    ]
    assert expected == Inventory(versions).facts_at(DEVICE, at_us)[0].region


def test_of_two_versions_of_one_instant_the_later_in_the_log_counts() -> None:
    inventory = Inventory([version(NOON, region="North"), version(NOON, region="South")])
    assert inventory.facts_at(DEVICE, NOON)[0].region == "South"


@pytest.mark.parametrize("device", [None, OTHER_DEVICE])
def test_without_device_or_with_one_in_no_inventory_every_fact_is_unknown(device: str | None) -> None:
    assert (UNKNOWN_FACTS, False) == Inventory([version(NOON)]).facts_at(device, NOON)


def test_a_device_that_left_the_inventory_is_unknown_from_then_on() -> None:
    inventory = Inventory([version(NOON, status="Pending"), version(NOON + DAY, removed=True, status="Pending")])
    assert inventory.facts_at(DEVICE, NOON + DAY - 1)[0].region == "North"
    assert (UNKNOWN_FACTS, False) == inventory.facts_at(DEVICE, NOON + DAY)


@pytest.mark.parametrize(
    ("installing", "status", "commissioned_us"),
    [
        (True, "Pending", None),
        (True, "Whitelisted", 0),
        (True, "InstalledNotCommissioned", None),
        (True, "Commissioned", NOON),
        (True, "Commissioned", NOON - 7 * DAY),
        (False, "Commissioned", NOON - 7 * DAY - 1),
        (False, "Commissioned", None),
        (False, "Decommissioned", None),
    ],
)
def test_a_device_is_installing_until_seven_days_after_its_commissioning(
    *, installing: bool, status: str, commissioned_us: int | None
) -> None:
    inventory = Inventory([version(NOON - DAY, status=status, commissioned_us=commissioned_us)])
    assert installing is inventory.facts_at(DEVICE, NOON)[1]


# -- registration ------------------------------------------------------------------------------------------


def registrations(*versions: DeviceVersion) -> set[tuple[str, str]]:
    return set(Inventory(versions).registrations(OCTOBER.end_us))


@pytest.mark.parametrize(
    ("operator_role", "device_type"),
    [("ED", "ESME"), ("GT", "GSME"), ("GT", "GPF"), ("ED", "CHF"), ("ED", "PPMID")],
)
def test_the_operator_is_the_ed_of_what_is_not_gas_and_the_gt_of_gas(operator_role: str, device_type: str) -> None:
    expected = {(IMPORTER, "IS"), (EXPORTER, "ES"), (GAS, "GS"), (OPERATOR, operator_role)}
    assert expected == registrations(version(NOON, device_type=device_type))


def test_a_device_is_registered_to_nobody_where_its_record_says_nothing() -> None:
    assert registrations(version(NOON, registered=Registration(None, None, GAS, None))) == {(GAS, "GS")}


@pytest.mark.parametrize(("registered", "as_of"), [(True, OCTOBER.end_us - 1), (False, OCTOBER.end_us)])
def test_the_version_that_counts_is_not_after_the_months_last_instant(*, registered: bool, as_of: int) -> None:
    assert registered == bool(registrations(version(as_of)))


def test_a_device_counts_where_it_is_registered_at_month_end_and_not_where_it_was() -> None:
    moved = version(NOON + DAY, registered=Registration(EXPORTER, None, None, None))
    assert registrations(version(NOON), moved) == {(EXPORTER, "IS")}


def test_a_removed_device_is_registered_to_nobody() -> None:
    assert registrations(version(NOON), version(NOON + DAY, removed=True)) == set()
