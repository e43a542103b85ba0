"""Whoever means ill: every route of API and page, asked by whom and from where it may not be; and names that attack."""

import asyncio
import hmac
import logging
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import pytest

from dcc_analytics.live import tokens
from dcc_analytics.live.access import HEADERS, OPEN_PATHS
from dcc_analytics.live.server import Server
from dcc_analytics.snapshot.members import Member
from tests.live.served import BEARERS, BHG, NWE, OPERATOR, asking, bearing

pytestmark = pytest.mark.slow

#: Of a Member that is not BHG/IS.
OTHER = {"party": "NWE", "role": "IS", "name": "live.js"}


class Route(NamedTuple):
    """What can be asked for."""

    method: str
    path: str

    @property
    def names_another(self) -> bool:
        """Whether it is of one Member."""
        return "NWE/IS" in self.path


def routes_of(whole: Server) -> Iterator[Route]:
    """Yield every route there is, those of one Member with that of another than who asks."""
    for resource in whole.application.router.resources():
        for route in resource:
            yield Route(route.method, resource.canonical.format(**OTHER))


# -- who it is ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "dcca_wrong", OPERATOR[:-1]], ids=["none", "wrong", "nearly"])
async def test_every_route_that_is_not_open_asks_for_a_token(whole: Server, token: str) -> None:
    asked = [route for route in routes_of(whole) if route.path not in OPEN_PATHS]
    assert 12 < len(asked)
    async with asking(whole) as client:
        for method, path in asked:
            for accept in ("*/*", "text/html"):
                answer = await client.request(
                    method, path, headers=bearing(token) | {"Accept": accept}, allow_redirects=False
                )
                shown = method == "GET" and accept == "text/html"
                assert (303 if shown else 401) == answer.status, (method, path, accept)
                assert not shown or answer.headers["Location"].startswith("/sign-in?next=%2F")


async def test_a_user_gets_at_no_other_by_any_route(whole: Server) -> None:
    operators = {"/api/v1/now", "/metrics", "/updates"}
    async with asking(whole) as client:
        tried = 0
        for method, path in routes_of(whole):
            if path in operators or Route(method, path).names_another:
                answer = await client.request(method, path, headers=bearing(BHG))
                assert 403 == answer.status, (method, path)
                assert "North" not in await answer.text()
                tried += 1
        assert tried >= 8
        for query in ("?party=NWE&role=IS", "?role=IS&party=NWE&party=BHG"):
            assert 403 == (await client.get(f"/api/v1/stream{query}", headers=bearing(BHG))).status
        own = await client.get("/?party=NWE&role=IS", headers=bearing(BHG), allow_redirects=False)
        assert (303, "/users/BHG/IS") == (own.status, own.headers["Location"])
        for query in ("?party=NWE", "?role=GS"):  # names nobody: it is told of itself
            async with client.get(f"/api/v1/stream{query}", headers=bearing(BHG)) as answer:
                assert b'"party":"BHG"' in (await answer.content.readline() + await answer.content.read(2000))


def test_a_token_is_compared_with_all_there_are_in_a_time_that_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def compare(one: str, other: str) -> bool:
        compared.append(one)
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", compare)
    known = tokens.Tokens(BEARERS)
    for token, bearer in ((OPERATOR, BEARERS[0]), (BHG, BEARERS[-1]), ("dcca_wrong", None)):
        compared.clear()
        assert bearer == known.bearer(token)
        assert [each.sha256 for each in BEARERS] == compared


async def test_the_cookie_is_for_https_alone_where_the_proxy_says_that_this_is_one(whole: Server) -> None:
    async with asking(whole) as client:
        for headers, secure in (({}, False), ({"X-Forwarded-Proto": "https"}, True)):
            api = await client.post("/api/v1/session", headers=bearing(NWE) | headers)
            form = await client.post("/sign-in", data={"token": NWE}, headers=headers, allow_redirects=False)
            for answer in (api, form):
                flags = {each.strip() for each in answer.headers["Set-Cookie"].split(";")[1:]}
                assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"} <= flags
                assert secure == ("Secure" in flags)
        other = await client.post(
            "/api/v1/session", headers={"Authorization": "Basic x", "Cookie": f"dcca_token={NWE}"}
        )
        assert (204, False) == (other.status, "Set-Cookie" in other.headers), "no token was given"


# -- from where --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://[::1"},
        {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Host": "evil.example"},
        {"Host": "[::1"},
    ],
    ids=["origin", "an origin that is none", "preflight", "frame", "rebinding", "a host that is none"],
)
async def test_no_route_answers_a_page_of_another_site(whole: Server, headers: dict[str, str]) -> None:
    async with asking(whole) as client:
        for method, path in {*routes_of(whole), Route("OPTIONS", "/api/v1/session"), Route("POST", "/sign-in")}:
            answer = await client.request(method, path, headers=bearing(OPERATOR) | headers, data=b"token=x")
            assert (421 if "Host" in headers else 403) == answer.status, (method, path)
            assert not [name for name in answer.headers if name.startswith("Access-Control")]
            assert "Set-Cookie" not in answer.headers


async def test_every_answer_of_every_route_has_the_strict_headers(whole: Server) -> None:
    async with asking(whole) as client:
        for method, path in {
            *routes_of(whole),
            Route("GET", "/nothing"),
            Route("PUT", "/"),
            Route("GET", "/users/X/Y"),
        }:
            for token in (OPERATOR, NWE, "wrong"):
                async with client.request(method, path, headers=bearing(token), allow_redirects=False) as answer:
                    found = {name: answer.headers.get(name) for name in HEADERS}
                    assert HEADERS == found, (method, path)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "PROPFIND"])
async def test_other_methods_change_nothing_and_end(whole: Server, method: str) -> None:
    async with asking(whole) as client:
        for path in sorted({route.path for route in routes_of(whole)}):
            answer = await asyncio.wait_for(client.request(method, path, headers=bearing(OPERATOR)), 5)
            fine = {200, 204, 404, 405} if method == "HEAD" else {405}
            assert answer.status in fine, (method, path)
            assert OPERATOR not in await answer.text(), "TRACE would send the token back"


# -- the log -----------------------------------------------------------------------------------------------


async def test_a_name_from_the_feed_begins_no_line_and_no_field_of_the_log(
    whole: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "dcca.live.audit")
    party = "X\n2026 request who=root\x1b[2J"
    monkeypatch.setattr(whole.viewer, "members", lambda _now_us: [Member(party, "IS")])
    async with asking(whole) as client:
        await client.get("/api/v1/users/X%0A2026%20request%20who=root%1B%5B2J/IS", headers=bearing(OPERATOR))
    (line,) = [record.getMessage() for record in caplog.records]
    assert "of=X_2026_request_who_root_[2J/IS status=404" in line
    assert line.isprintable()


@pytest.mark.parametrize("name", ["a\n", "a\nb", "a\x1b[2J", ""])
def test_who_has_a_token_has_a_name_that_begins_no_line(name: str) -> None:
    entry = {"name": name, "role": "operator", "sha256": "0" * 64}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(entry, tokens.Bearer)
