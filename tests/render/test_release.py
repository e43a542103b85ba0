"""The release gate: packs have the name of their month only when no attack on them has succeeded."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from dcc_analytics.catalogue.errors import DisclosureError, UsageError
from dcc_analytics.commands.main import app
from dcc_analytics.render.attack.finished import releases
from dcc_analytics.render.attack.gate import attacked
from dcc_analytics.render.packs import render_packs
from dcc_analytics.render.release import release, withdrawn
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.gate_file import GateFile
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import EarlierRules
from tests.render.attack.test_planted_figures import EVEN, Counts, change, in_all, packs
from tests.render.attack.test_planted_shares import THREE, labelled
from tests.render.attack.test_planted_versions import with_last
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
    assert held == withdrawn(tmp_path / "2026-10", "s")
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


# -- former versions -----------------------------------------------------------------------------------------


def told_again(out: Path, days: Sequence[Counts], number: int, *, changed_groups: int = 10) -> None:
    """Withdraw what is released of a month, and release a version made of a snapshot in its place."""
    folder = out / "2026-10"
    shutil.rmtree(withdrawn(folder, f"{number}"))
    held = packs(out, days, snapshot=f"{number}", folder="2026-10.held", revision=number)
    rules = replace(read_rules(), earlier=EarlierRules(changed_groups=changed_groups))
    gate = GateFile.read(held / "gate.json")
    assert gate is not None
    (held / "gate.json").write_bytes(replace(gate, rules=rules).as_bytes())
    release(held, folder)


def test_a_version_that_shows_what_one_member_changed_is_held(tmp_path: Path) -> None:
    """An answer came late: one failure of one Member is a success now."""
    told_again(tmp_path, EVEN, 1)
    with pytest.raises(DisclosureError, match=r"versions: 2026-10\.held/P00-IS: round_trips_daily\.csv"):
        told_again(tmp_path, with_last((101, 10)), 2)
    assert [".told", "2026-10.held"] == names(tmp_path)
    done = CliRunner().invoke(app, ["packs", "attack", str(tmp_path / "2026-10.held")])
    assert isinstance(done.exception, DisclosureError), "the command finds what the gate has found"


def test_a_version_is_released_and_told_of_where_the_rule_set_does_not_ask_for_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told_again(tmp_path, EVEN, 1, changed_groups=0)
    assert "versions_differ" not in caplog.text
    told_again(tmp_path, with_last((101, 10)), 2, changed_groups=0)
    assert [".told", "2026-10"] == names(tmp_path)
    assert "versions_differ month=2026-10 figures=" in caplog.text


@pytest.mark.parametrize(("held", "changed_groups"), [(False, 1), (True, 2)])
def test_how_many_groups_have_to_differ_is_said_by_the_rule_set(
    tmp_path: Path, *, held: bool, changed_groups: int
) -> None:
    told_again(tmp_path, EVEN, 1)
    with pytest.raises(DisclosureError) if held else nullcontext():
        told_again(tmp_path, with_last((101, 10)), 2, changed_groups=changed_groups)


def test_a_version_is_laid_beside_all_that_were_told_though_none_is_there_any_more(tmp_path: Path) -> None:
    between: list[Counts] = [[(requests + 60, failures + 9) for requests, failures in day] for day in EVEN]
    told_again(tmp_path, EVEN, 1)
    told_again(tmp_path, between, 2)
    with pytest.raises(DisclosureError, match=r"\(snapshot 1\) it shows what changed in too few groups"):
        told_again(tmp_path, with_last((101, 10)), 3)
    assert ["1", "2"] == names(tmp_path / ".told" / "2026-10")


def test_what_was_held_was_told_to_nobody_and_what_is_made_again_is_no_other_version(tmp_path: Path) -> None:
    folder = tmp_path / "2026-10"
    told_again(tmp_path, EVEN, 1)
    with pytest.raises(DisclosureError):
        told_again(tmp_path, with_last((101, 10)), 2)
    told_again(tmp_path, EVEN, 1)
    assert ["1"] == names(tmp_path / ".told" / "2026-10")
    withdrawn(folder, "1")
    assert ["1"] == names(tmp_path / ".told" / "2026-10")


def test_of_a_former_version_only_what_tells_of_others_is_kept(tmp_path: Path) -> None:
    held = packs(tmp_path, folder="2026-10.held")
    for name in ("inventory.csv", "failures.csv", "pack.pdf"):
        (held / "P03-IS" / name).write_text("device\r\n")
    (held / "P04-IS" / "manifest.json").write_text("{")
    held.rename(tmp_path / "2026-10")
    withdrawn(tmp_path / "2026-10", "another")
    kept = tmp_path / ".told" / "2026-10" / "s"
    of_others = ["manifest.json", "peer_values.csv", "round_trips_daily.csv", "round_trips_monthly.csv"]
    assert of_others == names(kept / "P03-IS")
    assert not (kept / "P04-IS").exists(), "a damaged pack is made again"
    assert (held / "P03-IS" / "peer_values.csv").samefile(kept / "P03-IS" / "peer_values.csv")
    assert not (held / "gate.json").samefile(kept / "gate.json"), "the next version's is written over it"


def test_without_links_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    told_again(tmp_path, EVEN, 1)
    with pytest.raises(DisclosureError):
        told_again(tmp_path, with_last((101, 10)), 2)


def test_former_versions_are_no_months_of_their_own(tmp_path: Path) -> None:
    told_again(tmp_path, EVEN, 1)
    told_again(tmp_path, [[(requests + 60, failures + 9) for requests, failures in day] for day in EVEN], 2)
    assert ["2"] == [each.snapshot for each in releases([tmp_path])]
    done = CliRunner().invoke(app, ["packs", "attack", str(tmp_path)])
    assert "identities       12" in done.stdout


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
    attacks = ("identities", "differences", "parts", "shares", "joins", "versions")
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
