"""The yardstick of folding at all: a batch at month end, by polars, over the same events as files; on one core.

It ends with each User's, SRV's and Region's requests, successes and times, which the worker has at any moment, and
more with them. What its rules leave out is listed in ``bench.batch``.
"""

import json
from typing import Any, Final

from bench.figures import Figure, PartFailedError
from bench.processes import in_own_process
from bench.run import Run, say
from dcc_analytics.catalogue.months import Month

#: How far its counts may be from the product's, for the rules it does not know. Withdrawn requests are one in a
#: thousand of the simulated nation's; a join that lost a day would be thirty.
APART: Final = 0.003


def measure(run: Run) -> list[Figure]:
    _ = run.frozen
    events = run.published.events
    say("a batch by polars")
    found = compared(run, environment={"POLARS_MAX_THREADS": "1"})
    return [
        Figure("polars", "made into round trips", events / found["seconds"], "events/s"),
        Figure("polars", "CPU", 1e6 * found["cpu_s"] / events, "s/million events"),
        Figure("polars", "peak memory", found["peak_mb"], "MB"),
    ]


def compared(run: Run, **how: Any) -> dict[str, float]:  # noqa: ANN401 (what ``in_own_process`` takes)
    """Make the batch of a run whose month is frozen; return what it measured, and what it counted.

    Args:
        run: which.
        how: it runs, beside what ``in_own_process`` takes anyway.

    Raises:
        PartFailedError: it counts something else than the product.
    """
    month = json.loads((run.snapshots / run.month / "totals.json").read_text(encoding="utf-8"))["month"]
    first = Month.parse(run.month)
    found = in_own_process(
        "bench.batch",
        folder=str(run.recorded),
        begins=f"{first.first_day}T00:00:00+00:00",
        ends=f"{first.next.first_day}T00:00:00+00:00",
        **how,
    )
    check("requests", found["requests"], month["requests"])
    check("successes", found["successes"], month["success"])
    return {**found, "of_product": 100 * found["requests"] / month["requests"]}


def check(what: str, found: float, product: int) -> None:
    """Compare a count of the batch with the product's, over the same events and month.

    Raises:
        PartFailedError: they are further apart than what the batch leaves out explains.
    """
    if product <= 0 or abs(found - product) > APART * product:
        raise PartFailedError(f"the batch counts {found:.0f} {what} where the product counts {product}")
