"""One worker on one core, its ledger on, over a backlog in the national mix; beside it the yardstick."""

import json
import re
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from bench.processes import cpu_seconds, on_the_measured_core, resident_mb

_COMMIT = re.compile(r" commit partition=\d+ seq=\d+ records=(\d+) .* bytes=(\d+) ")


class _Mark(NamedTuple):
    at_s: float
    cpu_s: float
    resident_mb: float
    records: int


def measure_worker(bootstrap: str, state: Path) -> dict[str, float]:
    """Let a worker fold all there is, from its first open shard to its last commit.

    Returns:
        events, seconds, cpu_s, ledger_bytes, peak_mb, and mb_per_million_events: the slope of resident memory over
        the second half of the events.
    """
    arguments = (
        "-m", "dcc_analytics.commands.main", "worker", "--bootstrap", bootstrap, "--state", str(state),
        "--until-caught-up", "--application", "dcca",
    )  # fmt: skip
    process = on_the_measured_core(arguments, errors=subprocess.PIPE)
    marks: list[_Mark] = []
    records = ledger_bytes = opened = 0
    for line in process.stderr or ():
        if " shard_open " in line:
            opened += 1
            records = 0
            marks = [_mark(process.pid, 0)]
        elif (commit := _COMMIT.search(line)) and opened:
            records += int(commit[1])
            ledger_bytes += int(commit[2])
            if int(commit[1]):
                marks.append(_mark(process.pid, records))
    if process.wait() != 0:
        raise SystemExit("the worker failed; run `dcca worker` by hand to see why")
    first, last = marks[0], marks[-1]
    return {
        "events": last.records,
        "seconds": last.at_s - first.at_s,
        "cpu_s": last.cpu_s - first.cpu_s,
        "ledger_bytes": ledger_bytes,
        "peak_mb": max(mark.resident_mb for mark in marks),
        "mb_per_million_events": _slope([mark for mark in marks if mark.records >= last.records / 2]),
    }


def _mark(pid: int, records: int) -> _Mark:
    return _Mark(time.perf_counter(), cpu_seconds(pid), resident_mb(pid), records)


def _slope(marks: list[_Mark]) -> float:
    """Return the least squares slope of resident memory, in MB a million events."""
    mean_x = sum(mark.records for mark in marks) / len(marks)
    mean_y = sum(mark.resident_mb for mark in marks) / len(marks)
    spread = sum((mark.records - mean_x) ** 2 for mark in marks)
    risen = sum((mark.records - mean_x) * (mark.resident_mb - mean_y) for mark in marks)
    return 1e6 * risen / spread if spread else 0.0


def measure_yardstick(bootstrap: str) -> dict[str, float]:
    """Let the yardstick read all there is."""
    process = on_the_measured_core(("-m", "bench.yardstick", bootstrap))
    said, _ = process.communicate()
    if process.returncode != 0:
        raise SystemExit("the yardstick failed")
    result: dict[str, float] = json.loads(said)
    return result
