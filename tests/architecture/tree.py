"""The tree of the repository as the checks of it see it."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]

#: Folders at the root that are never installed.
NOT_INSTALLED: Final = frozenset({"bench", "compose", "docs", "tests"})

#: Hidden folders that belong to the repository; the others are tools' caches, the environment and git's own.
_OURS: Final = frozenset({".ci", ".typing"})

#: Folders made by tools or by the product (see ``.gitignore``).
_MADE: Final = frozenset({"__pycache__", "build", "demo-output", "dist"})


def pyproject() -> dict[str, Any]:
    """Return what ``pyproject.toml`` says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def listed_packages() -> list[str]:
    """Return the packages that ``pyproject.toml`` installs."""
    packages: list[str] = pyproject()["tool"]["setuptools"]["packages"]
    return packages


def is_made(folder: str) -> bool:
    """Say whether a folder of this name is made by a tool or by the product."""
    return folder in _MADE or folder.endswith(".egg-info") or (folder.startswith(".") and folder not in _OURS)


def files() -> Iterator[Path]:
    """Yield every file of the repository, relative to the root, in order; links are not followed."""
    for at, folders, names in os.walk(ROOT):
        folders[:] = sorted(each for each in folders if not is_made(each))
        for name in sorted(names):
            yield (Path(at) / name).relative_to(ROOT)


def package_files() -> Iterator[Path]:
    """Yield the files that are to be installed, relative to the root."""
    for path in files():
        installed_root = path.parent == Path() and (path.suffix == ".py" or path.name == "py.typed")
        if installed_root or (path.parent != Path() and path.parts[0] not in NOT_INSTALLED | _OURS):
            yield path


def modules() -> list[str]:
    """Return the full names of the product's modules, packages included."""
    names = (("dcc_analytics", *path.with_suffix("").parts) for path in package_files() if path.suffix == ".py")
    return sorted(".".join(name).removesuffix(".__init__") for name in names)


def command_options() -> dict[str, set[str]]:
    """Return the options of each command, as ``docs/commands.md`` has them (a test says if it is stale)."""
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    sections = re.findall(r"(?ms)^## (dcca .+?)\n(.+?)(?=^## |\Z)", page)
    return {path: set(re.findall(r"(?m)^ +.*?(--[a-z][a-z-]*)", text)) for path, text in sections}
