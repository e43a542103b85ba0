"""Benchmarks: one for each cell of a Role and month, the same in every pack, the recipient included (contract 7.2).

What a cell lacks the right to show is null here already: no later step, table or page can give it away.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, TypeAlias

import polars as pl
from fastdigest import TDigest

from dcc_analytics.snapshot.alerts import AlertDigestOf
from dcc_analytics.snapshot.complements import with_complements
from dcc_analytics.snapshot.disclosure import (
    band,
    coarse_ms,
    few,
    first_reason,
    industry_reason,
    shown,
)
from dcc_analytics.snapshot.earlier import BEFORE
from dcc_analytics.snapshot.exact import mean_ms, share
from dcc_analytics.snapshot.peers import failure_rate, peer_values_of, peers_of, quartiles
from dcc_analytics.snapshot.round_trips import DigestOf
from dcc_analytics.snapshot.rules import IndustryRules, RuleSet
from dcc_analytics.snapshot.texts import as_text

SERVICE_KEY: Final = ("role", "process", "srv", "variant")
DAILY_KEY: Final = ("role", "day", "process", "srv", "variant", "meter_type", "region", "smets_version")
ALERT_KEY: Final = ("role", "kind", "code")
ALERT_DAILY_KEY: Final = ("role", "day", "kind", "code")

#: Digests by Member (its Party alone) and the columns of a key.
Digests: TypeAlias = Mapping[Any, TDigest]
_SUMMED: Final = ("requests", "successes", "failures", "rtt_n", "rtt_sum_us")
_ADDED: Final = (*_SUMMED, "open", "in_time", "targeted", "represented")


def by_member(cells: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return counts, sums and extremes by Member and the columns of a key."""
    summed = [name for name in _ADDED if name in cells.columns]
    return as_text(
        cells.group_by("party", "group", *key).agg(
            *(pl.col(name).sum() for name in summed), pl.col("rtt_min_us").min(), pl.col("rtt_max_us").max()
        )
    )


def monthly_benchmarks(
    members: pl.DataFrame, digests: dict[DigestOf, TDigest], rules: RuleSet, before: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the benchmarks of a month by ``SERVICE_KEY``, and the values of peers.

    Args:
        members: counts by Member and ``SERVICE_KEY``.
        digests: Round Trip Times in microseconds by Member and service.
        rules: what may be shown.
        before: see ``Earlier.withheld``.

    Returns:
        Columns as in ``round_trips_monthly``; and a table of ``peers.PEER_VALUES``.
    """
    peers = peers_of(members, digests, SERVICE_KEY, rules)
    cells = _compared(members, peers, digests, SERVICE_KEY, rules, before=before).with_columns(
        *(shown(f"peer_failure_rate_{name}", "unranked") for name in ("p25", "p75")),
        first_reason("withheld", "untimed", "unmatched", "unranked").alias("benchmark_status"),
    )
    told = peers if before is None else peers.join(before, on=SERVICE_KEY, how="anti")
    return cells, peer_values_of(told, SERVICE_KEY, rules)


def alert_benchmarks(
    members: pl.DataFrame, digests: dict[AlertDigestOf, TDigest], rules: RuleSet, before: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the benchmarks of a month's Alerts by ``ALERT_KEY``; an Alert stands where a request does.

    Args:
        members: counts by Member and ``ALERT_KEY``.
        digests: delivery times in microseconds by Member and Alert.
        rules: what may be shown.
        before: see ``Earlier.withheld``.
    """
    peers = peers_of(members, digests, ALERT_KEY, rules)
    return _compared(members, peers, digests, ALERT_KEY, rules, before=before).with_columns(
        first_reason("withheld", "untimed", "unmatched").alias("benchmark_status")
    )


def alert_daily_benchmarks(
    members: pl.DataFrame, months: pl.DataFrame, rules: RuleSet, before: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the benchmarks of each day's Alerts by ``ALERT_DAILY_KEY``.

    Args:
        members: counts by Member and ``ALERT_DAILY_KEY``.
        months: counts by Member and ``ALERT_KEY``, of which a day is a part.
        rules: what may be shown.
        before: see ``Earlier.withheld``.
    """
    cells = told_before(_industry(members, ALERT_DAILY_KEY, rules), before, ALERT_DAILY_KEY, "withheld")
    return with_complements(cells, members, months, key=ALERT_DAILY_KEY, total_key=ALERT_KEY, rules=rules).with_columns(
        *(shown(f"industry_{name}", "withheld") for name in ("success_rate", "rtt_mean_ms")),
        first_reason("withheld").alias("benchmark_status"),
    )


def _compared(
    members: pl.DataFrame,
    peers: pl.DataFrame,
    digests: Digests,
    key: Sequence[str],
    rules: RuleSet,
    *,
    before: pl.DataFrame | None,
) -> pl.DataFrame:
    """Return what a month's cells are compared with by a key, and why some of it is withheld."""
    cells = (
        _industry(members, key, rules)
        .join(_industry_times(members, digests, key, rules), on=key, how="left")
        .join(quartiles(peers, key, rules), on=key, how="left")
        .with_columns(pl.col("peer_groups").fill_null(0))
        .with_columns(
            # A cell without any time has nothing to withhold.
            pl.when(pl.col("timed_groups") > 0).then(few("timed_groups", rules.industry.timed_groups)).alias("untimed"),
            few("peer_groups", rules.peers.median_groups).alias("unmatched"),
            few("peer_groups", rules.peers.quartile_groups).alias("unranked"),
        )
    )
    return told_before(cells, before, key, "withheld", "untimed", "unmatched", "unranked").with_columns(
        *(shown(f"industry_{name}", "withheld") for name in ("success_rate", "failure_rate", "rtt_mean_ms")),
        *(shown(f"industry_rtt_{name}_ms", "untimed") for name in ("best", "worst", "median")),
        shown("peer_failure_rate_median", "unmatched"),
        band("peer_groups", rules.peers).alias("peers"),
    )


def daily_benchmarks(
    members: pl.DataFrame, months: pl.DataFrame, rules: RuleSet, before: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the benchmarks of each day and split by ``DAILY_KEY``; columns as in ``round_trips_daily``.

    Args:
        members: counts by Member and ``DAILY_KEY``.
        months: counts by Member and ``SERVICE_KEY``, of which day and split are a part.
        rules: what may be shown.
        before: see ``Earlier.withheld``.
    """
    cells = parts_compared(members, [(months, SERVICE_KEY)], DAILY_KEY, rules, before)
    return cells.with_columns(
        *(shown(f"industry_{name}", "withheld") for name in ("success_rate", "rtt_mean_ms")),
        shown("peer_failure_rate_median", "unmatched"),
        first_reason("withheld", "unmatched").alias("benchmark_status"),
    )


def parts_compared(
    members: pl.DataFrame,
    totals: Sequence[tuple[pl.DataFrame, Sequence[str]]],
    key: Sequence[str],
    rules: RuleSet,
    before: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return what cells that may be parts of others are compared with, and why not to; nothing is withheld yet.

    Args:
        members: counts by Member and the ``key`` of the cells.
        totals: what the cells are parts of: counts by Member and a key of their own, and that key.
        key: see ``members``.
        rules: what may be shown.
        before: see ``Earlier.withheld``.
    """
    rated = members.filter(pl.col("requests") >= rules.peers.requests).with_columns(failure_rate().alias("rate"))
    cells = (
        _industry(members, key, rules)
        .join(quartiles(rated, key, rules), on=key, how="left")
        .with_columns(pl.col("peer_groups").fill_null(0))
        .with_columns(few("peer_groups", rules.peers.median_groups).alias("unmatched"))
    )
    cells = told_before(cells, before, key, "withheld", "unmatched")
    for total, total_key in totals:
        cells = with_complements(cells, members, total, key=key, total_key=total_key, rules=rules)
    return cells


def told_before(cells: pl.DataFrame, before: pl.DataFrame | None, key: Sequence[str], *reasons: str) -> pl.DataFrame:
    """Return cells with what was told before as a further reason to withhold any figure of others."""
    if before is None:
        return cells
    told = cells.join(before, on=key, how="left")
    return told.with_columns(pl.coalesce(name, BEFORE).alias(name) for name in reasons).drop(BEFORE)


def _industry(members: pl.DataFrame, key: Sequence[str], rules: RuleSet) -> pl.DataFrame:
    """Return the volume-weighted figures of each cell, and in ``withheld`` why they may not be shown."""
    by_group = members.group_by(*key, "group").agg(
        *(pl.col(name).sum() for name in _SUMMED), pl.col("rtt_min_us").min(), pl.col("rtt_max_us").max()
    )
    largest = pl.col("requests").top_k(2)
    cells = by_group.group_by(key).agg(
        *(pl.col(name).sum() for name in _SUMMED if name != "requests"),
        pl.col("rtt_min_us").min(),
        pl.col("rtt_max_us").max(),
        (pl.col("requests") > 0).sum().cast(pl.Int64).alias("groups"),
        (pl.col("rtt_n") > 0).sum().cast(pl.Int64).alias("timed_groups"),
        (pl.col("successes") + pl.col("failures") > 0).sum().cast(pl.Int64).alias("outcome_groups"),
        pl.col("requests").sum().alias("total"),
        pl.col("requests").max().alias("largest"),
        largest.sum().alias("largest_two"),
    )
    outcomes = pl.col("successes") + pl.col("failures")
    return cells.with_columns(
        share(pl.col("successes"), outcomes).alias("industry_success_rate"),
        share(pl.col("failures"), outcomes).alias("industry_failure_rate"),
        mean_ms("rtt_sum_us", "rtt_n").alias("industry_rtt_mean_ms"),
        pl.coalesce(industry_reason(rules.industry), _few_outcomes(rules.industry)).alias("withheld"),
    ).drop("successes", "failures", "rtt_n", "rtt_sum_us")


def _few_outcomes(rules: IndustryRules) -> pl.Expr:
    """Return ``few`` where requests are of enough groups and what the figures are of is not, if the rules ask."""
    timed = pl.when(pl.col("timed_groups") > 0).then(few("timed_groups", rules.outcome_groups))
    return pl.coalesce(few("outcome_groups", rules.outcome_groups), timed)


def _industry_times(members: pl.DataFrame, digests: Digests, key: Sequence[str], rules: RuleSet) -> pl.DataFrame:
    """Return best, worst and median over all Members of a Role, rounded; whether they are shown is decided later."""
    merged: dict[tuple[str, ...], TDigest] = {}
    for (_, *cell), digest in sorted(digests.items(), key=lambda item: item[0]):
        of = tuple(cell)
        if of in merged:
            merged[of].merge_inplace(digest)
        else:
            merged[of] = digest.copy()
    extremes = members.group_by(key).agg(pl.col("rtt_min_us").min(), pl.col("rtt_max_us").max())
    rows = [
        (
            *cell,
            None if least is None else coarse_ms(least, rules.rounding),
            None if most is None else coarse_ms(most, rules.rounding),
            median_ms(merged.get(tuple(cell))),
        )
        for *cell, least, most in extremes.select(*key, "rtt_min_us", "rtt_max_us").iter_rows()
    ]
    names = ("industry_rtt_best_ms", "industry_rtt_worst_ms", "industry_rtt_median_ms")
    schema = dict.fromkeys(key, pl.String) | dict.fromkeys(names, pl.Int64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def median_ms(digest: TDigest | None, rank: float = 0.5) -> int | None:
    """Return a quantile of a digest of microseconds in milliseconds; None without a digest."""
    return None if digest is None else round(Fraction(digest.quantile(rank)) / 1000)
