"""Logs: one structured line an event on standard error, the event's name first, values as fields."""

import logging
import sys
from pathlib import Path


def leave_connections_to_us() -> None:
    """Drop aiokafka's own lines about brokers it can't reach: the command says so, in one line and with what to do."""
    logging.getLogger("aiokafka").addFilter(lambda record: not str(record.msg).startswith("Unable connect"))


def log_to_stderr(*, verbose: bool) -> None:
    """Send the product's log to standard error; Faust's and aiokafka's only from warnings on.

    Args:
        verbose: also what is of use only when something is looked into.
    """
    _log_to(logging.StreamHandler(sys.stderr), verbose=verbose)


def log_to_file(path: Path) -> None:
    """Send the product's log to a file, begun anew."""
    _log_to(logging.FileHandler(path, mode="w", encoding="utf-8"), verbose=False)


def _log_to(handler: logging.Handler, *, verbose: bool) -> None:
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.WARNING)
    logging.getLogger("dcca").setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    logging.getLogger("faust").setLevel(logging.WARNING if verbose else logging.ERROR)
