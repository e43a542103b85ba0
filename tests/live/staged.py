"""A feed of now, a worker and a ``dcca live``: processes of their own on a broker, to be killed and started again."""

import asyncio
import contextlib
import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from dcc_analytics.stream.decode import DECODERS, decoded
from dcc_analytics.stream.events import Request
from dcc_analytics.stream.home import key_hash
from dcc_analytics.stream.instants import instant_text
from dcc_analytics.stream.kafka import Connection, let_go
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import create_topics
from tests.recorded_sample import SAMPLE, lines
from tests.worker_process import WorkerProcess

APPLICATION: Final = "dcca"
#: As the issue has it: what is shown is told within five seconds at a commit every half second.
COMMIT_EVERY_S: Final = 0.5
PARTITIONS: Final = 2
_STEP_S: Final = 0.05
#: Of a hundred answers so many are failures.
_FAIL: Final = 2

Result = TypeVar("Result")


class Ask(NamedTuple):
    """Who asks which Device for what, as somebody did in the sample."""

    key: bytes
    user: str
    target: str
    fields: dict[str, Any]


def asks() -> list[Ask]:
    """Return what is asked in the sample, by requests that can be asked again at any time."""
    found = []
    for line in lines("service-requests"):
        event = decoded(DECODERS["service-requests"], line.value)
        plain = isinstance(event, Request) and event.command_variant == 1 and not event.execute_us and not event.cancels
        if not plain or line.key is None or line.value is None:
            continue
        fields = json.loads(line.value)
        user, target, _ = fields["request_id"].split(":")
        if target == fields.get("device"):
            found.append(Ask(line.key, user, target, fields))
    return found


class Feed:
    """Requests and their answers, sent from a thread of its own; their times are those of the wall's clock.

    Attributes:
        sent: records so far.
    """

    def __init__(self, connection: Connection, *, per_s: float = 60.0) -> None:
        """Prepare; entering the context begins to send.

        Args:
            connection: to topics that are there.
            per_s: requests a second; each has its answer.
        """
        self.sent = 0
        self._connection = connection
        self._per_s = per_s
        self._asks = asks()
        self._chance = random.Random(7)
        self._number = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._task: asyncio.Future[None] | None = None

    def do(self, work: Coroutine[Any, Any, Result], *, within_s: float = 60.0) -> Result:
        """Do something in the thread of the feed; whoever calls may have a loop of its own."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(within_s)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End."""
        with contextlib.suppress(asyncio.CancelledError, TimeoutError):
            self.do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def begin(self) -> None:
        """Send from now on, whether a broker is there or not: what is not taken is lost."""

        async def begun() -> None:
            self._task = asyncio.ensure_future(self._send())

        self.do(begun())

    async def _send(self) -> None:
        while True:
            producer = AIOKafkaProducer(**self._connection.options(), request_timeout_ms=1500)
            try:
                await producer.start()
                while True:
                    await self._burst(producer, round(self._per_s * _STEP_S), time.time_ns() // 1000)
                    await asyncio.sleep(_STEP_S)
            except KafkaError:
                await asyncio.sleep(0.1)
            finally:
                await let_go(producer)

    async def _burst(self, producer: AIOKafkaProducer, requests: int, at_us: int) -> None:
        sent = []
        for topic, key, value in (record for _ in range(requests) for record in self._asked(at_us)):
            partition = key_hash(key) % PARTITIONS
            sent.append(await producer.send(self._connection.topic(topic), value, key, partition, at_us // 1000))
        await asyncio.gather(*sent)
        self.sent += len(sent)

    def _asked(self, at_us: int) -> Iterator[tuple[str, bytes, bytes]]:
        ask, self._number = self._chance.choice(self._asks), self._number + 1
        name, code = f"{ask.user}:{ask.target}:{self._number}", "E4" if self._chance.randrange(100) < _FAIL else "I0"
        request = {**ask.fields, "request_id": name, "received_at": instant_text(at_us - 300_000)}
        answer = {"request_id": name, "sent_at": instant_text(at_us), "code": code}
        yield "service-requests", ask.key, json.dumps(request).encode()
        yield "service-responses", ask.key, json.dumps(answer).encode()

    def backlog(self, requests: int, *, minutes: float) -> None:
        """Send what would have come in the minutes before now, at once."""

        async def all_of_it() -> None:
            now_us, steps = time.time_ns() // 1000, 100
            producer = AIOKafkaProducer(**self._connection.options(), linger_ms=5)
            await producer.start()
            for step in range(steps):
                age_us = int(minutes * 60e6 * (steps - step) / steps)
                await self._burst(producer, requests // steps, now_us - age_us)
            await producer.stop()

        self.do(all_of_it())


class Stage:
    """Topics, a feed, a worker and a live, none of which run before they are begun."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        """Prepare; entering the context makes the topics, and reads in who is who."""
        self.connection = connection
        self.feed = Feed(connection)
        self.port = _free_port()
        self.worker: WorkerProcess | None = None
        self._folder = folder
        self._live: subprocess.Popen[bytes] | None = None
        self._log = folder / "live.log"

    @property
    def url(self) -> str:
        """Where live is."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Make the topics."""
        self.feed.__enter__()
        reference = self._folder / "reference"
        reference.mkdir()
        for name in ("users", "devices"):
            (reference / f"{name}.ndjson.gz").symlink_to(SAMPLE / f"{name}.ndjson.gz")
        make = create_topics(self.connection, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
        self.feed.do(make)
        self.feed.do(publish(self.connection, reference))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all."""
        if self.worker is not None:
            self.worker.__exit__(kind, error, trace)
        if self._live is not None and self._live.poll() is None:
            self._live.kill()
            self._live.wait()
        self.feed.__exit__(kind, error, trace)
        if error is not None:
            sys.stderr.write(self.said)

    def fold(self) -> WorkerProcess:
        """Start a worker, and return it."""
        if self.worker is not None and self.worker.runs:
            raise RuntimeError("one works already")
        self.worker = WorkerProcess(self.connection, self._folder / "worker", commit_every_s=COMMIT_EVERY_S)
        return self.worker

    def serve(self, *options: str) -> None:
        """Start live, on the port it had."""
        command = (
            sys.executable, "-m", "dcc_analytics.commands.main", "live", "--bootstrap", self.connection.bootstrap,
            "--prefix", self.connection.prefix, "--history", str(self._folder / "hours.sqlite"),
            "--port", str(self.port), *options,
        )  # fmt: skip
        with self._log.open("ab") as log:
            self._live = subprocess.Popen(command, stdout=log, stderr=log)

    def wait_until_served(self, patience_s: float) -> None:
        """Wait until live listens."""
        ends_s = time.monotonic() + patience_s
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert time.monotonic() < ends_s, self.said
            time.sleep(0.05)

    def kill_live(self) -> None:
        """Kill live, which has to run, as a power cut would."""
        assert self._live is not None
        self._live.kill()
        assert self._live.wait() == -signal.SIGKILL, self.said

    @property
    def said(self) -> str:
        """What live has logged."""
        return self._log.read_text(encoding="utf-8")


def _free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
