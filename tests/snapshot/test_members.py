"""Who is who: contract sections 2 (Unit of reporting, Role), 7.1 and 8 (Who)."""

import pytest

from dcc_analytics.snapshot.members import Directory, Member, Party, folder_of
from dcc_analytics.stream.events import UserEntry
from tests.desk import OTHER_USER, USER


def entry(
    user: str = USER, party: str = "NWE", *roles: str, as_of: int = 0, name: str = "", group: str = ""
) -> UserEntry:
    return UserEntry(user, party, name or party, group or party, roles or ("IS",), "large", as_of)


# -- Party -------------------------------------------------------------------------------------------------


def test_all_user_ids_of_a_party_in_one_role_are_one_member() -> None:
    directory = Directory([entry(USER), entry(OTHER_USER)])
    assert Member("NWE", "IS") == directory.member(USER, "IS", "4.8.1") == directory.member(OTHER_USER, "IS", "4.8.1")
    assert [Member("NWE", "IS")] == directory.members()


def test_a_user_without_entry_is_its_own_party_and_owner_group() -> None:
    directory = Directory([])
    assert Member(USER, "IS") == directory.member(USER, "IS", "4.8.1")
    assert Party(USER, USER, USER, (), "", (USER,)) == directory.party(USER)
    assert directory.members() == []


def test_the_newest_entry_of_a_user_counts_whatever_the_order_read() -> None:
    old, new = entry(party="OLD", as_of=1), entry(party="NEW", as_of=2)
    for entries in ([old, new], [new, old]):
        assert Member("NEW", "IS") == Directory(entries).member(USER, "IS", "4.8.1")


def test_of_two_entries_of_one_instant_the_later_in_the_log_counts() -> None:
    entries = [entry(party="FIRST"), entry(party="SECOND")]
    assert Member("SECOND", "IS") == Directory(entries).member(USER, "IS", None)


def test_a_party_a_user_has_left_is_no_member_any_more() -> None:
    directory = Directory([entry(party="OLD", as_of=1), entry(party="NEW", as_of=2)])
    assert [Member("NEW", "IS")] == directory.members()


def test_a_party_is_called_what_its_newest_entry_says_and_has_the_roles_of_all_its_users() -> None:
    directory = Directory(
        [
            entry(USER, "NWE", "IS", as_of=9, name="North West Energy", group="Holding"),
            entry(OTHER_USER, "NWE", "GS", "IS", as_of=3, name="NW Gas", group="Gas Holding"),
        ]
    )
    party = directory.party("NWE")
    assert ("North West Energy", "Holding", {"IS", "GS"}) == (party.name, party.group, set(party.roles))


# -- Role --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["IS", "MDR", "XYZ"])
def test_a_role_said_is_taken_as_said(role: str) -> None:
    assert Member("NWE", role) == Directory([entry(USER, "NWE", "GS")]).member(USER, role, "4.8.1")


@pytest.mark.parametrize(
    ("expected", "roles", "device_type", "srv"),
    [
        # 4.8.1 may be sent by IS, GS, ED, GT and OU.
        ("IS", ("ED", "GS", "IS"), "ESME", "4.8.1"),
        ("ED", ("GS", "ED"), "ESME", "4.8.1"),
        ("GS", ("IS", "GT", "GS"), "GSME", "4.8.1"),
        ("GS", ("IS", "GS"), "GPF", "4.8.1"),
        ("GT", ("ED", "GT"), "GPF", "4.8.1"),
        ("IS", ("GS", "IS"), "CHF", "4.8.1"),
        ("ED", ("GT", "GS", "ED"), "Unknown", "4.8.1"),
        ("GS", ("GS",), "ESME", "4.8.1"),
        # of the Party's roles, those that may send it: 1.2.1 is for IS and GS.
        ("GS", ("ED", "GT", "GS"), "ESME", "1.2.1"),
        ("OU", ("ED", "GT"), "ESME", "1.2.1"),
        ("OU", ("ES",), "ESME", "4.8.1"),
        ("OU", ("IS",), "ESME", "99.9"),
        # an Alert: from all the Party's roles.
        ("ES", ("GS", "ES"), "ESME", None),
        ("RSA", ("MDR", "OU", "RSA"), "Unknown", None),
    ],
)
def test_a_role_nobody_said_is_found_by_srv_device_type_and_order(
    expected: str, roles: tuple[str, ...], device_type: str, srv: str | None
) -> None:
    directory = Directory([entry(USER, "NWE", *roles)])
    assert Member("NWE", expected) == directory.member(USER, f"?{device_type}", srv)


def test_the_roles_are_the_partys_and_not_the_users_alone() -> None:
    directory = Directory([entry(USER, "NWE", "GS"), entry(OTHER_USER, "NWE", "IS")])
    assert Member("NWE", "IS") == directory.member(USER, "?ESME", "4.8.1")


def test_a_user_without_entry_and_role_is_an_other_user() -> None:
    assert Member(USER, "OU") == Directory([]).member(USER, "?ESME", "4.8.1")


def test_every_party_and_role_of_the_directory_is_a_member() -> None:
    directory = Directory([entry(USER, "NWE", "IS", "GS"), entry(OTHER_USER, "EDN", "ED")])
    assert {Member("NWE", "IS"), Member("NWE", "GS"), Member("EDN", "ED")} == set(directory.members())


# -- folders -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("party", ["../../etc", "a/b", "a\\b", "a:b", "a\nb", "a\0b", "<a>", "a b"])
def test_a_members_folder_is_a_name_and_no_way_elsewhere(party: str) -> None:
    folder = folder_of(Member(party, "IS"))
    assert not set(folder) & set('/\\:\n\0<> "|?*')
    assert folder.endswith("-IS")
