"""What marks are: the tree that is read out, however and whenever its parts were drawn."""

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from dcc_analytics.render.pdf.flow import Flow, Running
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.structure import CELL, LIST, PARAGRAPH, SECTION, TITLE
from dcc_analytics.render.pdf.table import Table, TableColumn

#: An element: its tag, and its parts; a number is a sequence of marks on the element's page.
Read = tuple[str, list[Any]]


@pytest.fixture
def paper(fonts: FontFolder) -> Paper:
    made = Paper(fonts, title="T", subject="S", created=datetime(2026, 11, 10, tzinfo=UTC))
    made.add_page()
    return made


def reader(paper: Paper) -> PdfReader:
    return PdfReader(BytesIO(paper.output()), strict=True)


def tree(document: PdfReader) -> list[Any]:
    """Return the parts of the document."""
    root: Any = document.root_object["/StructTreeRoot"]
    tag, parts = read(root["/K"])
    assert "Document" == tag
    return parts


def read(element: Any) -> Read:  # noqa: ANN401 (whatever is in the file)
    return element["/S"][1:], [part(each.get_object()) for each in element["/K"]]


def part(each: Any) -> Any:  # noqa: ANN401 (whatever is in the file)
    if isinstance(each, int):
        return int(each)
    if each.get("/Type") == "/MCR":
        return "elsewhere", int(each["/MCID"])
    return "annotation" if each.get("/Type") == "/OBJR" else read(each)


def contents(document: PdfReader, page: int = 1) -> str:
    """Return the operators of a page."""
    found = document.pages[page - 1].get_contents()
    assert found is not None
    return found.get_data().decode("latin-1")


def test_paragraphs_lists_and_titles_are_read_in_the_order_they_were_written(paper: Paper) -> None:
    flow = Flow(paper, Running("head", "foot"))
    flow.title("Title", "Subtitle")
    flow.heading("Heading", note="note")
    flow.bullets(["one", "two"])
    parts = [("H1", [0]), ("P", [1]), ("H2", [2]), ("P", [3])]
    items = [("LI", [("LBody", [4])]), ("LI", [("LBody", [5])])]
    assert [*parts, ("L", items)] == tree(reader(paper))


def test_lines_of_a_paragraph_are_one_sequence_with_a_space_between_them(paper: Paper) -> None:
    Flow(paper, Running("head", "foot")).paragraph("word " * 60)
    document = reader(paper)
    assert [("P", [0])] == tree(document)
    assert document.pages[0].extract_text().split() == ["word"] * 60
    assert 1 == contents(document).count("BDC") < contents(document).count("Tj")


def test_what_is_drawn_while_nothing_is_open_or_in_a_group_is_read_out_to_nobody(paper: Paper) -> None:
    paper.text(20, 20, "nobody's")
    with paper.structure.element(LIST):
        paper.rectangle(20, 30, 5, 5)
    with paper.structure.element(PARAGRAPH):
        paper.text(20, 40, "read")
    document = reader(paper)
    assert [("L", []), ("P", [0])] == tree(document)
    operators = re.findall(r"/Artifact BMC|/P <</MCID 0>> BDC|EMC|Tj|\bre\b", contents(document))
    assert ["/Artifact BMC", "Tj", "re", "EMC", "/P <</MCID 0>> BDC", "Tj", "EMC"] == operators


def test_within_decoration_elements_are_not_read_out_either(paper: Paper) -> None:
    with paper.structure.decoration("Header"):
        paper.text(20, 20, "head", tag=TITLE)
    document = reader(paper)
    assert [] == tree(document)
    assert "/Artifact <</Type/Pagination/Subtype/Header>> BDC" in contents(document)


def test_a_part_that_is_placed_is_read_there_whenever_it_is_filled(paper: Paper) -> None:
    with paper.structure.element(TITLE):
        paper.text(20, 20, "first")
    place = paper.structure.placed(SECTION)
    paper.add_page()
    with paper.structure.element(PARAGRAPH):
        paper.text(20, 20, "last")
    with paper.on_page(1), paper.structure.within(place):
        paper.text(20, 30, "second", tag=PARAGRAPH)
    assert [("H1", [0]), ("Sect", [("P", [1])]), ("P", [0])] == tree(reader(paper))


def test_an_element_may_go_on_on_another_page(paper: Paper) -> None:
    with paper.structure.element(PARAGRAPH):
        paper.text(20, 20, "begins")
        paper.add_page()
        paper.text(20, 20, "ends")
    document = reader(paper)
    assert [("P", [0, ("elsewhere", 0)])] == tree(document)
    for page in (1, 2):
        assert contents(document, page).count("BDC") == contents(document, page).count("EMC") == 1


def test_the_header_of_a_table_is_read_once_and_bold_first_cells_are_titles_of_their_rows(paper: Paper) -> None:
    columns = (TableColumn("Word", 40, bold=True), TableColumn("", 40))
    Table.of(columns, [(f"row {number}", "") for number in range(120)]).draw(Flow(paper, Running("head", "foot")))
    assert 3 == paper.pages
    document = reader(paper)
    ((tag, rows),) = tree(document)
    assert ("Table", 121) == (tag, len(rows))
    assert [["TH", "TH"], *[["TH", "TD"]] * 120] == [[cell for cell, _ in cells] for _, cells in rows]
    found: Any = document.root_object["/StructTreeRoot"]
    first, second = (row["/K"][0]["/A"]["/Scope"] for row in found["/K"]["/K"][0]["/K"][:2])
    assert ("/Column", "/Row") == (first, second)


def test_an_empty_cell_is_a_cell(paper: Paper) -> None:
    paper.text(20, 20, "", tag=CELL)
    assert [("TD", [])] == tree(reader(paper))


def test_a_figure_has_its_words_and_its_place(paper: Paper) -> None:
    with paper.figure("Łódź (2 of 3)", 20, 30, 100, 50):
        paper.line([(20, 30), (120, 80)])
        paper.text(20, 30, "label")
    document = reader(paper)
    assert [("Figure", [0])] == tree(document)
    root: Any = document.root_object["/StructTreeRoot"]
    figure = root["/K"]["/K"][0]
    assert "Łódź (2 of 3)" == figure["/Alt"]
    assert pytest.approx([20, 217, 120, 267], abs=0.1) == [float(each) / 72 * 25.4 for each in figure["/A"]["/BBox"]]


def test_a_link_is_found_from_the_tree_and_the_tree_from_the_link(paper: Paper) -> None:
    with paper.link(20, 20, 50, 5, to=1, words="Summary, page 1"):
        paper.text(20, 24, "Summary")
    document = reader(paper)
    assert [("Link", [0, "annotation"])] == tree(document)
    page: Any = document.pages[0]
    (link,) = (each.get_object() for each in page["/Annots"])
    root: Any = document.root_object["/StructTreeRoot"]
    numbers: list[Any] = [each if isinstance(each, int) else each.get_object() for each in root["/ParentTree"]["/Nums"]]
    assert "Summary, page 1" == link["/Contents"]
    assert [page["/StructParents"], link["/StructParent"]] == numbers[::2]
    assert "/Link" == numbers[3]["/S"] == numbers[1][0].get_object()["/S"]


def test_the_document_claims_what_it_is_in_metadata_that_any_title_may_stand_in(fonts: FontFolder) -> None:
    made = Paper(fonts, title="Gas & <Żar>", subject="S", created=datetime(2026, 11, 10, tzinfo=UTC))
    made.add_page()
    document = reader(made)
    assert document.xmp_metadata is not None
    assert {"x-default": "Gas & <Żar>"} == document.xmp_metadata.dc_title
    root: Any = document.root_object
    assert b"<pdfuaid:part>1<" in root["/Metadata"].get_data()
    page: Any = document.pages[0]
    assert ("/S", True) == (page["/Tabs"], bool(root["/MarkInfo"]["/Marked"]))
