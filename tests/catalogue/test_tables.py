"""A broken data file names its file, row, column and value."""

from importlib.resources import files

import pytest

from dcc_analytics.catalogue import CATALOGUE_VERSION, tables
from dcc_analytics.catalogue.errors import CatalogueError

HEADER = "code,count,source,verified,note\n"


def _read(text: str) -> list[tables.Row]:
    return list(tables.read_table("broken.csv", ("code", "count"), text))


def test_a_sound_table_gives_its_cells() -> None:
    (row,) = _read(HEADER + 'E1,5,"DUIS, 5.4",no,\n')
    assert row.text("code") == "E1"
    assert row.whole("count") == 5
    assert row.text("source") == "DUIS, 5.4"
    assert row.flag("verified") is False
    assert row.optional("note") == ""


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (r"broken\.csv, line 1: the columns are", ""),
        (r"broken\.csv, line 1: the columns are", "code,source,verified,note\n"),
        (r"broken\.csv, line 1: the columns are", "count,code,source,verified,note\n"),
        (r"broken\.csv, line 3: 4 cells, the header has 5", HEADER + "E1,5,DUIS,yes,\nE2,5,DUIS,yes\n"),
        (r"broken\.csv, line 2, column source: '' is empty", HEADER + "E1,5,,yes,\n"),
        (
            r"broken\.csv, line 2, column verified: 'maybe' is neither yes nor no",
            HEADER + "E1,5,DUIS,maybe,\n",
        ),
        (r"broken\.csv can't be read: .*install", HEADER + 'E1,5,"DUIS"x,yes,\n'),
        (r"broken\.csv can't be read: .*install", HEADER + 'E1,5,"DUIS,yes,\n'),
    ],
)
def test_what_is_wrong_with_a_table_is_named(said: str, text: str) -> None:
    with pytest.raises(CatalogueError, match=said):
        _read(text)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(CatalogueError, match=r"absent\.csv can't be read"):
        list(tables.read_table("absent.csv", ()))


@pytest.mark.parametrize("count", ["", "0", "-1", "1.5", "1e3", "five", "٥"])
def test_a_cell_that_is_no_whole_number_is_named(count: str) -> None:
    (row,) = _read(HEADER + f"E1,{count},DUIS,yes,\n")
    with pytest.raises(CatalogueError, match=rf"line 2, column count: '{count}' is no whole number"):
        row.whole("count")


def test_a_cell_that_is_none_of_the_known_texts_is_named_with_them() -> None:
    (row,) = _read(HEADER + "E1,5,DUIS,yes,\n")
    with pytest.raises(CatalogueError, match="line 2, column code: 'E1' is none of A, B"):
        row.one_of("code", {"B", "A"})


def test_a_key_that_is_there_twice_is_named_at_its_second_row() -> None:
    rows = iter(_read(HEADER + "E1,5,DUIS,yes,\nE1,6,DUIS,yes,\n"))
    with pytest.raises(CatalogueError, match="line 3, column code: 'E1' is there twice"):
        tables.by_key(rows, "code", lambda row: row.whole("count"))


def _data_files() -> list[str]:
    folder = files("dcc_analytics.catalogue.data")
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".csv"))


@pytest.mark.parametrize("name", _data_files())
def test_each_row_of_each_data_file_says_its_source_and_whether_it_is_verified(name: str) -> None:
    text = (files("dcc_analytics.catalogue.data") / name).read_text(encoding="utf-8")
    *columns, source, verified, note = text.splitlines()[0].split(",")
    assert [source, verified, note] == ["source", "verified", "note"]
    assert list(tables.read_table(name, tuple(columns)))


def test_what_is_not_verified_says_why_in_its_note() -> None:
    unexplained = [
        f"{row.file}:{row.line}"
        for name in _data_files()
        for row in tables.read_table(
            name,
            tuple(
                (files("dcc_analytics.catalogue.data") / name)
                .read_text(encoding="utf-8")
                .splitlines()[0]
                .split(",")[:-3]
            ),
        )
        if not row.flag("verified") and not row.optional("note")
    ]
    assert unexplained == []


def test_the_version_of_the_catalogue_is_twelve_digits() -> None:
    assert len(CATALOGUE_VERSION) == 12
    int(CATALOGUE_VERSION, 16)
