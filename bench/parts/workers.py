"""Two worker processes beside one, over the same events: what they fold together, and what an event costs them.

The events are sent in a transaction that is committed when every process has its share of the partitions: so all begin
with the same backlog, and no process folds what is another's later. Measured from then to the last commit, on whichever
cores, beside the broker; CPU is that of all processes, the one that starts and watches them with them.
"""

import asyncio
import re
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from aiokafka import AIOKafkaProducer

from bench.figures import Figure, PartFailedError
from bench.processes import PATIENCE_S, cpu_seconds, last_line
from bench.recorded import first_events
from bench.run import PARTITIONS, Run, say
from bench.sending import send
from dcc_analytics.stream.kafka import Connection

#: The longest a broker leaves a transaction open unless told otherwise.
_OPEN_MS: Final = 900_000
_AT_ONCE: Final = 5_000
_STARTED: Final = re.compile(r" process_started process=(\d+) pid=(\d+)")
_OPEN: Final = re.compile(r" shard_open (?:process=(\d+) )?partition=(\d+)")
_COMMIT: Final = re.compile(r" commit (?:process=(\d+) )?partition=\d+ seq=\d+ records=(\d+) strays=(\d+) ")


class _Drained(NamedTuple):
    """A backlog drained: events, seconds and CPU seconds it took."""

    events: int
    seconds: float
    cpu_s: float


def measure(run: Run) -> list[Figure]:
    figures = []
    for processes, words in ((1, "one"), (2, "two")):
        connection = run.without_events(f"workers-{processes}-")
        found = asyncio.run(_drained(connection, run.recorded, run.folder / f"workers-{processes}", processes))
        figures += [
            Figure("workers", f"{words}: folded", found.events / found.seconds, "events/s"),
            Figure("workers", f"{words}: CPU", 1e6 * found.cpu_s / found.events, "s/million events"),
        ]
    return figures


async def _drained(connection: Connection, recorded: Path, state: Path, processes: int) -> _Drained:
    """Have so many processes drain recorded events.

    Raises:
        PartFailedError: they failed, or did not fold each event.
    """
    async with _sent(connection, recorded) as (events, commit):
        say(f"folding {events:,} events by {'one process' if processes == 1 else f'{processes} processes'}")
        workers = _Workers(connection, state, processes)
        try:
            await asyncio.to_thread(workers.wait_until_shared)
            cpu_s, began_s = workers.cpu_s(), time.perf_counter()
            await commit()
            await asyncio.to_thread(workers.wait)
        finally:
            workers.end()
    if workers.folded != events:
        raise PartFailedError(f"of {events} events {workers.folded} were folded")
    return _Drained(events, workers.last_s - began_s, workers.last_cpu_s - cpu_s)


@asynccontextmanager
async def _sent(connection: Connection, folder: Path) -> AsyncIterator[tuple[int, Callable[[], Awaitable[None]]]]:
    """Have events sent; yield how many, and what is called to let them be seen."""
    producer = AIOKafkaProducer(
        **connection.options(), transactional_id=f"{connection.prefix}feed", transaction_timeout_ms=_OPEN_MS,
        max_batch_size=1 << 18, linger_ms=20, compression_type="zstd",
    )  # fmt: skip
    await producer.start()
    try:
        await producer.begin_transaction()
        events, pending = 0, list[Awaitable[object]]()
        for event in first_events(folder, 2**63 - 1):
            pending.append(await send(producer, connection, event))
            events += 1
            if len(pending) >= _AT_ONCE:
                await asyncio.gather(*pending)
                pending.clear()
        await asyncio.gather(*pending)
        yield events, producer.commit_transaction
    finally:
        await producer.stop()


class _Workers:
    """``dcca worker`` with so many processes, followed by the lines it logs.

    Attributes:
        folded: events they have folded and committed.
        last_s: when they last had committed some.
        last_cpu_s: CPU seconds they had had by then.
    """

    def __init__(self, connection: Connection, state: Path, processes: int) -> None:
        """Start it."""
        command = [
            sys.executable, "-m", "dcc_analytics.commands.main", "worker", "--bootstrap", connection.bootstrap,
            "--prefix", connection.prefix, "--state", str(state), "--until-caught-up", "--processes", str(processes),
        ]  # fmt: skip
        self.folded, self.last_s, self.last_cpu_s = 0, 0.0, 0.0
        self._share = PARTITIONS // processes
        self._owner: dict[str, str] = {}
        self._shared = threading.Event()
        self._said: list[str] = []
        self._cpu_s: dict[int, float] = {}
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self._pids = [self._process.pid]
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        for line in self._process.stderr or ():
            self._said = [*self._said[-20:], line]
            if started := _STARTED.search(line):
                self._pids.append(int(started[2]))
            elif opened := _OPEN.search(line):
                self._owner[opened[2]] = opened[1] or ""
                shares = [list(self._owner.values()).count(process) for process in set(self._owner.values())]
                if len(self._owner) == PARTITIONS and {self._share} == set(shares):
                    self._shared.set()
            elif self._shared.is_set() and (commit := _COMMIT.search(line)):
                self._count(int(commit[2]) - int(commit[3]))  # what is passed on is read a second time
        self._shared.set()

    def _count(self, records: int) -> None:
        if records > 0:
            self.folded += records
            self.last_s, self.last_cpu_s = time.perf_counter(), self.cpu_s()

    def cpu_s(self) -> float:
        """Return the CPU seconds of all processes so far."""
        for pid in self._pids:
            with suppress(OSError, IndexError):  # it has ended since it wrote the line
                self._cpu_s[pid] = cpu_seconds(pid)
        return sum(self._cpu_s.values())

    def wait_until_shared(self) -> None:
        """Wait until each process has its share.

        Raises:
            PartFailedError: it ended before.
        """
        if not self._shared.wait(PATIENCE_S / 10) or self._process.poll() is not None:
            raise PartFailedError(f"the processes did not share the partitions: {last_line(''.join(self._said))}")

    def wait(self) -> None:
        """Wait until all is folded.

        Raises:
            PartFailedError: it failed.
        """
        code = self._process.wait(PATIENCE_S)
        self._reading.join()
        if code != 0:
            raise PartFailedError(f"the worker ended with code {code}: {last_line(''.join(self._said))}")

    def end(self) -> None:
        """End it whatever it does; its processes end with it."""
        self._process.kill()
        self._process.wait()
        self._reading.join()
