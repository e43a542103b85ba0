"""CSV files as the contract prints them (sections 6 and 8, Print): RFC 4180, and safe to open in a spreadsheet."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

import polars as pl

from dcc_analytics.catalogue.service_requests import srv_order
from dcc_analytics.render.columns import Column, FileDefinition, Kind

#: A spreadsheet takes a cell that starts so for a formula (CWE-1236; OWASP ASVS 1.2.10).
_FORMULA: Final = r"^[=+\-@\t\r\x00]"
_LINE_END: Final = "\r\n"
_RATE_DECIMALS: Final = 6
_RANK: Final = "srv order"
#: The measures of a ``MEASURED`` column that are seconds end so.
_SECONDS_MEASURE: Final = "_s"


def write_csv(frame: pl.DataFrame | pl.LazyFrame, file: FileDefinition, path: Path) -> int:
    """Write the rows of a file.

    Args:
        frame: rows of the snapshot's table; further columns are left out. Lazy ones are never in memory all at a
            time, and written in the order they have.
        file: what to print.
        path: of the file; one that is there is overwritten.

    Returns:
        How many rows it has, the header not counted.
    """
    if isinstance(frame, pl.LazyFrame):
        columns = _printed(file, frame.collect_schema().names())
        frame.select(columns).sink_csv(path, line_terminator=_LINE_END, float_precision=_RATE_DECIMALS)
        return int(frame.select(pl.len()).collect().item())
    printed(frame, file).write_csv(path, line_terminator=_LINE_END, float_precision=_RATE_DECIMALS)
    return frame.height


def printed(frame: pl.DataFrame, file: FileDefinition) -> pl.DataFrame:
    """Return the rows of a file sorted, each value as it is printed; rates are left to the writer."""
    return in_order(frame, file).select(_printed(file, frame.columns))


def _printed(file: FileDefinition, known: Collection[str]) -> list[pl.Expr]:
    """Return the columns of a file; one that the snapshot of an earlier release does not know is empty."""
    return [
        (_expression(column) if column.source in known else pl.lit(None)).alias(column.name) for column in file.columns
    ]


def in_order(frame: pl.DataFrame, file: FileDefinition) -> pl.DataFrame:
    """Return rows sorted by the key of their file: SRVs by their parts, all else as text, number or day."""
    by: list[pl.Expr] = [pl.col(name).fill_null("") if _is_text(file, name) else pl.col(name) for name in file.key]
    if "srv" in file.key:
        srvs = sorted(frame["srv"].unique(), key=srv_order)
        ranks = pl.col("srv").replace_strict(srvs, range(len(srvs)), return_dtype=pl.UInt32)
        by[file.key.index("srv")] = ranks.alias(_RANK)
    return frame.sort(by, maintain_order=True)


def _is_text(file: FileDefinition, name: str) -> bool:
    return file.column(name).kind is Kind.TEXT


def _expression(column: Column) -> pl.Expr:
    value = pl.col(column.source)
    match column.kind:
        case Kind.TEXT:
            return _guarded(value)
        case Kind.SECONDS:
            return seconds_text(value)
        case Kind.MEASURED:
            in_seconds = pl.col("measure").str.ends_with(_SECONDS_MEASURE)
            return pl.when(in_seconds).then(_decimals(value, 3)).otherwise(_decimals(value, _RATE_DECIMALS))
        case Kind.DAY:
            return value.dt.strftime("%Y-%m-%d")
        case Kind.INSTANT:
            return value.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        case Kind.DECIMAL:
            return value.cast(pl.String)
        case _:
            return value


def _guarded(value: pl.Expr) -> pl.Expr:
    """Return text that no spreadsheet runs; the empty text is no value, so that it is printed without quotes."""
    return pl.when(value.str.contains(_FORMULA)).then("'" + value).when(value != "").then(value)


def seconds_text(value_ms: pl.Expr) -> pl.Expr:
    """Return whole milliseconds as seconds with three decimals; no float stands between.

    >>> pl.select(seconds_text(pl.lit(60_050))).item()
    '60.050'
    """
    size_ms = value_ms.abs()
    whole = (size_ms // 1000).cast(pl.String)
    sign = pl.when(value_ms < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return sign + whole + "." + (size_ms % 1000).cast(pl.String).str.zfill(3)


def _decimals(value: pl.Expr, decimals: int) -> pl.Expr:
    """Return floats as text: the nearest decimal to the float's exact value, ties to even, as ``format`` has it."""
    return value.map_elements(lambda number: f"{number:.{decimals}f}", return_dtype=pl.String)
