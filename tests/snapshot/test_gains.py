"""Changes of Supplier (Gain): contract sections 4 and 8 (last_install_srv, Hubs)."""

from datetime import UTC, datetime

import pytest

from dcc_analytics.aggregators.device_records import Gain, Install
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.gains import cos_gains
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.stream.events import UserEntry
from tests.desk import DEVICE, OTHER_DEVICE, OTHER_USER, USER
from tests.snapshot.homes import Homes, ReadDays, Version, day, us

OCTOBER = Month.parse("2026-10")
HUB, OTHER_HUB = "88-73-84-00-00-00-00-01", "88-73-84-00-00-00-00-02"
#: A second User of the gainer's Party.
SECOND_USER = "90-B3-D5-1F-30-03-00-00"
DIRECTORY = Directory(
    [
        UserEntry(USER, "NWE", "Northwind", "NWE", ("IS", "GS"), "large", 0),
        UserEntry(SECOND_USER, "NWE", "Northwind", "NWE", ("IS", "GS"), "large", 0),
        UserEntry(OTHER_USER, "BHG", "Bright Hearth", "BHG", ("IS",), "large", 0),
    ]
)
HOME = Homes(Version(0, DEVICE, HUB))
GAINED = "2026-10-16T14:00:00"


def gain(at: str = GAINED, *, user: str = USER, role: str = "IS", device: str = DEVICE) -> Gain:
    return Gain(user, role, device, us(at))


def install(
    at: str, srv: str = "8.14.1", *, user: str = OTHER_USER, role: str = "IS", hub: str = HUB, succeeded: bool = True
) -> Install:
    return Install(user, role, srv, hub, us(at), succeeded)


def rows(
    *gains: Gain, installs: list[Install] | None = None, homes: Homes = HOME, reads: dict[str, set[int]] | None = None
) -> list[tuple[object, ...]]:
    table = cos_gains(gains, installs or [], OCTOBER, DIRECTORY, hubs=homes, reads=ReadDays(reads or {}))
    return table.rows()


def last_install(*installs: Install, homes: Homes = HOME) -> object:
    return rows(gain(), installs=list(installs), homes=homes)[0][-1]


def test_a_gain_is_a_row_of_the_member_who_gained() -> None:
    assert [("NWE", "IS", DEVICE, datetime(2026, 10, 16, 14, tzinfo=UTC), False, "none")] == rows(gain())


def test_an_absent_role_is_found_by_the_service_request() -> None:
    assert ["GS", "IS"] == sorted(str(row[1]) for row in rows(gain(role="?GSME"), gain(role="?ESME")))


@pytest.mark.parametrize(
    ("listed", "at"),
    [
        (False, "2026-09-30T23:59:59.999999"),
        (True, "2026-10-01T00:00:00"),
        (True, "2026-10-31T23:59:59.999999"),
        (False, "2026-11-01T00:00:00"),
    ],
)
def test_a_gain_is_of_the_month_its_6_23_started_in(*, listed: bool, at: str) -> None:
    assert listed == bool(rows(gain(at)))


# -- read --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "on"),
    [
        (False, "2026-09-15"),
        (True, "2026-09-16"),  # the 30th day before
        (True, "2026-10-15"),
        (False, "2026-10-16"),  # the gain's own day, though the read may have come before it
        (False, "2026-10-17"),
    ],
)
def test_a_read_counts_on_one_of_the_thirty_days_before_the_day_of_the_gain(*, read: bool, on: str) -> None:
    assert read == rows(gain(), reads={DEVICE: {day(on)}})[0][-2]


def test_a_gain_at_midnight_has_the_day_that_begins() -> None:
    midnight = gain("2026-10-16T00:00:00")
    assert rows(midnight, reads={DEVICE: {day("2026-10-15")}})[0][-2]
    assert not rows(midnight, reads={DEVICE: {day("2026-10-16")}})[0][-2]


def test_a_read_of_another_device_of_the_hub_is_none_of_the_one_gained() -> None:
    homes = Homes(Version(0, DEVICE, HUB), Version(0, OTHER_DEVICE, HUB))
    assert not rows(gain(), homes=homes, reads={OTHER_DEVICE: {day("2026-10-10")}})[0][-2]


# -- last install ------------------------------------------------------------------------------------------


def test_the_last_received_of_both_counts_whatever_the_order_of_records() -> None:
    earlier, later = install("2026-01-01T12:00:00", "8.14.2"), install("2026-02-01T12:00:00", "8.14.1")
    assert "8.14.1" == last_install(earlier, later) == last_install(later, earlier)
    assert "8.14.2" == last_install(install("2026-01-01T12:00:00", "8.14.1"), install("2026-02-01T12:00:00", "8.14.2"))


@pytest.mark.parametrize(
    ("expected", "at"),
    [("8.14.1", "2026-10-16T13:59:59.999999"), ("none", GAINED), ("none", "2026-10-16T14:00:01")],
)
def test_it_was_received_before_the_gain(expected: str, at: str) -> None:
    assert expected == last_install(install(at))


def test_it_counts_as_received_whatever_the_outcome() -> None:
    failed = install("2026-02-01T12:00:00", "8.14.2", succeeded=False)
    assert "8.14.2" == last_install(install("2026-01-01T12:00:00"), failed)


@pytest.mark.parametrize("user", [USER, SECOND_USER])
def test_the_gainers_own_is_passed_over_whichever_user_sent_it(user: str) -> None:
    own = install("2026-02-01T12:00:00", "8.14.1", user=user)
    assert "none" == last_install(own)
    assert "8.14.2" == last_install(own, install("2026-01-01T12:00:00", "8.14.2"))


def test_another_role_of_the_same_party_is_another_member() -> None:
    assert "8.14.1" == last_install(install("2026-02-01T12:00:00", user=USER, role="GS"))


def test_another_hubs_counts_for_none() -> None:
    assert "none" == last_install(install("2026-02-01T12:00:00", hub=OTHER_HUB))


@pytest.mark.parametrize(
    ("expected", "changed"),
    [("8.14.1", "2026-10-16T14:00:00.000001"), ("8.14.2", GAINED), ("8.14.2", "2026-10-01T00:00:00")],
)
def test_the_hub_is_the_one_the_device_had_at_the_gain(expected: str, changed: str) -> None:
    homes = Homes(Version(0, DEVICE, HUB), Version(us(changed), DEVICE, OTHER_HUB))
    installs = [install("2026-01-01T12:00:00"), install("2026-01-01T12:00:00", "8.14.2", hub=OTHER_HUB)]
    assert expected == last_install(*installs, homes=homes)


@pytest.mark.parametrize(
    "homes", [Homes(), Homes(Version(0, DEVICE)), Homes(Version(0, DEVICE, HUB), Version(1, DEVICE, HUB, removed=True))]
)
def test_without_a_hub_there_is_none(homes: Homes) -> None:
    assert "none" == last_install(install("2026-01-01T12:00:00"), homes=homes)


def test_rows_are_sorted_by_member_device_and_instant() -> None:
    gains = [
        gain("2026-10-20T12:00:00"), gain("2026-10-10T12:00:00"), gain(device=OTHER_DEVICE), gain(user=OTHER_USER),
    ]  # fmt: skip
    found = rows(*gains)
    assert found == rows(*reversed(gains)) == sorted(found)
    assert ["BHG", "NWE", "NWE", "NWE"] == [row[0] for row in found]
