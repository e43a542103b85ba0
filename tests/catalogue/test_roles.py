"""Whose a message is when it says no role: contract sections 2 and 8."""

from itertools import permutations

import pytest

from dcc_analytics.catalogue.roles import ROLE_NAMES, ROLE_ORDER, resolve_role
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS


def test_roles_are_tried_in_the_order_of_the_contract_and_each_has_a_name() -> None:
    assert ROLE_ORDER == ("IS", "ES", "ED", "GS", "GT", "RSA", "OU", "MDR")
    assert ROLE_NAMES["ED"] == "Electricity Distributor"


@pytest.mark.parametrize(
    ("expected", "party_roles", "srv", "device_type"),
    [
        ("IS", ["IS", "GS", "ES"], "4.8.1", "ESME"),
        ("GS", ["IS", "GS", "ES"], "4.8.1", "GSME"),
        ("GS", ["IS", "GS", "ES"], "4.8.1", "GPF"),
        ("IS", ["IS", "GS", "ES"], "4.8.1", "CHF"),
        ("IS", ["IS", "GS", "ES"], "4.8.1", "Unknown"),
        ("ES", ["IS", "GS", "ES"], "4.8.3", "ESME"),
        ("GT", ["ED", "GT"], "4.1.1", "GSME"),
        ("ED", ["ED", "GT"], "4.1.1", "ESME"),
        ("IS", ["IS", "ED"], "4.1.1", "GSME"),
        ("OU", ["ED"], "8.14.1", "CHF"),
        ("OU", [], "4.8.1", "ESME"),
        ("OU", ["IS", "GS"], "7.16", "ESME"),
    ],
)
def test_a_request_is_of_the_partys_role_that_may_send_it(
    expected: str, party_roles: list[str], srv: str, device_type: str
) -> None:
    eligible = SERVICE_REQUESTS[srv].roles
    for order in permutations(party_roles):
        assert resolve_role(order, eligible=eligible, device_type=device_type) == expected


def test_an_alert_may_be_for_any_role_of_the_party() -> None:
    assert resolve_role(["GT", "ED"], eligible=None, device_type="ESME") == "ED"
    assert resolve_role(["GT", "ED"], eligible=None, device_type="GPF") == "GT"
    assert resolve_role(["MDR"], eligible=None, device_type="ESME") == "MDR"
    assert resolve_role([], eligible=None, device_type="ESME") == "OU"


def test_a_role_this_list_does_not_know_comes_last_and_does_not_depend_on_order() -> None:
    for order in permutations(["ZZ", "LC", "RSA"]):
        assert resolve_role(order, eligible=None, device_type="ESME") == "RSA"
    for order in permutations(["ZZ", "LC"]):
        assert resolve_role(order, eligible=None, device_type="ESME") == "LC"
