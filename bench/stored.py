"""Results: a run's figures with the machine they were measured on, as JSON, and as files of it."""

import json
import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from bench.figures import Figure
from dcc_analytics.stream.broker.jars import KAFKA_VERSION

RESULTS: Final = Path(__file__).parent / "results"


def result_of(events: int, figures: Iterable[Figure], *, load_before: float) -> dict[str, Any]:
    """Return a run's result: date, events, machine (no names, no paths), figures.

    Args:
        events: of the run.
        figures: it measured.
        load_before: processes that wanted a core in the minute before the run; one on a busy machine tells little.
    """
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "events": events,
        "load_before": round(load_before, 1),
        "machine": machine(),
        "figures": [{**figure._asdict(), "value": rounded(figure.value)} for figure in figures],
    }


def machine() -> dict[str, Any]:
    """Return what figures depend on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _cpu_model(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "python": platform.python_version(),
        "kafka": KAFKA_VERSION,
        "faust": version("faust-streaming"),
    }


def _cpu_model() -> str:
    """Return the processor's name; its family where the system does not tell (not Linux, or another architecture)."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def rounded(value: float) -> float:
    """Return a value to five significant digits: what is beyond them is chance.

    >>> rounded(27_123.456), rounded(0.0123456789)
    (27123.0, 0.012346)
    """
    return float(f"{value:.5g}")


def store(result: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write a result into a file of its date and size; a second one of a day is numbered."""
    folder.mkdir(exist_ok=True)
    stem, number = f"{result['date']}-{result['events']}", 1
    path = folder / f"{stem}.json"
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.json"
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return path
