"""The cells of Alerts, by far the most a shard has."""

from array import array
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, overload

import numpy as np

from dcc_analytics.aggregators.cells import ALERT_COLUMNS, CellTable
from dcc_analytics.aggregators.interned import Interned
from dcc_analytics.aggregators.keys import AlertKey

_WIDTH: Final = len(AlertKey._fields)


class AlertKeys:
    """A list of keys of Alerts that takes 12 bytes a key where objects take some two hundred.

    It is for who only reads a ledger: who folds has the objects anyway, to look them up, and is faster with a list.
    Four bytes hold any day of a microsecond clock, and deltas have numbers in four bytes, too.

    Attributes:
        numbers: the fields of all keys, one key after the other.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.numbers = array("i")

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(self.numbers) // _WIDTH

    def __iter__(self) -> Iterator[AlertKey]:
        """Yield the keys, each made anew."""
        numbers = iter(self.numbers)
        return map(AlertKey, numbers, numbers, numbers)

    @overload
    def __getitem__(self, place: int) -> AlertKey: ...
    @overload
    def __getitem__(self, place: slice) -> list[AlertKey]: ...
    def __getitem__(self, place: int | slice) -> AlertKey | list[AlertKey]:
        """Return the key of a place, or those of a range."""
        if isinstance(place, slice):
            first, end, _ = place.indices(len(self))
            numbers = iter(self.numbers[first * _WIDTH : end * _WIDTH])
            return list(map(AlertKey, numbers, numbers, numbers))
        place = range(len(self))[place]
        return AlertKey(*self.numbers[place * _WIDTH : (place + 1) * _WIDTH])

    def __delitem__(self, places: slice) -> None:
        """Remove the keys of a range."""
        first, end, _ = places.indices(len(self))
        del self.numbers[first * _WIDTH : end * _WIDTH]

    def append(self, key: AlertKey) -> None:
        """Add a key."""
        self.numbers.extend(key)

    def extend(self, keys: Iterable[AlertKey]) -> None:
        """Add keys."""
        self.numbers.extend(chain.from_iterable(keys))


class AlertCells(CellTable[AlertKey]):
    """Cells of Alerts by number, one array a column."""

    def __init__(self, keys: AlertKeys | None = None) -> None:
        """Start empty; None holds keys in a list."""
        super().__init__(ALERT_COLUMNS, Interned(keys))

    def by_column(self) -> dict[str, np.ndarray[tuple[int], np.dtype[np.signedinteger]]]:
        """Return the fields of the keys in memory and the counts, each by its name."""
        keys = self.keys.keys
        numbers = keys.numbers if isinstance(keys, AlertKeys) else list(chain.from_iterable(keys))
        fields = np.array(numbers, np.int32).reshape(-1, _WIDTH).T.copy()  # what is shown to numpy can't grow
        return {**dict(zip(AlertKey._fields, fields, strict=True)), **self.counts()}
