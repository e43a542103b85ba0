"""The requirements: for each id the metric, file, figure and proving tests, and what it rests on.

``docs/requirements.md`` is made from this table, and the tests hold it against files, packs and tests as they are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dcc_analytics.catalogue.assumptions import ASSUMPTIONS, Assumption
from dcc_analytics.catalogue.tables import Row, by_key, read_table
from dcc_analytics.catalogue.touched import Touched, headings, meet, touched

_ID: Final = re.compile(r"R-[A-Z]+(-\d+)?")
_TEST: Final = re.compile(r"tests/[a-z0-9_/]+\.py::test_[a-z0-9_]+")
_NOT_MET: Final = "not met yet: "


@dataclass(frozen=True, slots=True)
class Requirement:
    """A row of ``requirements.csv``.

    Attributes:
        id: for example ``R-BP-1``.
        text: what is required.
        metrics: what is measured for it; empty for one of form or governance.
        files: columns of the pack's files that tell it.
        headings: of the pack, under which it is drawn; none: no figure shows it.
        tests: node ids of the tests that prove what is there.
        not_met: what of it is missing, after ``not met yet:``; empty: nothing.
        source: where the requirement stands.
        remark: what else a reader has to know; may be empty.
    """

    id: str
    text: str
    metrics: str
    files: Touched
    headings: tuple[str, ...]
    tests: tuple[str, ...]
    not_met: str
    source: str
    remark: str

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What it rests on: the assumptions that touch one of its columns."""
        return tuple(each for each in ASSUMPTIONS.values() if meet(each.touches, self.files))


def _requirement(row: Row) -> Requirement:
    return Requirement(
        row.read("id", _id),
        row.text("requirement"),
        row.optional("metrics"),
        row.read("files", touched),
        row.read("headings", headings),
        row.read("tests", _tests),
        row.read("not_met", _missing),
        row.text("source"),
        row.optional("note"),
    )


def _id(text: str) -> str:
    if _ID.fullmatch(text) is None:
        raise ValueError("is no id such as R-BP-1")
    return text


def _tests(text: str) -> tuple[str, ...]:
    nodes = tuple(text.split())
    for node in nodes:
        if _TEST.fullmatch(node) is None:
            raise ValueError(f"has {node!r}, which is no test such as tests/test_month.py::test_name")
    return nodes


def _missing(text: str) -> str:
    if text and not text.startswith(_NOT_MET):
        raise ValueError(f"does not begin with {_NOT_MET!r}")
    return text


_COLUMNS: Final = ("id", "requirement", "metrics", "files", "headings", "tests", "not_met")


def read_requirements(text: str | None = None) -> Mapping[str, Requirement]:
    """Return the requirements by id, in the order of the table.

    Args:
        text: to be read instead of the data file.

    Raises:
        CatalogueError: a row is not as it has to be.
    """
    return MappingProxyType(by_key(read_table("requirements.csv", _COLUMNS, text), "id", _requirement))


REQUIREMENTS: Final = read_requirements()
