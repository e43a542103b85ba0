"""Connections: what each may hold and how long it may wait, and an answer to what is no HTTP."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any, Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from dcc_analytics.live.access import HEADERS, problem

log = logging.getLogger("dcca.live")

#: A connection that has not sent its first request within so long is ended.
FIRST_REQUEST_S: Final = 10.0
#: One that asks nothing more is kept so long; one that asks slowly too.
NEXT_REQUEST_S: Final = 15.0
#: One that takes nothing of what it is told for so long is ended.
TAKES_NOTHING_S: Final = 10.0
#: What nobody wants of a body is read for so long, so that who sends it comes to read the answer.
LINGERS_S: Final = 2.0
#: Connections that wait to be accepted; beyond them a client believes it is connected, and nobody knows of it.
WAITING: Final = 1024
#: What the kernel holds of what a reader has not taken (it doubles this); left to itself it holds megabytes, and says
#: nothing meanwhile of a reader that stands still.
SEND_BYTES: Final = 128 * 1024
#: How long requests under way may take when the server ends.
_SHUTDOWN_S: Final = 1.0


class Connection(RequestHandler):
    """One that asks.

    Attributes:
        has_asked: whether a request has come.
    """

    def __init__(self, server: web.Server, loop: asyncio.AbstractEventLoop) -> None:
        """Serve whoever connects."""
        none: Any = None  # aiohttp's own lines have paths in them
        super().__init__(server, loop=loop, access_log=none, keepalive_timeout=NEXT_REQUEST_S, lingering_time=LINGERS_S)
        self.has_asked = False
        loop.call_later(FIRST_REQUEST_S, self._look)

    def _look(self) -> None:
        if not self.has_asked and self.transport is not None:
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 (repeats what was sent)
    ) -> web.StreamResponse:
        """Answer what reaches no route, in words of ours; what was sent is neither sent back nor logged.

        Raises:
            ConnectionError: an answer is under way already.
        """
        if status >= 500:
            log.error("request_failed", exc_info=exc)
        else:
            log.warning("request_not_understood status=%d why=%s", status, type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is under way")
        answer = problem(status, "this is no request that is understood")
        answer.headers.update(HEADERS)
        answer.force_close()
        return answer


@contextlib.asynccontextmanager
async def accepting(application: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Listen while the context lasts; yields the port.

    Args:
        application: answers.
        host: address to listen on.
        port: 0 for a free one.

    Raises:
        OSError: the address can't be listened on.
    """
    runner = web.AppRunner(application, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    server, loop = runner.server, asyncio.get_running_loop()
    if server is None:
        raise RuntimeError("a runner that is set up has a server")
    try:
        listening = await loop.create_server(lambda: Connection(server, loop), host, port, backlog=WAITING)
        try:
            for each in listening.sockets:  # those who connect inherit it
                each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
                if hasattr(socket, "TCP_USER_TIMEOUT"):  # of Linux
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(TAKES_NOTHING_S * 1000))
            yield int(listening.sockets[0].getsockname()[1])
        finally:
            listening.close()
    finally:
        await runner.cleanup()
