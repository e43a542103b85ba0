"""A snapshot folder read: its manifest, one Member's rows, Incidents, and what is said of a damaged one."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.snapshot_maker import MONTH, incident, member, monthly, write_snapshot

US_A_DAY = 86_400_000_000


def test_the_manifest_says_month_status_and_clock(tmp_path: Path) -> None:
    path = write_snapshot(tmp_path, {}, status="provisional", clock_us=MONTH.end_us + 1_500_000)
    snapshot = SnapshotFolder.open(path)
    assert ("2026-10", "provisional") == (str(snapshot.month), snapshot.status)
    assert datetime(2026, 11, 1, 0, 0, 1, 500_000, tzinfo=UTC) == snapshot.clock


def test_another_figure_is_another_identity(tmp_path: Path) -> None:
    rows = [[monthly("A", "IS", "Meter Reads", "4.8.1", failures=failures)] for failures in (1, 1, 2)]
    first, same, other = (
        SnapshotFolder.open(write_snapshot(tmp_path / str(number), {"round_trips_monthly": each})).identity
        for number, each in enumerate(rows)
    )
    assert first == same
    assert first != other


def test_a_table_is_read_for_one_party_in_one_role(tmp_path: Path) -> None:
    rows = [
        monthly(party, role, "Meter Reads", "4.8.1", failures=number)
        for number, (party, role) in enumerate((("A", "IS"), ("A", "GS"), ("B", "IS")))
    ]
    snapshot = SnapshotFolder.open(write_snapshot(tmp_path, {"round_trips_monthly": rows}))
    frame = snapshot.table("round_trips_monthly", MemberEntry("A", "", "GS", ""))
    assert [1] == frame["failures"].to_list()
    assert {"party", "role"}.isdisjoint(frame.columns)


def test_members_come_in_the_order_of_their_folders(tmp_path: Path) -> None:
    members = [member("B", "IS"), member("A", "IS"), member("A", "ES")]
    snapshot = SnapshotFolder.open(write_snapshot(tmp_path, {"members": members}))
    assert ["A-ES", "A-IS", "B-IS"] == [each.folder for each in snapshot.members()]


def test_incidents_of_category_1_and_2_that_touch_the_month_are_numbered_as_they_opened(tmp_path: Path) -> None:
    edges = [
        incident(1, 1, 1, opened_at_us=MONTH.start_us - US_A_DAY, closed_at_us=MONTH.start_us, incident="before"),
        incident(2, 1, 1, opened_at_us=MONTH.start_us - US_A_DAY, closed_at_us=MONTH.start_us + 1, incident="over"),
        incident(3, 9, 1, incident="later", category=2, regions=None, summary=None),
        incident(4, 8, None, incident="open", category=1),
        incident(5, 8, 1, incident="minor", category=3),
        incident(6, 1, None, opened_at_us=MONTH.end_us, incident="after"),
    ]
    snapshot = SnapshotFolder.open(write_snapshot(tmp_path, {"incidents": edges}))
    found = snapshot.incidents()
    assert [(1, "over"), (2, "open"), (3, "later")] == [(each.number, each.incident) for each in found]
    assert (None, ("North",)) == (found[1].closed_at_us, found[1].regions)
    assert ((), "") == (found[2].regions, found[2].summary)


def test_a_folder_without_manifest_is_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"holds no manifest.json; give the folder of a snapshot of one month"):
        SnapshotFolder.open(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"month": "October"}, {"month": 10}, {"status": "done"}, {"status": None}, {"stream_clock_us": None},
        {"stream_clock_us": 10**30}, {"revision": "first"}, {"revision": float("inf")}, {"changes": []},
    ],
)  # fmt: skip
def test_a_manifest_that_says_nonsense_can_not_be_used(tmp_path: Path, change: dict[str, object]) -> None:
    path = write_snapshot(tmp_path, {}) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(SnapshotError, match=r"manifest.json can't be used .*; take the snapshot again"):
        SnapshotFolder.open(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "\udcff", "[" * 99_999])
def test_a_manifest_that_is_no_json_object_can_not_be_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, errors="surrogateescape")
    with pytest.raises(SnapshotError, match=r"manifest.json can't be used"):
        SnapshotFolder.open(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"PAR1 and no more", None])
def test_a_damaged_or_missing_table_is_named(tmp_path: Path, damage: bytes | None) -> None:
    snapshot = SnapshotFolder.open(write_snapshot(tmp_path, {}))
    for file in ("members.parquet", "failures.parquet", "incidents.parquet"):
        (tmp_path / file).unlink()
        if damage is not None:
            (tmp_path / file).write_bytes(damage)
    for name, read in (
        ("members", snapshot.members),
        ("failures", lambda: snapshot.table("failures", MemberEntry("A", "", "IS", ""))),
        ("incidents", snapshot.incidents),
    ):
        with pytest.raises(SnapshotError, match=rf"{name}.parquet can't be read \(.*\); take the snapshot again"):
            read()


def test_missing_totals_are_named(tmp_path: Path) -> None:
    snapshot = SnapshotFolder.open(write_snapshot(tmp_path, {}))
    (tmp_path / "totals.json").unlink()
    with pytest.raises(SnapshotError, match=r"totals.json can't be read .*; take the snapshot again"):
        snapshot.totals()
