"""The HTML page, read by a parser: headings in order, tables with titles, links that lead somewhere."""

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Final

import pytest

from dcc_analytics.render.guidance.document import Document, Grid, Section, numbered
from dcc_analytics.render.guidance.html import html

pytestmark = pytest.mark.slow  # its examples fold a month

#: Elements without an end.
VOID: Final = {"meta", "link", "br", "hr", "img", "input"}
SAMPLE: Final = Document(
    "A < B", "Edition", (Section("One & two", ("See `a<b>` in [Rows](#x-1).", ("item",), Grid(
        "Cap", ("H", "I"), (("X-1", "<script>"),), (50, 50), linked=True)), (Section("Part"),)),),
)  # fmt: skip


class Page(HTMLParser):
    """What a page has, and whether its elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.scopes: Counter[str] = Counter()
        self.tables: list[Counter[str]] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.attributes.append((tag, said))
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if said.get("id"):
            self.ids.append(str(said["id"]))
        if tag == "a":
            self.links.append(str(said["href"]))
        self.loaded += [str(said[name]) for name in ("src", "srcset", "data") if name in said]
        if tag == "link":
            self.loaded.append(str(said.get("href")))
        if tag == "table":
            self.tables.append(Counter())
        if self.tables:
            self.tables[-1][tag] += 1
        if tag == "th":
            self.scopes[str(said.get("scope"))] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def text(document: Document) -> str:
    return html(document)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_element_is_closed_in_order(page: Page) -> None:
    assert [] == page.open


def test_headings_begin_with_one_title_and_skip_no_level(page: Page, document: Document) -> None:
    assert 1 == page.headings[0]
    assert 1 == page.headings.count(1)
    assert all(later <= earlier + 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
    # The title and the heading of the contents come before those of the sections.
    assert len(list(numbered(document.chapters))) + 2 == len(page.headings)


def test_every_table_has_a_caption_and_titles_of_columns_and_rows(page: Page) -> None:
    assert len(page.tables) > 50
    for table in page.tables:
        assert 1 == table["caption"]
        assert 1 == table["thead"]
        assert table["th"] >= table["tr"]
    assert {"col", "row"} == set(page.scopes)


def test_every_link_leads_to_one_place_of_the_page(page: Page) -> None:
    assert [] == [name for name, times in Counter(page.ids).items() if times > 1]
    assert set() == {link.removeprefix("#") for link in page.links} - set(page.ids)
    assert all(link.startswith("#") for link in page.links)


def test_every_region_that_scrolls_can_be_reached_by_keys_and_has_a_name(page: Page) -> None:
    regions = [said for _, said in page.attributes if said.get("role") == "region"]
    assert len(regions) == len(page.tables)
    assert all(said["tabindex"] == "0" and said["aria-labelledby"] in page.ids for said in regions)


def test_it_says_its_language_and_loads_nothing(page: Page, text: str) -> None:
    assert ("html", {"lang": "en-GB"}) in page.attributes
    assert [] == page.loaded
    assert not re.search(r"https?://|url\(|@import|<script", text)


def test_the_first_link_leads_past_the_contents(page: Page) -> None:
    assert "#content" == page.links[0]
    assert ("main", {"id": "content"}) in page.attributes


def test_marks_of_the_text_become_elements_and_all_else_is_escaped() -> None:
    text = html(SAMPLE)
    assert "<title>A &lt; B</title>" in text
    assert '<h2 id="one-two">1 One &amp; two</h2>' in text
    assert '<p>See <code>a&lt;b&gt;</code> in <a href="#x-1">Rows</a>.</p>' in text
    assert "<ul>\n<li>item</li>\n</ul>" in text
    assert '<tr id="x-1"><th scope="row">X-1</th><td>&lt;script&gt;</td></tr>' in text
    assert '<h3 id="part">1.1 Part</h3>' in text


def test_the_same_document_gives_the_same_text(document: Document, text: str) -> None:
    assert html(document) == text


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_has_the_contrast_that_wcag_asks_for_on_page_and_marked_rows(text: str) -> None:
    for colour in re.findall(r"(?<![-\w])color: (#[0-9A-F]{6})", text):
        for ground in re.findall(r"background: (#[0-9A-F]{6})", text):
            assert (luminance(ground) + 0.05) / (luminance(colour) + 0.05) >= 4.5, (colour, ground)
