"""A reader of changes comes to the state the server is in."""

from dataclasses import dataclass

import msgspec
import pytest
from msgspec.structs import replace

from dcc_analytics.live.changes import change, changed
from dcc_analytics.live.state import Now
from tests.live.made_state import made_now, made_user


@dataclass(frozen=True)
class Case:
    before: Now
    after: Now
    tells: set[str]


BASE = made_now("1", [made_user("NWE", 3.0), made_user("BHG", 1.0)])
CASES = {
    "nothing but the clock": Case(BASE, replace(BASE, id="2"), {"id", "made_at", "trust"}),
    "one user": Case(
        BASE,
        made_now("2", [made_user("NWE", 3.0), made_user("BHG", 0.5)]),
        {"id", "made_at", "trust", "users"},
    ),
    "another order": Case(
        BASE, made_now("2", [made_user("BHG", 9.0), made_user("NWE", 3.0)]), {"id", "made_at", "trust", "users"}
    ),
    "one gone, one new": Case(
        BASE,
        made_now("2", [made_user("X/Y", 4.0), made_user("NWE", 3.0)]),
        {"id", "made_at", "trust", "users", "gone"},
    ),
    "no reason left": Case(
        BASE, replace(BASE, id="2", reasons=[], all=made_user("", 7.0)), {"id", "made_at", "trust", "reasons", "all"}
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_state_with_its_changes_is_the_next_state_and_no_more_is_told(case: Case) -> None:
    found = change(case.before, case.after)
    assert case.after == changed(case.before, found)
    assert case.tells == set(msgspec.json.decode(msgspec.json.encode(found)))


def test_a_list_that_is_empty_now_is_told_and_one_that_is_the_same_is_not() -> None:
    assert change(BASE, replace(BASE, reasons=[])).reasons == []
    assert change(BASE, replace(BASE, id="2")).reasons is None
