"""README.txt and the data dictionary of a pack, beside what is in the pack. Requirement: R-OUT-1."""

import csv
from pathlib import Path

import pytest

from dcc_analytics.render.change_files import CHANGES
from dcc_analytics.render.csv_metadata import csv_metadata
from dcc_analytics.render.dictionary import DICTIONARY, dictionary
from dcc_analytics.render.files import FILES, files_for
from dcc_analytics.render.incident_file import INCIDENTS
from dcc_analytics.render.packs import write_pack
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.query_window import query_until
from dcc_analytics.render.readme import WIDTH, readme
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.revisions import revise
from tests.render.snapshot_maker import MONTH, member
from tests.render.test_change_files import CLOCK

EVERY_FILE = (*FILES.values(), INCIDENTS, CHANGES, DICTIONARY)
ROWS = {file.file_name: number for number, file in enumerate(EVERY_FILE)}


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def test_the_read_me_is_plain_text_that_fits_a_terminal(month: SnapshotFolder) -> None:
    for each in month.members():
        text = readme(month, each, EVERY_FILE, ROWS, None)
        lines = text.split("\n")
        assert "" == lines.pop()
        assert max(map(len, lines)) <= WIDTH
        assert [line.rstrip() for line in lines] == lines
        assert all(line.isprintable() for line in lines)
        assert (each.party_name.split() or [each.party])[0] in text


def test_the_read_me_names_every_file_with_what_a_row_is_and_how_many_it_has(month: SnapshotFolder) -> None:
    text = unwrapped(readme(month, month.members()[0], EVERY_FILE, ROWS, None))
    for file in EVERY_FILE:
        number = ROWS[file.file_name]
        counted = f"{number} row" if number == 1 else f"{number} rows"
        assert f"{file.file_name} {file.title}. {file.description} {counted}." in text


@pytest.mark.parametrize(
    "words",
    [
        "Days and instants are UTC",
        "An empty cell says that the figure does not apply, or is withheld",
        "benchmark_status",
        "an MPxN loses its last digits",
        "has an apostrophe before it",
        "certutil -hashfile pack.pdf SHA256",
        "age --decrypt -i key.txt",
    ],
)
def test_the_read_me_tells_what_a_reader_trips_on(month: SnapshotFolder, words: str) -> None:
    assert words in unwrapped(readme(month, month.members()[0], EVERY_FILE, ROWS, None))


def test_the_read_me_of_a_revision_points_to_its_list_of_changes(tmp_path: Path) -> None:
    members = [member("A", "IS")]
    first = revise(tmp_path, {"members": members}, status="provisional", clock_us=MONTH.end_us, **CLOCK)
    text = unwrapped(readme(first, first.members()[0], EVERY_FILE, ROWS, query_until(first, 5)))
    assert "This is revision 1 of the month, provisional: answers" in text
    assert "lists what is another" not in text
    assert "Queries about these figures are taken until 6 November 2026. A query names" in text
    assert first.identity in text
    second = revise(tmp_path, {"members": members}, stream_clock="2026-11-10T00:00:00.000Z")
    text = unwrapped(readme(second, second.members()[0], EVERY_FILE, ROWS, query_until(second, 5)))
    assert "This is revision 2 of the month, final: no later event can change its figures." in text
    assert "changes.csv lists what is another than in the revision before, and why. Queries about this month" in text


@pytest.mark.slow
def test_a_pack_has_no_file_that_its_read_me_does_not_name(
    month: SnapshotFolder, tmp_path: Path, fonts: FontFolder
) -> None:
    few = next(each for each in month.members() if each.folder == "FEW-GS")
    write_pack(month, few, tmp_path, fonts)
    text = (tmp_path / "README.txt").read_text(encoding="utf-8")
    there = {path.name for path in tmp_path.iterdir() if not path.name.endswith("-metadata.json")}
    named = {line for line in text.splitlines() if line.endswith((".csv", ".pdf", ".json")) and " " not in line}
    assert there == (named - {"*.csv-metadata.json"}) | {"README.txt"}


def test_the_dictionary_has_every_column_of_every_file_as_its_metadata_has_it() -> None:
    found = dictionary(EVERY_FILE)
    for file in EVERY_FILE:
        rows = found.filter(file=file.file_name).sort("place")
        said = csv_metadata(file)["tableSchema"]
        assert list(file.header) == rows["column"].to_list()
        assert [each["titles"][1] for each in said["columns"]] == rows["title"].to_list()
        assert [each["dc:description"] for each in said["columns"]] == rows["meaning"].to_list()
        assert said["primaryKey"] == rows.filter("in_key")["column"].to_list()
        assert all(rows["type"])


@pytest.mark.slow
def test_the_dictionary_of_a_pack_is_of_its_files_alone(
    month: SnapshotFolder, tmp_path: Path, fonts: FontFolder
) -> None:
    write_pack(month, MemberEntry("QUIET", "Quiet Networks", "ED", "QUIET-ED"), tmp_path, fonts)
    with (tmp_path / "data-dictionary.csv").open(encoding="utf-8", newline="") as lines:
        named = {row["file"] for row in csv.DictReader(lines, strict=True)}
    assert {file.file_name for file in (*files_for("ED"), INCIDENTS) if not file.optional} == named
