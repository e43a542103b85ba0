"""Entries that are forgotten when the clock passes them, here and wherever they were read back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.stream.timed import Timed


@pytest.mark.parametrize(("kept", "clock_us"), [(True, 99), (False, 100), (False, 101)])
def test_an_entry_is_kept_until_the_clock_reaches_its_instant(*, kept: bool, clock_us: int) -> None:
    timed: Timed[str, str] = Timed()
    timed.remember("a", "value", 100)
    forgotten = timed.forget(clock_us)
    assert kept == ("a" in timed)
    assert ([] if kept else [("a", "value")]) == forgotten
    assert ("value" if kept else None) == timed.value("a", 0)


@pytest.mark.parametrize(("found", "stamp_us"), [(True, 99), (True, 100), (False, 101)])
def test_a_record_finds_an_entry_by_its_own_timestamp_whatever_the_clock_has_spared(
    *, found: bool, stamp_us: int
) -> None:
    timed: Timed[str, str] = Timed(spared_us=50)
    timed.remember("a", "value", 100)
    assert timed.forget(149) == []
    assert ("value" if found else None) == timed.value("a", stamp_us)
    assert [("a", "value")] == timed.forget(150)


def test_an_entry_remembered_again_is_kept_until_the_later_instant() -> None:
    timed: Timed[str, int] = Timed()
    timed.remember("a", 1, 100)
    timed.remember("a", 2, 200)
    assert timed.forget(150) == []
    assert [("a", 2)] == timed.forget(200)


def test_what_was_dropped_is_not_forgotten_again() -> None:
    timed: Timed[str, int] = Timed()
    timed.remember("a", 1, 100)
    assert (100, 1) == timed.drop("a")
    assert timed.forget(500) == []


def test_an_entry_made_after_one_that_is_kept_longer_is_forgotten_when_it_is_due() -> None:
    timed: Timed[str, int] = Timed()
    timed.remember("long", 1, 200)
    timed.remember("short", 2, 100)
    assert [("short", 2)] == timed.forget(150)
    assert [("long", 1)] == timed.forget(200)


def test_forgetting_is_no_change_to_be_written() -> None:
    timed: Timed[str, int] = Timed()
    timed.remember("a", 1, 100)
    timed.cut()
    timed.remember("b", 2, 100)
    timed.forget(100)
    assert ({}, []) == timed.cut()


def test_what_is_read_back_forgets_what_the_clock_passed_before() -> None:
    timed: Timed[str, int] = Timed()
    timed.apply({"late": (300, 1), "early": (100, 2), "middle": (200, 3)}, [])
    timed.restore(100)
    assert {"late", "middle"} == set(timed)
    assert [("middle", 3)] == timed.forget(250)
    assert [("late", 1)] == timed.forget(300)


@settings(derandomize=True, max_examples=50)
@given(
    steps=st.lists(
        st.tuples(st.integers(min_value=0, max_value=4), st.integers(min_value=0, max_value=50), st.booleans()),
        max_size=30,
    )
)
def test_whoever_reads_the_cuts_back_remembers_the_same_at_every_clock(steps: list[tuple[int, int, bool]]) -> None:
    """Forgetting is a function of the clock alone: it hangs neither on the order of entries nor on a restart."""
    ours: Timed[int, int] = Timed()
    theirs: Timed[int, int] = Timed()
    for clock, (key, keep, cut) in enumerate(steps):
        ours.remember(key, clock, clock + keep)
        ours.forget(clock)
        if cut:
            theirs.apply(*ours.cut())
            theirs.restore(clock)
            assert ours.data == theirs.data
