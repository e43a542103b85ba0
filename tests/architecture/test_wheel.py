"""What is built and installed is the tree, no more and no less, and it works away from the tree."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files, listed_packages, package_files

pytestmark = pytest.mark.slow


#: When the two builds that are compared say that their files were last changed.
EPOCH = "1790000000"


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """Run a command away from the tree and return what it printed."""
    environment = {**os.environ, **variables}
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel made from it."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    copied(source)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, source, cwd=out, SOURCE_DATE_EPOCH=EPOCH)
    return out


def copied(source: Path) -> None:
    """Copy the tree, as it is now."""
    for path in files():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, source / path)


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; dependencies are those of this one, seen through a path file."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    (wheel,) = built.glob("*.whl")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--quiet")
    run(*pip, wheel, cwd=folder)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    here = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "dependencies.pth").write_text("\n".join(sorted(here)), encoding="utf-8")
    return folder


def test_the_wheel_holds_the_packages_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert {f"dcc_analytics/{path.as_posix()}" for path in package_files()} == names


def test_the_wheel_of_the_same_tree_has_the_same_bytes_wherever_and_whenever_it_is_built(
    built: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "elsewhere", tmp_path / "dist"
    copied(source)
    for path in source.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        out,
        source,
        cwd=tmp_path,
        SOURCE_DATE_EPOCH=EPOCH,
    )
    (first,), (second,) = built.glob("*.whl"), out.glob("*.whl")
    assert first.read_bytes() == second.read_bytes()


def test_the_sdist_holds_all_that_the_wheel_is_made_of(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {path.as_posix() for path in package_files()} <= names
    assert {"pyproject.toml", "README.md"} <= names


def test_every_package_imports_away_from_the_tree(installed: Path) -> None:
    code = f"""
import importlib
for name in {listed_packages()!r}:
    print(importlib.import_module(name).__file__)
"""
    places = run(installed / "venv" / "bin" / "python", "-c", code, cwd=installed).splitlines()
    assert len(listed_packages()) == len(places)
    assert all(each.startswith(str(installed / "venv")) for each in places), places


def test_the_command_runs_away_from_the_tree(installed: Path) -> None:
    assert "month" in run(installed / "venv" / "bin" / "dcca", "--help", cwd=installed)
