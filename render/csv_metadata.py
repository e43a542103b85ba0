"""Metadata of a CSV file: CSV on the Web, so that a program reads types, empties and key instead of guessing them.

Source: W3C Metadata Vocabulary for Tabular Data; GOV.UK, "Using metadata to describe CSV data".
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from dcc_analytics.render.assumed import MARK, said_of
from dcc_analytics.render.columns import Column, FileDefinition, Kind

_SECONDS: Final = {"base": "decimal", "format": "0.000"}
_DATATYPES: Final[Mapping[Kind, Any]] = MappingProxyType(
    {
        Kind.TEXT: "string",
        Kind.COUNT: "nonNegativeInteger",
        Kind.FLAG: "boolean",
        Kind.DAY: {"base": "date", "format": "yyyy-MM-dd"},
        Kind.INSTANT: {"base": "dateTimeStamp", "format": "yyyy-MM-ddTHH:mm:ss.SSSX"},
        Kind.DECIMAL: {"base": "decimal", "format": "0.000"},
        Kind.RATE: {"base": "decimal", "format": "0.000000", "minimum": "0", "maximum": "1"},
        Kind.SECONDS: {**_SECONDS, "minimum": "0"},
        Kind.MEASURED: {"base": "decimal", "minimum": "0"},
    }
)


def csv_metadata(file: FileDefinition) -> dict[str, Any]:
    """Return the metadata of a file; it says nothing of a single pack, so it is the same in all."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": file.file_name,
        "dc:title": file.title,
        "dc:description": f"{file.description} Empty means not applicable or withheld. Text that starts with one of "
        "= + - @, tab, carriage return or NUL has an apostrophe before it.",
        "dialect": {
            "encoding": "utf-8",
            "delimiter": ",",
            "quoteChar": '"',
            "doubleQuote": True,
            "header": True,
            "headerRowCount": 1,
            "lineTerminators": ["\r\n"],
        },
        "null": "",
        "tableSchema": {
            "columns": [_column(file, column) for column in file.columns],
            "primaryKey": list(file.key),
        },
    }


def _column(file: FileDefinition, column: Column) -> dict[str, Any]:
    """Return what is said of a column; one that rests on assumptions says so in its title, and which they are."""
    said = said_of(file, column)
    return {
        "name": column.name,
        "titles": [column.name, f"{column.title} {MARK}" if said else column.title],
        "dc:description": " ".join([column.description or column.title, *said]),
        "datatype": _datatype(column),
    }


def _datatype(column: Column) -> Any:  # noqa: ANN401 (a name or an object, as the vocabulary has it)
    if column.values:
        return {"base": "string", "format": "|".join(map(re.escape, column.values))}
    return _DATATYPES[column.kind]
