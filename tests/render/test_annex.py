"""The annex: a page for each process and SRV, its grid, its small multiples, and the blocks of few round trips."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import Destination

from dcc_analytics.render.pdf.annex import AnnexPdf
from dcc_analytics.render.pdf.figures import ENOUGH_OUTCOMES, PackFigures
from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.heat_grid import SHADES, HeatGrid, shade_of
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.pack import PackPdf
from dcc_analytics.render.pdf.small_multiples import Panel, common_scale, draw_panels, panels_words
from dcc_analytics.render.pdf.sources import Series
from dcc_analytics.render.pdf.style import WHITE
from dcc_analytics.render.pdf.sums import Part, PartSource
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.render.drawn_text import texts
from tests.render.snapshot_maker import MEMBERS, MONTH

Drawn = dict[str, PackPdf]
FOLDERS = [each["folder"] for each in MEMBERS]


def part(label: Any, outcomes: int, failures: int, industry: float | None = None) -> Part:  # noqa: ANN401 (a label)
    rate = failures / outcomes if outcomes else None
    return Part(label, outcomes, outcomes - failures, failures, rate, None, industry, None)


def panel(title: str, *days: Part) -> Panel:
    return Panel(title, days, [(16.0, 16.6)], ())


def annexes(drawn: Drawn) -> Iterator[tuple[str, AnnexPdf]]:
    yield from ((folder, pack.annex) for folder, pack in drawn.items() if pack.annex)


# -- the document ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
def test_no_text_of_an_annex_is_small_cut_off_outside_its_place_or_over_another(drawn: Drawn, folder: str) -> None:
    annex = drawn[folder].annex
    assert annex is None or ([] == list(faults(annex.boxes)) and annex.boxes)


@pytest.mark.slow
def test_who_sent_nothing_has_no_annex(drawn: Drawn) -> None:
    assert {"00-11-22-33-44-55-66-77-OU", "QUIET-ED"} == {
        folder for folder, pack in drawn.items() if pack.annex is None
    }


@pytest.mark.slow
def test_each_row_has_its_page_and_rows_of_few_share_theirs(drawn: Drawn, month: SnapshotFolder) -> None:
    for member in month.members():
        annex, rows = drawn[member.folder].annex, PackFigures.read(month, member).rows
        if annex is None:
            continue
        assert {row.key for row in rows} == set(annex.pages)
        enough = [annex.pages[row.key] for row in rows if row.outcomes >= ENOUGH_OUTCOMES]
        few = [annex.pages[row.key] for row in rows if row.outcomes < ENOUGH_OUTCOMES]
        assert sorted(set(enough)) == enough
        assert sorted(few) == few
        assert not few or not enough or min(few) > max(enough)
        assert len(set(few)) <= 1 + len(few) / 5


@pytest.mark.slow
def test_bookmarks_name_the_pages_that_rows_stand_on(drawn: Drawn, month: SnapshotFolder) -> None:
    busy = next(each for each in month.members() if each.folder == "BUSY-IS")
    annex = drawn["BUSY-IS"].annex
    assert annex
    reader = PdfReader(BytesIO(annex.data), strict=True)
    found = [each for every in reader.outline if isinstance(every, list) for each in every]
    pages = defaultdict[str, set[int]](set)
    for each in found:
        assert isinstance(each, Destination)
        pages[str(each.title)].add((reader.get_destination_page_number(each) or 0) + 1)
    rows = PackFigures.read(month, busy).rows
    assert len(rows) == len(found)
    for row in rows:
        assert annex.pages[row.key] in pages[row.title]


@pytest.mark.slow
def test_the_days_of_each_region_meter_type_and_smets_version_are_drawn_r_bp_3_r_out_1(
    drawn: Drawn, month: SnapshotFolder
) -> None:
    """Each value of a split has a panel whose line is its days' failure rates, as the query it carries finds them."""
    busy = next(each for each in month.members() if each.folder == "BUSY-IS")
    daily, annex = PackFigures.read(month, busy).daily, drawn["BUSY-IS"].annex
    assert annex
    series = [each.what for each in annex.carried if isinstance(each.what, Series)]
    for column in ("region", "meter_type", "smets_version"):
        values = set(daily[column].drop_nulls())
        told = [each for each in series if f" {column} = " in each.source.where and each.source.by == "day"]
        assert len(values) < 2 or values <= {
            value for value in values for each in told if f"'{value}'" in each.source.where
        }
        assert not told or all(isinstance(day, date) for each in told for day, *_ in each.drawn)


# -- the grid ----------------------------------------------------------------------------------------------


GRID = HeatGrid(
    {
        ("North", "Electricity", "SMETS2+"): part("SMETS2+", 1000, 42, 0.03),
        ("North", "Gas", "SMETS2+"): part("SMETS2+", 29, 29),
        ("South", "Electricity", "SMETS2+"): part("SMETS2+", 100, 25),
        ("South", "Electricity", "SMETS1"): part("SMETS1", 0, 0),
        (None, None, None): part(None, 40, 0, 0.002),
    },
    lambda cell: PartSource("round_trips_daily", f"region = {cell[0]}"),
)


def test_a_grid_prints_rates_gaps_few_and_what_is_open_and_leaves_what_was_not_sent_blank(flow: Flow) -> None:
    GRID.draw(flow)
    found = texts(flow)
    assert found[found.index("Region") :] == [
        "Region", "Electricity", "SMETS1", "Electricity", "SMETS2+", "Gas", "SMETS2+", "Unknown", "Unknown",
        "North", "4.2%", "+1.2", "100%", "few",
        "South", "open", "25.0%",
        "Unknown", "0%", "\N{MINUS SIGN}0.2",
    ]  # fmt: skip


def test_the_worst_cell_is_that_of_enough_outcomes() -> None:
    worst = GRID.worst
    assert worst is not None
    assert (100, 25) == (worst.requests, worst.failures)
    assert HeatGrid({("North", None, None): part(None, 29, 29)}, GRID.source).worst is None


@pytest.mark.parametrize(
    ("outcomes", "failures", "place"),
    [
        (100, 0, None),
        (1000, 1, 3),
        (100, 1, 3),
        (1000, 11, 2),
        (100, 5, 2),
        (1000, 51, 1),
        (100, 20, 1),
        (100, 21, 0),
        (20, 20, 3),
    ],
)
def test_a_shade_is_one_of_four_by_the_rate_and_the_lightest_where_few(
    outcomes: int, failures: int, place: int | None
) -> None:
    assert (WHITE if place is None else SHADES[place][1]) == shade_of(part("x", outcomes, failures))


# -- small multiples ---------------------------------------------------------------------------------------


def days(*of: tuple[int, int]) -> list[Part]:
    return [part(day, *counts) for day, counts in zip(MONTH.days, of, strict=False)]


def test_days_with_few_requests_do_not_set_the_scale_while_most_have_more() -> None:
    assert 0.10 == common_scale([panel("North", *days((100, 10), (50, 2), (1, 1)))]).end
    assert 1.0 == common_scale([panel("North", *days((100, 10), (2, 1), (1, 1)))]).end
    assert 0.02 == common_scale([]).end


def test_the_scale_holds_the_industry_too() -> None:
    assert 0.5 == common_scale([panel("North", part(MONTH.days[0], 100, 0, 0.3))]).end


def test_panels_of_a_row_have_titles_one_scale_and_ends_of_the_month(flow: Flow) -> None:
    two = [panel("North", *days((100, 10), (1, 1))), panel("South", *days((100, 3)))]
    draw_panels(flow, MONTH, two, common_scale([panel("North", *days((100, 10)))]))
    assert ["North", "1", "31", "0%", "10.0%", "South", "1", "31"] == texts(flow)[4:]


def test_panels_are_told_in_words() -> None:
    words = panels_words([panel("North", *days((100, 10))), panel("South", *days((9, 0)))], common_scale([]))
    assert (
        "Failure rate by day, on a scale from 0% to 2.0%. North: most failed on 1 October, 10.0%. South: none failed."
        == words
    )


def test_the_industry_is_left_out_where_most_days_have_none_of_it() -> None:
    some = [part(1, 10, 1, 0.1), part(2, 10, 1), part(3, 10, 1)]
    assert {} == panel("North", *some).industry
    assert {1: 0.1} == panel("North", *some[:2]).industry
