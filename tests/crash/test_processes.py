"""``dcca worker --processes``: what becomes of processes and figures when one of them, or all, are killed."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest

from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import create_topics
from tests.conftest import APPLICATION
from tests.crash.checker import differences
from tests.crash.feeds import PARTITIONS, Feed, sample_feed
from tests.crash.own_broker import OwnBroker
from tests.worker_process import COMMAND, WorkerProcess, until

pytestmark = [pytest.mark.broker, pytest.mark.slow]

#: Half of the sample, which is published before a worker starts: Devices are read before what they did. Slices of some
#: twelve hours for those that run; and what is left, when none does.
PARTS = tuple(Fraction(each, 60) for each in range(30, 36))
ALONE_S = 15.0


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    return sample_feed(tmp_path_factory.mktemp("feed"), PARTS)


@pytest.fixture
async def topics(connection: Connection) -> Connection:
    await create_topics(connection, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
    return connection


def started(connection: Connection, folder: Path, *options: str) -> WorkerProcess:
    return WorkerProcess(connection, folder, "--processes", "2", *options)


def pids(worker: WorkerProcess) -> dict[int, int]:
    """Return the processes it has started last, by number."""
    lines = [fields for event, fields in worker.lines() if event == "process_started"]
    return {int(fields["process"]): int(fields["pid"]) for fields in lines}


def starts(worker: WorkerProcess, number: int) -> int:
    return sum(event == "process_started" and fields["process"] == str(number) for event, fields in worker.lines())


def shares(worker: WorkerProcess) -> dict[int, set[int]]:
    """Return the partitions of each process, by who has opened each last."""
    owner = {fields["partition"]: fields["process"] for event, fields in worker.lines() if event == "shard_open"}
    found: dict[int, set[int]] = {}
    for partition, process in owner.items():
        found.setdefault(int(process), set()).add(int(partition))
    return found


async def both_at_work(worker: WorkerProcess) -> None:
    half = PARTITIONS // 2
    await until(lambda: [half, half] == [len(each) for each in shares(worker).values()], "a share for each process")


async def moved_again(worker: WorkerProcess, connection: Connection, events: Path) -> None:
    """Publish some events, and wait until every partition has committed some."""
    before = worker.folded()
    await publish(connection, events)
    await until(
        lambda: (
            all(records > before.get(partition, 0) for partition, records in worker.folded().items())
            and PARTITIONS == len(worker.folded())
        ),
        "every partition to move",
    )


async def finished(connection: Connection, folder: Path, feed: Feed) -> list[str]:
    """Fold what is left, and return in what the figures differ from what they have to be."""
    with started(connection, folder, "--until-caught-up") as last:
        assert 0 == await last.ended()
        assert 2 == len(pids(last))
        return await differences(feed, connection)


def family(ancestor: int) -> set[int]:
    """Return all that a process has started and that run, however deep."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = path.read_text().rsplit(")", 1)[1].split()[:2]
            if state != "Z":
                parents[int(path.parent.name)] = int(parent)
    found = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {ancestor}


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def estates(folder: Path) -> set[str]:
    return {path.name for path in (folder / "state").glob("*/estate-*")}


async def test_two_processes_one_killed_meanwhile_have_the_figures_of_one(
    topics: Connection, tmp_path: Path, feed: Feed
) -> None:
    first, *more, last, rest = feed.slices
    await publish(topics, first)
    with started(topics, tmp_path) as worker:
        await both_at_work(worker)
        victim = pids(worker)[2]
        await moved_again(worker, topics, more[0])
        os.kill(victim, signal.SIGKILL)
        await publish(topics, more[1])
        await until(lambda: 2 == starts(worker, 2), "the killed one to be started anew")
        assert f"process_ended process=2 pid={victim} signal=SIGKILL" in worker.said
        await both_at_work(worker)
        for each in more[2:]:
            await moved_again(worker, topics, each)
        assert 1 == starts(worker, 1), "the other is left alone"
        await publish(topics, last)
        worker.send(signal.SIGTERM)
        assert 0 == await worker.ended()
        assert "estate_held" not in worker.said
    await publish(topics, rest)
    assert [] == await finished(topics, tmp_path, feed)
    assert {f"estate-{partition}" for partition in range(PARTITIONS)} == estates(tmp_path)


async def test_sigterm_has_each_commit_and_let_go(topics: Connection, tmp_path: Path, feed: Feed) -> None:
    with started(topics, tmp_path, "--commit-every", "600") as worker:
        await both_at_work(worker)
        await publish(topics, feed.slices[0])
        started_ones = family(worker.pid)
        worker.send(signal.SIGTERM)
        assert 0 == await worker.ended()
        ended = [fields["code"] for event, fields in worker.lines() if event == "process_ended"]
        assert ["0", "0"] == ended
        assert "let_go_uncommitted" not in worker.said
        assert "Traceback" not in worker.said
    assert {*pids(worker).values()} <= started_ones
    await until(lambda: not any(map(runs, started_ones)), "the end of all it had started", patience_s=ALONE_S)


def in_a_group_of_its_own(
    options: Sequence[str], environment: Mapping[str, str], says: Path
) -> "subprocess.Popen[bytes]":
    """Start the worker as a shell does that reads from a terminal."""
    with says.open("wb") as out:
        command, variables = (*COMMAND, *options), {**os.environ, **environment}
        return subprocess.Popen(command, stdout=out, stderr=out, env=variables, process_group=0)


@pytest.mark.parametrize("early", [False, True])
async def test_ctrl_c_reaches_all_and_ends_all_well(topics: Connection, tmp_path: Path, *, early: bool) -> None:
    """A terminal sends it to every process, those too that have not begun to listen."""
    with WorkerProcess(topics, tmp_path, "--processes", "2", begin=in_a_group_of_its_own) as worker:
        if early:
            await until(lambda: 2 == len(pids(worker)), "two processes")
        else:
            await both_at_work(worker)
        os.killpg(worker.pid, signal.SIGINT)
        assert 0 == await worker.ended()
        assert "Traceback" not in worker.said


async def test_no_process_outlives_a_parent_that_is_killed(topics: Connection, tmp_path: Path, feed: Feed) -> None:
    first, second, *more = feed.slices
    await publish(topics, first)
    with started(topics, tmp_path) as worker:
        await both_at_work(worker)
        await publish(topics, second)
        left = family(worker.pid)
        assert {*pids(worker).values()} <= left
        worker.kill()
        await until(lambda: not any(map(runs, left)), "the end of all it had started", patience_s=ALONE_S)
        assert 2 == worker.said.count("parent_gone")
    for each in more:
        await publish(topics, each)
    assert [] == await finished(topics, tmp_path, feed)


@pytest.mark.parametrize("processes", ["1", "2"])
async def test_another_command_is_refused_in_its_folder_and_leaves_it_alone(
    topics: Connection, tmp_path: Path, feed: Feed, processes: str
) -> None:
    """One without --processes would be given partitions whose estates are closed, and open them."""
    with started(topics, tmp_path) as worker:
        await both_at_work(worker)
        with WorkerProcess(topics, tmp_path, "--processes", processes) as second:
            assert 1 == await second.ended()
            (line,) = second.said.splitlines()
        folder = tmp_path / "state" / topics.own(APPLICATION)
        assert line.startswith(f"dcca: another dcca worker (process {worker.pid}) has the state folder {folder}, ")
        await moved_again(worker, topics, feed.slices[0])
        assert [1, 1] == [starts(worker, number) for number in (1, 2)]
        worker.send(signal.SIGTERM)
        assert 0 == await worker.ended()


async def test_another_application_may_have_the_folder_of_state_too(topics: Connection, tmp_path: Path) -> None:
    await create_topics(topics, partitions=PARTITIONS, application="beside")
    with started(topics, tmp_path) as worker:
        await both_at_work(worker)
        with started(topics, tmp_path, "--application", "beside", "--until-caught-up") as other:
            assert 0 == await other.ended()


async def test_who_is_started_at_once_after_a_parent_was_killed_goes_on_beside_what_is_left_of_it(
    topics: Connection, tmp_path: Path, feed: Feed
) -> None:
    """One process of the killed parent stands still: it has its estates open for as long as the test lasts."""
    first, second, *more = feed.slices
    await publish(topics, first)
    with started(topics, tmp_path) as worker:
        await both_at_work(worker)
        stopped = pids(worker)[1]
        os.kill(stopped, signal.SIGSTOP)
        worker.kill()
        try:
            with started(topics, tmp_path) as following:
                await both_at_work(following)
                await moved_again(following, topics, second)
                assert runs(stopped)
                assert "estate_held" in following.said
                assert [1, 1] == [starts(following, number) for number in (1, 2)]
                following.send(signal.SIGTERM)
                assert 0 == await following.ended()
        finally:
            os.kill(stopped, signal.SIGCONT)
        await until(lambda: not runs(stopped), "its end", patience_s=ALONE_S)
    for each in more:
        await publish(topics, each)
    assert [] == await finished(topics, tmp_path, feed)


@pytest.mark.long
async def test_a_process_that_stands_still_holds_no_partition_up(
    topics: Connection, tmp_path: Path, feed: Feed
) -> None:
    """It has its estates open as long as it does; who owns the partitions now reads some of its own."""
    first, *more = feed.slices
    await publish(topics, first)
    with started(topics, tmp_path) as worker:
        await both_at_work(worker)
        stopped = pids(worker)[1]
        lost = shares(worker)[1]
        os.kill(stopped, signal.SIGSTOP)
        await until(lambda: PARTITIONS == len(shares(worker)[2]), "the other to have all partitions")
        await moved_again(worker, topics, more[0])
        held = {Path(fields["folder"].rstrip(":")).name for event, fields in worker.lines() if event == "estate_held"}
        assert {f"estate-{partition}" for partition in lost} == held
        os.kill(stopped, signal.SIGCONT)
        await both_at_work(worker)
        await moved_again(worker, topics, more[1])
        assert 1 == starts(worker, 1)
        worker.send(signal.SIGTERM)
        assert 0 == await worker.ended()
    assert {f"estate-{partition}" for partition in range(PARTITIONS)} == estates(tmp_path)
    for each in more[2:]:
        await publish(topics, each)
    assert [] == await finished(topics, tmp_path, feed)


async def test_what_has_to_be_put_right_ends_all_with_its_code_and_one_line(
    topics: Connection, tmp_path: Path, feed: Feed
) -> None:
    await publish(topics, feed.slices[0])
    with started(topics, tmp_path, "--until-caught-up") as worker:
        assert 0 == await worker.ended()
    (damaged,) = (tmp_path / "state").glob("*/estate-3")
    (damaged / "CURRENT").write_bytes(b"rubbish\n")
    with started(topics, tmp_path) as worker:
        assert 1 == await worker.ended()
        assert worker.said.splitlines()[-1].startswith(f"dcca: the estate at {damaged} can't be opened")
        assert 1 == worker.said.count("dcca: ")
        assert [1, 1] == [starts(worker, number) for number in (1, 2)]
        assert "Traceback" not in worker.said


async def test_no_more_are_started_than_there_are_partitions(connection: Connection, tmp_path: Path) -> None:
    await create_topics(connection, partitions=2, application=APPLICATION)
    with WorkerProcess(connection, tmp_path, "--processes", "9", "--until-caught-up") as worker:
        assert 0 == await worker.ended()
        assert "processes_left_out processes=9 partitions=2: " in worker.said
        assert {1, 2} == set(pids(worker))


@pytest.fixture
def broker_folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "broker"
    shutil.rmtree(tmp_path / "broker", ignore_errors=True)


async def test_all_end_when_the_broker_stays_away(broker_folder: Path, tmp_path: Path) -> None:
    async with OwnBroker(broker_folder) as broker:
        connection = Connection(broker.bootstrap)
        await create_topics(connection, partitions=PARTITIONS, application=APPLICATION)
        with started(connection, tmp_path, "--give-up-after", "3") as worker:
            await both_at_work(worker)
            await broker.kill()
            assert 1 == await worker.ended(patience_s=60)
            assert f"dcca: Kafka at {broker.bootstrap} has not answered for" in worker.said.splitlines()[-1]


@pytest.mark.long
async def test_one_killed_while_the_broker_is_away_is_started_until_it_is_back(
    broker_folder: Path, tmp_path: Path, feed: Feed
) -> None:
    async with OwnBroker(broker_folder) as broker:
        connection = Connection(broker.bootstrap)
        await create_topics(connection, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
        with started(connection, tmp_path) as worker:
            await publish(connection, feed.slices[0])
            await both_at_work(worker)
            await broker.kill()
            os.kill(pids(worker)[2], signal.SIGKILL)
            await until(lambda: 3 <= starts(worker, 2), "the killed one to be started again and again")
            assert "no Kafka answers" in worker.said
            await broker.begin()
            await moved_again(worker, connection, feed.slices[1])
            assert 1 == starts(worker, 1)
            worker.send(signal.SIGTERM)
            assert 0 == await worker.ended()
