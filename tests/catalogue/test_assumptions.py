"""What is assumed is what the catalogue holds as unverified, in the numbers it holds."""

import re

import pytest

from dcc_analytics.catalogue.assumptions import ASSUMPTIONS, read_assumptions
from dcc_analytics.catalogue.devices import DEVICE_FIELDS
from dcc_analytics.catalogue.errors import CatalogueError
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS, time_out_us
from dcc_analytics.catalogue.tables import read_table

HEADER = "id,name,statement,touches,headings,source,verified,note\n"
HOUR_US = 3_600_000_000


def test_a_sound_row_gives_its_cells() -> None:
    text = HEADER + 'A-ONE,one,One is so.,"failures:day,srv",Why it failed; Incidents,contract 1,no,nobody says\n'
    (found,) = read_assumptions(text).values()
    assert ("A-ONE", "one", "One is so.", "nobody says") == (found.id, found.name, found.statement, found.why)
    assert {"failures": ("day", "srv")} == dict(found.touches)
    assert ("Why it failed", "Incidents") == found.headings


@pytest.mark.parametrize(
    ("said", "row"),
    [
        ("column id: 'ONE' is no id such as A-TIME-OUT", "ONE,one,So.,failures:day,,contract 1,no,why"),
        ("column verified: 'yes' is none of no", "A-ONE,one,So.,failures:day,,contract 1,yes,why"),
        ("column note: '' is empty", "A-ONE,one,So.,failures:day,,contract 1,no,"),
        ("column statement: '' is empty", "A-ONE,one,,failures:day,,contract 1,no,why"),
        ("column touches: 'failures' has 'failures', which is not", "A-ONE,one,So.,failures,,contract 1,no,why"),
        ("column headings: 'A; A' has an empty heading", "A-ONE,one,So.,failures:day,A; A,contract 1,no,why"),
    ],
)
def test_a_row_that_is_not_sound_is_named_with_what_is_wrong(said: str, row: str) -> None:
    with pytest.raises(CatalogueError, match=re.escape(said)):
        read_assumptions(HEADER + row + "\n")


def test_an_assumption_touches_something_and_names_tell_them_apart() -> None:
    assert [] == [each.id for each in ASSUMPTIONS.values() if not each.touches]
    assert len(ASSUMPTIONS) == len({each.name for each in ASSUMPTIONS.values()})
    assert all(each.statement.endswith(".") for each in ASSUMPTIONS.values())


def test_the_device_fields_that_are_not_verified_are_those_assumed() -> None:
    unverified = tuple(field.name for field in DEVICE_FIELDS if not field.verified)
    assert {"inventory": unverified} == dict(ASSUMPTIONS["A-UNVERIFIED-FIELDS"].touches)


def test_the_targets_that_are_not_verified_are_those_named() -> None:
    rows = list(read_table("targets.csv", ("srv", "mode", "smets_version", "roles", "target_s")))
    unverified = {row.text("srv") for row in rows if not row.flag("verified")}
    second_hand = ASSUMPTIONS["A-TARGETS"].statement.partition("second-hand")[0]
    assert unverified == set(re.findall(r"\d+(?:\.\d+)+", second_hand))


def test_the_time_outs_told_are_those_of_the_catalogue() -> None:
    longer = {srv for srv in SERVICE_REQUESTS if time_out_us(srv) != 24 * HOUR_US}
    assert {"11.1", "11.3"} == longer
    assert {120 * HOUR_US} == {time_out_us(srv) for srv in longer}
    assert "within 24 hours, five days for 11.1 and 11.3," in ASSUMPTIONS["A-TIME-OUT"].statement
