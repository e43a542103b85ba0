"""A shard reads its topics in step, loses nothing, and keeps what it can't read: contract sections 3.13, 3.14, 8."""

import pytest

from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.home import partition_of
from tests.desk import DAY, DEVICE, MIN, NOON, OTHER_USER, USER, S, rid
from tests.driver import APPLICATION, LogRecord, MemoryEstate
from tests.records import REQUEST, RID, text
from tests.story import FINAL, Story, at

PARTITIONS = 6
HOME = partition_of(DEVICE, PARTITIONS)


# -- dead letters ------------------------------------------------------------------------------------------


def test_a_dead_letter_keeps_topic_partition_offset_reason_key_timestamp_and_bytes() -> None:
    story = Story(PARTITIONS)
    story.request()
    story.tell("service-requests", b"{\xff", NOON, subject=DEVICE)
    story.run()
    (letter,) = story.driver.dead_letters
    assert ("service-requests", HOME, 1, DEVICE.encode(), NOON // 1000, b"{\xff") == (
        letter.topic, letter.partition, letter.offset, letter.key, letter.timestamp_ms, letter.value,
    )  # fmt: skip
    headers = dict(letter.headers())
    assert headers == {
        "topic": b"service-requests",
        "partition": str(HOME).encode(),
        "offset": b"1",
        "timestamp": str(NOON // 1000).encode(),
        "reason": letter.reason.encode(),
        "application": APPLICATION.encode(),
    }


@pytest.mark.parametrize("topic", ["service-requests", "service-responses", "alerts", "devices", "users", "incidents"])
@pytest.mark.parametrize("value", [b"", b"<a/>", b"[]", b"{}", b"\x00", b'{"a": NaN}'], ids=repr)
def test_a_record_that_cannot_be_read_never_stops_the_stream(topic: str, value: bytes) -> None:
    story = Story()
    story.request()
    story.tell(topic, value, NOON)
    story.response()
    story.run()
    assert [1] == [story.classes(topic)["dead_letter"]]
    assert len(story.reasons()) == 1
    assert [(1, 1)] == story.rows("requests", "successes")


def test_a_record_without_value_is_a_dead_letter_on_a_source_topic() -> None:
    story = Story()
    story.driver.publish("alerts", USER.encode(), None, NOON // 1000)
    story.run()
    assert ["the record has no value"] == story.reasons()


@pytest.mark.parametrize("topic", ["users", "incidents", "devices"])
def test_a_null_value_on_a_compacted_topic_is_no_dead_letter(topic: str) -> None:
    story = Story()
    story.driver.publish(topic, USER.encode(), None, NOON // 1000)
    story.run()
    assert {"reference": 1} == story.classes(topic)
    assert story.reasons() == []


# -- clocks, steps and offers (3.13, 3.14) -----------------------------------------------------------------


def fetched(*records: tuple[int, bytes], topic: str = "service-requests", begin: int = 0) -> Fetched:
    """Return (event time, value) pairs as a fetch."""
    log = [LogRecord(begin + n, us // 1000, USER.encode(), value) for n, (us, value) in enumerate(records)]
    return Fetched(topic, 0, begin, begin + len(log), log, lambda: None)


def asked(us: int, number: int = 1) -> tuple[int, bytes]:
    return us, text(REQUEST, request_id=rid(number), received_at=at(us))


def answered(us: int, number: int = 1) -> tuple[int, bytes]:
    return us, text({"request_id": rid(number), "sent_at": at(us), "code": "I0"})


@pytest.fixture
def shard() -> Shard:
    return Shard(0, 1, ShardState(), MemoryEstate())


def test_a_fetch_that_does_not_begin_where_the_last_ended_is_refused(shard: Shard) -> None:
    assert not shard.offer(fetched(asked(NOON), begin=1))
    assert shard.offer(fetched(asked(NOON)))
    assert not shard.offer(fetched(asked(NOON)))
    assert shard.offer(fetched(asked(NOON, 2), begin=1))


def test_a_topic_more_than_ten_minutes_ahead_waits_for_the_slowest_unfinished_one(shard: Shard) -> None:
    shard.clocks["service-responses"].end = 2
    shard.offer(fetched(*(asked(NOON + minute * MIN, minute) for minute in range(60))))
    shard.offer(fetched(answered(NOON + S, 0), topic="service-responses"))
    shard.advance(1000)
    read_to = shard.clocks["service-requests"].clock_us
    assert NOON + 10 * MIN <= read_to <= NOON + 12 * MIN
    assert 60 == shard.waiting("service-requests")
    shard.offer(fetched(answered(NOON + 59 * MIN, 5), topic="service-responses", begin=1))
    shard.advance(1000)
    assert NOON + 59 * MIN == shard.clocks["service-requests"].clock_us
    assert 0 == shard.waiting("service-requests")


def test_the_shards_clock_is_the_least_over_its_unfinished_topics_and_never_goes_back(shard: Shard) -> None:
    shard.clocks["service-responses"].end = 2
    shard.offer(fetched(asked(NOON + 5 * MIN)))
    shard.offer(fetched(answered(NOON + S), topic="service-responses"))
    shard.advance(1000)
    assert NOON + S == shard.state.clock_us
    shard.offer(fetched(answered(NOON + 2 * S), topic="service-responses", begin=1))
    shard.advance(1000)
    assert NOON + 5 * MIN == shard.state.clock_us
    shard.clocks["service-responses"].end = 3
    shard.advance(1000)
    assert NOON + 5 * MIN == shard.state.clock_us


def test_a_fault_in_one_event_time_takes_the_clock_on_by_five_minutes_only(shard: Shard) -> None:
    shard.offer(fetched((NOON, asked(NOON + 300 * DAY)[1])))
    shard.advance(1000)
    assert NOON + 5 * MIN == shard.state.clock_us


def test_advance_folds_about_as_many_records_as_it_may(shard: Shard) -> None:
    shard.offer(fetched(*(asked(NOON + number * S, number) for number in range(10))))
    assert 4 == shard.advance(4)
    assert 4 == shard.clocks["service-requests"].applied
    assert 6 == shard.advance(100)
    assert 10 == shard.clocks["service-requests"].applied


def test_offsets_are_passed_over_where_only_markers_are(shard: Shard) -> None:
    shard.offer(Fetched("alerts", 0, 0, 7, [], lambda: None))
    assert 0 == shard.advance(10)
    assert 7 == shard.clocks["alerts"].applied
    assert shard.has_changes()


def test_records_are_let_go_when_they_are_folded_and_acknowledged_when_they_are_committed(shard: Shard) -> None:
    acknowledged: list[str] = []
    taken = fetched(*(asked(NOON + number * S, number) for number in range(10)))
    taken.acknowledge = lambda: acknowledged.append("all")
    shard.offer(taken)
    shard.advance(9)
    assert 10 == len(taken.records)
    shard.advance(1)
    assert not taken.records
    shard.state.cut()
    _, _, folded = shard.take_outgoing()
    assert ([taken], []) == (folded, acknowledged)


def test_a_record_lost_between_reading_and_classing_stops_the_commit(shard: Shard) -> None:
    shard.offer(fetched(asked(NOON)))
    shard.advance(10)
    shard.records += 1
    with pytest.raises(
        RuntimeError, match="conservation is broken in partition 0: 2 records were folded and 1 classed"
    ):
        shard.take_outgoing()


def test_every_record_read_is_exactly_one_class() -> None:
    """Each class of section 3.14 occurs, and the sums of classes are the numbers of records."""
    story = Story(PARTITIONS)
    story.device()
    story.request(1)
    story.request(1, received=NOON + S)
    story.response(1, sent=NOON + 2 * S)
    story.response(1, sent=NOON + 3 * S)
    story.response(1, sent=NOON + 3 * S, kind="acknowledgement", code="I99")
    story.request(2, execute_at="3000-12-31T00:00:00Z", received=NOON + 4 * S)
    story.tell("service-responses", text({
        "kind": "scheduled", "user": USER, "srv": "4.8.1", "planned_at": at(NOON), "sent_at": at(NOON + S),
        "code": "I0",
    }), NOON + S)  # fmt: skip
    story.alert(raised=NOON + S)
    story.alert(raised=NOON + S)
    story.response(9, sent=NOON + 5 * S)
    story.request(10, key=b"rubbish", received=NOON + 6 * S)
    story.tell("alerts", b"{}", NOON + 6 * S)
    story.request(11, received=NOON + 7 * S)
    story.let_time_pass(FINAL + DAY)
    story.response(11, sent=FINAL + DAY)
    story.run()
    expected = {
        "leg_opened": 3, "end": 1, "interim": 1, "duplicate_request": 1, "duplicate_end": 1, "duplicate_alert": 1,
        "cancellation": 1, "scheduled": 1, "alert": 1 + PARTITIONS, "waiting": 1, "late": 1, "stray_passed_on": 1,
        "dead_letter": 1, "reference": 1,
    }  # fmt: skip
    assert expected == story.classes()
    assert sum(expected.values()) == sum(map(len, story.driver.log.values()))


def test_other_users_requests_are_their_own() -> None:
    story = Story()
    story.request()
    story.request(user=OTHER_USER)
    story.run()
    assert {USER, OTHER_USER} == {party for (party,) in story.rows("party")}
    assert RID != rid()
