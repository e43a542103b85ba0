"""What a column is, and what a file is: said once, and used by the CSV files, their metadata and the PDF pack.

A further file is a further ``FileDefinition`` in ``files``; nothing else changes.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Self


class Kind(StrEnum):
    """How the values of a column are kept in the snapshot, and how they are printed (contract section 6)."""

    TEXT = "text"
    COUNT = "count"
    FLAG = "flag"
    DAY = "day"
    #: An instant in UTC, whole milliseconds, printed with ``Z``.
    INSTANT = "instant"
    #: An exact number of three decimals; it may be negative.
    DECIMAL = "decimal"
    #: A fraction, 6 decimals.
    RATE = "rate"
    #: Whole milliseconds in the snapshot, seconds with 3 decimals in print; the column's name ends in ``_s``.
    SECONDS = "seconds"
    #: A rate or seconds, as the row's ``measure`` says.
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file.

    Attributes:
        name: in the header row.
        kind: of its values.
        title: for people.
        description: what it means, one sentence.
        values: all it can hold, for a text that is one of a few words.
    """

    name: str
    kind: Kind
    title: str
    description: str = ""
    values: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Its name in the snapshot's table.

        >>> Column("rtt_best_s", Kind.SECONDS, "Best").source
        'rtt_best_ms'
        """
        return f"{self.name.removesuffix('_s')}_ms" if self.kind is Kind.SECONDS else self.name

    def __post_init__(self) -> None:
        if self.kind is Kind.SECONDS and not self.name.endswith("_s"):
            raise ValueError(f"column {self.name} holds seconds; its name has to end in _s")


@dataclass(frozen=True)
class FileDefinition:
    """A file of the pack, made from the snapshot's table of the same name.

    Attributes:
        name: without ``.csv``.
        title: for people.
        description: what a row is.
        columns: in order.
        key: names of the columns that tell rows apart; rows are sorted by them.
        roles: whose packs have it; none: all.
        optional: whether packs without rows of it don't have it.
        streamed: whether it may be too large for memory; then its table is sorted in the snapshot already.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    roles: tuple[str, ...] = ()
    streamed: bool = False
    optional: bool = False

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError(f"file {self.name} names a column twice")
        if missing := set(self.key) - set(names):
            raise ValueError(f"file {self.name} has no column {', '.join(sorted(missing))}, which its key names")

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)

    @property
    def file_name(self) -> str:
        """With ``.csv``."""
        return f"{self.name}.csv"

    @property
    def metadata_name(self) -> str:
        """The name of the metadata beside it."""
        return f"{self.name}.csv-metadata.json"

    def column(self, name: str) -> Column:
        """Return one of its columns."""
        return self.columns[self.header.index(name)]

    @classmethod
    def of(
        cls, name: str, title: str, description: str, *columns: Column, key: int, roles: tuple[str, ...] = (),
        streamed: bool = False, optional: bool = False,
    ) -> Self:  # fmt: skip
        """Return a file whose first ``key`` columns tell its rows apart, for packs of some Roles or of all."""
        names = tuple(column.name for column in columns[:key])
        return cls(name, title, description, columns, names, roles, streamed, optional)
