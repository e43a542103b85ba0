"""An estate as large as a nation's, ten million Devices unless said: published, and frozen beside the run's month.

What an estate costs a snapshot hangs on its Devices alone, so their homes have no traffic.
"""

import asyncio
import json
import shutil
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

from bench.figures import Figure, PartFailedError
from bench.run import Run, say
from bench.steps import step
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.simulator.estate import Estate
from dcc_analytics.simulator.nation import Nation
from dcc_analytics.simulator.reference import inventory_lines
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.recorded import records_of

PART: Final = "estate"
#: A snapshot of so many is to take less than 4 GB.
ASKED_DEVICES: Final = 10_000_000

#: Homes written and published at a time: nothing of an estate is whole in memory or on disk but at the broker.
_PIECE_HOMES: Final = 20_000
#: Pieces that are being made while one is published.
_AHEAD: Final = 2
#: A home has five Devices, one fewer without gas and one fewer without a display.
_LEAST_DEVICES_A_HOME: Final = 3
#: Where a line has its key, a Device id (``simulator.text``).
_KEY: Final = slice(34, 57)
_TELL_EVERY: Final = 500_000


class _Piece(NamedTuple):
    """Devices of some homes, written as recorded events."""

    folder: Path
    devices: int


def measure(run: Run) -> list[Figure]:
    """Freeze a month beside ``run.devices`` Devices."""
    _ = run.folded
    devices, records = _published(run)
    say("taking the snapshot")
    frozen = step("snapshot", "--month", run.month, "--out", str(run.folder), "--bootstrap", run.connection.bootstrap)
    manifest = json.loads((run.snapshots / run.month / "manifest.json").read_text(encoding="utf-8"))
    rows = manifest["tables"]["inventory"]["rows"]
    if rows < devices:
        raise PartFailedError(f"the inventory has {rows} rows of {devices} Devices; most are registered to several")
    return [
        Figure(PART, "Devices", devices, "Devices"),
        Figure(PART, "Device records", records, "records"),
        Figure(PART, "events of the month beside them", run.published.events, "events"),
        *frozen.figures(PART),
        Figure(PART, "snapshot: rows of its inventory", rows, "rows"),
        Figure(PART, "snapshot: on disk", _size_mb(run.snapshots), "MB"),
    ]


def _published(run: Run) -> tuple[int, int]:
    """Publish Devices beside those of the run's nation, till there are enough; return how many, and their records."""
    say(f"publishing {run.devices:,} Devices")
    of_month = [record.key for record in records_of(run.recorded, DEVICES)]
    devices, records, told = len(set(of_month)), len(of_month), 0
    with ProcessPoolExecutor(_AHEAD, mp_context=get_context("forkserver")) as pool:
        for piece in _pieces(pool, run):
            if devices < run.devices:
                records += asyncio.run(publish(run.connection, piece.folder))[DEVICES]
                devices += piece.devices
            shutil.rmtree(piece.folder)
            if devices // _TELL_EVERY > told:
                told = devices // _TELL_EVERY
                say(f"{devices:,} Devices published")
            if devices >= run.devices:
                break
    return devices, records


def _pieces(pool: ProcessPoolExecutor, run: Run) -> Iterator[_Piece]:
    """Yield the Devices of homes whose numbers no home of the run's nation has, some homes at a time."""
    first = Estate(run.nation).size
    homes = first + _PIECE_HOMES + round(run.devices / _LEAST_DEVICES_A_HOME)
    under_way = deque[Future[_Piece]]()
    for begin in range(first, homes, _PIECE_HOMES):
        under_way.append(pool.submit(_write, homes, range(begin, min(homes, begin + _PIECE_HOMES)), run.folder))
        if len(under_way) > _AHEAD:
            yield under_way.popleft().result()
    for each in under_way:
        yield each.result()


def _write(homes: int, piece: range, folder: Path) -> _Piece:
    lines = inventory_lines(_estate(homes), piece)
    made = folder / f"estate-{piece.start}"
    made.mkdir()
    (made / f"{DEVICES}.ndjson").write_text("".join(lines), encoding="utf-8")
    return _Piece(made, len({line[_KEY] for line in lines}))


@cache
def _estate(homes: int) -> Estate:
    """Return an estate, made once in each process."""
    return Estate(Nation(homes=homes, days_after=0))


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
