"""An estate as large as a nation's, ten million Devices unless said: published, taken in by a worker, and frozen.

The month beside it is the run's. What an estate costs hangs on its Devices alone, so their homes may have no traffic.
"""

import asyncio
import json
import shutil
import time
from collections.abc import Iterator
from typing import Final

from bench.figures import Figure, PartFailedError
from bench.run import PARTITIONS, Run, say
from bench.steps import step
from bench.watched import WatchedWorker
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.simulator.estate import Estate
from dcc_analytics.simulator.nation import Nation
from dcc_analytics.simulator.reference import inventory_lines
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.recorded import records_of

PART: Final = "estate"
#: Issue and contract ask for a snapshot of so many within 4 GB.
ASKED_DEVICES: Final = 10_000_000

#: Homes written and published at a time: nothing of an estate is whole in memory or on disk but at the broker.
_PIECE_HOMES: Final = 20_000
#: A home has five Devices, one fewer without gas and one fewer without a display.
_LEAST_DEVICES_A_HOME: Final = 3
#: Where a line has its key, a Device id (``simulator.text``).
_KEY: Final = slice(34, 57)
_TELL_EVERY: Final = 1_000_000


def measure(run: Run) -> list[Figure]:
    """Freeze a month beside ``run.devices`` Devices."""
    _ = run.folded
    devices, records = _published(run)
    say("starting a worker, which takes them in")
    opened_s, worker_mb = _taken_in(run)
    say("taking the snapshot")
    frozen = step("snapshot", "--month", run.month, "--out", str(run.folder), "--bootstrap", run.connection.bootstrap)
    manifest = json.loads((run.snapshots / run.month / "manifest.json").read_text(encoding="utf-8"))
    rows = manifest["tables"]["inventory"]["rows"]
    if rows < devices:
        raise PartFailedError(f"the inventory has {rows} rows of {devices} Devices; each is registered to somebody")
    return [
        Figure(PART, "Devices", devices, "Devices"),
        Figure(PART, "Device records", records, "records"),
        Figure(PART, "events of the month beside them", run.published.events, "events"),
        Figure(PART, "worker: start until they are taken in", opened_s, "s"),
        Figure(PART, "worker: memory then", worker_mb, "MB"),
        Figure(PART, "estates on disk", _size_mb(run, "state"), "MB"),
        *frozen.figures(PART),
        Figure(PART, "snapshot: rows of its inventory", rows, "rows"),
        Figure(PART, "snapshot: on disk", _size_mb(run, "snapshots"), "MB"),
    ]


def _published(run: Run) -> tuple[int, int]:
    """Publish Devices beside those of the run's nation, till there are enough; return how many, and their records."""
    say(f"publishing {run.devices:,} Devices")
    devices = len({record.key for record in records_of(run.recorded, DEVICES)})
    records = sum(1 for _ in records_of(run.recorded, DEVICES))
    folder, told = run.folder / "estate", 0
    for lines in _pieces(run.nation, run.devices):
        folder.mkdir()
        (folder / f"{DEVICES}.ndjson").write_text("".join(lines), encoding="utf-8")
        records += asyncio.run(publish(run.connection, folder))[DEVICES]
        shutil.rmtree(folder)
        devices += len({line[_KEY] for line in lines})
        if devices >= run.devices:
            break
        if devices // _TELL_EVERY > told:
            told = devices // _TELL_EVERY
            say(f"{devices:,} Devices published")
    return devices, records


def _pieces(nation: Nation, devices: int) -> Iterator[list[str]]:
    """Yield the records of homes no home of the nation has the number of, some homes at a time."""
    first = Estate(nation).size
    estate = Estate(Nation(homes=first + _PIECE_HOMES + round(devices / _LEAST_DEVICES_A_HOME), days_after=0))
    for begin in range(first, estate.size, _PIECE_HOMES):
        yield inventory_lines(estate, range(begin, min(estate.size, begin + _PIECE_HOMES)))


def _taken_in(run: Run) -> tuple[float, float]:
    """Start the worker again; return the seconds until its shards are open, and its memory then in MB."""
    began = time.perf_counter()
    worker = WatchedWorker(run.connection, run.folder / "state", shards=PARTITIONS, patience_s=None)
    try:
        worker.wait_until_open()
        return worker.marks[0].at_s - began, worker.marks[0].resident_mb
    finally:
        worker.end()


def _size_mb(run: Run, name: str) -> float:
    return sum(path.stat().st_size for path in (run.folder / name).rglob("*") if path.is_file()) / 1e6
