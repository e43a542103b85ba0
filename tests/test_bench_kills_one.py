"""One kill of what counts: it hits, what was counted twice or lost is seen, and the worker has every row right."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.__main__ import LEAST_EVENTS
from bench.figures import PartFailedError
from bench.killable import Killable
from bench.killed_once import Compared, Killed, Rows, compared, figures, killed_once
from bench.parts import flink, kafka_streams
from bench.parts.kills_one import counted_by_quix
from bench.run import APPLICATION, Run, make_topics
from bench.victims import OurWorker, committed_by_log, rows_of_month
from dcc_analytics.catalogue.months import Month
from dcc_analytics.stream.broker.jars import Jars
from dcc_analytics.stream.kafka import Connection
from tests.desk import USER
from tests.test_bench import bench, figures_of
from tests.test_bench_quix import is_installed, write_events

#: Counts to a hundred, commits every fifth, and begins anew so many before what it has committed.
COUNTING = """
import sys, time
path, step, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
done = max(len(open(path).read()) - repeats, 0)
while done < 100:
    time.sleep(0.02)
    done += step
    if done % 5 == 0:
        with open(path, "a") as file:
            file.write("x" * max(step, 5))
"""
EVENTS = 100
#: Of a part that kills a yardstick, at more than twice any one's events a second, so that it commits on the way.
KILLED_EVENTS = 400_000


class Counting:
    """What can be killed without a broker."""

    commits_every_s = 0.1

    def __init__(self, folder: Path, *, step: int = 1, repeats: int = 0) -> None:
        self.program: str | Path = sys.executable
        self._path = folder / "counted"
        self._path.touch()
        self._options = (str(step), str(repeats))

    def arguments(self, _left: int) -> list[str]:
        return ["-c", COUNTING, str(self._path), *self._options]

    async def committed(self, _said: Sequence[str]) -> int:
        return len(self._path.read_text(encoding="utf-8"))

    async def counted(self, _said: str) -> Rows:
        return Counter({("x",): await self.committed([])})


def test_a_row_too_many_does_not_make_up_for_one_that_is_lost() -> None:
    expected: Rows = Counter({("A", "I"): 3, ("A", "E"): 2, ("B", "I"): 1})
    assert Compared(3, 3, 0, 0, 0, 0) == compared(expected, Counter(expected))
    found: Rows = Counter({("A", "I"): 2, ("A", "E"): 4, ("C", "I"): 1})
    assert Compared(rows=4, right=0, too_high=2, too_low=2, doubled=3, lost=2) == compared(expected, found)


def test_the_figures_tell_every_kind_of_difference() -> None:
    killed = Killed(committed=60, again_s=1.5, rows=Counter({("A",): 2, ("B",): 5}))
    found = {each.name: each.value for each in figures("kills-one-any", 100, Counter({("A",): 3, ("B",): 4}), killed)}
    assert {
        "events": 100, "committed when killed": 60, "commits again after": 1.5, "rows": 2, "rows right": 0,
        "rows too high": 1, "rows too low": 1, "doubled": 1, "lost": 1,
    } == found  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("repeats", "doubled"), [(0, 0), (10, 10)])
async def test_it_is_killed_on_the_way_and_what_it_does_then_is_seen(
    tmp_path: Path, repeats: int, doubled: int
) -> None:
    killed = await killed_once(Counting(tmp_path, repeats=repeats), EVENTS, tmp_path / "logs")
    assert EVENTS / 2 <= killed.committed < EVENTS
    assert killed.again_s > 0
    assert doubled == compared(Counter({("x",): EVENTS}), killed.rows).doubled


@pytest.mark.slow
async def test_what_ends_before_it_can_be_killed_fails_the_part(tmp_path: Path) -> None:
    with pytest.raises(PartFailedError, match="before it was killed; take more --events"):
        await killed_once(Counting(tmp_path, step=50), EVENTS, tmp_path / "logs")


@pytest.mark.slow
def test_a_kill_takes_what_a_process_has_started_with_it(tmp_path: Path) -> None:
    child = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); sys.stdin.read(); "
    process = Killable(["-c", f"{child} import time; time.sleep(60)"], tmp_path / "log")
    while not process.said.endswith("\n"):
        asyncio.run(asyncio.sleep(0.01))
    started = Path(f"/proc/{process.said.strip()}/stat")
    assert started.exists()
    process.kill()
    deadline = 500
    while deadline and started.exists() and started.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z":
        asyncio.run(asyncio.sleep(0.01))
        deadline -= 1
    assert deadline


def test_what_a_worker_commits_counts_from_when_its_shard_is_open() -> None:
    said = """
12:00:00 INFO commit partition=1 seq=1 records=90 strays=2 dead_letters=0 bytes=9
12:00:00 INFO shard_open partition=1 seq=1 applied=0
12:00:01 INFO commit partition=1 seq=2 records=50 strays=3 dead_letters=0 bytes=9
12:00:01 INFO commit partition=2 seq=1 records=70 strays=0 dead_letters=0 bytes=9
"""
    assert 47 == committed_by_log(said)


def test_what_quix_streams_has_to_count_is_told_by_topic_and_count(tmp_path: Path) -> None:
    events = write_events(tmp_path)
    rows = counted_by_quix(tmp_path, Connection("nowhere", "a-"))
    assert events == rows.total()
    assert 2 == rows["a-service-requests", f"{USER}|4.8.1|requested"]
    assert 1 == rows["a-alerts", f"{USER}|8F36|delivered"] == rows["a-alerts", "unreadable"]


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.broker
def test_a_worker_killed_once_has_every_row_right(tmp_path: Path) -> None:
    with Run(4 * LEAST_EVENTS) as run:
        _ = run.folded
        month, application = Month.parse(run.month), "killed"
        expected = asyncio.run(rows_of_month(run.connection, APPLICATION, month))
        make_topics(run.connection, application)
        victim = OurWorker(run.connection, application, month, tmp_path / "state", commits_every_s=0.05)
        killed = asyncio.run(killed_once(victim, run.published.events, tmp_path / "logs"))
    found = compared(expected, killed.rows)
    assert found == Compared(found.rows, found.rows, 0, 0, 0, 0)
    assert found.rows > 1000


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.parametrize(("part", "jars"), [("kafka-streams", kafka_streams.JARS), ("flink", flink.JARS)])
def test_a_yardstick_on_the_jvm_is_killed_once(part: str, jars: Jars) -> None:
    if not jars.folder().is_dir():
        pytest.skip(f"{part} is not in the cache: python -m bench {part} fetches it")
    killed_and_compared(f"kills-one-{part}")


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.skipif(not is_installed(), reason="Quix Streams is not in the cache: python -m bench quix installs it")
def test_quix_streams_is_killed_once() -> None:
    killed_and_compared("kills-one-quix")


def killed_and_compared(part: str) -> None:
    """Run a part, whose rows have to be there and compared; that they are right is for the yardstick to say."""
    ended = bench(part, "--events", str(KILLED_EVENTS), "--json", patience_s=300)
    found = {name: figure["value"] for (_, name), figure in figures_of(ended).items()}
    assert 50 <= found["committed when killed"] < 100
    assert found["commits again after"] > 0
    assert found["rows"] > 100
    assert found["rows"] == sum(found[name] for name in ("rows right", "rows too high", "rows too low"))
