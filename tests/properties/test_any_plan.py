"""Any cut into batches, any order of topics within the windows, any restart, any redelivery: the same figures.

Requirements: R-MON-1. Contract sections 3.9, 3.10, 3.13, 3.14 and 6 ("stays exact under any crash, restart,
redelivery or rebalance").
"""

from typing import Any

import pytest
from hypothesis import given

from dcc_analytics.stream.home import partition_of
from tests.desk import DEVICE, MIN, NOON, OTHER_DEVICE, USER, H, rid
from tests.driver import Driver
from tests.properties.feeds import (
    FEEDS,
    REQUESTS,
    RESPONSES,
    THIRD_DEVICE,
    YEAR_3000,
    Message,
    Talk,
    directory,
)
from tests.properties.plans import OCTOBER, PLAIN, PLANS, Come, Horizon, Plan, Play, Step
from tests.properties.profile import PROFILE
from tests.recorded_sample import counted
from tests.story import at


@pytest.mark.slow
@PROFILE
@given(feed=FEEDS, plan=PLANS)
def test_whatever_the_plan_the_figures_are_the_same(feed: list[Message], plan: Plan) -> None:
    plain, played = Play(feed, PLAIN), Play(feed, plan)
    assert plain.figures() == played.figures()
    for each in (plain, played):
        each.let_time_pass(OCTOBER.final_us)
    assert plain.figures() == played.figures()
    assert [] == played.conserved()
    assert plain.sums() == pytest.approx(played.sums())


def test_an_end_that_comes_after_its_leg_was_withdrawn_is_counted_alike_however_it_is_read() -> None:
    """Found by the property above: `duplicate_ends` hangs on whether the shards knew of each other's clocks between."""
    talk = Talk(1, NOON, DEVICE, USER, {REQUESTS: None, RESPONSES: None})
    dated: dict[str, Any] = {"srv": "1.1.1", "command_variant": 5}
    feed = [
        talk.request(execute_at=at(NOON + 2 * H), **dated),
        talk.request(MIN, request_id=rid(2), execute_at=YEAR_3000, **dated),
        talk.request(H, request_id=rid(3)),
        talk.response(3 * H),
    ]
    in_step = Plan(1, (Come(REQUESTS, 3), Step(0, 50, "delta"), Horizon()), 50)
    plain, played = Play(feed, PLAIN), Play(feed, in_step)
    assert counted(plain.states) == counted(played.states)


def test_a_device_whose_record_was_keyed_otherwise_is_known_wherever_its_shard_is_opened() -> None:
    """Or its events are told of Region and Meter Type `Unknown` as soon as another worker takes the shard over."""
    driver = Driver(5)
    for message in directory(misplaced=True):
        driver.publish(message.topic, message.key, message.value, message.stamp_us // 1000)
    driver.run()
    home = partition_of(THIRD_DEVICE, 5)
    assert 1 == len(driver.estates[home].versions(THIRD_DEVICE))
    driver.restart(home, elsewhere=True)
    driver.run()
    assert 1 == len(driver.estates[home].versions(THIRD_DEVICE))


def test_a_leg_that_ended_is_held_for_its_cancellation_though_its_shard_was_killed() -> None:
    """Found by the property above: the leg's shard has read far ahead of another, whose clock is the horizon."""
    driver, ahead, behind = Driver(4), OTHER_DEVICE, THIRD_DEVICE
    home = partition_of(ahead, 4)
    assert home != partition_of(behind, 4)
    keys: dict[str, str | None] = {REQUESTS: None, RESPONSES: None}
    talk, other = Talk(1, NOON, ahead, USER, keys), Talk(2, NOON, behind, USER, keys)
    dated: dict[str, Any] = {"srv": "1.1.1", "command_variant": 5}
    driver.read_reference()
    publish(driver, other.request(), talk.request(execute_at=at(NOON + 2 * H), **dated))
    for shard in driver.shards:
        driver.step(shard, 50)
    done: dict[str, Any] = {"kind": "future_dated", "instruction": {"number": 1, "total": 1, "alert": "8F66"}}
    publish(driver, other.response(H), talk.response(2 * H + MIN, **done))
    driver.step(driver.shards[home], 50)
    driver.restart(home)
    driver.tell_horizon()
    publish(driver, talk.request(2 * H, request_id=rid(9, target=ahead), execute_at=YEAR_3000, **dated))
    driver.run()
    driver.tell_horizon()
    assert 1 == counted([shard.state for shard in driver.shards])["cancelled"]


def publish(driver: Driver, *messages: Message) -> None:
    for message in messages:
        driver.publish(message.topic, message.key, message.value, message.stamp_us // 1000)
