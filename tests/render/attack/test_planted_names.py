"""Names and ids planted in real packs, whichever byte they are in: the attack by reading finds each of them."""

import json
import shutil
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from fpdf import FPDF
from msgspec.structs import replace
from pypdf import PdfReader

from dcc_analytics.render.attack.finding import Verdict
from dcc_analytics.render.attack.finished import releases
from dcc_analytics.render.attack.gate import attacked
from dcc_analytics.render.attack.names import Names
from dcc_analytics.render.attack.pdf_text import Unreadable, texts
from dcc_analytics.render.packs import write_pack
from dcc_analytics.render.pdf.compact import compact
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.pack import pack_pdf
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.said import number as counted
from dcc_analytics.render.pdf.sources import Series, Source, rows
from dcc_analytics.render.pdf.structure import PARAGRAPH
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.gate_file import GateFile, Known
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import Waiver
from tests.render.snapshot_maker import device, member, monthly, write_snapshot
from tests.render.unpacked import unpacked

pytestmark = pytest.mark.slow

OWN, OTHER = "90-B3-D5-1F-40-01-00-01", "90-B3-D5-1F-40-02-00-01"
NORTH = Known("NWE", "IS", "Northern Energy Supply", "Holding North", (OWN,))
SOUTH = Known("S0UTH", "IS", "Southern Gas and Power", "Holding South", (OTHER,))
#: Called like a word of the contract, and too short to be a name.
GAS = (Known("Gas", "GS", "Gas", "Gas", ()), Known("ED", "ED", "Q", "Q", ()))


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, fonts: FontFolder) -> Path:
    """The packs of two import suppliers and two with names that are words, as the product makes them."""
    path = tmp_path_factory.mktemp("clean")
    known = (NORTH, SOUTH, *GAS)
    rows = [monthly(each.party, each.role, "Meter Reads", "4.8.1") for each in known[:2]]
    devices = [device("NWE", "IS", 1, import_supplier_id=OWN, export_supplier_id=OTHER, gas_supplier_id="S0UTH")]
    devices += [device("S0UTH", "IS", 2, import_supplier_id=OTHER.lower())]
    members = [member(each.party, each.role, name=each.name) for each in known]
    tables = {"members": members, "round_trips_monthly": rows, "inventory": devices}
    snapshot = SnapshotFolder.open(write_snapshot(path / "snapshot", tables))
    folder = path / "2026-10"
    for entry in snapshot.members():
        (folder / entry.folder).mkdir(parents=True)
        write_pack(snapshot, entry, folder / entry.folder, fonts)
    (folder / "gate.json").write_bytes(GateFile(known).as_bytes())
    return folder


@pytest.fixture
def packs(clean: Path, tmp_path: Path) -> Path:
    """Packs in which something may be planted."""
    return shutil.copytree(clean, tmp_path / "2026-10")


def reading(folder: Path) -> Verdict:
    return attacked(releases([folder]))[0]


def told(folder: Path) -> set[tuple[str, str, str]]:
    """Return file, column and words of what reading finds; all of it in one pack, the first supplier's."""
    found = reading(folder).findings
    assert {"2026-10/NWE-IS"} == {each.pack for each in found}
    return {(each.file, each.column, each.what) for each in found}


NAMED = "'Southern Gas and Power' is a name of \"S0UTH\""


@pytest.mark.parametrize(("found", "groups"), [(1, ["Holding North"]), (0, ["Holding North", "Holding South"])])
def test_others_are_named_only_where_every_group_of_the_role_has_waived(
    packs: Path, found: int, groups: list[str]
) -> None:
    (packs / "NWE-IS" / "named_comparison.csv").write_text("member,srv\r\nSouthern Gas and Power,4.8.1\r\n")
    rules = replace(read_rules(), waivers=[Waiver("IS", "Panel 7", groups, date(2026, 10, 1))])
    (packs / "gate.json").write_bytes(GateFile((NORTH, SOUTH, *GAS), rules).as_bytes())
    assert found == len([each for each in reading(packs).findings if each.file == "named_comparison.csv"])


def test_clean_packs_name_nobody_else_and_what_is_no_name_is_said(clean: Path) -> None:
    verdict = reading(clean)
    assert ((), 4) == (verdict.findings, verdict.packs)
    assert "names that stand everywhere by chance: ED, Gas, Q" == verdict.remark


def test_several_processes_find_what_one_finds_in_the_same_order(packs: Path) -> None:
    for number in range(20):
        shutil.copytree(packs / "NWE-IS", packs / f"NWE-IS.{number:02}")
        (packs / f"NWE-IS.{number:02}" / "note.txt").write_text(f"{number} S0UTH")
    read: list[int] = []
    alone, together = (attacked(releases([packs]), processes=each, told=read.append)[0] for each in (1, 2))
    assert (20, [8, 8, 8]) == (together.count, sorted(read)[3:])
    assert alone == together


# -- text files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["failures.csv", "round_trips_monthly.csv", "changes.csv", "alerts.csv"])
def test_a_name_in_a_csv_file_is_found(packs: Path, name: str) -> None:
    header = (packs / "NWE-IS" / name).read_text() if (packs / "NWE-IS" / name).exists() else "table,key\r\n"
    (packs / "NWE-IS" / name).write_text(f"{header}Meter Reads,southern GAS and Power\r\n", newline="")
    assert (name, "", NAMED) in told(packs)


@pytest.mark.parametrize("name", ["manifest.json", "alerts.csv-metadata.json"])
def test_a_name_in_json_is_found(packs: Path, name: str) -> None:
    path = packs / "NWE-IS" / name
    path.write_text(json.dumps({**json.loads(path.read_text()), "beside": {"compared with": ["S0UTH"]}}))
    assert {(name, "", "'S0UTH' is a name of \"S0UTH\"")} == told(packs)


@pytest.mark.parametrize("name", ["Holding South", OTHER, OTHER.lower(), OTHER.replace("-", "")])
def test_groups_and_user_ids_are_names_too(packs: Path, name: str) -> None:
    with (packs / "NWE-IS" / "failures.csv").open("a") as file:
        file.write(f"2026-10-01,{name}\r\n")
    assert any('is a name of "S0UTH"' in what for _, _, what in told(packs))


@pytest.mark.parametrize("text", ["NWE", "Northern Energy Supply", "S0UTHERN", "xS0UTH", "s0uth", "Gas", OWN])
def test_own_names_and_parts_of_words_are_nobody_else(packs: Path, text: str) -> None:
    with (packs / "NWE-IS" / "failures.csv").open("a") as file:
        file.write(f"2026-10-01,{text}\r\n")
    assert () == reading(packs).findings


def test_a_device_that_no_row_of_devices_holds_is_found(packs: Path) -> None:
    with (packs / "NWE-IS" / "failures.csv").open("a") as file:
        file.write("2026-10-01,88-73-84-90-6A-10-02-db\r\n")
    assert {("failures.csv", "", "88-73-84-90-6A-10-02-DB is no User id of the recipient's")} == told(packs)


# -- the inventory -------------------------------------------------------------------------------------------


def inventory(packs: Path, old: str, new: str) -> None:
    path = packs / "NWE-IS" / "inventory.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new), newline="")


def test_a_device_registered_to_another_is_found_in_the_inventory(packs: Path) -> None:
    inventory(packs, f"{OWN}", "90-B3-D5-1F-40-03-00-01")
    assert {("inventory.csv", "device", "the Device is not the recipient's")} == told(packs)


def test_a_name_in_the_inventory_is_found_where_no_registration_stands(packs: Path) -> None:
    inventory(packs, '"hardware_version, ""1"""', "Southern Gas and Power")
    assert {("inventory.csv", "hardware_version", NAMED)} == told(packs)


@pytest.mark.parametrize("name", ["Southern Gas and Power", "Southern\nGas and\nPower"])
def test_a_name_in_the_read_me_is_found_even_if_it_is_broken_into_lines(packs: Path, name: str) -> None:
    with (packs / "NWE-IS" / "README.txt").open("a", encoding="utf-8") as file:
        file.write(f"Compared with {name}\n")
    assert {("README.txt", "", NAMED)} == told(packs)


# -- the PDF -------------------------------------------------------------------------------------------------


def drawn(fonts: FontFolder, *lines: str, title: str = "Pack", subject: str = "October") -> Paper:
    paper = Paper(fonts, title=title, subject=subject, created=datetime(2026, 11, 9, tzinfo=UTC))
    paper.add_page()
    for place, line in enumerate(lines):
        paper.text(20, 20 + 10 * place, line, bold=place % 2 == 1)
    return paper


@pytest.mark.parametrize(
    "lines", [("Compared with Southern Gas and Power",), ("of Southern Gas", "and Power (largest)")]
)
def test_a_name_on_a_page_of_the_pdf_is_found_even_if_it_is_broken_into_lines(
    packs: Path, fonts: FontFolder, lines: tuple[str, ...]
) -> None:
    (packs / "NWE-IS" / "pack.pdf").write_bytes(compact(drawn(fonts, *lines).output()))
    assert {("pack.pdf", "", NAMED)} == told(packs)


def test_a_name_planted_in_the_annex_is_found(packs: Path, fonts: FontFolder) -> None:
    (packs / "NWE-IS" / "annex.pdf").write_bytes(drawn(fonts, "Worse than Southern Gas and Power").output())
    assert {("annex.pdf", "", NAMED)} == told(packs)


@pytest.mark.parametrize("where", [{"title": "Beside Southern Gas and Power"}, {"subject": "Southern Gas and Power"}])
def test_a_name_in_the_metadata_of_the_pdf_is_found(packs: Path, fonts: FontFolder, where: dict[str, str]) -> None:
    (packs / "NWE-IS" / "pack.pdf").write_bytes(compact(drawn(fonts, "Clean", **where).output()))
    assert {("pack.pdf", "", NAMED)} == told(packs)


def test_a_name_in_a_bookmark_is_found(packs: Path, fonts: FontFolder) -> None:
    paper = drawn(fonts, "Clean")
    paper.bookmark("Southern Gas and Power")
    (packs / "NWE-IS" / "pack.pdf").write_bytes(compact(paper.output()))
    assert {("pack.pdf", "", NAMED)} == told(packs)


@pytest.mark.parametrize("words", ["Beside Southern Gas and Power", "Beside Southern Gas and Power (2 of 3) – worse"])
def test_a_name_in_the_words_for_a_figure_or_a_link_is_found(packs: Path, fonts: FontFolder, words: str) -> None:
    figure, link = drawn(fonts, "Clean"), drawn(fonts, "Clean")
    with figure.figure(words, 20, 20, 50, 50):
        figure.text(20, 60, "Clean")
    with link.link(20, 20, 50, 5, to=1, words=words):
        link.text(20, 60, "Clean")
    for paper in (figure, link):
        (packs / "NWE-IS" / "pack.pdf").write_bytes(compact(paper.output()))
        assert {("pack.pdf", "", NAMED)} == told(packs)


def test_a_name_with_an_apostrophe_is_found_as_a_query_has_it() -> None:
    query = Source("n42_after_n16", rows(supplier="O'Hara Gas"), "n16").query
    assert "O''Hara Gas" in query
    (hits,) = Names([Known("OHG", "GS", "O'Hara Gas", "OHG")]).hits([query])
    assert ["O''Hara Gas"] == [hit.name for hit in hits]


def test_a_name_in_the_source_of_a_figure_is_found(packs: Path, fonts: FontFolder) -> None:
    source = Source("n42_after_n16", rows(supplier="Southern Gas and Power"), "n16")
    text, series = drawn(fonts, "Clean"), drawn(fonts, "Clean")
    text.text(20, 60, counted(7, source), tag=PARAGRAPH)
    with series.figure("Clean", 20, 20, 50, 50):
        series.text(20, 60, "Clean")
        series.carry([Series("share", ((0.5,),), source)])
    for paper in (text, series):
        (packs / "NWE-IS" / "pack.pdf").write_bytes(compact(paper.output()))
        assert {("pack.pdf", "", NAMED)} == told(packs)


@pytest.mark.parametrize("words", [b"(Southern Gas and Power)", b"<" + b"Southern Gas and Power".hex().encode() + b">"])
def test_a_name_that_is_read_out_in_place_of_text_shown_is_found(packs: Path, fonts: FontFolder, words: bytes) -> None:
    paper = drawn(fonts, "Clean")
    paper.operators(f"/Span <</ActualText {words.decode()}>> BDC EMC")
    (packs / "NWE-IS" / "pack.pdf").write_bytes(compact(paper.output()))
    assert {("pack.pdf", "", NAMED)} == told(packs)


def test_a_name_is_found_in_metadata_whose_signs_are_escaped(packs: Path) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_xmp_metadata("<x:xmpmeta>Southern&#32;Gas and Power</x:xmpmeta>")
    (packs / "NWE-IS" / "pack.pdf").write_bytes(bytes(pdf.output()))
    assert {("pack.pdf", "", NAMED)} == told(packs)


def with_attachment(data: bytes) -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.embed_file(basename="figures.csv", bytes=data)
    return bytes(pdf.output())


def test_a_name_in_a_file_attached_to_the_pdf_is_found(packs: Path) -> None:
    (packs / "NWE-IS" / "pack.pdf").write_bytes(with_attachment(b"peer\r\nSouthern Gas and Power\r\n"))
    assert {("pack.pdf", "", NAMED)} == told(packs)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"%PDF-1", b"PDF", "it is no PDF"),
        (b"/FlateDecode", b"/LZWDecode", "a stream has the filter LZWDecode"),
        (b"/Root", b"/Encrypt 9 0 R /Root", "it is encrypted"),
        (b"/ToUnicode", b"/ToNothing", "has no table of its characters"),
        (b"stream\nx", b"stream\ny", "a stream can't be inflated"),
    ],
)
def test_a_pdf_that_can_not_be_looked_into_stops_the_release(packs: Path, old: bytes, new: bytes, why: str) -> None:
    path = packs / "NWE-IS" / "pack.pdf"
    data = unpacked(path.read_bytes())
    assert old in data
    path.write_bytes(data.replace(old, new))
    ((file, _, what),) = told(packs)
    assert ("pack.pdf", True) == (file, what.startswith("it can't be looked into: ") and why in what)


def test_a_full_pack_says_what_another_reader_finds_on_its_pages(month: SnapshotFolder, fonts: FontFolder) -> None:
    busy = next(each for each in month.members() if each.party == "BUSY")
    data = pack_pdf(PackFigures.read(month, busy), fonts)
    expected = ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(data)).pages]
    found = ["".join(said.text.split()) for said in texts(data) if said.place == "page"]
    assert len(expected) > 20
    assert sorted(expected) == sorted(found)  # qpdf writes pages as it comes by them


@pytest.mark.parametrize(
    ("head", "content", "why"),
    [
        ("/N 1", b"7 0 (x)", "does not say where its objects begin"),
        ("/N 1 /First 4", b"a b (x)", "has no list of its objects"),
        ("/N 1 /First 4 /Filter /LZWDecode", b"7 0 (x)", "the filter LZWDecode"),
    ],
)
def test_objects_in_a_stream_that_can_not_be_read_are_refused(head: str, content: bytes, why: str) -> None:
    packed = f"%PDF-1.7\n1 0 obj\n<< /Type /ObjStm {head} >>\nstream\n".encode() + content + b"\nendstream\nendobj\n"
    with pytest.raises(Unreadable, match=why):
        list(texts(packed))


def test_an_object_that_is_missing_is_refused() -> None:
    with pytest.raises(Unreadable, match="missing"):
        list(texts(b"%PDF-1.4\n/F1 9 0 R\n9 0 obj\n<< /ToUnicode 7 0 R >>\nendobj\n"))
