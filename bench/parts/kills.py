"""The same feed and the same kills for stock Faust and for the worker: what each counts, beside what was sent.

Two workers count Service Requests by User and SRV while they are sent. Three times one of them, live and at work, is
killed, once one is stopped as an operator would; each is started again at once, on the disk it had or on an empty one.
The feed's places, whose turn it is, and the moment within a commit interval come from a seed.
"""

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from bench.counters import OurWorker, StockFaust, System
from bench.figures import Figure, PartFailedError
from bench.killable import Killable
from bench.paced import Feed, Sender, UserSrv, feed_of
from bench.run import Run, make_topics, say
from dcc_analytics.stream.kafka import Connection

ROUNDS: Final = 3
WORKERS: Final = 2
KILLS: Final = 3
#: Events sent to each case, if the run has so many that count once.
MOST_EVENTS: Final = 30_000
#: Less than half of what stock Faust can take here, with the broker on the same cores.
FULL_PER_S: Final = 1_500.0
#: While the worker whose turn it is still starts or recovers, so that the feed lasts.
SLOW_PER_S: Final = 40.0
#: Records a worker has folded since it started, so that it is known to be at work.
AT_WORK: Final = 20
#: Faust's default broker_commit_interval, 2.8 s, somewhere in which the kill falls.
COMMIT_S: Final = 2.8
PATIENCE_S: Final = 240.0


class Stop(NamedTuple):
    """An end of a worker: at how many events sent, how long after it is then seen at work, which, and how."""

    at: int
    delay_s: float
    worker: int
    is_kill: bool


class Difference(NamedTuple):
    """Counted beside sent: requests that were sent, are missing, are too many; keys that are wrong, of how many."""

    sent: int
    lost: int
    doubled: int
    wrong_keys: int
    keys: int


AT_LEAST_ONCE: Final = "at_least_once"
EXACTLY_ONCE: Final = "exactly_once"
KEPT, LOST, NOT_KILLED = "kept", "lost", "no-kill"
#: What was counted, None of a case that stood still; and how many workers ended by themselves.
_Counted = tuple[Counter[UserSrv] | None, int]


class StoodStillError(Exception):
    """Nothing went on in a case any more; the message says what was waited for."""


def measure_at_least_once(run: Run) -> list[Figure]:
    return _measure(run, "kills-at-least-once", lambda connection: StockFaust(connection, AT_LEAST_ONCE))


def measure_exactly_once(run: Run) -> list[Figure]:
    return _measure(run, "kills-exactly-once", lambda connection: StockFaust(connection, EXACTLY_ONCE))


def measure_worker(run: Run) -> list[Figure]:
    return _measure(run, "kills-worker", lambda connection: OurWorker(connection, run.nation.first))


def _measure(run: Run, part: str, system: Callable[[Connection], System]) -> list[Figure]:
    """Run every case three times, without kills once; every round has stops of its own, the same for all parts.

    The cases of a round run side by side, each with workers and topics of its own: most of the time is waiting.
    """
    feed = feed_of(run.recorded, run.nation.first, MOST_EVENTS)
    figures = []
    for number in range(ROUNDS):
        say(f"{part}: round {number + 1} of {ROUNDS}, {feed.expected.total():,} requests")
        disks = (KEPT, LOST, NOT_KILLED) if number == 0 else (KEPT, LOST)
        cases = {disk: Connection(run.connection.bootstrap, f"{part}-{number}-{disk}-") for disk in disks}
        for connection in cases.values():
            make_topics(connection)
        figures += _round(part, {disk: system(connection) for disk, connection in cases.items()}, number, feed, run)
    return figures


def _round(part: str, cases: dict[str, System], number: int, feed: Feed, run: Run) -> list[Figure]:
    with ExitStack() as open_until_done:
        counting = []
        for disk, system in cases.items():
            workers = Workers(system, run.folder / f"{part}-{number}-{disk}", disk_lost=disk == LOST)
            open_until_done.callback(workers.end)
            stops = [] if disk == NOT_KILLED else stops_of(number, len(feed.events))
            counting.append(_count(system, workers, Sender(system.connection, feed, per_s=SLOW_PER_S), stops))
        counted = asyncio.run(_all(counting))
    figures: list[Figure] = []
    for disk, (found, by_itself) in zip(cases, counted, strict=True):
        figures.append(Figure(part, f"{disk}: stood still", int(found is None), "runs"))
        figures.append(Figure(part, f"{disk}: workers that ended by themselves", by_itself, "workers"))
        if found is not None:
            compared = difference(feed.expected, found)
            say(f"{disk}: {compared.lost} lost, {compared.doubled} doubled of {compared.sent}")
            figures += _figures(part, disk, compared)
    return figures


async def _all(counting: Iterable[Coroutine[None, None, _Counted]]) -> list[_Counted]:
    return await asyncio.gather(*counting)


def _figures(part: str, disk: str, found: Difference) -> Iterator[Figure]:
    yield Figure(part, f"{disk}: sent", found.sent, "requests")
    yield Figure(part, f"{disk}: lost", found.lost, "requests")
    yield Figure(part, f"{disk}: doubled", found.doubled, "requests")
    yield Figure(part, f"{disk}: counted minus sent", 100 * (found.doubled - found.lost) / found.sent, "%")
    yield Figure(part, f"{disk}: wrong keys", 100 * found.wrong_keys / found.keys, "%")


def difference(expected: Counter[UserSrv], counted: Counter[UserSrv]) -> Difference:
    """Compare key by key, so that a loss of one does not hide what another has twice.

    >>> a, b = UserSrv("A", "4.8.1"), UserSrv("B", "4.8.1")
    >>> difference(Counter({a: 3, b: 2}), Counter({a: 2, b: 3}))
    Difference(sent=5, lost=1, doubled=1, wrong_keys=2, keys=2)
    """
    keys = expected.keys() | counted.keys()
    off = [counted[key] - expected[key] for key in keys]
    return Difference(
        expected.total(),
        -sum(each for each in off if each < 0),
        sum(each for each in off if each > 0),
        sum(each != 0 for each in off),
        len(keys),
    )


def stops_of(seed: int, events: int) -> list[Stop]:
    """Return a round's kills, and one clean stop after them, spread over the feed."""
    chance = random.Random(seed)
    stops = []
    for number in range(KILLS + 1):
        at = round(events * (number + 0.6 + 0.3 * chance.random()) / (KILLS + 2))
        stops.append(Stop(at, COMMIT_S * chance.random(), chance.randrange(WORKERS), number < KILLS))
    return stops


async def _count(system: System, workers: "Workers", sender: Sender, stops: list[Stop]) -> _Counted:
    """Send the feed, disturb the workers meanwhile, and return what they have counted when all is worked off."""
    sending = asyncio.create_task(sender.send())
    try:
        await _disturb(workers, sender, stops)
        await sending
        await workers.until(lambda: workers.have_folded(sender), "the feed to be worked off")
    except StoodStillError as still:
        say(f"{system.connection.prefix}: waited {PATIENCE_S:.0f} s for {still}")
        return None, workers.by_itself
    finally:
        sending.cancel()
    await asyncio.sleep(2 * COMMIT_S)
    await asyncio.to_thread(workers.stop)
    return await system.counted(), workers.by_itself


async def _disturb(workers: "Workers", sender: Sender, stops: list[Stop]) -> None:
    """Kill and stop workers while the feed is being sent.

    Raises:
        PartFailedError: the feed was over before a worker's turn, or a worker to be killed had ended.
    """
    for number in range(WORKERS):
        await workers.until_at_work(number)
    for stop in stops:
        sender.per_s = FULL_PER_S
        await sender.until(stop.at)
        sender.per_s = SLOW_PER_S
        await workers.until_at_work(stop.worker)
        sender.per_s = FULL_PER_S
        await asyncio.sleep(stop.delay_s)
        await workers.until_at_work(stop.worker)
        if await workers.have_folded(sender):
            raise PartFailedError("the feed was worked off before the last worker was killed; take more --events")
        await asyncio.to_thread(workers.end_one, stop)
    sender.per_s = FULL_PER_S


class Workers:
    """The workers of a case, each with a disk of its own, under a supervisor that starts again what ends by itself.

    Attributes:
        by_itself: how many ended by themselves so far.
    """

    def __init__(self, system: System, folder: Path, *, disk_lost: bool) -> None:
        self.by_itself = 0
        self._system = system
        self._folder = folder
        self._disk_lost = disk_lost
        folder.mkdir()
        self._workers = [self._start(number) for number in range(WORKERS)]

    def _start(self, number: int) -> Killable:
        disk = self._folder / f"disk{number}"
        return Killable(self._system.arguments(disk), self._folder / f"{number}.log")

    async def until_at_work(self, number: int) -> None:
        """Wait until one lives and has folded records since it was started."""

        async def at_work() -> bool:
            worker = self._workers[number]
            return worker.runs and self._system.folded(worker.said) >= AT_WORK

        await self.until(at_work, f"worker {number} to be at work")

    async def have_folded(self, sender: Sender) -> bool:
        """Return whether the whole feed was sent, and is folded."""
        return sender.is_over and await self._system.is_worked_off([each.said for each in self._workers], sender.ends)

    def end_one(self, stop: Stop) -> None:
        """Kill or stop one and start it again, on an empty disk if that is lost."""
        worker = self._workers[stop.worker]
        if stop.is_kill:
            worker.kill()
        else:
            worker.ask_to_stop()
            worker.wait()
        if self._disk_lost:
            shutil.rmtree(self._folder / f"disk{stop.worker}")
        self._workers[stop.worker] = self._start(stop.worker)

    async def until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait until a condition holds, starting workers again that end by themselves.

        Raises:
            StoodStillError: it does not come to hold.
        """
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while not await condition():
            if asyncio.get_running_loop().time() > deadline:
                raise StoodStillError(what)
            await asyncio.sleep(0.1)
            for number, worker in enumerate(self._workers):
                if not worker.runs:
                    self.by_itself += 1
                    self._workers[number] = self._start(number)

    def stop(self) -> None:
        """Stop all at once, as an operator would."""
        for worker in self._workers:
            worker.ask_to_stop()
        for worker in self._workers:
            worker.wait()

    def end(self) -> None:
        """End all whatever they do."""
        for worker in self._workers:
            worker.end()
