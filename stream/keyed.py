"""A map that remembers what changed since it was last cut, so that a commit writes changes and not the whole."""

from collections.abc import Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Keyed(Generic[K, V]):
    """A map with its changes; no value of it is None.

    Invariants:
        ``_changed`` holds every key whose value differs from what the last cut left, present or not, in the order
        of the first change: whoever applies a cut inserts in the order in which the keys were put.
        It says of each whether the last cut did not know it: dropping such a key leaves no trace, so what opens and
        ends between two commits costs the ledger nothing.
    """

    __slots__ = ("_changed", "data")

    def __init__(self) -> None:
        """Start empty, with nothing changed."""
        self.data: dict[K, V] = {}
        self._changed: dict[K, bool] = {}

    def __len__(self) -> int:
        return len(self.data)

    def __contains__(self, key: K) -> bool:
        return key in self.data

    def __iter__(self) -> Iterator[K]:
        return iter(self.data)

    def get(self, key: K) -> V | None:
        """Return the value of a key, or None."""
        return self.data.get(key)

    def put(self, key: K, value: V) -> None:
        """Set a value; also to be called when a value was changed in place."""
        if key not in self._changed:
            self._changed[key] = key not in self.data
        self.data[key] = value

    def drop(self, key: K) -> V | None:
        """Remove a key and return its value, None if it was not there."""
        value = self.data.pop(key, None)
        if value is None:
            return None
        if self._changed.get(key):
            del self._changed[key]
        else:
            self._changed[key] = False
        return value

    def cut(self) -> tuple[dict[K, V], list[K]]:
        """Return what was put and what was dropped since the last cut, and begin anew."""
        changed, value_of = self._changed, self.data.get
        puts = {key: value for key in changed if (value := value_of(key)) is not None}
        drops = [] if len(puts) == len(changed) else [key for key in changed if key not in puts]
        changed.clear()
        return puts, drops

    def apply(self, puts: dict[K, V], drops: list[K]) -> None:
        """Take in what a cut of this map returned, as recovery does; nothing counts as changed by it."""
        self.data.update(puts)
        for key in drops:
            self.data.pop(key, None)
