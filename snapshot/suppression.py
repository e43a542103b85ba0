"""What disclosure control costs: which cells lack which figures of others, and by which rule. Pure; for the operator.

A cell is what has one benchmark: a Role's service, day and split, Alert or firmware. Its figures fall into four sets,
each shown or withheld as a whole. Of what is withheld only that it is, never a value.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from dcc_analytics.snapshot.disclosure import OK

#: The sets of figures by the column of a cell that says why they are withheld.
FIGURES: Final[Mapping[str, str]] = {
    "withheld": "industry",  # rates and the mean time, weighted by volume
    "untimed": "industry_times",  # best, worst and median
    "unmatched": "peer_median",
    "unranked": "peer_quartiles",  # and the values of peers
}


def withheld_cells(cells: pl.DataFrame, key: Sequence[str]) -> list[tuple[str, str]]:
    """Return (cell, reason) of every cell that lacks a figure."""
    missing = cells.filter(pl.col("benchmark_status") != OK).sort(key)
    return [("|".join(map(str, row[:-1])), row[-1]) for row in missing.select(*key, "benchmark_status").iter_rows()]


def suppression(table: str, cells: pl.DataFrame) -> list[dict[str, Any]]:
    """Return for each Role, set of figures and reason how many cells it holds for.

    Args:
        table: what the cells are of.
        cells: each with its Role, its ``total`` of Service Requests, Alerts or Devices, and columns of ``FIGURES``.

    Returns:
        Table, Role, figures, ``reason`` (``ok``: shown), ``cells`` and their ``total``; sorted.
    """
    counted = [
        cells.group_by("role", pl.col(column).fill_null(OK).alias("reason"))
        .agg(pl.len().cast(pl.Int64).alias("cells"), pl.col("total").sum().cast(pl.Int64))
        .select(pl.lit(table).alias("table"), "role", pl.lit(name).alias("figures"), "reason", "cells", "total")
        for column, name in FIGURES.items()
        if column in cells.columns
    ]
    return pl.concat(counted).sort("role", "figures", "reason").to_dicts()
