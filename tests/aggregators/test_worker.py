"""Workers as processes on a real broker: whatever is killed, stopped or joins, no figure changes (R-REL-1).

The figures expected are those of the in-memory driver, which has neither broker nor processes.
"""

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from dcc_analytics.snapshot.collect import Collected, collect
from dcc_analytics.snapshot.round_trips import RoundTrips, round_trips
from dcc_analytics.stream.broker.node import embedded_broker, start, status
from dcc_analytics.stream.dead_letters import read_dead_letters
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import create_topics
from tests.conftest import APPLICATION, PARTITIONS
from tests.driver import Driver
from tests.recorded_sample import MONTH, counters, directory_and_inventory, lines, month_of, published, same
from tests.sliced_sample import EVENTS, sliced
from tests.worker_process import WorkerProcess, until

pytestmark = [pytest.mark.broker, pytest.mark.slow]

CLASSES = frozenset(RecordClass)
#: The month is published in so many slices; what a test does, it does between two of them.
SLICES = 6


@pytest.fixture(scope="module")
def expected() -> Driver:
    driver, _ = published(PARTITIONS)
    driver.run()
    return driver


@pytest.fixture(scope="module")
def slices(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return sliced(tmp_path_factory.mktemp("sample"), SLICES)


async def assert_figures_are(expected: Driver, connection: Connection) -> None:
    """Compare what the ledger holds with the driver's, and that each record is in it once."""
    found = await collect(connection, APPLICATION)
    assert 0 == found.behind
    assert counters([shard.state for shard in expected.shards]) == counters(found.states)
    month = _month(found)
    assert same(month_of(expected), month)
    for topic in EVENTS:
        assert sum(1 for _ in lines(topic)) == _classed(found, topic), topic
    assert _letters(expected) == Counter(
        [(letter["topic"], letter["timestamp"], letter["reason"]) async for letter in read_dead_letters(connection)]
    )


def _month(found: Collected) -> RoundTrips:
    return round_trips(found.states, MONTH, found.clock_us, *directory_and_inventory())


def _classed(found: Collected, topic: str) -> int:
    """Return how many records of a topic became something, in all shards."""
    counts = (item for state in found.states for item in state.counters.items())
    return sum(count for (name, of), count in counts if of == topic and name in CLASSES)


def _letters(driver: Driver) -> Counter[tuple[str, int, str]]:
    return Counter((letter.topic, letter.timestamp_ms, letter.reason) for letter in driver.dead_letters)


async def _share(one: WorkerProcess, other: WorkerProcess) -> None:
    """Wait until two workers share the partitions and each has folded of what it has."""

    def shared() -> bool:
        mine, yours = one.folded(), other.folded()
        return len(mine.keys() | yours.keys()) == PARTITIONS and any(mine.values()) and any(yours.values())

    await until(shared, "two workers that both fold")


async def test_two_workers_share_the_partitions_and_a_killed_one_changes_no_figure(
    made: Connection, slices: list[Path], tmp_path: Path, expected: Driver
) -> None:
    with WorkerProcess(made, tmp_path / "one") as one, WorkerProcess(made, tmp_path / "other") as other:
        for each in slices[:2]:
            await publish(made, each)
        await _share(one, other)
        before = sum(one.folded().values())
        await publish(made, slices[2])
        await until(lambda: sum(one.folded().values()) > before, "a commit of the slice")
        one.kill()
        for each in slices[3:]:
            await publish(made, each)
        assert (await collect(made, APPLICATION)).behind > 0
        with WorkerProcess(made, tmp_path / "last", "--until-caught-up") as last:
            assert 0 == await last.ended()
        other.send(signal.SIGTERM)
        assert 0 == await other.ended()
    await assert_figures_are(expected, made)


async def test_a_worker_told_to_stop_commits_and_a_new_one_takes_its_share(
    made: Connection, slices: list[Path], tmp_path: Path, expected: Driver
) -> None:
    with WorkerProcess(made, tmp_path / "one") as one, WorkerProcess(made, tmp_path / "other") as other:
        for each in slices[:2]:
            await publish(made, each)
        await _share(one, other)
        before = sum(one.folded().values())
        await publish(made, slices[2])
        await until(lambda: sum(one.folded().values()) > before, "a commit of the slice")
        one.send(signal.SIGTERM)
        assert 0 == await one.ended()
        with WorkerProcess(made, tmp_path / "third") as third:
            await until(lambda: len(third.folded()) > 0, "the share of a worker that joins")
            for each in slices[3:]:
                await publish(made, each)
            await until(lambda: sum(third.folded().values()) > 0, "a commit of the worker that joined")
            third.send(signal.SIGINT)
            assert 0 == await third.ended()
        with WorkerProcess(made, tmp_path / "last", "--until-caught-up") as last:
            assert 0 == await last.ended()
        other.send(signal.SIGTERM)
        assert 0 == await other.ended()
    await assert_figures_are(expected, made)


async def test_a_broker_killed_and_started_again_changes_no_figure(
    slices: list[Path], tmp_path: Path, expected: Driver
) -> None:
    with embedded_broker(tmp_path / "broker") as first:
        made = Connection(first.bootstrap)
        await create_topics(made, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
        with WorkerProcess(made, tmp_path / "one") as one:
            await publish(made, slices[0])
            await until(lambda: sum(one.folded().values()) > 0, "a commit")
            await publish(made, slices[1])
            os.kill(first.pid, signal.SIGKILL)
            await until(lambda: status(tmp_path / "broker") is None, "the end of the broker")
            port = int(first.bootstrap.rpartition(":")[2])
            start(tmp_path / "broker", port=port, bound=True)
            for each in slices[2:]:
                await publish(made, each)
            if one.runs:
                one.send(signal.SIGTERM)
            assert await one.ended() in {0, 1}
            assert "Traceback" not in one.said
        with WorkerProcess(made, tmp_path / "last", "--until-caught-up") as last:
            assert 0 == await last.ended()
        await assert_figures_are(expected, made)
