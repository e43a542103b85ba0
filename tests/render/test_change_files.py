"""``changes.csv`` beside the CSV files of two packs, and what the summary page says of a revision."""

import csv
import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dcc_analytics.render.change_files import CHANGES, own_changes, own_devices, revision
from dcc_analytics.render.columns import Kind
from dcc_analytics.render.csv_metadata import csv_metadata
from dcc_analytics.render.files import FILES
from dcc_analytics.render.packs import is_finished, write_pack
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.pack import compose
from dcc_analytics.render.pdf.revised import revised
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.revisions import differences, listed, revise
from tests.render.snapshot_maker import MONTH, SCHEMAS, Row, busy, device, member, monthly
from tests.render.test_pack_pdf import EUI_64, words

pytestmark = pytest.mark.slow

Tables = dict[str, list[Row]]
BUSY = MemberEntry("BUSY", "Busy", "ED", "BUSY-ED")
A, B = (MemberEntry(name, name, "IS", f"{name}-IS") for name in "AB")
CLOCK = {"stream_clock": "2026-10-20T12:00:00.000Z"}


def write(snapshot: SnapshotFolder, entry: MemberEntry, folder: Path, fonts: FontFolder) -> Path:
    """Return the pack of a Member."""
    folder.mkdir(parents=True)
    write_pack(snapshot, entry, folder, fonts)
    return folder


def revised_tables(tables: Tables, random: Random) -> Tables:
    """Return tables in which by chance rows went, came, and figures are others."""
    found = deepcopy(tables)
    keys = {name: file.key for name, file in FILES.items()}
    for name, rows in found.items():
        if name not in keys or not rows:
            continue
        values = [column for column in SCHEMAS[name] if column not in {"party", "role", *_sources(name)}]
        came = [rows.pop(random.randrange(len(rows))) for _ in range(2)]
        for row in random.sample(rows, 3):
            column = random.choice(values) if values else ""
            if column:
                row[column] = random.choice([each.get(column) for each in tables[name]])
        rows.append({**came[0], _sources(name)[-1]: random.choice(came)[_sources(name)[-1]]})
    return found


def _sources(name: str) -> list[str]:
    return [FILES[name].column(each).source for each in FILES[name].key]


@pytest.mark.parametrize("seed", range(3))
def test_the_list_is_the_difference_of_the_csv_files(tmp_path: Path, fonts: FontFolder, seed: int) -> None:
    random = Random(seed)
    tables = busy("BUSY", "ED", seed=seed)
    tables["members"] = [member("BUSY", "ED")]
    first = write(revise(tmp_path / "s", tables), BUSY, tmp_path / "first", fonts)
    second = revise(tmp_path / "s", revised_tables(tables, random))
    pack = write(second, BUSY, tmp_path / "second", fonts)
    found = differences(first, pack, "ED")
    assert {"came", "gone", "changed"} == {each[3] for each in found}
    assert found == listed(pack)
    assert len(found) == json.loads((pack / "manifest.json").read_text())["files"]["changes.csv"]["rows"]
    assert is_finished(pack, second)


def two(folder: Path, was: Tables, now: Tables, **said: Any) -> SnapshotFolder:  # noqa: ANN401 (of a manifest)
    """Return the second revision of a month of A and B."""
    members = [member("A", "IS"), member("B", "IS")]
    revise(folder, {"members": members, **was}, clock_us=MONTH.end_us, status="provisional", **CLOCK)
    return revise(folder, {"members": members, **now}, **said)


def reads(party: str, failures: int, **values: Any) -> Row:  # noqa: ANN401 (any column)
    return monthly(party, "IS", "Meter Reads", "4.8.1", failures=failures, **values)


def test_a_first_revision_has_no_list_and_says_nothing_of_it(tmp_path: Path, fonts: FontFolder) -> None:
    snapshot = revise(tmp_path / "s", {"members": [member("A", "IS")]})
    pack = write(snapshot, A, tmp_path / "pack", fonts)
    assert not [path for path in pack.iterdir() if path.name.startswith("changes")]
    assert (1, []) == (revision(snapshot), revised(PackFigures.read(snapshot, A)))
    assert own_changes(snapshot, A).is_empty()
    assert 1 == json.loads((pack / "manifest.json").read_text())["revision"]


def test_figures_are_printed_as_their_files_print_them(tmp_path: Path, fonts: FontFolder) -> None:
    was = reads("A", 5, rtt_worst_ms=60_050, rtt_p95_ms=1, industry_failure_rate=0.25)
    now = reads("A", 5, rtt_worst_ms=61_000, rtt_p95_ms=2, industry_failure_rate=None)
    snapshot = two(tmp_path / "s", {"round_trips_monthly": [was]}, {"round_trips_monthly": [now]})
    pack = write(snapshot, A, tmp_path / "pack", fonts)
    key = "process=Meter Reads; srv=4.8.1; variant="
    assert [
        ("round_trips_monthly", key, "industry_failure_rate", "changed", "0.250000", ""),
        ("round_trips_monthly", key, "rtt_p95_s", "changed", "0.001", "0.002"),
        ("round_trips_monthly", key, "rtt_worst_s", "changed", "60.050", "61.000"),
    ] == listed(pack)
    with (pack / "changes.csv").open(newline="") as file:
        why = {row["column"]: row["why"] for row in csv.DictReader(file)}
    clock = "stream's clock 2026-10-20T12:00:00.000Z → 2026-11-10T00:00:00.000Z, provisional → final"
    assert {
        "industry_failure_rate": f"own and others' figures: {clock}",
        "rtt_p95_s": "estimated again from the same records",
        "rtt_worst_s": "nothing the manifests tell",
    } == why


def test_two_rates_that_print_alike_are_no_change_to_a_reader(tmp_path: Path) -> None:
    was, now = (reads("A", 5, failure_rate=rate) for rate in (0.05, 0.050_000_000_1))
    snapshot = two(tmp_path, {"round_trips_monthly": [was]}, {"round_trips_monthly": [now]})
    assert 1 == snapshot.manifest["changes"]["figures"]
    assert own_changes(snapshot, A).is_empty()


def test_a_member_s_list_holds_nothing_of_another(tmp_path: Path, fonts: FontFolder) -> None:
    tables = [
        {"round_trips_monthly": [reads("A", count), reads("B", count)],
         "inventory": [device("A", "IS", 1, uprn=str(count)), device("B", "IS", 2, uprn=str(count))]}
        for count in (5, 7)
    ]  # fmt: skip
    snapshot = two(tmp_path / "s", *tables)
    packs = {each.party: write(snapshot, each, tmp_path / each.folder, fonts) for each in (A, B)}
    mine, other = (f"88-73-84-90-6A-10-{number:02X}-DB" for number in (1, 2))
    text = (packs["A"] / "changes.csv").read_text()
    assert (True, False) == (mine in text, other in text)
    assert len(listed(packs["A"])) == len(listed(packs["B"])) == 7
    assert not EUI_64.search(words(compose(PackFigures.read(snapshot, A), fonts)))


def test_the_summary_says_which_revision_it_is_and_how_many_figures_changed(tmp_path: Path, fonts: FontFolder) -> None:
    was: Tables = {
        "round_trips_monthly": [reads("A", 5), monthly("A", "IS", "Meter Reads", "4.8.2")],
        "inventory": [device("A", "IS", number) for number in range(3)],
    }
    now: Tables = {
        "round_trips_monthly": [reads("A", 6), monthly("A", "IS", "Meter Reads", "4.10")],
        "inventory": [device("A", "IS", 0, uprn="9"), device("A", "IS", 1), device("A", "IS", 7)],
    }
    snapshot = two(tmp_path, was, now)
    said = (
        "Revision 2, in place of revision 1 with events up to 20 October 2026, 12:00 UTC: 6 figures of yours are "
        "others, 1 row came and 1 row went; of your Devices 1 came, 1 went and 1 is recorded otherwise; changes.csv "
        "says which and why."
    )
    assert [said] == revised(PackFigures.read(snapshot, A))
    drawn = compose(PackFigures.read(snapshot, A), fonts)
    assert [] == list(faults(drawn.boxes))
    text = words(drawn)
    assert said in text
    assert "October 2026: final figures, revision 2" in text
    nobody = revised(PackFigures.read(snapshot, B))
    assert "0 figures of yours are others, 0 rows came and 0 rows went; changes.csv" in nobody[0]


def test_devices_beyond_those_listed_are_counted(tmp_path: Path) -> None:
    snapshot = two(tmp_path, {}, {"inventory": [device("A", "IS", 1)]})
    snapshot.manifest["changes"]["devices"][0] |= {"came": 1_500, "listed": 1_000}
    assert (
        "of your Devices 1,500 came, 0 went and 0 are recorded otherwise (the first 1,000 are listed)"
        in (revised(PackFigures.read(snapshot, A))[0])
    )
    assert 1_500 == own_devices(snapshot, A)["came"]
    assert 0 == own_devices(snapshot, B)["came"]


def test_what_a_member_is_called_is_in_its_list(tmp_path: Path) -> None:
    members = [member("A", "IS", name="Old")]
    revise(tmp_path, {"members": members})
    snapshot = revise(tmp_path, {"members": [member("A", "IS", name="-New", folder="elsewhere")]})
    assert [("members", "", "party_name", "changed", "Old", "-New")] == own_changes(snapshot, A).drop("why").rows()


def test_the_metadata_says_what_the_list_holds(tmp_path: Path, fonts: FontFolder) -> None:
    snapshot = two(tmp_path / "s", {"round_trips_monthly": [reads("A", 5)]}, {"round_trips_monthly": [reads("A", 6)]})
    pack = write(snapshot, A, tmp_path / "pack", fonts)
    metadata = json.loads((pack / "changes.csv-metadata.json").read_text())
    assert json.loads(json.dumps(csv_metadata(CHANGES))) == metadata
    with (pack / "changes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [column["name"] for column in metadata["tableSchema"]["columns"]] == list(rows[0])
    keys = [tuple(row[name] for name in metadata["tableSchema"]["primaryKey"]) for row in rows]
    assert sorted(set(keys)) == keys
    assert {Kind.TEXT} == {column.kind for column in CHANGES.columns}
    assert datetime(2026, 11, 10, tzinfo=UTC) == snapshot.clock
