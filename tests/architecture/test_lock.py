"""The lock file: complete, hashed, and free of the place it was resolved from."""

import re

import pytest
from packaging.requirements import Requirement

from tests.architecture.tree import ROOT, pyproject

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
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


def test_every_locked_version_has_hashes() -> None:
    begun = re.findall(r"^[a-z0-9].*", LOCK, re.MULTILINE)
    locked = LOCKED.findall(LOCK)
    assert len(begun) == len(locked)
    assert [] == [name for name, _, hashes in locked if not hashes]


def test_the_lock_names_no_place_to_get_packages_from() -> None:
    assert [] == re.findall(r"(?im)^\s*(?:--(?!hash)\S+|.*\w+://.*)$", LOCK)
