"""Complements: a part is compared only where what is left of its total could be compared too (contract 7.6). Pure.

Who knows a total and one of its parts knows the rest. So what is left, Member by Member, has to pass the rule of each
figure: volume-weighted ones those of the industry, the peers' median the least number of groups. Where nothing is left
the part is the total, and there is nothing to learn.

A part's own figures are rates and times without volumes, so parts do not add up to what a third one would have to be
withheld for: of others no additive table is published.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from dcc_analytics.snapshot.disclosure import COMPLEMENT, industry_reason
from dcc_analytics.snapshot.rules import RuleSet

_COUNTS: Final = ("requests", "successes", "failures")


def with_complements(
    cells: pl.DataFrame,
    parts: pl.DataFrame,
    totals: pl.DataFrame,
    *,
    key: Sequence[str],
    total_key: Sequence[str],
    rules: RuleSet,
) -> pl.DataFrame:
    """Return cells with a further reason to withhold in ``withheld`` and, where it is there, in ``unmatched``.

    Args:
        cells: benchmarks by ``key``, with why they are withheld so far.
        parts: counts by Member and ``key``.
        totals: counts by Member and ``total_key``.
        key: of the cells.
        total_key: of what the cells are parts of; some of the columns of ``key``.
        rules: what may be shown.
    """
    reasons = [name for name in ("withheld", "unmatched") if name in cells.columns]
    asked = cells.filter(pl.any_horizontal(pl.col(name).is_null() for name in reasons)).select(key)
    left = _left_over(asked, parts, totals, key=key, total_key=total_key)
    found = _industry_left(left, key, rules).join(_peers_left(left, key, rules), on=key, how="left")
    return (
        cells.join(found, on=key, how="left")
        .with_columns(pl.coalesce(name, f"{name}_left").alias(name) for name in reasons)
        .drop("withheld_left", "unmatched_left")
    )


def _left_over(
    asked: pl.DataFrame, parts: pl.DataFrame, totals: pl.DataFrame, *, key: Sequence[str], total_key: Sequence[str]
) -> pl.DataFrame:
    """Return what each Member has left of a total when a cell is taken from it, where anybody has anything left."""
    taken = parts.select("party", *key, *(pl.col(name).alias(f"{name}_taken") for name in _COUNTS))
    left = [pl.col(name) - pl.col(f"{name}_taken").fill_null(0) for name in _COUNTS]
    return (
        asked.join(totals.select("party", "group", *total_key, *_COUNTS), on=total_key)
        .join(taken, on=("party", *key), how="left")
        .with_columns(left)
        .filter(pl.col("requests").sum().over(key) > 0)
    )


def _industry_left(left: pl.DataFrame, key: Sequence[str], rules: RuleSet) -> pl.DataFrame:
    by_group = left.group_by(*key, "group").agg(pl.col("requests").sum())
    cells = by_group.group_by(key).agg(
        (pl.col("requests") > 0).sum().alias("groups"),
        pl.col("requests").sum().alias("total"),
        pl.col("requests").max().alias("largest"),
        pl.col("requests").top_k(2).sum().alias("largest_two"),
    )
    return cells.select(*key, _told(industry_reason(rules.industry).is_not_null(), "withheld_left"))


def _peers_left(left: pl.DataFrame, key: Sequence[str], rules: RuleSet) -> pl.DataFrame:
    rated = (pl.col("requests") >= rules.peers.requests) & (pl.col("successes") + pl.col("failures") > 0)
    groups = left.group_by(key).agg(pl.col("group").filter(rated).n_unique().alias("groups"))
    return groups.select(*key, _told(pl.col("groups") < rules.peers.median_groups, "unmatched_left"))


def _told(fails: pl.Expr, name: str) -> pl.Expr:
    return pl.when(fails).then(pl.lit(COMPLEMENT)).otherwise(pl.lit(None, pl.String)).alias(name)
