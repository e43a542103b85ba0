"""Two Members who tell each other their counts: what they know of a cell whose industry rate is printed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dcc_analytics.render.attack.finished import PACK, Release
from dcc_analytics.render.attack.parts import CELLS, Cells

#: Half a unit of the sixth decimal, and what a float adds.
_HALF: Final = 0.5e-6 + 1e-12
#: Above it so many totals fit a rate of six decimals that none is told.
LARGEST_TOTAL: Final = 3_000
#: How far what is known of market shares may be off.
_PUBLIC: Final = 0.05
#: How many times more, or less, a Member uses a service than its share of the market says.
_USAGE: Final = 2.0
_SEED: Final = 176

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Cell:
    """A printed industry rate, and what the operator knows the cell to be of.

    Attributes:
        file: it is in.
        row: what tells it apart.
        of: the service it is a part of.
        column: its rate is printed in.
        rate: the failure rate as printed.
        failures, outcomes: of each Member, in the order of packs; where the rate is a firmware's share, the Devices of
            the Model without it, and all.
    """

    file: str
    row: str
    of: str
    column: str
    rate: float
    failures: Counts
    outcomes: Counts

    @cached_property
    def totals(self) -> Counts:
        """The totals of which some whole number of failures has the rate."""
        return totals_of(self.rate)


def totals_of(rate: float) -> Counts:
    """Return the totals of which some whole number has a rate of six decimals.

    >>> totals_of(0.076923)[:3].tolist()
    [13, 26, 39]
    """
    totals = np.arange(1, LARGEST_TOTAL + 1)
    fits: Counts = totals[np.abs(np.rint(rate * totals) / totals - rate) <= _HALF]
    return fits


def printed(release: Release, role: str, cells: Cells) -> Iterator[Cell]:
    """Yield the cells whose industry rate is printed and whose total is small enough to come out.

    Where nothing failed, or everything, any total has the rate.
    """
    members, rows = len(release.of(role)), release.rows(role, cells.file)
    if cells.rate not in rows.columns:
        return
    rated = [pl.col(name).cast(pl.Int64, strict=False).fill_null(0) for name in cells.rated]
    counted = rows.select(
        *cells.key, PACK, pl.col(cells.rate).cast(pl.Float64, strict=False), rated[0].alias("done"),
        pl.sum_horizontal(rated).alias("outcomes"),
    )  # fmt: skip
    held = counted.group_by(*cells.cell, PACK).agg(pl.col("outcomes").sum())
    small = held.filter(pl.col("outcomes").sum().over(cells.cell) <= LARGEST_TOTAL)
    telling = counted.filter(pl.col(cells.rate) > 0, pl.col(cells.rate) < 1)
    shown = telling.group_by(cells.key, maintain_order=True).agg(pl.col(cells.rate).first())
    each_has = shown.join(small, on=cells.cell, nulls_equal=True, maintain_order="left").join(
        counted.select(*cells.key, PACK, "done"), on=(*cells.key, PACK), how="left", nulls_equal=True,
        maintain_order="left",
    )  # fmt: skip
    for key, cell in each_has.group_by(cells.key, maintain_order=True):
        failures, outcomes = np.zeros(members, np.int64), np.zeros(members, np.int64)
        outcomes[cell[PACK]] = cell["outcomes"]
        failures[cell[PACK]] = cell["outcomes"] - cell["done"].fill_null(0)
        named = dict(zip(cells.key, (str(each or "") for each in key), strict=True))
        row, of = "|".join(named.values()), "|".join(named[name] for name in cells.of or cells.key)
        yield Cell(f"{cells.file}.csv", row, of, cells.rate, 1 - cell[cells.rate][0], failures, outcomes)


@dataclass(frozen=True, slots=True)
class Coalition:
    """Two Members.

    Attributes:
        places: of the attacker and its peer among the packs.
        others: places of the others.
        market: the share the two have.
        less, more: the least and the most of a cell that each other one has, as a part of its total.
        all_less, all_more: their sums.
    """

    places: tuple[int, int]
    others: NDArray[np.intp]
    market: float
    less: Floats
    more: Floats
    all_less: float
    all_more: float

    @classmethod
    def of(cls, places: tuple[int, int], public: Floats) -> "Coalition":
        """Return what two Members know of all others by their market shares."""
        others = np.delete(np.arange(len(public)), places)
        less, more = public[others] / (1 + _PUBLIC) / _USAGE, public[others] / (1 - _PUBLIC) * _USAGE
        market, all_less, all_more = (float(each.sum()) for each in (public[list(places)], less, more))
        return cls(places, others, market, less, more, all_less, all_more)

    def own(self, counts: Counts) -> int:
        """Return what the two have of a cell together."""
        return int(counts[self.places[0]] + counts[self.places[1]])

    def fitting(self, cell: Cell) -> Counts:
        """Return the totals a cell may have; none where more of them may fit than were tried."""
        own, failed = self.own(cell.outcomes), self.own(cell.failures)
        least = max(own * (1 - _PUBLIC) / _USAGE / self.market, own / (1 - self.all_less))
        most = own * (1 + _PUBLIC) * _USAGE / self.market
        if self.all_more < 1:
            most = min(most, own / (1 - self.all_more))
        if own == 0 or most > LARGEST_TOTAL:
            return cell.totals[:0]
        begin, end = cell.totals.searchsorted((least - 1e-9, most + 1e-9))
        fits = cell.totals[begin:end]
        failures = np.rint(cell.rate * fits)
        holds: Counts = fits[(failures >= failed) & (fits - failures >= own - failed)]
        return holds


def coalitions(release: Release, role: str) -> list[Coalition]:
    """Return each Member of a Role that sent anything with its largest peer, and with its smallest.

    Where nobody of a Role sends requests its market is that of Alerts.
    """
    market = np.zeros(len(release.of(role)))
    for cells in (CELLS[0], CELLS[2]):
        counted = pl.sum_horizontal(pl.col(name).cast(pl.Int64, strict=False) for name in cells.counted).sum()
        for place, number in release.rows(role, cells.file).group_by(PACK).agg(counted).iter_rows():
            market[place] = number
        if market.any():
            break
    by_size = [int(place) for place in np.argsort(market) if market[place] > 0]
    if len(by_size) < 3:
        return []
    chance = np.random.default_rng(_SEED)
    public = market / market.sum() * chance.uniform(1 - _PUBLIC, 1 + _PUBLIC, len(market))
    pairs = [
        (attacker, others[end])
        for attacker in by_size
        for others in [[place for place in by_size if place != attacker]]
        for end in (-1, 0)
    ]
    return [Coalition.of(each, public) for each in pairs]
