"""``dcca worker`` as a process of its own, watched by the lines it logs."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import NamedTuple, Protocol, Self

from dcc_analytics.stream.kafka import Connection

COMMAND = (sys.executable, "-m", "dcc_analytics.commands.main", "worker")
#: Short, so that the partitions of a killed worker go to another at once; long enough for a machine that is busy.
SESSION_TIMEOUT_S = 3.0
PATIENCE_S = 240.0


class LogLine(NamedTuple):
    """A structured line of the log: the event and its fields."""

    event: str
    fields: dict[str, str]


async def until(condition: Callable[[], bool], what: str, *, patience_s: float = PATIENCE_S) -> None:
    """Wait until a condition holds; fail, saying what was waited for, when it never does."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience_s:.0f} s for {what}"
        await asyncio.sleep(0.02)


class Process(Protocol):
    """What a ``subprocess.Popen`` and others have in common."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""

    def wait(self) -> int:
        """Wait for its exit code."""


Begin = Callable[[Sequence[str], Mapping[str, str], Path], Process]
"""Starts ``dcca worker`` with options and variables beside this process's own; what it says goes to a path."""


def spawned(options: Sequence[str], environment: Mapping[str, str], says: Path) -> Process:
    """Start the worker as a shell would."""
    with says.open("wb") as out:
        return subprocess.Popen(
            (*COMMAND, *options), stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )


class WorkerProcess(AbstractContextManager["WorkerProcess"]):
    """A worker process; killed at the end of the context if it has not ended by then."""

    def __init__(
        self,
        connection: Connection,
        folder: Path,
        *options: str,
        commit_every_s: float = 0.1,
        environment: Mapping[str, str] = MappingProxyType({}),
        begin: Begin = spawned,
        piped: bool = False,
    ) -> None:
        """Start it.

        Args:
            connection: to the broker.
            folder: of its estate, unless options say otherwise, and of its log.
            options: of the command.
            commit_every_s: longest time between two commits.
            environment: variables beside this process's own.
            begin: how the process is started; as a shell would when left out.
            piped: its log goes through a pipe, so that a limit on its files is none on what it says.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._log = folder / f"{len(list(folder.glob('*.log')))}.log"
        options = (
            "--bootstrap", connection.bootstrap,
            "--prefix", connection.prefix,
            "--state", str(folder / "state"),
            "--session-timeout", str(SESSION_TIMEOUT_S),
            "--commit-every", str(commit_every_s),
            *options,
        )  # fmt: skip
        self._pipe: subprocess.Popen[bytes] | None = None
        says = self._log
        if piped:
            says = self._log.with_suffix(".pipe")
            os.mkfifo(says)
            self._pipe = subprocess.Popen(f"exec cat {says.name} > {self._log.name}", shell=True, cwd=folder)  # noqa: S602 (names of ours)
        self._log.touch()
        self._process = begin(options, environment, says)

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Kill it if it still runs; show its log when the test fails."""
        if self.runs:
            os.kill(self.pid, signal.SIGKILL)
        self._process.wait()
        if self._pipe is not None:
            self._pipe.wait()
        if error is not None:
            sys.stderr.write(f"--- {self._log}\n{self.said}\n")

    def __enter__(self) -> Self:
        """Return the worker."""
        return self

    # -- what it has said ----------------------------------------------------------------------------------

    @property
    def said(self) -> str:
        """Everything it has written."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def lines(self) -> list[LogLine]:
        """Return the structured lines it has logged."""
        lines = []
        for text in self.said.splitlines():
            words = text.split(" ")[2:]
            if words:
                lines.append(LogLine(words[0], dict(word.split("=", 1) for word in words[1:] if "=" in word)))
        return lines

    def folded(self) -> dict[int, int]:
        """Return how many records it has folded and committed, by partition; an open one without any has 0."""
        folded: dict[int, int] = {}
        for event, fields in self.lines():
            if event == "shard_open":
                folded.setdefault(int(fields["partition"]), 0)
            elif event == "commit" and int(fields["partition"]) in folded:  # those before brought reference topics
                folded[int(fields["partition"])] += int(fields["records"])
        return folded

    # -- its life ------------------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill it as a power cut would; fails if it had ended by itself."""
        self.send(signal.SIGKILL)
        assert self._process.wait() == -signal.SIGKILL, (
            f"the worker had ended before it was killed: {self.said[-2000:]}"
        )

    def send(self, sign: signal.Signals) -> None:
        """Send it a signal."""
        assert self.runs, f"the worker has ended: {self.said[-2000:]}"
        os.kill(self.pid, sign)

    async def ended(self, *, patience_s: float = PATIENCE_S) -> int:
        """Wait for its end and return its exit code."""
        await until(lambda: not self.runs, "the end of a worker", patience_s=patience_s)
        if self._pipe is not None:
            self._pipe.wait()
        return self._process.wait()
