"""Named comparison: opened by waivers of every owner group of a Role, and by nothing less (reporting rule R13)."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.files import files_of
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.snapshot.named import NAMED, named_comparison, opened_roles
from dcc_analytics.snapshot.owners import belongings
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import OwnerGroup, Waiver
from dcc_analytics.stream.events import UserEntry
from tests.render.snapshot_maker import SCHEMAS, member, monthly, write_snapshot

OCTOBER = Month.parse("2026-10")
#: Two Parties of one group, one of another, and a supplier.
ENTRIES = [
    UserEntry(f"90-B3-D5-1F-30-01-00-0{at}", party, party, group, roles, "", 0)
    for at, (party, group, roles) in enumerate(
        (("DN1", "Wires", ("ED",)), ("DN2", "Wires", ("ED",)), ("DN3", "DN3", ("ED",)), ("SUP", "SUP", ("IS",)))
    )
]
DIRECTORY = Directory(ENTRIES)
MEMBERS = DIRECTORY.members()


def waiver(*groups: str, since: date = date(2026, 1, 1), until: date | None = None, role: str = "ED") -> Waiver:
    return Waiver(role, "Panel 7", list(groups), since, until)


def opened(*waivers: Waiver, members: list[Member] = MEMBERS) -> list[str]:
    groups = [(each.role, DIRECTORY.party(each.party).groups) for each in members]
    return opened_roles(groups, OCTOBER, replace(read_rules(), waivers=list(waivers)))


def test_a_role_is_opened_when_every_owner_group_has_waived_in_one_record_or_in_several() -> None:
    assert ["ED"] == opened(waiver("Wires", "DN3"))
    assert ["ED"] == opened(waiver("Wires"), waiver("DN3"))


@pytest.mark.parametrize(
    "waivers",
    [
        [],
        [waiver("Wires")],
        [waiver("DN1", "DN2", "DN3")],
        [waiver("Wires", "DN3", role="IS")],
        [waiver("Wires"), waiver("DN3", since=date(2026, 10, 2))],
        [waiver("Wires"), waiver("DN3", until=date(2026, 10, 30))],
    ],
)
def test_with_one_group_missing_on_any_day_nothing_is_opened(waivers: list[Waiver]) -> None:
    assert [] == opened(*waivers)


def test_a_waiver_counts_from_its_first_day_to_its_last() -> None:
    assert ["ED"] == opened(waiver("Wires", "DN3", since=date(2026, 10, 1), until=date(2026, 10, 31)))


@pytest.mark.parametrize(("missing", "waived"), [("X", ["Y"]), ("Y", ["X"]), ("", ["X", "Y"])])
def test_one_who_bought_a_party_speaks_for_it_and_not_for_who_sold_it(missing: str, waived: list[str]) -> None:
    """DN1 and DN2 were of X until the 15th; DN2 is Y's since, and the two groups are counted as one."""
    sold = [
        OwnerGroup("X", ["DN1"], OCTOBER.first_day),
        OwnerGroup("X", ["DN2"], OCTOBER.first_day, date(2026, 10, 15)),
        OwnerGroup("Y", ["DN2", "DN3"], OCTOBER.first_day),
    ]
    directory = Directory(ENTRIES, belongings(DIRECTORY.groups(), sold, OCTOBER.days))
    groups = [(each.role, directory.party(each.party).groups) for each in MEMBERS]
    assert 1 == len({directory.party(each.party).group for each in MEMBERS if each.role == "ED"})
    rules = replace(read_rules(), waivers=[waiver(*waived)])
    assert ([] if missing else ["ED"]) == opened_roles(groups, OCTOBER, rules)


def test_a_member_nobody_has_asked_closes_the_role_again() -> None:
    assert [] == opened(waiver("Wires", "DN3"), members=[*MEMBERS, Member("DN4", "ED")])


def rows() -> pl.DataFrame:
    said = [
        monthly("DN1", "ED", "Other SRVs", "4.10"), monthly("DN3", "ED", "Other SRVs", "4.10", failures=9),
        monthly("SUP", "IS", "Meter Reads", "4.8.1"),
    ]  # fmt: skip
    return pl.DataFrame(said, schema=SCHEMAS["round_trips_monthly"], orient="row")


def test_each_member_of_an_opened_role_is_told_of_all_and_of_no_other_role() -> None:
    found = named_comparison(rows(), MEMBERS, ["ED"])
    assert list(NAMED) == found.columns
    told = [("4.10", 5), ("4.10", 9)]
    assert [
        (party, "ED", name, srv)
        for party in ("DN1", "DN2", "DN3")
        for name, (srv, _) in zip(("DN1", "DN3"), told, strict=True)
    ] == found.select("party", "role", "member", "srv").rows()
    assert [5 / 100, 9 / 104] == found.filter(party="DN2")["failure_rate"].to_list()
    assert (list(NAMED), 0) == ((none := named_comparison(rows(), MEMBERS, [])).columns, none.height)


def test_only_packs_with_something_in_it_have_the_file(tmp_path: Path) -> None:
    named = named_comparison(rows(), MEMBERS, ["ED"]).to_dicts()
    members = [member("DN1", "ED"), member("SUP", "IS")]
    snapshot = SnapshotFolder.open(write_snapshot(tmp_path, {"members": members, "named_comparison": named}))
    has = [
        any(file.name == "named_comparison" for file in files_of(snapshot, MemberEntry(party, "", role, "")))
        for party, role in (("DN1", "ED"), ("SUP", "IS"))
    ]
    assert [True, False] == has
