"""Simulating: the nation's month as recorded events, by as many processes as there are cores."""

from bench.figures import Figure
from bench.run import Run


def measure(run: Run) -> list[Figure]:
    simulated = run.simulated
    return [Figure("simulate", "written", simulated.records / simulated.seconds, "records/s")]
