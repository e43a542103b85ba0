"""What is kept of single Devices beside the counts, and what becomes too old to keep."""

import pytest

from dcc_analytics.aggregators.device_records import (
    KEPT_US,
    Delivery,
    DeviceRecord,
    FirmwareUpdate,
    Gain,
    Install,
    Outage,
    PairedAlert,
    Restoration,
    instant_of,
    outdated,
    read_of_leg,
    record_of_alert,
    record_of_leg,
)
from dcc_analytics.stream.events import Alert, AlertDetails, Parameters
from dcc_analytics.stream.legs import Leg, Outcome
from tests.desk import DEVICE, NOON, USER, S

HUB = "88-73-84-00-00-00-00-10"
SUCCESS = Outcome(succeeded=True, reason="", ended_us=NOON + S)
FAILURE = Outcome(succeeded=False, reason="E20", ended_us=NOON + S)


def leg(srv: str, *, device: str | None = DEVICE, transform: bool = False, devices: tuple[str, ...] = ()) -> Leg:
    return Leg(
        USER, "IS", srv, 1, transform=transform, device=device, received_us=NOON, start_us=NOON, future_dated=False,
        untimed=False, parameters=Parameters(devices=devices),
    )  # fmt: skip


def alert(code: str, *, device: str | None = DEVICE, succeeded: bool | None = None, **details: object) -> Alert:
    names = ("started_us", "mpxn", "interrupted_us", "restored_us", "remote_party_role", "target_device")
    told = AlertDetails(**{name: details.get(name) for name in names})  # type: ignore[arg-type]
    return Alert(
        "A1", "dcc", code, USER, "ED", device, NOON, NOON + S, delivered=False, throttled_count=0, request_id="R",
        delivery_succeeded=succeeded, details=told if details else None,
    )  # fmt: skip


@pytest.mark.parametrize("srv", ["8.14.1", "8.14.2"])
@pytest.mark.parametrize(("outcome", "succeeded"), [(SUCCESS, True), (FAILURE, False), (None, False)])
def test_installs_are_kept_whatever_their_outcome(*, srv: str, outcome: Outcome | None, succeeded: bool) -> None:
    assert Install(USER, "IS", srv, DEVICE, NOON, succeeded) == record_of_leg("R", leg(srv), outcome, "IS")


def test_only_successful_gains_are_kept() -> None:
    assert Gain(USER, "?ESME", DEVICE, NOON) == record_of_leg("R", leg("6.23"), SUCCESS, "?ESME")
    assert record_of_leg("R", leg("6.23"), FAILURE, "IS") is None


@pytest.mark.parametrize("outcome", [SUCCESS, FAILURE, None])
def test_firmware_updates_are_kept_with_their_hubs_whatever_their_outcome(outcome: Outcome | None) -> None:
    update = leg("11.1", device=None, devices=(HUB,))
    assert FirmwareUpdate("R", USER, "IS", (HUB,), NOON) == record_of_leg("R", update, outcome, "IS")


@pytest.mark.parametrize("srv", ["8.14.1", "6.23"])
def test_what_is_about_no_device_is_not_kept(srv: str) -> None:
    assert record_of_leg("R", leg(srv, device=None), SUCCESS, "IS") is None


@pytest.mark.parametrize("srv", ["8.14.1", "6.23", "11.1", "4.8.1"])
def test_nothing_is_kept_of_transform_legs(srv: str) -> None:
    assert record_of_leg("R", leg(srv, transform=True), SUCCESS, "IS") is None
    assert read_of_leg(leg(srv, transform=True), SUCCESS) is None


@pytest.mark.parametrize(
    ("srv", "is_read"), [("4.8.1", True), ("4.1.1", True), ("4.16", True), ("4.13", False), ("7.4", False)]
)
def test_a_read_is_of_the_processes_meter_reads_and_read_registers(*, srv: str, is_read: bool) -> None:
    assert (NOON + S if is_read else None) == read_of_leg(leg(srv), SUCCESS)


@pytest.mark.parametrize(("device", "outcome"), [(None, SUCCESS), (DEVICE, FAILURE), (DEVICE, None)])
def test_what_fails_is_open_or_about_no_device_is_no_read(device: str | None, outcome: Outcome | None) -> None:
    assert read_of_leg(leg("4.8.1", device=device), outcome) is None


@pytest.mark.parametrize("ended_us", [-1, -62_135_596_800_000_000])
def test_what_ended_before_1970_is_no_read(ended_us: int) -> None:
    assert read_of_leg(leg("4.8.1"), Outcome(succeeded=True, reason="", ended_us=ended_us)) is None


def test_an_outage_started_when_it_says_or_else_when_it_was_raised() -> None:
    told = alert("AD1", device=HUB, started_us=NOON - S, mpxn="12")
    assert Outage(USER, "ED", HUB, "12", NOON - S, NOON) == record_of_alert(told, "ED")
    assert Outage(USER, "ED", None, None, NOON, NOON) == record_of_alert(alert("AD1", device=None), "ED")


def test_a_restoration_is_kept_if_it_says_both_instants() -> None:
    told = alert("8F36", interrupted_us=NOON - S, restored_us=NOON)
    assert Restoration(DEVICE, NOON - S, NOON, NOON) == record_of_alert(told, "ED")
    assert record_of_alert(alert("8F36", interrupted_us=NOON - S), "ED") is None
    assert record_of_alert(alert("8F36"), "ED") is None
    assert record_of_alert(alert("8F57", interrupted_us=NOON - S, restored_us=NOON), "ED") is None


@pytest.mark.parametrize(("role", "kept"), [("network_operator", True), ("supplier", False)])
def test_an_n42_is_kept_if_it_is_of_the_network_operators_credentials(*, role: str, kept: bool) -> None:
    expected = PairedAlert(USER, "ED", "N42", DEVICE, NOON) if kept else None
    assert expected == record_of_alert(alert("N42", remote_party_role=role), "ED")


@pytest.mark.parametrize("code", ["N16", "N42"])
def test_an_n16_and_an_n42_that_says_no_role_are_kept(code: str) -> None:
    assert PairedAlert(USER, "ED", code, DEVICE, NOON) == record_of_alert(alert(code), "ED")
    assert record_of_alert(alert(code, device=None), "ED") is None


@pytest.mark.parametrize(("succeeded", "kept"), [(True, True), (False, False), (None, False)])
def test_a_firmware_delivery_is_kept_if_it_succeeded(*, succeeded: bool | None, kept: bool) -> None:
    told = alert("N60", succeeded=succeeded, target_device=HUB)
    assert (Delivery("R", HUB, NOON) if kept else None) == record_of_alert(told, "IS")


def test_other_alerts_leave_nothing_beside_their_count() -> None:
    assert record_of_alert(alert("8154"), "IS") is None


# -- growing old -------------------------------------------------------------------------------------------


def records(*kept: DeviceRecord) -> dict[int, DeviceRecord]:
    return dict(enumerate(kept, start=1))


def test_records_are_outdated_once_they_are_older_than_what_is_kept() -> None:
    kept = records(Gain(USER, "IS", DEVICE, NOON), Outage(USER, "ED", HUB, None, NOON, NOON + S))
    assert [] == outdated(kept, NOON + KEPT_US)
    assert [1] == outdated(kept, NOON + KEPT_US + S)
    assert [1, 2] == outdated(kept, NOON + KEPT_US + 2 * S)


def test_an_old_install_stays_until_another_by_the_same_member_is_old_too() -> None:
    """A gain between the two asks for the first."""
    first = Install(USER, "IS", "8.14.1", HUB, NOON, succeeded=True)
    later = Install(USER, "IS", "8.14.2", HUB, NOON + KEPT_US, succeeded=True)
    assert [] == outdated(records(first, later), NOON + KEPT_US + 2 * S)
    assert [1] == outdated(records(first, later), NOON + 2 * KEPT_US + 2 * S)


def test_the_last_install_of_a_hub_by_each_member_stays_however_old() -> None:
    other = "90-B3-D5-1F-30-00-00-99"
    installs = (
        Install(USER, "IS", "8.14.2", HUB, NOON, succeeded=True),
        Install(USER, "IS", "8.14.1", HUB, NOON + S, succeeded=True),
        Install(other, "IS", "8.14.2", HUB, NOON, succeeded=True),
        Install(USER, "IS", "8.14.1", DEVICE, NOON, succeeded=True),
        Install(USER, "GS", "8.14.1", HUB, NOON + 2 * S, succeeded=True),
    )
    assert [1] == outdated(records(*installs), NOON + 2 * KEPT_US)


def test_every_kind_of_record_has_its_instant() -> None:
    kinds: tuple[DeviceRecord, ...] = (
        Install(USER, "IS", "8.14.1", HUB, 1, succeeded=True), Gain(USER, "IS", DEVICE, 2),
        FirmwareUpdate("R", USER, "IS", (), 3), Delivery("R", HUB, 4), PairedAlert(USER, "ED", "N16", DEVICE, 5),
        Outage(USER, "ED", HUB, None, 0, 6), Restoration(DEVICE, 0, 0, 7),
    )  # fmt: skip
    assert [1, 2, 3, 4, 5, 6, 7] == [instant_of(each) for each in kinds]
