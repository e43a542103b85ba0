"""Figures of a pack looked up in its CSV files: the queries run by polars over what a recipient has, apart from render.

Text is read as text and everything else as polars finds it, as the metadata beside each file have it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import isclose
from pathlib import Path
from typing import Any, Final

import polars as pl

from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.csv_metadata import csv_metadata
from dcc_analytics.render.files import files_of
from dcc_analytics.render.packs import further_files
from dcc_analytics.render.pdf.layout import TextBox
from dcc_analytics.render.pdf.sources import Carried, Figure, Series, Unit
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from dcc_analytics.snapshot.files import write_json

#: Half of the last decimal of a rate, and of a time in seconds, in the files.
_HALF: Final = {Unit.RATE: 0.5e-6, Unit.POINTS: 1e-6, Unit.GAP: 1e-6, Unit.SHORT_GAP: 1e-6, Unit.SECONDS: 0.5e-3}
_CLOSE: Final = 2e-6
_DIGIT: Final = re.compile(r"\d")
_TYPES: Final = {
    "string": pl.String, "date": pl.Date, "boolean": pl.Boolean, "nonNegativeInteger": pl.Int64, "decimal": pl.Float64,
    "dateTimeStamp": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class PackFiles:
    """The CSV files of a pack, to ask."""

    context: pl.SQLContext[Any]

    @classmethod
    def read(cls, folder: Path) -> "PackFiles":
        """Return the files of a pack's folder."""
        return cls(pl.SQLContext({path.name: _frame(path) for path in folder.glob("*.csv")}))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what a query says."""
        return self.context.execute(query, eager=True).rows()

    def faults(self, carried: Iterable[Carried]) -> Iterator[str]:
        """Yield which figures are not what their source says."""
        known: dict[str, list[tuple[Any, ...]]] = {}
        for each in carried:
            query = each.what.source.query
            try:
                if query not in known:
                    known[query] = self.rows(query)
            except pl.exceptions.PolarsError as why:
                yield f"page {each.page}: {query} can't be run: {why}"
                continue
            if told := _fault(each.what, known[query]):
                yield f"page {each.page}: {told}; by {query}"


def written(snapshot: SnapshotFolder, member: MemberEntry, folder: Path) -> PackFiles:
    """Return the CSV files of a Member's pack, written into a folder without the rest of it."""
    further = further_files(snapshot, member)
    for file in (*files_of(snapshot, member), *further):
        frame = (
            further[file] if file in further
            else snapshot.scan(file.name, member) if file.streamed
            else snapshot.table(file.name, member)
        )  # fmt: skip
        write_csv(frame, file, folder / file.file_name)
        write_json(folder / file.metadata_name, csv_metadata(file))
    return PackFiles.read(folder)


def unsaid(boxes: Iterable[TextBox], alternatives: Iterable[tuple[int, str]] = ()) -> Iterator[str]:
    """Yield text with a digit that neither carries a source nor is said to be no figure."""
    for page, rest in alternatives:
        if _DIGIT.search(rest):
            yield f"page {page}: {rest!r} in the words for a figure"
    for box in boxes:
        if _DIGIT.search(box.rest):
            yield f"page {box.page}: {box.rest!r} in {box.text!r}"


def _frame(path: Path) -> pl.DataFrame:
    columns = json.loads(path.with_name(f"{path.name}-metadata.json").read_text())["tableSchema"]["columns"]
    types = {each["name"]: each.get("datatype", "string") for each in columns}
    base = {name: kind["base"] if isinstance(kind, dict) else kind for name, kind in types.items()}
    read = pl.read_csv(path, schema={name: _TYPES[kind] for name, kind in base.items()})
    instants = [name for name, kind in base.items() if kind == "dateTimeStamp"]
    return read.with_columns(pl.col(instants).str.to_datetime("%Y-%m-%dT%H:%M:%S%.3fZ", time_unit="ms"))


def _fault(what: Figure | Series, found: Sequence[tuple[Any, ...]]) -> str:
    if isinstance(what, Series):
        same = len(found) == len(what.drawn) and all(map(_same_row, what.drawn, found))
        return "" if same else f"{what.name} is drawn as {what.drawn}, found is {found}"
    if len(found) != 1 or len(found[0]) != 1:
        return f"{what.text!r} has {len(found)} rows"
    (value,) = found[0]
    return "" if what.text in _printed(what.unit, value) else f"{what.text!r} is printed, found is {value!r}"


def _printed(unit: Unit, value: Any) -> set[str]:  # noqa: ANN401 (any cell)
    """Return how a value may be printed: its file has rounded it."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    half = _HALF.get(unit, 0)
    if value is None or isinstance(value, str) or not half:
        return {unit.words(value)}
    return {unit.words(max(float(value) + each, -1e9)) for each in (-half, 0, half)}


def _same_row(drawn: Sequence[Any], found: Sequence[Any]) -> bool:
    return len(drawn) == len(found) and all(map(_same, drawn, found))


def _same(drawn: Any, found: Any) -> bool:  # noqa: ANN401 (any cell)
    if drawn is None or found is None or not isinstance(drawn, int | float):
        return bool(drawn == found)
    return isclose(drawn, float(found), rel_tol=_CLOSE, abs_tol=_CLOSE)
