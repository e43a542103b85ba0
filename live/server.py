"""The HTTP server: routes, and how each is answered. Read-only, but for the cookie of a page."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Final
from urllib.parse import quote

import msgspec
from aiohttp import web

from dcc_analytics.live.access import (
    BEARER,
    HEADERS,
    MEMBER,
    Access,
    Handler,
    forget_token,
    keep_token,
    problem,
    token_of,
)
from dcc_analytics.live.connections import Connection, accepting
from dcc_analytics.live.exposition import CONTENT_TYPE, Exposition
from dcc_analytics.live.follow import now_us
from dcc_analytics.live.openapi import document
from dcc_analytics.live.packed import HEADER, Message
from dcc_analytics.live.publisher import Publisher, Subscriber
from dcc_analytics.live.state import UserListed, Users
from dcc_analytics.live.trust import Ready, Trust
from dcc_analytics.live.view import Viewer
from dcc_analytics.snapshot.members import Member

#: Between two signs of life of a stream on which nothing happens; proxies end silent ones after a minute or less.
HEARTBEAT_S: Final = 10.0
_HEARTBEAT: Final = Message.of(b": heartbeat\n\n")
#: A body, and no request needs one, is this long at most.
BODY_BYTES: Final = 4096
#: Readers of the stream on one process.
MOST_SUBSCRIBERS: Final = 1_000

#: Further routes, as a page has them.
Routes = Callable[["Server"], Iterable[web.RouteDef]]


class Server:
    """Answers over HTTP.

    Attributes:
        publisher: whose states are served.
        viewer: makes them.
        access: who may ask.
    """

    def __init__(self, publisher: Publisher, viewer: Viewer, access: Access, *, more: Iterable[Routes] = ()) -> None:
        """Serve.

        Args:
            publisher: whose states.
            viewer: makes them.
            access: who may ask.
            more: further routes; they pass the same rules.
        """
        self.publisher = publisher
        self.viewer = viewer
        self.access = access
        self._exposition = Exposition(publisher)
        self._document = msgspec.json.encode(document())
        self.application = self._build(more)

    def _build(self, more: Iterable[Routes]) -> web.Application:
        @web.middleware
        async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
            if isinstance(request.protocol, Connection):
                request.protocol.has_asked = True
            return await self.access.admit(request, handler)

        application = web.Application(middlewares=[admit], client_max_size=BODY_BYTES)
        application.add_routes(
            [
                web.get("/api/v1/now", self._now),
                web.get("/api/v1/users", self._users),
                web.get("/api/v1/users/{party}/{role}", self._user),
                web.get("/api/v1/stream", self._stream, allow_head=False),
                web.post("/api/v1/session", self._keep_cookie),
                web.delete("/api/v1/session", self._forget_cookie),
                web.get("/openapi.json", self._openapi),
                web.get("/metrics", self._metrics),
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                *(route for routes in more for route in routes(self)),
            ]
        )
        return application

    def running(self, host: str, port: int) -> AbstractAsyncContextManager[int]:
        """Listen while the context lasts; yields the port.

        Args:
            host: address to listen on.
            port: 0 for a free one.

        Raises:
            OSError: the address can't be listened on.
        """
        return accepting(self.application, host, port)

    # -- the API -------------------------------------------------------------------------------------------

    async def _now(self, request: web.Request) -> web.StreamResponse:
        if request[BEARER].member is not None:
            return problem(403, "this token may see one User: ask /api/v1/users for whom")
        return _json(self.publisher.encoded)

    async def _users(self, request: web.Request) -> web.StreamResponse:
        bearer = request[BEARER]
        members = self.viewer.members(now_us()) if bearer.member is None else [bearer.member]
        party = self.viewer.directory.party
        listed = [UserListed(*each, party(each.party).name, href_of(each)) for each in members]
        return _json(msgspec.json.encode(Users(listed)))

    async def _user(self, request: web.Request) -> web.StreamResponse:
        member = Member(request.match_info["party"], request.match_info["role"])
        refused = self.refuse(request, member)
        if refused is not None:
            return refused
        found = self.publisher.detail(member)
        return problem(404, "nothing is known of it yet") if found is None else _json(msgspec.json.encode(found))

    def refuse(self, request: web.Request, member: Member) -> web.Response | None:
        """Return why a Member may not be looked at; whether one exists is told only to who may look at all."""
        bearer = request[BEARER]
        if not bearer.may_see(member):
            return problem(403, "this token may not see that User")
        if bearer.member is None and member not in self.viewer.members(now_us()):
            return problem(404, "nobody knows that User")
        request[MEMBER] = f"{member.party}/{member.role}"
        return None

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        member = request[BEARER].member
        if {"party", "role"} <= set(request.query):
            member = Member(request.query["party"], request.query["role"])
        if member is not None and (refused := self.refuse(request, member)) is not None:
            return refused
        if len(self.publisher.subscribers) >= MOST_SUBSCRIBERS:
            return problem(503, f"{MOST_SUBSCRIBERS} read the stream already; ask /api/v1/now instead")
        answer = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        if packed:
            answer.headers["Content-Encoding"] = "gzip"
        transport = request.transport
        subscriber = Subscriber(member, lambda: transport.abort() if transport is not None else None)
        await answer.prepare(request)
        try:
            self.publisher.subscribe(subscriber, request.headers.get("Last-Event-ID", ""))
            await _tell(answer, subscriber, packed=packed)
        except (ConnectionError, asyncio.CancelledError):
            if not subscriber.dropped and request.transport is not None and not request.transport.is_closing():
                raise
        finally:
            self.publisher.subscribers.discard(subscriber)
        return answer

    async def _keep_cookie(self, request: web.Request) -> web.StreamResponse:
        """Keep the token that was sent as a header where a page's event stream finds it."""
        answer = web.Response(status=204)
        if token := token_of(request):
            keep_token(request, answer, token)
        return answer

    async def _forget_cookie(self, _request: web.Request) -> web.StreamResponse:
        answer = web.Response(status=204)
        forget_token(answer)
        return answer

    # -- for machines --------------------------------------------------------------------------------------

    async def _openapi(self, _request: web.Request) -> web.StreamResponse:
        return _json(self._document)

    async def _metrics(self, request: web.Request) -> web.StreamResponse:
        if request[BEARER].member is not None:
            return problem(403, "metrics name every User; give an operator's token")
        return web.Response(body=self._exposition.text(), headers={"Content-Type": CONTENT_TYPE})

    async def _healthz(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(status=204)

    async def _readyz(self, _request: web.Request) -> web.StreamResponse:
        ready = readiness(self.publisher.state.trust)
        return _json(msgspec.json.encode(ready), status=200 if ready.ready else 503)


def href_of(member: Member) -> str:
    """Return where a Member's part is.

    >>> href_of(Member("A/B", "IS"))
    '/api/v1/users/A%2FB/IS'
    """
    return f"/api/v1/users/{quote(member.party, safe='')}/{quote(member.role, safe='')}"


def readiness(trust: Trust) -> Ready:
    """Return whether what is served is what the ledger says.

    A view of a worker that stands still is ready: it is there to say so. One that can't read the ledger is not.
    """
    kept = {"ledger_damaged", "kafka_away", "ledger_unread", "conservation"}
    reasons = [reason for reason in trust.reasons if reason.code in kept]
    return Ready(not reasons, reasons)


async def _tell(answer: web.StreamResponse, subscriber: Subscriber, *, packed: bool) -> None:
    if packed:
        await answer.write(HEADER)
    while not subscriber.dropped:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                message = await subscriber.messages.get()
        except TimeoutError:
            message = _HEARTBEAT
        await answer.write(message.packed if packed else message.plain)


def _json(body: bytes, *, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")
