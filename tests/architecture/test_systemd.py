"""The units of systemd: true to the product, and confined by what they share."""

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
#: systemd adds it to each unit whose name begins so.
SHARED = FOLDER / "dcca-.service.d" / "confined.conf"


def commands(path: Path) -> list[list[str]]:
    """Return the words of each ``dcca`` that a unit or a script runs."""
    lines = path.read_text(encoding="utf-8").replace("ExecStart=", "\n").replace("ExecStop=", "\n").splitlines()
    return [shlex.split(line)[1:] for line in lines if re.match(r"(?:/srv/dcca/bin/)?dcca ", line)]


def test_every_command_of_a_unit_is_one_of_dcca_with_options_it_has() -> None:
    known, seen = command_options(), 0
    for unit in (*UNITS, FOLDER / "month-end"):
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


def test_every_service_runs_as_a_user_without_rights_and_writes_only_where_it_has_to() -> None:
    shared = SHARED.read_text(encoding="utf-8").splitlines()
    assert not {"User=dcca", "CapabilityBoundingSet=", "ProtectSystem=strict", "ReadWritePaths=/srv/dcca"} - set(shared)
    names = {line.partition("=")[0] for line in shared if "=" in line}
    for unit in UNITS:
        assert unit.name.startswith("dcca-")
        own = {line.partition("=")[0] for line in unit.read_text(encoding="utf-8").splitlines() if "=" in line}
        assert set() == own & names, f"{unit.name} says otherwise"


def test_units_that_are_named_exist() -> None:
    names = {path.name for path in UNITS}
    for unit in UNITS:
        assert set() == set(re.findall(r"\bdcca-[\w@-]+\.\w+", unit.read_text(encoding="utf-8"))) - names
