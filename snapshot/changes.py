"""What differs between two versions of a table: an entry for each value that is another, came or went. Pure.

Values are told as text that can be read back: whole numbers as they are, fractions with all their digits, days and
instants in ISO 8601. How they are printed is not known here.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

MEMBER: Final = ("party", "role")
#: Kinds of entries: a value of a row that both versions have; a row only the newer has; one only the older has.
CHANGED: Final = "changed"
CAME: Final = "came"
GONE: Final = "gone"
#: Columns of an entry. ``key`` says which row; a row that came or went has an entry for each value it has or had, or
#: one without column if it has none.
ENTRY: Final = ("party", "role", "key", "row", "column", "was", "is")

_SCHEMA: Final = dict.fromkeys(ENTRY, pl.String)
_WAS: Final = "was "
_IS: Final = "is "
_PLACE: Final = "place"
_TIMES: Final = "times"


def table_changes(was: pl.DataFrame, now: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return the entries that make one version of a table the other.

    Args:
        was: the older version, with party and role. A version of another release may lack columns; of rows that both
            have, only columns that both have are compared: a column that came with a release is no figure that
            changed, and would hide those that did.
        now: the newer version.
        key: names of the columns that tell a Member's rows apart. Rows they don't tell apart are numbered in the order
            of the table.

    Returns:
        Columns of ``ENTRY``, sorted by Member and row; values in the order of the columns.
    """
    known = [*now.columns, *(name for name in was.columns if name not in now.columns)]
    key = [name for name in key if name in known and name not in MEMBER]
    values = [name for name in known if name not in {*MEMBER, *key}]
    before, after = (as_text(table, key, values) for table in (was, now))
    on = [*MEMBER, "key"]
    both = before.rename({name: _WAS + name for name in values}).join(
        after.rename({name: _IS + name for name in values}), on=on
    )
    entries = [
        both.select(
            *on, row=pl.lit(CHANGED), column=pl.lit(name), was=_WAS + name, **{"is": pl.col(_IS + name)},
            place=pl.lit(place, pl.Int32),
        ).filter(pl.col("was").ne_missing(pl.col("is")))
        for place, name in enumerate(values) if name in was.columns and name in now.columns
    ]  # fmt: skip
    entries += _rows(after.join(before, on=on, how="anti"), values, CAME)
    entries += _rows(before.join(after, on=on, how="anti"), values, GONE)
    if not entries:
        return pl.DataFrame(schema=_SCHEMA)
    return pl.concat(entries).sort(*on, _PLACE).select(ENTRY)


def _rows(rows: pl.DataFrame, values: Sequence[str], row: str) -> list[pl.DataFrame]:
    """Return the entries of rows that only one of the versions has."""
    said, other = ("is", "was") if row == CAME else ("was", "is")

    def entry(found: pl.DataFrame, column: str, value: pl.Expr, place: int) -> pl.DataFrame:
        texts = {"row": pl.lit(row), "column": pl.lit(column), said: value, other: pl.lit(None, pl.String)}
        found = found.select(*MEMBER, "key", **texts, place=pl.lit(place, pl.Int32))
        return found.select(*ENTRY, _PLACE)

    found = [
        entry(rows.filter(pl.col(name).is_not_null()), name, pl.col(name), place) for place, name in enumerate(values)
    ]
    bare = rows.filter(pl.all_horizontal(pl.col(name).is_null() for name in values)) if values else rows
    return [*found, entry(bare, "", pl.lit(None, pl.String), -1)]


def as_text(table: pl.DataFrame, key: Sequence[str], values: Sequence[str]) -> pl.DataFrame:
    """Return Member, ``key`` as one text and the values as texts; no two rows have the same Member and key."""
    texts = [text_of(table, name).alias(name) for name in values]
    named = [pl.lit(f"{name}=") + escaped(text_of(table, name).fill_null("")) for name in key]
    joined = pl.concat_str(named, separator="; ") if named else pl.lit("")
    rows = table.select(*MEMBER, joined.alias("key"), *texts)
    times = rows.select(pl.int_range(1, pl.len() + 1).over(*MEMBER, "key").alias(_TIMES))[_TIMES]
    numbered = pl.col("key") + pl.format("; row {}", pl.col(_TIMES))
    return (
        rows.with_columns(times)
        .with_columns(pl.when(pl.col(_TIMES) == 1).then("key").otherwise(numbered).alias("key"))
        .drop(_TIMES)
    )


def escaped(text: pl.Expr) -> pl.Expr:
    r"""Return text that can stand among others that a semicolon parts.

    >>> pl.select(escaped(pl.lit("a; b"))).item()
    'a\\; b'
    """
    return text.str.replace_all("\\", "\\\\", literal=True).str.replace_all(";", "\\;", literal=True)


def figures(name: str) -> pl.Expr:
    """Return, of the entries of a row that came or went, all its values as one text, in their order; null if none."""
    named = pl.col("column") + "=" + escaped(pl.col(name))
    return pl.when(named.is_not_null().any()).then(named.drop_nulls().str.join("; ")).alias(name)


def text_of(table: pl.DataFrame, name: str) -> pl.Expr:
    """Return a column as text; null where the table has no such column.

    >>> table = pl.DataFrame({"rate": [0.25, None]})
    >>> table.select(text_of(table, "rate"))["rate"].to_list()
    ['0.25', None]
    """
    value = pl.col(name)
    match table.schema.get(name):
        case None:
            return pl.lit(None, pl.String)
        case pl.Datetime():
            return value.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        case pl.List():
            return value.list.join("; ")
        case _:
            return value.cast(pl.String)
