"""Slow answers: which are counted, under what, and that they survive what a shard survives."""

import pytest

from dcc_analytics.aggregators.cells import CellTable
from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.keys import CellKey, FailureKey
from dcc_analytics.aggregators.observe import Observer, observation
from dcc_analytics.aggregators.slow import SLOW_US, TIME_OUTS_H, SlowKey, beyond_h
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.catalogue.months import Month
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS, time_out_us
from dcc_analytics.stream.estate import UNKNOWN_FACTS
from dcc_analytics.stream.legs import Leg, Outcome
from tests.desk import DAY, DEVICE, NOON, USER, H, S
from tests.driver import Driver
from tests.story import FINAL, Story

OCTOBER = Month.parse("2026-10").number


def leg(**changed: object) -> Leg:
    said = {
        "user": USER, "role": "IS", "srv": "4.8.1", "command_variant": 1, "transform": False, "device": DEVICE,
        "received_us": NOON, "start_us": NOON, "future_dated": False, "untimed": False,
    }  # fmt: skip
    return Leg(**(said | changed))  # type: ignore[arg-type]  # fields of the leg


def seen(*legs: tuple[Leg, Outcome | None]) -> dict[SlowKey, int]:
    """Return what is counted of legs that ended so."""
    cells: CellTable[CellKey] = CellTable()
    failures: Tally[FailureKey] = Tally()
    slow: Tally[SlowKey] = Tally()
    observer = Observer(cells, failures, slow)
    for each, outcome in legs:
        observer.observe(observation(each, outcome, UNKNOWN_FACTS))
    slow.fold(slow.cut())
    return dict(slow.items())


def success(after_us: int, **changed: bool) -> Outcome:
    return Outcome(succeeded=True, reason="", ended_us=NOON + after_us, **changed)


def key(hours: int, *, transform: bool = False) -> SlowKey:
    process, srv = ("Tariff Updates", "1.2.1") if transform else ("Meter Reads", "4.8.1")
    return SlowKey(USER, "IS", process, srv, "", transform, OCTOBER, hours)


def test_the_time_outs_of_the_catalogue_are_among_those_told_of() -> None:
    assert {24 * H, 120 * H} == {time_out_us(srv) for srv in SERVICE_REQUESTS}
    assert {24, 120} < set(TIME_OUTS_H)
    assert sorted(TIME_OUTS_H) == list(TIME_OUTS_H)
    assert H == SLOW_US


@pytest.mark.parametrize(
    ("hours", "passed_us"),
    [
        (0, -DAY),
        (0, 0),
        (0, H),
        (1, H + 1),
        (1, DAY),
        (24, DAY + 1),
        (24, 5 * DAY),
        (120, 5 * DAY + 1),
        (120, 99 * DAY),
    ],
)
def test_a_time_out_has_passed_a_microsecond_after_it_came(hours: int, passed_us: int) -> None:
    assert hours == beyond_h(passed_us)


@pytest.mark.parametrize(
    ("expected", "after_us"), [({}, H), ({key(1): 1}, H + 1), ({key(24): 1}, 2 * DAY), ({key(120): 1}, 6 * DAY)]
)
def test_a_success_over_an_hour_is_counted_by_the_longest_time_out_it_passed(
    expected: dict[SlowKey, int], after_us: int
) -> None:
    assert expected == seen((leg(), success(after_us)))


def test_only_successes_with_a_time_are_counted() -> None:
    failed = Outcome(succeeded=False, reason="E20", ended_us=NOON + 2 * DAY)
    unanswered = Outcome(succeeded=False, reason="NO-RESPONSE", ended_us=None)
    ends = (failed, unanswered, None, success(2 * DAY, untimed=True))
    assert {} == seen(*((leg(), end) for end in ends), (leg(untimed=True), success(2 * DAY)))


def test_the_legs_of_a_request_are_counted_apart() -> None:
    transform = leg(srv="1.2.1", command_variant=4, transform=True)
    assert {key(1, transform=True): 1, key(1): 2} == seen(
        (transform, success(2 * H)), (leg(), success(2 * H)), (leg(), success(3 * H))
    )


# -- the ledger --------------------------------------------------------------------------------------------


def slow_of(state: ShardState) -> dict[SlowKey, int]:
    return dict(state.slow.items())


def story() -> Story:
    """Return a story of answers after an hour and more, told over two days."""
    told = Story()
    for number in range(1, 30):
        told.request(number, received=NOON + number * S)
        told.response(number, sent=NOON + number * S + number * 2 * H)
    told.let_time_pass(NOON + 4 * DAY)
    return told


EXPECTED = {key(1): 12, key(24): 17}


def fold(driver: Driver, fetch: int, *, checkpoint_every: int) -> None:
    driver.read_reference()
    (shard,) = driver.shards
    commits = 0
    while driver.step(shard, fetch, commit=False):
        commits += 1
        driver.commit(shard, checkpoint=checkpoint_every > 0 and commits % checkpoint_every == 0)
        driver.tell_horizon()
    if shard.has_changes():
        driver.commit(shard)


@pytest.mark.parametrize("checkpoint_every", [0, 1, 2, 3])
@pytest.mark.parametrize("fetch", [1, 4, 500])
def test_what_is_read_back_is_what_was_in_memory(fetch: int, checkpoint_every: int) -> None:
    told = story()
    fold(told.driver, fetch, checkpoint_every=checkpoint_every)
    assert EXPECTED == slow_of(told.driver.shards[0].state)
    assert EXPECTED == slow_of(read_back(dict(told.driver.ledgers[0])))


@pytest.mark.parametrize("checkpoint", [False, True])
def test_a_checkpoint_and_what_was_lost_uncommitted_leave_the_counts_exact(*, checkpoint: bool) -> None:
    """After each commit a step more is folded, lost with its shard, and folded again."""
    told = story()
    driver = told.driver
    driver.read_reference()
    commits = 0
    while driver.step(driver.shards[0], 3, commit=False):
        driver.commit(driver.shards[0], checkpoint=checkpoint)
        commits += 1
        driver.step(driver.shards[0], 3, commit=False)
        driver.restart(0)
        driver.tell_horizon()
    assert 5 < commits
    assert EXPECTED == slow_of(driver.shards[0].state)


def test_a_state_read_back_writes_no_block_of_slow_answers_that_did_not_change() -> None:
    told = story()
    fold(told.driver, 500, checkpoint_every=1)
    assert EXPECTED == slow_of(read_back(dict(told.driver.ledgers[0])))
    assert b"s|000000000000" in told.driver.ledgers[0]
    told.driver.restart(0)
    told.driver.shards[0].state.cut()
    written = dict(told.driver._checkpointers[0].records(told.driver.shards[0].state))
    assert [] == [name for name in written if name.startswith(b"s|")]


def test_a_month_that_was_settled_keeps_its_counts() -> None:
    told = story()
    told.let_time_pass(FINAL + 3 * DAY)
    told.run()
    assert EXPECTED == slow_of(told.driver.shards[0].state)
