"""A server of states made by hand, which can be taken away and brought back on the same port."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
from aiohttp import web
from aiohttp.test_utils import unused_port

from dcc_analytics.live.changes import change
from dcc_analytics.live.publisher import event
from dcc_analytics.live.state import API_VERSION, MonthService, Now, RoleBenchmark, UserDetail
from dcc_analytics.live.trust import TrustBrief
from tests.live.made_state import made_now, made_user


def made_detail(state: Now, party: str) -> UserDetail:
    """Return the part of a Member."""
    (user,) = [each for each in state.users if each.party == party]
    trust = state.trust
    brief = TrustBrief(trust.status, trust.clock_at, trust.event_age_s, trust.committed_at)
    read = MonthService("4.8.1", "Read Active Import", 100, 90, 7, 3, 7 / 97, 80, 90, 7250, 900, 20_000, 6_000)
    return UserDetail(
        version=API_VERSION, id=state.id, made_at=state.made_at, trust=brief, user=user, services=[], month=[read],
        reasons=state.reasons, devices=[], incidents=[], benchmark=RoleBenchmark(None, []),
    )  # fmt: skip


class MadeServer:
    """Serves a state, and tells those that follow.

    Attributes:
        state: what is served.
        port: where.
        resumed: the ids that those who connected said they had.
        token: that is asked for; empty for none.
        silent: whether the stream says nothing but keeps the connection.
    """

    def __init__(self, state: Now) -> None:
        """Serve a state."""
        self.state = state
        self.port = unused_port()
        self.resumed: list[str] = []
        self.token = ""
        self.silent = False
        self._told: list[asyncio.Queue[bytes]] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def tell(self, state: Now) -> None:
        """Serve another state and tell the difference."""
        data = event("change", state.id, msgspec.json.encode(change(self.state, state))).plain
        self.state = state
        for each in self._told:
            each.put_nowait(data)

    @contextlib.asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        """Answer as long as the context lasts; connections end with it."""
        application = web.Application(middlewares=[self._admit])
        application.add_routes(
            [
                web.get("/api/v1/now", self._now),
                web.get("/api/v1/users/{party}/{role}", self._user),
                web.get("/api/v1/stream", self._stream),
            ]
        )
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield
        finally:
            await runner.cleanup()

    @web.middleware
    async def _admit(self, request: web.Request, handler: object) -> web.StreamResponse:
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"error": "who is it?"}, status=401)
        answer: web.StreamResponse = await handler(request)  # type: ignore[operator]
        return answer

    async def _now(self, _request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(self.state), content_type="application/json")

    async def _user(self, request: web.Request) -> web.Response:
        detail = made_detail(self.state, request.match_info["party"])
        return web.Response(body=msgspec.json.encode(detail), content_type="application/json")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        had = request.headers.get("Last-Event-ID", "")
        self.resumed.append(had)
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        if "party" in request.query:
            detail = made_detail(self.state, request.query["party"])
            await answer.write(event("user", detail.id, msgspec.json.encode(detail)).plain)
        elif had != self.state.id:
            await answer.write(event("now", self.state.id, msgspec.json.encode(self.state)).plain)
        waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._told.append(waiting)
        try:
            while not (request.transport is None or request.transport.is_closing()):
                try:
                    async with asyncio.timeout(0.2):
                        data = await waiting.get()
                except TimeoutError:
                    data = b": heartbeat\n\n"
                if not self.silent:
                    await answer.write(data if "party" not in request.query else b": heartbeat\n\n")
        finally:
            self._told.remove(waiting)
        return answer


def two_users(state: str) -> Now:
    """Return a state with two Members, the surprising one first."""
    return made_now(state, [made_user("NWE", 4.25), made_user("BHG", 0.5)])
