"""Checkpoints: the parts of a shard's state rewritten whole, so that the deltas before them can go."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from dcc_analytics.aggregators.alert_cells import AlertCells, AlertKeys
from dcc_analytics.aggregators.delta import HEAD, MAP_TYPES, Codec, Delta, Head, damaged, to_bytes
from dcc_analytics.aggregators.interned import BLOCK, Interned
from dcc_analytics.aggregators.keys import sharing_texts
from dcc_analytics.aggregators.ledger_records import (
    DELTA_PREFIX,
    DIGEST_LETTERS,
    DIGESTS,
    FACTS,
    HEAD_KEY,
    MAPS,
    METRIC,
    METRIC_KEY,
    TABLE_LETTERS,
    TABLES,
)
from dcc_analytics.aggregators.metric import METRIC_VERSION
from dcc_analytics.aggregators.packed import Packer, Unpacker, read_deltas
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.stream.instants import DAY_US

LedgerRecord = tuple[bytes, bytes | None]
_LETTERS: Final = TABLE_LETTERS | DIGEST_LETTERS

#: Largest piece of a record: transactions stay in step with the broker, and no record nears the topic's limit.
PIECE_BYTES: Final = 512 * 1024
#: Entries of a map in one piece; a leg is some 200 bytes.
MAP_PIECE: Final = 2048
#: A piece larger than this is halved, unless it is one entry; that is as large as a record of the feed at most.
MAP_PIECE_BYTES: Final = 4 * PIECE_BYTES

#: What memory forgets is in the newest records of the ledger for so long of the stream's clock, however few there are.
REWRITTEN_US: Final = 7 * DAY_US


def delta_records(delta: Delta, packer: Packer | None = None) -> Iterator[LedgerRecord]:
    """Yield the records of a commit's delta; the first says by which metric all is folded.

    Args:
        delta: the next of the shard.
        packer: packs it by those before it; None leaves it as it is.
    """
    if delta.seq == 1:
        yield METRIC_KEY, to_bytes(METRIC_VERSION)
    encoded = to_bytes(delta) if packer is None else packer.packed(to_bytes(delta))
    pieces = range(0, len(encoded), PIECE_BYTES)
    for number, start in enumerate(pieces):
        key = b"d|%020d|%06d|%06d" % (delta.seq, number, len(pieces))
        yield key, encoded[start : start + PIECE_BYTES]


class Checkpointer:
    """Makes the checkpoints of one shard, each rewriting what changed since the last.

    Invariant: ``_deltas`` are the keys of the delta records in the ledger that no checkpoint covers yet, and
    ``_map_pieces`` and ``_block_counts`` say how many records of each map and letter the newest checkpoint has.
    ``_horizon_us`` is the horizon it was made at.

    Attributes:
        read_back_bytes: of the deltas that were read back, unpacked.
    """

    def __init__(self) -> None:
        """Begin for a ledger without checkpoint."""
        self.read_back_bytes = 0
        self._horizon_us = 0
        self._deltas: list[bytes] = []
        self._map_pieces: dict[str, int] = {}
        self._block_counts: dict[str, int] = {}

    def written(self, keys: Iterable[bytes]) -> None:
        """Note delta records written (or read back), to be removed by the next checkpoint."""
        self._deltas.extend(key for key in keys if key.startswith(DELTA_PREFIX))

    def begin_from(self, head: Head) -> None:
        """Go on from the checkpoint that was read back."""
        self._horizon_us = head.horizon_us
        self._map_pieces = dict(head.pieces)
        self._block_counts = dict(head.blocks)

    def outlived(self, horizon_us: int) -> bool:
        """Return whether the newest checkpoint is so old that it may hold what the rules have let memory forget."""
        return horizon_us - self._horizon_us >= REWRITTEN_US

    def records(self, state: ShardState) -> Iterator[LedgerRecord]:
        """Yield the records of a checkpoint of a state that was just cut, which puts aside what it need not keep."""
        for letter, number, block in _changed_blocks(state):
            self._block_counts[letter] = max(self._block_counts.get(letter, 0), number + 1)
            yield _key(letter, number), to_bytes(block)
        pieces: dict[str, int] = {}
        for name, each in state.maps().items():
            pieces[name] = 0
            for piece in _pieces(list(each.data.items()), MAP_PIECE):
                yield _key(f"m|{name}", pieces[name]), piece
                pieces[name] += 1
            for number in range(pieces[name], self._map_pieces.get(name, 0)):
                yield _key(f"m|{name}", number), None
        self._map_pieces = pieces
        state.put_aside()
        for key in self._deltas:
            yield key, None
        self._deltas, self._horizon_us = [], state.horizon_us
        head = Head(
            state.seq,
            state.applied,
            state.clocks_us,
            state.clock_us,
            state.horizon_us,
            state.final_month,
            pieces,
            dict(self._block_counts),
            state.dropped_us,
            {_LETTERS[name]: keys.first // BLOCK for name, keys in state.partly_kept().items()},
        )
        yield HEAD_KEY, to_bytes(head)
        yield METRIC_KEY, to_bytes(METRIC_VERSION)


def _pieces(items: list[Any], most: int) -> Iterator[bytes]:
    """Yield entries of a map in pieces of so many, or of fewer where those would be too large.

    An 11.1 names up to tens of thousands of Devices, each of its entries then some hundred times the size of others.
    """
    for start in range(0, len(items), most):
        piece = items[start : start + most]
        encoded = to_bytes(piece)
        if len(encoded) <= MAP_PIECE_BYTES or len(piece) == 1:
            yield encoded
        else:
            yield from _pieces(piece, (len(piece) + 1) // 2)


def _changed_blocks(state: ShardState) -> Iterator[tuple[str, int, object]]:
    """Yield letter, number and content of the blocks that changed since the last checkpoint."""
    for number in sorted(_take(state.facts.changed_blocks)):
        yield "f", number, state.facts.block(number)
    for name, letter in TABLE_LETTERS.items():
        table = getattr(state, name)
        for number in sorted(_take(table.keys.changed_blocks)):
            yield letter, number, table.block(number)
    for name, letter in DIGEST_LETTERS.items():
        digests = getattr(state, name)
        for number in sorted(_take(digests.changed_blocks)):
            yield letter, number, digests.block(number)


def _take(changed: set[int]) -> set[int]:
    taken = set(changed)
    changed.clear()
    return taken


def _key(prefix: str, number: int) -> bytes:
    return b"%s|%012d" % (prefix.encode(), number)


def read_back(
    records: dict[bytes, bytes], checkpointer: Checkpointer | None = None, *, maps: Collection[str] = tuple(MAP_TYPES)
) -> ShardState:
    """Return the state a ledger partition holds.

    Args:
        records: the newest value of each key that is not deleted.
        checkpointer: told what it has to go on from, where the state will be written again; what was put aside then
            stays in the ledger.
        maps: those that are read; the others stay empty, and what they hold of single Devices is never in memory.

    Raises:
        StateError: a record is missing, damaged or of another version.
    """
    with _fitting():
        return _read_back(records, checkpointer, maps)


def read_on(state: ShardState, records: dict[bytes, bytes], *, maps: Collection[str] = tuple(MAP_TYPES)) -> None:
    """Bring a state from the commit before a checkpoint to the checkpoint.

    A checkpoint stands for the delta of its own commit, which nobody writes: who follows the ledger takes what changed
    from the blocks that were rewritten.

    Args:
        state: as it was at the commit before.
        records: those the checkpoint wrote, deletions left out.
        maps: as in ``read_back``.

    Raises:
        StateError: a record is missing, damaged or of another version, or it is not the next commit.
    """
    with _fitting():
        head = HEAD.read(records[HEAD_KEY])
        if head.seq != state.seq + 1:
            raise damaged(f"the ledger's checkpoint {head.seq} does not follow commit {state.seq}")
        for name in maps:
            state.maps()[name].data.clear()
        _load_checkpoint(state, records, head, maps, begun=True)


@contextmanager
def _fitting() -> Iterator[None]:
    try:
        yield
    except (IndexError, KeyError, ValueError, msgspec.MsgspecError) as foreign:
        raise damaged(f"the ledger's records do not fit together ({type(foreign).__name__}: {foreign})") from foreign


def _read_back(records: dict[bytes, bytes], checkpointer: Checkpointer | None, maps: Collection[str]) -> ShardState:
    state = ShardState()
    if checkpointer is None:
        state.alerts = AlertCells(AlertKeys())
    if records:  # the first releases wrote none, and folded by the first
        state.metric_version = METRIC.read(records[METRIC_KEY]) if METRIC_KEY in records else 1
    head = None
    if HEAD_KEY in records:
        head = HEAD.read(records[HEAD_KEY])
        if checkpointer is not None:
            for keys, aside in _aside(state, head):
                keys.begin_from(aside)
        _load_checkpoint(state, records, head, maps)
    deltas = sorted(key for key in records if key.startswith(DELTA_PREFIX))
    unpacker = Unpacker()
    for delta in read_deltas(records, deltas, unpacker, after=head.seq if head else 0):
        state.apply(delta if len(maps) == len(MAP_TYPES) else replace(delta, maps=delta.maps.only(maps)))
    state.restore()
    if checkpointer is not None:
        checkpointer.read_back_bytes = unpacker.unpacked_bytes
        checkpointer.written(deltas)
        if head is not None:
            checkpointer.begin_from(head)
    return state


def _load_checkpoint(
    state: ShardState, records: dict[bytes, bytes], head: Head, maps: Collection[str], *, begun: bool = False
) -> None:
    """Load a checkpoint; into a state that has ``begun``, only those blocks that were rewritten."""
    state.seq, state.clock_us, state.horizon_us = head.seq, head.clock_us, head.horizon_us
    state.final_month, state.dropped_us = head.final_month, head.dropped_us
    state.applied, state.clocks_us = dict(head.applied), dict(head.clocks_us)
    _load_blocks(state, records, head.blocks, begun=begun)
    for name in maps:
        for _, items in _blocks_of(records, f"m|{name}", MAPS[name], range(head.pieces.get(name, 0))):
            state.maps()[name].apply(dict(items), [])
    tables = (state.cells, state.alerts, state.failures, state.counters, state.slow)
    for block_set in (state.facts, *(table.keys for table in tables)):
        block_set.changed_blocks.clear()
    for keys, aside in _aside(state, head):
        keys.pass_over(aside)


def _aside(state: ShardState, head: Head) -> Iterator[tuple[Interned[Any], int]]:
    """Yield the keys that are partly kept, with the first block that is not put aside."""
    for name, keys in state.partly_kept().items():
        yield keys, head.aside.get(_LETTERS[name], 0)


def _load_blocks(state: ShardState, records: dict[bytes, bytes], blocks: dict[str, int], *, begun: bool) -> None:
    """Load what is rewritten by blocks; ``blocks`` says how many there are of each letter."""

    def stored(letter: str, codec: Codec, first: int = 0) -> Iterator[tuple[int, Any]]:
        return _blocks_of(records, letter, codec, range(first, blocks.get(letter, 0)), begun=begun)

    for number, keys in stored("f", FACTS):
        state.facts.load(number * BLOCK, keys)
    for name, letter in TABLE_LETTERS.items():
        table = getattr(state, name)
        for number, (keys, counts) in stored(letter, TABLES[name], table.keys.first // BLOCK):
            table.load_block(number, sharing_texts(keys), counts)
    for name, letter in DIGEST_LETTERS.items():
        table = getattr(state, name)
        for number, (keys, digests) in stored(letter, DIGESTS[name], table.first_block):
            table.load_block(number, sharing_texts(keys), digests)


def _blocks_of(
    records: dict[bytes, bytes], prefix: str, codec: Codec, numbers: range, *, begun: bool = False
) -> Iterator[tuple[int, Any]]:
    """Yield number and content of the records of a checkpoint under a prefix.

    Raises:
        StateError: one of these is missing, and is not as it was before either.
    """
    for number in numbers:
        key = _key(prefix, number)
        if key in records:
            yield number, codec.read(records[key])
        elif not begun:
            raise damaged(f"the ledger lacks record {key.decode()}")
