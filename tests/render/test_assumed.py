"""What is assumed is marked wherever it is printed, and told in the pack; nothing else is.

Each check is a function of what it checks, so that a breach can be planted and seen.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from dcc_analytics.catalogue.assumptions import ASSUMPTIONS, Assumption
from dcc_analytics.catalogue.touched import ALL_COLUMNS, touched
from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.change_files import CHANGES
from dcc_analytics.render.csv_metadata import csv_metadata
from dcc_analytics.render.files import FILES
from tests.render.read_packs import BUSY, DISTRIBUTOR, Pack, rendered

AN_ASSUMPTION = ASSUMPTIONS["A-TIME-OUT"]
#: Columns in the words of one that rests on an assumption, and do not: the file gives the rate for several time-outs;
#: hubs are left out by SMETS version in one file only.
OTHERWISE = {
    "A-TIME-OUT time_out_sensitivity:failure_rate",
    "A-SMETS installs_without_read:chf",
    "A-SMETS outages_unrestored:chf",
}


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pack]:
    return rendered(tmp_path_factory.mktemp("packs"), BUSY, DISTRIBUTOR)


def unmarked(assumptions: Iterable[Assumption], metadata: Mapping[str, Any]) -> list[str]:
    """Return the columns whose metadata does not say in title and description what they rest on."""
    return [
        f"{each.id} {file}:{column['name']}"
        for each in assumptions
        for file, columns in each.touches.items()
        for column in metadata[file]["tableSchema"]["columns"]
        if {ALL_COLUMNS, column["name"]} & set(columns)
        and not (column["titles"][1].endswith(MARK) and _told(each, column["dc:description"]))
    ]


def _told(assumption: Assumption, description: str) -> bool:
    return f"Assumed: {assumption.statement} ({assumption.id})" in description


@pytest.mark.slow
def test_every_column_that_rests_on_an_assumption_is_marked_in_the_metadata_of_a_pack(packs: dict[str, Pack]) -> None:
    metadata = packs[DISTRIBUTOR].metadata
    assert [] == unmarked(ASSUMPTIONS.values(), metadata)
    planted = replace(AN_ASSUMPTION, touches=touched("failures:day,model"))
    assert ["A-TIME-OUT failures:day", "A-TIME-OUT failures:model"] == unmarked([planted], metadata)


@pytest.mark.slow
def test_a_column_that_rests_on_nothing_assumed_is_not_marked(packs: dict[str, Pack]) -> None:
    marked = {
        (file, column["name"])
        for file, each in packs[DISTRIBUTOR].metadata.items()
        for column in each["tableSchema"]["columns"]
        if MARK in column["titles"][1] or "Assumed" in column["dc:description"]
    }
    said = {
        (file, column)
        for each in ASSUMPTIONS.values()
        for file, columns in each.touches.items()
        for column in (FILES[file].header if ALL_COLUMNS in columns else columns)
    }
    assert said == marked
    assert ("failures", "model") not in marked


def test_figures_of_other_files_are_marked_where_they_are_listed_again() -> None:
    columns = {each["name"]: each for each in csv_metadata(CHANGES)["tableSchema"]["columns"]}
    assert {"was", "is"} == {name for name, each in columns.items() if MARK in each["titles"][1]}
    assert {"was", "is"} == {name for name, each in columns.items() if "Assumed" in each["dc:description"]}


def unequal(assumptions: Iterable[Assumption]) -> list[str]:
    """Return columns that an assumption passes over in one file, and touches, defined in the same words, in another.

    A file that most packs have not is told by the files it repeats.
    """
    return [
        f"{each.id} {other.name}:{column.name}"
        for each in assumptions
        for file, columns in each.touches.items()
        for column in FILES[file].columns
        if column.name in columns
        for other in FILES.values()
        if not other.optional
        and column in other.columns
        and not {ALL_COLUMNS, column.name} & set(each.touches.get(other.name, ()))
    ]


def test_a_column_of_several_files_rests_on_the_same_in_all_of_them() -> None:
    assert OTHERWISE == set(unequal(ASSUMPTIONS.values()))
    planted = replace(ASSUMPTIONS["A-REGION"], touches=touched("failures:region alerts:region"))
    assert ["A-REGION round_trips_daily:region"] * 2 == unequal([planted])


def untold(assumptions: Iterable[Assumption], method: str) -> list[str]:
    """Return the assumptions that a pack's page of the method does not tell, whole and with their id."""
    return [each.id for each in assumptions if f"{each.id} {each.statement}" not in method]


@pytest.mark.slow
def test_every_assumption_is_told_on_the_page_of_the_method(packs: dict[str, Pack]) -> None:
    assert [] == untold(ASSUMPTIONS.values(), packs[DISTRIBUTOR].method)
    planted = replace(AN_ASSUMPTION, statement="Nobody ever waits.")
    assert ["A-TIME-OUT"] == untold([planted], packs[DISTRIBUTOR].method)


@pytest.mark.slow
def test_what_a_roles_pack_does_not_rest_on_is_not_told_in_it(packs: dict[str, Pack]) -> None:
    assert ["A-N42", "A-OUTAGES"] == untold(ASSUMPTIONS.values(), packs[BUSY].method)


def unmarked_headings(assumptions: Iterable[Assumption], pack: Pack, *packs: Pack) -> list[str]:
    """Return headings that don't say what their figures rest on.

    A page that has a bookmark tells it by name below its title; a heading within a page is marked, wherever it stands.
    What is a page's in one of several packs is no heading within a page of the first.
    """
    found = []
    pages = {title for each in packs for title in each.outline}
    for each in assumptions:
        for heading in each.headings:
            if heading in pack.outline:
                told = re.search(r"^Assumed \(see Method\): (.+?)\.$", pack.pages[pack.outline[heading]], re.MULTILINE)
                if told is None or each.name not in told[1].split(", "):
                    found.append(f"{each.id} {heading}")
            elif heading not in pages and re.search(
                rf"(?m)^{re.escape(heading)}(?! {re.escape(MARK)})", "\n".join(pack.pages)
            ):
                found.append(f"{each.id} {heading}")
    return found


@pytest.mark.slow
def test_every_figure_that_rests_on_an_assumption_is_marked_where_it_is_drawn(packs: dict[str, Pack]) -> None:
    assert [] == [
        found for pack in packs.values() for found in unmarked_headings(ASSUMPTIONS.values(), pack, *packs.values())
    ]
    assert "also assumed: UTC days, two legs, Incidents" in " ".join(
        packs[BUSY].pages[packs[BUSY].outline["Meter Reads"]].split()
    )
    heads = [page.partition("\n")[0] for page in packs[BUSY].pages]
    for title, pages in (("Failure rates", 1), ("Round Trip Times", 2)):
        assert pages == sum(head.endswith(f" {title} (continued, assumed)") for head in heads)
        assert not any(head.endswith(f" {title} (continued)") for head in heads)
    planted = replace(AN_ASSUMPTION, name="patience", headings=("Failure rates", "What the month shows"))
    assert ["A-TIME-OUT Failure rates", "A-TIME-OUT What the month shows"] == unmarked_headings([planted], packs[BUSY])
