"""Who may look: no token, a wrong one, another User's; names of other sites; and what answers must not hold."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.live import connections
from dcc_analytics.live.access import HEADERS
from dcc_analytics.live.process import LiveSettings
from dcc_analytics.live.server import Server
from dcc_analytics.live.tokens import Bearer, Tokens, entry_of, new_token
from tests.live.served import BHG, NWE, OPERATOR, asking, bearing

pytestmark = pytest.mark.slow

PATHS = (
    "/api/v1/now",
    "/api/v1/users",
    "/api/v1/users/NWE/IS",
    "/api/v1/stream",
    "/openapi.json",
    "/metrics",
    "/nothing",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer dcca_wrong"},
        {"Authorization": f"Basic {OPERATOR}"},
        {"Authorization": f"Bearer {OPERATOR}x"},
        {"Cookie": "dcca_token=dcca_wrong"},
    ],
    ids=["none", "empty", "wrong", "another kind", "nearly", "a wrong cookie"],
)
async def test_nothing_is_told_without_a_token_that_is_known(
    server: Server, path: str, headers: dict[str, str]
) -> None:
    async with asking(server) as client:
        answer = await client.get(path, headers=headers)
        assert 401 == answer.status
        assert {"error"} == set(await answer.json())
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_an_operator_sees_all_and_a_user_itself(server: Server) -> None:
    async with asking(server) as client:
        for path in PATHS[:3]:
            assert 200 == (await client.get(path, headers=bearing(OPERATOR))).status
        assert 200 == (await client.get("/api/v1/users/NWE/IS", headers=bearing(NWE))).status
        listed = await (await client.get("/api/v1/users", headers=bearing(NWE))).json()
        assert [("NWE", "IS", "/api/v1/users/NWE/IS")] == [(u["party"], u["role"], u["href"]) for u in listed["users"]]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/now", "/metrics", "/api/v1/users/NWE/IS", "/api/v1/users/NWE/GS", "/api/v1/users/nobody/IS",
        "/api/v1/stream?party=NWE&role=IS",
    ],
)  # fmt: skip
async def test_a_user_sees_no_other_and_not_whether_there_is_one(server: Server, path: str) -> None:
    async with asking(server) as client:
        assert 403 == (await client.get(path, headers=bearing(BHG))).status


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/users/BHG/IS/../../NWE/IS", "/api/v1/users/BHG%2FIS/../NWE/IS",
        "/api/v1/users/BHG/IS%2F..%2F..%2FNWE%2FIS", "/api/v1/users//NWE/IS",
        "/api/v1/users/NWE/IS%00", "/api/v1/users/..%2f..%2fetc/passwd",
        "/api/v1/stream?party=BHG&party=NWE&role=GS", "/static/../../etc/passwd",
    ],
)  # fmt: skip
async def test_no_spelling_of_a_path_gets_round_it(server: Server, path: str) -> None:
    async with asking(server) as client:
        answer = await client.get(path, headers=bearing(BHG))
        text = await answer.text()
        assert answer.status in {403, 404}, text
        assert "North Western" not in text


async def test_what_a_user_is_told_names_no_other(server: Server) -> None:
    """Names, ids and Devices: of the whole answer each Party but its own is absent."""
    async with asking(server) as client:
        everyone = await (await client.get("/api/v1/now", headers=bearing(OPERATOR))).json()
        others = {user["party"] for user in everyone["users"]} | {user["name"] for user in everyone["users"]}
        own = await (await client.get("/api/v1/users/NWE/IS", headers=bearing(NWE))).text()
        assert 5 < len(others)
        mine = {"NWE", json.loads(own)["user"]["name"]}
        assert [] == [other for other in others - mine if f'"{other}"' in own]
        assert {"status", "clock_at", "event_age_s", "committed_at"} == set(json.loads(own)["trust"])


async def test_no_answer_holds_an_identifier_of_a_device_or_a_user_id(server: Server) -> None:
    """The sample's Devices and Users are EUI-64: eight pairs of digits with hyphens."""
    async with asking(server) as client:
        for path in PATHS[:3]:
            text = await (await client.get(path, headers=bearing(OPERATOR))).text()
            assert 1000 < len(text) or path == "/api/v1/users"
            assert not any(device in text for device in known_devices(server))


def known_devices(server: Server) -> set[str]:
    states = [shard.state for shard in server.viewer._model.shards.values() if shard.state is not None]
    found = {seen.device for state in states for seen in state.held.data.values() if seen.device}
    assert 20 < len(found)
    return found


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "localhost@evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/now", "/readyz", "/api/v1/stream"])
async def test_pages_of_other_sites_get_nothing_even_from_this_machine(
    serve: Callable[..., Server], headers: dict[str, str], status: int, path: str
) -> None:
    async with asking(serve(tokens=False)) as client:
        answer = await client.get(path, headers=headers)
        assert status == answer.status
        assert {"error"} == set(await answer.json())
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_name_that_was_allowed_and_the_pages_own_origin_are_answered(serve: Callable[..., Server]) -> None:
    async with asking(serve(tokens=False, hosts=frozenset({"live.example.org"}))) as client:
        own = {"Host": "live.example.org", "Origin": "https://live.example.org", "Sec-Fetch-Site": "same-origin"}
        assert 200 == (await client.get("/api/v1/now", headers=own)).status


@pytest.mark.parametrize("path", [*PATHS[:3], "/nothing", "/healthz", "/readyz"])
async def test_every_answer_has_the_strict_headers(server: Server, path: str) -> None:
    async with asking(server) as client:
        for token in (OPERATOR, "wrong"):
            answer = await client.get(path, headers=bearing(token))
            assert HEADERS == {name: answer.headers.get(name) for name in HEADERS}


async def test_a_cookie_holds_the_token_out_of_reach_of_scripts_and_other_sites(server: Server) -> None:
    async with asking(server) as client:
        answer = await client.post("/api/v1/session", headers=bearing(NWE))
        assert 204 == answer.status
        cookie = answer.headers["Set-Cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
        by_cookie = {"Cookie": f"dcca_token={NWE}"}
        assert 200 == (await client.get("/api/v1/users/NWE/IS", headers=by_cookie)).status
        assert 403 == (await client.post("/api/v1/session", headers={**by_cookie, "Origin": "http://x.example"})).status
        gone = await client.delete("/api/v1/session", headers=by_cookie)
        assert 'dcca_token=""' in gone.headers["Set-Cookie"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_nothing_can_be_written(server: Server, method: str) -> None:
    async with asking(server) as client:
        for path in PATHS[:3]:
            assert 405 == (await client.request(method, path, headers=bearing(OPERATOR))).status


async def test_what_is_too_large_is_refused(server: Server) -> None:
    async with asking(server) as client:
        assert 400 == (await client.get("/api/v1/now", headers={"X-Long": "x" * 20_000})).status
        assert 400 == (await client.get(f"/api/v1/now?{'x' * 20_000}")).status


async def test_who_connects_and_asks_nothing_is_let_go(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "FIRST_REQUEST_S", 0.2)
    async with server.running("127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /api/v1/now HTTP/1.1\r\nHost: loc")
        with contextlib.suppress(ConnectionError):  # ended either way
            assert b"" == await asyncio.wait_for(reader.read(), 5)
        writer.close()


async def test_the_log_says_who_asked_what_and_names_no_device(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dcca.live.audit")
    device = "00-DB-12-34-56-78-90-A0"
    async with asking(server) as client:
        await client.get("/api/v1/users/NWE/IS", headers=bearing(NWE))
        await client.get(f"/api/v1/users/{device}/IS", headers=bearing(OPERATOR))
        await client.get(f"/{device}?{device}", headers=bearing("wrong"))
        await client.get(f"/{device}", headers=bearing(NWE))
    lines = [record.getMessage().rpartition(" seconds=")[0] for record in caplog.records]
    assert [
        "request who=ada method=GET route=/api/v1/users/{party}/{role} of=NWE/IS status=200",
        "request who=on_call method=GET route=/api/v1/users/{party}/{role} of=- status=404",
        "request who=- method=GET route=- of=- status=401",
        "request who=ada method=GET route=- of=- status=404",
    ] == lines


async def test_a_fault_of_ours_tells_nothing_of_itself(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(server.publisher, "detail", fail)
    async with asking(server) as client:
        answer = await client.get("/api/v1/users/NWE/IS", headers=bearing(NWE))
        assert 500 == answer.status
        assert "secret" not in await answer.text()


# -- tokens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "live.example.org"])  # noqa: S104 (refused)
def test_nobody_listens_beyond_this_machine_without_tokens(host: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nobody would need a token: give --tokens"):
        LiveSettings("dcca", tmp_path / "h", host=host)
    assert host == LiveSettings("dcca", tmp_path / "h", host=host, tokens=Tokens([])).host


def test_an_entry_made_is_an_entry_read_and_holds_no_token(tmp_path: Path) -> None:
    token, digest = new_token()
    path = tmp_path / "tokens.toml"
    made = Bearer("ada", "user", digest, "NWE", "IS")
    path.write_text(f"{entry_of(Bearer('on call', 'operator', '0' * 64))}\n\n{entry_of(made)}\n", encoding="utf-8")
    assert token not in path.read_text(encoding="utf-8")
    assert made == Tokens.read(path).bearer(token)
    assert Tokens.read(path).bearer(token[:-1]) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "tokens"),
        ("tokens = []", "length"),
        ("[[tokens]]\nname='a'\nrole='root'\nsha256='0'", "role"),
        (f"[[tokens]]\nname='a'\nrole='user'\nsha256='{'0' * 64}'", "a user has a party and a member_role"),
        (
            f"[[tokens]]\nname='a'\nrole='operator'\nparty='NWE'\nmember_role='IS'\nsha256='{'0' * 64}'",
            "operator has neither",
        ),
        (f"[[tokens]]\nname='a\\nb'\nrole='operator'\nsha256='{'0' * 64}'", "name|pattern|regex|matching"),
        ("[[tokens]]\nname='a'\nrole='operator'\ntoken='dcca_x'", "sha256|token"),
    ],
)
def test_a_file_of_tokens_that_is_not_right_is_refused_with_words(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "tokens.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=rf"is no file of tokens: .*({says}).*`dcca live token` makes an entry"):
        Tokens.read(path)


async def test_a_browser_without_a_token_is_shown_where_to_give_one_and_a_program_is_not(server: Server) -> None:
    async with asking(server) as client:
        html = {"Accept": "text/html,application/xhtml+xml"}
        answer = await client.get("/metrics?a=b", headers=html, allow_redirects=False)
        assert (303, "/sign-in?next=%2Fmetrics%3Fa%3Db") == (answer.status, answer.headers["Location"])
        assert 401 == (await client.get("/metrics", headers={"Accept": "*/*"})).status
        assert 401 == (await client.post("/metrics", headers=html)).status


async def test_a_link_on_another_site_may_be_followed_but_nothing_else_is_asked_from_there(server: Server) -> None:
    opens = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    async with asking(server) as client:
        path, bearer = "/api/v1/users", bearing(OPERATOR)
        assert 200 == (await client.get(path, headers=bearer | opens)).status
        for other in ({"Sec-Fetch-Mode": "cors"}, {"Sec-Fetch-Dest": "iframe"}, {"Origin": "https://evil.example"}):
            assert 403 == (await client.get(path, headers=bearer | opens | other)).status
        assert 403 == (await client.post("/api/v1/session", headers=bearer | opens)).status
