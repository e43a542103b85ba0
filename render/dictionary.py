"""``data-dictionary.csv``: every column of a pack in one table, for people; programs read the metadata of each file.

It is made from that metadata, which is made from the definitions of the columns: nothing is said twice.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import polars as pl

from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.csv_metadata import csv_metadata

DICTIONARY: Final = FileDefinition.of(
    "data-dictionary",
    "Data dictionary",
    "One row for each column of each CSV file of this pack.",
    Column("file", Kind.TEXT, "File", "Name of the CSV file."),
    Column("place", Kind.COUNT, "Place", "1 is the first column."),
    Column("column", Kind.TEXT, "Column", "As the header row has it."),
    Column("title", Kind.TEXT, "Title", "In words; (assumed) marks what rests on a rule that no source settles."),
    Column("type", Kind.TEXT, "Type", "How its values are written."),
    Column("in_key", Kind.FLAG, "In the key", "Whether it is one of those that tell the rows of the file apart."),
    Column("meaning", Kind.TEXT, "Meaning", "What it says, and what is assumed."),
    key=2,
)  # fmt: skip

_TYPES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.TEXT: "text",
        Kind.COUNT: "whole number",
        Kind.FLAG: "true or false",
        Kind.DAY: "day in UTC, YYYY-MM-DD",
        Kind.INSTANT: "instant in UTC, YYYY-MM-DDThh:mm:ss.sssZ",
        Kind.DECIMAL: "number, 3 decimals",
        Kind.RATE: "fraction from 0 to 1, 6 decimals",
        Kind.SECONDS: "seconds, 3 decimals",
        Kind.MEASURED: "fraction or seconds, as the row's measure says",
    }
)


def dictionary(files: Iterable[FileDefinition]) -> pl.DataFrame:
    """Return the rows of the dictionary of some files."""
    rows = [
        (file.file_name, place, said["name"], said["titles"][1], type_words(column), column.name in file.key,
         said["dc:description"])
        for file in files
        for place, (column, said) in enumerate(zip(file.columns, _said(file), strict=True), 1)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=list(DICTIONARY.header), orient="row")


def _said(file: FileDefinition) -> list[dict[str, str]]:
    said: list[dict[str, str]] = csv_metadata(file)["tableSchema"]["columns"]
    return said


def type_words(column: Column) -> str:
    """Return how the values of a column are written."""
    return f"one of {', '.join(column.values)}" if column.values else _TYPES[column.kind]
