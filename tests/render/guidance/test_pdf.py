"""The PDF of the guidance document, read back by another library, measured line by line, and judged by veraPDF."""

import os
import re
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import Destination

from dcc_analytics.render.guidance.document import Document, numbered, plain
from dcc_analytics.render.guidance.pdf import pdf
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.pack import PackPdf
from tests.render.guidance.test_contents import all_texts
from tests.render.verapdf import Judge, NoJarError

pytestmark = pytest.mark.slow  # drawing and reading pages takes seconds

#: More would not be read.
MOST_PAGES = 40


@pytest.fixture(scope="module")
def reader(paged: PackPdf) -> PdfReader:
    return PdfReader(BytesIO(paged.data), strict=True)


@pytest.fixture(scope="module")
def pages(reader: PdfReader) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_no_text_is_small_cut_off_outside_its_place_or_over_another(paged: PackPdf) -> None:
    assert [] == list(faults(paged.boxes))


def test_nothing_is_shortened_and_no_character_is_missing(paged: PackPdf) -> None:
    assert [] == [box.text for box in paged.boxes if box.text.endswith("…") or "□" in box.text]


def test_it_is_short_enough_to_be_read(pages: list[str]) -> None:
    assert len(pages) <= MOST_PAGES


def test_every_word_of_the_document_is_in_it(document: Document, pages: list[str]) -> None:
    drawn = set(re.findall(r"\S+", " ".join(pages)))
    assert set() == {word for text in all_texts(document) for word in plain(text).split()} - drawn


def test_bookmarks_and_contents_lead_to_the_page_of_each_chapter_and_section(
    document: Document, reader: PdfReader, pages: list[str]
) -> None:
    titles = [f"{number} {section.title}" for number, section in numbered(document.chapters) if number.count(".") < 2]
    found = {}
    for each in reader.outline:
        assert isinstance(each, Destination)
        found[str(each.title)] = reader.get_destination_page_number(each)
    assert titles == list(found)
    for title, page in found.items():
        assert page is not None
        assert title in pages[page]
        assert re.search(rf"{re.escape(title)} {page + 1}\b", pages[0]), title


def test_the_same_document_gives_the_same_bytes(document: Document, paged: PackPdf, fonts: FontFolder) -> None:
    assert pdf(document, fonts).data == paged.data


def test_verapdf_has_nothing_to_say(paged: PackPdf, tmp_path: Path) -> None:
    try:
        judge = Judge.found(tmp_path)
    except NoJarError as why:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(why))
    path = tmp_path / "guidance.pdf"
    path.write_bytes(paged.data)
    assert {"guidance.pdf": []} == dict(judge.faults([path]))
