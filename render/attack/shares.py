"""The attack by solving: what share of the requests of a service another Member has.

Knows: an attacker is each Member, with one colluding peer, once the largest other and once the smallest. Both know
    their own counts exactly, and every Member's market share to within 5 %; they take it that nobody uses a service
    more than twice, or less than half, as much as its share of the market says.
Tries: (1) Denominators. A rate of six decimals is a fraction of whole numbers: up to some hundred requests only few
    fit, and fewer that hold the coalition's own successes and failures. With the total known, its own counts are taken
    from it, and another Member has between the rest less the most that all others can have, and the rest less the
    least. These are the bounds a linear programme over the cell would give, which has one equation. (2) Labels: see
    ``series``.
Succeeds: where the bounds are right and no further apart than 10 % either way of the true share, which the market
    share alone, give or take a factor of two, never is; or where labelled rates meet the industry's in all rows and a
    weight is within 10 % of a Member's share.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dcc_analytics.render.attack.finding import Finding
from dcc_analytics.render.attack.finished import PACK, Release
from dcc_analytics.render.attack.parts import CELLS, Cells
from dcc_analytics.render.attack.series import series

#: Half a unit of the sixth decimal, and what a float adds.
_HALF: Final = 0.5e-6 + 1e-12
#: Above it so many totals fit a rate of six decimals that none is told.
_LARGEST_TOTAL: Final = 3_000
_PUBLIC: Final = 0.05
_USAGE: Final = 2.0
_WITHIN: Final = 0.1
_SEED: Final = 176
#: A share below it is nobody's secret worth a figure's stop: it is within the rounding of the others.
_LEAST_SHARE: Final = 0.005

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Cell:
    """A printed industry rate, and what the operator knows the cell to be of.

    Attributes:
        row: what tells it apart.
        rate: the failure rate as printed.
        requests, failures, outcomes: of each Member, in the order of packs.
    """

    row: str
    rate: float
    requests: Counts
    failures: Counts
    outcomes: Counts


def shares(months: list[Release], fresh: Sequence[Release] | None = None) -> Iterator[Finding]:
    """Yield the shares that Members can work out of others.

    Args:
        months: labels are followed over all of them.
        fresh: the totals of these are worked out; None: of all.
    """
    for role in sorted({role for each in months for role in each.roles}):
        yield from _by_labels([each for each in months if role in each.roles], role)
        for release in months if fresh is None else fresh:
            yield from _by_denominators(release, role)


def _by_labels(months: list[Release], role: str) -> Iterator[Finding]:
    last = months[-1]
    sent = last.rows(role, "round_trips_monthly").group_by(PACK).agg(pl.col("requests").cast(pl.Int64).sum())
    true = sent["requests"].to_numpy() / max(1, sent["requests"].sum())
    for each in series(months, role):
        weights = each.weights()
        if weights is None:
            continue
        close = np.abs(weights[:, None] - true) <= _WITHIN * true
        told = [each.labels[place] for place in np.flatnonzero((close & (true >= _LEAST_SHARE)).any(axis=1))]
        if told:
            what = f"labels are kept over rows: {len(told)} of {len(weights)} shares come out, of {', '.join(told[:5])}"
            pack = next(release for release in months if release.month == each.month).of(role)[each.pack]
            yield Finding(pack.name, each.file, f"{len(each.industry)} rows", each.label, what)


def _by_denominators(release: Release, role: str) -> Iterator[Finding]:
    packs = release.of(role)
    market = np.zeros(len(packs))
    for place, requests in _sums(release.rows(role, "round_trips_monthly")):
        market[place] = requests
    if np.count_nonzero(market) < 3:
        return
    market /= market.sum()
    chance = np.random.default_rng(_SEED)
    public = market * chance.uniform(1 - _PUBLIC, 1 + _PUBLIC, len(packs))
    coalitions = [_Coalition.of(places, public) for places in _coalitions(market)]
    for cells in CELLS[:2]:
        column = "industry_failure_rate" if cells is CELLS[0] else "industry_success_rate"
        for cell in _printed(release, role, cells, len(packs)):
            totals = _totals(cell.rate)
            told = ((each, _told(cell, totals, each)) for each in coalitions)
            found = next(((each, other) for each, other in told if other is not None), None)
            if found is not None:
                attacker, colluder = found[0].places
                who = f"{packs[attacker].path.name} with {packs[colluder].path.name}"
                what = f"{who} works out the share of {packs[found[1]].path.name}"
                yield Finding(packs[attacker].name, f"{cells.file}.csv", cell.row, column, what)


def _sums(rows: pl.DataFrame) -> Iterator[tuple[int, int]]:
    yield from rows.group_by(PACK).agg(pl.col("requests").cast(pl.Int64, strict=False).sum()).iter_rows()


def _coalitions(market: Floats) -> Iterator[tuple[int, int]]:
    """Yield each Member that sent anything with its largest peer, and with its smallest."""
    by_size = [place for place in np.argsort(market) if market[place] > 0]
    for attacker in by_size:
        others = [place for place in by_size if place != attacker]
        yield from ((int(attacker), int(others[end])) for end in (-1, 0))


@dataclass(frozen=True, slots=True)
class _Coalition:
    """Two Members who tell each other their counts.

    Attributes:
        places: of the attacker and its peer among the packs.
        others: places of the others.
        market: the share the two have.
        less, more: the least and the most of a cell that each other one has, as a part of its total.
    """

    places: tuple[int, int]
    others: NDArray[np.intp]
    market: float
    less: Floats
    more: Floats

    @classmethod
    def of(cls, places: tuple[int, int], public: Floats) -> "_Coalition":
        """Return what two Members know of all others by their market shares."""
        others = np.delete(np.arange(len(public)), places)
        less, more = public[others] / (1 + _PUBLIC) / _USAGE, public[others] / (1 - _PUBLIC) * _USAGE
        return cls(places, others, float(public[list(places)].sum()), less, more)

    def bounds(self, own: int) -> tuple[float, float]:
        """Return between which totals a cell has to be, of which the two have so much."""
        least = max(own * (1 - _PUBLIC) / _USAGE / self.market, own / (1 - self.less.sum()))
        most = own * (1 + _PUBLIC) * _USAGE / self.market
        return least, min(most, own / (1 - self.more.sum())) if self.more.sum() < 1 else most


def _printed(release: Release, role: str, cells: Cells, members: int) -> Iterator[_Cell]:
    """Yield the cells whose industry rate is printed and whose total is small enough to come out."""
    rows = release.rows(role, cells.file)
    told = "industry_failure_rate" if cells is CELLS[0] else "industry_success_rate"
    counted = [pl.col(name).cast(pl.Int64, strict=False) for name in ("requests", "successes", "failures")]
    rows = rows.with_columns(*counted, pl.col(told).cast(pl.Float64, strict=False)).drop_nulls(told)
    small = rows.filter((pl.col("successes") + pl.col("failures")).sum().over(cells.key) <= _LARGEST_TOTAL)
    for key, cell in small.group_by(cells.key, maintain_order=True):
        requests, failures, outcomes = (np.zeros(members, np.int64) for _ in range(3))
        requests[cell[PACK]] = cell["requests"]
        failures[cell[PACK]] = cell["failures"]
        outcomes[cell[PACK]] = cell["successes"] + cell["failures"]
        rate = cell[told][0] if cells is CELLS[0] else 1 - cell[told][0]
        yield _Cell("|".join(str(each or "") for each in key), rate, requests, failures, outcomes)


def _totals(rate: float) -> Counts:
    """Return the totals of which some whole number of failures is a rate.

    >>> _totals(0.076923)[:3].tolist()
    [13, 26, 39]
    """
    totals = np.arange(1, _LARGEST_TOTAL + 1)
    fits: Counts = totals[np.abs(np.rint(rate * totals) / totals - rate) <= _HALF]
    return fits


def _told(cell: _Cell, totals: Counts, coalition: _Coalition) -> int | None:
    """Return a Member whose share of a cell a coalition works out; None if there is none.

    Args:
        cell: the counts of the others are used only to see whether what comes out is right.
        totals: of which the printed rate is a rate.
        coalition: who tries.
    """
    places = coalition.places
    own = int(cell.outcomes[places[0]] + cell.outcomes[places[1]])
    failed = int(cell.failures[places[0]] + cell.failures[places[1]])
    from_total, to_total = coalition.bounds(own)
    if own == 0 or to_total > _LARGEST_TOTAL:
        return None  # more totals may fit than were tried
    fits = totals[np.searchsorted(totals, from_total - 1e-9) : np.searchsorted(totals, to_total, "right")]
    failures = np.rint(cell.rate * fits)
    fits = fits[(failures >= failed) & (fits - failures >= own - failed)]
    # Both ends of a share within a tenth of it are no further apart than half as much again.
    if not len(fits) or fits[-1] > 1.5 * fits[0]:
        return None
    least, most = int(fits[0]), int(fits[-1])
    low, high = coalition.less * least, np.minimum(coalition.more * most, most - own)
    low, high = (
        np.maximum(low, least - own - (high.sum() - high)),
        np.minimum(high, most - own - (low.sum() - low)),
    )
    true = cell.outcomes[coalition.others] / cell.outcomes.sum()
    low, high = low / most, high / least
    close = (low <= true) & (true <= high) & (high - low <= 2 * _WITHIN * true) & (true >= _LEAST_SHARE)
    return int(coalition.others[np.flatnonzero(close)[0]]) if close.any() else None
