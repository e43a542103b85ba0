"""N42 after N16, by Energy Supplier: contract sections 4, 7.8 and 8 (Hubs)."""

from collections.abc import Iterable

import pytest

from dcc_analytics.aggregators.device_records import DeviceRecord, Gain, Install, PairedAlert
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.snapshot.pairs import drawing_key, letters, n42_after_n16
from dcc_analytics.stream.events import UserEntry
from tests.desk import DEVICE, OTHER_DEVICE, OTHER_USER, USER
from tests.snapshot.homes import Homes, Version, us

OCTOBER = Month.parse("2026-10")
DISTRIBUTOR, SECOND_USER, OTHER_DISTRIBUTOR = (f"90-B3-D5-1F-30-4{number}-00-01" for number in range(3))
DIRECTORY = Directory(
    [
        UserEntry(USER, "NWE", "Northwind", "NWE", ("IS",), "large", 0),
        UserEntry(OTHER_USER, "BHG", "Bright Hearth", "BHG", ("IS", "GS"), "large", 0),
        UserEntry(DISTRIBUTOR, "CLD", "Caledon", "CLD", ("ED",), "large", 0),
        UserEntry(SECOND_USER, "CLD", "Caledon", "CLD", ("ED",), "large", 0),
        UserEntry(OTHER_DISTRIBUTOR, "IDN", "Independent", "IDN", ("ED", "GT"), "large", 0),
    ]
)
HOME = Homes(Version(0, DEVICE, supplier=USER), Version(0, OTHER_DEVICE, supplier=OTHER_USER))
ANNOUNCED = "2026-10-04T10:00:00"
KEY = b"drawn"
PARTIES = [f"P{number}" for number in range(12)]


def n16(at: str = ANNOUNCED, *, device: str = DEVICE, user: str = DISTRIBUTOR, role: str = "ED") -> PairedAlert:
    return PairedAlert(user, role, "N16", device, us(at))


def n42(at: str, *, device: str = DEVICE, user: str = DISTRIBUTOR, role: str = "ED") -> PairedAlert:
    return PairedAlert(user, role, "N42", device, us(at))


def rows(
    *alerts: PairedAlert, homes: Homes = HOME, names_allowed: bool = True, key: bytes = KEY
) -> list[tuple[object, ...]]:
    return n42_after_n16(alerts, OCTOBER, DIRECTORY, homes, names_allowed=names_allowed, key=key).rows()


def how_soon(*alerts: PairedAlert) -> str:
    """Return the column in which the one N16 of a story counts."""
    (row,) = rows(*alerts)
    (column,) = [name for name, count in zip(("within", "later", "none"), row[4:], strict=True) if count]
    return column


def test_rows_count_the_n16_of_each_supplier() -> None:
    alerts = [
        n16(), n42("2026-10-05T10:00:00"), n16("2026-10-20T10:00:00"), n16(device=OTHER_DEVICE),
        n42("2026-10-30T10:00:00", device=OTHER_DEVICE),
    ]  # fmt: skip
    expected = [("CLD", "ED", "BHG", 1, 0, 1, 0), ("CLD", "ED", "NWE", 2, 1, 0, 1)]
    assert expected == rows(*alerts) == rows(*reversed(alerts))


@pytest.mark.parametrize(
    ("expected", "at"),
    [
        ("none", "2026-10-04T09:59:59.999"),
        ("none", ANNOUNCED),  # at the same instant is not after
        ("within", "2026-10-04T10:00:00.000001"),
        ("within", "2026-10-11T10:00:00"),  # seven days to the microsecond
        ("later", "2026-10-11T10:00:00.000001"),
        ("later", "2026-11-08T23:59:59.999"),
        ("none", "2026-11-09T00:00:00"),  # the month is final
    ],
)
def test_an_n42_counts_within_seven_days_inclusive_or_later_until_the_month_is_final(expected: str, at: str) -> None:
    assert expected == how_soon(n16(), n42(at))


def test_the_first_n42_after_counts() -> None:
    assert "within" == how_soon(n16(), n42("2026-10-20T10:00:00"), n42("2026-10-05T10:00:00"))
    assert "later" == how_soon(n16(), n42("2026-10-20T10:00:00"), n42("2026-10-01T10:00:00"))


def test_one_n42_answers_every_n16_before_it() -> None:
    alerts = [n16(), n16("2026-10-06T10:00:00"), n42("2026-10-12T10:00:00")]
    assert [("CLD", "ED", "NWE", 2, 1, 1, 0)] == rows(*alerts)


def test_device_and_distributor_are_the_same_and_all_its_users_are_one() -> None:
    assert "none" == how_soon(n16(), n42("2026-10-05T10:00:00", device=OTHER_DEVICE))
    assert "none" == how_soon(n16(), n42("2026-10-05T10:00:00", user=OTHER_DISTRIBUTOR))
    assert "within" == how_soon(n16(), n42("2026-10-05T10:00:00", user=SECOND_USER))


def test_only_what_is_sent_to_a_distributor_counts() -> None:
    assert [] == rows(n16(role="GT"), n16(user=USER, role="IS"))
    assert "none" == how_soon(n16(user=OTHER_DISTRIBUTOR), n42("2026-10-05", user=OTHER_DISTRIBUTOR, role="GT"))
    assert "within" == how_soon(n16(role="?ESME"), n42("2026-10-05", role="?ESME"))


@pytest.mark.parametrize(
    ("counted", "at"),
    [
        (False, "2026-09-30T23:59:59.999"),
        (True, "2026-10-01T00:00:00"),
        (True, "2026-10-31T23:59:59.999"),
        (False, "2026-11-01T00:00:00"),
    ],
)
def test_an_n16_is_of_the_month_it_was_raised_in(*, counted: bool, at: str) -> None:
    assert counted == bool(rows(n16(at)))


@pytest.mark.parametrize(
    ("expected", "changed"), [("NWE", "2026-10-04T10:00:00.000001"), ("BHG", ANNOUNCED), ("BHG", "2026-10-01")]
)
def test_the_supplier_is_the_one_at_the_n16(expected: str, changed: str) -> None:
    homes = Homes(Version(0, DEVICE, supplier=USER), Version(us(changed), DEVICE, supplier=OTHER_USER))
    assert expected == rows(n16(), n42("2026-10-05T10:00:00"), homes=homes)[0][2]


@pytest.mark.parametrize("names_allowed", [True, False])
def test_a_supplier_nobody_knows_is_unknown_and_gets_no_letter(*, names_allowed: bool) -> None:
    found = rows(n16(), n16(device=OTHER_DEVICE), homes=Homes(Version(0, DEVICE, supplier=USER)),
                 names_allowed=names_allowed)  # fmt: skip
    assert {"Unknown", "NWE" if names_allowed else "A"} == {row[2] for row in found}


# -- letters -----------------------------------------------------------------------------------------------


def drawn(
    parties: Iterable[str] = PARTIES, *, month: Month = OCTOBER, recipient: str = "CLD", key: bytes = KEY
) -> list[str]:
    """Return suppliers in the order of their letters."""
    named = letters(parties, month, Member(recipient, "ED"), key)
    return sorted(parties, key=lambda party: str(named[party]))


def test_without_a_governance_reference_suppliers_go_by_letters() -> None:
    found = rows(n16(), n42("2026-10-05"), n16(device=OTHER_DEVICE), names_allowed=False)
    assert ["A", "B"] == [row[2] for row in found]
    assert {(1, 1, 0, 0), (1, 0, 0, 1)} == {row[3:] for row in found}
    assert not {"NWE", "BHG", USER, OTHER_USER} & {cell for row in found for cell in row}


def test_letters_are_drawn_anew_for_each_month_and_recipient_and_snapshot() -> None:
    assert drawn() == drawn()
    others = [drawn(month=OCTOBER.next), drawn(recipient="IDN"), drawn(key=b"other")]
    assert all(other != drawn() for other in others)


def test_no_letter_follows_from_a_name() -> None:
    """Over many keys each supplier gets the first letter about as often as any other: 400 / 4, give or take 40."""
    firsts = [drawn(PARTIES[:4], key=str(number).encode())[0] for number in range(400)]
    assert all(60 < firsts.count(party) < 140 for party in PARTIES[:4])


def test_no_letter_follows_from_how_many_meters_a_supplier_has() -> None:
    few = rows(n16(), n16(device=OTHER_DEVICE), names_allowed=False)
    many = [n16(device=OTHER_DEVICE)] * 9
    more = rows(n16(), *many, names_allowed=False)
    assert [row[2] for row in few] == [row[2] for row in more]
    assert drawn() == drawn(list(reversed(PARTIES)))


def test_more_than_twenty_six_suppliers_have_two_letters_each() -> None:
    parties = [f"P{number}" for number in range(30)]
    named = letters(parties, OCTOBER, Member("CLD", "ED"), KEY)
    assert ["AA", "AB", "BD"] == [sorted(str(named[party]) for party in parties)[place] for place in (0, 1, 29)]
    assert 30 == len({named[party] for party in parties})


def test_the_key_depends_on_every_record_and_not_on_their_order() -> None:
    records = records_of_october()
    assert drawing_key(records, OCTOBER) == drawing_key(reversed(records), OCTOBER)
    keys = {drawing_key(records[:number] + records[number + 1 :], OCTOBER) for number in range(len(records))}
    assert len(records) == len(keys - {drawing_key(records, OCTOBER)})
    changed = [*records[:1], Gain(USER, "IS", DEVICE, OCTOBER.start_us + 3), *records[2:]]
    assert drawing_key(changed, OCTOBER) != drawing_key(records, OCTOBER)


def test_the_key_depends_on_no_record_of_another_month() -> None:
    records = records_of_october()
    before, after = (Gain(USER, "IS", DEVICE, instant_us) for instant_us in (OCTOBER.start_us - 1, OCTOBER.end_us))
    assert drawing_key(records, OCTOBER) == drawing_key([before, *records, after], OCTOBER)


def records_of_october() -> list[DeviceRecord]:
    return [
        Install(USER, "IS", "8.14.1", DEVICE, OCTOBER.start_us + 1, succeeded=True),
        Gain(USER, "IS", DEVICE, OCTOBER.start_us + 2),
        n16(),
        n42("2026-10-05"),
    ]
