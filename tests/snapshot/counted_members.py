"""Counts of Members in one cell, as benchmarks are made of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

SERVICE = {"role": "IS", "process": "Meter Reads", "srv": "4.8.1", "variant": ""}
SPLIT = {"day": date(2026, 10, 5), "meter_type": "Electricity", "region": "North", "smets_version": "SMETS2+"}
Row = dict[str, Any]


def member(number: int, *, requests: int = 100, failures: int = 0, still_open: int = 0, **other: object) -> Row:
    """Return a Member's counts in the cell; each success took as many seconds as the Member's number."""
    successes = requests - failures - still_open
    seconds_us = number * 1_000_000
    return {
        "party": f"P{number:02d}", "group": f"P{number:02d}", **SERVICE, **SPLIT, "requests": requests,
        "successes": successes, "failures": failures, "open": still_open, "in_time": 0, "targeted": 0,
        "rtt_n": successes, "rtt_sum_us": successes * seconds_us, "rtt_min_us": seconds_us if successes else None,
        "rtt_max_us": seconds_us if successes else None, **other,
    }  # fmt: skip


def frame(members: Sequence[Row]) -> pl.DataFrame:
    counts = ("requests", "successes", "failures", "open", "in_time", "targeted", "rtt_n", "rtt_sum_us")
    schema = {name: pl.Int64 for name in (*counts, "rtt_min_us", "rtt_max_us")}  # noqa: C420 (reads as it is meant)
    return pl.DataFrame(list(members), schema_overrides=schema)


def equal_members(count: int, **other: object) -> list[Row]:
    """Return so many Members, number n with n failures of 100."""
    return [member(number, failures=number, **other) for number in range(1, count + 1)]  # type: ignore[arg-type]
