"""What every request passes: its Host and Origin, its token, the headers of its answer, and its line in the log."""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlencode, urlsplit

import msgspec
from aiohttp import web

from dcc_analytics.live.state import Problem
from dcc_analytics.live.tokens import LOCAL, Bearer, Tokens

log = logging.getLogger("dcca.live")
audit = logging.getLogger("dcca.live.audit")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Whoever asked, on the request.
BEARER: Final = web.RequestKey("bearer", Bearer)
#: Which Member was looked at, for the audit log; a path as it came could hold anything.
MEMBER: Final = web.RequestKey("member", str)
#: Where the page keeps a token, since an event stream of a browser can't send a header.
COOKIE: Final = "dcca_token"
#: A cookie lasts a shift.
COOKIE_S: Final = 12 * 3600
#: Where a browser gives its token.
SIGN_IN: Final = "/sign-in"
#: May be asked by anybody who can connect: orchestrators have no token, nor has who is about to give one, and the
#: answers name nobody.
OPEN_PATHS: Final = frozenset(
    {"/healthz", "/readyz", SIGN_IN, "/static/live.css", "/static/live.js", "/static/icon.svg"}
)

#: Nothing from elsewhere, nothing framed, nothing kept.
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "Server": "dcca",
}


def is_loopback(host: str) -> bool:
    """Return whether an address can only be reached from this machine.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.0.0.1", "example.org")]
    [True, True, True, False, False, False]
    """
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(netloc: str) -> str | None:
    """Return the host of ``host:port`` in lower case; None for what is none.

    >>> host_of("Example.org:8080"), host_of("[::1]:8080"), host_of("a@b"), host_of("")
    ('example.org', '::1', None, None)
    """
    if "@" in netloc or "/" in netloc or not netloc:
        return None
    try:
        return urlsplit(f"//{netloc}").hostname
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of who may ask.

    Attributes:
        tokens: that are known; None where none is asked for, on the loopback address.
        hosts: by which names the server may be asked, beside those of the loopback address.
    """

    tokens: Tokens | None
    hosts: frozenset[str] = field(default_factory=frozenset)

    def refusal(self, request: web.Request) -> tuple[int, str] | None:
        """Return status and words if a request comes by another name, or from another site's page."""
        host = host_of(request.headers.get("Host", ""))
        if host is None or not (is_loopback(host) or host in self.hosts):
            return 421, "this server is not known by that name; name it with --allowed-host"
        origin = request.headers.get("Origin")
        if origin is not None and origin.lower().partition("://")[2] != request.headers["Host"].lower():
            return 403, "pages of other sites may not ask"
        elsewhere = request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}
        if elsewhere and not _follows_link(request):
            return 403, "pages of other sites may not ask"
        return None

    def bearer(self, request: web.Request) -> Bearer | None:
        """Return who asks; None for one without a token that is known."""
        if self.tokens is None:
            return LOCAL
        if (token := token_of(request)) is not None:
            return self.tokens.bearer(token)
        if (kept := request.cookies.get(COOKIE)) is not None:
            return self.tokens.bearer(kept)
        return None

    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request if it may be asked; whatever comes of it has the headers and its line in the log."""
        began_s = time.monotonic()
        bearer: Bearer | None = None
        refusal = self.refusal(request)
        if refusal is not None:
            answer: web.StreamResponse = problem(*refusal)
        elif request.path in OPEN_PATHS:
            answer = await _answered(request, handler)
        elif (bearer := self.bearer(request)) is None and _wants_page(request):
            answer = web.Response(status=303, headers={"Location": f"{SIGN_IN}?{urlencode({'next': request.path_qs})}"})
        elif bearer is None:
            answer = problem(401, "give a token that is known: Authorization: Bearer ...")
            answer.headers["WWW-Authenticate"] = 'Bearer realm="dcca live"'
        else:
            request[BEARER] = bearer
            answer = await _answered(request, handler)
        if not answer.prepared:
            answer.headers.update(HEADERS)
        resource = request.match_info.route.resource
        audit.info(
            "request who=%s method=%s route=%s of=%s status=%d seconds=%.3f",
            "-" if bearer is None else _one_word(bearer.name), request.method,
            "-" if resource is None else resource.canonical, _one_word(request.get(MEMBER, "-")), answer.status,
            time.monotonic() - began_s,
        )  # fmt: skip
        return answer


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Return what a handler answers; what it raises becomes words, and a fault of ours tells nothing of itself."""
    try:
        return await handler(request)
    except web.HTTPException as refused:
        answer = problem(refused.status, refused.reason)
        for name in ("Allow", "Location"):
            if name in refused.headers:
                answer.headers[name] = refused.headers[name]
        return answer
    except Exception:
        log.exception("request_failed")
        return problem(500, "the server could not answer; its log says why")


def problem(status: int, words: str) -> web.Response:
    """Return an answer that says why there is none."""
    return web.Response(status=status, body=msgspec.json.encode(Problem(words)), content_type="application/json")


def token_of(request: web.Request) -> str | None:
    """Return the token a request bears in its header; None without."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _follows_link(request: web.Request) -> bool:
    """Return whether a browser opens a document by a link: what it shows no page of another site can read or frame."""
    asked = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest")
    return request.method == "GET" and asked == ("navigate", "document")


def _wants_page(request: web.Request) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "")


def _one_word(text: str) -> str:
    r"""Return a text as a field of a line: the feed names Members, and what it says begins no line and no field.

    >>> _one_word("on call"), _one_word("NWE\n2026 who=root\x1b[2J/IS")
    ('on_call', 'NWE_2026_who_root_[2J/IS')
    """
    return "".join(each if each.isprintable() and each not in " =" else "_" for each in text)


def keep_token(request: web.Request, answer: web.Response, token: str) -> None:
    """Have the browser keep a token where no script reads it and no other site's page sends it."""
    answer.set_cookie(
        COOKIE, token, max_age=COOKIE_S, httponly=True, samesite="Strict", path="/",
        secure=request.headers.get("X-Forwarded-Proto", request.scheme) == "https",
    )  # fmt: skip


def forget_token(answer: web.Response) -> None:
    """Have the browser forget it."""
    answer.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
