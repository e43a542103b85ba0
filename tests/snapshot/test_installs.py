"""Installs: contract sections 4 (Install, Read, No read in 30 days, Predicted installs) and 8."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from dcc_analytics.aggregators.device_records import Install
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.evidence import decimal
from dcc_analytics.snapshot.installs import bank_holidays, installs_daily, installs_without_read, prediction
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.stream.events import UserEntry
from dcc_analytics.stream.instants import DAY_US, HOUR_US
from tests.desk import DEVICE, OTHER_DEVICE, OTHER_USER, USER
from tests.snapshot.homes import Homes, ReadDays, Version, day, us

OCTOBER = Month.parse("2026-10")
HUB, OTHER_HUB = "88-73-84-00-00-00-00-01", "88-73-84-00-00-00-00-02"
DIRECTORY = Directory(
    [
        UserEntry(USER, "NWE", "Northwind", "NWE", ("IS", "GS"), "large", 0),
        UserEntry(OTHER_USER, "BHG", "Bright Hearth", "BHG", ("IS",), "large", 0),
    ]
)
Row = dict[str, object]


def install(
    at: str, *, srv: str = "8.14.1", user: str = USER, role: str = "IS", hub: str = HUB, succeeded: bool = True
) -> Install:
    return Install(user, role, srv, hub, us(at), succeeded)


def daily(*installs: Install, month: Month = OCTOBER, party: str = "NWE", role: str = "IS") -> dict[date, Row]:
    """Return a Member's rows by day."""
    table = installs_daily(installs, month, DIRECTORY).filter(party=party, role=role)
    return {row["day"]: row for row in table.iter_rows(named=True)}


def foretold(on: str, *installs: Install, month: Month = OCTOBER) -> tuple[object, ...]:
    """Return what is predicted for a day, as texts."""
    row = daily(*installs, month=month)[date.fromisoformat(on)]
    return tuple(None if row[name] is None else str(row[name]) for name in PREDICTED)


PREDICTED = ("predicted", "predicted_low", "predicted_high")

# -- volumes -----------------------------------------------------------------------------------------------


def test_installs_and_leaves_count_on_the_day_of_their_request_for_the_member_who_sent_it() -> None:
    rows = daily(
        install("2026-10-05T00:00:00"),
        install("2026-10-05T23:59:59.999"),
        install("2026-10-06T00:00:00"),
        install("2026-10-06T12:00:00", srv="8.14.2"),
        install("2026-10-05T12:00:00", user=OTHER_USER),
        install("2026-10-05T12:00:00", role="GS"),
    )
    counted = {on.day: (row["install_and_commission"], row["install_and_leave"]) for on, row in rows.items()}
    assert {5: (2, 0), 6: (1, 1)} == {on: counts for on, counts in counted.items() if any(counts)}
    assert list(OCTOBER.days) == list(rows)


def test_an_install_that_failed_is_none() -> None:
    assert {} == daily(install("2026-10-05T12:00:00", succeeded=False))


def test_a_role_nobody_said_is_found_as_for_any_request() -> None:
    assert 1 == daily(install("2026-10-05T12:00:00", role="?CHF"))[date(2026, 10, 5)]["install_and_commission"]


def test_a_member_without_installs_in_the_month_or_the_weeks_before_has_no_row() -> None:
    rows = daily(install("2026-10-05T12:00:00"), install("2026-08-05T23:00:00", user=OTHER_USER), party="BHG")
    assert {} == rows
    assert 31 == len(daily(install("2026-08-06T00:00:00", user=OTHER_USER), party="BHG"))


def test_the_months_borders_are_its_own() -> None:
    rows = daily(install("2026-09-30T23:59:59.999"), install("2026-10-31T23:59:59.999"), install("2026-11-01T00:00:00"))
    assert 1 == sum(int(str(row["install_and_commission"])) for row in rows.values())


# -- prediction --------------------------------------------------------------------------------------------

#: The first install by anyone, eight weeks or more before October.
LONG_AGO = install("2026-08-01T12:00:00", user=OTHER_USER)


def test_a_day_is_predicted_by_the_same_weekday_of_the_eight_weeks_before_the_month() -> None:
    # Thursdays: 24 September (one week before the 1st of October) twice, 6 August (eight weeks before) once.
    # Mean 3/8; squares 4 + 1 - 8 * (3/8)^2 = 3.875; deviation sqrt(3.875 / 7) = 0.744; band 1.488.
    installs = [LONG_AGO, *(install(f"2026-09-24T0{hour}:00:00") for hour in (1, 2)), install("2026-08-06T00:00:00")]
    for on in ("2026-10-01", "2026-10-08", "2026-10-29"):
        assert ("0.375", "-1.113", "1.863") == foretold(on, *installs)
    assert ("0.000", "0.000", "0.000") == foretold("2026-10-02", *installs)


def test_what_is_older_than_eight_weeks_or_of_the_month_itself_foretells_nothing() -> None:
    installs = [
        LONG_AGO,
        install("2026-07-30T12:00:00"),
        install("2026-10-01T12:00:00"),
        install("2026-09-01T12:00:00"),
    ]
    assert ("0.000", "0.000", "0.000") == foretold("2026-10-01", *installs)


def test_leaves_are_not_predicted_and_foretell_nothing() -> None:
    assert ("0.000", "0.000", "0.000") == foretold("2026-10-01", LONG_AGO, install("2026-09-24T12:00:00", srv="8.14.2"))


@pytest.mark.parametrize(
    ("expected", "first"),
    [
        # The weeks before October begin on Thursdays: 24 September, 17 September, ...
        (("0.333", "-0.821", "1.488"), "2026-09-10T12:00:00"),  # three weeks: 1, 0, 0
        (("0.333", "-0.821", "1.488"), "2026-09-16T23:59:59"),  # the last day of the third
        (("0.500", "-0.914", "1.914"), "2026-09-17T00:00:00"),  # two
        (("1.000", None, None), "2026-09-24T00:00:00"),  # one: no deviation
        (("0.125", "-0.582", "0.832"), "2026-08-12T23:59:59"),  # the last day of the eighth
        (("0.125", "-0.582", "0.832"), "2026-01-01T12:00:00"),
    ],
)
def test_weeks_count_since_the_first_install_by_anyone(expected: tuple[object, ...], first: str) -> None:
    """Whole weeks back from the month: one that reaches to the first install counts with the days before it as 0."""
    assert expected == foretold("2026-10-01", install(first, user=OTHER_USER), install("2026-09-24T23:00:00"))


def test_without_any_week_nothing_is_predicted() -> None:
    assert (None, None, None) == foretold("2026-10-01", install("2026-10-01T12:00:00"))


def test_neither_a_leave_nor_a_failure_begins_the_weeks() -> None:
    before = [install("2026-08-01T12:00:00", srv="8.14.2"), install("2026-08-01T12:00:00", succeeded=False)]
    assert ("1.000", None, None) == foretold("2026-10-01", *before, install("2026-09-24T12:00:00"))


def test_a_bank_holiday_is_predicted_as_a_sunday() -> None:
    """31 August 2026, a Monday. The Sundays before August are 7 June to 26 July, the Mondays up to 27 July."""
    sundays, mondays = ("2026-07-26T12:00:00", "2026-07-19T12:00:00"), ("2026-07-27T12:00:00",)
    installs = [install("2026-01-01T12:00:00", user=OTHER_USER), *map(install, sundays + mondays)]
    august = Month.parse("2026-08")
    assert "0.125" == foretold("2026-08-24", *installs, month=august)[0]
    assert (
        "0.250"
        == foretold("2026-08-31", *installs, month=august)[0]
        == foretold("2026-08-30", *installs, month=august)[0]
    )


def test_a_bank_holiday_of_the_weeks_before_stays_the_weekday_it_was() -> None:
    assert "0.125" == foretold("2026-10-05", LONG_AGO, install("2026-08-31T12:00:00"))[0]


def test_bank_holidays_are_those_of_england_and_wales() -> None:
    """Scotland's are 3 August and 30 November, Northern Ireland's is 13 July (in lieu of the 12th)."""
    found = {month: {on.day for on in bank_holidays(Month(2026, month))} for month in (4, 5, 7, 8, 11)}
    assert {4: {3, 6}, 5: {4, 25}, 7: set(), 8: {31}, 11: set()} == found


def test_days_in_lieu_are_bank_holidays() -> None:
    """Christmas 2027 is a Saturday, so that Monday and Tuesday are given for it and Boxing Day."""
    assert {27, 28} <= {on.day for on in bank_holidays(Month.parse("2027-12"))}


@pytest.mark.parametrize(
    ("expected", "numbers"),
    [
        (("2.000", "2.000", "2.000"), [2] * 8),
        (("0.500", "-0.914", "1.914"), [0, 1]),  # 1/2 and 2 * sqrt(1/2)
        (("2.000", "0.000", "4.000"), [1, 2, 3]),  # deviation 1
        (("1000000.000", "1000000.000", "1000000.000"), [1_000_000] * 3),
    ],
)
def test_the_band_is_two_sample_deviations_without_floor(expected: tuple[str, ...], numbers: list[int]) -> None:
    assert expected == tuple(map(str, prediction(numbers)))


def test_decimals_are_rounded_half_even() -> None:
    halves = (1, 3, 5, -1, -3)
    assert list(map(Decimal, ("0.000", "0.002", "0.002", "0.000", "-0.002"))) == [
        decimal(Fraction(half, 2000)) for half in halves
    ]


# -- no read in 30 days ------------------------------------------------------------------------------------

HOME = Homes(Version(us("2026-01-01"), DEVICE, HUB), Version(us("2026-01-01"), OTHER_DEVICE, OTHER_HUB))


def unread(
    *installs: Install, reads: dict[str, set[int]] | None = None, homes: Homes = HOME, month: Month = OCTOBER
) -> list[tuple[object, ...]]:
    table = installs_without_read(installs, month, DIRECTORY, hubs=homes, reads=ReadDays(reads or {}))
    return table.drop("party", "role").rows()


def test_an_install_without_any_read_is_a_row_with_the_end_of_its_window() -> None:
    table = installs_without_read(
        [install("2026-09-04T14:01:54.281")], OCTOBER, DIRECTORY, hubs=HOME, reads=ReadDays({})
    )
    at = datetime(2026, 9, 4, 14, 1, 54, 281_000, tzinfo=UTC)
    assert [("NWE", "IS", HUB, at, date(2026, 10, 4))] == table.rows()


@pytest.mark.parametrize(
    ("listed", "at"),
    [
        (False, "2026-08-31T23:59:59.999"),  # 30 September
        (True, "2026-09-01T00:00:00"),  # 1 October
        (True, "2026-10-01T23:59:59.999"),  # 31 October
        (False, "2026-10-02T00:00:00"),
    ],
)
def test_the_thirtieth_day_after_the_installs_falls_in_the_month(*, listed: bool, at: str) -> None:
    assert listed == bool(unread(install(at)))


@pytest.mark.parametrize(
    ("listed", "read_on"),
    [
        (True, "2026-09-03"),
        (False, "2026-09-04"),  # the install's own day
        (False, "2026-09-05"),
        (False, "2026-10-04"),  # the 30th
        (True, "2026-10-05"),
    ],
)
def test_a_read_counts_from_the_installs_day_to_the_thirtieth_after_it(*, listed: bool, read_on: str) -> None:
    assert listed == bool(unread(install("2026-09-04T23:00:00"), reads={DEVICE: {day(read_on)}}))


@pytest.mark.parametrize(("srv", "succeeded"), [("8.14.2", True), ("8.14.1", False)])
def test_only_a_successful_8_14_1_waits_for_a_read(*, srv: str, succeeded: bool) -> None:
    assert [] == unread(install("2026-09-04T12:00:00", srv=srv, succeeded=succeeded))


def test_a_read_of_another_hubs_meter_or_of_the_hub_itself_is_none_of_its_meters() -> None:
    reads = {OTHER_DEVICE: {day("2026-09-10")}, HUB: {day("2026-09-10")}}
    assert 1 == len(unread(install("2026-09-04T12:00:00"), reads=reads))


def test_one_meter_of_the_hub_is_enough() -> None:
    homes = Homes(Version(0, DEVICE, HUB), Version(0, OTHER_DEVICE, HUB))
    assert [] == unread(install("2026-09-04T12:00:00"), homes=homes, reads={OTHER_DEVICE: {day("2026-09-10")}})


@pytest.mark.parametrize(
    ("listed", "read_on"),
    [(True, "2026-09-09"), (True, "2026-09-10"), (False, "2026-09-11")],
)
def test_a_read_counts_for_the_hub_its_day_began_with(*, listed: bool, read_on: str) -> None:
    changed = us("2026-09-10T10:00:00")
    homes = Homes(Version(0, DEVICE, OTHER_HUB), Version(changed, DEVICE, HUB))
    reads = {DEVICE: {day(read_on)}}
    assert listed == bool(unread(install("2026-09-04T12:00:00"), homes=homes, reads=reads))
    assert listed != bool(unread(install("2026-09-04T12:00:00", hub=OTHER_HUB), homes=homes, reads=reads))


def test_a_meter_that_got_its_first_hub_on_the_day_it_was_read_was_read_through_it() -> None:
    homes = Homes(Version(0, DEVICE), Version(us("2026-09-04T11:00:00"), DEVICE, HUB))
    assert [] == unread(install("2026-09-04T12:00:00"), homes=homes, reads={DEVICE: {day("2026-09-04")}})


def test_a_device_that_has_left_the_inventory_is_no_meter_of_the_hub_any_more() -> None:
    homes = Homes(Version(0, DEVICE, HUB), Version(us("2026-09-10"), DEVICE, HUB, removed=True))
    reads = {DEVICE: {day("2026-09-10")}}
    assert 1 == len(unread(install("2026-09-04T12:00:00"), homes=homes, reads=reads))


def test_rows_are_sorted_whatever_the_order_of_the_records() -> None:
    installs = [
        install("2026-09-04T12:00:00", hub=OTHER_HUB),
        install("2026-09-05T12:00:00"),
        install("2026-09-04T12:00:00"),
        install("2026-09-04T12:00:00", user=OTHER_USER),
    ]
    forth, back = (
        installs_without_read(each, OCTOBER, DIRECTORY, hubs=HOME, reads=ReadDays({}))
        for each in (installs, installs[::-1])
    )
    assert forth.equals(back)
    assert ["BHG", "NWE", "NWE", "NWE"] == forth["party"].to_list()
    assert [HUB, HUB, HUB, OTHER_HUB] == forth["chf"].to_list()


def test_instants_are_rounded_half_even_to_milliseconds() -> None:
    start = us("2026-09-04")
    installs = [
        Install(USER, "IS", "8.14.1", HUB, start + HOUR_US + rest, succeeded=True) for rest in (500, 1500, 2501)
    ]
    table = installs_without_read(installs, OCTOBER, DIRECTORY, hubs=HOME, reads=ReadDays({}))
    assert [0, 2000, 3000] == [at.microsecond for at in table["installed_at"]]
    assert start // DAY_US == day("2026-09-04")
