"""Who there is: as many of each Role as the field has, in groups, and one of them in several Roles."""

from collections import Counter

import pytest

from dcc_analytics.catalogue.roles import ROLE_NAMES
from dcc_analytics.simulator.parties import AREAS, numbers_of, parties


def test_there_are_as_many_of_each_role_as_the_field_has() -> None:
    counts = {role: len(numbers_of(role)) for role in ROLE_NAMES}
    assert 45 == counts["IS"]
    assert 14 + 4 == counts["ED"]
    assert all(counts.values())
    assert 7 == sum(party.size == "large" and "IS" in party.roles for party in parties())


def test_fourteen_licences_are_in_six_groups() -> None:
    licences = [party for party in parties() if party.code[0] == "D"]
    assert [f"D{licence}" for licence in AREAS] == [party.code for party in licences]
    assert 6 == len({party.group for party in licences})


def test_codes_and_user_ids_are_their_partys_alone() -> None:
    codes = Counter(party.code for party in parties())
    users = Counter(user for party in parties() for user in party.users)
    assert {1} == set(codes.values()) == set(users.values())
    assert {1, 2} == {len(party.users) for party in parties()}


def test_shares_of_import_suppliers_are_the_whole() -> None:
    assert pytest.approx(1) == sum(parties()[number].share for number in numbers_of("IS"))


def test_parties_are_in_several_roles() -> None:
    assert {("IS", "GS"), ("IS", "GS", "ES"), ("ED", "GT")} <= {party.roles for party in parties()}
