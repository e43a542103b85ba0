"""The first page: one page, its sentences in order, each leading where it says, each figure in the files beside it."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from dcc_analytics.render.packs import write_pack
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.pack import PackPdf, compose
from dcc_analytics.render.pdf.told_first import MOST, NOTHING_CHANGED
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.snapshot_maker import OTHERS, daily, failure, incident, member, monthly, write_snapshot
from tests.render.sources import PackFiles

pytestmark = pytest.mark.slow

Row = dict[str, Any]
A = MemberEntry("A", "A Limited", "IS", "A-IS")
READS = "Meter Reads"
HIT: Row = {"successes": 30, "failures": 20, "incident_category": 1}
USUAL: Row = {"successes": 50, "failures": 0}


def eventful(path: Path) -> SnapshotFolder:
    """Return a month in which 4.8.1 failed more from the tenth, North became slow, and an Incident lay over South."""
    rows: list[Row] = []
    for number in range(1, 32):
        failed = 20 if number > 9 else 1 + number % 2
        slow = {"rtt_mean_ms": (20_000 if number < 13 else 90_000) + 500 * (number % 2)}
        rows += [
            daily("A", "IS", number, READS, "4.8.1", successes=100 - failed, failures=failed, region="Central"),
            daily("A", "IS", number, READS, "4.6.1", successes=99, failures=1, **slow),
            daily("A", "IS", number, "Tariff Updates", "1.1.1", region="South", **(HIT if number == 17 else USUAL)),
        ]
    months = [
        monthly("A", "IS", process, srv, **OTHERS, **sums(rows, srv))
        for process, srv in ((READS, "4.8.1"), (READS, "4.6.1"), ("Tariff Updates", "1.1.1"))
    ]
    failures = [failure("A", "IS", number, READS, "4.8.1", failures=19) for number in range(10, 32)]
    return SnapshotFolder.open(
        write_snapshot(
            path,
            {
                "members": [member("A", "IS")], "round_trips_monthly": months, "round_trips_daily": rows,
                "failures": failures, "incidents": [incident(1, 17, 9, regions=["South"], category=1)],
            },
        )
    )  # fmt: skip


def sums(rows: list[Row], srv: str) -> dict[str, int]:
    of = [row for row in rows if row["srv"] == srv]
    return {name: sum(row[name] for row in of) for name in ("successes", "failures")}


@pytest.fixture(scope="module")
def month_of_events(tmp_path_factory: pytest.TempPathFactory) -> SnapshotFolder:
    return eventful(tmp_path_factory.mktemp("eventful"))


@pytest.fixture(scope="module")
def pack(month_of_events: SnapshotFolder, fonts: FontFolder) -> PackPdf:
    return compose(PackFigures.read(month_of_events, A), fonts)


def reader(pack: PackPdf) -> PdfReader:
    return PdfReader(BytesIO(pack.data), strict=True)


def text_of(page: PageObject) -> str:
    return " ".join(page.extract_text().split())


def leads(pdf: PdfReader, place: int) -> dict[str, int]:
    """Return the words of the links on a page, and the number of the page each leads to."""
    ids = {page.indirect_reference.idnum: number for number, page in enumerate(pdf.pages, 1) if page.indirect_reference}
    found = {}
    for each in pdf.pages[place - 1].get("/Annots", []):
        link = each.get_object()
        found[str(link["/Contents"])] = ids[link["/Dest"][0].idnum]
    return found


def test_what_changed_is_told_first_the_weightiest_at_the_top(pack: PackPdf) -> None:
    text = text_of(reader(pack).pages[0])
    beginnings = (
        "What the month shows",
        "4.8.1 Read Active Import Profile Data failed more from 10 October: 1.6% before, 20.0% since (406 ",
        "Successful round trips of 4.6.1 Retrieve Import Daily Read Log took longer on average from 13 October: ",
        "On 17 October, during a Category 1 Incident (INC0000001: Communications Hubs out of reach), 20 of your 50 ",
        "Where you lose most against your peers",
        "Data quality",
    )
    places = [text.index(each) for each in beginnings]
    assert sorted(places) == places
    assert NOTHING_CHANGED not in text


def test_each_sentence_says_and_leads_to_the_page_that_has_more(pack: PackPdf) -> None:
    pdf = reader(pack)
    text, found = text_of(pdf.pages[0]), leads(pdf, 1)
    sections = {words.partition(", ")[2]: page for words, page in found.items() if words.startswith("To page ")}
    assert {"Meter Reads", "Incidents"} <= set(sections)
    for section, page in sections.items():
        assert f"Page {page}, {section} from " in text
        assert section in text_of(pdf.pages[page - 1])


def test_rows_lead_to_the_page_of_their_process(pack: PackPdf) -> None:
    pdf = reader(pack)
    pages = {str(each.title): (pdf.get_destination_page_number(each) or 0) + 1 for each in pdf.outline}  # type: ignore[union-attr, arg-type]
    assert {"To the page 'Meter Reads'": pages[READS]}.items() <= leads(pdf, 1).items()
    assert {
        "4.6.1: to the page 'Meter Reads'": pages[READS],
        "4.8.1: to the page 'Meter Reads'": pages[READS],
        "1.1.1: to the page 'Tariff Updates'": pages["Tariff Updates"],
    } == leads(pdf, pages["Failure rates"])


def test_every_figure_of_the_sentences_is_in_the_files(
    pack: PackPdf, month_of_events: SnapshotFolder, fonts: FontFolder, tmp_path: Path
) -> None:
    write_pack(month_of_events, A, tmp_path, fonts)
    first = [each for each in pack.carried if each.page == 1]
    assert len(first) > 15
    assert [] == list(PackFiles.read(tmp_path).faults(first))
    assert [] == [box.text for box in pack.boxes if box.page == 1 and any(map(str.isdigit, box.rest))]


def test_the_lightest_sentences_go_where_there_is_no_place(tmp_path: Path, fonts: FontFolder) -> None:
    """A title of nine lines, tables of eight rows and a box of notes leave place for some of the facts only."""
    rows = [
        monthly(
            "A", "IS", READS, srv, successes=900, failures=100 if place < 5 else 0, **OTHERS,
            history_mean=0.01, history_signal="outside",
        )
        for place, srv in enumerate(("4.1.1", "4.1.2", "4.2", "4.3", "4.4.2", "4.6.1", "4.8.1", "4.10"))
    ]  # fmt: skip
    party = "Long " * 90
    snapshot = SnapshotFolder.open(
        write_snapshot(
            tmp_path,
            {"members": [member("A", "IS")], "round_trips_monthly": rows, "round_trips_daily": []},
            status="provisional",
        )
    )
    drawn = compose(PackFigures.read(snapshot, MemberEntry("A", party, "IS", "A-IS")), fonts)
    assert [] == list(faults(drawn.boxes))
    sentences = text_of(reader(drawn).pages[0]).count("in the twelve months before")
    assert 0 < sentences < MOST
    assert "Contents and how to read" in text_of(reader(drawn).pages[1])
