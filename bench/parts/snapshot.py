"""A month frozen from the run's ledger: collect, freeze, write; on one core."""

import asyncio
import time
from pathlib import Path
from typing import Final

from bench.figures import Figure
from bench.processes import peak_resident_mb
from bench.run import Run
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze, write
from dcc_analytics.stream.kafka import Connection

STEPS: Final = ("collect", "freeze", "write")


def measure(run: Run) -> list[Figure]:
    found = run.frozen
    steps = [Figure("snapshot", step, found[step], "s") for step in STEPS]
    return [
        *steps,
        Figure("snapshot", "all three", sum(found[step] for step in STEPS), "s"),
        Figure("snapshot", "memory", found["peak_mb"], "MB"),
    ]


def measured(bootstrap: str, application: str, month: str, out: str) -> dict[str, float]:
    """Take the snapshot; return the seconds of each step, and the most memory the process had in RAM, in MB."""
    times = [time.perf_counter()]
    collected = asyncio.run(collect(Connection(bootstrap), application))
    times.append(time.perf_counter())
    frozen = freeze(collected, Month.parse(month), read_rules())
    times.append(time.perf_counter())
    write(frozen, Path(out))
    times.append(time.perf_counter())
    seconds = {name: times[at + 1] - times[at] for at, name in enumerate(STEPS)}
    return {**seconds, "peak_mb": peak_resident_mb()}
