"""A process that is there to be killed: started again and again, watched by what it writes."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.figures import PartFailedError
from bench.processes import PATIENCE_S, last_line


class Killable:
    """This Python with arguments, what it writes kept in a file.

    Attributes:
        arguments: it was started with.
    """

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        """Start it.

        Args:
            arguments: of Python.
            log: gets what it writes.
        """
        self.arguments = arguments
        self._log = log
        with log.open("wb") as written:
            self._process = subprocess.Popen([sys.executable, *arguments], stdout=written, stderr=subprocess.STDOUT)

    @property
    def said(self) -> str:
        """Everything it has written since it was started."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill it as a power cut would.

        Raises:
            PartFailedError: it had ended by itself before, so that nothing was killed.
        """
        self._process.send_signal(signal.SIGKILL)
        if self._process.wait() != -signal.SIGKILL:
            raise PartFailedError(f"a worker had ended before it was killed: {last_line(self.said)}")

    def ask_to_stop(self) -> None:
        """Ask it to end as an operator would."""
        if self.runs:
            os.kill(self._process.pid, signal.SIGTERM)

    def wait(self) -> None:
        """Wait for its end.

        Raises:
            PartFailedError: it does not end.
        """
        try:
            self._process.wait(PATIENCE_S / 10)
        except subprocess.TimeoutExpired as hangs:
            raise PartFailedError(f"a worker does not stop: {last_line(self.said)}") from hangs

    def end(self) -> None:
        """End it whatever it does; nothing of it is left behind."""
        self._process.kill()
        self._process.wait()
