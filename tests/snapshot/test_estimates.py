"""Estimates are told apart from other figures only as far as they have been measured to be apart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from fastdigest import TDigest

from dcc_analytics.aggregators.digests import CENTROIDS
from dcc_analytics.snapshot.causes import ESTIMATED, UNKNOWN
from dcc_analytics.snapshot.changes import CAME, CHANGED
from dcc_analytics.snapshot.compare import COLUMNS, Version
from dcc_analytics.snapshot.estimates import BEYOND, RELATIVE, judge

KEYS = {"round_trips_monthly": ("srv",)}
CUTS = ((1, 5_000), (4, 50), (6, 500), (12, 100_000))
#: Times of several SRVs, a long tail, and answers at once beside those of Devices that sleep.
SHAPES: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "lognormal": lambda random, count: random.lognormal(15, 1, count),
    "long tail": lambda random, count: random.lognormal(15, 2, count),
    "two peaks": lambda random, count: random.normal(np.where(random.random(count) < 0.6, 2e7, 3e9), 2e6),
}


def merged(times: Any, home: Any, partitions: int, commit: int) -> TDigest:  # noqa: ANN401 (an array)
    """Return the digest of times that were cut into partitions and commits."""
    found = TDigest(max_centroids=CENTROIDS)
    for partition in range(partitions):
        own, digest = times[home % partitions == partition], TDigest(max_centroids=CENTROIDS)
        for start in range(0, len(own), commit):
            digest.batch_update(own[start : start + commit])
        if digest.n_values:
            found.merge_inplace(digest)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [200, 1_000, 30_000])
def test_quantiles_of_times_cut_otherwise_are_no_farther_apart_than_the_bound(shape: str, count: int) -> None:
    random = np.random.default_rng(count)
    for _ in range(5):
        times, home = SHAPES[shape](random, count), random.integers(0, 5_040, count)
        digests = [merged(times, home, *cut) for cut in CUTS]
        for rank in (0.05, 0.5, 0.95):
            found = [digest.quantile(rank) for digest in digests]
            apart = (max(found) - min(found)) / max(found)
            assert apart <= (RELATIVE if count > CENTROIDS else 1e-9)


def entry(column: str, was: str | None, now: str | None, **more: str) -> dict[str, str | None]:
    told = {"party": "P", "role": "IS", "table": "round_trips_monthly", "key": "srv=4.8.1", "row": CHANGED}
    return {**told, "column": column, "was": was, "is": now, "why": ESTIMATED, **more}


def why(folder: Path, changed: dict[str, str | None]) -> str:
    """Return why an entry is another, of a row whose times are 1 s to 10 s."""
    row = {"party": "P", "role": "IS", "srv": "4.8.1", "rtt_best_ms": 1_000, "rtt_worst_ms": 10_000}
    pl.DataFrame([row]).write_parquet(folder / "table.parquet")
    changes = folder / "changes.parquet"
    pl.DataFrame([changed], schema=dict.fromkeys(COLUMNS, pl.String)).write_parquet(changes)
    versions = {"round_trips_monthly": Version(folder / "table.parquet")}
    judge(changes, versions, versions, KEYS)
    told = pl.read_parquet(changes)
    assert list(COLUMNS) == told.columns
    return str(told["why"].item())


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (entry("rtt_median_ms", "2000", "2090"), ESTIMATED),
        (entry("rtt_median_ms", "2000", "2110"), BEYOND),
        (entry("rtt_median_ms", "2000", "200000"), BEYOND),
        (entry("rtt_median_ms", "3", "4"), BEYOND),  # near, and less than the best
        (entry("rtt_p95_ms", "9990", "10200"), BEYOND),
        (entry("rtt_p5_ms", "1010", "999"), ESTIMATED),  # rounded
        (entry("rtt_median_ms", "2000", None), BEYOND),
        (entry("rtt_median_ms", None, "2000"), BEYOND),
        (entry("industry_rtt_median_ms", "3", "4"), ESTIMATED),
        (entry("industry_rtt_median_ms", "3", "5"), BEYOND),
        (entry("value", "2.0", "2.05", table="peer_values", key="measure=rtt_median_s; position=1"), ESTIMATED),
        (entry("value", "2.0", "3.0", table="peer_values", key="measure=rtt_median_s; position=1"), BEYOND),
        (entry("value", None, "2.0", row=CAME, table="peer_values", key="measure=rtt_median_s; position=9"), BEYOND),
        (entry("result", "2.0", "2.05", table="metrics", key="measure=quantile_s", why=UNKNOWN), ESTIMATED),
        (entry("result", "2.0", "3.0", table="metrics", key="measure=quantile_s", why=UNKNOWN), BEYOND),
        (entry("numerator", "100", "101", table="metrics", key="measure=quantile_s", why=UNKNOWN), UNKNOWN),
        (entry("failures", "100", "101", why=UNKNOWN), UNKNOWN),
    ],
)
def test_an_estimate_is_one_within_its_bound_and_within_the_times_of_its_row(
    tmp_path: Path, changed: dict[str, str | None], expected: str
) -> None:
    assert expected == why(tmp_path, changed)
