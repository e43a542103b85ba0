"""The collector leaves alone what is kept, and still finds cycles."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from dcc_analytics.aggregators.collector import YOUNG, spare_what_is_kept


class Knot:
    """Something that can hold itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    spare_what_is_kept()
    gc.collect()
    yield
    gc.set_threshold(*before)


def _collections() -> int:
    return sum(each["collections"] for each in gc.get_stats())


def test_keys_that_are_kept_do_not_make_it_look_for_cycles() -> None:
    before = _collections()
    kept = [[number] for number in range(YOUNG // 2)]
    assert before == _collections()
    assert len(kept) == YOUNG // 2


def test_a_cycle_nobody_holds_is_found_when_enough_has_come_after_it() -> None:
    knot = weakref.ref(Knot())
    assert knot() is not None
    kept = [[number] for number in range(YOUNG + 1_000)]
    assert knot() is None
    assert kept
