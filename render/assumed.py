"""Which columns of the files rest on an assumption, so that whoever prints one can say so."""

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dcc_analytics.catalogue.assumptions import ASSUMPTIONS, Assumption
from dcc_analytics.catalogue.touched import ALL_COLUMNS
from dcc_analytics.render.columns import Column, FileDefinition

#: After the title of a column, or the heading of a figure, that rests on an assumption.
MARK: Final = "(assumed)"

#: Columns that print figures of other files, which rest on what they rest on there.
_OF_OTHERS: Final = frozenset({("changes", "was"), ("changes", "is")})
_AS_THERE: Final = "Assumed, if the figure's column is so in the metadata of its own file."


def _by_column() -> Mapping[tuple[str, str], tuple[Assumption, ...]]:
    found = defaultdict[tuple[str, str], list[Assumption]](list)
    for each in ASSUMPTIONS.values():
        for file, columns in each.touches.items():
            for column in columns:
                found[file, column].append(each)
    return MappingProxyType({place: tuple(assumptions) for place, assumptions in found.items()})


_BY_COLUMN: Final = _by_column()


def assumed(file: FileDefinition, column: Column) -> tuple[Assumption, ...]:
    """Return the assumptions a column of a file rests on."""
    return _BY_COLUMN.get((file.name, ALL_COLUMNS), ()) + _BY_COLUMN.get((file.name, column.name), ())


def said_of(file: FileDefinition, column: Column) -> list[str]:
    """Return what a reader of a column is told of the assumptions it rests on; nothing if it rests on none."""
    if (file.name, column.name) in _OF_OTHERS:
        return [_AS_THERE]
    return [f"Assumed: {each.statement} ({each.id})" for each in assumed(file, column)]
