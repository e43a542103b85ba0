"""Tallies: exact counts by key, whatever the cut."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.aggregators.interned import BLOCK
from dcc_analytics.aggregators.tally import Tally

NOTED = st.lists(st.sampled_from("abcde"), max_size=40)


def fold(tally: Tally[str], noted: list[str]) -> bytes:
    for key in noted:
        tally.note(key)
    cut = tally.cut()
    tally.fold(cut)
    return cut


def counts(tally: Tally[str]) -> dict[str, int]:
    return {key: count for key, count in tally.items() if count}


def test_nothing_counted_is_nothing() -> None:
    tally: Tally[str] = Tally()
    assert tally.items() == []
    assert fold(tally, []) == b""
    assert tally.items() == []


def test_a_key_noted_counts_when_it_is_folded() -> None:
    tally: Tally[str] = Tally()
    tally.note("a")
    assert counts(tally) == {}
    tally.fold(tally.cut())
    assert {"a": 1} == counts(tally)


@settings(derandomize=True, max_examples=40)
@given(parts=st.lists(NOTED, max_size=5))
def test_every_cut_into_commits_gives_the_plain_counts(parts: list[list[str]]) -> None:
    tally: Tally[str] = Tally()
    for part in parts:
        fold(tally, part)
    assert Counter(key for part in parts for key in part) == counts(tally)


@settings(derandomize=True, max_examples=40)
@given(parts=st.lists(NOTED, max_size=5))
def test_whoever_reads_the_cuts_back_has_the_same_counts(parts: list[list[str]]) -> None:
    ours: Tally[str] = Tally()
    theirs: Tally[str] = Tally()
    for part in parts:
        cut = fold(ours, part)
        theirs.keys.extend(ours.keys.cut())
        theirs.fold(cut)
    assert ours.items() == theirs.items()


@pytest.mark.parametrize("keys", [1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_blocks_written_and_loaded_are_the_same_tally(keys: int) -> None:
    ours: Tally[int] = Tally()
    theirs: Tally[int] = Tally()
    for number in range(keys):
        for _ in range(number % 3):
            ours.note(number)
        ours.keys.number(number)
    ours.fold(ours.cut())
    for block in range((keys - 1) // BLOCK + 1):
        theirs.load_block(block, *ours.block(block))
    assert ours.items() == theirs.items()


def test_a_fold_marks_the_blocks_it_touches_and_no_other() -> None:
    tally: Tally[int] = Tally()
    for number in range(3 * BLOCK):
        tally.keys.number(number)
    tally.keys.changed_blocks.clear()
    tally.note(BLOCK)
    tally.fold(tally.cut())
    assert {1} == tally.keys.changed_blocks
