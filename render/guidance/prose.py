"""The prose of the document: chapters, rules and what is said of each file, read from the texts beside this module."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec
from msgspec import Struct

from dcc_analytics.catalogue.errors import CatalogueError

T = TypeVar("T")


class SectionText(Struct, frozen=True, forbid_unknown_fields=True):
    """A section of a chapter.

    Attributes:
        title: of it.
        text: paragraphs and lists.
        tables: names of what is put below the text.
    """

    title: str
    text: str = ""
    tables: tuple[str, ...] = ()


class ChapterText(Struct, frozen=True, forbid_unknown_fields=True):
    """A chapter with its sections."""

    title: str
    text: str
    sections: tuple[SectionText, ...]


class Chapters(Struct, frozen=True, forbid_unknown_fields=True):
    """All chapters, and by name the rules for what is shown of others."""

    title: str
    chapters: tuple[ChapterText, ...]
    rules: dict[str, str]


class ExampleText(Struct, frozen=True, forbid_unknown_fields=True):
    """A worked example: rows of the made month, and how they come about.

    Attributes:
        given: what is known before.
        party: whose file is shown.
        where: by column, the values of the rows shown.
        how: by column of the one row, how its value comes about.
        columns: shown of several rows, instead.
    """

    given: str
    party: str
    where: dict[str, str]
    how: dict[str, str] = {}
    columns: tuple[str, ...] = ()


class MetricText(Struct, frozen=True, forbid_unknown_fields=True):
    """What columns of a file tell together."""

    title: str
    columns: tuple[str, ...]
    definition: str
    formula: str
    example: ExampleText


class ReportText(Struct, frozen=True, forbid_unknown_fields=True):
    """What a file is made from, which rules apply, and its metrics; a note where there are none."""

    source: str
    rules: tuple[str, ...]
    metrics: tuple[MetricText, ...] = ()
    note: str = ""


@cache
def chapters() -> Chapters:
    """Return the chapters.

    Raises:
        CatalogueError: the file is damaged.
    """
    return _read("chapters.toml", Chapters)


@cache
def reports() -> Mapping[str, ReportText]:
    """Return what is said of each file, by its name without ``.csv``.

    Raises:
        CatalogueError: the file is damaged.
    """
    return _read("reports.toml", dict[str, ReportText])


def _read(name: str, kind: type[T]) -> T:
    try:
        text = (files("dcc_analytics.render.guidance") / name).read_text(encoding="utf-8")
        return msgspec.convert(tomllib.loads(text), kind)
    except (OSError, UnicodeDecodeError, ValueError) as refused:
        raise CatalogueError(f"render/guidance/{name} can't be read: {refused}; install the product again") from refused
