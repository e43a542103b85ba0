"""From an event on Kafka to the page of ``dcca live`` in a browser, alone and beside hundreds of other readers."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import numpy as np
from aiokafka import AIOKafkaProducer

from bench.figures import Figure, PartFailedError
from bench.marked import Marks, Seen, seen
from bench.processes import in_own_process
from bench.run import PARTITIONS, Run, say
from bench.served import Cost, Readers, Served, let_go_after_s
from bench.watched import WatchedWorker
from dcc_analytics.stream.kafka import Connection

COMMIT_EVERY_S: Final = 0.5
#: Events a second while the page is watched, and seconds of each of three phases; of a small run fewer of both. On two
#: cores the sender gets a little behind: it is asked for somewhat more than the five thousand that are to flow.
MOST_PER_S: Final = 5_200
MOST_SECONDS: Final = 40.0
LEAST_SECONDS: Final = 4.0
#: Before the first phase the stream has to flow, and after the last it must not have ended.
_AROUND_S: Final = 8.0
READERS: Final = 500
_MARK_EVERY_S: Final = 0.21
_PATIENCE_S: Final = 30.0


class Size(NamedTuple):
    """How much of it a run of so many events has."""

    per_s: int
    seconds: float
    readers: int

    @classmethod
    def of(cls, events: int) -> "Size":
        """Return the size of a part of a run.

        >>> Size.of(1_000_000), Size.of(34_400)
        (Size(per_s=5200, seconds=40.0, readers=500), Size(per_s=1376, seconds=4.0, readers=43))
        """
        seconds = min(max((0.8 * events / MOST_PER_S - _AROUND_S) / 3, LEAST_SECONDS), MOST_SECONDS)
        per_s = min(MOST_PER_S, int(0.8 * events / (3 * seconds + _AROUND_S)))
        return cls(per_s, seconds, min(READERS, events // 800))

    @property
    def events(self) -> int:
        """Events to send in all."""
        return int(self.per_s * (3 * self.seconds + _AROUND_S))


def measure(run: Run) -> list[Figure]:
    """Watch a stream that flows; nothing where there is no Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        say("left out: there is no chromium on this machine (Debian: apt-get install chromium)")
        return []
    size, connection = Size.of(run.events), run.without_events("watching-")
    worker = WatchedWorker(
        connection, run.folder / "watching-state", "--commit-every", str(COMMIT_EVERY_S), shards=PARTITIONS
    )
    try:
        worker.wait_until_open()
        say(f"watching {size.per_s:,} events/s for {3 * size.seconds + _AROUND_S:.0f} s")
        watched = asyncio.run(_watched(run, connection, chromium, size))
        worker.wait_for(watched.records)
        worker.stop()
    finally:
        worker.end()
    return watched.figures


class _Watched(NamedTuple):
    records: int
    figures: list[Figure]


async def _watched(run: Run, connection: Connection, chromium: str, size: Size) -> _Watched:
    producer = AIOKafkaProducer(**connection.options(), acks="all", linger_ms=0)
    await producer.start()
    marks = Marks(producer, connection)
    try:
        async with (
            Served(connection, run.folder) as served,
            seen(chromium) as page,
            _flowing(run, connection, size) as flow,
        ):
            await marks.begin()
            await page.begin(served.url, len(marks.sent_s), _PATIENCE_S)
            watch = _Watch(served, page, marks, size)
            slow_s, figures = await asyncio.gather(let_go_after_s(served, _PATIENCE_S), watch.seen("alone"))
            figures += await watch.beside("beside pages", "/updates", size.readers)
            figures += await watch.beside("beside streams", "/api/v1/stream", size.readers)
            sent = await flow
    finally:
        await producer.stop()
    return _Watched(
        int(sent["events"]) + 2 * len(marks.sent_s),
        [
            Figure("watching", "sent", sent["events"] / sent["seconds"], "events/s"),
            *figures,
            Figure("watching", "a reader that reads nothing, let go after", slow_s, "s"),
        ],
    )


@asynccontextmanager
async def _flowing(run: Run, connection: Connection, size: Size) -> AsyncIterator["asyncio.Future[dict[str, float]]"]:
    """Send the run's events by a process of its own; yields what it tells at the end."""
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(
            in_own_process, "bench.present", every_core=True, bootstrap=connection.bootstrap, prefix=connection.prefix,
            folder=str(run.recorded), events=size.events, from_ms=run.nation.first.start_us // 1000, per_s=size.per_s,
        )  # fmt: skip
        yield asyncio.wrap_future(sending)


class _Watch:
    """The page watched for some seconds at a time."""

    def __init__(self, served: Served, page: Seen, marks: Marks, size: Size) -> None:
        self._served = served
        self._page = page
        self._marks = marks
        self._size = size

    async def beside(self, name: str, path: str, readers: int) -> list[Figure]:
        """Return what is seen beside so many readers of a path.

        Raises:
            PartFailedError: readers were let go that read all they got; or a request was never shown.
        """
        reading = Readers(self._served, path, readers)
        async with reading:
            figures = await self.seen(name)
        found = reading.found
        if found["ended"]:
            raise PartFailedError(f"{found['ended']} of {readers} readers of {path} were let go")
        each_s = readers * found["seconds"]
        return [
            Figure("watching", f"{name}: readers", readers, "readers"),
            *figures,
            Figure("watching", f"{name}: told each", found["messages"] / each_s, "messages/s"),
            Figure("watching", f"{name}: told each, packed", found["read_bytes"] / 1e3 / each_s, "kB/s"),
        ]

    async def seen(self, name: str) -> list[Figure]:
        """Return what is seen, and what it costs.

        Raises:
            PartFailedError: a request was never shown.
        """
        first, before = len(self._marks.sent_s), self._served.cost()
        await self._marks.every(_MARK_EVERY_S, asyncio.get_running_loop().time() + self._size.seconds)
        after = self._served.cost()
        try:
            times_s = await self._page.latencies_s(self._marks.sent_s, first, _PATIENCE_S)
        except TimeoutError as never:
            raise PartFailedError(f"{name}: the page does not show the last request that was sent") from never
        return _figures(name, times_s, before, after)


def _figures(name: str, times_s: list[float], before: Cost, after: Cost) -> list[Figure]:
    cpu = 100 * (after.cpu_s - before.cpu_s) / (after.at_s - before.at_s)
    shown = {"median": 50, "95th percentile": 95, "longest": 100}
    return [
        *(
            Figure("watching", f"{name}: event to browser, {words}", float(np.percentile(times_s, rank)), "s")
            for words, rank in shown.items()
        ),
        Figure("watching", f"{name}: CPU of dcca live", cpu, "% of a core"),
        Figure("watching", f"{name}: memory of dcca live", after.resident_mb, "MB"),
    ]
