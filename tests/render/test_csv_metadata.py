"""Metadata beside each CSV file, by the rules of CSV on the Web."""

import csv
import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.csv_metadata import csv_metadata
from dcc_analytics.render.files import FILES
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder


def decimal_of(text: str, datatype: dict[str, str]) -> None:
    """Check a decimal against bounds and the decimals of its format."""
    value = Decimal(text)
    assert Decimal(datatype.get("minimum", "-1e9")) <= value <= Decimal(datatype.get("maximum", "1e9"))
    if "format" in datatype:
        assert len(datatype["format"]) - 2 == len(text.partition(".")[2]), text


READERS: dict[str, Callable[[str, dict[str, str]], object]] = {
    "string": lambda text, datatype: re.fullmatch(datatype.get("format", ".*"), text, re.DOTALL) or pytest.fail(text),
    "nonNegativeInteger": lambda text, _: int(text) >= 0 or pytest.fail(text),
    "boolean": lambda text, _: text in {"true", "false"} or pytest.fail(text),
    "date": lambda text, _: date.fromisoformat(text),
    "dateTimeStamp": lambda text, _: re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text) or pytest.fail(text),
    "decimal": decimal_of,
}


@pytest.mark.parametrize("name", FILES)
def test_metadata_names_the_file_its_columns_and_its_key(name: str) -> None:
    metadata = csv_metadata(FILES[name])
    schema = metadata["tableSchema"]
    assert f"{name}.csv" == metadata["url"]
    assert list(FILES[name].header) == [column["name"] for column in schema["columns"]]
    assert list(FILES[name].key) == schema["primaryKey"]
    assert all(column["dc:description"] and len(column["titles"]) == 2 for column in schema["columns"])


@pytest.mark.parametrize("name", FILES)
def test_every_value_written_is_of_the_type_its_metadata_says(month: SnapshotFolder, tmp_path: Path, name: str) -> None:
    file = FILES[name]
    metadata = json.loads(json.dumps(csv_metadata(file)))
    write_csv(month.table(name, MemberEntry("BUSY", "", "IS", "BUSY-IS")), file, tmp_path / metadata["url"])
    with (tmp_path / metadata["url"]).open(encoding=metadata["dialect"]["encoding"], newline="") as lines:
        for row in csv.DictReader(lines, strict=True):
            for column in metadata["tableSchema"]["columns"]:
                _check(row[column["name"]], column["datatype"], metadata["null"])


def _check(text: str, datatype: Any, null: str) -> None:  # noqa: ANN401 (a name or an object)
    if text != null:
        as_object = datatype if isinstance(datatype, dict) else {"base": datatype}
        READERS[as_object["base"]](text, as_object)


def test_a_column_of_a_few_words_lists_them_with_their_signs_taken_as_they_are() -> None:
    file = FileDefinition.of("f", "F", "", Column("a", Kind.TEXT, "A", values=("a.b", "c")), key=1)
    datatype = csv_metadata(file)["tableSchema"]["columns"][0]["datatype"]
    assert ({"base": "string", "format": r"a\.b|c"}) == datatype
