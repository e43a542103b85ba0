"""``python -m tests``: all tests of the product in two lanes side by side.

Tests with a broker wait for it most of the time, those without compute: one after the other, half of two cores was
idle. Those without take less long, so some with a broker follow them, none of which measures time.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Final

import pytest

#: Of the tests with a broker those that follow the others: so many that both lanes take as long.
_AFTER: Final = (
    "tests/secured",
    "tests/test_bench_nation.py",
    "tests/test_feed_check_command.py",
    "tests/test_ledger_copy.py",
    "tests/test_month.py",
    "tests/test_partition_growth.py",
    "tests/test_rebuild.py",
    "tests/test_retention.py",
)
#: The runs of each lane, one after the other: which marks, and what of the folder.
_LANES: Final = (
    (("broker", ["--ignore=tests/architecture", *(f"--ignore={path}" for path in _AFTER)]),),
    (("not broker", ["--ignore=tests/architecture"]), ("broker", [*_AFTER])),
)


def verdict(codes: Collection[int]) -> int:
    """Return the exit code of all runs: the greatest, where none of the tests asked for is in one of them.

    >>> verdict([0, 0]), verdict([0, 1]), verdict([5, 0]), verdict([5, 5]), verdict([1, 5]), verdict([-2, 0])
    (0, 1, 0, 5, 1, 2)
    """
    ran = [abs(code) for code in codes if code != pytest.ExitCode.NO_TESTS_COLLECTED]
    return max(ran, default=int(pytest.ExitCode.NO_TESTS_COLLECTED))


class Runs:
    """Runs of pytest, of which some go on at once."""

    def __init__(self, select: str | None) -> None:
        """Run only tests with these marks, or all that are not long."""
        self._select = select
        self._going: list[subprocess.Popen[bytes]] = []
        self._interrupted = False

    def lane(self, number: int, output: IO[str] | None) -> list[int]:
        """Run what belongs to a lane, one after the other; return the exit codes."""
        return [self._run(f"{number}-{marks}", marks, paths, output) for marks, paths in _LANES[number]]

    def _run(self, name: str, marks: str, paths: Sequence[str], output: IO[str] | None) -> int:
        if self._interrupted:
            return int(pytest.ExitCode.INTERRUPTED)
        marks = f"({self._select or 'not long'}) and {marks}"
        command = ("pytest", *paths, "-o", f"cache_dir=.pytest_cache/{name}", "-m", marks)
        run = subprocess.Popen([sys.executable, "-m", *command], stdout=output, stderr=output)
        self._going.append(run)
        return run.wait()

    def interrupt(self) -> None:
        """Have all end, and say why."""
        self._interrupted = True
        for run in self._going:
            run.send_signal(signal.SIGINT)


def main() -> int:
    """Run both lanes; what the second says is told when the first has ended."""
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__, add_help=True)
    parser.add_argument(
        "--select", metavar="MARKS", help="only tests with these marks, as pytest's -m takes them: not long by default"
    )
    runs = Runs(parser.parse_args().select)
    # A terminal sends it to the runs too: they end, and say why. Were it ignored here, they would ignore it as well.
    signal.signal(signal.SIGINT, lambda _number, _frame: None)
    signal.signal(signal.SIGTERM, lambda _number, _frame: runs.interrupt())
    with tempfile.TemporaryFile("w+") as said, ThreadPoolExecutor(len(_LANES)) as lanes:
        ended = [lanes.submit(runs.lane, number, output) for number, output in enumerate((None, said))]
        codes = [code for lane in ended for code in lane.result()]
        said.seek(0)
        sys.stdout.write(said.read())
    return verdict(codes)


if __name__ == "__main__":
    sys.exit(main())
