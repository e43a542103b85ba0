"""Commands of the product as steps: what each says, how long it takes, and what all its processes take together.

Unlike other processes under measurement they keep to no core and may take as long as they need: a step that hangs is
seen by who waits for it. What a command says on standard error is not kept, so that its bars are seen.
"""

import contextlib
import json
import subprocess
import sys
import time
from typing import Any, NamedTuple

from bench.figures import Figure, PartFailedError
from bench.processes import Watch, cpu_seconds, family, peak_resident_mb, resident_mb


class Step(NamedTuple):
    """A command that has ended well.

    Attributes:
        name: of the command.
        seconds: from its start to its end.
        cpu_s: of all its processes.
        peak_mb: the most memory all its processes had in RAM at one time, what they share counted for each.
        told: what it printed.
    """

    name: str
    seconds: float
    cpu_s: float
    peak_mb: float
    told: dict[str, Any]

    def figures(self, part: str) -> list[Figure]:
        """Return its figures."""
        return [
            Figure(part, f"{self.name}: time", self.seconds, "s"),
            Figure(part, f"{self.name}: CPU", self.cpu_s, "s"),
            Figure(part, f"{self.name}: most memory", self.peak_mb, "MB"),
        ]


def step(name: str, *arguments: str) -> Step:
    """Run a command of the product with ``--json`` to its end.

    Args:
        name: of the command.
        arguments: what follows it.

    Raises:
        PartFailedError: it failed; it has said why on standard error.
    """
    command = [sys.executable, "-m", "dcc_analytics.commands.main", name, *arguments, "--json"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, _Usage(process.pid) as usage:
        try:
            said, _ = process.communicate()
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise PartFailedError(f"`dcca {name}` ended with code {process.returncode}; it says why above")
    return Step(name, time.perf_counter() - began, usage.cpu_s, usage.peak_mb, json.loads(said))


class _Usage(Watch):
    """Watches a process and those it has started, however deep.

    Attributes:
        peak_mb: the most memory they had at one time.
    """

    every_s = 0.2

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._pid = pid
        self._cpu_s: dict[int, float] = {}
        self.peak_mb = 0.0

    @property
    def cpu_s(self) -> float:
        """CPU time of them all, each as it was seen last."""
        return sum(self._cpu_s.values())

    def look(self) -> None:
        """Look at each."""
        together_mb = 0.0
        for pid in family(self._pid):
            with contextlib.suppress(OSError, IndexError, StopIteration):  # it has ended meanwhile
                together_mb += resident_mb(pid)
                self._cpu_s[pid] = cpu_seconds(pid)
                self.peak_mb = max(self.peak_mb, peak_resident_mb(pid=pid))  # between two looks, too
        self.peak_mb = max(self.peak_mb, together_mb)
