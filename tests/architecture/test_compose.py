"""The compose file: valid against the schema of the Compose Specification, and true to the product.

No container engine is needed, and none has run it: see compose/README.md.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.architecture.tree import ROOT, command_options

COMPOSE = ROOT / "compose" / "docker-compose.yaml"


def check_schema(path: Path) -> subprocess.CompletedProcess[str]:
    """Check a compose file against the schema that check-jsonschema carries; no network is used."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def compose() -> dict[str, Any]:
    """Return the compose file's content."""
    content: dict[str, Any] = YAML(typ="safe").load(COMPOSE)
    return content


@pytest.mark.slow
def test_the_compose_file_fits_the_specification() -> None:
    result = check_schema(COMPOSE)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
def test_a_compose_file_that_does_not_fit_is_found(tmp_path: Path) -> None:
    spoilt = tmp_path / "docker-compose.yaml"
    text = COMPOSE.read_text(encoding="utf-8")
    spoilt.write_text(text.replace("depends_on:", "depend_on:"), encoding="utf-8")
    assert check_schema(spoilt).returncode == 1


def test_what_a_service_waits_for_is_a_service() -> None:
    services = compose()["services"]
    assert set() == {name for each in services.values() for name in each.get("depends_on", {})} - set(services)


def test_every_command_of_a_service_is_one_of_dcca_with_options_it_has() -> None:
    known = command_options()
    for name, service in compose()["services"].items():
        words = service.get("command", [])
        if words[:1] == ["dcca"]:
            path = next((each for each in known if words[: len(each.split())] == each.split()), None)
            assert path is not None, f"{name}: there is no {words}"
            assert set() == {word for word in words if word.startswith("--")} - known[path], name


def test_mounted_files_exist() -> None:
    for service in compose()["services"].values():
        for volume in service.get("volumes", []):
            if volume.startswith("."):
                assert (COMPOSE.parent / volume.split(":")[0]).exists(), volume
