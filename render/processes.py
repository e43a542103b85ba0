"""Work in processes of their own: a server forks them that has loaded what they need once."""

import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import connection, get_context, parent_process
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_processes(
    work: Callable[[T], R], jobs: Sequence[T], processes: int, ended: Callable[[T, "Future[R]"], None]
) -> None:
    """Do work for each job, so many at a time; whatever ends the caller ends the processes at once.

    Args:
        work: a function of a module, as it is pickled.
        jobs: what it is called with.
        processes: most at a time.
        ended: told of each job, as it ends, with what came of it.
    """
    if not jobs:
        return
    # No thread of this process is copied.
    context = get_context("forkserver")
    context.set_forkserver_preload([work.__module__])
    pool = ProcessPoolExecutor(min(processes, len(jobs)), mp_context=context, initializer=_watch_caller)
    try:
        running = {pool.submit(work, job): job for job in jobs}
        for done in as_completed(running):
            ended(running[done], done)
    except BaseException:
        _end(pool)
        raise
    pool.shutdown()


def _watch_caller() -> None:
    """Have this process end when the caller is killed: it would wait for a job for ever."""
    Thread(target=_end_with_caller, daemon=True).start()


def _end_with_caller() -> None:
    caller = parent_process()
    if caller is None:
        raise RuntimeError("this process was not started by multiprocessing")
    connection.wait([caller.sentinel])
    os.kill(os.getpid(), signal.SIGKILL)


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes now, and wait until they have."""
    processes = list((pool._processes or {}).values())  # noqa: SLF001 (3.14 has kill_workers for it)
    for process in processes:
        process.kill()
    for process in processes:
        process.join()
    pool.shutdown(wait=False, cancel_futures=True)
