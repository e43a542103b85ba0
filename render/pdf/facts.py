"""What may be told on the first page: facts with what orders them and where they lead.

Facts are ordered by signal x size x gap, the greatest first:

    signal  3 for a point outside the limits of an XmR chart, 2 for its other rules, 1 for what is no change
    size    in failed requests of the month, or what is as bad as so many
    gap     the rate above the peers' median, or another that it should not exceed, as a ratio from 1/2 to 5; else 1
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dcc_analytics.snapshot.xmr import OUTSIDE

NO_CHANGE: Final = 1.0
#: A slow round trip is as bad as so much of a failed one: its User has the answer, late.
SLOW: Final = 0.1
_OUTSIDE: Final = 3.0
_OTHER_RULES: Final = 2.0
_LEAST_GAP: Final = 0.5
_MOST_GAP: Final = 5.0
#: Added to both rates: of small ones the ratio would say too much.
_SOFT: Final = 0.01


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence of the summary.

    Attributes:
        text: the sentence, with what its figures are of.
        signal, size, gap: what orders it.
        section: title of the page that has more.
        source: file, and which of its rows, by which it can be made again.
        change: whether it tells of a change.
        of: what it is about, as ``about`` has it: failures of SRVs, or their times.
    """

    text: str
    signal: float
    size: float
    gap: float
    section: str
    source: str
    change: bool = False
    of: frozenset[str] = frozenset()

    @property
    def weight(self) -> float:
        """What orders it.

        >>> Fact("", 2.0, 10.0, 1.5, "", "").weight
        30.0
        """
        return self.signal * self.size * self.gap


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Return facts by weight; equal ones as they were."""
    return sorted(facts, key=lambda fact: -fact.weight)


def signal_of(rule: str) -> float:
    """Return how much a rule of an XmR chart says.

    >>> signal_of("outside"), signal_of("run")
    (3.0, 2.0)
    """
    return _OUTSIDE if rule == OUTSIDE else _OTHER_RULES


def gap_of(rate: float | None, other: float | None) -> float:
    """Return the ratio of two rates, in bounds; 1 where one is not known.

    >>> gap_of(0.03, 0.01), gap_of(0.9, 0.0), gap_of(0.0, 0.9), gap_of(0.1, None)
    (2.0, 5.0, 0.5, 1.0)
    """
    if rate is None or other is None:
        return 1.0
    return min(max((rate + _SOFT) / (other + _SOFT), _LEAST_GAP), _MOST_GAP)


def of_row(process: str, srv: str, variant: str | None) -> str:
    """Return the filter of a row, as it is printed below a sentence; what may be cut off is named beside it too.

    >>> of_row("Prepayment", "2.2", ""), of_row("Change of Supplier (Gain)", "6.17", "issue")
    ('srv 2.2, process Prepayment', 'srv 6.17, variant issue, process Change of Supplier (Gain)')
    """
    return f"srv {srv}{f', variant {variant}' if variant else ''}, process {process}"


def about(kind: str, srvs: Iterable[str]) -> frozenset[str]:
    """Return what a fact of failures or of times of some SRVs is about.

    >>> sorted(about("failures", ["4.8.1", "1.1.1"]))
    ['failures 1.1.1', 'failures 4.8.1']
    """
    return frozenset(f"{kind} {srv}" for srv in srvs)
