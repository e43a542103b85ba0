"""Solving for shares by labels: if a peer can be followed over rows, its weight in the industry's figure comes out.

An industry rate is the sum over Members of share times rate. One row is one equation with as many unknowns as there
are peers; rows in which peers keep their labels make as many equations as rows. With twice as many of them as labels,
and each met to the last digit that is printed, the weights are the shares: 62 daily points give seven suppliers' away.
Anything may be such a label: a column the contract does not know, the place in a list, a pseudonym.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dcc_analytics.render.attack.finished import PACK, Release, is_of_others
from dcc_analytics.render.attack.parts import CELLS, Cells
from dcc_analytics.render.files import FILES

#: Rates of peers are rounded to three decimals, and so is whatever is a mean of them; the sixth is the industry's.
_TOLERANCE: Final = 0.0006
_OVERDETERMINED: Final = 2
_PEER_VALUES: Final = "peer_values"
_SERVICE: Final = ("process", "srv", "variant")


@dataclass(frozen=True, slots=True)
class Series:
    """Rates of labelled peers, row by row, beside the industry's.

    Attributes:
        file: that holds the labels.
        label: the column they are, or are in.
        labels: of peers, in the order of ``rates``' columns.
        rates: rows by peers.
        industry: of each row.
        month, pack: the month and the place of a pack that has them.
    """

    file: str
    label: str
    labels: tuple[str, ...]
    rates: NDArray[np.float64]
    industry: NDArray[np.float64]
    month: str
    pack: int

    def weights(self) -> NDArray[np.float64] | None:
        """Return the share of each label; None where the rows do not tell, or do not fit."""
        rows, peers = self.rates.shape
        if not peers or rows < _OVERDETERMINED * peers:
            return None
        system = np.vstack([self.rates, np.ones(peers)])
        solved, _, rank, _ = np.linalg.lstsq(system, np.append(self.industry, 1.0), rcond=1e-9)
        if rank < peers or np.abs(self.rates @ solved - self.industry).max() > _TOLERANCE:
            return None
        return np.asarray(solved, np.float64)


def series(months: list[Release], role: str) -> Iterator[Series]:
    """Yield what may be labelled series in the packs of a Role over several months."""
    for cells in CELLS:
        rows = _over(months, role, cells.file)
        yield from _in_columns(rows, cells)
    yield from _in_lists(months, role)


def _over(months: list[Release], role: str, name: str) -> pl.DataFrame:
    return pl.concat(
        [each.rows(role, name).with_columns(pl.lit(each.month).alias("month")) for each in months], how="diagonal"
    )


def _failure_rate(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the industry's failure rate as a number; those without one are left out."""
    told = "industry_failure_rate" if "industry_failure_rate" in rows.columns else "industry_success_rate"
    if told not in rows.columns:
        return rows.clear().with_columns(industry=pl.lit(None, pl.Float64))
    rate = pl.col(told).cast(pl.Float64, strict=False)
    return rows.with_columns(industry=rate if "failure" in told else 1 - rate).drop_nulls("industry")


def _in_columns(rows: pl.DataFrame, cells: Cells) -> Iterator[Series]:
    """Yield series each in a column of its own, which the contract does not know."""
    file = FILES[cells.file]
    known = {*file.header, PACK, "group", "month"}
    unknown = [name for name in rows.columns if name not in known and is_of_others(name, file)]
    if not unknown:
        return
    numbers = [pl.col(name).cast(pl.Float64, strict=False) for name in unknown]
    seen = _failure_rate(rows).unique(["month", *cells.key], keep="first", maintain_order=True).with_columns(numbers)
    labels = [name for name in unknown if seen[name].null_count() < seen.height]
    for _, of in seen.drop_nulls(labels).group_by(cells.of or cells.cell, maintain_order=True):
        rates, failed = of.select(labels).to_numpy(), of["industry"].to_numpy()
        for industry in (failed, 1 - failed):  # nobody says which of the two the columns hold
            yield Series(file.file_name, labels[0], tuple(labels), rates, industry, of["month"][-1], of[PACK][-1])


def _in_lists(months: list[Release], role: str) -> Iterator[Series]:
    """Yield series told apart by a column of the list of peers' values: its position, or whatever else is there."""
    values = _over(months, role, _PEER_VALUES).filter(pl.col("measure") == "failure_rate")
    known = {*_SERVICE, "measure", "value", PACK, "group", "month"}
    rows = _failure_rate(_over(months, role, "round_trips_monthly")).unique(["month", *_SERVICE], keep="first")
    for label in [name for name in values.columns if name not in known]:
        listed = values.unique(["month", *_SERVICE, label], keep="first", maintain_order=True).drop_nulls(label)
        if listed.is_empty() or listed.height == listed.select("month", *_SERVICE).n_unique():
            continue
        wide = listed.with_columns(pl.col("value").cast(pl.Float64)).pivot(
            label, index=["month", *_SERVICE], values="value", sort_columns=True
        )
        labels = [name for name in wide.columns if name not in {"month", *_SERVICE}]
        seen = wide.join(rows.select("month", *_SERVICE, "industry"), on=["month", *_SERVICE], nulls_equal=True)
        rates = seen.select(labels).fill_null(0).to_numpy()
        industry, last = seen["industry"].to_numpy(), listed.tail(1)
        yield Series(f"{_PEER_VALUES}.csv", label, tuple(labels), rates, industry, last["month"][0], last[PACK][0])
