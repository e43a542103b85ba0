"""Durations are computed in whole microseconds and rounded half-even: contract section 8 (Print)."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.snapshot.exact import mean_ms, rounded_ms, share

BIG = 2**53 + 1


@pytest.mark.parametrize(
    ("expected", "sum_us", "number"),
    [
        (1, 1_000, 1),
        (0, 500, 1),
        (2, 1_500, 1),
        (2, 2_500, 1),
        (3, 2_501, 1),
        (0, 1_000, 2),
        (2, 3_000, 2),
        (2, 5_000, 2),
        (333, 1_000_000, 3),
        (667, 2_000_000, 3),
        (None, 0, 0),
        (9_007_199_254_741, BIG * 1000, 1000),
    ],
)
def test_a_mean_is_exact_and_rounded_half_even(expected: int | None, sum_us: int, number: int) -> None:
    frame = pl.DataFrame({"sum": [sum_us], "n": [number]}, schema={"sum": pl.Int64, "n": pl.Int64})
    assert [expected] == frame.select(mean_ms("sum", "n")).to_series().to_list()


@settings(derandomize=True, max_examples=50)
@given(sum_us=st.integers(min_value=0, max_value=2**60), number=st.integers(min_value=1, max_value=10**9))
def test_a_mean_is_that_of_fractions(sum_us: int, number: int) -> None:
    frame = pl.DataFrame({"sum": [sum_us], "n": [number]}, schema={"sum": pl.Int64, "n": pl.Int64})
    assert frame.select(mean_ms("sum", "n")).item() == round(Fraction(sum_us, number * 1000))


@pytest.mark.parametrize(
    ("expected", "us"), [(0, 0), (0, 499), (0, 500), (1, 501), (2, 1_500), (2, 2_500), (None, None)]
)
def test_a_time_is_rounded_half_even_to_milliseconds(expected: int | None, us: int | None) -> None:
    frame = pl.DataFrame({"us": [us]}, schema={"us": pl.Int64})
    assert [expected] == frame.select(rounded_ms("us")).to_series().to_list()


def test_a_share_of_nothing_is_none() -> None:
    frame = pl.DataFrame({"part": [0, 1, 3], "whole": [0, 4, 3]})
    assert [None, 0.25, 1.0] == frame.select(share(pl.col("part"), pl.col("whole"))).to_series().to_list()
