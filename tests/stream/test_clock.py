"""The clock of a topic, of a shard, of all shards, and what may be read next: contract section 3.13."""

import pytest

from dcc_analytics.stream.clock import (
    AHEAD_US,
    CAP_US,
    STEP_US,
    UNREAD,
    TopicClock,
    horizon_us,
    run_limit_us,
    stream_clock_us,
)
from dcc_analytics.stream.instants import MINUTE_US, US_PER_S

NOON = 12 * 60 * MINUTE_US


def clock(minutes: float | None, *, finished: bool = False) -> TopicClock:
    """Return the clock of a topic read to so many minutes after noon; None before anything is read."""
    at_us = UNREAD if minutes is None else NOON + int(minutes * MINUTE_US)
    return TopicClock(applied=5, end=5 if finished else 9, clock_us=at_us)


def test_the_limits_are_those_of_the_contract() -> None:
    assert (5 * MINUTE_US, 10 * MINUTE_US) == (CAP_US, AHEAD_US)
    assert STEP_US < AHEAD_US


# -- of a topic --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected_us", "event_us"),
    [
        (NOON - MINUTE_US, NOON - MINUTE_US),
        (NOON + 5 * MINUTE_US, NOON + 5 * MINUTE_US),
        (NOON + 5 * MINUTE_US, NOON + 5 * MINUTE_US + 1),
        (NOON + 5 * MINUTE_US, NOON + 10_000 * MINUTE_US),
    ],
)
def test_an_event_time_counts_up_to_five_minutes_after_its_records_own_timestamp(
    expected_us: int, event_us: int
) -> None:
    topic = TopicClock()
    topic.read(event_us, NOON)
    assert expected_us == topic.clock_us


def test_the_clock_of_a_topic_never_runs_backwards() -> None:
    topic = TopicClock()
    for event_us in (NOON, NOON - MINUTE_US, NOON - US_PER_S):
        topic.read(event_us, NOON)
    assert NOON == topic.clock_us


def test_a_cap_does_not_take_a_clock_back() -> None:
    topic = TopicClock(clock_us=NOON)
    topic.read(NOON + MINUTE_US, NOON - 60 * MINUTE_US)
    assert NOON == topic.clock_us


@pytest.mark.parametrize(("finished", "applied", "end"), [(True, 0, 0), (False, 0, 1), (True, 7, 7), (True, 8, 7)])
def test_a_topic_is_finished_when_all_that_is_known_is_folded(*, finished: bool, applied: int, end: int) -> None:
    assert finished == TopicClock(applied=applied, end=end).finished


# -- of a shard --------------------------------------------------------------------------------------------


def test_the_streams_clock_is_the_least_over_the_topics() -> None:
    assert NOON + MINUTE_US == stream_clock_us([clock(3), clock(1), clock(2)])


def test_a_topic_read_to_its_end_does_not_hold_the_clock_back() -> None:
    assert NOON + 3 * MINUTE_US == stream_clock_us([clock(3), clock(1, finished=True)])


def test_when_all_are_read_to_their_ends_the_greatest_counts() -> None:
    assert NOON + 3 * MINUTE_US == stream_clock_us([clock(3, finished=True), clock(1, finished=True)])


def test_a_topic_with_records_of_which_none_is_read_holds_the_clock_at_the_beginning() -> None:
    assert UNREAD == stream_clock_us([clock(3), clock(None)])


# -- of all shards -----------------------------------------------------------------------------------------


def test_a_shard_that_has_read_all_is_judged_by_the_others() -> None:
    assert horizon_us([(100, True), (500, False), (900, False)]) == 500
    assert horizon_us([(100, True), (500, True)]) == 500
    assert horizon_us([(100, False), (500, True)]) == 100


# -- read in step ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("waits", "ahead_min"), [(False, 9), (False, 10), (True, 10.0001), (True, 60)])
def test_a_topic_more_than_ten_minutes_ahead_of_the_slowest_unfinished_one_waits(
    *, waits: bool, ahead_min: float
) -> None:
    limit = run_limit_us(clock(ahead_min), [clock(0), clock(30)])
    assert waits == (limit is None)


def test_a_topic_does_not_wait_for_one_that_is_read_to_its_end() -> None:
    assert run_limit_us(clock(60), [clock(0, finished=True), clock(55)]) is not None
    assert run_limit_us(clock(60), [clock(0, finished=True)]) == 2**63
    assert run_limit_us(clock(60), []) == 2**63


def test_nothing_is_read_past_a_topic_of_which_nothing_is_read_yet() -> None:
    assert run_limit_us(clock(0), [clock(None)]) is None
    assert run_limit_us(clock(None), [clock(None)]) is not None


@pytest.mark.parametrize("reader_min", [-300, -5, 0, 4, 10])
def test_a_run_stays_within_ten_minutes_of_the_slowest_and_goes_on(reader_min: float) -> None:
    reader = clock(reader_min)
    limit_us = run_limit_us(reader, [clock(0), clock(7)])
    assert limit_us is not None
    assert reader.clock_us < limit_us
    assert limit_us <= max(NOON, reader.clock_us) + STEP_US
