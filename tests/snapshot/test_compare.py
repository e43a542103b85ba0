"""Two snapshots compared: whole Members at a time, and an inventory of which all Devices are counted and few listed."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from dcc_analytics.snapshot import compare as compared
from dcc_analytics.snapshot.compare import COLUMNS, Version, compare

MOVED = {"devices": "devices +9", "service-requests": "service-requests +1"}
KEYS = {"inventory": ("device",), "round_trips_monthly": ("srv",)}
TEXT = {"party": pl.String, "role": pl.String, "device": pl.String, "model": pl.String, "status": pl.String}

Device = tuple[str, str, str, str | None, str]


def version(path: Path, rows: Sequence[Device]) -> Version:
    """Return an inventory, in row groups of a few Devices as the product's has many."""
    pl.DataFrame(sorted(rows), schema=TEXT, orient="row").write_parquet(path, row_group_size=3, statistics=True)
    return Version(path)


def inventories(folder: Path, was: Sequence[Device], now: Sequence[Device]) -> tuple[dict[str, Any], pl.DataFrame]:
    """Return the summary of two inventories, and the entries."""
    before, after = version(folder / "was.parquet", was), version(folder / "now.parquet", now)
    summary = compare({"inventory": before}, {"inventory": after}, KEYS, MOVED, folder)
    return summary, pl.read_parquet(folder / "changes.parquet")


def devices(party: str, numbers: Sequence[int], model: str | None = "M") -> list[Device]:
    return [(party, "IS", f"00-{number:02}", model, "Commissioned") for number in numbers]


def test_devices_that_came_went_and_changed_are_counted_by_member(tmp_path: Path) -> None:
    was = devices("A", range(8)) + devices("B", [1])
    now = devices("A", [*range(1, 5), 9]) + devices("A", [5], "N") + devices("A", [6, 7], None) + devices("C", [1, 2])
    summary, entries = inventories(tmp_path, was, now)
    assert [
        {"party": "A", "role": "IS", "came": 1, "gone": 1, "changed": 3, "listed": 5},
        {"party": "B", "role": "IS", "came": 0, "gone": 1, "changed": 0, "listed": 1},
        {"party": "C", "role": "IS", "came": 2, "gone": 0, "changed": 0, "listed": 2},
    ] == summary["devices"]
    assert list(COLUMNS) == entries.columns
    assert [
        ("device=00-00", "gone", "model", "M", None), ("device=00-00", "gone", "status", "Commissioned", None),
        ("device=00-05", "changed", "model", "M", "N"), ("device=00-06", "changed", "model", "M", None),
        ("device=00-07", "changed", "model", "M", None), ("device=00-09", "came", "model", None, "M"),
        ("device=00-09", "came", "status", None, "Commissioned"),
    ] == entries.filter(party="A").select("key", "row", "column", "was", "is").rows()  # fmt: skip
    assert {"devices +9"} == set(entries["why"])
    assert (0, 0, 0, {}) == (summary["figures"], summary["rows_came"], summary["rows_gone"], summary["tables"])


def test_of_many_devices_the_first_are_listed_and_all_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compared, "LISTED_DEVICES", 3)
    monkeypatch.setattr(compared, "_SLICE_DEVICES", 2)
    summary, entries = inventories(tmp_path, devices("A", range(10)), devices("A", range(10), "N"))
    assert [{"party": "A", "role": "IS", "came": 0, "gone": 0, "changed": 10, "listed": 3}] == summary["devices"]
    assert ["device=00-00", "device=00-01", "device=00-02"] == entries["key"].to_list()
    assert 3 == summary["devices_listed"]


@pytest.mark.parametrize("seed", range(4))
def test_how_an_inventory_is_sliced_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    random = Random(seed)

    def any_inventory() -> list[Device]:
        return [
            row
            for party in "ABC"
            for number in random.sample(range(60), random.choice((0, 1, 30)))
            for row in devices(party, [number], random.choice(("M", "N", None)))
        ]

    was, now = any_inventory(), any_inventory()
    found = []
    for size in (1, 7, 50_000):
        monkeypatch.setattr(compared, "_SLICE_DEVICES", size)
        folder = tmp_path / str(size)
        folder.mkdir()
        found.append(inventories(folder, was, now))
    before, after = ({row[:3]: row[3] for row in rows} for rows in (was, now))
    for party in "ABC":
        expected = (
            sum(of[0] == party for of in after.keys() - before.keys()),
            sum(of[0] == party for of in before.keys() - after.keys()),
            sum(of[0] == party and before[of] != after[of] for of in before.keys() & after.keys()),
        )
        told = [each for each in found[0][0]["devices"] if each["party"] == party]
        assert expected == next(((each["came"], each["gone"], each["changed"]) for each in told), (0, 0, 0))
    for summary, entries in found[1:]:
        assert found[0][0] == summary
        assert found[0][1].equals(entries)


def test_an_inventory_that_was_not_there_came(tmp_path: Path) -> None:
    after = version(tmp_path / "now.parquet", devices("A", range(3)))
    summary = compare({"inventory": Version(None)}, {"inventory": after}, KEYS, MOVED, tmp_path)
    assert [{"party": "A", "role": "IS", "came": 3, "gone": 0, "changed": 0, "listed": 3}] == summary["devices"]


def monthly(path: Path, *rows: tuple[str, str, int]) -> Version:
    said = [(party, "IS", srv, failures) for party, srv, failures in rows]
    schema = {"party": pl.String, "role": pl.String, "srv": pl.String, "failures": pl.Int64}
    pl.DataFrame(said, schema=schema, orient="row").write_parquet(path)
    return Version(path)


@pytest.mark.parametrize("rows", [1, 3, 500_000])
def test_how_many_members_are_compared_at_a_time_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(compared, "_BATCH_ROWS", rows)
    was = monthly(tmp_path / "was", ("A", "1.1", 1), ("A", "1.2", 2), ("B", "1.1", 3), ("D", "1.1", 4))
    now = monthly(tmp_path / "now", ("A", "1.1", 1), ("A", "1.2", 5), ("C", "1.1", 3), ("D", "1.1", 9))
    name = "round_trips_monthly"
    summary = compare({name: was}, {name: now}, KEYS, MOVED, tmp_path)
    why = "service-requests +1"
    assert [
        ("A", "IS", name, "srv=1.2", "changed", "failures", "2", "5", why),
        ("B", "IS", name, "srv=1.1", "gone", "failures", "3", None, why),
        ("C", "IS", name, "srv=1.1", "came", "failures", None, "3", why),
        ("D", "IS", name, "srv=1.1", "changed", "failures", "4", "9", why),
    ] == pl.read_parquet(tmp_path / "changes.parquet").rows()
    assert {"figures": 2, "rows_came": 1, "rows_gone": 1} == summary["tables"][name]
    assert [
        {"table": name, "row": row, "why": why, "number": number}
        for row, number in (("came", 1), ("changed", 2), ("gone", 1))
    ] == summary["why"]
    assert {"changes.parquet", "was", "now"} == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("rows", [1, 2, 5, 100])
def test_a_member_may_be_compared_some_days_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(compared, "_BATCH_ROWS", rows)
    schema = {"party": pl.String, "role": pl.String, "chf": pl.String, "mpxn": pl.String, "n": pl.Int64}
    was = [("A", "IS", None, "1", 1), ("A", "IS", None, "1", 2), ("A", "IS", "x", "1", 3), ("A", "IS", "y", "1", 4)]
    now = [("A", "IS", None, "1", 1), ("A", "IS", None, "1", 7), ("A", "IS", "w", "1", 3), ("A", "IS", "y", "1", 4)]
    versions = []
    for name, said in (("was", was), ("now", now)):
        pl.DataFrame(said, schema=schema, orient="row").write_parquet(tmp_path / name)
        versions.append({"outages_unrestored": Version(tmp_path / name)})
    compare(versions[0], versions[1], {"outages_unrestored": ("chf", "mpxn")}, MOVED, tmp_path)
    found = pl.read_parquet(tmp_path / "changes.parquet").select("key", "row", "was", "is").rows()
    assert [
        ("chf=; mpxn=1; row 2", "changed", "2", "7"),
        ("chf=w; mpxn=1", "came", None, "3"),
        ("chf=x; mpxn=1", "gone", "3", None),
    ] == found


@pytest.mark.parametrize("rows", range(1, 9))
def test_a_party_s_roles_may_fall_into_two_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(compared, "_BATCH_ROWS", rows)
    members = [(party, role) for party in "ABC" for role in ("ED", "GS", "IS")]
    versions = []
    for failures in (1, 2):
        path = tmp_path / f"{failures}"
        table = pl.DataFrame(members, schema=["party", "role"], orient="row")
        table.with_columns(srv=pl.lit("1.1"), failures=failures).write_parquet(path)
        versions.append({"round_trips_monthly": Version(path)})
    compare(versions[0], versions[1], KEYS, MOVED, tmp_path)
    assert members == pl.read_parquet(tmp_path / "changes.parquet").select("party", "role").rows()


def test_a_table_without_key_is_compared_by_whole_rows_and_one_that_is_nobody_s_not_at_all(tmp_path: Path) -> None:
    was, now = monthly(tmp_path / "was", ("A", "1.1", 1)), monthly(tmp_path / "now", ("A", "1.1", 2))
    nobody = {"x": [1]}
    pl.DataFrame(nobody).write_parquet(tmp_path / "incidents")
    of_nobody = Version(tmp_path / "incidents")
    compare({"new": was, "i": of_nobody}, {"new": now, "i": of_nobody}, KEYS, MOVED, tmp_path)
    found = pl.read_parquet(tmp_path / "changes.parquet").select("table", "key", "row").rows()
    assert [("new", "srv=1.1; failures=1", "gone"), ("new", "srv=1.1; failures=2", "came")] == found
