"""Every requirement is accounted for, and what the catalogue says of files, figures, tests and assumptions is so.

Each check is a function of what it checks, so that a breach can be planted and seen.
"""

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from types import ModuleType

import pytest

from dcc_analytics.catalogue.assumptions import ASSUMPTIONS
from dcc_analytics.catalogue.requirements import REQUIREMENTS, Requirement
from dcc_analytics.catalogue.touched import ALL_COLUMNS, Touched, touched
from dcc_analytics.render.files import FILES
from tests.architecture.tree import ROOT, files
from tests.render.read_packs import BUSY, DISTRIBUTOR, Pack, rendered

#: The ids are stable: code, tests, the guidance document and the change process refer to them.
IDS = (
    "R-INV-1", "R-INV-2", "R-INV-3", "R-BP-1", "R-BP-2", "R-BP-3", "R-BP-4", "R-IC-1", "R-IC-2", "R-IC-3", "R-IC-4",
    "R-COS-1", "R-COS-2", "R-PP-1", "R-SEC-1", "R-SEC-2", "R-FW-1", "R-FW-2", "R-DN-1", "R-AL-1", "R-AL-2", "R-AL-3",
    "R-AL-4", "R-AL-5", "R-AL-6", "R-OUT-1", "R-OUT-2", "R-CHG-1", "R-DOC-1", "R-MON-1", "R-LIVE-1",
)  # fmt: skip
A_REQUIREMENT = REQUIREMENTS["R-BP-4"]
AN_ASSUMPTION = ASSUMPTIONS["A-TIME-OUT"]


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> list[Pack]:
    """Packs with everything that is drawn: some of it only distributors have."""
    return list(rendered(tmp_path_factory.mktemp("packs"), BUSY, DISTRIBUTOR).values())


def test_every_requirement_is_there_and_no_other() -> None:
    assert IDS == tuple(REQUIREMENTS)


def unknown_columns(touches: Touched) -> list[str]:
    """Return what is no column of a file of the pack."""
    return [
        f"{file}:{column}"
        for file, columns in touches.items()
        for column in columns
        if file not in FILES or (column != ALL_COLUMNS and column not in FILES[file].header)
    ]


def test_every_file_and_column_named_is_one_of_the_pack() -> None:
    assert {} == {each.id: found for each in REQUIREMENTS.values() if (found := unknown_columns(each.files))}
    assert {} == {each.id: found for each in ASSUMPTIONS.values() if (found := unknown_columns(each.touches))}


def test_a_file_or_column_that_is_not_there_would_be_found() -> None:
    assert ["failures:model_name", "gone:*"] == unknown_columns(touched("failures:day,model_name gone:*"))


@cache
def defined_tests(path: str) -> frozenset[str]:
    """Return the names of a file's tests; none if there is no such file."""
    file = ROOT / path
    if not file.exists():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def missing_tests(nodes: Iterable[str]) -> list[str]:
    """Return the tests that are not there."""
    return [node for node in nodes if node.partition("::")[2] not in defined_tests(node.partition("::")[0])]


def test_every_proving_test_is_there() -> None:
    assert {} == {each.id: found for each in REQUIREMENTS.values() if (found := missing_tests(each.tests))}


def test_a_test_that_is_not_there_would_be_found() -> None:
    gone = ("tests/test_month.py::test_gone", "tests/test_gone.py::test_every_member_has_a_whole_pack")
    assert list(gone) == missing_tests((*gone, "tests/test_month.py::test_every_member_has_a_whole_pack"))


def named(tests: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each requirement that the name of a test ends in, and the test."""
    for node in tests:
        for group, number in re.findall(r"_r_([a-z]+)_(\d+)(?=_r_|$)", node):
            yield f"R-{group.upper()}-{number}", node


@pytest.mark.slow
def test_a_test_that_names_a_requirement_is_among_those_that_prove_it() -> None:
    paths = [path.as_posix() for path in files() if path.parts[0] == "tests" and path.name.startswith("test_")]
    nodes = [f"{path}::{name}" for path in paths for name in defined_tests(path)]
    assert 5 <= len(list(named(nodes)))
    assert [] == [(name, node) for name, node in named(nodes) if node not in REQUIREMENTS[name].tests]


def test_what_a_tests_name_ends_in_is_read() -> None:
    assert [("R-PP-1", "t_r_pp_1_r_sec_2"), ("R-SEC-2", "t_r_pp_1_r_sec_2")] == list(named(["t_r_pp_1_r_sec_2", "t"]))


def missing_headings(headings: Iterable[str], packs: Sequence[Pack]) -> list[str]:
    """Return the headings that are neither a bookmark of a pack nor begin a line of one."""
    lines = [line for pack in packs for page in pack.pages for line in page.splitlines()]
    bookmarks = {title for pack in packs for title in pack.outline}
    return [
        heading
        for heading in headings
        if heading not in bookmarks and not any(line.startswith(heading) for line in lines)
    ]


@pytest.mark.slow
def test_every_figure_named_is_drawn(packs: list[Pack]) -> None:
    assert {} == {each.id: found for each in REQUIREMENTS.values() if (found := missing_headings(each.headings, packs))}
    assert {} == {each.id: found for each in ASSUMPTIONS.values() if (found := missing_headings(each.headings, packs))}
    assert ["No such figure"] == missing_headings(("No such figure", "Failure rates"), packs)


@pytest.mark.parametrize("requirement", REQUIREMENTS.values(), ids=lambda each: each.id)
def test_what_has_files_and_no_figure_says_that_it_is_not_met_or_is_a_data_file(requirement: Requirement) -> None:
    if requirement.files and not requirement.headings:
        assert requirement.not_met or "a data file by its nature" in requirement.remark


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that makes the page."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    return importlib.import_module("requirements_page")


def test_the_page_tells_what_the_table_says(maker: ModuleType) -> None:
    changed = replace(A_REQUIREMENT, metrics="stars", not_met="not met yet: no telescope", headings=(), tests=())
    text = maker.page({"R-BP-4": changed}, {"A-TIME-OUT": replace(AN_ASSUMPTION, statement="Nobody waits.")})
    assert "| [R-BP-4](#r-bp-4) | `failures.csv` | none | not met yet: no telescope |" in text
    assert "- Metric: stars\n" in text
    assert "- Proved by: nothing yet\n" in text
    assert "### A-TIME-OUT\n\nNobody waits.\n" in text
