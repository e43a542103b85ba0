"""Lag is what is there and not folded: the same sums, whatever is under way, and a line when it matters."""

from dcc_analytics.aggregators.lag import TOLD_EVERY_S, Lag, LagTeller
from dcc_analytics.stream.clock import TopicClock
from dcc_analytics.stream.strays import SOURCES
from tests.desk import NOON
from tests.story import Story

PARTITIONS = 4


def test_what_is_behind_and_what_was_folded_are_always_all_there_is() -> None:
    story = Story(PARTITIONS)
    for _ in range(50):
        story.request()
        story.response()
    driver = story.driver
    seen, lag = set(), Lag({}, 0.0)
    for _ in range(100):
        for shard in driver.shards:
            driver.step(shard, 3)
        tops = {(topic, p): len(driver.log[topic, p]) for topic in SOURCES for p in range(PARTITIONS)}
        lag = Lag.of({shard.partition: shard.clocks for shard in driver.shards}, tops, NOON)
        applied = sum(clock.applied for shard in driver.shards for clock in shard.clocks.values())
        assert sum(tops.values()) == applied + lag.total
        assert lag.total == sum(lag.behind.values())
        seen.add(lag.total)
    assert len(seen) > 3
    assert 0 == lag.total == lag.seconds


def test_it_is_told_at_once_then_every_so_often_and_once_when_it_is_gone() -> None:
    teller, some, none = LagTeller(), Lag({"alerts": 3}, 1.0), Lag({"alerts": 0}, 0.0)
    assert not teller.is_due(none, 0.0)
    assert [True, False, True] == [teller.is_due(some, at) for at in (1.0, 2.0, 1.0 + TOLD_EVERY_S)]
    assert [True, False] == [teller.is_due(none, at) for at in (20.0, 200.0)]
    assert "behind=3 seconds=1.0 alerts=3" == str(some)


def test_how_old_the_unread_is_stays_unknown_until_something_was_read_of_the_topic() -> None:
    tops = {("alerts", 0): 5, ("strays", 0): 2}
    begun = {0: {"alerts": TopicClock(applied=3, clock_us=NOON), "strays": TopicClock()}}
    assert Lag({"alerts": 2, "strays": 2}, None) == (unknown := Lag.of(begun, tops, NOON + 4_000_000))
    assert "behind=4 seconds=unknown alerts=2 strays=2" == str(unknown)
    begun[0]["strays"].read(NOON - 1_000_000, NOON)
    assert 5.0 == Lag.of(begun, tops, NOON + 4_000_000).seconds
