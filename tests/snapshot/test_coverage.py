"""How much of R-BP-1 each Role gets."""

import polars as pl

from dcc_analytics.snapshot.coverage import coverage

COLUMNS = ("industry_failure_rate", "peer_failure_rate_median", "peer_failure_rate_p25", "history_mean")


def test_rows_of_a_role_are_counted_by_what_they_can_be_compared_with() -> None:
    held: dict[str, list[tuple[float | None, ...]]] = {
        "IS": [(0.1, 0.1, 0.1, None), (None, 0.1, None, None), (0.1, None, None, 0.2)],
        "ED": [(None, None, None, 0.1), (None, None, None, None), (None, None, None, None)],
    }
    rows = [(role, *values) for role, several in held.items() for values in several]
    frame = pl.DataFrame(rows, dict.fromkeys(("role",), pl.String) | dict.fromkeys(COLUMNS, pl.Float64), orient="row")
    assert [
        {"role": "ED", "rows": 3, "industry": 0, "median": 0, "quartiles": 0, "history_only": 1, "nothing": 2},
        {"role": "IS", "rows": 3, "industry": 2, "median": 2, "quartiles": 1, "history_only": 0, "nothing": 0},
    ] == coverage(frame)
    assert [] == coverage(frame.clear())
