"""The units of systemd: true to the product. ``systemd-analyze verify`` has read them; none was ever started."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from dcc_analytics.commands.main import app
from dcc_analytics.commands.settings import settings
from tests.architecture.tree import ROOT, command_options

FOLDER = ROOT / "compose" / "systemd"
UNITS = sorted(path for path in FOLDER.iterdir() if path.suffix in {".service", ".timer"})


def commands(path: Path) -> list[list[str]]:
    """Return the words of each ``dcca`` that a unit or a script runs."""
    lines = path.read_text(encoding="utf-8").replace("ExecStart=", "\n").replace("ExecStop=", "\n").splitlines()
    return [shlex.split(line)[1:] for line in lines if re.match(r"(?:/srv/dcca/bin/)?dcca ", line)]


def test_every_command_of_a_unit_is_one_of_dcca_with_options_it_has() -> None:
    known, seen = command_options(), 0
    for unit in FOLDER.iterdir():
        for words in commands(unit):
            path = next((each for each in known if ["dcca", *words][: len(each.split())] == each.split()), None)
            assert path is not None, f"{unit.name}: there is no {words}"
            assert set() == {word for word in words if word.startswith("--")} - known[path], unit.name
            seen += 1
    assert 7 == seen


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_variable_of_a_unit_is_a_setting(unit: Path) -> None:
    known = {each.variable for each in settings(get_command(app))} | {"DCCA_CONFIG"}
    assert set() == set(re.findall(r"\b(DCCA_\w+)=", unit.read_text(encoding="utf-8"))) - known


@pytest.mark.parametrize("unit", [path for path in UNITS if path.suffix == ".service"], ids=lambda path: path.name)
def test_every_service_runs_as_a_user_without_rights_and_writes_only_where_it_has_to(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    for line in ("User=dcca", "NoNewPrivileges=yes", "ProtectSystem=strict", "ReadWritePaths=/srv/dcca"):
        assert f"\n{line}\n" in text


def test_units_that_are_named_exist() -> None:
    names = {path.name for path in UNITS}
    for unit in UNITS:
        assert set() == set(re.findall(r"\bdcca-[\w@-]+\.\w+", unit.read_text(encoding="utf-8"))) - names
