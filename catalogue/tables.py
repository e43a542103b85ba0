"""Reading the catalogue's tables, so that a broken one names its file, row, column and value."""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from io import StringIO
from typing import TypeVar

from dcc_analytics.catalogue.errors import CatalogueError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        file: name of the data file.
        line: its line there, the header being line 1.
        cells: texts by column.
    """

    file: str
    line: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Return a cell that must not be empty."""
        return self.read(column, lambda text: text or _refuse("is empty"))

    def optional(self, column: str) -> str:
        """Return a cell that may be empty."""
        return self.cells[column]

    def flag(self, column: str) -> bool:
        """Return a yes or no."""
        return self.read(column, lambda text: {"yes": True, "no": False}.get(text) is True or _no(text))

    def whole(self, column: str) -> int:
        """Return a whole number above zero."""
        return self.read(column, _whole)

    def one_of(self, column: str, known: Collection[str]) -> str:
        """Return a cell that is one of some texts."""
        return self.read(
            column, lambda text: text if text in known else _refuse(f"is none of {', '.join(sorted(known))}")
        )

    def words(self, column: str) -> tuple[str, ...]:
        """Return the words of a cell."""
        return tuple(self.cells[column].split())

    def read(self, column: str, reader: Callable[[str], T]) -> T:
        """Return a cell as ``reader`` reads it.

        Raises:
            CatalogueError: the reader refused it.
        """
        try:
            return reader(self.cells[column])
        except ValueError as refused:
            raise CatalogueError(
                f"catalogue/data/{self.file}, line {self.line}, column {column}: {self.cells[column]!r} {refused}"
            ) from refused


def _refuse(why: str) -> str:
    raise ValueError(why)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise ValueError("is no whole number above zero")
    return int(text)


def _no(text: str) -> bool:
    if text != "no":
        raise ValueError("is neither yes nor no")
    return False


def read_table(file: str, columns: tuple[str, ...], text: str | None = None) -> Iterator[Row]:
    """Yield the rows of a data file.

    Args:
        file: its name in ``catalogue/data``.
        columns: those it must have, in order; ``source``, ``verified`` and ``note`` follow in every table.
        text: its content, to be read instead of the file.

    Raises:
        CatalogueError: the file is missing or no CSV in UTF-8, the header differs, a row has more or fewer cells, or
            its source is missing.
    """
    try:
        if text is None:
            text = (files("dcc_analytics.catalogue.data") / file).read_text(encoding="utf-8")
        yield from _rows(file, columns, text)
    except (OSError, UnicodeDecodeError, csv.Error) as refused:
        raise CatalogueError(f"catalogue/data/{file} can't be read: {refused}; install the product again") from refused


def _rows(file: str, columns: tuple[str, ...], text: str) -> Iterator[Row]:
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    expected = [*columns, "source", "verified", "note"]
    header = next(rows, [])
    if header != expected:
        raise CatalogueError(f"catalogue/data/{file}, line 1: the columns are {header}, they have to be {expected}")
    for cells in rows:
        line = rows.line_num
        if len(cells) != len(expected):
            raise CatalogueError(
                f"catalogue/data/{file}, line {line}: {len(cells)} cells, the header has {len(expected)}"
            )
        row = Row(file, line, dict(zip(expected, cells, strict=True)))
        row.text("source")
        row.flag("verified")
        yield row


def by_key(rows: Iterator[Row], column: str, make: Callable[[Row], T]) -> dict[str, T]:
    """Return values by the text of a column, which must not repeat.

    Raises:
        CatalogueError: a key is there twice.
    """
    values: dict[str, T] = {}
    for row in rows:
        key = row.text(column)
        row.read(column, lambda text: _refuse("is there twice") if text in values else text)
        values[key] = make(row)
    return values
