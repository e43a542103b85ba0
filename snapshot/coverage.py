"""How much of R-BP-1 each Role gets: of its rows, with how many something can be compared. Pure."""

from typing import Any, Final

import polars as pl

_INDUSTRY: Final = pl.col("industry_failure_rate").is_not_null()
_MEDIAN: Final = pl.col("peer_failure_rate_median").is_not_null()
_QUARTILES: Final = pl.col("peer_failure_rate_p25").is_not_null()
_HISTORY: Final = pl.col("history_mean").is_not_null()


def coverage(monthly: pl.DataFrame) -> list[dict[str, Any]]:
    """Return for each Role how many rows its Members' packs have, and how many of them hold what.

    Args:
        monthly: the table ``round_trips_monthly`` of a snapshot, of all Members.

    Returns:
        By Role: ``rows``; those with the ``industry`` rate, the peers' ``median`` and ``quartiles``; those without any
        of these that have the Member's ``history_only``; and those with ``nothing``.
    """
    alone = ~(_INDUSTRY | _MEDIAN | _QUARTILES)
    return (
        monthly.group_by("role")
        .agg(
            pl.len().cast(pl.Int64).alias("rows"),
            _INDUSTRY.sum().cast(pl.Int64).alias("industry"),
            _MEDIAN.sum().cast(pl.Int64).alias("median"),
            _QUARTILES.sum().cast(pl.Int64).alias("quartiles"),
            (alone & _HISTORY).sum().cast(pl.Int64).alias("history_only"),
            (alone & ~_HISTORY).sum().cast(pl.Int64).alias("nothing"),
        )
        .sort("role")
        .to_dicts()
    )
