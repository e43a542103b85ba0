"""The environment Quix Streams runs in: made once in the user's cache from ``quix.lock``, beside the product's own."""

import fcntl
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path
from typing import Final

from bench.processes import PATIENCE_S, last_line
from dcc_analytics.stream.broker.jars import KAFKA

LOCK: Final = Path(__file__).parent / "quix.lock"


class NotToBeHadError(Exception):
    """The environment can't be made here; the message says why."""


def environment_folder(lock: Path = LOCK) -> Path:
    """Return where the environment for a lock file and this Python is, or would be."""
    of = sha256(lock.read_bytes()).hexdigest()[:12]
    return KAFKA.folder().parent / f"quix-{of}-python{sys.version_info.major}.{sys.version_info.minor}"


def quix_python(lock: Path = LOCK) -> Path:
    """Return the Python of the environment, after making that where it is not there.

    Args:
        lock: what is installed, with versions and hashes.

    Raises:
        NotToBeHadError: no package index can be reached, or a package is not what was locked.
    """
    folder = environment_folder(lock)
    python, installed = folder / "bin" / "python", folder / "installed"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / f"{folder.name}.lock").open("w") as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            if not installed.exists():
                venv.create(folder, clear=True)
                _install(python, lock)
                installed.touch()
    except (OSError, subprocess.SubprocessError) as failed:
        raise NotToBeHadError(str(failed)) from failed
    return python


def _install(python: Path, lock: Path) -> None:
    """Install with the pip of this environment: to make another one takes seconds."""
    options = ("--disable-pip-version-check", "--no-input", "--quiet", "--no-deps", "--only-binary", ":all:")
    locked = ("--require-hashes", "--requirement", lock)
    ended = subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", *options, *locked],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if ended.returncode != 0:
        errors = (line for line in ended.stderr.splitlines() if line.startswith("ERROR: "))
        raise NotToBeHadError(next(errors, last_line(ended.stderr)).removeprefix("ERROR: "))
