"""``python -m tests``: all tests of the product in two runs side by side, those with a broker and those without.

Tests with a broker wait for it most of the time, the others compute: one after the other, half of two cores was idle.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from typing import Final

import pytest

_HALVES: Final = ("broker", "not broker")


def verdict(codes: Collection[int]) -> int:
    """Return the exit code of both runs: the greatest, where none of the tests asked for is in one of them.

    >>> verdict([0, 0]), verdict([0, 1]), verdict([5, 0]), verdict([5, 5]), verdict([1, 5]), verdict([-2, 0])
    (0, 1, 0, 5, 1, 2)
    """
    ran = [abs(code) for code in codes if code != pytest.ExitCode.NO_TESTS_COLLECTED]
    return max(ran, default=int(pytest.ExitCode.NO_TESTS_COLLECTED))


def _interrupt(runs: Sequence["subprocess.Popen[bytes]"]) -> None:
    for run in runs:
        run.send_signal(signal.SIGINT)


def main() -> int:
    """Run both; what the second says is told when the first has ended."""
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__, add_help=True)
    parser.add_argument("--select", metavar="MARKS", help="only tests with these marks, as pytest's -m takes them")
    select = parser.parse_args().select
    with tempfile.TemporaryFile("w+") as said:
        runs = []
        for half, output in zip(_HALVES, (None, said), strict=True):
            marks = f"({select}) and {half}" if select else half
            command = ("pytest", "--ignore=tests/architecture", "-o", f"cache_dir=.pytest_cache/{half}", "-m", marks)
            runs.append(subprocess.Popen([sys.executable, "-m", *command], stdout=output, stderr=output))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the runs too: they end, and say why
        signal.signal(signal.SIGTERM, lambda _number, _frame: _interrupt(runs))
        codes = [run.wait() for run in runs]
        said.seek(0)
        sys.stdout.write(said.read())
    return verdict(codes)


if __name__ == "__main__":
    sys.exit(main())
