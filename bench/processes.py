"""Processes under measurement: kept on one core, watched for memory, their CPU time taken when they end."""

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.figures import PartFailedError

#: The core measured processes run on.
MEASURED_CORE: Final = max(os.sched_getaffinity(0))

#: Longest time a process may take, in seconds: many times what any needs, so that one that hangs is seen.
PATIENCE_S: Final = 900


def on_the_measured_core(arguments: Sequence[str]) -> "subprocess.Popen[str]":
    """Start this Python with arguments on the measured core, with its standard error to be read."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_keep_to_the_core,  # noqa: PLW1509 (no thread runs when it is called)
    )


def _keep_to_the_core() -> None:
    os.sched_setaffinity(0, {MEASURED_CORE})


def in_own_process(module: str, *, every_core: bool = False, **arguments: object) -> dict[str, float]:
    """Call ``measured`` of a module with arguments in a process of its own; return what it returns.

    Args:
        module: its full name.
        every_core: let it run on all cores rather than the measured one.
        arguments: that can be written as JSON.

    Raises:
        PartFailedError: it failed; says with which words.
    """
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.run(
            [sys.executable, "-m", "bench.processes", module, json.dumps(arguments)],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            timeout=PATIENCE_S,
            check=False,
            preexec_fn=None if every_core else _keep_to_the_core,
        )
        if process.returncode != 0:
            said.seek(0)
            raise PartFailedError(f"{module}: {last_line(said.read())}")
    result: dict[str, float] = json.loads(process.stdout)
    return result


def last_line(text: str) -> str:
    """Return the last line that says anything."""
    return ([line.strip() for line in text.splitlines() if line.strip()] or ["it said nothing"])[-1]


def resident_mb(pid: int) -> float:
    """Return the memory a process has in RAM now, in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_seconds(pid: int) -> float:
    """Return the CPU time a process has had so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    json.dump(importlib.import_module(sys.argv[1]).measured(**json.loads(sys.argv[2])), sys.stdout)
