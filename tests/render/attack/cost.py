"""What disclosure control costs on a simulated market, as docs/disclosure.md has it.

``python -m tests.render.attack.cost`` prints the table; other rules, other markets: change ``markets``.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.pdf.words import NOT_SHOWN, percent
from dcc_analytics.snapshot.benchmarks import DAILY_KEY, SERVICE_KEY, by_member, daily_benchmarks, monthly_benchmarks
from dcc_analytics.snapshot.disclosure import OK, REASONS
from dcc_analytics.snapshot.suppression import suppression
from tests.render.attack.markets import RULES, market, month_cells

SEED: Final = 176
_CELLS: Final = {"round_trips_monthly": "month", "round_trips_daily": "day and split"}
_FIGURES: Final = {
    "industry": "industry rates, mean time",
    "industry_times": "best, worst, median time",
    "peer_median": "peers' median",
    "peer_quartiles": "peers' quartiles, values",
}


def rows() -> list[dict[str, Any]]:
    """Return what is shown and withheld of a month of the simulated market."""
    chance = np.random.default_rng(SEED)
    cells = month_cells(market(chance), Month.parse("2026-10"), chance)
    monthly, daily = by_member(cells, SERVICE_KEY), by_member(cells, DAILY_KEY)
    months, _ = monthly_benchmarks(monthly, {}, RULES)
    days = daily_benchmarks(daily, monthly, RULES)
    return suppression("round_trips_monthly", months) + suppression("round_trips_daily", days)


def table() -> Iterator[str]:
    """Yield the lines of the table: of all cells of a kind, and of their Service Requests, how many hundredths."""
    counted: defaultdict[tuple[str, ...], dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in rows():
        counted[row["role"], row["table"], row["figures"]][row["reason"]] = row["cells"], row["total"]
    reasons = (OK, *REASONS)
    yield f"| Role | cells of a | figures | cells | shown | {' | '.join(REASONS)} |"
    yield f"| --- | --- | --- | ---: | {' | '.join('---:' for _ in reasons)} |"
    for role in ("IS", "ED", "GT"):
        for name, cells in _CELLS.items():
            for figures, words in _FIGURES.items():
                found = counted.get((role, name, figures))
                if found:
                    all_cells, total = (sum(each) for each in zip(*found.values(), strict=True))
                    shares = (_shares(found.get(reason, (0, 0)), all_cells, total) for reason in reasons)
                    yield f"| {role} | {cells} | {words} | {all_cells:,} | {' | '.join(shares)} |"


def _shares(part: tuple[int, int], cells: int, total: int) -> str:
    return f"{percent(part[0] / cells)} ({percent(part[1] / total)})" if part[0] else NOT_SHOWN


if __name__ == "__main__":
    print("\n".join(table()))  # noqa: T201 (what it is for)
