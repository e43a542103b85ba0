"""How a test empties, adds to, cuts, merges and compares each kind of aggregate, whatever it calls these things.

An *aggregate* is what a commit cuts and a restart puts together again: ``found`` scans the product for every class
that does so, and a test fails for one that has no entry in ``LAWS``.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

import dcc_analytics.aggregators
import dcc_analytics.stream
from dcc_analytics.aggregators.alert_cells import AlertCells, AlertKeys
from dcc_analytics.aggregators.cells import (
    CLOCK_FAULT,
    COLUMNS,
    IN_TIME,
    OPEN,
    SUCCEEDED,
    TARGETED,
    TIMED,
    WARNED,
    CellTable,
    Outcomes,
)
from dcc_analytics.aggregators.delta import DELTA, Codec, MapChanges, to_bytes
from dcc_analytics.aggregators.digests import DigestTable, digest_bytes, digest_of
from dcc_analytics.aggregators.interned import Interned, KeyList
from dcc_analytics.aggregators.keys import AlertKey, CellKey, DigestKey, digest_number
from dcc_analytics.aggregators.reference import ReferenceFold
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.catalogue.months import day_of
from dcc_analytics.stream.estate import Versions
from dcc_analytics.stream.keyed import Keyed
from dcc_analytics.stream.timed import Timed
from tests.desk import DAY, NOON, OTHER_USER, USER

#: What a class that is put together from cuts has at least one of.
_PUT_TOGETHER_BY: Final = frozenset({"apply", "fold", "extend", "load_block", "apply_to"})

#: Classes that have a method of such a name and are no aggregates, with the reason.
NO_AGGREGATES: Final = {
    MapChanges: "a value: the changes themselves, on their way from one map to another",
    Versions: "a value: what a Device was, replaced whole by whoever keeps it",
    KeyList: "a protocol: what keys are held in",
    AlertKeys: "a list, and no more: what is held in it has laws",
    ReferenceFold: "holds nothing: what it takes in goes into the shard's state and estate",
}

Thing = Any


@dataclass(frozen=True)
class Law:
    """An aggregate as the laws see it.

    Attributes:
        empty: makes one that holds nothing.
        things: what can be added.
        add: adds a thing.
        cut: returns the bytes of what was added since the last cut.
        take: puts the bytes of a cut in.
        value: what one holds, with exact values only, without regard to the order of its keys if ``unordered``.
        unordered: the order in which things are added does not matter.
        near: what one holds of estimates; equal within their bound.
        stored: returns a whole one as a checkpoint stores it, and one made of that.
    """

    empty: Callable[[], Any]
    things: st.SearchStrategy[Thing]
    add: Callable[[Any, Thing], object]
    cut: Callable[[Any], bytes]
    take: Callable[[Any, bytes], object]
    value: Callable[[Any], object]
    unordered: bool = True
    near: Callable[[Any], dict[Any, float]] = lambda _: {}
    stored: Callable[[Any], Any] | None = None


def found() -> set[type]:
    """Return every class of ``aggregators`` and ``stream`` that is put together from cuts."""
    classes = set()
    for package in (dcc_analytics.aggregators, dcc_analytics.stream):
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for each in vars(importlib.import_module(info.name)).values():
                if inspect.isclass(each) and each.__module__ == info.name and _PUT_TOGETHER_BY & set(dir(each)):
                    classes.add(each)
    return classes - set(NO_AGGREGATES)


# -- cells and digests: outcomes ---------------------------------------------------------------------------


def _key(user: str, srv: str, day: int, region: str) -> CellKey:
    return CellKey(user, "IS", "Meter Reads", srv, "", False, day, "Electricity", region, "SMETS2+")  # noqa: FBT003 (transform)


_KEYS: Final = st.builds(
    _key,
    st.sampled_from([USER, OTHER_USER]),
    st.sampled_from(["4.8.1", "4.1.1"]),
    st.sampled_from([day_of(NOON), day_of(NOON + DAY), day_of(NOON + 40 * DAY)]),
    st.sampled_from(["North", "South"]),
)
_FLAGS: Final = st.sampled_from(
    [0, OPEN, SUCCEEDED | TIMED, SUCCEEDED | TIMED | WARNED, SUCCEEDED | TIMED | TARGETED | IN_TIME, CLOCK_FAULT]
)
_TIMES: Final = st.integers(min_value=0, max_value=2**45) | st.integers(min_value=0, max_value=9)
_OUTCOMES: Final = st.tuples(_KEYS, _FLAGS, _TIMES)
#: Some of them weigh something, as Alerts that stand for others do.
_WEIGHTS: Final = st.just(0) | st.integers(min_value=1, max_value=10**12)
_WEIGHED: Final = st.tuples(_KEYS, _FLAGS, _TIMES, _WEIGHTS)


def _weighed_cells() -> CellTable[CellKey]:
    return CellTable((*COLUMNS, "weight"))


def _cells_value(cells: CellTable[Any]) -> object:
    return dict(cells.rows())


_CELL_CUTS: Final = Codec(tuple[list[CellKey], Outcomes], "cells")


def _compact_alerts() -> AlertCells:
    return AlertCells(AlertKeys())


_NUMBERS: Final = st.integers(min_value=0, max_value=2)
_ALERT_KEYS: Final = st.builds(AlertKey, _NUMBERS, st.sampled_from([day_of(NOON), day_of(NOON + 40 * DAY)]), _NUMBERS)
_ALERT_CUTS: Final = Codec(tuple[list[AlertKey], Outcomes], "alerts")


def _take_alerts(cells: AlertCells, cut: bytes) -> None:
    keys, outcomes = _ALERT_CUTS.read(cut)
    cells.keys.extend(keys)
    cells.fold(outcomes)


def _stored_alerts(cells: AlertCells) -> AlertCells:
    keys, columns = cells.block(0)
    loaded = _compact_alerts()
    loaded.load_block(0, keys, columns)
    return loaded


def _cut_cells(cells: CellTable[Any]) -> bytes:
    outcomes = cells.cut()
    cells.fold(outcomes)
    return to_bytes((cells.keys.cut(), outcomes))


def _take_cells(cells: CellTable[CellKey], cut: bytes) -> None:
    keys, outcomes = _CELL_CUTS.read(cut)
    cells.keys.extend(keys)
    cells.fold(outcomes)


def _add_outcome(cells: CellTable[Any], thing: tuple[Any, int, int]) -> None:
    key, flags, rtt_us = thing
    cells.append(cells.keys.number(key), flags, rtt_us)


def _add_weighed(cells: CellTable[Any], thing: tuple[Any, int, int, int]) -> None:
    _add_outcome(cells, thing[:3])
    if thing[3]:
        cells.weigh(thing[3])


def _stored_cells(cells: CellTable[CellKey]) -> CellTable[CellKey]:
    keys, columns = cells.block(0)
    loaded = _weighed_cells()
    loaded.load_block(0, keys, columns)
    return loaded


class Timings:
    """A digest table beside the cells whose keys it goes by."""

    def __init__(self) -> None:
        self.cells: CellTable[CellKey] = CellTable()
        self.digests: DigestTable[CellKey, DigestKey] = DigestTable(digest_number)

    def cut(self) -> bytes:
        outcomes = self.cells.cut()
        self.digests.fold(outcomes, self.cells.keys)
        return to_bytes((self.cells.keys.cut(), outcomes))

    def take(self, cut: bytes) -> None:
        keys, outcomes = _CELL_CUTS.read(cut)
        self.cells.keys.extend(keys)
        self.digests.fold(outcomes, self.cells.keys)

    def value(self) -> object:
        """What of a digest is exact: how many, least and greatest."""
        return {
            key: (each.n_values, each.min(), each.max()) if each.n_values else 0 for key, each in self.digests.items()
        }

    def near(self) -> dict[Any, float]:
        """What is estimated: the mean and the median."""
        return {
            (key, name): value
            for key, each in self.digests.items()
            if each.n_values
            for name, value in (("mean", each.mean()), ("median", each.quantile(0.5)))
        }

    def stored(self) -> "Timings":
        keys, stored = self.digests.block(0)
        loaded = Timings()
        loaded.digests.load_block(0, keys, [digest_bytes(digest_of(each)) for each in stored])
        return loaded


# -- tallies and numbers -----------------------------------------------------------------------------------

_WORDS: Final = st.sampled_from(["E20", "N12", "N13", "I0-DEVICE", "NO-RESPONSE", ""])
_TALLY_CUTS: Final = Codec(tuple[list[str], bytes], "tally")


def _cut_tally(tally: Tally[str]) -> bytes:
    noted = tally.cut()
    tally.fold(noted)
    return to_bytes((tally.keys.cut(), noted))


def _take_tally(tally: Tally[str], cut: bytes) -> None:
    keys, noted = _TALLY_CUTS.read(cut)
    tally.keys.extend(keys)
    tally.fold(noted)


def _stored_tally(tally: Tally[str]) -> Tally[str]:
    loaded: Tally[str] = Tally()
    loaded.load_block(0, *tally.block(0))
    return loaded


def _stored_numbers(numbers: Interned[str]) -> Interned[str]:
    loaded: Interned[str] = Interned()
    loaded.extend(numbers.block(0))
    return loaded


# -- maps --------------------------------------------------------------------------------------------------

#: (key, value): put, or dropped where there is no value.
_PUTS: Final = st.tuples(st.sampled_from("abcdef"), st.none() | st.integers(min_value=1, max_value=9))


def _change(of: Keyed[str, Any], thing: tuple[str, int | None]) -> None:
    key, value = thing
    if value is None:
        of.drop(key)
    elif isinstance(of, Timed):
        of.remember(key, value, value)
    else:
        of.put(key, value)


def _map_cuts(kind: object) -> tuple[Callable[[Any], bytes], Callable[[Any, bytes], None]]:
    codec = Codec(tuple[dict[str, kind], list[str]], "map")  # type: ignore[valid-type]
    return lambda of: to_bytes(of.cut()), lambda of, cut: of.apply(*codec.read(cut))


_CUT_KEYED, _TAKE_KEYED = _map_cuts(int)
_CUT_TIMED, _TAKE_TIMED = _map_cuts(tuple[int, int])


# -- a whole state -----------------------------------------------------------------------------------------


def _add_to_state(state: ShardState, thing: tuple[CellKey, int, int]) -> None:
    _add_outcome(state.cells, thing)
    state.counters.note(("leg_opened", thing[0].srv))
    state.memory.alerts.remember(thing[0].region, thing[2], 2**60)


def _state_value(state: ShardState) -> object:
    return (
        _cells_value(state.cells),
        sorted(state.counters.items()),
        sorted((key, each.n_values) for key, each in state.digests.items()),
        {name: dict(each.data) for name, each in state.maps().items()},
    )


LAWS: Final[dict[type, Law]] = {
    CellTable: Law(
        _weighed_cells, _WEIGHED, _add_weighed, _cut_cells, _take_cells, _cells_value, stored=_stored_cells
    ),
    AlertCells: Law(
        _compact_alerts, st.tuples(_ALERT_KEYS, _FLAGS, _TIMES, _WEIGHTS), _add_weighed, _cut_cells, _take_alerts,
        _cells_value, stored=_stored_alerts,
    ),
    DigestTable: Law(
        Timings, _OUTCOMES, lambda timings, thing: _add_outcome(timings.cells, thing), Timings.cut, Timings.take,
        Timings.value, near=Timings.near, stored=Timings.stored,
    ),
    Tally: Law(
        Tally, _WORDS, Tally.note, _cut_tally, _take_tally, lambda tally: dict(tally.items()), stored=_stored_tally
    ),
    Interned: Law(
        Interned, _WORDS, Interned.number, lambda numbers: to_bytes(numbers.cut()),
        lambda numbers, cut: numbers.extend(Codec(list[str], "numbers").read(cut)), lambda numbers: list(numbers.keys),
        unordered=False, stored=_stored_numbers,
    ),
    Keyed: Law(Keyed, _PUTS, _change, _CUT_KEYED, _TAKE_KEYED, lambda of: dict(of.data), unordered=False),
    Timed: Law(Timed, _PUTS, _change, _CUT_TIMED, _TAKE_TIMED, lambda of: dict(of.data), unordered=False),
    ShardState: Law(
        ShardState, _OUTCOMES, _add_to_state, lambda state: to_bytes(state.cut()),
        lambda state, cut: state.apply(DELTA.read(cut)), _state_value, unordered=False,
    ),
}  # fmt: skip
