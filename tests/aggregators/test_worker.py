"""Workers on a real broker: whatever is killed, stopped, joins or goes away, no figure changes.

The figures expected are those of the in-memory driver, which has neither broker nor processes. The month is published
in two parts: what happens to a worker happens before the second part is there, so it is in the middle for sure.
"""

import asyncio
import os
import re
import signal
from collections import Counter
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import BrokerError, StateError, TopicError
from dcc_analytics.snapshot.collect import Collected, collect
from dcc_analytics.snapshot.round_trips import RoundTrips, round_trips
from dcc_analytics.stream.broker.node import embedded_broker, start, status
from dcc_analytics.stream.dead_letters import read_dead_letters
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import create_topics
from tests.conftest import APPLICATION, PARTITIONS, create_topic, remove_topics
from tests.driver import Driver
from tests.recorded_sample import MONTH, counted, directory_and_inventory, lines, month_of, published, same
from tests.sliced_sample import EVENTS, sliced
from tests.worker_process import WorkerProcess, until

pytestmark = [pytest.mark.broker, pytest.mark.slow]

CLASSES = frozenset(RecordClass)


@pytest.fixture(scope="module")
def expected() -> Driver:
    driver, _ = published(PARTITIONS)
    driver.run()
    return driver


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The month until its middle, and the rest."""
    first, second = sliced(tmp_path_factory.mktemp("sample"), 2)
    return first, second


# -- the figures -------------------------------------------------------------------------------------------


async def assert_figures_are(expected: Driver, connection: Connection) -> None:
    """Compare all that is exact in the ledger with the driver's; each record and dead letter is there once."""
    await assert_ledger_has(expected, connection, APPLICATION)
    assert Counter((each.topic, each.timestamp_ms, each.reason) for each in expected.dead_letters) == Counter(
        [(each["topic"], each["timestamp"], each["reason"]) async for each in read_dead_letters(connection)]
    )


async def assert_ledger_has(expected: Driver, connection: Connection, application: str) -> None:
    """Compare all that is exact in an application's ledger with the driver's."""
    found = await collect(connection, application)
    assert 0 == found.behind
    assert counted([shard.state for shard in expected.shards]) == counted(found.states)
    assert same(month_of(expected), _month(found))
    for topic in EVENTS:
        assert sum(1 for _ in lines(topic)) == _classed(found, topic), topic


def _month(found: Collected) -> RoundTrips:
    return round_trips(found.states, MONTH, found.clock_us, *directory_and_inventory())


def _classed(found: Collected, topic: str) -> int:
    """Return how many records of a topic became something, in all shards."""
    counts = (item for state in found.states for item in state.counters.items())
    return sum(count for (name, of), count in counts if of == topic and name in CLASSES)


# -- what happens to workers -------------------------------------------------------------------------------


def _all_fold(*workers: WorkerProcess) -> bool:
    """Return whether all partitions are someone's, and each worker has folded of what it has."""
    folded = [worker.folded() for worker in workers]
    owned = {partition for each in folded for partition in each}
    return len(owned) == PARTITIONS and all(any(each.values()) for each in folded)


async def test_two_workers_share_the_partitions_and_killing_them_changes_no_figure(
    made: Connection, parts: tuple[Path, Path], tmp_path: Path, expected: Driver
) -> None:
    await publish(made, parts[0])
    with WorkerProcess(made, tmp_path / "one") as one, WorkerProcess(made, tmp_path / "other") as other:
        await until(lambda: _all_fold(one, other), "two workers that both fold")
        lost = set(one.folded()) - set(other.folded())
        one.kill()
        await until(lambda: lost <= set(other.folded()), "the survivor to take over")
        other.kill()
    await publish(made, parts[1])
    assert (await collect(made, APPLICATION)).behind > 0
    options = ("--until-caught-up",)
    with WorkerProcess(made, tmp_path / "1", *options) as one, WorkerProcess(made, tmp_path / "2", *options) as other:
        assert [0, 0] == [await one.ended(), await other.ended()]
        assert set(range(PARTITIONS)) == set(one.folded()) | set(other.folded())
    await assert_figures_are(expected, made)


async def test_a_worker_told_to_stop_ends_well_and_one_that_joins_takes_a_share(
    made: Connection, parts: tuple[Path, Path], tmp_path: Path, expected: Driver
) -> None:
    await publish(made, parts[0])
    with WorkerProcess(made, tmp_path / "one") as one, WorkerProcess(made, tmp_path / "other") as other:
        await until(lambda: _all_fold(one, other), "two workers that both fold")
        one.send(signal.SIGTERM)
        with WorkerProcess(made, tmp_path / "third") as third:
            assert 0 == await one.ended()
            await until(lambda: len(third.folded()) > 0, "the share of a worker that joins")
            third.send(signal.SIGINT)
            other.send(signal.SIGTERM)
            assert [0, 0] == [await third.ended(), await other.ended()]
    await publish(made, parts[1])
    await asyncio.wait_for(_fold_in_process(made, tmp_path), 60)
    await assert_figures_are(expected, made)


async def test_an_application_beside_another_changes_none_of_its_figures_and_has_the_same(
    made: Connection, parts: tuple[Path, Path], tmp_path: Path, expected: Driver
) -> None:
    """What either passes on to other partitions would be folded twice if both took it."""
    again = "again"
    await create_topics(made, partitions=PARTITIONS, application=again, keep_recorded=True)
    for part in parts:
        await publish(made, part)
        for application in (APPLICATION, again, APPLICATION):  # the last reads past what the other passed on
            await asyncio.wait_for(_fold_in_process(made, tmp_path, application), 60)
    await assert_ledger_has(expected, made, APPLICATION)
    await assert_ledger_has(expected, made, again)


async def test_a_killed_broker_that_comes_back_changes_no_figure_or_the_worker_says_that_it_would(
    parts: tuple[Path, Path], tmp_path: Path, expected: Driver
) -> None:
    """A broker killed while it ends a transaction may leave it open for good: then the worker stops and names it."""
    data = tmp_path / "broker"
    with embedded_broker(data) as running:
        made = Connection(running.bootstrap)
        await create_topics(made, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
        await publish(made, parts[0])
        with WorkerProcess(made, tmp_path / "one") as one:
            await until(lambda: _all_fold(one), "a worker that folds")
            os.kill(running.pid, signal.SIGKILL)
            await until(lambda: status(data) is None, "the end of the broker")
            start(data, port=int(running.bootstrap.rpartition(":")[2]), bound=True)
            if one.runs:
                one.send(signal.SIGTERM)
            code = await one.ended()
            assert code in {0, 1}, one.said
            assert "Traceback" not in one.said
            assert code == 0 or one.said.splitlines()[-1].startswith("dcca: ")
        await publish(made, parts[1])
        try:
            await asyncio.wait_for(_fold_in_process(made, tmp_path), 60)
        except StateError as hangs:
            assert re.search(r"a transaction on strays/\d has been open at offset \d+", str(hangs))  # noqa: PT017
            assert (await collect(made, APPLICATION)).behind > 0
        else:
            await assert_figures_are(expected, made)


async def test_a_transaction_that_nobody_ends_on_strays_stops_the_worker_with_its_place(
    made: Connection, tmp_path: Path
) -> None:
    producer = AIOKafkaProducer(**made.options(), transactional_id=f"{made.prefix}open")
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait(made.topic("strays"), b"{}", b"k", partition=1)
    with pytest.raises(StateError, match=r"a transaction on strays/1 has been open at offset 0"):
        await asyncio.wait_for(_fold_in_process(made, tmp_path), 40)
    assert [1] == await _undecided(made)
    await producer.abort_transaction()
    await producer.stop()
    await asyncio.wait_for(_fold_in_process(made, tmp_path), 40)


async def _undecided(connection: Connection) -> list[int]:
    """Return the partitions of strays with records that are not decided."""
    places = [("strays", partition) for partition in range(PARTITIONS)]
    async with Extents(connection) as extents:
        ends, tops = await extents.ends(places), await extents.tops(places)
    return [partition for name, partition in places if ends[name, partition] < tops[name, partition]]


def _settings(folder: Path, *, commit_every_s: float = 0.1, application: str = APPLICATION) -> WorkerSettings:
    return WorkerSettings(
        application, folder / "state", commit_every_s=commit_every_s, session_timeout_s=3.0, undecided_s=8.0
    )


async def _fold_in_process(connection: Connection, folder: Path, application: str = APPLICATION) -> None:
    await Worker(connection, _settings(folder, application=application)).run(until_caught_up=True)


async def test_what_was_folded_is_committed_when_a_worker_stops(
    made: Connection, parts: tuple[Path, Path], tmp_path: Path
) -> None:
    await publish(made, parts[0])
    worker = Worker(made, _settings(tmp_path, commit_every_s=600))
    running = asyncio.ensure_future(worker.run(until_caught_up=False))
    await until(lambda: worker.records > 0 or running.done(), "records folded")
    before = await collect(made, APPLICATION)
    assert [0] * PARTITIONS == [_classed_in(before, partition) for partition in range(PARTITIONS)]
    worker.stop()
    await asyncio.wait_for(running, 30)
    after = await collect(made, APPLICATION)
    assert worker.records == sum(_classed_in(after, partition) for partition in range(PARTITIONS))


def _classed_in(found: Collected, partition: int) -> int:
    """Return how many records of sources one shard has committed."""
    counts = found.states[partition].counters.items()
    return sum(count for (name, of), count in counts if of in {*EVENTS, "strays"} and name in CLASSES)


# -- what cannot begin -------------------------------------------------------------------------------------


async def test_a_worker_without_topics_says_which_and_how_to_make_them(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(TopicError, match=rf"no topic {connection.prefix}\S+; run `dcca topics create` first$"):
        await _fold_in_process(connection, tmp_path)


async def test_a_worker_without_a_broker_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match=r"^no Kafka answers at 127\.0\.0\.1:1; check --bootstrap"):
        await _fold_in_process(Connection("127.0.0.1:1"), tmp_path)


async def test_the_command_ends_with_1_and_one_line_that_says_what_is_wrong(tmp_path: Path) -> None:
    with WorkerProcess(Connection("127.0.0.1:1"), tmp_path) as worker:
        assert 1 == await worker.ended()
        assert worker.said.splitlines()[-1].startswith("dcca: no Kafka answers at 127.0.0.1:1")
        assert 1 == worker.said.count("dcca: ")
        assert "Traceback" not in worker.said


async def test_topics_with_unequal_partitions_are_refused_by_name(made: Connection, tmp_path: Path) -> None:
    await remove_topics(made, "alerts")
    await create_topic(made, "alerts", 2)
    with pytest.raises(StateError, match=r"alerts 2"):
        await _fold_in_process(made, tmp_path)


async def test_a_ledger_of_topics_that_were_recreated_is_refused(
    made: Connection, parts: tuple[Path, Path], tmp_path: Path
) -> None:
    await publish(made, parts[0])
    await asyncio.wait_for(_fold_in_process(made, tmp_path), 60)
    await remove_topics(made, *EVENTS)
    await create_topics(made, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
    with pytest.raises(StateError, match=r"holds offsets 0 to 0, the ledger has folded up to \d+: the topic was"):
        await asyncio.wait_for(_fold_in_process(made, tmp_path), 60)


async def test_a_worker_more_than_there_are_partitions_ends_when_all_is_caught_up(
    connection: Connection, tmp_path: Path
) -> None:
    await create_topics(connection, partitions=1, application=APPLICATION)
    workers = [_fold_in_process(connection, tmp_path / str(number)) for number in range(2)]
    await asyncio.wait_for(asyncio.gather(*workers), 60)
