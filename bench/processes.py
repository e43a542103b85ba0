"""Processes under measurement: kept on one core, watched for memory, their CPU time taken when they end."""

import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import ClassVar, Final, Self

from bench.figures import PartFailedError

#: The core measured processes run on.
MEASURED_CORE: Final = max(os.sched_getaffinity(0))

#: Longest time a process may take, in seconds: many times what any needs, so that one that hangs is seen.
PATIENCE_S: Final = 900

#: The environment of a process that needs no variables of its own.
UNCHANGED: Final[Mapping[str, str]] = MappingProxyType({})


def on_the_measured_core(arguments: Sequence[str]) -> "subprocess.Popen[str]":
    """Start this Python with arguments on the measured core, with its standard error to be read."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=keep_to_the_core,  # noqa: PLW1509 (no thread runs when it is called)
    )


def keep_to_the_core() -> None:
    """Let this process run on the measured core alone."""
    os.sched_setaffinity(0, {MEASURED_CORE})


def in_own_process(
    module: str,
    *,
    every_core: bool = False,
    environment: Mapping[str, str] = UNCHANGED,
    patience_s: float | None = PATIENCE_S,
    **arguments: object,
) -> dict[str, float]:
    """Call ``measured`` of a module with arguments in a process of its own; return what it returns.

    Args:
        module: its full name.
        every_core: let it run on all cores rather than the measured one.
        environment: variables it has beside those of this process.
        patience_s: longest time it may take; None for any.
        arguments: that can be written as JSON.

    Raises:
        PartFailedError: it failed; says with which words.
    """
    command = [sys.executable, "-m", "bench.processes", module, json.dumps(arguments)]
    return said_by(command, name=module, every_core=every_core, environment=environment, patience_s=patience_s)


def said_by(
    command: Sequence[str | Path],
    *,
    name: str,
    every_core: bool = False,
    environment: Mapping[str, str] = UNCHANGED,
    patience_s: float | None = PATIENCE_S,
) -> dict[str, float]:
    """Run a command to its end; return the JSON it writes to standard output.

    Args:
        command: program and arguments.
        name: what it is called when it fails.
        every_core: let it run on all cores rather than the measured one.
        environment: variables it has beside those of this process.
        patience_s: longest time it may take; None for any.

    Raises:
        PartFailedError: it failed; says with which words.
    """
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            timeout=patience_s,
            check=False,
            env={**os.environ, **environment},
            preexec_fn=None if every_core else keep_to_the_core,
        )
        if process.returncode != 0:
            said.seek(0)
            raise PartFailedError(f"{name}: {last_line(said.read())}")
    result: dict[str, float] = json.loads(process.stdout)
    return result


def last_line(text: str) -> str:
    """Return the last line that says anything."""
    return ([line.strip() for line in text.splitlines() if line.strip()] or ["it said nothing"])[-1]


def resident_mb(pid: int) -> float:
    """Return the memory a process has in RAM now, in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_resident_mb(*, pid: int | None = None) -> float:
    """Return the most memory a process has had in RAM, in MB; unlike ``ru_maxrss`` without what forked it had.

    Args:
        pid: of the process; None for this one.
    """
    status = Path(f"/proc/{pid or 'self'}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


class Watch(AbstractContextManager["Watch"], ABC):
    """Looks at something again and again, beside what is measured, as long as its context lasts.

    Attributes:
        every_s: seconds between two looks.
    """

    every_s: ClassVar[float]

    def __init__(self) -> None:
        """Prepare; entering the context begins."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(self.every_s):
            self.look()

    @abstractmethod
    def look(self) -> None:
        """Look once."""


class Peak(Watch):
    """Watches this process and those it has started, however deep, for the one that has the most memory in RAM.

    Attributes:
        peak_mb: that it had.
    """

    every_s = 0.25

    def __init__(self) -> None:
        """Prepare; entering the context begins."""
        super().__init__()
        self.peak_mb = 0.0

    def look(self) -> None:
        """Look at each."""
        for pid in family(os.getpid()):
            with contextlib.suppress(OSError, IndexError):  # it has ended meanwhile
                self.peak_mb = max(self.peak_mb, resident_mb(pid))


def family(ancestor: int) -> set[int]:
    """Return a process and all it has started, however deep."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
    found = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def cpu_seconds(pid: int) -> float:
    """Return the CPU time a process has had so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    json.dump(importlib.import_module(sys.argv[1]).measured(**json.loads(sys.argv[2])), sys.stdout)
