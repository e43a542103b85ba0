"""Metrics of the catalogue, computed from the month's cells at their finest grain. Pure.

Every aggregate is brought to the counts that the contract's own tables are compared by: what its result is divided by
stands where Service Requests do, what it counts of them where failures do. So benchmarks, complements and disclosure
control are the same lines, and every threshold is one on the *denominator*.

A metric with a split (``Observed.splits``), by filter or by dimension, is a part of a total (contract 7.6): of the same
without any split, and, with a filter and a dimension, of the filtered one as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import polars as pl
from fastdigest import TDigest

from dcc_analytics.catalogue.metrics import DIMENSIONS, FRACTIONS, OBSERVED, Filter, Metric
from dcc_analytics.snapshot.alerts import Alerts
from dcc_analytics.snapshot.benchmarks import by_member, median_ms, parts_compared
from dcc_analytics.snapshot.disclosure import band, coarse_ms, few, first_reason, shown
from dcc_analytics.snapshot.earlier import Before
from dcc_analytics.snapshot.exact import mean_ms, rounded_ms, share
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.round_trips import RoundTrips
from dcc_analytics.snapshot.rules import RuleSet

METRICS: Final = "metrics"
_MEMBER: Final = ("party", "role")
#: The columns of ``metrics``; what a metric has not is empty, or null where it is no text.
SCHEMA: Final[Mapping[str, Any]] = {
    "party": pl.String, "role": pl.String, "metric": pl.String, "version": pl.Int64, "measure": pl.String,
    **dict.fromkeys(DIMENSIONS, pl.String), "day": pl.Date, "numerator": pl.Int64, "denominator": pl.Int64,
    "result": pl.Float64, "industry_result": pl.Float64, "peer_result_p25": pl.Float64,
    "peer_result_median": pl.Float64, "peer_result_p75": pl.Float64, "peers": pl.String, "benchmark_status": pl.String,
}  # fmt: skip
_TIMES: Final = {"rtt_n": 0, "rtt_sum_us": 0, "rtt_min_us": None, "rtt_max_us": None}
_TIME: Final = "time_ms"
#: The figures of each comparison, with the reason for which they are withheld.
_COMPARED: Final = (
    ("industry", "withheld", ("industry_result",)),
    ("median", "unmatched", ("peer_result_median",)),
    ("quartiles", "unranked", ("peer_result_p25", "peer_result_p75")),
)


class MonthCells(NamedTuple):
    """What is observed in a month: cells, and digests of times by the columns that name them, by kind."""

    cells: Mapping[str, pl.DataFrame]
    digests: Mapping[str, Mapping[Any, TDigest]]

    @classmethod
    def of(cls, trips: RoundTrips, alerts: Alerts, directory: Directory) -> "MonthCells":
        """Return the cells of a month; a failure stands where a request does."""
        groups = {party: directory.party(party).group for party in trips.failures["party"].unique()}
        failures = trips.failures.with_columns(
            pl.col("party").replace_strict(groups, return_dtype=pl.String).alias("group"),
            pl.col("failures").alias("requests"),
            *(pl.lit(value, pl.Int64).alias(name) for name, value in _TIMES.items()),
        )
        return cls(
            {"round_trips": trips.cells, "alerts": alerts.cells, "failures": failures},
            {"round_trips": trips.digests, "alerts": alerts.digests},
        )


class MetricCells(NamedTuple):
    """The benchmarks of a metric: its id, their cells, and the key of those."""

    metric: str
    cells: pl.DataFrame
    key: tuple[str, ...]


def metrics_table(
    metrics: Iterable[Metric], month: MonthCells, rules: RuleSet, before: Before
) -> tuple[pl.DataFrame, list[MetricCells]]:
    """Return the figures of metrics by Member, what may not be shown being null; and the cells they are compared in.

    Args:
        metrics: inside the language.
        month: what was observed.
        rules: what may be shown of others.
        before: which cells are withheld for what was told before, each metric under ``told_as``.

    Returns:
        Columns of ``SCHEMA``, sorted; and the cells of those that are compared.
    """
    tables, compared = [pl.DataFrame(schema=SCHEMA)], []
    for metric in metrics:
        rows, cells = _figures(metric, month, rules, before)
        tables.append(rows)
        if cells is not None:
            compared.append(MetricCells(metric.id, cells, ("role", *metric.dimensions)))
    return pl.concat(tables).sort(list(SCHEMA)), compared


def told_as(metric: str, version: int) -> str:
    """Return the name under which a metric's cells were told before: of another version they are others."""
    return f"{METRICS}/{metric}/{version}"


def _figures(
    metric: Metric, month: MonthCells, rules: RuleSet, before: Before
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    key = ("role", *metric.dimensions)
    members = _counted(metric, month, metric.filter, key)
    own_digests = _digests(metric, month, own=True)
    own = _with_result(members, own_digests, ("party", *key), metric)
    cells = None
    if metric.compares("industry"):
        told = before(told_as(metric.id, metric.version), members, key)
        cells = parts_compared(members, _totals(metric, month), key, rules, told)
        cells = _judged(_with_industry(cells, _digests(metric, month, own=False), key, metric, rules), metric, rules)
        own = own.join(cells.drop("total"), on=key, how="left")
    return own.select(_printed(metric, own.columns)), cells


def _counted(metric: Metric, month: MonthCells, kept: Filter, key: Sequence[str]) -> pl.DataFrame:
    """Return counts by Member and a key: ``requests`` the denominator, ``failures`` what is counted of it."""
    cells = month.cells[metric.observed].filter(_matches(kept))
    whole, part = pl.col("requests"), pl.lit(0, pl.Int64)
    if metric.aggregate == "rate":
        whole = pl.col("targeted") if metric.of == "in_time" else pl.col("successes") + pl.col("failures")
        part = pl.col(metric.of)
    elif metric.aggregate == "share":
        part = pl.when(_matches(metric.part)).then(whole).otherwise(0)
    elif metric.aggregate != "count":
        whole = pl.col("rtt_n")
    counted = cells.select(
        "party", "group", *key, whole.alias("requests"), part.alias("failures"), (whole - part).alias("successes"),
        *_TIMES,
    )  # fmt: skip
    return by_member(counted, key).filter(pl.col("requests") > 0)


def _matches(kept: Filter) -> pl.Expr:
    return pl.all_horizontal(pl.lit(value=True), *(pl.col(name).is_in(values) for name, values in kept.items()))


def _totals(metric: Metric, month: MonthCells) -> list[tuple[pl.DataFrame, Sequence[str]]]:
    """Return what a metric is a part of; nothing if it has no split."""
    splits = OBSERVED[metric.observed].splits
    unsplit = {name: values for name, values in metric.filter.items() if name not in splits}
    key = ("role", *(name for name in metric.dimensions if name not in splits))
    divided, filtered = len(key) <= len(metric.dimensions), unsplit != metric.filter
    wholes = [unsplit] if divided or filtered else []
    wholes += [metric.filter] if divided and filtered else []
    return [(_counted(metric, month, kept, key), key) for kept in wholes]


def _digests(metric: Metric, month: MonthCells, *, own: bool) -> dict[tuple[str, ...], TDigest]:
    """Return the times of a quantile merged by the columns of its key, the Party first if they are Members' own."""
    merged: dict[tuple[str, ...], TDigest] = {}
    if metric.aggregate != "quantile_time":
        return merged
    names = (*_MEMBER, *OBSERVED[metric.observed].named)
    wanted = [names.index(name) for name in ("role", *metric.dimensions)]
    for of, digest in sorted(month.digests[metric.observed].items(), key=lambda item: item[0]):
        if all(of[names.index(name)] in values for name, values in metric.filter.items()):
            place = (*of[:1], *(of[at] for at in wanted)) if own else tuple(of[at] for at in wanted)
            if place in merged:
                merged[place].merge_inplace(digest)
            else:
                merged[place] = digest.copy()
    return merged


def _with_quantile(
    frame: pl.DataFrame, digests: Mapping[tuple[str, ...], TDigest], key: Sequence[str], metric: Metric
) -> pl.Series:
    found = [median_ms(digests.get(of), metric.rank_percent / 100) for of in frame.select(key).iter_rows()]
    return pl.Series(_TIME, found, pl.Int64)


def _with_result(
    members: pl.DataFrame, digests: Mapping[tuple[str, ...], TDigest], key: Sequence[str], metric: Metric
) -> pl.DataFrame:
    """Return Members' own figures in ``result``; a count has none but its numerator."""
    times = {
        "mean_time": mean_ms("rtt_sum_us", "rtt_n"), "best_time": rounded_ms("rtt_min_us"),
        "worst_time": rounded_ms("rtt_max_us"),
    }  # fmt: skip
    if metric.aggregate in FRACTIONS:
        return members.with_columns(share(pl.col("failures"), pl.col("requests")).alias("result"))
    if metric.aggregate in times:
        members = members.with_columns(times[metric.aggregate].alias(_TIME))
    elif metric.aggregate == "quantile_time":
        members = members.with_columns(_with_quantile(members, digests, key, metric))
    else:
        return members.with_columns(pl.lit(None, pl.Float64).alias("result"))
    return members.with_columns((pl.col(_TIME) / 1000).alias("result"))


def _with_industry(
    cells: pl.DataFrame, digests: Mapping[tuple[str, ...], TDigest], key: Sequence[str], metric: Metric, rules: RuleSet
) -> pl.DataFrame:
    """Return cells with ``industry_result``, rounded where the contract rounds it, and not withheld yet."""
    extremes = {"best_time": "rtt_min_us", "worst_time": "rtt_max_us"}
    if metric.aggregate in FRACTIONS:
        return cells.with_columns(pl.col("industry_failure_rate").alias("industry_result"))
    if metric.aggregate in extremes:
        found = [None if us is None else coarse_ms(us, rules.rounding) for us in cells[extremes[metric.aggregate]]]
        times = pl.Series(_TIME, found, pl.Int64)
    elif metric.aggregate == "quantile_time":
        times = _with_quantile(cells, digests, key, metric)
    else:
        times = cells["industry_rtt_mean_ms"]
    return cells.with_columns(
        (times / 1000).alias("industry_result"),
        pl.coalesce("withheld", few("timed_groups", rules.industry.timed_groups)).alias("withheld"),
    )


def _judged(cells: pl.DataFrame, metric: Metric, rules: RuleSet) -> pl.DataFrame:
    """Return cells with the figures of a metric's comparison where they may be shown, and why the others are not."""
    compared = [each for each in _COMPARED if metric.compares(each[0])]
    reasons = [reason for _, reason, _ in compared]
    judged = cells.rename({f"peer_failure_rate_{name}": f"peer_result_{name}" for name in ("p25", "median", "p75")})
    judged = judged.with_columns(
        pl.coalesce("unmatched", few("peer_groups", rules.peers.quartile_groups)).alias("unranked"),
        band("peer_groups", rules.peers).alias("peers"),
    )
    return judged.select(
        "role", *metric.dimensions, "total", *reasons,
        *(shown(figure, reason) for _, reason, figures in compared for figure in figures),
        *(["peers"] if metric.compares("median") else []),
        first_reason(*reasons).alias("benchmark_status"),
    )  # fmt: skip


def _printed(metric: Metric, known: Sequence[str]) -> list[pl.Expr]:
    """Return the columns of ``SCHEMA`` for a metric."""
    is_count = metric.aggregate == "count"
    said: dict[str, pl.Expr] = {
        "metric": pl.lit(metric.id), "version": pl.lit(metric.version), "measure": pl.lit(metric.measure),
        **{name: pl.lit("") for name in DIMENSIONS if name not in metric.dimensions and name != "day"},
        "numerator": pl.col("requests") if is_count else pl.lit(None),
        "denominator": pl.lit(None) if is_count else pl.col("requests"),
    }  # fmt: skip
    if metric.aggregate in FRACTIONS:
        said["numerator"] = pl.col("failures")
    columns = {name: said.get(name, pl.col(name) if name in known else pl.lit(None)) for name in SCHEMA}
    return [value.cast(SCHEMA[name]).alias(name) for name, value in columns.items()]
