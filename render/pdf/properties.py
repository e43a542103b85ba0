"""User properties: what the parts of a document say of the figures in them, so that each leads to its file and row.

A table says ``file`` at itself, ``value`` at the title of a column and ``where`` at a row: together they are the query
of a cell, ``SELECT value FROM 'file' WHERE where``. A cell that differs says its own; one that is no figure beside
others that are has an empty ``value``. All else has a property for each figure: what is printed, and its query.

Source: ISO 32000-1, 14.7.5.4 (user properties).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Final

from dcc_analytics.render.pdf.sources import Figure, Series, Source
from dcc_analytics.render.pdf.structure import CELL, COLUMN_TITLE, ROW_TITLE, TABLE, Element

FILE: Final = "file"
WHERE: Final = "where"
VALUE: Final = "value"


def tell(elements: Iterable[Element]) -> None:
    """Give the elements of a finished document their properties."""
    for each in elements:
        if each.tag is TABLE:
            _tell_table([row for row in each.kids if isinstance(row, Element)], each)
        elif each.carried and each.tag not in (CELL, ROW_TITLE, COLUMN_TITLE):
            each.properties += dict.fromkeys((_name(what), what.source.query) for what in each.carried)


def _name(what: Figure | Series) -> str:
    return what.text if isinstance(what, Figure) else what.name


def _tell_table(rows: Sequence[Element], table: Element) -> None:
    cells = [[cell for cell in row.kids if isinstance(cell, Element)] for row in rows]
    sources = [[_source(cell) for cell in of_row] for of_row in cells]
    file = _commonest(source.file for of_row in sources for source in of_row if source)
    if file is None:
        return
    table.properties.append((FILE, f"{file}.csv"))
    titles = next((each for each in cells if all(cell.tag is COLUMN_TITLE for cell in each)), [])
    columns = zip_longest(*(of_row for of_row in sources if len(of_row) == len(titles)))
    values = [_commonest(source.value for source in of_column if source) for of_column in columns]
    for title, value in zip(titles, values, strict=False):
        if value is not None:
            title.properties.append((VALUE, value))
    for row, of_row, found in zip(rows, cells, sources, strict=True):
        where = _commonest(source.where for source in found if source)
        if where:
            row.properties.append((WHERE, where))
        for cell, source, value in zip_longest(of_row, found, values[: len(of_row)]):
            _tell_cell(cell, source, (file, where or "", value))


def _source(cell: Element) -> Source | None:
    """Return the source of a cell that is one figure."""
    if len(cell.carried) != 1:
        return None
    (only,) = cell.carried
    return only.source if isinstance(only, Figure) else None


def _commonest(values: Iterable[str]) -> str | None:
    return next((value for value, _ in Counter(values).most_common(1)), None)


def _tell_cell(cell: Element, source: Source | None, common: tuple[str, str, str | None]) -> None:
    file, where, value = common
    if source is None:
        cell.properties += dict.fromkeys((_name(what), what.source.query) for what in cell.carried)
        if value is not None and cell.tag is not COLUMN_TITLE and where:
            cell.properties.append((VALUE, ""))
        return
    own = ((FILE, f"{source.file}.csv", f"{file}.csv"), (WHERE, source.where, where), (VALUE, source.value, value))
    cell.properties += [(name, said) for name, said, usual in own if said != usual]
