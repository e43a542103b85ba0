"""The inventory beside the judge's: both files of every Member, on months nobody has seen (R-INV-1 to R-INV-3)."""

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dcc_analytics.simulator.estate import Estate
from dcc_analytics.simulator.nation import Nation
from dcc_analytics.simulator.reference import directory_lines, inventory_lines
from dcc_analytics.snapshot.take import write
from tests.in_process import frozen, write_packs
from tests.made_inventory import OCTOBER, frozen_inventory, make_inventory, write_lines
from tests.oracle.inventory import estate_of
from tests.oracle.month_maker import make_month
from tests.oracle.print import Row

pytestmark = pytest.mark.slow


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def differences(events: Path, packs: Path) -> list[str]:
    """Return where packs differ from what the judge would show; a Member he knows must have one."""
    estate = estate_of(events, OCTOBER.year, OCTOBER.month)
    models = estate.model_rows()
    found = []
    for member in sorted(estate.devices):
        folder = packs / f"{member.party}-{member.role}"
        for name, expected in (("inventory", estate.inventory_rows(member)), ("inventory_models", models[member])):
            rows = read(folder / f"{name}.csv")
            found += [f"{folder.name} {name}: {row}" for row in rows if row not in expected]
            found += [f"{folder.name} {name}: missing {row}" for row in expected if row not in rows]
            if not found and rows != expected:
                found.append(f"{folder.name} {name}: rows are in another order, or there twice")
    listed = {f"{member.party}-{member.role}" for member in estate.devices}
    found += [
        f"{folder.name}: not expected"
        for folder in packs.iterdir()
        if folder.is_dir() and folder.name not in listed and read(folder / "inventory.csv")
    ]
    return found


@pytest.mark.parametrize(
    ("seed", "partitions", "run_records", "slice_devices"),
    [(1, 1, 100_000, 100_000), (2, 1, 300, 70), (3, 4, 100_000, 500), (4, 5, 97, 1_000), (5, 2, 1_000, 1_000)],
)
def test_every_row_is_the_judges_however_it_is_cut(
    seed: int, partitions: int, run_records: int, slice_devices: int, tmp_path: Path
) -> None:
    make_inventory(tmp_path / "events", seed, keyed=partitions > 1)
    found = frozen_inventory(tmp_path / "events", partitions=partitions, run_records=run_records)
    found.write_packs(tmp_path / "packs", slice_devices=slice_devices)
    assert [] == differences(tmp_path / "events", tmp_path / "packs")
    assert {"few", "ok", "dominated"} >= set(found.models["benchmark_status"])


def test_every_benchmark_of_a_simulated_nation_is_the_judges(tmp_path: Path) -> None:
    nation = Nation(seed=5, homes=4_000)
    estate = Estate(nation)
    (tmp_path / "events").mkdir()
    for topic, lines in (("users", directory_lines(nation)), ("devices", inventory_lines(estate, range(estate.size)))):
        write_lines(tmp_path / "events" / f"{topic}.ndjson.gz", lines)
    found = frozen_inventory(tmp_path / "events", partitions=3, run_records=10_000)
    found.write_packs(tmp_path / "packs", slice_devices=5_000)
    assert [] == differences(tmp_path / "events", tmp_path / "packs")
    assert {"few", "ok"} == set(found.models["benchmark_status"])


@pytest.mark.parametrize(("seed", "partitions"), [(1, 1), (2, 4)])
def test_a_month_folded_by_shards_lists_the_devices_the_judge_does(seed: int, partitions: int, tmp_path: Path) -> None:
    make_month(tmp_path / "events", year=2026, month=10, seed=seed)
    snapshot, _ = frozen(tmp_path / "events", OCTOBER, partitions=partitions, fetch=500)
    write_packs(snapshot, tmp_path / "packs")
    assert [] == differences(tmp_path / "events", tmp_path / "packs")


def test_the_same_month_gives_the_same_bytes_however_it_was_partitioned_and_fetched(tmp_path: Path) -> None:
    make_month(tmp_path / "events", year=2026, month=10, seed=3, homes=40)
    found: list[dict[str, Any]] = []
    for partitions, fetch in ((1, 500), (4, 77), (1, 500)):
        snapshot, _ = frozen(tmp_path / "events", OCTOBER, partitions=partitions, fetch=fetch)
        folder = write(snapshot, tmp_path / str(len(found)))
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        found.append({name: manifest["tables"][name] for name in ("inventory", "inventory_models")})
        assert found[0]["inventory"]["rows"] == pl.read_parquet(folder / "inventory.parquet").height > 0
    assert found[0] == found[1] == found[2]


def test_a_row_changed_missing_or_too_many_would_be_seen(tmp_path: Path) -> None:
    make_inventory(tmp_path / "events", 6, devices=60)
    frozen_inventory(tmp_path / "events").write_packs(tmp_path / "packs")
    assert [] == differences(tmp_path / "events", tmp_path / "packs")
    path = next(each for each in sorted((tmp_path / "packs").glob("*/inventory.csv")) if len(read(each)) > 1)
    whole = path.read_text(encoding="utf-8")
    header, *rows = whole.splitlines(keepends=True)
    for spoilt in (
        "".join((header, *rows[1:])),
        "".join((header, *rows, rows[-1])),
        whole.replace("Commissioned", "?", 1),
    ):
        path.write_text(spoilt, encoding="utf-8", newline="")
        assert differences(tmp_path / "events", tmp_path / "packs"), spoilt[:200]
