"""Logs: one structured line an event on standard error, the event's name first, values as fields."""

import logging
import sys
import time
from pathlib import Path
from typing import Final

#: Between two lines of a library that say the same.
REPEATED_S: Final = 10.0
#: Lines of libraries remembered as said.
REMEMBERED: Final = 100


def leave_connections_to_us() -> None:
    """Drop aiokafka's own lines about brokers it can't reach: the command says so, in one line and with what to do."""
    logging.getLogger("aiokafka").addFilter(lambda record: not str(record.msg).startswith("Unable connect"))


class Seldom(logging.Filter):
    """Lets the same line of a library through once in a while: without a broker clients say theirs all the time."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        super().__init__()
        self._said_s: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line is the product's, or new, or was said long enough ago."""
        if record.name.startswith("dcca"):
            return True
        line, now_s = record.getMessage(), time.monotonic()
        if now_s - self._said_s.get(line, -REPEATED_S) < REPEATED_S:
            return False
        self._said_s.pop(line, None)
        self._said_s[line] = now_s
        if len(self._said_s) > REMEMBERED:
            del self._said_s[next(iter(self._said_s))]
        return True


class Lines(logging.Formatter):
    """Lines of the log; where several processes write them, each says whose it is.

    The product's say it after the event's name, those of libraries, which have none, before all.
    """

    def __init__(self, process: int | None) -> None:
        """Write for the process of a number, None where there is one alone."""
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")
        self._field = "" if process is None else f"process={process}"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name for it)
        """Return a line without what comes after it, such as a traceback."""
        if self._field:
            event, space, fields = record.message.partition(" ")
            own = f"{event} {self._field}{space}{fields}"
            record.message = own if record.name.startswith("dcca") else f"{self._field} {record.message}"
        return super().formatMessage(record)


def log_to_stderr(*, verbose: bool, process: int | None = None) -> None:
    """Send the product's log to standard error; Faust's and aiokafka's only from warnings on.

    Args:
        verbose: also what is of use only when something is looked into.
        process: the number of this process among several that write to the same; None for one alone.
    """
    _log_to(logging.StreamHandler(sys.stderr), verbose=verbose, process=process)


def log_to_file(path: Path) -> None:
    """Send the product's log to a file, begun anew."""
    _log_to(logging.FileHandler(path, mode="w", encoding="utf-8"), verbose=False)


def _log_to(handler: logging.Handler, *, verbose: bool, process: int | None = None) -> None:
    handler.setFormatter(Lines(process))
    root = logging.getLogger()
    handler.addFilter(Seldom())
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.WARNING)
    logging.getLogger("dcca").setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    logging.getLogger("faust").setLevel(logging.WARNING if verbose else logging.ERROR)
