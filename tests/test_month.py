"""The main job as its user runs it: ``dcca month`` over the recorded sample, on the broker it starts itself."""

import base64
import csv
import gzip
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.pack import compose
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.expected_alerts import alert_differences
from tests.expected_figures import MEMBERS, differences, read
from tests.expected_measures import measure_differences
from tests.recorded_sample import SAMPLE, lines
from tests.render.sources import PackFiles, unsaid

pytestmark = pytest.mark.broker

COMMAND = (sys.executable, "-m", "dcc_analytics.commands.main", "month", "--month", "2026-10")
PACK = {
    "README.txt", "data-dictionary.csv", "pack.pdf", "manifest.json",
    "round_trips_monthly.csv", "round_trips_daily.csv", "failures.csv", "peer_values.csv",
    "inventory.csv", "inventory_models.csv", "alerts_monthly.csv", "alerts_daily.csv", "alerts.csv",
    "installs_daily.csv", "installs_without_read.csv", "cos_gains.csv", "firmware_delivery.csv",
    "time_out_sensitivity.csv", "incidents.csv",
}  # fmt: skip


def run(events: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "--events", str(events), "--out", str(out), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the month leaves behind."""
    folder = tmp_path_factory.mktemp("month") / "out"
    ended = run(SAMPLE, folder, "--json")
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert ("final", 1) == (said["status"], said["revision"])
    return folder


@pytest.fixture(scope="module")
def packs(out: Path) -> Path:
    return out / "packs" / "2026-10"


@pytest.mark.parametrize("member", MEMBERS)
def test_the_files_of_a_member_hold_the_expected_figures(packs: Path, member: str) -> None:
    assert list(differences(packs, member)) == []
    assert list(alert_differences(packs, member)) == []
    assert list(measure_differences(packs, member)) == []


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("round_trips_monthly", "requests"), ("round_trips_monthly", "rtt_mean_s"),
        ("round_trips_monthly", "rtt_median_s"), ("round_trips_daily", "success_rate"), ("failures", "failures"),
        ("inventory", "uprn"), ("inventory_models", "devices"), ("inventory_models", "share"),
    ],
)  # fmt: skip
def test_a_figure_changed_in_a_file_would_be_seen(packs: Path, tmp_path: Path, name: str, column: str) -> None:
    changed = tmp_path / "NWE-IS"
    changed.mkdir()
    for kept in (packs / "NWE-IS").glob("*.csv"):
        (changed / kept.name).write_bytes(kept.read_bytes())
    rows = read(packs / "NWE-IS" / f"{name}.csv")
    row = next(row for row in rows if row[column] not in {"", "0"})
    row[column] = f"{float(row[column]) + 1:g}"
    with (changed / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerows(rows)
    assert len(list(differences(tmp_path, "NWE-IS"))) == 1


def test_the_totals_are_the_expected_ones(out: Path) -> None:
    expected = json.loads((SAMPLE / "expected" / "totals.json").read_text())
    found = json.loads((out / "totals.json").read_text())
    month = expected.pop("month")
    assert month == {name: found["month"][name] for name in month}
    assert expected == {name: found[name] for name in expected}


def test_every_record_is_of_one_class(out: Path) -> None:
    found = json.loads((out / "totals.json").read_text())
    for topic, classes in found["conservation"]["topics"].items():
        assert classes.pop("records") == sum(classes.values()), topic


def test_the_dead_letters_are_the_expected_lines_byte_for_byte(out: Path) -> None:
    with (SAMPLE / "expected" / "dead_letters.csv").open(encoding="utf-8") as file:
        numbers = {(row["topic"], int(row["line"])) for row in csv.DictReader(file)}
    expected = sorted(
        (topic, line.timestamp_ms, line.key, line.value)
        for topic in {topic for topic, _ in numbers}
        for line in lines(topic)
        if (topic, line.number) in numbers
    )
    letters = list(_letters(out))
    found = sorted(
        (
            letter["topic"],
            letter["timestamp"],
            None if letter["key"] is None else letter["key"].encode(),
            base64.b64decode(letter["value_base64"]),
        )
        for letter in letters
    )
    assert expected == found
    assert all(letter["reason"] for letter in letters)
    places = {(letter["topic"], letter["partition"], letter["offset"]) for letter in letters}
    assert len(places) == len(letters)


def _letters(out: Path) -> Iterator[dict[str, Any]]:
    for line in (out / "dead-letters.ndjson").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def test_every_member_has_a_whole_pack(packs: Path, out: Path) -> None:
    folders = {folder for folder in packs.iterdir() if folder.is_dir()}
    assert json.loads((out / "totals.json").read_text())["members"] == len(folders)
    for folder in folders:
        names = {path.name for path in folder.iterdir()}
        assert names >= PACK
        sent = len((folder / "round_trips_monthly.csv").read_text(encoding="utf-8").splitlines()) > 1
        assert sent == ("annex.pdf" in names)
        assert (folder / "pack.pdf").read_bytes()[:5] == b"%PDF-"


def test_every_figure_of_the_packs_is_what_its_source_says(packs: Path, out: Path, tmp_path: Path) -> None:
    snapshot, fonts = SnapshotFolder.open(out / "snapshots" / "2026-10"), FontFolder.make(tmp_path)
    of_each_role = {member.role: member for member in snapshot.members()}
    assert len(of_each_role) > 3
    for member in of_each_role.values():
        pack, files = compose(PackFigures.read(snapshot, member), fonts), PackFiles.read(packs / member.folder)
        assert [] == list(files.faults(pack.carried)), member.folder
        assert [] == list(unsaid(pack.boxes, pack.alternatives)), member.folder
        assert pack.data == (packs / member.folder / "pack.pdf").read_bytes()


def test_nothing_but_results_is_left_behind(out: Path) -> None:
    names = {"packs", "snapshots", "totals.json", "dead-letters.ndjson", "dcca.log"}
    assert names == {path.name for path in out.iterdir()}
    assert "Traceback" not in (out / "dcca.log").read_text()


def test_an_interrupted_month_stops_what_it_started(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [*COMMAND, "--events", str(SAMPLE), "--out", str(out)]
    month = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 120
        while not list(out.glob("work-*/state/*/estate-0")):  # folding has begun
            assert month.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        broker = _broker_of(month.pid)
        month.send_signal(signal.SIGINT)
        _, said = month.communicate(timeout=60)
    finally:
        month.kill()
    assert month.returncode == 130
    assert "interrupted" in said.splitlines()[-1]
    assert not Path(f"/proc/{broker}").exists()
    assert {path.name for path in out.iterdir()} == {"dcca.log"}


def _broker_of(pid: int) -> int:
    """Return the process of the broker a month has started."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().rsplit(")", 1)
        except OSError:
            continue
        if int(rest.split()[1]) == pid and "java" in name:
            return int(stat.parent.name)
    raise AssertionError("no broker runs")


def test_a_broken_line_ends_the_month_in_one_line_that_names_it(tmp_path: Path) -> None:
    events = tmp_path / "events"
    events.mkdir()
    for path in SAMPLE.glob("*.ndjson.gz"):
        (events / path.name).write_bytes(path.read_bytes())
    with gzip.open(events / "alerts.ndjson.gz", "ab") as file:
        file.write(b"{not a line\n")
    ended = run(events, tmp_path / "out")
    assert ended.returncode == 1
    assert "alerts.ndjson.gz, line 7591" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


def test_a_folder_without_events_is_refused_before_anything_starts(tmp_path: Path) -> None:
    ended = run(tmp_path, tmp_path / "out")
    assert ended.returncode == 1
    assert str(tmp_path) in ended.stderr
    assert not (tmp_path / "out").exists()
