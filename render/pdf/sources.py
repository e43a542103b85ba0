"""Where a figure stands: its file, the rows of it and what is taken of them, as a query that anyone can run.

A figure is drawn as text that remembers it (see ``said``), so that the document can carry its query. The queries are
SQL that polars, DuckDB and others run over the CSV files of the pack; columns of text are to be read as text, as the
metadata beside each file says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final, TypeAlias

from dcc_analytics.render.pdf.words import NOT_SHOWN, count, duration, gap, instant_name, percent, points, short_gap
from dcc_analytics.snapshot.intervals import Z_95

#: What a column may be asked to be: None is empty, a tuple one of several.
Asked: TypeAlias = "str | int | date | datetime | tuple[str, ...] | None"
Value: TypeAlias = "str | int | float | date | datetime | None"
#: A cell that a spreadsheet would run is written with an apostrophe; see ``csv_files``.
_FORMULA: Final = re.compile(r"[=+\-@\t\r\x00]")


@dataclass(frozen=True, slots=True)
class Source:
    """What of a file a figure is.

    Attributes:
        file: its name, without ``.csv``.
        where: which rows, as SQL; empty for all. ``rows`` makes it.
        value: a column or an expression over columns, several with commas between.
        by: columns that the rows are grouped by, for a series; its values come before each value.
    """

    file: str
    where: str
    value: str
    by: str = ""

    @property
    def query(self) -> str:
        """The figure as SQL.

        >>> Source("round_trips_monthly", rows(srv="4.8.1", variant=""), "failure_rate").query
        "SELECT failure_rate FROM 'round_trips_monthly.csv' WHERE srv = '4.8.1' AND variant IS NULL"
        """
        where = f" WHERE {self.where}" if self.where else ""
        if not self.by:
            return f"SELECT {self.value} FROM '{self.file}.csv'{where}"  # noqa: S608 (told, not run)
        taken = f"SELECT {self.by}, {self.value} FROM '{self.file}.csv'{where}"  # noqa: S608 (told, not run)
        return f"{taken} GROUP BY {self.by} ORDER BY {self.by}"

    def of(self, value: str) -> "Source":
        """Return another value of the same rows."""
        return replace(self, value=value)


def rows(*conditions: str, **asked: Asked) -> str:
    """Return the SQL that holds for the rows whose columns are what is asked, and all further conditions.

    >>> rows("day < '2026-10-05'", kind="dcc", code=("8F3E", "8F3F"))
    "kind = 'dcc' AND code IN ('8F3E', '8F3F') AND day < '2026-10-05'"
    """
    return " AND ".join([*(_equal(column, value) for column, value in asked.items()), *filter(None, conditions)])


def rows_of(asked: Mapping[str, Asked]) -> str:
    """Return the same of columns whose names are known only when it is drawn."""
    return " AND ".join(_equal(column, value) for column, value in asked.items())


def _equal(column: str, value: Asked) -> str:
    if value is None or value == "":
        return f"{column} IS NULL"
    if isinstance(value, bool):
        return f"{column} = {str(value).lower()}"
    if isinstance(value, tuple):
        return f"{column} IN ({', '.join(map(quoted, value))})"
    return f"{column} = {value if isinstance(value, int) else quoted(str(value))}"


def quoted(text: str) -> str:
    """Return a text as SQL has it, as the CSV file prints it.

    >>> quoted("-1 o'clock")
    "'''-1 o''clock'"
    """
    printed = f"'{text}" if _FORMULA.match(text) else text
    return "'" + printed.replace("'", "''") + "'"


def ratio(part: str, whole: str) -> str:
    """Return a fraction of two whole numbers as SQL; division of whole numbers is not the same everywhere."""
    return f"CAST({part} AS DOUBLE) / NULLIF({whole}, 0)"


def wilson_ends(part: str, whole: str) -> tuple[str, str]:
    """Return both ends of the 95 % interval of a share as SQL; see ``snapshot.intervals``."""
    z2 = f"{Z_95**2:.12f}"
    spread = f"{Z_95:.12f} * sqrt({z2} + 4 * {part} * ({whole} - {part}) / CAST({whole} AS DOUBLE))"
    low, high = (f"(2 * {part} + {z2} {sign} {spread}) / (2 * ({whole} + {z2}))" for sign in "-+")
    return f"CASE WHEN {part} > 0 THEN {low} ELSE 0 END", f"CASE WHEN {part} < {whole} THEN {high} ELSE 1 END"


def total(file: str, where: str, value: str) -> str:
    """Return a figure of all of some rows as SQL, to be put beside that of a few of them."""
    return f"({Source(file, where, value).query})"


#: The failure rate of several rows together.
FAILURE_RATE: Final = ratio("sum(failures)", "sum(successes) + sum(failures)")


class Unit(StrEnum):
    """How a value of a file is put into words."""

    COUNT = "count"
    RATE = "rate"
    POINTS = "points"
    SECONDS = "seconds"
    #: A difference of two shares with its sign.
    GAP = "gap"
    #: A fraction as whole percent.
    WHOLE = "whole percent"
    #: A number with one decimal.
    TENTHS = "tenths"
    #: The same without its unit.
    SHORT_GAP = "short gap"
    INSTANT = "instant"
    TEXT = "text"

    def words(self, value: Value) -> str:
        """Return what is printed for a value of a file.

        >>> Unit.RATE.words(0.0421), Unit.SECONDS.words(4.656), Unit.COUNT.words(1024)
        ('4.2%', '4.7 s', '1,024')
        """
        if self is Unit.INSTANT and isinstance(value, datetime):
            value = instant_name(round(value.replace(tzinfo=UTC).timestamp() * 1_000_000))
        if value is None or isinstance(value, str | date):
            return NOT_SHOWN if value is None else str(value)
        match self:
            case Unit.RATE:
                return percent(value)
            case Unit.WHOLE:
                return f"{value:.0%}"
            case Unit.TENTHS:
                return f"{value:,.1f}"
            case Unit.GAP | Unit.SHORT_GAP:
                return gap(value) if self is Unit.GAP else short_gap(value)
            case Unit.POINTS:
                return points(value)
            case Unit.SECONDS:
                return duration(round(value * 1000))
            case _:
                return count(round(value))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as printed.

    Attributes:
        text: what is printed.
        unit: how the value becomes the text.
        source: of the value.
    """

    text: str
    unit: Unit
    source: Source


@dataclass(frozen=True, slots=True)
class Series:
    """Values that are drawn and not printed.

    Attributes:
        name: what they are.
        drawn: rows of the query's result, as the marks have them; times in seconds.
        source: of them.
    """

    name: str
    drawn: tuple[tuple[Value, ...], ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Carried:
    """A figure or series of a document, and the page it is drawn on."""

    page: int
    what: Figure | Series
