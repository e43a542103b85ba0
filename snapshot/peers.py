"""Peers: the Members with enough requests in a cell, each counted once (contract 7.4 and 7.5)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
from fastdigest import TDigest

from dcc_analytics.snapshot.disclosure import coarse_ms, coarse_quartiles, coarse_rate
from dcc_analytics.snapshot.exact import share
from dcc_analytics.snapshot.rules import Rounding, RuleSet

PEER_VALUES: Final = {
    "role": pl.String, "process": pl.String, "srv": pl.String, "variant": pl.String, "measure": pl.String,
    "position": pl.Int64, "value": pl.Float64,
}  # fmt: skip


def failure_rate() -> pl.Expr:
    """Return failures of all outcomes."""
    return share(pl.col("failures"), pl.col("successes") + pl.col("failures"))


def peers_of(members: pl.DataFrame, digests: Mapping[Any, TDigest], key: Sequence[str], rules: RuleSet) -> pl.DataFrame:
    """Return the Members with enough requests in a cell, their failure rate and median time."""
    peers = members.filter(pl.col("requests") >= rules.peers.requests).sort("party", *key)
    medians = [
        None if digest is None else coarse_ms(round(digest.quantile(0.5)), rules.rounding) / 1000
        for digest in map(digests.get, peers.select("party", *key).iter_rows())
    ]
    return peers.with_columns(failure_rate().alias("rate"), pl.Series("median_s", medians, pl.Float64))


def quartiles(peers: pl.DataFrame, key: Sequence[str], rules: RuleSet) -> pl.DataFrame:
    """Return quartiles of the peers' failure rates (linear, R's type 7), rounded, and how many groups they are of."""
    rated = peers.filter(pl.col("rate").is_not_null())
    cells = rated.group_by(key).agg(
        pl.col("group").n_unique().cast(pl.Int64).alias("peer_groups"), pl.col("failures"), pl.col("successes")
    )
    found = [
        coarse_quartiles(((failed, failed + done) for failed, done in zip(*outcomes, strict=True)), rules.rounding)
        for outcomes in cells.select("failures", "successes").iter_rows()
    ]
    names = [f"peer_failure_rate_{name}" for name in ("p25", "median", "p75")]
    frame = pl.DataFrame(found, schema=dict.fromkeys(names, pl.Float64), orient="row")
    return pl.concat([cells.drop("failures", "successes"), frame], how="horizontal")


def _rounded_rates(column: str, rounding: Rounding) -> pl.Expr:
    return pl.col(column).map_elements(lambda rate: coarse_rate(rate, rounding), return_dtype=pl.Float64)


def peer_values_of(peers: pl.DataFrame, key: Sequence[str], rules: RuleSet) -> pl.DataFrame:
    """Return the rounded values of each cell with enough groups, sorted and numbered; whose they are is gone."""
    tables = []
    for measure, column in (("failure_rate", "rate"), ("rtt_median_s", "median_s")):
        valued = peers.filter(pl.col(column).is_not_null())
        enough = pl.col("group").n_unique().over(key) >= rules.peers.quartile_groups
        named = (pl.lit(measure).alias("measure"), pl.col(column).alias("value"))
        kept = valued.filter(enough).select(*key, *named)
        if measure == "failure_rate":
            kept = kept.with_columns(_rounded_rates("value", rules.rounding))
        position = pl.col("value").rank("ordinal").over(key).cast(pl.Int64)
        tables.append(kept.with_columns(position.alias("position")).select(list(PEER_VALUES)))
    return pl.concat(tables).sort(list(PEER_VALUES))
