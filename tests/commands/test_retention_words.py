"""What was not looked at, or could not be judged, is never called ok."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.retention import RETENTION, Found, Where
from dcc_analytics.commands.retention import _not_looked_at
from dcc_analytics.commands.retention_words import Inventory, device_lines, found_as_json, lines
from tests.desk import DEVICE, NOON

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FOUND = (
    Found(RETENTION["legs"], "ledger/0", 1, NOON),
    Found(RETENTION["installs"], "ledger/0", 1, NOON, why="give --state", is_judged=False),
)


def test_what_was_not_looked_at_and_what_could_not_be_judged_is_not_ok() -> None:
    said = {line.split()[0]: line for line in lines(FOUND, [Where.ESTATE])}
    assert " ok  " in said["legs"]
    assert "not judged" in said["installs"]
    assert "not looked at" in said["estate"]
    assert "none found" in said["packs"]
    told = found_as_json(FOUND, None, NOW, [Where.ESTATE])
    assert ["estate"] == told["not_looked_at"]


def test_of_a_device_it_is_said_where_it_may_lie_and_what_was_not_looked_at() -> None:
    inventory = Inventory(DEVICE, 1, there=False)
    found = [*FOUND, Found(RETENTION["estate"], "estate-0", 1, NOON, why="files not written anew", may_hold=True)]
    said = list(device_lines(found, inventory, [Where.PACKS]))
    assert "may lie in estate-0 (files not written anew)" in said
    assert "not looked at: packs" in said
    device = found_as_json(found, inventory, NOW, [])["device"]
    assert isinstance(device, dict)
    assert (False, ["estate-0"]) == (device["found"], device["may_lie_in"])


def test_estates_are_not_looked_at_without_their_folder_nor_packs_where_none_were_ever_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [Where.ESTATE, Where.SNAPSHOTS, Where.PACKS] == _not_looked_at(Path("dcca-out"), None)
    assert [] == _not_looked_at(tmp_path, tmp_path)
    with pytest.raises(UsageError, match="is no folder"):
        _not_looked_at(tmp_path / "none", None)
