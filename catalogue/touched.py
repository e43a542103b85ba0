"""Columns of files as a cell of the catalogue names them: ``failures:day,srv inventory:*``.

The catalogue knows no files; that each file and column exists is checked where files are defined.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: Stands for all columns of a file.
ALL_COLUMNS: Final = "*"
_NAME: Final = "[a-z][a-z0-9_]*"
_FILE: Final = re.compile(rf"{_NAME}:(\*|{_NAME}(,{_NAME})*)")

#: Columns by the name of their file, without ``.csv``.
Touched = Mapping[str, tuple[str, ...]]


def touched(text: str) -> Touched:
    """Return columns by file.

    >>> dict(touched("failures:day,srv inventory:*"))
    {'failures': ('day', 'srv'), 'inventory': ('*',)}

    Raises:
        ValueError: the text is not so written, or names a file or a column twice.
    """
    found: dict[str, tuple[str, ...]] = {}
    for each in text.split():
        if _FILE.fullmatch(each) is None:
            raise ValueError(f"has {each!r}, which is not file:column,column or file:*")
        file, _, names = each.partition(":")
        columns = tuple(names.split(","))
        if file in found or len(set(columns)) < len(columns):
            raise ValueError(f"names something of {file} twice")
        found[file] = columns
    return MappingProxyType(found)


def meet(one: Touched, other: Touched) -> bool:
    """Return whether two have a column in common.

    >>> meet(touched("failures:day,srv"), touched("failures:srv")), meet(touched("failures:*"), touched("failures:srv"))
    (True, True)
    >>> meet(touched("failures:day"), touched("failures:srv inventory:day"))
    False
    """
    return any(
        ALL_COLUMNS in {*one[file], *other[file]} or not set(one[file]).isdisjoint(other[file])
        for file in one.keys() & other.keys()
    )


def headings(text: str) -> tuple[str, ...]:
    """Return headings of the pack that stand in a cell one after the other.

    >>> headings("Failure rates; Day by day"), headings("")
    (('Failure rates', 'Day by day'), ())

    Raises:
        ValueError: one is empty or there twice.
    """
    found = tuple(text.split("; ")) if text else ()
    if not all(found) or len(set(found)) < len(found):
        raise ValueError("has an empty heading or one that is there twice")
    return found
