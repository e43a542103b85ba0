"""Layers and packages: who may import whom, and what is a package."""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, listed_packages, modules, package_files, pyproject

LINKS = ROOT / ".typing" / "dcc_analytics"
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
LONGEST_MODULE_LINES = 300


def lint_imports(import_path: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of pyproject.toml against the package found on ``import_path``."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache",
    ]
    environment = {**os.environ, "PYTHONPATH": str(import_path), "NO_COLOR": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copied_package(tmp_path: Path) -> Path:
    """A copy of the product's packages that a test may spoil."""
    for path in package_files():
        target = tmp_path / "dcc_analytics" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    return tmp_path


@pytest.mark.slow
def test_each_stage_imports_only_what_its_contract_allows() -> None:
    result = lint_imports(LINKS.parent)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        (
            "catalogue/months.py",
            "import dcc_analytics.snapshot",
            "Each stage imports only the stages before it",
        ),
        ("stream/decode.py", "import asyncio", "The pure modules do no I/O"),
        ("aggregators/ledger.py", "import faust", "Faust stays in the feed"),
        ("render/__init__.py", "import dcc_analytics.stream", "Packs are made from a snapshot alone"),
        ("simulator/__init__.py", "import dcc_analytics.stream", "What is simulated does not know how it is folded"),
    ],
)
def test_a_breach_of_a_contract_is_found(copied_package: Path, module: str, line: str, contract: str) -> None:
    spoilt = copied_package / "dcc_analytics" / module
    spoilt.write_text(f"{spoilt.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    result = lint_imports(copied_package)
    assert result.returncode == 1, result.stdout + result.stderr
    assert any(contract in each and " BROKEN" in each for each in result.stdout.splitlines()), result.stdout


def test_every_module_of_the_contracts_exists() -> None:
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    lines = [line for each in contracts for key in ("source_modules", "layers") for line in each.get(key, [])]
    named = {name for line in lines for name in line.split(" | ")}
    assert set() == named - set(modules())


def test_the_packages_listed_are_the_folders_with_modules() -> None:
    parents = {path.parent for path in package_files() if path.suffix == ".py"}
    folders = sorted(".".join(("dcc_analytics", *parent.parts)) for parent in parents)
    assert folders == sorted(listed_packages())


def test_type_checkers_see_the_same_packages() -> None:
    top = {path.parts[0] for path in package_files() if path.suffix == ".py"}
    assert top == {each.name for each in LINKS.iterdir()}
    assert all(each.is_symlink() and each.resolve() == ROOT / each.name for each in LINKS.iterdir())


@pytest.mark.parametrize("package", listed_packages())
def test_each_package_says_what_it_promises(package: str) -> None:
    assert (importlib.import_module(package).__doc__ or "").strip()


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [] == [path for path in package_files() if path.stem in FORBIDDEN_NAMES]


def test_modules_stay_small() -> None:
    """Known breaches are those listed in docs/architecture.md, each with its reason."""
    known = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Known breaches")[2]
    sources = [path for path in package_files() if path.suffix == ".py"]
    lines = {path.as_posix(): (ROOT / path).read_bytes().count(b"\n") for path in sources}
    listed = {name for name in lines if f"`{name}`" in known}
    assert listed == {name for name, count in lines.items() if count > LONGEST_MODULE_LINES}
