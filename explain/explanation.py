"""An explanation: what counts in a row, the records that say so, and the figures they sum up to. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dcc_analytics.explain.stories import Position
from dcc_analytics.explain.sums import Sum


class Told(NamedTuple):
    """A record and what it did.

    Attributes:
        position: where it stands.
        instant: of the event, as text.
        did: in words.
    """

    position: Position
    instant: str
    did: str


class Item(NamedTuple):
    """One thing that counts in a row, or that was looked for.

    Attributes:
        head: what it is, in a line.
        records: that tell it.
        data: the same as the head, for machines.
    """

    head: str
    records: Sequence[Told]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is behind a row.

    Attributes:
        noun: what its items are, in the plural.
        items: each as a call, since of a large row few are told.
        sums: the figures beside the row's.
        of_others: whether records of other Members are among them.
        remarks: what else is to be known, a line each.
    """

    noun: str
    items: Sequence[Callable[[], Item]]
    sums: Sequence[Sum]
    of_others: bool = False
    remarks: Sequence[str] = field(default=())
