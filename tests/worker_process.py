"""``dcca worker`` as a process of its own, watched by the lines it logs."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from dcc_analytics.stream.kafka import Connection

COMMAND = (sys.executable, "-m", "dcc_analytics.commands.main", "worker")
#: Short, so that the partitions of a killed worker go to another at once; long enough for a machine that is busy.
SESSION_TIMEOUT_S = 3.0
PATIENCE_S = 60.0


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


class WorkerProcess(AbstractContextManager["WorkerProcess"]):
    """A worker process; killed at the end of the context if it has not ended by then."""

    def __init__(self, connection: Connection, folder: Path, *options: str, commit_every_s: float = 0.1) -> None:
        """Start it; its estate is in ``folder``, unless options say otherwise."""
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / f"{len(list(folder.glob('*.log')))}.log"
        command = [
            *COMMAND,
            "--bootstrap", connection.bootstrap,
            "--prefix", connection.prefix,
            "--state", str(folder / "state"),
            "--session-timeout", str(SESSION_TIMEOUT_S),
            "--commit-every", str(commit_every_s),
            *options,
        ]  # fmt: skip
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Kill it if it still runs; show its log when the test fails."""
        self._process.kill()
        self._process.wait()
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
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill it as a power cut would; fails if it had ended by itself."""
        self._process.send_signal(signal.SIGKILL)
        assert self._process.wait() == -signal.SIGKILL, (
            f"the worker had ended before it was killed: {self.said[-2000:]}"
        )

    def send(self, sign: signal.Signals) -> None:
        """Send it a signal."""
        assert self.runs, f"the worker has ended: {self.said[-2000:]}"
        self._process.send_signal(sign)

    async def ended(self, *, patience_s: float = PATIENCE_S) -> int:
        """Wait for its end and return its exit code."""
        await until(lambda: not self.runs, "the end of a worker", patience_s=patience_s)
        return self._process.returncode
