"""Firmware deliveries: contract sections 4 (11.1 on SMETS2+) and 8 (Firmware)."""

from datetime import UTC, datetime

import pytest

from dcc_analytics.aggregators.device_records import Delivery, FirmwareUpdate
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.deliveries import firmware_delivery
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.stream.events import DeviceVersion, UserEntry
from tests.desk import OTHER_USER, USER
from tests.snapshot.homes import us

OCTOBER = Month.parse("2026-10")
HUB, OTHER_HUB = "88-73-84-00-00-00-00-01", "88-73-84-00-00-00-00-02"
REQUEST, OTHER_REQUEST = f"{USER}:{OTHER_USER}:7", f"{USER}:{OTHER_USER}:8"
RECEIVED = "2026-10-06T09:00:00.863"
DIRECTORY = Directory([UserEntry(USER, "NWE", "Northwind", "NWE", ("IS", "GS"), "large", 0)])


def hub(smets_version: str, *, as_of: str = "2020-01-01", device: str = HUB) -> DeviceVersion:
    return DeviceVersion(
        device, us(as_of), "CHF", "Commissioned", False, "North", smets_version, "Acme", "M-1", "1", None  # noqa: FBT003
    )  # fmt: skip


def update(*hubs: str, at: str = RECEIVED, request_id: str = REQUEST, role: str = "IS") -> FirmwareUpdate:
    return FirmwareUpdate(request_id, USER, role, hubs or (HUB,), us(at))


def delivery(at: str, *, device: str = HUB, request_id: str = REQUEST) -> Delivery:
    return Delivery(request_id, device, us(at))


def rows(
    *records: FirmwareUpdate | Delivery, inventory: Inventory | None = None, month: Month = OCTOBER
) -> list[tuple[object, ...]]:
    updates = [each for each in records if isinstance(each, FirmwareUpdate)]
    deliveries = [each for each in records if isinstance(each, Delivery)]
    return firmware_delivery(updates, deliveries, month, DIRECTORY, inventory or Inventory([])).rows()


def test_each_hub_of_a_request_is_a_row_with_its_own_delivery() -> None:
    at, done = datetime(2026, 10, 6, 9, 0, 0, 863_000, tzinfo=UTC), datetime(2026, 10, 7, tzinfo=UTC)
    assert [
        ("NWE", "IS", REQUEST, HUB, at, done, True),
        ("NWE", "IS", REQUEST, OTHER_HUB, at, None, False),
    ] == rows(update(OTHER_HUB, HUB), delivery("2026-10-07"))


@pytest.mark.parametrize(
    ("within", "at"),
    [
        (True, "2026-10-06T09:00:00.863"),
        (True, "2026-10-11T09:00:00.863"),  # five days to the microsecond
        (False, "2026-10-11T09:00:00.863001"),
        (False, "2026-10-25T12:00:00"),
    ],
)
def test_a_delivery_counts_within_five_days_inclusive_and_a_late_one_shows_its_instant(
    *, within: bool, at: str
) -> None:
    (row,) = rows(update(), delivery(at))
    assert within == row[-1]
    assert row[-2] is not None


def test_of_several_deliveries_the_first_counts_whatever_the_order() -> None:
    early, late = delivery("2026-10-10T12:00:00"), delivery("2026-10-12T12:00:00")
    expected = datetime(2026, 10, 10, 12, tzinfo=UTC)
    assert expected == rows(update(), early, late)[0][-2] == rows(update(), late, early)[0][-2]


def test_a_delivery_names_request_and_hub() -> None:
    assert rows(update(), delivery("2026-10-07", device=OTHER_HUB))[0][-2] is None
    assert rows(update(), delivery("2026-10-07", request_id=OTHER_REQUEST))[0][-2] is None


@pytest.mark.parametrize(
    ("listed", "at"),
    [
        (False, "2026-09-30T23:59:59.999"),
        (True, "2026-10-01T00:00:00"),
        (True, "2026-10-31T23:59:59.999"),
        (False, "2026-11-01T00:00:00"),
    ],
)
def test_a_request_is_of_the_month_it_was_received_in(*, listed: bool, at: str) -> None:
    assert listed == bool(rows(update(at=at)))


@pytest.mark.parametrize(("known", "at"), [(True, "2026-11-08T23:59:59.999"), (False, "2026-11-09T00:00:00")])
def test_what_comes_once_the_month_is_final_changes_nothing_any_more(*, known: bool, at: str) -> None:
    assert known == (rows(update(at="2026-10-31T12:00:00"), delivery(at))[0][-2] is not None)


@pytest.mark.parametrize(
    ("listed", "versions"),
    [
        (False, [hub("SMETS1")]),
        (True, [hub("SMETS2+")]),
        (True, []),  # nobody says it is SMETS1
        (True, [hub("SMETS1"), hub("SMETS2+", as_of=RECEIVED)]),
        (False, [hub("SMETS2+"), hub("SMETS1", as_of=RECEIVED)]),
    ],
)
def test_a_smets1_hub_is_left_out(*, listed: bool, versions: list[DeviceVersion]) -> None:
    assert listed == bool(rows(update(), inventory=Inventory(versions)))
    assert rows(update(OTHER_HUB), inventory=Inventory(versions))


def test_a_hub_named_twice_by_equal_requests_is_one_row_of_the_first() -> None:
    repeated = [update(HUB, HUB, at="2026-10-08T12:00:00"), update(HUB, at="2026-10-07T12:00:00")]
    (row,) = rows(*repeated, delivery("2026-10-12T13:00:00"))
    assert (datetime(2026, 10, 7, 12, tzinfo=UTC), False) == (row[4], row[6])


def test_an_absent_role_is_found_by_the_service_request() -> None:
    assert [("NWE", "IS")] == [row[:2] for row in rows(update(role="?Unknown"))]


def test_rows_are_sorted_by_request_and_hub() -> None:
    updates = [update(request_id=OTHER_REQUEST), update(OTHER_HUB, HUB)]
    assert [(REQUEST, HUB), (REQUEST, OTHER_HUB), (OTHER_REQUEST, HUB)] == [row[2:4] for row in rows(*updates)]
    assert rows(*updates) == rows(*reversed(updates))
