"""A process that is there to be killed, with all it has started: again and again, watched by what it writes."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figures import PartFailedError
from bench.processes import PATIENCE_S, last_line


class Killable:
    """A program with arguments, in a group of processes of its own, what it writes kept in a file.

    Attributes:
        arguments: it was started with.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        log: Path,
        *,
        program: str | Path = sys.executable,
        before: Callable[[], None] | None = None,
    ) -> None:
        """Start it.

        Args:
            arguments: of the program.
            log: gets what it writes.
            program: this Python when left out.
            before: called in the new process first; no thread may run then.
        """
        self.arguments = arguments
        self._log = log
        with log.open("wb") as written:
            self._process = subprocess.Popen(
                [program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=before,  # noqa: PLW1509 (see above)
            )

    @property
    def said(self) -> str:
        """Everything it has written since it was started."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.code is None

    @property
    def code(self) -> int | None:
        """How it has ended; None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """Kill it as a power cut would.

        Raises:
            PartFailedError: it had ended by itself before, so that nothing was killed.
        """
        if self.runs:
            self._kill_all()
        if self._process.wait() != -signal.SIGKILL:
            raise PartFailedError(f"a worker had ended before it was killed: {last_line(self.said)}")

    def ask_to_stop(self) -> None:
        """Ask it to end as an operator would."""
        if self.runs:
            os.kill(self._process.pid, signal.SIGTERM)

    def wait(self, patience_s: float = PATIENCE_S / 10) -> None:
        """Wait for its end.

        Raises:
            PartFailedError: it does not end.
        """
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired as hangs:
            raise PartFailedError(f"a worker does not stop: {last_line(self.said)}") from hangs

    def end(self) -> None:
        """End it whatever it does; nothing of it is left behind."""
        self._kill_all()
        self._process.wait()

    def _kill_all(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # nobody of its group is left
            os.killpg(self._process.pid, signal.SIGKILL)
