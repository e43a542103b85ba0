"""One worker on one core, its ledger on, that drains a backlog: from its last shard opened to its last commit."""

from bench.figures import Figure, PartFailedError, slope
from bench.run import Run


def measure(run: Run) -> list[Figure]:
    marks = run.folded
    first, last = marks[0], marks[-1]
    events = last.records
    if events != run.published.events:
        raise PartFailedError(f"the worker folded {events} events of {run.published.events}")
    later = [(mark.records / 1e6, mark.resident_mb) for mark in marks if mark.records >= events / 2]
    return [
        Figure("worker", "folded", events / (last.at_s - first.at_s), "events/s"),
        Figure("worker", "CPU", 1e6 * (last.cpu_s - first.cpu_s) / events, "s/million events"),
        Figure("worker", "peak memory", max(mark.resident_mb for mark in marks), "MB"),
        Figure("worker", "memory over the second half", slope(later)[1], "MB/million events"),
        Figure("worker", "ledger", last.ledger_bytes / events, "bytes/event"),
    ]
