"""Bytes of our own that came back otherwise: a damaged or foreign record is refused, and gives no other figure.

An input of ``ledger`` and ``estate`` is a way to damage a whole one: see ``_damaged`` and ``estate``.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.clocks import clock_of
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.estate_store import EstateStore
from tests.aggregators.test_checkpoint import contents, fold_by_commits, story
from tests.records import DEVICE

Records = dict[bytes, bytes]

#: Deltas after a checkpoint, and what a checkpoint has of every kind.
_FETCH: Final = 2
_CHECKPOINT_EVERY: Final = 4


@cache
def whole() -> tuple[Records, dict[str, object]]:
    """Return a ledger with a checkpoint and deltas after it, and what it holds."""
    told = story()
    fold_by_commits(told.driver, _FETCH, checkpoint_every=_CHECKPOINT_EVERY)
    (records,) = told.driver.ledgers
    return records, contents(read_back(dict(records)))


def ledger(damage: bytes) -> None:
    """Read a damaged ledger back: it is refused, or holds what it held before."""
    records, expected = whole()
    with suppress(StateError):
        assert expected == contents(read_back(_damaged(dict(records), damage)))


def _damaged(records: Records, damage: bytes) -> Records:
    """Return records of which one is damaged.

    Args:
        records: of a whole ledger.
        damage: a byte for how, two for which and four for where, and the bytes to put there.
    """
    how, which, where, put = damage[:1], damage[1:3], damage[3:7], damage[7:]
    key = sorted(records)[int.from_bytes(which) % len(records)]
    value = records[key]
    at = int.from_bytes(where) % len(value)
    match int.from_bytes(how) % 6:
        case 0:
            records[key] = value[:at] + put + value[at + len(put) :]
        case 1:
            records[key] = value[:at]
        case 2:
            records[key] = put
        case 3:
            records[key] = value[:at] + put + value[at:]
        case 4:
            records[put] = value  # under a key of another's making
        case _:
            other = sorted(records)[at % len(records)]
            if other[:1] != key[:1]:
                records[key] = records[other]
    return records


def clock(key_and_value: bytes) -> None:
    """Read a record of the topic of clocks, its key before ``=``."""
    key, _, value = key_and_value.partition(b"=")
    with suppress(StateError):
        assert 0 <= clock_of(key, value, partitions=8)[0] < 8


@cache
def _store() -> EstateStore:
    return EstateStore(Path(mkdtemp()) / "estate")


def estate(value: bytes) -> None:
    """Read the versions of a Device whose value in the store is another."""
    store = _store()
    store._cache.clear()
    store._db[DEVICE.encode()] = value
    with suppress(StateError):
        for version in list(store.versions(DEVICE)):
            store.add(DEVICE, version, stamp_us=0)


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {"ledger": ledger, "clock": clock, "estate": estate}
