"""The attack by subtraction: a total and its parts.

Knows: all Members' own counts in each row, which the operator has by reading all packs; so it knows how many owner
    groups a figure is of, without asking whoever decided to print it.
Tries: each printed figure of others, and what is left of a month's service or Alert when a printed day or split is
    taken from it (7.6).
Succeeds: where a figure is printed, or can be had by subtraction, that is of fewer owner groups than the rule set
    asks for, or of one or two that dominate it (7.3, 7.4).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from dcc_analytics.render.attack.finding import Finding
from dcc_analytics.render.attack.finished import PACK, Release
from dcc_analytics.render.metric_file import METRICS_FILE
from dcc_analytics.snapshot.rules import IndustryRules, RuleSet

_SERVICE: Final = ("process", "srv", "variant")
_ALERT: Final = ("kind", "code")
_PEER_VALUES: Final = "peer_values"
_MODEL: Final = ("device_type", "manufacturer", "model")
_VOLUME, _TIMED, _MEDIAN, _QUARTILES = "volume", "timed", "median", "quartiles"


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows of a file that are compared with others.

    Attributes:
        file: its name.
        key: what tells rows apart.
        counted: own columns that add up to the row's requests, Alerts or Devices.
        rated: own columns that add up to its outcomes, those that succeeded first.
        timed: own column of the number of times; empty if there is none.
        cell: the columns by which others are counted.
        total: the file a row is part of, by the columns ``of``.
        of: those.
        rate: the column of the industry's part of ``rated`` that is in its first column, by ``cell``.
    """

    file: str
    key: tuple[str, ...]
    counted: tuple[str, ...]
    rated: tuple[str, ...]
    timed: str
    cell: tuple[str, ...]
    total: str = ""
    of: tuple[str, ...] = ()
    rate: str = "industry_success_rate"

    def rule_of(self, figure: str) -> str:
        """Return by which rule a figure may be printed; empty for what is no figure."""
        if figure in {"peers", "benchmark_status"}:
            return ""
        if figure.startswith("peer_"):  # the list of peers' values among them
            return _MEDIAN if figure.endswith("median") else _QUARTILES
        if not figure.startswith("industry_"):
            return ""
        return _TIMED if figure.removesuffix("_s").endswith(("best", "worst", "median")) else _VOLUME


_REQUESTS: Final = (("requests",), ("successes", "failures"), "rtt_n")
_ALERTS: Final = (("delivered", "failed"), ("delivered", "failed"), "delivery_n")
_METRICS: Final = (("denominator",), ("denominator",), "")
_DAILY: Final = ("day", *_SERVICE, "meter_type", "region", "smets_version")
CELLS: Final = (
    Cells("round_trips_monthly", _SERVICE, *_REQUESTS, _SERVICE),
    Cells("round_trips_daily", _DAILY, *_REQUESTS, _DAILY, "round_trips_monthly", _SERVICE),
    Cells("alerts_monthly", _ALERT, *_ALERTS, _ALERT),
    Cells("alerts_daily", ("day", *_ALERT), *_ALERTS, ("day", *_ALERT), "alerts_monthly", _ALERT),
    Cells("metrics", METRICS_FILE.key, *_METRICS, METRICS_FILE.key),
    Cells(
        "inventory_models", (*_MODEL, "firmware_version"), ("devices",), ("devices",), "", _MODEL, rate="industry_share"
    ),
)


def parts(release: Release) -> Iterator[Finding]:
    """Yield figures that are of too few owner groups, or from which such a figure can be had."""
    for role in release.roles:
        for cells in CELLS:
            yield from _printed(release, role, cells)
        yield from _listed(release, role)


def _printed(release: Release, role: str, cells: Cells) -> Iterator[Finding]:
    shown = printed_figures(release, role, cells)
    if shown.is_empty():
        return
    judged = _judged(own_counts(release, role, cells, cells.cell), cells.cell, release.rules)
    yield from _unsafe(release, role, cells, shown, judged, what="it is of too few owner groups, or dominated")
    if cells.total:
        left = _left_over(release, role, cells, shown.select(cells.key).unique())
        judged = _judged(left, cells.key, release.rules)
        what = f"taken from {cells.total}.csv it leaves a figure of too few owner groups, or dominated"
        yield from _unsafe(release, role, cells, shown, judged, what=what)


def _listed(release: Release, role: str) -> Iterator[Finding]:
    """Yield services whose list of peers' values is of too few owner groups."""
    cells = CELLS[0]
    listed = release.rows(role, _PEER_VALUES).group_by(cells.key).agg(pl.col(PACK).min())
    shown = listed.with_columns(figure=pl.lit(_PEER_VALUES))
    judged = _judged(own_counts(release, role, cells, cells.cell), cells.cell, release.rules)
    listing = replace(cells, file=_PEER_VALUES)
    yield from _unsafe(release, role, listing, shown, judged, what="its values of peers are of too few owner groups")


def printed_figures(release: Release, role: str, cells: Cells) -> pl.DataFrame:
    """Return every figure of others that is printed: key, ``figure``, ``value`` and the first pack it is in."""
    rows = release.rows(role, cells.file)
    figures = [name for name in rows.columns if cells.rule_of(name)]
    if not figures:
        return pl.DataFrame(schema={**dict.fromkeys((*cells.key, "figure", "value"), pl.String), PACK: pl.Int32})
    first = rows.group_by(cells.key).agg(pl.col(PACK).min(), *(pl.col(name).drop_nulls().first() for name in figures))
    return first.unpivot(figures, index=[*cells.key, PACK], variable_name="figure").drop_nulls("value")


def own_counts(release: Release, role: str, cells: Cells, key: Sequence[str], file: str = "") -> pl.DataFrame:
    """Return the own counts of Members by a key: ``n``, outcomes and those ``done``, ``times``; by pack and group."""
    rows = release.rows(role, file or cells.file)

    def added(names: Sequence[str]) -> pl.Expr:
        return pl.sum_horizontal(pl.col(name).cast(pl.Int64, strict=False).fill_null(0) for name in names).sum()

    timed = added([cells.timed]) if cells.timed else pl.lit(0)
    return rows.group_by(*key, PACK, "group").agg(
        added(cells.counted).alias("n"),
        added(cells.rated).alias("rated"),
        added(cells.rated[:1]).alias("done"),
        timed.alias("times"),
    )


def _left_over(release: Release, role: str, cells: Cells, asked: pl.DataFrame) -> pl.DataFrame:
    """Return what each Member has left of a total, for the rows asked for, where anybody has anything left."""
    totals = own_counts(release, role, cells, cells.of, cells.total)
    taken = own_counts(release, role, cells, cells.key)
    left = asked.join(totals, on=cells.of, nulls_equal=True).join(
        taken, on=(*cells.key, PACK, "group"), how="left", suffix="_taken", nulls_equal=True
    )
    counts = ("n", "rated", "times")
    return left.with_columns(pl.col(name) - pl.col(f"{name}_taken").fill_null(0) for name in counts).filter(
        pl.col("n").sum().over(cells.key) > 0
    )


def _judged(counts: pl.DataFrame, key: Sequence[str], rules: RuleSet) -> pl.DataFrame:
    """Return for each cell whether figures of each kind may be had of it."""
    groups = counts.group_by(*key, "group").agg(pl.col("n").sum(), pl.col("times").sum())
    volumes = groups.group_by(key).agg(_passes(rules.industry), (pl.col("times") > 0).sum().alias("timed_groups"))
    is_peer = (pl.col("n") >= rules.peers.requests) & (pl.col("rated") > 0)
    peers = counts.group_by(key).agg(pl.col("group").filter(is_peer).n_unique().alias("peer_groups"))
    return volumes.join(peers, on=key, nulls_equal=True).select(
        *key,
        _VOLUME,
        (pl.col("timed_groups") >= rules.industry.timed_groups).alias(_TIMED),
        (pl.col("peer_groups") >= rules.peers.median_groups).alias(_MEDIAN),
        (pl.col("peer_groups") >= rules.peers.quartile_groups).alias(_QUARTILES),
    )


def _passes(rules: IndustryRules) -> pl.Expr:
    """Return whether the owner groups of a cell are many enough and no two too large, their counts being ``n``."""
    number, total, largest = pl.col("n"), pl.col("n").sum(), pl.col("n").max()
    two = number.top_k(2).sum()
    many = (number > 0).sum() >= rules.groups
    free = (100 * two < rules.largest_two_percent * total) & (100 * (total - two) >= rules.p_percent * largest)
    return (many & free).alias(_VOLUME)


def _unsafe(
    release: Release, role: str, cells: Cells, shown: pl.DataFrame, judged: pl.DataFrame, *, what: str
) -> Iterator[Finding]:
    """Yield the printed figures whose cells are judged not to bear them."""
    on = [name for name in judged.columns if name in cells.key]
    beside = shown.join(judged, on=on, nulls_equal=True).sort(*cells.key, "figure")
    packs = release.of(role)
    for row in beside.iter_rows(named=True):
        if not row[cells.rule_of(row["figure"])]:
            key = "|".join(row[name] or "" for name in cells.key)
            yield Finding(packs[row[PACK]].name, f"{cells.file}.csv", key, row["figure"], what)
