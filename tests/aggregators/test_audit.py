"""The audit sum: one record more, less, twice, elsewhere or changed makes it another."""

from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcc_analytics.aggregators.audit import NOTHING, AuditSum, AuditSums, Noted, added, taken_off
from dcc_analytics.stream.outcomes import RecordClass

RECORDS = [(0, b"a"), (1, b"b"), (2, None), (5, b""), (6, b"a")]


def sum_of(records: list[tuple[int, bytes | None]], topic: str = "alerts", partition: int = 3) -> AuditSum:
    noted = Noted(topic, partition)
    for offset, value in records:
        noted.note(offset, value)
    return noted.take()


def mixed(number: int) -> int:
    """SplitMix64's output function, in plain integers."""
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    number = (number ^ number >> 27) * 0x94D049BB133111EB % 2**64
    return number ^ number >> 31


def test_splitmix64_is_that_of_its_reference_implementation() -> None:
    """The first three outputs for the seed 1234567, as published with the reference implementation."""
    gamma, state = 0x9E3779B97F4A7C15, 1234567
    outputs = []
    for _ in range(3):
        state = (state + gamma) % 2**64
        outputs.append(mixed(state))
    assert [6457827717110365317, 3203168211198807973, 9817491932198370423] == outputs


def test_the_sum_is_that_of_every_record_by_itself() -> None:
    seed = int(Noted("alerts", 3)._seed)
    checks = [2**64 - 1 if value is None else len(value) * 2**32 + crc32(value) for _, value in RECORDS]
    numbers = [
        mixed(mixed((offset * 0x9E3779B97F4A7C15 + seed) % 2**64) ^ check)
        for (offset, _), check in zip(RECORDS, checks, strict=True)
    ]
    assert (5, sum(numbers) % 2**64) == sum_of(RECORDS)


def test_neither_order_nor_parts_matter() -> None:
    whole = sum_of(RECORDS)
    assert whole == sum_of(RECORDS[::-1])
    assert whole == added(sum_of(RECORDS[:2]), sum_of(RECORDS[2:]))
    assert sum_of(RECORDS[2:]) == taken_off(whole, sum_of(RECORDS[:2]))


@pytest.mark.parametrize(
    ("topic", "partition", "records"),
    [
        ("alerts", 3, RECORDS[:-1]),
        ("alerts", 3, [*RECORDS, RECORDS[0]]),
        ("alerts", 3, [*RECORDS[:-1], (6, b"c")]),
        ("alerts", 3, [*RECORDS[:-1], (7, b"a")]),
        ("alerts", 3, [(0, b"b"), (1, b"a"), *RECORDS[2:]]),
        ("alerts", 3, [*RECORDS[:2], (2, b""), (5, None), *RECORDS[4:]]),
        ("alerts", 2, RECORDS),
        ("strays", 3, RECORDS),
    ],
    ids=["one less", "one twice", "one changed", "one elsewhere", "swapped", "no value", "partition", "topic"],
)
def test_whatever_is_wrong_makes_another_sum(
    topic: str, partition: int, records: list[tuple[int, bytes | None]]
) -> None:
    assert sum_of(RECORDS)[1] != sum_of(records, topic, partition)[1]


@given(st.sets(st.integers(min_value=0, max_value=2**62), min_size=2, max_size=200))
def test_no_two_sets_of_offsets_that_differ_by_one_have_one_sum(offsets: set[int]) -> None:
    every = [(offset, b"") for offset in offsets]
    sums = {sum_of([each for each in every if each != left_out])[1] for left_out in every}
    assert len(every) == len(sums)


def test_a_shards_sums_go_on_from_commit_to_commit_and_change_only_where_something_was_noted() -> None:
    audit = AuditSums()
    audit.begin("alerts", 3, 0)
    audit.begin("alerts", 3, 7)
    for offset, value in RECORDS[:2]:
        audit.of("alerts", 3, RecordClass.ALERT).note(offset, value)
    audit.of("alerts", 3, RecordClass.DEAD_LETTER)
    audit.settle()
    assert {"alerts/3": 0} == audit.begun.data
    assert ({"alerts/3|alert": sum_of(RECORDS[:2])}, []) == audit.sums.cut()
    for offset, value in RECORDS[2:]:
        audit.of("alerts", 3, RecordClass.DEAD_LETTER).note(offset, value)
    audit.settle()
    assert ({"alerts/3|dead_letter": sum_of(RECORDS[2:])}, []) == audit.sums.cut()
    assert sum_of(RECORDS) == added(*audit.sums.data.values())
    assert NOTHING == Noted("alerts", 3).take()


def test_sums_wrap_around_silently() -> None:
    with np.errstate(all="raise"):
        assert 2**64 > sum_of([(2**62 + each, b"x" * each) for each in range(100)])[1]
