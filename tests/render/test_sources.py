"""Every figure drawn is in the files beside it: each is looked up by the query it carries, in packs of many kinds."""

from collections import Counter
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.pack import PackPdf
from dcc_analytics.render.pdf.said import dated, said
from dcc_analytics.render.pdf.sources import Figure, Series
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.render.sources import PackFiles, unsaid, written
from tests.render.structure_tree import told_queries

pytestmark = pytest.mark.slow

Drawn = dict[str, PackPdf]


@pytest.fixture(scope="module")
def files(
    tmp_path_factory: pytest.TempPathFactory, month: SnapshotFolder, roles: SnapshotFolder
) -> dict[str, PackFiles]:
    """The CSV files of each Member, by the folder of its pack."""
    return {
        member.folder: written(snapshot, member, tmp_path_factory.mktemp(member.folder))
        for snapshot in (month, roles)
        for member in snapshot.members()
    }


def test_every_figure_is_what_its_source_says(of_each_role: Drawn, files: dict[str, PackFiles]) -> None:
    assert set(files) == set(of_each_role)
    for folder, pack in of_each_role.items():
        assert [] == list(files[folder].faults(pack.carried)), folder
        if pack.annex:
            assert [] == list(files[folder].faults(pack.annex.carried)), folder
    assert 2_000 < len(of_each_role["BUSY-IS"].carried)


def test_all_else_that_has_a_digit_is_said_to_be_no_figure(of_each_role: Drawn) -> None:
    for folder, pack in of_each_role.items():
        assert [] == list(unsaid(pack.boxes, pack.alternatives)), folder
        assert pack.annex is None or [] == list(unsaid(pack.annex.boxes, pack.annex.alternatives)), folder


def test_a_figure_without_a_source_is_found(flow: Flow) -> None:
    flow.paragraph(said("{} failed on {}", "7", dated("4 October")))
    assert ["page 1: '7' in '7 failed on 4 October'"] == list(unsaid(flow.paper.boxes))


@pytest.mark.parametrize(
    "spoilt",
    [
        {"where": "srv = '4.8.1' AND process = 'Meter Reads' AND variant IS NOT NULL"},
        {"value": "successes"},
        {"file": "round_trips_daily"},
        {"value": "no_such_column"},
    ],
)
def test_another_row_column_or_file_is_found(drawn: Drawn, files: dict[str, PackFiles], spoilt: dict[str, str]) -> None:
    number = next(
        each
        for each in drawn["BUSY-IS"].carried
        if isinstance(each.what, Figure) and each.what.source.value == "requests"
    )
    assert isinstance(number.what, Figure)
    other = replace(number, what=replace(number.what, source=replace(number.what.source, **spoilt)))
    assert [] == list(files["BUSY-IS"].faults([number]))
    assert 1 == len(list(files["BUSY-IS"].faults([other])))


def test_a_series_with_one_value_off_is_found(drawn: Drawn, files: dict[str, PackFiles]) -> None:
    series = next(each for each in drawn["BUSY-IS"].carried if isinstance(each.what, Series) and each.what.drawn)
    assert isinstance(series.what, Series)
    (first, *others), *more = series.what.drawn
    assert isinstance(first, float)
    off = replace(series, what=replace(series.what, drawn=((first + 0.001, *others), *more)))
    assert [] == list(files["BUSY-IS"].faults([series]))
    assert 1 == len(list(files["BUSY-IS"].faults([off])))


@pytest.mark.parametrize("folder", ["BUSY-IS", "QUIET-ED"])
def test_the_document_itself_tells_the_query_of_each(drawn: Drawn, folder: str) -> None:
    pack = drawn[folder]
    carried = Counter(each.what.source.query for each in pack.carried)
    told = Counter(told_queries(pack.data))
    assert sum(carried.values()) > 100 or folder != "BUSY-IS"
    assert set(carried) == set(told)
    root: Any = PdfReader(BytesIO(pack.data), strict=True).trailer["/Root"]
    assert root["/MarkInfo"]["/UserProperties"]
