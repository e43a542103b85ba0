"""Routes of the page: its documents, its stream of updates, its files, and the way in and out."""

import asyncio
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from aiohttp import web

from dcc_analytics.catalogue.codes import reason_text
from dcc_analytics.live.access import BEARER, HEADERS, SIGN_IN, Access, forget_token, keep_token
from dcc_analytics.live.packed import HEADER
from dcc_analytics.live.page.asked import Asked
from dcc_analytics.live.page.frame import page, sign_in, words
from dcc_analytics.live.page.parts import Messages, Operators, Shown, user_shown
from dcc_analytics.live.page.reader import Reader
from dcc_analytics.live.server import MOST_SUBSCRIBERS, Server
from dcc_analytics.snapshot.members import Member

#: How often a new state is looked for.
_LOOK_S: Final = 0.2
#: A page that takes nothing for so long is let go; it comes back by itself.
_SLOW_S: Final = 10.0

#: A form has to be here within so long.
FORM_S: Final = 10.0

_FILES: Final = {"live.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}


def pages(server: Server) -> Iterable[web.RouteDef]:
    """Return the page's routes."""
    return Pages(server).routes()


class Pages:
    """Answers with HTML."""

    def __init__(self, server: Server) -> None:
        """Show what a server has."""
        self._server = server
        self._operators = Operators(self._top_reason)
        self._messages = Messages()
        self._users: dict[Member, Shown] = {}
        self._readers = 0
        folder = files("dcc_analytics.live.page") / "static"
        self._files = {name: (folder / name).read_bytes() for name in _FILES}

    def routes(self) -> Iterable[web.RouteDef]:
        """Return them."""
        return [
            web.get("/", self._first),
            web.get("/users/{party}/{role}", self._user),
            web.get("/updates", self._updates, allow_head=False),
            web.get("/updates/{party}/{role}", self._updates, allow_head=False),
            web.get("/static/{name}", self._file),
            web.get(SIGN_IN, self._ask),
            web.post(SIGN_IN, self._sign_in),
            web.post("/sign-out", self._sign_out),
        ]

    # -- documents -----------------------------------------------------------------------------------------

    async def _first(self, request: web.Request) -> web.StreamResponse:
        member = request[BEARER].member
        if member is not None:
            raise web.HTTPSeeOther(_path(member))
        asked = Asked.of(request.query)
        return self._page(request, self._all(asked), asked, None)

    async def _user(self, request: web.Request) -> web.StreamResponse:
        member = _named(request)
        refused = self._server.refuse(request, member)
        if refused is not None:
            if refused.status == 403:
                return _html(words("Not yours to see", "This token may see one User, and not this one."), status=403)
            return _html(words("No such User", "Nobody knows that User."), status=404)
        shown = self._one(member)
        if shown is None:
            return _html(words("Nothing yet", "Nothing is known of that User yet."), status=404)
        return self._page(request, shown, Asked.of(request.query), member)

    def _page(self, request: web.Request, shown: Shown, asked: Asked, member: Member | None) -> web.Response:
        operator = request[BEARER].member is None
        whole = page(
            shown.title, shown.whole, asked, application=self._server.publisher.state.application, status=shown.status,
            stream=_stream_path(member), back=member is not None and operator,
            signed_in=self._server.access.tokens is not None, lone=member is not None,
        )  # fmt: skip
        return _html(whole)

    # -- updates -------------------------------------------------------------------------------------------

    async def _updates(self, request: web.Request) -> web.StreamResponse:
        """Tell what is another, as often as is asked for, to whoever takes it: who is slow gets fewer updates."""
        member = _named(request) if "party" in request.match_info else None
        if member is None and request[BEARER].member is not None:
            return _html("this token may see one User", status=403)
        if member is not None and (refused := self._server.refuse(request, member)) is not None:
            return refused
        if self._readers >= MOST_SUBSCRIBERS:
            return _html(f"{MOST_SUBSCRIBERS} pages are open already", status=503)
        asked = Asked.of(request.query)
        make = (lambda: self._all(asked)) if member is None else (lambda: self._one(member))
        answer = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        if packed:
            answer.headers["Content-Encoding"] = "gzip"
        await answer.prepare(request)
        self._readers += 1
        try:
            await self._tell(request, answer, make, asked, packed=packed)
        except (ConnectionError, TimeoutError):
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._readers -= 1
        return answer

    async def _tell(
        self,
        request: web.Request,
        answer: web.StreamResponse,
        make: Callable[[], Shown | None],
        asked: Asked,
        *,
        packed: bool,
    ) -> None:
        clock = asyncio.get_running_loop().time
        reader = Reader(asked, self._messages, clock())
        if packed:
            await answer.write(HEADER)
        while request.transport is not None and not request.transport.is_closing():
            state = self._server.publisher.state
            due = reader.is_due(state.id, state.trust.status, clock())
            new = make() if due else None
            message = reader.alive(clock()) if new is None else reader.told(new, clock())
            if message is not None:
                async with asyncio.timeout(_SLOW_S):
                    await answer.write(message.packed if packed else message.plain)
            await asyncio.sleep(_LOOK_S)

    def _all(self, asked: Asked) -> Shown:
        return self._operators.shown(self._server.publisher.state, asked)

    def _one(self, member: Member) -> Shown | None:
        known = self._users.get(member)
        if known is not None and known.id == self._server.publisher.state.id:
            return known
        detail = self._server.publisher.detail(member)
        if detail is None:
            return None
        self._users = {of: shown for of, shown in self._users.items() if shown.id == detail.id}
        self._users[member] = user_shown(detail)
        return self._users[member]

    def _top_reason(self, member: Member) -> str:
        code = self._server.viewer.causes.commonest(member)
        return f"mostly {code}, {reason_text(code)}" if code else ""

    # -- files, in and out ---------------------------------------------------------------------------------

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in self._files:
            raise web.HTTPNotFound
        return web.Response(body=self._files[name], content_type=_FILES[name], charset="utf-8")

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        return _html(sign_in(_own(request.query.get("next", "/")), refused=False))

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        try:
            async with asyncio.timeout(FORM_S):
                form = await request.post()
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        token, where = str(form.get("token", "")).strip(), _own(str(form.get("next", "/")))
        access: Access = self._server.access
        if access.tokens is not None and access.tokens.bearer(token) is None:
            return _html(sign_in(where, refused=True), status=401)
        answer = web.Response(status=303, headers={"Location": where})
        keep_token(request, answer, token)
        return answer

    async def _sign_out(self, _request: web.Request) -> web.StreamResponse:
        answer = web.Response(status=303, headers={"Location": SIGN_IN})
        forget_token(answer)
        return answer


def _named(request: web.Request) -> Member:
    return Member(request.match_info["party"], request.match_info["role"])


def _own(where: str) -> str:
    r"""Return a path of this server; whatever else is asked for is the first page.

    >>> [_own(where) for where in ("/users/A/IS?q=1", "//evil.example", "https://evil.example", "/\\evil.example")]
    ['/users/A/IS?q=1', '/', '/', '/']
    """
    fine = where.startswith("/") and where[1:2] not in {"/", "\\"} and where.isprintable()
    return where if fine else "/"


def _html(text: str, *, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")


def _path(member: Member) -> str:
    return f"/users/{quote(member.party, safe='')}/{quote(member.role, safe='')}"


def _stream_path(member: Member | None) -> str:
    return "/updates" if member is None else _path(member).replace("/users", "/updates", 1)
