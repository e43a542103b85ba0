"""Keys given running numbers, so that the ledger writes a key once and numbers after that."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

K = TypeVar("K")

#: Numbers in one block: what a checkpoint rewrites when any of them changed.
BLOCK: Final = 1024


class Interned(Generic[K]):
    """Keys and their numbers, with what is new since the last cut and which blocks changed since a checkpoint."""

    def __init__(self) -> None:
        """Start empty."""
        self.keys: list[K] = []
        self._numbers: dict[K, int] = {}
        self._cut = 0
        self.changed_blocks: set[int] = set()

    def __len__(self) -> int:
        return len(self.keys)

    def number(self, key: K) -> int:
        """Return the number of a key, giving it one if it is new."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.keys)
            self.keys.append(key)
            self.changed_blocks.add(number // BLOCK)
        return number

    def number_of(self, parts: tuple[object, ...], make: Callable[..., K]) -> int:
        """Return the number of the key of these parts, which is only made when it is new.

        A named tuple is equal to the tuple of its parts and takes three times as long to make.
        """
        number = self._numbers.get(parts)  # type: ignore[arg-type]
        return self.number(make(*parts)) if number is None else number

    def cut(self) -> list[K]:
        """Return the keys that are new since the last cut."""
        new = self.keys[self._cut :]
        self._cut = len(self.keys)
        return new

    def extend(self, keys: list[K]) -> None:
        """Take in keys in the order they were numbered, as recovery does."""
        for key in keys:
            self.number(key)
        self._cut = len(self.keys)

    def block(self, block: int) -> list[K]:
        """Return the keys of a block."""
        return self.keys[block * BLOCK : (block + 1) * BLOCK]
