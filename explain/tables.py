"""A row as the product's own tables have it when they are made of the explained records alone, beside the file's."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import polars as pl

from dcc_analytics.explain.row import Row, unguarded
from dcc_analytics.explain.sums import Sum, rate_text
from dcc_analytics.render.columns import FileDefinition, Kind
from dcc_analytics.render.csv_files import printed
from dcc_analytics.render.files import FILES
from dcc_analytics.snapshot.comparison import COMPARED

#: Figures of others begin so, or are the word on them.
_OTHERS: Final = ("industry_", "peer", "benchmark_status")
#: What no sum has: estimates, names that go by a code, and what is said of a rate.
_NO_FIGURES: Final = frozenset({"delivery_median_s", "name", *COMPARED})


def table_sums(row: Row, frame: pl.DataFrame) -> list[Sum]:
    """Return every own figure of a row, as a table has it, beside the file's.

    Args:
        row: which.
        frame: the snapshot's table of the row's file, with the columns of others or without.
    """
    rows = list(own_rows(row, frame))
    if not rows:
        return [Sum("rows", "0", "1")]
    of_file = {name: row.values[name] for name in rows[0]}
    found = next((each for each in rows if each == of_file), rows[0])
    return [Sum(name, text, of_file[name]) for name, text in found.items()]


def own_rows(row: Row, frame: pl.DataFrame) -> Iterator[dict[str, str]]:
    """Yield the own figures of the rows of a table that have the key of a row, each value as the file prints it."""
    file, member = FILES[row.file], row.pack.member
    mine = frame.filter(pl.col("party") == member.party, pl.col("role") == member.role)
    names = [name for name in file.header if name not in row.key and not name.startswith(_OTHERS)]
    for values in printed(_completed(mine, file), file).iter_rows(named=True):
        texts = {name: _text(value) for name, value in values.items()}
        if {name: unguarded(texts[name]) for name in row.key} == row.key:
            yield {name: texts[name] for name in names if name not in _NO_FIGURES}


def _completed(frame: pl.DataFrame, file: FileDefinition) -> pl.DataFrame:
    """Return a table with the columns it lacks, empty: those of others."""
    missing = (column for column in file.columns if column.source not in frame.columns)
    return frame.with_columns(
        pl.lit(None, pl.String if column.kind is Kind.TEXT else pl.Int64).alias(column.source) for column in missing
    )


def _text(value: Any) -> str:  # noqa: ANN401 (whatever a table holds)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return rate_text(value) if isinstance(value, float) else str(value)


def industry_sums(row: Row, found: dict[str, str], names: Iterable[str]) -> list[Sum]:
    """Return figures over all Members of the Role beside those of the row; one the file withholds has no sum.

    Args:
        row: which.
        found: figures by their own name.
        names: of the figures that are exact.
    """
    industry = ((f"industry_{name}", found[name]) for name in names)
    return [Sum(name, text, row.values[name]) for name, text in industry if row.values.get(name)]
