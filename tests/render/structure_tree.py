"""The structure of a finished PDF as its reader has it, and the queries that it tells of its figures."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

Element = DictionaryObject


def elements(data: bytes) -> Iterator[Element]:
    """Yield the parts of a document in the order of reading."""
    root: Any = PdfReader(BytesIO(data), strict=True).trailer["/Root"]
    yield from _within(root["/StructTreeRoot"]["/K"])


def _within(element: Element) -> Iterator[Element]:
    yield element
    for kid in _kids(element):
        yield from _within(kid)


def told_queries(data: bytes) -> Iterator[str]:
    """Yield the query of each figure of a document, in the order of reading."""
    root: Any = PdfReader(BytesIO(data), strict=True).trailer["/Root"]
    yield from _of(root["/StructTreeRoot"]["/K"])


def _of(element: Element) -> Iterator[str]:
    if str(element["/S"]) == "/Table":
        yield from _of_table(element)
        return
    for name, value in properties(element).items():
        yield from [value] if value.startswith("SELECT ") and name else []
    for kid in _kids(element):
        yield from _of(kid)


def _of_table(table: Element) -> Iterator[str]:
    common = properties(table)
    rows = [(properties(row), _kids(row)) for row in _kids(table)]
    titles = next((list(map(properties, cells)) for _, cells in rows if _are_titles(cells)), [])
    for of_row, cells in rows:
        if _are_titles(cells):
            continue
        for place, cell in enumerate(cells):
            own = properties(cell)
            yield from (value for value in own.values() if value.startswith("SELECT "))
            asked = common | (titles[place] if place < len(titles) else {}) | of_row | own
            if asked.get("value") and ("where" in of_row or "value" in own):
                where = f" WHERE {asked['where']}" if asked.get("where") else ""
                yield f"SELECT {asked['value']} FROM '{asked['file']}'{where}"  # noqa: S608 (compared, not run)


def _are_titles(cells: list[Element]) -> bool:
    return all("Column" in str(cell.get("/A")) for cell in cells)


def properties(element: Element) -> dict[str, str]:
    """Return the user properties of an element by their names."""
    attributes: Any = element.get("/A", ArrayObject())
    every = attributes.get_object()
    owned = [each.get_object() for each in (every if isinstance(every, ArrayObject) else [every])]
    told = [each.get_object() for owner in owned if owner["/O"] == "/UserProperties" for each in owner["/P"]]
    return {
        f"{each['/N']} {place}" if each["/V"].startswith("SELECT ") else each["/N"]: each["/V"]
        for place, each in enumerate(told)
    }


def _kids(element: Element) -> list[Element]:
    kids: Any = element.get("/K", ArrayObject()).get_object()
    found = [kid.get_object() for kid in (kids if isinstance(kids, ArrayObject) else [kids])]
    return [kid for kid in found if isinstance(kid, DictionaryObject) and "/S" in kid]
