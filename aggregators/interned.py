"""Keys given running numbers, so that the ledger writes a key once and numbers after that."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Generic, Protocol, TypeVar, overload

K = TypeVar("K")

#: Numbers in one block: what a checkpoint rewrites when any of them changed.
BLOCK: Final = 1024


class KeyList(Protocol[K]):
    """What keys are held in: a list does."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[K]: ...
    @overload
    def __getitem__(self, place: int, /) -> K: ...
    @overload
    def __getitem__(self, place: slice, /) -> list[K]: ...
    def __delitem__(self, places: slice, /) -> None: ...
    def append(self, key: K, /) -> None:
        """Add a key."""

    def extend(self, keys: Iterable[K], /) -> None:
        """Add keys."""


class Interned(Generic[K]):
    """Keys and their numbers, with what is new since the last cut and which blocks changed since a checkpoint.

    Keys may be put aside, the oldest first: the ledger goes on holding them under their numbers, memory does not. One
    that comes again gets a new number, so that a whole ledger may hold a key under several.

    Keys that are read back are looked up by nobody until a new one comes, and never in a process that folds nothing: a
    snapshot of millions of cells does without half of what they would take in memory.

    Invariant: ``_numbers`` has the keys whose number is from ``named_from`` to below ``_indexed``.

    Attributes:
        first: the number of the first key in memory; it begins a block.
        named_from: the first number that is given to a key that comes again; it begins a block. Who has put nothing
            aside passes over the numbers before it, as whoever writes the ledger does.
        keys: those in memory, by number from ``first`` on.
        changed_blocks: since the last checkpoint.
    """

    def __init__(self, keys: KeyList[K] | None = None) -> None:
        """Start empty; ``keys`` are to be held in this, None in a list."""
        self.first = self.named_from = 0
        self.keys: KeyList[K] = [] if keys is None else keys
        self._numbers: dict[K, int] = {}
        self._indexed = self._cut = 0
        self.changed_blocks: set[int] = set()

    def __len__(self) -> int:
        """Return how many numbers were given."""
        return self.first + len(self.keys)

    def number(self, key: K) -> int:
        """Return the number of a key, giving it one if it is new."""
        number = self._numbers.get(key)
        if number is None and self._indexed < len(self):
            self._index()
            number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self)
            self._indexed = number + 1
            self.keys.append(key)
            self.changed_blocks.add(number // BLOCK)
        return number

    def _index(self) -> None:
        new = self.keys[self._indexed - self.first :]
        self._numbers.update(zip(new, range(self._indexed, len(self)), strict=True))
        self._indexed = len(self)

    def number_of(self, parts: tuple[object, ...], make: Callable[..., K]) -> int:
        """Return the number of the key of these parts, which is only made when it is new.

        A named tuple is equal to the tuple of its parts and takes three times as long to make.
        """
        number = self._numbers.get(parts)  # type: ignore[arg-type]
        return self.number(make(*parts)) if number is None else number

    def key(self, number: int) -> K:
        """Return the key of a number in memory."""
        return self.keys[number - self.first]

    def cut(self) -> list[K]:
        """Return the keys that are new since the last cut."""
        new = self.keys[self._cut - self.first :]
        self._cut = len(self)
        return new

    def extend(self, keys: list[K]) -> None:
        """Take in keys in the order they were numbered, as recovery does."""
        begin = len(self)
        self.keys.extend(keys)
        self._cut = len(self)
        self.changed_blocks.update(range(begin // BLOCK, -(-len(self) // BLOCK)) if keys else ())

    def load(self, number: int, keys: list[K]) -> None:
        """Take in keys from a number on, as a checkpoint stored them; those that are known are the same."""
        self.extend(keys[len(self) - number :])

    def block(self, block: int) -> list[K]:
        """Return the keys of a block."""
        return self.keys[self.place(block) : self.place(block + 1)]

    def place(self, block: int) -> int:
        """Return the place in memory of a block's first key."""
        return block * BLOCK - self.first

    def begin_from(self, block: int) -> None:
        """Begin with the keys before a block put aside."""
        self.first = self.named_from = self._indexed = self._cut = block * BLOCK

    def pass_over(self, block: int) -> None:
        """Give keys before a block, should they come again, new numbers; they stay in memory."""
        for key in self.keys[self.named_from - self.first : min(block * BLOCK, self._indexed) - self.first]:
            self._numbers.pop(key, None)
        self.named_from = max(self.named_from, block * BLOCK)
        self._indexed = max(self._indexed, self.named_from)

    def put_aside(self, block: int) -> int:
        """Forget all keys before a block, none of which is new since the last cut; return how many those are."""
        self.pass_over(block)
        gone = self.place(block)
        del self.keys[:gone]
        self.first += gone
        return gone

    def blocks_until(self, is_old: Callable[[list[K]], bool]) -> int:
        """Return the number of the first block in memory that is not full, or not old by its keys."""
        block = self.first // BLOCK
        while (block + 1) * BLOCK <= len(self) and is_old(self.block(block)):
            block += 1
        return block
