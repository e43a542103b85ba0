"""How far estimates of two foldings of the same events may be apart, and which differences that explains.

Medians and quantiles of times come from t-digests, which hang on how events were cut into commits and partitions, and
have no proven bound. Whatever is farther apart than has been measured is a figure that is another.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from dcc_analytics.snapshot.causes import ESTIMATED
from dcc_analytics.snapshot.changes import CHANGED, MEMBER, as_text
from dcc_analytics.snapshot.compare import Version

#: By how much of the greater two estimates may differ. Digests of 200 centroids over 300 to 500,000 times, cut into
#: 1 to 12 partitions and into commits of 50 to 100,000, were 3.1 % apart at most (a 95 % quantile of lognormal times
#: with sigma 2), and up to 200 times the same. Where a median falls between two peaks they may lie anywhere between
#: those: that is told as a difference, which somebody has to look at. A test measures it again.
RELATIVE: Final = 0.05
#: Printed times are whole milliseconds.
_ROUNDED_MS: Final = 1.0
_ROUNDED_S: Final = 0.001
#: Why an estimate is another that is farther off.
BEYOND: Final = "an estimate beyond its bound"
#: Tables whose rows have the least and the greatest of the times that are estimated, and what leads those columns.
_EXTREMES: Final = {"round_trips_monthly": "rtt", "alerts_monthly": "delivery"}
#: Rows of the catalogue's metrics that are quantiles of times, and their columns that are.
_QUANTILES: Final = (pl.col("table") == "metrics") & pl.col("key").str.contains("measure=quantile_", literal=True)
_RESULTS: Final = pl.col("column").str.contains(r"^(industry_|peer_)?result")

Versions = Mapping[str, Version]


def judge(changes: Path, was: Versions, now: Versions, keys: Mapping[str, Sequence[str]]) -> None:
    """Say in a file of changes of each estimate whether it is within its bound.

    Args:
        changes: as ``compare`` has written it, with no cause that has moved. Its ``why`` becomes ``ESTIMATED`` where an
            estimate is within its bound and ``BEYOND`` where it is not: too far from the other, outside the least and
            the greatest time of its row, null against a value, or of a row that only one version has.
        was: the tables of the one.
        now: those of the other.
        keys: for each table the columns that tell a Member's rows apart.
    """
    estimated = (pl.col("why") == ESTIMATED) | (_QUANTILES & _RESULTS & (pl.col("row") == CHANGED))
    judged = pl.when(_within()).then(pl.lit(ESTIMATED)).otherwise(pl.lit(BEYOND))
    written = changes.with_suffix(".judged")
    (
        pl.scan_parquet(changes)
        .join(_extremes(was, now, keys).lazy(), on=["table", *MEMBER, "key"], how="left", maintain_order="left")
        .with_columns(why=pl.when(estimated).then(judged).otherwise("why"))
        .drop("least", "most")
        .sink_parquet(written)
    )
    written.rename(changes)


def _within() -> pl.Expr:
    before, after = (pl.col(name).cast(pl.Float64, strict=False) for name in ("was", "is"))
    rounded = pl.when(pl.col("column").str.ends_with("_ms")).then(_ROUNDED_MS).otherwise(_ROUNDED_S)
    bound = pl.max_horizontal(RELATIVE * pl.max_horizontal(before.abs(), after.abs()), rounded)
    near = before.is_finite() & after.is_finite() & ((after - before).abs() <= bound)
    inside = after.is_between(pl.col("least") - _ROUNDED_MS, pl.col("most") + _ROUNDED_MS)
    of_others = pl.col("column").str.starts_with("industry_")
    known = pl.col("least").is_not_null() & pl.col("most").is_not_null()
    return ((pl.col("row") == CHANGED) & near & (of_others | ~known | inside)).fill_null(value=False)


def _extremes(was: Versions, now: Versions, keys: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """Return the least and the greatest time of the rows of the newer versions, under the keys of their changes."""
    schema = dict.fromkeys(("table", *MEMBER, "key"), pl.String) | {"least": pl.Float64, "most": pl.Float64}
    found = [pl.DataFrame(schema=schema)]
    for name, lead in _EXTREMES.items():
        columns = [f"{lead}_best_ms", f"{lead}_worst_ms"]
        if name not in now or not {*MEMBER, *columns} <= {*now[name].columns}:
            continue
        known = {*was[name].columns, *now[name].columns} - {*MEMBER}
        key = [each for each in keys.get(name, ()) if each in known]
        table = now[name].scan().select(*MEMBER, *(each for each in key if each in now[name].columns), *columns)
        least, most = (pl.col(column).cast(pl.Float64) for column in columns)
        rows = as_text(table.collect(), key, columns)
        found.append(rows.select(*MEMBER, "key", table=pl.lit(name), least=least, most=most).select(list(schema)))
    return pl.concat(found)
