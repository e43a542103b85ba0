"""``dcca live`` as a process under measurement, and readers of it in processes of their own."""

import asyncio
import json
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import aiohttp

from bench.figures import PartFailedError
from bench.processes import cpu_seconds, resident_mb
from dcc_analytics.stream.kafka import Connection

_PATIENCE_S: Final = 60.0
_ASK_EVERY_S: Final = 0.1
#: The metric of how many read the stream.
_SUBSCRIBERS: Final = "dcca_live_subscribers"
#: What the system takes in for a reader that reads nothing; it takes twice as much at least.
_TAKEN_IN_BYTES: Final = 4096
_STREAM: Final = "GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"


class Cost(NamedTuple):
    """What a process had cost at an instant."""

    at_s: float
    cpu_s: float
    resident_mb: float


class Served(AbstractAsyncContextManager["Served"]):
    """``dcca live`` over a connection's topics, while the context lasts.

    Attributes:
        port: it serves on.
    """

    def __init__(self, connection: Connection, folder: Path) -> None:
        """Prepare; entering the context starts it and waits until it is ready."""
        self._command = (
            "-m", "dcc_analytics.commands.main", "live", "--bootstrap", connection.bootstrap, "--prefix",
            connection.prefix, "--history", str(folder / "hours.sqlite"), "--port", "0", "--json",
        )  # fmt: skip
        self.port = 0
        self._process: Process

    async def __aenter__(self) -> Self:
        """Start it.

        Raises:
            PartFailedError: it ended, or is not ready within a minute.
        """
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *self._command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
        line = await _line(self._process)
        if not line:
            raise PartFailedError(f"dcca live ended with code {await self._process.wait()}")
        self.port = int(json.loads(line)["url"].rsplit(":", 1)[1])
        try:
            async with asyncio.timeout(_PATIENCE_S), aiohttp.ClientSession(self.url) as session:
                await _until(session, "/readyz", "")
        except (TimeoutError, aiohttp.ClientError) as never:
            await self._end()
            raise PartFailedError(f"dcca live does not get ready within {_PATIENCE_S:.0f} s: {never}") from never
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End it."""
        await self._end()

    async def _end(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    def cost(self) -> Cost:
        """Return what it has cost so far."""
        pid = self._process.pid
        return Cost(time.monotonic(), cpu_seconds(pid), resident_mb(pid))


class Readers(AbstractAsyncContextManager["Readers"]):
    """So many readers of a path, while the context lasts.

    Attributes:
        found: what they read, when it is over: ``seconds``, ``read_bytes``, ``messages``, and ``ended``, how many of
            them the server let go.
    """

    def __init__(self, served: Served, path: str, number: int) -> None:
        """Prepare; entering the context connects all of them."""
        self._arguments = json.dumps({"port": served.port, "path": path, "number": number})
        self.found: dict[str, Any] = {}
        self._process: Process

    async def __aenter__(self) -> Self:
        """Connect them.

        Raises:
            PartFailedError: not all were let in.
        """
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.readers", self._arguments, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
        if await _line(self._process) != b"connected\n":
            raise PartFailedError(f"not all readers were let in ({self._arguments})")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End them, and take what they found."""
        if kind is not None:
            self._process.kill()
        said, _ = await self._process.communicate(b"")  # which ends its input
        if kind is None:
            self.found = json.loads(said)


async def _line(process: Process) -> bytes:
    return b"" if process.stdout is None else await process.stdout.readline()


async def let_go_after_s(served: Served, patience_s: float) -> float:
    """Ask for the stream, read nothing of it, and return how long it is until nobody reads it any more.

    It has to be the only reader of the stream, and can't see itself that it is let go: nothing reaches it any more.

    Raises:
        PartFailedError: it is not let go.
    """
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _TAKEN_IN_BYTES)
        deaf.connect(("127.0.0.1", served.port))
        deaf.sendall(_STREAM.format(port=served.port).encode())
        began_s = time.monotonic()
        try:
            async with asyncio.timeout(patience_s), aiohttp.ClientSession(served.url) as session:
                await _until(session, "/metrics", f"{_SUBSCRIBERS} 1.0")
                await _until(session, "/metrics", f"{_SUBSCRIBERS} 0.0")
        except TimeoutError as kept:
            raise PartFailedError(f"a reader that reads nothing was not let go within {patience_s:.0f} s") from kept
        return time.monotonic() - began_s


async def _until(session: aiohttp.ClientSession, path: str, line: str) -> None:
    """Ask for a path until it is answered without fault, by something that has a line."""
    while True:
        async with session.get(path) as answer:
            if answer.ok and (not line or line in (await answer.text()).splitlines()):
                return
        await asyncio.sleep(_ASK_EVERY_S)
