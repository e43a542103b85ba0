"""Processes under measurement: kept on one core, watched for memory, their CPU time taken when they end."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

#: The core measured processes run on.
MEASURED_CORE: Final = max(os.sched_getaffinity(0))


def on_the_measured_core(arguments: Sequence[str], *, errors: int | None = None) -> "subprocess.Popen[str]":
    """Start this Python with arguments on the measured core.

    Args:
        arguments: after the interpreter.
        errors: ``subprocess.PIPE`` to read its standard error.
    """
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {MEASURED_CORE}),  # noqa: PLW1509 (no threads run here)
    )


def resident_mb(pid: int) -> float:
    """Return the memory a process has in RAM now, in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_seconds(pid: int) -> float:
    """Return the CPU time a process has had so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
