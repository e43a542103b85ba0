"""The process behind ``dcca live``: follow, judge, publish and serve until told to stop."""

import asyncio
import contextlib
import resource
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.live.access import Access, is_loopback
from dcc_analytics.live.benchmark import Released
from dcc_analytics.live.detail import Details
from dcc_analytics.live.follow import Follower, Progress
from dcc_analytics.live.history import History
from dcc_analytics.live.model import Model
from dcc_analytics.live.publisher import Publisher
from dcc_analytics.live.server import MOST_SUBSCRIBERS, Routes, Server
from dcc_analytics.live.tokens import Tokens
from dcc_analytics.live.view import Viewer
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.topics import ledger_name

#: A worker commits every second unless told otherwise; three without one, with records there, are no chance.
STALE_AFTER_S: Final = 3.0
#: Files a process may have open: one for each reader, and as many again for who comes and goes.
MOST_FILES: Final = 4 * MOST_SUBSCRIBERS


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """What an operator may choose.

    Attributes:
        application: whose ledger is followed.
        history: file of the hours before.
        out: folder of snapshots and packs, for benchmarks; None shows none.
        host, port: to listen on; port 0 for a free one.
        tokens: who may look; None for nobody but this machine.
        allowed_hosts: further names by which the server is asked, as a reverse proxy passes them on.
        stale_after_s: longest time records may wait without a commit.
    """

    application: str
    history: Path
    out: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    tokens: Tokens | None = None
    allowed_hosts: frozenset[str] = frozenset()
    stale_after_s: float = STALE_AFTER_S

    def __post_init__(self) -> None:
        """Refuse to be reached from elsewhere by whoever likes.

        Raises:
            UsageError: there are no tokens, and the address is not the loopback one.
        """
        if self.tokens is None and not is_loopback(self.host):
            raise UsageError(
                f"--host {self.host} can be reached from other machines, and nobody would need a token: give --tokens "
                "(`dcca live token` makes one), or leave --host out"
            )


@dataclass(frozen=True, slots=True)
class Told:
    """What is called as the process goes on.

    Attributes:
        listening: with the port, when requests are answered; what they show is still being read.
        progress: with offsets of the ledger read, and how many there are.
        begun: when all of it is read.
    """

    listening: Callable[[int], None] = lambda _port: None
    progress: Progress = lambda _read, _of: None
    begun: Callable[[], None] = lambda: None


async def watch(
    connection: Connection, settings: LiveSettings, stop: asyncio.Event, told: Told, *, pages: Iterable[Routes] = ()
) -> None:
    """Run until ``stop`` is set.

    Args:
        connection: how to reach Kafka.
        settings: what was chosen.
        stop: ends it.
        told: called as it goes on.
        pages: further routes.

    Raises:
        BrokerError: no Kafka answers.
        StateError: the ledger is damaged when it is read first, or the file of hours can't be used.
        TopicError: there is no such ledger.
        UsageError: the address can't be listened on.
    """
    _allow_connections()
    ledger = ledger_name(settings.application)
    async with Follower(connection, settings.application) as follower:
        partitions = await follower.partitions()
        with History(settings.history, connection.topic(ledger)) as history:
            model = Model(settings.application, partitions, history)
            viewer = Viewer(model, stale_after_s=settings.stale_after_s)
            publisher = Publisher(model, viewer, Details(model, viewer, Released(settings.out)))
            access = Access(settings.tokens, settings.allowed_hosts | {settings.host})
            server = Server(publisher, viewer, access, more=pages)
            async with _listening(server, settings) as port:
                told.listening(port)

                async def follow() -> None:
                    await follower.begin(model, told.progress)
                    told.begun()
                    await follower.run(model)

                await _until(stop, follow(), publisher.run())


def _allow_connections() -> None:
    """Let as many connect as may be served: many systems allow a process a thousand files unless it asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < MOST_FILES:
        wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextlib.asynccontextmanager
async def _listening(server: Server, settings: LiveSettings) -> Any:  # noqa: ANN401 (a context)
    async with contextlib.AsyncExitStack() as stack:
        try:
            port = await stack.enter_async_context(server.running(settings.host, settings.port))
        except OSError as taken:
            raise UsageError(
                f"{settings.host} port {settings.port} can't be listened on ({taken.strerror or taken}); give another "
                "--port or --host"
            ) from taken
        yield port


async def _until(stop: asyncio.Event, *work: Coroutine[Any, Any, None]) -> None:
    """Run until ``stop`` is set, or any of the work ends; what it ended with is raised."""
    tasks = [asyncio.ensure_future(each) for each in (*work, stop.wait())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
