"""The 129 Service Requests of DUIS and their time-outs."""

import random
import re

import pytest

from dcc_analytics.catalogue.roles import ROLE_ORDER
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS, srv_order, time_out_us

HOUR_US = 3_600_000_000


def test_every_service_request_of_duis_is_there_and_those_of_table_1_are_marked() -> None:
    assert len(SERVICE_REQUESTS) == 129
    assert sum(kind.in_table_1 for kind in SERVICE_REQUESTS.values()) == 61
    assert all(re.fullmatch(r"\d+(\.\d+){1,2}", srv) for srv in SERVICE_REQUESTS)
    assert all(srv == kind.srv for srv, kind in SERVICE_REQUESTS.items())


def test_a_critical_request_is_a_pre_command_and_a_signed_one() -> None:
    assert SERVICE_REQUESTS["1.1.1"].command_variants == (4, 5, 6, 7)
    for kind in SERVICE_REQUESTS.values():
        assert kind.critical == (4 in kind.command_variants), kind.srv


def test_a_request_to_the_dcc_itself_has_command_variant_8_and_no_other_has() -> None:
    for kind in SERVICE_REQUESTS.values():
        assert kind.non_device == (kind.command_variants == (8,)), kind.srv


def test_the_roles_that_may_send_a_request_are_known_roles() -> None:
    assert SERVICE_REQUESTS["4.8.3"].roles == ("ES", "ED", "OU")
    assert {role for kind in SERVICE_REQUESTS.values() for role in kind.roles} <= set(ROLE_ORDER)
    assert {kind.srv for kind in SERVICE_REQUESTS.values() if not kind.roles} == {"7.16", "8.5", "8.6"}


def test_each_request_has_an_element_of_its_own() -> None:
    assert len({kind.duis_element for kind in SERVICE_REQUESTS.values()}) == 129


@pytest.mark.parametrize(("hours", "srv"), [(120, "11.1"), (120, "11.3"), (24, "4.8.1"), (24, "11.2"), (24, "99.9")])
def test_an_answer_is_waited_for_a_day_and_for_firmware_five(hours: int, srv: str) -> None:
    assert time_out_us(srv) == hours * HOUR_US


def test_srvs_sort_by_their_parts_and_any_text_has_its_place() -> None:
    expected = [
        "1.1.1",
        "4.1",
        "4.1.1",
        "4.08.1",
        "4.8.1",
        "4.8.2",
        "4.10",
        "4.x",
        "11.1",
        "9" * 5_000,
        "",
        "x",
        "²",
    ]
    shuffled = expected[:]
    random.Random(1).shuffle(shuffled)
    assert sorted(shuffled, key=srv_order) == expected
