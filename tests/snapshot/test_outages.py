"""Power outages without restoration: contract sections 4 (Power outages) and 8 (Outages)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dcc_analytics.aggregators.device_records import Outage, Restoration
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.outages import outages_unrestored
from dcc_analytics.stream.events import UserEntry
from tests.desk import DEVICE, OTHER_DEVICE, OTHER_USER, USER
from tests.snapshot.homes import Homes, Version, us

OCTOBER = Month.parse("2026-10")
HUB, OTHER_HUB = "88-73-84-00-00-00-00-01", "88-73-84-00-00-00-00-02"
MPXN = "1728607434655"
DIRECTORY = Directory(
    [
        UserEntry(USER, "CLD", "Caledon", "CLD", ("ED",), "large", 0),
        UserEntry(OTHER_USER, "IDN", "Independent", "IDN", ("ED", "GT"), "large", 0),
    ]
)
HOME = Homes(Version(0, DEVICE, HUB, MPXN), Version(0, OTHER_DEVICE, OTHER_HUB, "2000000000000"))
STARTED = "2026-10-14T18:00:00"


def outage(
    started: str = STARTED,
    *,
    raised: str | None = None,
    hub: str | None = HUB,
    mpxn: str | None = None,
    user: str = USER,
    role: str = "ED",
) -> Outage:
    return Outage(user, role, hub, mpxn, us(started), us(raised or started) + (raised is None) * 180_000_000)


def restoration(
    restored: str = "2026-10-14T20:00:00",
    *,
    interrupted: str = STARTED,
    device: str = DEVICE,
    raised: str = "2026-10-14T20:01:00",
) -> Restoration:
    return Restoration(device, us(interrupted), us(restored), us(raised))


def rows(*records: Outage | Restoration, homes: Homes = HOME) -> list[tuple[object, ...]]:
    outages = [each for each in records if isinstance(each, Outage)]
    restorations = [each for each in records if isinstance(each, Restoration)]
    return outages_unrestored(outages, restorations, OCTOBER, DIRECTORY, homes).rows()


def test_an_outage_without_restoration_is_a_row_with_its_age_as_of_month_end() -> None:
    """17 days, 4 h 31 min 52.59 s: 412.531275 hours."""
    at = datetime(2026, 10, 14, 19, 28, 7, 410_000, tzinfo=UTC)
    assert [("CLD", "ED", HUB, MPXN, at, Decimal("412.531"))] == rows(outage("2026-10-14T19:28:07.410", mpxn=MPXN))


def test_a_restoration_by_a_device_of_the_hub_ends_it() -> None:
    assert [] == rows(outage(), restoration())
    assert 1 == len(rows(outage(), restoration(device=OTHER_DEVICE)))


def test_a_restoration_by_a_device_with_its_mpxn_ends_it_too() -> None:
    homes = Homes(Version(0, DEVICE, OTHER_HUB, MPXN))
    assert [] == rows(outage(mpxn=MPXN), restoration(), homes=homes)
    assert [] == rows(outage(hub=None, mpxn=MPXN), restoration(), homes=homes)
    assert 1 == len(rows(outage(mpxn="2000000000000"), restoration(), homes=homes))


@pytest.mark.parametrize("mpxn", [None, ""])
def test_what_has_no_hub_or_no_mpxn_is_joined_by_neither(mpxn: str | None) -> None:
    homes = Homes(Version(0, DEVICE, None, mpxn))
    assert 1 == len(rows(outage(hub=None, mpxn=mpxn), restoration(), homes=homes))
    assert 1 == len(rows(outage(mpxn=mpxn), restoration(), homes=homes))


@pytest.mark.parametrize(
    ("ended", "interrupted"),
    [
        (True, "2026-10-14T12:00:00"),
        (True, "2026-10-14T18:05:00"),  # five minutes after the start
        (False, "2026-10-14T18:05:00.000001"),
        (False, "2026-10-14T19:00:00"),
    ],
)
def test_the_interruption_is_not_later_than_five_minutes_after_the_start(*, ended: bool, interrupted: str) -> None:
    assert ended == (rows(outage(), restoration(interrupted=interrupted)) == [])


@pytest.mark.parametrize(
    ("ended", "restored"),
    [(False, "2026-10-14T17:59:59"), (False, STARTED), (True, "2026-10-14T18:00:00.000001")],
)
def test_power_came_back_after_the_start(*, ended: bool, restored: str) -> None:
    assert ended == (rows(outage(), restoration(restored, interrupted="2026-10-14T17:00:00")) == [])


@pytest.mark.parametrize(
    ("ended", "raised"),
    [(True, "2026-10-31T23:59:00"), (True, "2026-11-02T00:00:00"), (False, "2026-11-02T00:00:00.000001")],
)
def test_restorations_up_to_a_day_after_the_month_are_taken_into_account(*, ended: bool, raised: str) -> None:
    assert ended == (rows(outage(), restoration(raised=raised)) == [])


@pytest.mark.parametrize(
    ("listed", "raised"),
    [
        (False, "2026-09-30T23:59:59.999"),
        (True, "2026-10-01T00:00:00"),
        (True, "2026-10-31T23:59:59.999"),
        (False, "2026-11-01T00:00:00"),
    ],
)
def test_an_outage_is_of_the_month_its_alert_was_raised_in(*, listed: bool, raised: str) -> None:
    assert listed == bool(rows(outage("2026-10-14T18:00:00", raised=raised)))


def test_an_outage_that_began_before_the_month_keeps_its_start() -> None:
    (row,) = rows(outage("2026-09-30T23:58:00", raised="2026-10-01T00:01:00"))
    assert (datetime(2026, 9, 30, 23, 58, tzinfo=UTC), Decimal("744.033")) == row[4:]


def test_one_restoration_ends_every_outage_it_fits_and_each_alert_is_a_row() -> None:
    twice = [outage(), outage("2026-10-14T18:10:00")]
    assert [] == rows(*twice, restoration(interrupted="2026-10-14T18:02:00"))
    assert 1 == len(rows(*twice, restoration(interrupted="2026-10-14T18:10:00")))
    assert 2 == len(rows(*twice))


@pytest.mark.parametrize(
    ("ended", "changed"),
    [(True, "2026-10-14T20:01:00.000001"), (False, "2026-10-14T20:01:00"), (False, "2026-10-14T19:00:00")],
)
def test_hub_and_mpxn_are_those_the_device_had_when_it_raised_the_restoration(*, ended: bool, changed: str) -> None:
    homes = Homes(Version(0, DEVICE, HUB, MPXN), Version(us(changed), DEVICE, OTHER_HUB, "2000000000000"))
    assert ended == (rows(outage(mpxn=MPXN), restoration(), homes=homes) == [])


@pytest.mark.parametrize(("listed", "role"), [(True, "ED"), (True, "?CHF"), (False, "GT"), (False, "IS")])
def test_only_distributors_are_told(*, listed: bool, role: str) -> None:
    assert listed == bool(rows(outage(user=OTHER_USER, role=role)))


def test_rows_are_sorted_by_hub_mpxn_and_start() -> None:
    outages = [
        outage(hub=OTHER_HUB), outage(mpxn="2"), outage(mpxn="1"), outage("2026-10-10T12:00:00", mpxn="2"),
        outage(hub=None),
    ]  # fmt: skip
    found = [row[2:4] for row in rows(*outages)]
    assert [(None, None), (HUB, "1"), (HUB, "2"), (HUB, "2"), (OTHER_HUB, None)] == found
    assert rows(*outages) == rows(*reversed(outages))
