"""Work in processes of their own: a server forks them that has loaded what they need once."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
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
    pool = ProcessPoolExecutor(min(processes, len(jobs)), mp_context=context)
    try:
        running = {pool.submit(work, job): job for job in jobs}
        for done in as_completed(running):
            ended(running[done], done)
    except BaseException:
        _end(pool)
        raise
    pool.shutdown()


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes now, and wait until they have."""
    processes = list((pool._processes or {}).values())  # noqa: SLF001 (3.14 has kill_workers for it)
    for process in processes:
        process.kill()
    for process in processes:
        process.join()
    pool.shutdown(wait=False, cancel_futures=True)
