"""The product beside the judge on months neither has seen: every file of every Member, totals and dead letters.

Requirements: R-AL-1 to R-AL-4, with figures of round trips and failures.
"""

from pathlib import Path
from typing import Any

import pytest

from dcc_analytics.catalogue.months import Month
from tests.in_process import frozen, write_packs
from tests.oracle.compare import differences, total_differences
from tests.oracle.judge import judge
from tests.oracle.month_maker import make_month

pytestmark = pytest.mark.slow

OCTOBER = {"year": 2026, "month": 10}
MADE: tuple[tuple[dict[str, Any], int, int], ...] = (
    ({"seed": 1}, 1, 500),
    ({"seed": 2}, 4, 7),
    ({"seed": 3, "dominated": True}, 3, 5_000),
    ({"seed": 4, "days_after": 2}, 4, 50),
    ({"seed": 5, "days_after": -3.5}, 2, 300),
    ({"seed": 6, "year": 2027, "month": 2}, 3, 100),
    ({"seed": 7, "year": 2026, "month": 12, "homes": 20}, 8, 1_000),
    ({"seed": 8, "late_answers": True}, 3, 200),
    ({"seed": 9, "homes": 200, "requests": 9_000}, 4, 2_000),
)


@pytest.mark.parametrize(("made", "partitions", "fetch"), MADE, ids=str)
def test_every_figure_is_the_judges(made: dict[str, Any], partitions: int, fetch: int, tmp_path: Path) -> None:
    made = OCTOBER | made
    make_month(tmp_path / "events", **made)
    judged = judge(tmp_path / "events", made["year"], made["month"])
    month = Month(made["year"], made["month"])
    snapshot, letters = frozen(tmp_path / "events", month, partitions=partitions, fetch=fetch)
    write_packs(snapshot, tmp_path / "packs")
    assert differences(judged, tmp_path / "packs") == []
    assert letters == set(judged.recorded.dead_letters)
    assert total_differences(judged, snapshot.totals) == []
