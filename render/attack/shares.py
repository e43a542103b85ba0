"""The attack by solving: what share of the requests of a service, of an Alert or of a Model's Devices another has.

Knows: an attacker is each Member, with one colluding peer, once the largest other and once the smallest. Both know
    their own counts exactly, and every Member's market share to within 5 %; they take it that nobody uses a service
    more than twice, or less than half, as much as its share of the market says.
Tries: (1) Totals. A rate of six decimals is a fraction of whole numbers: up to some hundred requests only few fit, and
    fewer that hold the coalition's own successes and failures. With the total known, its own counts are taken from it,
    and another Member has between the rest less the most that all others can have, and the rest less the least. These
    are the bounds a linear programme over the cell would give, which has one equation. (2) Rests. Where the totals of
    a month and of its printed days and splits come out, all of these are taken from the month at once; what is left is
    of what was withheld. (3) Labels: see ``series``.
Succeeds: where the bounds are right and no further apart than 10 % either way of the true share, which the market
    share alone, give or take a factor of two, never is; where nine tenths of such a rest are one Member's; or where
    labelled rates meet the industry's in all rows and a weight is within 10 % of a Member's share.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np
import polars as pl

from dcc_analytics.render.attack.coalitions import Cell, Coalition, coalitions, printed
from dcc_analytics.render.attack.finding import Finding
from dcc_analytics.render.attack.finished import PACK, Release
from dcc_analytics.render.attack.parts import CELLS
from dcc_analytics.render.attack.series import series

_WITHIN: Final = 0.1
#: A share below it is nobody's secret worth a figure's stop: it is within the rounding of the others.
_LEAST_SHARE: Final = 0.005


def shares(months: list[Release], fresh: Sequence[Release] | None = None) -> Iterator[Finding]:
    """Yield the shares that Members can work out of others.

    Args:
        months: labels are followed over all of them.
        fresh: the totals of these are worked out; None: of all.
    """
    for role in sorted({role for each in months for role in each.roles}):
        yield from _by_labels([each for each in months if role in each.roles], role)
        for release in months if fresh is None else fresh:
            yield from _by_totals(release, role)


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


def _by_totals(release: Release, role: str) -> Iterator[Finding]:
    together = coalitions(release, role)
    if not together:
        return
    every = {cells.file: list(printed(release, role, cells)) for cells in CELLS}
    for cell in chain.from_iterable(every.values()):
        yield from _first(release, role, cell, "the share", ((each, _told(cell, each)) for each in together))
    for cells in CELLS:
        parts: dict[str, list[Cell]] = defaultdict(list)
        for part in every[cells.file]:
            parts[part.of].append(part)
        for month in every.get(cells.total, ()):
            left = ((each, _left(month, parts, each)) for each in together)
            yield from _first(release, role, month, "what is left of the month", left)


def _first(
    release: Release, role: str, cell: Cell, what: str, tried: Iterator[tuple[Coalition, int | None]]
) -> Iterator[Finding]:
    """Yield the first coalition that learns something of another Member."""
    found = next(((each, other) for each, other in tried if other is not None), None)
    if found is not None:
        packs, (coalition, other) = release.of(role), found
        attacker, colluder = (packs[place] for place in coalition.places)
        told = f"{attacker.path.name} with {colluder.path.name} works out {what} of {packs[other].path.name}"
        yield Finding(attacker.name, cell.file, cell.row, cell.column, told)


def _told(cell: Cell, coalition: Coalition) -> int | None:
    """Return a Member whose share of a cell a coalition works out; None if there is none.

    The counts of the others are used only to see whether what comes out is right.
    """
    fits = coalition.fitting(cell)
    # Both ends of a share within a tenth of it are no further apart than half as much again.
    if not len(fits) or fits[-1] > 1.5 * fits[0]:
        return None
    least, most, own = int(fits[0]), int(fits[-1]), coalition.own(cell.outcomes)
    low, high = coalition.less * least, np.minimum(coalition.more * most, most - own)
    low, high = (
        np.maximum(low, least - own - (high.sum() - high)),
        np.minimum(high, most - own - (low.sum() - low)),
    )
    true = cell.outcomes[coalition.others] / cell.outcomes.sum()
    low, high = low / most, high / least
    close = (low <= true) & (true <= high) & (high - low <= 2 * _WITHIN * true) & (true >= _LEAST_SHARE)
    return int(coalition.others[np.flatnonzero(close)[0]]) if close.any() else None


def _left(month: Cell, parts: Mapping[str, Sequence[Cell]], coalition: Coalition) -> int | None:
    """Return a Member of whom nearly all is that is left of a month when its printed parts are taken from it.

    A coalition has only the rows of a day in which one of the two has requests.
    """
    if not _comes_out(month, coalition):
        return None
    taken = [part for part in parts.get(month.of, ()) if _comes_out(part, coalition)]
    left = (month.outcomes - sum(part.outcomes for part in taken))[coalition.others]
    if not taken or left.sum() == 0 or left.max() < (1 - _WITHIN) * left.sum():
        return None
    return int(coalition.others[left.argmax()])


def _comes_out(cell: Cell, coalition: Coalition) -> bool:
    fits = coalition.fitting(cell)
    return len(fits) == 1 and int(fits[0]) == int(cell.outcomes.sum())
