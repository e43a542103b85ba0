"""Workers on a real broker, when nothing fails; what happens when something does is in ``tests/crash``."""

import asyncio
from fractions import Fraction
from pathlib import Path

import pytest

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import BrokerError, TopicError
from dcc_analytics.snapshot.collect import Collected, collect
from dcc_analytics.stream.feed import Feed
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import create_topics
from tests.conftest import APPLICATION, PARTITIONS
from tests.crash.checker import differences_of_figures
from tests.crash.feeds import sample_feed
from tests.recorded_sample import counted
from tests.sliced_sample import EVENTS, sliced
from tests.worker_process import WorkerProcess, until

pytestmark = [pytest.mark.broker, pytest.mark.slow]

CLASSES = frozenset(RecordClass)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The month until its middle, and the rest."""
    first, second = sliced(tmp_path_factory.mktemp("sample"), 2)
    return first, second


async def test_an_application_beside_another_changes_none_of_its_figures_and_has_the_same(
    made: Connection, tmp_path: Path
) -> None:
    """What either passes on to other partitions would be folded twice if both took it."""
    feed, again = sample_feed(tmp_path / "feed", (Fraction(1, 2),)), "again"
    await create_topics(made, partitions=PARTITIONS, application=again, keep_recorded=True)
    for part in feed.slices:
        await publish(made, part)
        for application in (APPLICATION, again, APPLICATION):  # the last reads past what the other passed on
            await asyncio.wait_for(_fold_in_process(made, tmp_path, application), 60)
    assert [[], []] == [
        list(differences_of_figures(feed, await collect(made, application))) for application in (APPLICATION, again)
    ]


# -- what is committed, and when -------------------------------------------------------------------------------


def _settings(
    folder: Path, *, commit_every_s: float = 0.1, application: str = APPLICATION, session_timeout_s: float = 3.0
) -> WorkerSettings:
    return WorkerSettings(
        application, folder / "state", commit_every_s=commit_every_s, session_timeout_s=session_timeout_s,
        undecided_s=8.0,
    )  # fmt: skip


async def _fold_in_process(connection: Connection, folder: Path, application: str = APPLICATION) -> None:
    await Worker(connection, _settings(folder, application=application)).run(until_caught_up=True)


@pytest.mark.parametrize("stuck", [None, PARTITIONS - 1], ids=["all open", "one still opening"])
async def test_what_was_folded_is_committed_when_a_worker_stops(
    made: Connection, parts: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stuck: int | None
) -> None:
    begin = Feed.begin

    async def begun(feed: Feed, partition: int, offsets: dict[str, int]) -> None:
        if partition == stuck:
            await asyncio.Event().wait()
        await begin(feed, partition, offsets)

    monkeypatch.setattr(Feed, "begin", begun)
    await publish(made, parts[0])
    # A busy machine may commit slowly: half of this is the limit.
    worker = Worker(made, _settings(tmp_path, commit_every_s=600, session_timeout_s=40))
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


async def test_two_feeds_of_one_cluster_share_neither_group_nor_ledger_nor_estate(
    made: Connection, parts: tuple[Path, Path], tmp_path: Path
) -> None:
    """The application is the default one for both; only the prefix tells them apart."""
    other = Connection(made.bootstrap, f"{made.prefix}other-")
    await create_topics(other, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
    await publish(made, parts[0])
    await publish(other, parts[0])
    await asyncio.wait_for(asyncio.gather(*(_fold_in_process(each, tmp_path) for each in (made, other))), 120)
    one, two = await collect(made, APPLICATION), await collect(other, APPLICATION)
    assert (0, 0) == (one.behind, two.behind)
    assert counted(one.states) == counted(two.states)


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


async def test_a_worker_more_than_there_are_partitions_ends_when_all_is_caught_up(
    connection: Connection, tmp_path: Path
) -> None:
    await create_topics(connection, partitions=1, application=APPLICATION)
    workers = [_fold_in_process(connection, tmp_path / str(number)) for number in range(2)]
    await asyncio.wait_for(asyncio.gather(*workers), 60)
