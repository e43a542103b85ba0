"""Live on a real broker: what workers commit is followed, agrees with a snapshot, and says what is wrong."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from aiokafka import AIOKafkaProducer

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import BrokerError, StateError, TopicError
from dcc_analytics.live.follow import Follower, now_us
from dcc_analytics.live.history import History
from dcc_analytics.live.model import Model
from dcc_analytics.live.process import LiveSettings, Told, watch
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.round_trips import round_trips
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import ledger_name
from tests.conftest import APPLICATION, PARTITIONS
from tests.live.followed import live_figures, summed
from tests.recorded_sample import MONTH, SAMPLE

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PATIENCE_S = 60.0


async def fold(connection: Connection, folder: Path) -> None:
    """Fold what there is, by a worker that commits often and writes checkpoints."""
    settings = WorkerSettings(
        APPLICATION, folder / "state", commit_every_s=0.05, commit_records=500, checkpoint_bytes=60_000
    )
    await Worker(connection, settings).run(until_caught_up=True)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 (of a broker)
            await asyncio.sleep(0.02)


def caught_up(model: Model) -> bool:
    return model.outside.begun and all(
        model.outside.read.get(partition, 0) >= model.outside.ends.get(partition, 1) for partition in model.shards
    )


def seqs_of(model: Model) -> list[int]:
    return [shard.state.seq for shard in model.shards.values() if shard.state is not None]


@contextlib.asynccontextmanager
async def following(connection: Connection, hours: Path) -> AsyncIterator[Model]:
    """Follow while the context lasts."""
    ledger = connection.topic(ledger_name(APPLICATION))
    async with Follower(connection, APPLICATION) as follower:
        with History(hours, ledger) as history:
            model = Model(APPLICATION, await follower.partitions(), history)
            await follower.begin(model)
            task = asyncio.ensure_future(follower.run(model))
            try:
                yield model
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


async def test_ledger_live_and_snapshot_agree_at_the_same_cut_r_live_1(made: Connection, tmp_path: Path) -> None:
    """Followed from the first commit on, from the midst of them, and begun after the last: all have its figures."""
    async with contextlib.AsyncExitStack() as stack:
        model = await stack.enter_async_context(following(made, tmp_path / "from-the-first.sqlite"))
        assert [0] * PARTITIONS == seqs_of(model)
        await publish(made, SAMPLE)
        folding = asyncio.ensure_future(fold(made, tmp_path))
        await until(lambda: any(shard.state is not None and shard.state.seq > 3 for shard in model.shards.values()))
        midway = await stack.enter_async_context(following(made, tmp_path / "midway.sqlite"))
        await folding
        collected = await collect(made, APPLICATION)
        seqs = [state.seq for state in collected.states]
        for each in (model, midway):
            await until(lambda each=each: seqs == seqs_of(each))  # type: ignore[misc]
            await until(lambda each=each: caught_up(each))  # type: ignore[misc]
        inventory = Inventory(())
        cells = round_trips(collected.states, MONTH, collected.clock_us, Directory(collected.users), inventory).cells
        expected = summed(cells)
        assert 30 < len(expected)
        assert collected.clock_us == model.clock_us
        assert expected == live_figures(model.figures(MONTH)) == live_figures(midway.figures(MONTH))
        hours = model.history.today(model.recent.newest_us)
    async with following(made, tmp_path / "after-the-last.sqlite") as model:
        assert seqs == seqs_of(model)
        assert expected == live_figures(model.figures(MONTH))
    async with following(made, tmp_path / "from-the-first.sqlite") as model:
        assert expected == live_figures(model.figures(MONTH))
        assert hours == model.history.today(model.recent.newest_us), "each commit is in the hours once"


async def test_hours_of_a_ledger_that_was_made_anew_are_refused(made: Connection, tmp_path: Path) -> None:
    hours = tmp_path / "hours.sqlite"
    with History(hours, made.topic(ledger_name(APPLICATION))) as history:
        history.read_up_to(0, 1_000)
    with pytest.raises(StateError, match="ends at 0: they are of another ledger; give another --history"):
        async with following(made, hours):
            pass


async def test_an_application_without_ledger_is_named(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(TopicError, match=r"there is no topic .*dcca-ledger; run `dcca topics create` first"):
        await watch(connection, LiveSettings(APPLICATION, tmp_path / "h", port=0), asyncio.Event(), Told())


async def test_a_ledger_that_is_damaged_while_it_is_followed_is_told_and_the_view_stands_still(
    made: Connection, tmp_path: Path
) -> None:
    async with following(made, tmp_path / "hours.sqlite") as model:
        producer = AIOKafkaProducer(**made.options())
        await producer.start()
        try:
            key = b"d|00000000000000000001|000000|000001"
            await producer.send_and_wait(made.topic(ledger_name(APPLICATION)), b"\xee broken", key, partition=0)
        finally:
            await producer.stop()
        await until(lambda: model.outside.damage != "")
        assert "the ledger's delta has format ee" in model.outside.damage


async def test_the_command_serves_says_that_nobody_folds_and_ends_cleanly(made: Connection, tmp_path: Path) -> None:
    """With records there and no worker the view is stale within five seconds (R-LIVE-1)."""
    options = (
        "--bootstrap", made.bootstrap, "--prefix", made.prefix, "--history", str(tmp_path / "h.sqlite"), "--port", "0",
        "--json",
    )  # fmt: skip
    command = (sys.executable, "-m", "dcc_analytics.commands.main", "live", *options)
    log = tmp_path / "log"
    with log.open("wb") as says, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=says) as ran:  # noqa: ASYNC220
        assert ran.stdout is not None
        url = json.loads(await asyncio.to_thread(ran.stdout.readline))["url"]
        async with aiohttp.ClientSession(url) as session:

            async def codes() -> list[str]:
                async with session.get("/api/v1/now") as answer:
                    trust = (await answer.json())["trust"]
                    return [reason["code"] for reason in trust["reasons"]]

            async with asyncio.timeout(PATIENCE_S):
                while "ledger_unread" in await codes():  # noqa: ASYNC110 (of another process)
                    await asyncio.sleep(0.05)
            await publish(made, SAMPLE)
            began = now_us()
            async with asyncio.timeout(PATIENCE_S):
                while "no_commits" not in await codes():  # noqa: ASYNC110 (of another process)
                    await asyncio.sleep(0.05)
            assert now_us() - began < 5_000_000
            async with session.get("/readyz") as ready:
                assert 200 == ready.status
        ran.send_signal(signal.SIGTERM)
        assert 0 == await asyncio.to_thread(ran.wait, 20)
    text = log.read_text(encoding="utf-8")
    assert "the ledger is read, following" in text
    assert "Traceback" not in text


async def test_a_broker_that_is_away_when_live_starts_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match=r"no Kafka answers at 127\.0\.0\.1:1; check --bootstrap"):
        await watch(Connection("127.0.0.1:1"), LiveSettings(APPLICATION, tmp_path / "h"), asyncio.Event(), Told())
