"""Who belongs to whom, and who counts as one: contract 7.1. Requirement: R-OUT-2."""

from datetime import date
from itertools import permutations

import pytest

from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.owners import belongings, joined
from dcc_analytics.snapshot.rules import OwnerGroup
from dcc_analytics.stream.events import UserEntry

OCTOBER = Month.parse("2026-10").days
#: X sells B to Y.
SOLD = [
    OwnerGroup("X", ["A", "B"], date(2025, 1, 1), date(2026, 9, 30)),
    OwnerGroup("Y", ["B", "C"], date(2026, 9, 15)),
]


@pytest.mark.parametrize(
    ("month", "counted"),
    [
        ("2024-12", {"A": "A", "B": "B", "C": "C"}),
        ("2026-08", {"A": "X", "B": "X", "C": "C"}),
        ("2026-09", {"A": "Y", "B": "Y", "C": "Y"}),  # B was of both in it, so that all three are one
        ("2026-10", {"A": "A", "B": "Y", "C": "Y"}),
    ],
)
def test_groups_have_dates_and_a_month_counts_all_who_were_together_in_it(month: str, counted: dict[str, str]) -> None:
    assert counted == joined(belongings({}, SOLD, Month.parse(month).days))


def test_a_group_of_the_directory_is_joined_to_the_one_its_party_was_sold_to() -> None:
    """P3 was of G until the 30th, so G and X are one in that month, and X alone is P3's in the next."""
    bought = [OwnerGroup("X", ["P3", "P4"], date(2026, 10, 31))]
    of_directory = {"P1": "G", "P2": "G", "P3": "G", "P4": "P4", "P5": "P5"}
    assert dict.fromkeys(("P1", "P2", "P3", "P4"), "X") | {"P5": "P5"} == joined(
        belongings(of_directory, bought, OCTOBER)
    )
    after = joined(belongings(of_directory, bought, Month.parse("2026-11").days))
    assert {"P1": "G", "P2": "G", "P3": "X", "P4": "X", "P5": "P5"} == after


def test_how_many_groups_are_counted_does_not_hang_on_the_order_of_the_rule_set() -> None:
    groups = [
        OwnerGroup(name, parties, OCTOBER[0]) for name, parties in (("X", ["A", "B"]), ("Y", ["B"]), ("X", ["E"]))
    ]
    for order in permutations(groups):
        counted = joined(belongings({"F": "F"}, order, OCTOBER))
        assert 1 == len({counted[party] for party in "ABE"})
        assert counted["F"] != counted["A"]


def test_a_party_knows_all_its_groups_and_the_one_it_is_counted_as() -> None:
    entries = [
        UserEntry(f"90-B3-D5-1F-30-01-00-0{at}", name, name, "H", ("ED",), "", 0) for at, name in enumerate("BC")
    ]
    directory = Directory(entries, belongings(Directory(entries).groups(), SOLD, Month.parse("2026-09").days))
    assert ("Y", ("X", "Y")) == (directory.party("B").group, directory.party("B").groups)
    assert ("Y", ("H", "Y")) == (directory.party("C").group, directory.party("C").groups)
    assert ("Y", ("X",)) == (directory.party("A").group, directory.party("A").groups)  # has no entry
    assert ("Z", ("Z",)) == (directory.party("Z").group, directory.party("Z").groups)
