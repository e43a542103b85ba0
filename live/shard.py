"""One shard followed from outside: its ledger partition read record by record, and what each commit added. Pure.

First ``gather`` takes what the partition holds, in any state of compaction; ``begin`` makes the state of it by the
code that recovery and snapshot use. From then on ``take`` folds each commit as it comes: a delta by the code that made
it, a checkpoint from the blocks it rewrote. So live, ledger and snapshot count the same at the same offset.

What single Devices are known by is neither decoded nor kept, open legs and held round trips apart: they count.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple, Self

import numpy as np
from msgspec.structs import replace

from dcc_analytics.aggregators.cells import Int64s
from dcc_analytics.aggregators.checkpoint import read_back, read_on
from dcc_analytics.aggregators.delta import DELTA, Delta, damaged
from dcc_analytics.aggregators.metric import METRIC_VERSION
from dcc_analytics.aggregators.packed import Unpacker
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.live.lines import Increment, Noted
from dcc_analytics.live.open_legs import OpenLegs, facts_of
from dcc_analytics.live.tape import Tape
from dcc_analytics.stream.legs import NO_RESPONSE, Outcome
from dcc_analytics.stream.outcomes import RecordClass

#: Maps of a shard that are followed.
FOLLOWED_MAPS: Final = ("legs", "held")
_KEPT: Final = tuple(f"m|{name}|".encode() for name in FOLLOWED_MAPS)
_HEAD: Final = b"h"
_METRIC: Final = b"v"
_TIMED_OUT: Final = Outcome(succeeded=False, reason=NO_RESPONSE, ended_us=None)


class _Pieces(NamedTuple):
    seq: int
    found: list[bytes]


class FollowedShard:
    """A shard as its ledger tells it.

    Attributes:
        state: all that was committed, of the maps only those followed; None until ``begin``.
        open_legs: its legs, counted.
        committed_ms: when the broker took the newest commit; 0 before the first.
    """

    def __init__(self, partition: int) -> None:
        """Follow a partition."""
        self.partition = partition
        self.state: ShardState | None = None
        self.open_legs = OpenLegs()
        self.committed_ms = 0
        self._records: dict[bytes, bytes] = {}
        self._tape = Tape()
        self._pieces = _Pieces(0, [])
        self._unpacker = Unpacker()

    # -- what is there -------------------------------------------------------------------------------------

    def gather(self, key: bytes, value: bytes | None, stamp_ms: int, *, told: bool) -> None:
        """Take a record of what the partition holds.

        Args:
            key: of the record.
            value: of the record; None deletes the key.
            stamp_ms: when the broker took it.
            told: whether the hours have it already.
        """
        if value is None:
            self._records.pop(key, None)
            return
        if _is_followed(key):
            self._records[key] = value
        self.committed_ms = max(self.committed_ms, stamp_ms)
        delta = self._whole(key, value)
        if delta is not None:
            self._tape.add(delta, told=told)

    def begin(self) -> Iterator[tuple[Increment, bool]]:
        """Make the state of what was gathered, and yield what its commits added, as far as they are still there.

        Yields:
            Each with whether the hours have it already.

        Raises:
            StateError: the ledger is damaged, or of another version.
        """
        state = self.state = read_back(self._records, maps=FOLLOWED_MAPS)
        if state.metric_version != METRIC_VERSION:
            raise StateError(
                f"the ledger is folded by metric version {state.metric_version}, this release shows {METRIC_VERSION}; "
                "run the release that folds it"
            )
        self._records = {}
        for name, leg in state.memory.legs.data.items():
            self.open_legs.put(name, leg, state.facts.keys)
        tape, self._tape = self._tape, Tape()
        yield from tape.increments(state)

    # -- what comes ----------------------------------------------------------------------------------------

    def take(self, key: bytes, value: bytes | None, stamp_ms: int) -> Increment | None:
        """Take the next record; return what a commit added when it is complete.

        Raises:
            StateError: the ledger is damaged, or a commit is missing.
        """
        state = self.state
        if state is None:
            raise RuntimeError("take comes after begin")
        if value is None:
            return None
        self.committed_ms = max(self.committed_ms, stamp_ms)
        if key.startswith(b"d|"):
            delta = self._whole(key, value)
            if delta is None or delta.seq <= state.seq:
                return None
            if delta.seq != state.seq + 1:
                raise damaged(f"the ledger lacks delta {state.seq + 1} of partition {self.partition}")
            return self._apply(state, delta)
        if key != _METRIC and _is_followed(key):
            self._records[key] = value
        if key != _HEAD:
            return None
        records, self._records = self._records, {}
        return self._checkpoint(state, records)

    def _whole(self, key: bytes, value: bytes) -> Delta | None:
        """Return a delta when the last of its pieces has come; they come in order, within one transaction.

        Raises:
            StateError: it is damaged, or packed by deltas that should have come before; of those that are gathered
                compaction leaves any rest, and one that can't be unpacked is passed over.
        """
        if not key.startswith(b"d|"):
            return None
        seq, number, of = map(int, key.split(b"|")[1:])
        if number == 0:
            self._pieces = _Pieces(seq, [])
        if self._pieces.seq != seq or len(self._pieces.found) != number:
            self._pieces = _Pieces(0, [])  # compaction has left a rest of it
            return None
        self._pieces.found.append(value)
        if number + 1 < of:
            return None
        whole = self._unpacker.value(seq, b"".join(self._pieces.found))
        if whole is None and self.state is not None:
            raise damaged(f"the ledger lacks delta {self.state.seq + 1} of partition {self.partition}")
        return None if whole is None else DELTA.read(whole)

    def _apply(self, state: ShardState, delta: Delta) -> Increment:
        """Fold a delta, and return what it added."""
        before_us, letters = state.clock_us, _dead_letters(state)
        puts, drops = delta.maps.of_map("legs")
        closed, _ = delta.maps.of_map("closed")
        known = state.memory.legs.data
        gone = [(name, known[name]) for name in drops if name in known]
        was = {name: known[name].by_alert for name in puts if name in known}
        state.apply(replace(delta, maps=delta.maps.only(FOLLOWED_MAPS)))
        added = Increment(delta.clock_us, before_us, dead_letters=_dead_letters(state) - letters)
        Noted().add(delta).into(added, state)
        facts = state.facts.keys
        for name, leg in gone:
            self.open_legs.drop(name)
            if leg.by_alert is not None:
                added.add_leg(leg, leg.by_alert, facts_of(leg, facts), -1)
            elif name in closed:
                added.add_leg(leg, _TIMED_OUT, facts_of(leg, facts), -1)
        for name, leg in puts.items():
            self.open_legs.put(name, leg, facts)
            if leg.by_alert is not None and was.get(name) is None:
                added.add_leg(leg, leg.by_alert, facts_of(leg, facts), 1)
        return added

    def _checkpoint(self, state: ShardState, records: dict[bytes, bytes]) -> Increment:
        """Go on to a checkpoint, and return what its commit added: what the cells have now and had not."""
        before_us, letters, final_month = state.clock_us, _dead_letters(state), state.final_month
        totals, held, legs = _Totals.of(state), set(state.held.data), dict(state.memory.legs.data)
        read_on(state, records, maps=FOLLOWED_MAPS)
        if state.final_month != final_month:
            before_us = 0  # what a month's end settles ended long before, and can't be told from what ended now
        added = Increment(state.clock_us, before_us, dead_letters=_dead_letters(state) - letters)
        totals.added_since(state).into(added, state)
        for number, seen in state.held.data.items():
            if number not in held:
                added.add_held(seen)
        facts, still = state.facts.keys, state.memory.legs.data
        for name, leg in legs.items():
            if leg.by_alert is not None and name not in still:
                added.add_leg(leg, leg.by_alert, facts_of(leg, facts), -1)
        self.open_legs = OpenLegs()
        for name, leg in still.items():
            self.open_legs.put(name, leg, facts)
            was = legs.get(name)
            if leg.by_alert is not None and (was is None or was.by_alert is None):
                added.add_leg(leg, leg.by_alert, facts_of(leg, facts), 1)
        return added


class _Totals(NamedTuple):
    """What a shard has counted so far, by number of cell, failure and cell of Alerts."""

    ended: Int64s
    failed: Int64s
    reasons: Int64s
    alerts: Int64s

    @classmethod
    def of(cls, state: ShardState) -> Self:
        cells, alerts = state.cells, state.alerts
        failed = cells.columns["failures"][: len(cells.keys)].copy()
        return cls(
            cells.columns["successes"][: len(cells.keys)] + failed,
            failed,
            state.failures.counts[: len(state.failures.keys)].copy(),
            (alerts.columns["successes"] + alerts.columns["failures"])[: len(alerts.keys)],
        )

    def added_since(self, state: ShardState) -> Noted:
        """Return what a state has counted since."""
        ended, failed, reasons, alerts = map(_more, self, _Totals.of(state))
        return Noted(ended, failed, reasons, alerts)


def _more(before: Int64s, after: Int64s) -> Counter[int]:
    more = after - np.concatenate([before, np.zeros(len(after) - len(before), np.int64)])
    return Counter({number: int(more[number]) for number in np.flatnonzero(more).tolist()})


def _dead_letters(state: ShardState) -> int:
    return sum(count for (name, topic), count in state.counters.items() if topic and name == RecordClass.DEAD_LETTER)


def _is_followed(key: bytes) -> bool:
    return not key.startswith(b"m|") or key.startswith(_KEPT)
