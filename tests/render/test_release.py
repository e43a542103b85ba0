"""The release gate: packs have the name of their month only when no attack on them has succeeded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dcc_analytics.catalogue.errors import DisclosureError, UsageError
from dcc_analytics.commands.main import app
from dcc_analytics.render.attack.finished import releases
from dcc_analytics.render.attack.gate import attacked
from dcc_analytics.render.packs import render_packs
from dcc_analytics.render.release import release, withdrawn
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.render.attack.test_planted_figures import THREE, change, in_all, labelled, packs
from tests.render.snapshot_maker import OTHERS, member, monthly, write_snapshot

pytestmark = pytest.mark.slow


def spoilt(folder: Path) -> Path:
    """Plant a figure in one pack that is another in all others."""
    change(folder / "P03-IS" / "round_trips_monthly.csv", industry_failure_rate=lambda _: ["0.050001"])
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_packs_are_released_when_no_attack_succeeds_and_withdrawn_to_be_made_again(tmp_path: Path) -> None:
    held = packs(tmp_path, folder="2026-10.held")
    release(held, tmp_path / "2026-10")
    assert ["2026-10"] == names(tmp_path)
    assert held == withdrawn(tmp_path / "2026-10")
    assert ["2026-10.held"] == names(tmp_path)
    assert (held / "P00-IS" / "peer_values.csv").exists()


def test_packs_that_an_attack_gives_away_stay_held_and_the_first_findings_are_told(tmp_path: Path) -> None:
    held = spoilt(packs(tmp_path, folder="2026-10.held"))
    place = (
        r"differences: 2026-10\.held/P03-IS: round_trips_monthly\.csv, Meter Reads\|4\.8\.1\|, industry_failure_rate"
    )
    with pytest.raises(DisclosureError, match=place):
        release(held, tmp_path / "2026-10")
    assert ["2026-10.held"] == names(tmp_path)


def test_packs_of_months_before_are_laid_beside_but_not_judged_again(tmp_path: Path) -> None:
    """They are with their recipients: what is wrong with them is no reason to hold the new ones."""
    spoilt(packs(tmp_path, [THREE], folder="2026-09"))
    release(packs(tmp_path, folder="2026-10.held"), tmp_path / "2026-10")
    assert ["2026-09", "2026-10"] == names(tmp_path)


def test_labels_are_followed_into_the_months_before(tmp_path: Path) -> None:
    """Neither month alone has rows enough for twelve unknown shares; both together have."""
    counts, rates = labelled(31)
    held = tmp_path / "2026-10.held"
    for month, first, last in ((tmp_path / "2026-09", 0, 15), (held, 15, 31)):
        packs(tmp_path, counts[first:last], folder=month.name)
        series = {name: lambda _, own=values[first:last]: own for name, values in rates.items()}
        in_all(month, "round_trips_daily", **series)
        assert () == {each.attack: each for each in attacked(releases([month]))}["shares"].findings
    told = {each.attack: each for each in attacked(releases([tmp_path]), fresh=releases([held]))}
    assert ["2026-10.held/P00-IS"] == [each.pack for each in told["shares"].findings]


def test_rendering_figures_of_too_few_groups_ends_with_four_and_releases_nothing(tmp_path: Path) -> None:
    """One Member and a benchmark: whoever wrote it into the snapshot, it does not leave."""
    rows = [monthly("NWE", "IS", "Meter Reads", "4.8.1", **OTHERS)]
    tables = {"members": [member("NWE", "IS")], "round_trips_monthly": rows}
    snapshot = SnapshotFolder.open(write_snapshot(tmp_path / "snapshot", tables))
    with pytest.raises(DisclosureError, match=r"parts: 2026-10\.held/NWE-IS: round_trips_monthly\.csv"):
        render_packs(snapshot, tmp_path, processes=1)
    assert ["2026-10.held"] == names(tmp_path / "packs")
    assert ["NWE-IS", "gate.json", "totals.json"] == names(tmp_path / "packs" / "2026-10.held")


# -- the command ---------------------------------------------------------------------------------------------


def test_the_command_prints_what_came_of_each_attack(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["packs", "attack", str(packs(tmp_path))])
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["attack", "packs", "findings", "verdict"] == lines[0]
    attacks = ("identities", "differences", "parts", "shares", "joins")
    assert [[name, "12", "0", "fails"] for name in attacks] == lines[1:]
    assert 0 == done.exit_code


def test_the_command_names_what_leaks_and_ends_with_four(tmp_path: Path) -> None:
    folder = spoilt(packs(tmp_path))
    command = [sys.executable, "-m", "dcc_analytics.commands.main", "packs", "attack", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 4 == done.returncode
    said = json.loads(done.stdout)
    assert {"differences": 1} == {each["attack"]: each["count"] for each in said["attacks"] if each["count"]}
    (finding,) = said["attacks"][1]["findings"]
    assert ("2026-10/P03-IS", "round_trips_monthly.csv", "Meter Reads|4.8.1|", "industry_failure_rate") == (
        finding["pack"], finding["file"], finding["row"], finding["column"]
    )  # fmt: skip
    assert done.stderr.startswith("dcca: 1 findings in the packs in ")
    assert 1 == done.stderr.count("\n")


def test_a_folder_without_packs_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["packs", "attack", str(tmp_path)])
    assert isinstance(done.exception, UsageError)
    assert "holds no packs; give OUT/packs/YYYY-MM" in str(done.exception)


def test_a_manifest_that_can_not_be_read_is_said(tmp_path: Path) -> None:
    folder = packs(tmp_path)
    (folder / "P03-IS" / "manifest.json").write_text("{")
    done = CliRunner().invoke(app, ["packs", "attack", str(folder)])
    assert isinstance(done.exception, UsageError)
    assert "P03-IS/manifest.json is no manifest of a pack" in str(done.exception)
