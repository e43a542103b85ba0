"""A worker as a process under measurement: each line it logs of a commit marks time, CPU, memory and records."""

import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final, NamedTuple

from bench.figures import PartFailedError
from bench.processes import PATIENCE_S, cpu_seconds, last_line, on_the_measured_core, resident_mb
from dcc_analytics.stream.kafka import Connection

#: How long a worker may fold nothing though there is something; it needs a second.
CATCH_UP_S: Final = 30.0

_COMMIT: Final = re.compile(r" commit partition=\d+ seq=\d+ records=(\d+) strays=(\d+) .* bytes=(\d+) ")
_LAG: Final = re.compile(r" lag behind=(\d+) .*strays=(\d+)")


class Mark(NamedTuple):
    """How far a worker had come at a commit.

    Attributes:
        at_s: when, by a clock that only goes forward.
        cpu_s: CPU time it had had.
        resident_mb: memory it had.
        records: of the feed, folded and committed since its last shard was opened.
        ledger_bytes: written to the ledger since then.
    """

    at_s: float
    cpu_s: float
    resident_mb: float
    records: int
    ledger_bytes: int


class Told(NamedTuple):
    """A lag it has told of.

    Attributes:
        behind: events that are there and not folded, without those passed on from shard to shard.
        after: the number of its marks before.
    """

    behind: int
    after: int


class WatchedWorker:
    """A worker on the measured core.

    Attributes:
        marks: of its commits; the first is of when its last shard was open.
        told: of its lag since then.
    """

    def __init__(
        self,
        connection: Connection,
        state: Path,
        *options: str,
        shards: int,
        patience_s: float | None = PATIENCE_S,
    ) -> None:
        """Start it.

        Args:
            connection: to its topics.
            state: its folder.
            options: more of ``dcca worker``.
            shards: how many it will have.
            patience_s: longest time it may take to open them, or to end; None for any.
        """
        command = (
            "-m", "dcc_analytics.commands.main", "worker", "--bootstrap", connection.bootstrap,
            "--prefix", connection.prefix, "--state", str(state), *options,
        )  # fmt: skip
        self.marks: list[Mark] = []
        self.told: list[Told] = []
        self._shards = shards
        self._patience_s = patience_s
        self._said: list[str] = []
        self._open = threading.Event()
        self._process = on_the_measured_core(command)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        opened = records = ledger_bytes = 0
        for line in self._process.stderr or ():
            self._said = [*self._said[-20:], line]
            if " shard_open " in line:
                opened += 1
                if opened == self._shards:
                    records = ledger_bytes = 0
                    self.marks.append(self._mark(0, 0))
                    self._open.set()
            elif (commit := _COMMIT.search(line)) and self.marks:
                records += int(commit[1]) - int(commit[2])  # what is passed on is read a second time
                ledger_bytes += int(commit[3])
                self.marks.append(self._mark(records, ledger_bytes))
            elif (lag := _LAG.search(line)) and self.marks:
                self.told.append(Told(int(lag[1]) - int(lag[2]), len(self.marks)))
        if self._process.stderr:
            self._process.stderr.close()
        self._open.set()

    def _mark(self, records: int, ledger_bytes: int) -> Mark:
        try:
            cpu_s, memory_mb = cpu_seconds(self._process.pid), resident_mb(self._process.pid)
        except (OSError, IndexError):  # it has ended since it wrote the line
            cpu_s, memory_mb = self.marks[-1].cpu_s, self.marks[-1].resident_mb
        return Mark(time.perf_counter(), cpu_s, memory_mb, records, ledger_bytes)

    def wait_until_open(self) -> None:
        """Wait until all shards are open.

        Raises:
            PartFailedError: the worker ended before.
        """
        if not self._open.wait(self._patience_s) or not self.marks:
            raise self._failed("did not open its shards")

    def wait_for(self, records: int) -> None:
        """Wait until so many records were folded and committed.

        Raises:
            PartFailedError: it ended before, or folds nothing more for half a minute.
        """
        at, deadline = -1, 0.0
        while (folded := self.marks[-1].records) < records:
            if folded > at:
                at, deadline = folded, time.monotonic() + CATCH_UP_S
            if time.monotonic() > deadline or not self.runs:
                raise self._failed(f"has folded {self.marks[-1].records} of {records} records")
            time.sleep(0.05)

    def wait_until_told(self) -> None:
        """Wait until the lag it told of last is none; it looks twice a second, and tells when a lag is gone."""
        deadline = time.monotonic() + CATCH_UP_S
        while self.runs and time.monotonic() < deadline and any(told.behind for told in self.told[-1:]):
            time.sleep(0.05)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Ask it to commit and end, and wait for that."""
        if self.runs:
            self._process.send_signal(signal.SIGTERM)
        self.wait()

    def wait(self) -> None:
        """Wait for its end.

        Raises:
            PartFailedError: it failed.
        """
        try:
            code = self._process.wait(self._patience_s)
        except subprocess.TimeoutExpired as hangs:
            raise self._failed("does not end") from hangs
        self._reading.join()
        if code != 0 or len(self.marks) < 2:
            raise self._failed(f"ended with code {code} and {len(self.marks)} marks")

    def end(self) -> None:
        """End it whatever it does; nothing of it is left behind."""
        self._process.kill()
        self._process.wait()
        self._reading.join()

    def _failed(self, what: str) -> PartFailedError:
        """Return why it failed, in a line; the last lines it logged go to standard error."""
        sys.stderr.writelines(self._said)
        return PartFailedError(f"the worker {what}: {last_line(''.join(self._said))}")

    def counted(self) -> list[Mark]:
        """Return its marks up to the last commit that held records: what follows is waiting for the end."""
        last = max(index for index, mark in enumerate(self.marks) if not index or mark.records > self._before(index))
        return self.marks[: last + 1]

    def _before(self, index: int) -> int:
        return self.marks[index - 1].records
