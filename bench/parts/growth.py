"""What grows with the nation: a worker, its ledger and estate, start, snapshot and packs over three sizes of a month.

Each size is a run of its own. What two smaller sizes foretell of the largest, by a straight line, stands beside what
was measured: a hundred would say that the line may be drawn on to a nation's size.
"""

import asyncio
import time
from pathlib import Path
from typing import Final

from bench.figures import Figure, slope
from bench.parts import render, snapshot
from bench.run import APPLICATION, PARTITIONS, Run, say
from bench.watched import WatchedWorker
from dcc_analytics.aggregators.ledger import read_ledger
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.recorded import records_of
from dcc_analytics.stream.topics import ledger_name

#: The parts of a result: sizes by name, as shares of the run's events, and what follows from all three.
SIZES: Final = {"growth-quarter": 0.25, "growth-half": 0.5, "growth-whole": 1.0}
FOUND: Final = "growth"

#: Names of the figures that say how large a run was; all others grow with them.
HOMES: Final = "homes"
#: By which each is divided to be compared.
BY: Final = "Devices"
_SIZE_NAMES: Final = frozenset({HOMES, BY, "events"})


def measure(run: Run) -> list[Figure]:
    """Measure all three sizes; the largest is the run's own."""
    found = list[list[Figure]]()
    for number, (part, share) in enumerate(SIZES.items(), 1):
        say(f"growth: size {number} of {len(SIZES)}")
        if share == 1:
            found.append(_sized(run, part))
            continue
        with Run(max(round(run.events * share), 1)) as smaller:
            found.append(_sized(smaller, part))
    return [figure for figures in found for figure in figures] + grown(found)


def grown(sizes: list[list[Figure]]) -> list[Figure]:
    """Return for each figure that grows its slope over all sizes, and how the largest was foretold by the others.

    Args:
        sizes: the figures of each, the largest last, all with the same names.

    Example:
        >>> def size(devices, ledger):
        ...     figures = (BY, devices, "Devices"), ("ledger", ledger, "MB")
        ...     return [Figure("growth-any", *figure) for figure in figures]
        >>> [tuple(figure) for figure in grown([size(1e6, 20.0), size(2e6, 30.0), size(4e6, 50.0)])]
        ... # doctest: +NORMALIZE_WHITESPACE
        [('growth', 'ledger: where there is no Device', 10.0, 'MB'),
         ('growth', 'ledger: slope', 10.0, 'MB/million Devices'),
         ('growth', 'ledger: largest, foretold by the others', 100.0, '%')]
    """
    tables = [{figure.name: figure for figure in figures} for figures in sizes]
    found = []
    for name, largest in tables[-1].items():
        if name in _SIZE_NAMES:
            continue
        points = [(table[BY].value / 1e6, table[name].value) for table in tables]
        base, rise = slope(points)
        smaller_base, smaller_rise = slope(points[:-1])
        foretold = smaller_base + smaller_rise * points[-1][0]
        found += [
            Figure(FOUND, f"{name}: where there is no Device", base, largest.unit),
            Figure(FOUND, f"{name}: slope", rise, f"{largest.unit}/million Devices"),
            Figure(FOUND, f"{name}: largest, foretold by the others", 100 * foretold / largest.value, "%"),
        ]
    return found


def _sized(run: Run, part: str) -> list[Figure]:
    """Return how large a run is, and what grows with that."""
    marks = run.folded
    devices = len({record.key for record in records_of(run.recorded, DEVICES)})
    state = run.folder / "state"
    packs = {figure.name: figure.value for figure in render.measure(run)}
    steps = {figure.name: figure.value for figure in snapshot.measure(run)}
    began, anew_mb = _started_anew(run)
    return [
        Figure(part, HOMES, run.nation.homes, "homes"),
        Figure(part, BY, devices, "Devices"),
        Figure(part, "events", run.published.events, "events"),
        Figure(part, "worker, its peak", max(mark.resident_mb for mark in marks), "MB"),
        Figure(part, "worker, started anew", anew_mb, "MB"),
        Figure(part, "start until its shards are open", began, "s"),
        Figure(part, "ledger, compacted", asyncio.run(_ledger_mb(run.connection)), "MB"),
        Figure(part, "estate on disk", _size_mb(state), "MB"),
        Figure(part, "snapshot", steps["all three"], "s"),
        Figure(part, "snapshot, its memory", steps["memory"], "MB"),
        Figure(part, "snapshot on disk", _size_mb(run.snapshots), "MB"),
        Figure(part, "a pack", 1 / packs["packs"], "s"),
        Figure(part, "a pack attacked", 1 / packs["packs attacked"], "s"),
        Figure(part, "largest process of packs", packs["largest process"], "MB"),
    ]


def _started_anew(run: Run) -> tuple[float, float]:
    """Return the seconds from a worker's start until its shards are open, and its memory then, in MB."""
    say("starting the worker anew")
    began = time.perf_counter()
    worker = WatchedWorker(run.connection, run.folder / "state", shards=PARTITIONS)
    try:
        worker.wait_until_open()
        return worker.marks[0].at_s - began, worker.marks[0].resident_mb
    finally:
        worker.end()


async def _ledger_mb(connection: Connection) -> float:
    """Return the size of what is the latest under each key of the ledger: what a compacted one holds."""
    async with Extents(connection) as extents:
        shards = [
            await read_ledger(extents, connection, ledger_name(APPLICATION), number) for number in range(PARTITIONS)
        ]
    return sum(len(key) + len(value) for shard in shards for key, value in shard.items()) / 1e6


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
