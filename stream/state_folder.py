"""The folder of a worker's estates: where it is, and that one ``dcca worker`` at a time has it.

The lock is the kernel's and goes with the process that holds it, however that ends: a kill leaves nothing to be cleared
away. No process that a worker starts inherits it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.kafka import Connection

#: In the folder; names the process that holds it, or held it last.
LOCK_FILE: Final = "worker.lock"


def estates_of(state_dir: Path, connection: Connection, application: str) -> Path:
    """Return the folder of an application's estates under a folder of state, which several applications may share."""
    return state_dir / connection.own(application)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder of estates for as long as the context lasts.

    Raises:
        StateError: another command holds it, or it can't be used.
    """
    with _opened(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            lock.truncate()
            lock.write(f"{os.getpid()}\n")
            lock.flush()
        except BlockingIOError as other:
            raise StateError(
                f"another dcca worker (process {lock.read(20).strip() or 'unknown'}) has the state folder {folder}, "
                "and two would find estates open in each other; give this one a --state of its own, or stop the other "
                "and have one run more --processes"
            ) from other
        except OSError as error:
            raise _unusable(folder, error) from error
        yield


def _opened(folder: Path) -> TextIO:
    """Open the file of the lock, and leave what it says."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / LOCK_FILE).touch()
        return (folder / LOCK_FILE).open("r+", encoding="ascii", errors="replace")
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> StateError:
    return StateError(
        f"the state folder {folder} can't be used ({error}); give with --state one on a disk of this machine that has "
        "space"
    )
