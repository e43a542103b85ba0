"""The PDF of each kind of Member, read back by another library, and measured line by line."""

import re
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import Destination, DictionaryObject

from dcc_analytics.catalogue.processes import PROCESSES
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.fonts import FontFolder, printable
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.pack import PackPdf, compose
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.render.snapshot_maker import LONG_NAME, MEMBERS, write_month

pytestmark = pytest.mark.slow  # drawing and reading packs takes seconds

FOLDERS = [each["folder"] for each in MEMBERS]
EVERY = pytest.mark.parametrize("folder", FOLDERS)
EUI_64 = re.compile(r"\b[0-9A-F]{2}([-:][0-9A-F]{2}){7}\b", re.IGNORECASE)
Drawn = dict[str, PackPdf]


def read(pack: PackPdf) -> PdfReader:
    return PdfReader(BytesIO(pack.data), strict=True)


def words(pack: PackPdf) -> str:
    """Return all text, a space between lines, as a reader's search would find it."""
    return " ".join(" ".join(text.split()) for text in page_texts(pack.data))


def entry(holder: DictionaryObject, name: str) -> Any:  # noqa: ANN401 (an array, a dictionary, ...)
    """Return what a dictionary of the file has under a name."""
    return holder[name].get_object()


@cache
def page_texts(data: bytes) -> list[str]:
    """Return the text of each page; read once, for that is slow."""
    return [page.extract_text() for page in PdfReader(BytesIO(data), strict=True).pages]


def outline(pack: PackPdf) -> list[tuple[str, int]]:
    """Return the bookmarks and the pages they lead to, from 1."""
    reader = read(pack)
    found = []
    for each in reader.outline:
        assert isinstance(each, Destination)
        place = reader.get_destination_page_number(each)
        found.append((str(each.title), -1 if place is None else place + 1))
    return found


@EVERY
def test_no_text_is_small_cut_off_outside_its_place_or_over_another(drawn: Drawn, folder: str) -> None:
    assert [] == list(faults(drawn[folder].boxes))
    assert len(drawn[folder].boxes) > 50


@EVERY
def test_a_pack_is_short_enough_to_be_read(drawn: Drawn, folder: str) -> None:
    """Pages of metrics of the catalogue come on top: whoever adds one is told how many."""
    heads = ("Further metrics", "Times")
    added = {
        box.page for box in drawn[folder].boxes if box.top_mm < 15 and box.text.removesuffix(" (continued)") in heads
    }
    assert 32 >= len(read(drawn[folder]).pages) - len(added)


def test_processes_of_few_round_trips_share_a_page_and_have_no_chart(drawn: Drawn) -> None:
    pages = dict(outline(drawn["LONG-IS"]))
    assert pages["Meter Reads"] == pages["Other SRVs"]
    assert "Fewer than 30 had an outcome: their days are in round_trips_daily.csv." in words(drawn["LONG-IS"])


@EVERY
def test_what_was_drawn_can_be_searched(drawn: Drawn, folder: str) -> None:
    found = words(drawn[folder])
    for text in ("What the month shows", "Data quality", "How to read this pack", "What is shown of others"):
        assert text in found


@EVERY
def test_no_other_member_and_no_device_is_named(drawn: Drawn, folder: str) -> None:
    pack = drawn[folder]
    metadata = str({**(read(pack).metadata or {}), "xmp": pack.data.decode("latin-1")})
    found = words(pack) + metadata + " ".join(box.text for box in pack.boxes)
    own = next(each for each in MEMBERS if each["folder"] == folder)
    others = {each[key] for each in MEMBERS for key in ("party", "party_name")} - {own["party"], own["party_name"]}
    for name in others:
        assert not re.search(rf"(?<!\w){re.escape(printable(name)[:40])}", found), name
    ids = {match.group().upper() for match in EUI_64.finditer(found)}
    assert ids <= {own["party"]}


def test_the_recipient_is_named(drawn: Drawn) -> None:
    assert "Busy Energy Supply Limited Import Supplier (IS), October 2026: final figures" in words(drawn["BUSY-IS"])
    assert printable(LONG_NAME)[:40] in words(drawn["LONG-IS"])
    assert "00-11-22-33-44-55-66-77" in words(drawn["00-11-22-33-44-55-66-77-OU"])


@EVERY
def test_bookmarks_and_contents_lead_to_the_pages_they_name(drawn: Drawn, folder: str) -> None:
    pack = drawn[folder]
    found = outline(pack)
    pages = read(pack).pages
    assert [("Summary", 1), ("Contents and how to read", 2)] == found[:2]
    assert "Method" == found[-1][0]
    for rest in page_texts(pack.data)[found[-1][1] :]:  # nothing else comes after it
        assert "Method (continued)" in rest.partition("\n")[0]
    for title, page in found[2:]:
        text = page_texts(pack.data)[page - 1]
        head = rf"(?m)^{re.escape(title)} *$" if title != "Incidents" else r"Incidents? touched October 2026"
        assert text.partition("\n")[0].rstrip().endswith(title) or re.search(head, text)
    links = [each.get_object()["/Dest"] for each in entry(pages[1], "/Annots")]
    numbers = {page.indirect_reference: number for number, page in enumerate(pages, 1)}
    assert [page for _, page in found] == [numbers[link[0]] for link in links]


def test_every_process_in_use_has_a_page_in_the_order_of_table_1(drawn: Drawn) -> None:
    titles = [title for title, _ in outline(drawn["BUSY-IS"])]
    processes = [process for process in PROCESSES if process in titles]
    reports = ["Installs, gains and firmware", "Alerts", "Inventory", "Further metrics", "Times"]
    assert ["Failure rates", "Round Trip Times", "Incidents", *processes, *reports, "Method"] == titles[2:]
    assert 15 < len(processes)
    assert ["Failure rates", "Round Trip Times", "Incidents", "Meter Reads", "Method"] == [
        title for title, _ in outline(drawn["FEW-GS"])[2:]
    ]


def test_a_member_without_round_trips_gets_a_few_pages_that_say_so(drawn: Drawn) -> None:
    pack = drawn["QUIET-ED"]
    assert 6 >= len(read(pack).pages)
    assert "You sent no Service Request in October 2026." in words(pack)
    assert "None" not in words(pack)
    assert "nan" not in words(pack)


def test_figures_of_others_that_are_withheld_are_said_to_be(drawn: Drawn) -> None:
    found = words(drawn["FEW-GS"])
    assert "No figure of peers may be shown for what you sent" in found
    assert "This pack has no figures of others" in found
    assert "No benchmark" in found
    assert "2 of your 9 requests with an outcome failed (22.2%); 1 is still open." in found


def test_the_reasons_that_were_given_are_explained_in_full(drawn: Drawn) -> None:
    assert "Reason Code What it means E20 Failed to communicate with Device" in words(drawn["FEW-GS"])
    assert "Reason Code" not in words(drawn["QUIET-ED"])
    assert "NO-RESPONSE" in words(drawn["BUSY-IS"])
    assert "NO-RESPON…" not in words(drawn["BUSY-IS"])


def test_an_srv_nobody_knows_has_its_number_and_process(drawn: Drawn) -> None:
    found = words(drawn["LONG-IS"])
    assert "99.9 Other SRVs" in found
    assert re.search(r"4\.10 Read Network Data.*99\.9", found)


def test_incidents_are_numbered_and_those_that_name_a_user_keep_it_to_themselves(drawn: Drawn) -> None:
    others, own = words(drawn["FEW-GS"]), words(drawn["BUSY-IS"])
    assert "10 Category 1 or 2 Incidents touched October 2026" in others
    assert "(not shown: it names a User)" in others
    assert "No answer from Device (id not shown)" in others
    assert "Minor" not in others
    assert "Busy Energy Supply Limited can't reach (id not shown)" in own
    assert "4 more, and all in full, are on the page 'Incidents'." in own


def test_a_provisional_pack_says_so_on_every_page(tmp_path: Path, fonts: FontFolder) -> None:
    snapshot = SnapshotFolder.open(write_month(tmp_path, largest=False, status="provisional", incidents=1))
    few = next(each for each in snapshot.members() if each.party == "FEW")
    pack = compose(PackFigures.read(snapshot, few), fonts)
    assert [] == list(faults(pack.boxes))
    assert "PROVISIONAL figures, which will still change" in words(pack)
    assert all("PROVISIONAL. Confidential" in text for text in page_texts(pack.data))
    assert "2 Category 1 or 2 Incidents touched October 2026" in words(pack)


def test_a_document_says_its_title_language_and_the_instant_of_its_snapshot(drawn: Drawn) -> None:
    reader = read(drawn["FEW-GS"])
    assert reader.metadata is not None
    assert "October 2026, Gas Supplier, Few Requests Gas" == reader.metadata.title
    assert datetime(2026, 11, 10, tzinfo=UTC) == reader.metadata.creation_date
    root = reader.root_object
    assert ("en-GB", True) == (entry(root, "/Lang"), entry(root, "/ViewerPreferences")["/DisplayDocTitle"])


@EVERY
def test_there_are_no_pictures_and_all_fonts_are_embedded(drawn: Drawn, folder: str) -> None:
    for page in read(drawn[folder]).pages:
        resources = entry(page, "/Resources")
        assert "/XObject" not in resources
        for font in resources["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in inner["/FontDescriptor"]
