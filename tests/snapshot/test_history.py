"""A month beside the twelve before it, as columns of the table."""

import polars as pl
import pytest

from dcc_analytics.snapshot.history import EARLIER, HISTORY, with_history

ROW = {"party": "DN1", "role": "ED", "process": "Other SRVs", "srv": "4.10", "variant": ""}


def told(
    failures: list[int], *, now: tuple[int, int] | None = (95, 5), median: float | None = None, outcomes: int = 100
) -> tuple[object, ...]:
    """Return the history of a row, given failures of each month before."""
    schema = dict.fromkeys(ROW, pl.String) | {
        "successes": pl.Int64, "failures": pl.Int64, "peer_failure_rate_median": pl.Float64,
    }  # fmt: skip
    successes, failed = now or (0, 0)
    said = {"successes": successes, "failures": failed, "peer_failure_rate_median": median}
    earlier = pl.DataFrame(
        [{**ROW, "month": f"2026-{at:02}", "successes": outcomes - each, "failures": each}
         for at, each in enumerate(failures, 1)], schema=EARLIER,
    )  # fmt: skip
    (found,) = with_history(pl.DataFrame([ROW | said], schema=schema), earlier.reverse()).select(list(HISTORY)).rows()
    return found


def test_a_row_without_a_median_of_peers_has_its_own_history() -> None:
    assert (0.05, 0.0, pytest.approx(0.1032), None) == told([4, 6] * 6)
    assert "outside" == told([4, 6] * 6, now=(80, 20))[3]
    assert (0.95, pytest.approx(0.8968), 1.0, "outside") == told([94, 96] * 6)


def test_a_row_with_a_median_of_peers_has_none() -> None:
    assert (None,) * 4 == told([4, 6] * 6, now=(80, 20), median=0.05)


def test_fewer_than_twelve_months_are_short_and_none_is_empty() -> None:
    assert (None, None, None, "short") == told([4, 6] * 5 + [4])
    assert (None,) * 4 == told([])


def test_a_month_without_outcomes_is_no_point_and_gives_no_signal() -> None:
    assert (None,) * 4 == told([0] * 12, outcomes=0)
    assert (0.05, 0.0, pytest.approx(0.1032), None) == told([4, 6] * 6, now=None)
