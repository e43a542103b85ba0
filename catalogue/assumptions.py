"""What figures rest on that no source settles: printed as "assumed" wherever such a figure is.

An assumption is withdrawn by removing its row once a source says the same, or amended with the rule it tells of.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dcc_analytics.catalogue.tables import Row, by_key, read_table
from dcc_analytics.catalogue.touched import Touched, headings, touched

_ID: Final = re.compile("A(-[A-Z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Assumption:
    """A row of ``assumptions.csv``.

    Attributes:
        id: for example ``A-TIME-OUT``.
        name: in a few words, for a caption.
        statement: what is taken to be so.
        touches: the columns whose values would be others if it were not so.
        headings: of the pack, under which such figures are drawn.
        source: where the rule stands.
        why: what no source says, so that it had to be assumed.
    """

    id: str
    name: str
    statement: str
    touches: Touched
    headings: tuple[str, ...]
    source: str
    why: str


def _assumption(row: Row) -> Assumption:
    # One that is verified is none, and has to leave the table.
    row.one_of("verified", ("no",))
    return Assumption(
        row.read("id", _id),
        row.text("name"),
        row.text("statement"),
        row.read("touches", touched),
        row.read("headings", headings),
        row.text("source"),
        row.text("note"),
    )


def _id(text: str) -> str:
    if _ID.fullmatch(text) is None:
        raise ValueError("is no id such as A-TIME-OUT")
    return text


def read_assumptions(text: str | None = None) -> Mapping[str, Assumption]:
    """Return the assumptions by id, in the order of the table.

    Args:
        text: to be read instead of the data file.

    Raises:
        CatalogueError: a row is not as it has to be.
    """
    rows = read_table("assumptions.csv", ("id", "name", "statement", "touches", "headings"), text)
    return MappingProxyType(by_key(rows, "id", _assumption))


ASSUMPTIONS: Final = read_assumptions()
