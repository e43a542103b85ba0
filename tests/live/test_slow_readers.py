"""Readers that stop reading, over sockets whose buffers are full: each is let go, and nobody waits for it."""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Iterable

import pytest
from aiohttp import web

from bench.processes import resident_mb
from dcc_analytics.live.access import Access
from dcc_analytics.live.model import Model
from dcc_analytics.live.page.routes import Pages
from dcc_analytics.live.server import Server
from tests.live.page.nation import Played, nation

pytestmark = pytest.mark.slow

#: Ten seconds, as docs/live.md says; one until there is more than the sockets hold, and one for a machine that is busy.
DROPPED_WITHIN_S = 12.0
_USERS = 200
_EVERY_S = 0.1
_DATA = b"\ndata: "


@contextlib.asynccontextmanager
async def connected(port: int, path: str) -> AsyncIterator[socket.socket]:
    """Ask for a stream over a socket from which nothing is taken by itself, and that holds little."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(0)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, ("127.0.0.1", port))
        await loop.sock_sendall(sock, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert (await loop.sock_recv(sock, 512)).startswith(b"HTTP/1.1 200 OK")
        yield sock


async def test_who_stops_reading_is_let_go_in_time_and_nobody_waits_for_it(sample_model: Model) -> None:
    states = [nation(number, _USERS) for number in range(3)]
    played = Played(sample_model, states[0])
    shown: list[Pages] = []

    def routes(server: Server) -> Iterable[web.RouteDef]:
        shown.append(Pages(server))
        return shown[0].routes()

    server = Server(played, played.viewer, Access(None), more=[routes])
    told = {"/api/v1/stream": 0, "/updates?rows=all": 0}

    async def read(path: str, sock: socket.socket) -> None:
        """Count the events that come."""
        rest = b""
        while piece := await asyncio.get_running_loop().sock_recv(sock, 1 << 20):
            told[path] += (rest + piece).count(_DATA)
            rest = piece[1 - len(_DATA) :]

    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(server.running("127.0.0.1", 0))
        for path in told:
            await stack.enter_async_context(connected(port, path))
            quick = await stack.enter_async_context(connected(port, path))
            stack.callback(asyncio.ensure_future(read(path, quick)).cancel)
        assert (2, 2) == (len(played.subscribers), shown[0]._readers)
        began_s, number, late_s, before_mb = time.monotonic(), 0, 0.0, 0.0
        while len(played.subscribers) + shown[0]._readers > 2 and time.monotonic() < began_s + 2 * DROPPED_WITHIN_S:
            number += 1
            played.show(states[number % len(states)])
            shown_s = time.monotonic()
            await asyncio.sleep(_EVERY_S)
            late_s = max(late_s, time.monotonic() - shown_s - _EVERY_S)
            before_mb = before_mb or resident_mb(os.getpid())
        took_s, more_mb = time.monotonic() - began_s, resident_mb(os.getpid()) - before_mb
        await asyncio.sleep(_EVERY_S)
        assert (1, 1, 1) == (played.dropped, len(played.subscribers), shown[0]._readers)
    assert took_s < DROPPED_WITHIN_S
    assert late_s < 1
    assert told["/api/v1/stream"] in {number, number + 1}, "what it begins with may have come with the head"
    assert more_mb < 20
