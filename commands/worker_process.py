"""A worker in this process, or several in processes of their own that end with it."""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import connection as pipes
from multiprocessing import get_context, parent_process, resource_tracker
from typing import Final

from aiokafka.errors import KafkaError

from dcc_analytics.aggregators.collector import spare_what_is_kept
from dcc_analytics.aggregators.copartitioned import checked_partitions
from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.supervisor import Ended, Supervisor
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import DccaError
from dcc_analytics.commands.connection import connection_to, security
from dcc_analytics.commands.logs import leave_connections_to_us, log_to_stderr
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.owner import lost
from dcc_analytics.stream.retention import warn_if_kept_too_long
from dcc_analytics.stream.security import Security
from dcc_analytics.stream.topics import DEAD_LETTERS, DEAD_LETTERS_KEPT_MS

log = logging.getLogger("dcca.worker")

#: How long a process whose parent was killed has to commit and let its partitions go; then it kills itself.
ALONE_S: Final = 10.0


async def run_worker(connection: Connection, settings: WorkerSettings, *, until_caught_up: bool) -> None:
    """Run a worker in this process until a signal, or until caught up.

    Raises:
        DccaError: as ``Worker.run``; a broker that goes away while it starts is said in words too.
    """
    spare_what_is_kept()
    work = Worker(connection, settings)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, work.stop)
    try:
        await warn_if_kept_too_long(connection, DEAD_LETTERS, DEAD_LETTERS_KEPT_MS)
        await work.run(until_caught_up=until_caught_up)
    except KafkaError as error:
        raise lost(error) from error


# -- several -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """What each process of a worker is given.

    Attributes:
        bootstrap: brokers.
        prefix: leads the name of every topic.
        security: how the brokers are spoken to; certificates and passwords are read by each process.
        settings: of the worker.
        until_caught_up: whether it ends by itself.
        verbose: whether it logs also what helps to look into a fault.
    """

    bootstrap: str
    prefix: str
    security: Security
    settings: WorkerSettings
    until_caught_up: bool
    verbose: bool


async def run_workers(connection: Connection, given: Given, processes: int) -> None:
    """Run so many worker processes, as many as there are partitions at most, until all have ended.

    Raises:
        DccaError: the topics are not what a worker needs, or a process met what all would.
    """
    async with Extents(connection) as extents:
        partitions = await checked_partitions(connection, given.settings.application, extents)
    if processes > partitions:
        log.warning(
            "processes_left_out processes=%d partitions=%d: as many are started as there are partitions, more would "
            "have nothing to fold; give --processes %d",
            processes, partitions, partitions,
        )  # fmt: skip
    supervisor = Supervisor(
        min(processes, partitions), lambda number: WorkerProcess(number, given), until_caught_up=given.until_caught_up
    )
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, supervisor.stop)
    await supervisor.run()


class WorkerProcess:
    """A worker in a process of its own (see ``supervisor.Child``).

    It is spawned rather than forked by a server: that would stand between, be killed, and have its children taken for
    ended.
    """

    def __init__(self, number: int, given: Given) -> None:
        """Start it."""
        context = get_context("spawn")
        self._told, tells = context.Pipe(duplex=False)
        self._process = context.Process(target=_be, args=(number, given, tells), name=f"worker-{number}")
        with _without_the_keyboard(), _without_the_command_line():
            self._process.start()
        tells.close()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid or 0

    def stop(self) -> None:
        """Tell it to commit and end."""
        self._process.terminate()

    async def ended(self) -> Ended:
        """Wait for its end."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process.sentinel, over.set)
        try:
            await over.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        with self._told:
            try:
                error = self._told.recv()
            except EOFError:
                error = None
        return Ended(self._process.exitcode or 0, error)


@contextmanager
def _without_the_keyboard() -> Iterator[None]:
    """Have what is started meanwhile not listen to Ctrl-C: it reaches the parent, which tells its processes to end."""
    resource_tracker.ensure_running()  # else the start of a process does so, and listens again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _without_the_command_line() -> Iterator[None]:
    """Have what is started meanwhile import this module, not all of ``dcca``: a worker needs half of it."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = sys.modules[__name__]
    try:
        yield
    finally:
        sys.modules["__main__"] = before


def _be(number: int, given: Given, tells: "pipes.Connection") -> None:
    """Be a worker process: fold, and tell the parent what kept it from going on."""
    threading.Thread(target=end_with_parent, args=(ALONE_S,), daemon=True).start()
    log_to_stderr(verbose=given.verbose, process=number)
    leave_connections_to_us()
    security.set(given.security)
    settings = replace(given.settings, process=number)
    try:
        connection = connection_to(given.bootstrap, given.prefix)
        asyncio.run(run_worker(connection, settings, until_caught_up=given.until_caught_up))
    except DccaError as error:
        tells.send(error)
        sys.exit(error.exit_code)


def end_with_parent(alone_s: float) -> None:
    """Wait until the process that has started this one is no more, in whatever way, and end this one.

    Args:
        alone_s: seconds to end well in, as if told to by SIGTERM, before it is killed; 0 kills at once.
    """
    parent = parent_process()
    if parent is None:
        raise RuntimeError("this process was not started by multiprocessing")
    pipes.wait([parent.sentinel])
    if alone_s:
        log.warning("parent_gone pid=%d: this process ends too", parent.pid)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(alone_s)
    os.kill(os.getpid(), signal.SIGKILL)
