"""The comparison under kills counts right: what is planted as lost or doubled is told, and no kill misses."""

import asyncio
import json
import time
from collections import Counter
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from bench.counters import OurWorker, StockFaust
from bench.figures import PartFailedError
from bench.killable import Killable
from bench.paced import Feed, Sender, UserSrv, feed_of
from bench.parts.faust_counting import REQUESTS
from bench.parts.kills import COMMIT_S, KILLS, WORKERS, Difference, difference, stops_of
from bench.run import PARTITIONS
from dcc_analytics.catalogue.months import Month
from dcc_analytics.stream.instants import instant_text
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.topics import create_topics
from tests.conftest import create_topic
from tests.desk import DEVICE, NOON, USER, S, rid
from tests.worker_process import WorkerProcess, until

OCTOBER = Month.parse("2026-10")
READS = UserSrv(USER, "4.8.1")
SPRINGS = UserSrv(USER, "7.4")


def line(fields: dict[str, object], event_us: int) -> str:
    """Return a recorded event."""
    return json.dumps({"timestamp": event_us // 1000, "key": DEVICE, "value": fields}) + "\n"


def request(number: int, *, srv: str | None = "4.8.1", at: int = NOON, **fields: object) -> str:
    """Return a recorded request."""
    said = {
        "request_id": rid(number), "received_at": instant_text(at), "srv": srv, "command_variant": 1, "role": "IS",
        "device": DEVICE,
    }  # fmt: skip
    return line(said | fields, at)


def response(number: int) -> str:
    """Return a recorded response."""
    return line({"request_id": rid(number), "sent_at": instant_text(NOON + S), "code": "I0"}, NOON + S)


def recorded(folder: Path, *requests: str, responses: tuple[str, ...] = ()) -> Path:
    """Write recorded events."""
    for topic, lines in ((REQUESTS, requests), ("service-responses", responses), ("alerts", ())):
        (folder / f"{topic}.ndjson").write_text("".join(lines), encoding="utf-8")
    return folder


def test_nothing_is_different_where_all_was_counted_once() -> None:
    expected = Counter({READS: 3, SPRINGS: 2})
    assert Difference(sent=5, lost=0, doubled=0, wrong_keys=0, keys=2) == difference(expected, Counter(expected))


def test_what_one_key_lost_is_not_made_up_for_by_what_another_has_twice() -> None:
    found = difference(Counter({READS: 3, SPRINGS: 2}), Counter({READS: 2, SPRINGS: 3}))
    assert Difference(sent=5, lost=1, doubled=1, wrong_keys=2, keys=2) == found


def test_a_key_that_was_never_sent_and_one_that_never_came_are_told() -> None:
    found = difference(Counter({READS: 3}), Counter({SPRINGS: 4}))
    assert Difference(sent=3, lost=3, doubled=4, wrong_keys=2, keys=2) == found


def test_a_feed_holds_only_requests_that_are_one_however_one_counts(tmp_path: Path) -> None:
    folder = recorded(
        tmp_path,
        request(1),
        request(1),
        request(2, srv="7.4"),
        request(3, command_variant=4),
        request(4, execute_at="3000-01-01T00:00:00Z"),
        request(5, execute_at=instant_text(NOON + 60 * S)),
        request(6, at=OCTOBER.end_us),
        request(7, srv=None),
        responses=(response(1), response(6)),
    )
    feed = feed_of(folder, OCTOBER, 100)
    assert Counter({READS: 1, SPRINGS: 1}) == feed.expected
    assert [REQUESTS, REQUESTS, "service-responses"] == [topic for topic, _ in feed.events]


def test_stops_come_from_the_seed_in_the_feeds_order_and_leave_some_of_it() -> None:
    for seed in range(50):
        stops = stops_of(seed, 1_000)
        assert stops == stops_of(seed, 1_000)
        assert sorted(stops) == stops
        assert [True] * KILLS + [False] == [stop.is_kill for stop in stops]
        assert all(0 < stop.at < 900 and 0 <= stop.delay_s < COMMIT_S and stop.worker < WORKERS for stop in stops)


def test_a_kill_of_a_process_that_has_ended_is_no_kill(tmp_path: Path) -> None:
    process = Killable(["-c", "print('bye')"], tmp_path / "log")
    process.wait()
    with pytest.raises(PartFailedError, match="had ended before it was killed: bye"):
        process.kill()


def test_a_kill_of_a_process_that_lives_ends_it(tmp_path: Path) -> None:
    process = Killable(["-c", "import time; print('up', flush=True); time.sleep(60)"], tmp_path / "log")
    while not process.said:
        time.sleep(0.01)
    process.kill()
    assert not process.runs


def test_progress_is_read_from_the_newest_whole_line() -> None:
    faust = StockFaust(Connection("nowhere"), "at_least_once")
    said = 'a warning\n{"folded": 7, "at": {"1": 3}}\n{"folded": 9, "at": {"1'
    assert 7 == faust.folded(said)
    assert 0 == faust.folded("")
    whole = Counter({(REQUESTS, 1): 4, ("service-responses", 1): 9})
    assert asyncio.run(faust.is_worked_off([said], whole))


@pytest.mark.slow
@pytest.mark.broker
async def test_a_changelogs_newest_values_are_added_over_partitions(connection: Connection) -> None:
    faust = StockFaust(connection, "at_least_once")
    bare = Connection(connection.bootstrap)
    changelog = f"{connection.prefix}stock-requests-changelog"
    await create_topic(bare, changelog, PARTITIONS)
    producer = AIOKafkaProducer(**bare.options())
    await producer.start()
    for partition, srv, count in ((0, "4.8.1", 1), (0, "4.8.1", 2), (3, "4.8.1", 2), (1, "7.4", 1)):
        key = json.dumps(f"{partition}|{USER}|{srv}").encode()
        await producer.send_and_wait(changelog, json.dumps(count).encode(), key, partition)
    await producer.stop()
    assert not await faust.is_worked_off([], Counter({(REQUESTS, 1): 5})), "nothing is committed"
    counted = await faust.counted()
    assert Counter({READS: 4, SPRINGS: 1}) == counted
    planted = difference(Counter({READS: 3, SPRINGS: 2}), counted)
    assert Difference(sent=5, lost=1, doubled=1, wrong_keys=2, keys=2) == planted


@pytest.mark.slow
@pytest.mark.broker
async def test_the_worker_counts_what_a_feed_says_was_sent(connection: Connection, tmp_path: Path) -> None:
    await create_topics(connection, partitions=PARTITIONS, application="dcca", keep_recorded=True)
    (tmp_path / "events").mkdir()
    folder = recorded(
        tmp_path / "events", *map(request, range(1, 30)), request(30, srv="7.4"), responses=(response(1),)
    )
    feed = feed_of(folder, OCTOBER, 100)
    ours, sender = OurWorker(connection, OCTOBER), Sender(connection, feed, per_s=1_000)
    await sender.send()
    with WorkerProcess(connection, tmp_path / "worker", "--until-caught-up") as worker:
        await until(lambda: not worker.runs, "the worker to catch up")
        assert 31 == ours.folded(worker.said)
    assert await ours.is_worked_off([], sender.ends)
    counted = await ours.counted()
    assert Difference(sent=30, lost=0, doubled=0, wrong_keys=0, keys=2) == difference(feed.expected, counted)
    doubled = Feed(feed.events, feed.expected + Counter({SPRINGS: 1}))
    assert 1 == difference(doubled.expected, counted).lost
