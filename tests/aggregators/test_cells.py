"""Cells: exact counts, sums and extremes, whatever the cut. Contract sections 3.3 to 3.8. Requirement: R-BP-1."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from dcc_analytics.aggregators.interned import BLOCK
from dcc_analytics.aggregators.keys import CellKey
from tests.desk import USER

FLAGS = (SUCCEEDED, WARNED, CLOCK_FAULT, TARGETED, IN_TIME, TIMED, OPEN)
#: (cell, flags, Round Trip Time) as they may come: an open one has not succeeded, one with a time has.
NOTED = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=4),
        st.sampled_from(
            [0, CLOCK_FAULT, OPEN, SUCCEEDED | TIMED, SUCCEEDED | WARNED | TIMED, SUCCEEDED | CLOCK_FAULT,
             SUCCEEDED | TIMED | TARGETED | IN_TIME, SUCCEEDED | TIMED | TARGETED, TARGETED, OPEN | TARGETED]
        ),
        st.integers(min_value=0, max_value=10**12),
    ),
    max_size=60,
)  # fmt: skip
Noted = list[tuple[int, int, int]]


def key(number: int) -> CellKey:
    return CellKey(USER, "IS", "Meter Reads", "4.8.1", "", False, number, "Electricity", "North", "SMETS2+")  # noqa: FBT003 (transform)


def table(cells: int = 5) -> CellTable[CellKey]:
    """Return a table that knows its cells."""
    found: CellTable[CellKey] = CellTable()
    for number in range(cells):
        found.keys.number(key(number))
    return found


def fold(into: CellTable[CellKey], noted: Noted) -> None:
    for cell, flags, rtt_us in noted:
        into.append(cell, flags, rtt_us)
    into.fold(into.cut())


def contents(of: CellTable[CellKey]) -> list[tuple[int, ...]]:
    """Return the columns of each cell."""
    of._grow()
    return [tuple(int(of.columns[name][cell]) for name in COLUMNS) for cell in range(len(of.keys))]


@dataclass
class Sums:
    """The plain sums a cell must have."""

    noted: Noted

    def row(self, cell: int) -> tuple[int, ...]:
        mine = [(flags, rtt_us) for number, flags, rtt_us in self.noted if number == cell]
        times = [rtt_us for flags, rtt_us in mine if flags & TIMED]

        def count(flag: int) -> int:
            return sum(bool(flags & flag) for flags, _ in mine)

        failures = sum(not flags & (SUCCEEDED | OPEN) for flags, _ in mine)
        return (
            count(SUCCEEDED), failures, count(OPEN), count(IN_TIME), count(TARGETED), count(WARNED), count(CLOCK_FAULT),
            len(times), sum(times), min(times, default=2**62), max(times, default=-1),
        )  # fmt: skip


def test_flags_are_bits_of_their_own_in_one_byte() -> None:
    assert sum(FLAGS) == 127
    assert len(set(FLAGS)) == len(FLAGS)


def test_a_cell_counts_what_is_noted_of_it() -> None:
    """Two successes of 3 and 5 s, one with a warning; a failure; an open one; a clock fault without a time."""
    cells = table(1)
    fold(
        cells,
        [
            (0, SUCCEEDED | TIMED | TARGETED | IN_TIME, 3),
            (0, SUCCEEDED | TIMED | WARNED | TARGETED, 5),
            (0, 0, 0),
            (0, OPEN, 0),
            (0, SUCCEEDED | CLOCK_FAULT, 0),
        ],
    )
    expected = {
        "successes": 3, "failures": 1, "open": 1, "in_time": 1, "targeted": 2, "warnings": 1, "clock_faults": 1,
        "rtt_n": 2, "rtt_sum_us": 8, "rtt_min_us": 3, "rtt_max_us": 5,
    }  # fmt: skip
    assert [tuple(expected.values())] == contents(cells)
    assert tuple(expected) == COLUMNS


def test_a_time_that_is_not_timed_is_in_no_sum() -> None:
    cells = table(1)
    fold(cells, [(0, SUCCEEDED | CLOCK_FAULT, 999)])
    assert (0, 0) == (int(cells.columns["rtt_n"][0]), int(cells.columns["rtt_sum_us"][0]))


@settings(derandomize=True, max_examples=50)
@given(noted=NOTED)
def test_folding_is_the_plain_sum(noted: Noted) -> None:
    cells = table()
    fold(cells, noted)
    cells.fold(cells.cut())
    assert [Sums(noted).row(cell) for cell in range(5)] == contents(cells)


@settings(derandomize=True, max_examples=50)
@given(noted=NOTED, cuts=st.lists(st.integers(min_value=0, max_value=60), max_size=4))
def test_every_cut_into_commits_gives_the_same_cells(noted: Noted, cuts: list[int]) -> None:
    """(a + b) + c = a + (b + c), and nothing added changes nothing."""
    whole, parts = table(), table()
    fold(whole, noted)
    places = [0, *sorted(cuts), len(noted)]
    for begin, end in pairwise(min(place, len(noted)) for place in places):
        fold(parts, noted[begin:end])
    assert contents(whole) == contents(parts)


@settings(derandomize=True, max_examples=50)
@given(noted=NOTED)
def test_a_fold_of_the_cuts_bytes_is_the_same_as_a_direct_one(noted: Noted) -> None:
    ours, theirs = table(), table()
    for each in noted:
        ours.append(*each)
    outcomes = ours.cut()
    ours.fold(outcomes)
    theirs.fold(Outcomes(bytes(outcomes.cells), bytes(outcomes.flags), bytes(outcomes.rtts_us)))
    assert contents(ours) == contents(theirs)


def test_what_was_cut_is_not_cut_again() -> None:
    cells = table()
    cells.append(0, SUCCEEDED, 0)
    assert 1 == len(cells.cut().flags)
    assert Outcomes(b"", b"", b"") == cells.cut()


def test_times_beyond_32_bits_are_exact() -> None:
    cells = table(1)
    fold(cells, [(0, SUCCEEDED | TIMED, 2**40 + 1)] * 1_000)
    assert 1_000 * (2**40 + 1) == int(cells.columns["rtt_sum_us"][0])


@pytest.mark.parametrize("cells", [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5])
def test_blocks_written_and_loaded_are_the_same_table(cells: int) -> None:
    ours = table(cells)
    theirs: CellTable[CellKey] = CellTable()
    fold(ours, [(cell, SUCCEEDED | TIMED, cell) for cell in range(cells)])
    for block in range((cells - 1) // BLOCK + 1):
        theirs.load_block(block, *ours.block(block))
    assert contents(ours) == contents(theirs)
    assert ours.keys.keys == theirs.keys.keys
    for each in (ours, theirs):
        fold(each, [(cells - 1, SUCCEEDED | TIMED, 7)])
    assert contents(ours) == contents(theirs)


def test_a_fold_marks_the_blocks_it_touches_and_no_other() -> None:
    cells = table(3 * BLOCK)
    cells.keys.changed_blocks.clear()
    fold(cells, [(0, 0, 0), (2 * BLOCK, 0, 0)])
    assert {0, 2} == cells.keys.changed_blocks
