"""Bytes as no client of good will sends them, too many, or too slowly."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator

import pytest

from dcc_analytics.live import connections
from dcc_analytics.live.access import HEADERS
from dcc_analytics.live.page import routes as page_routes
from dcc_analytics.live.server import Server
from tests.live.served import BHG, OPERATOR

pytestmark = pytest.mark.slow


class Asker:
    """Sends bytes, and reads what comes back."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def ask(self, *pieces: bytes, pause_s: float = 0.0) -> bytes:
        """Return all that comes back until the connection ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(pause_s)
            found = b""
            with contextlib.suppress(ConnectionError):  # ended either way
                while piece := await asyncio.wait_for(reader.read(1 << 16), 8):
                    found += piece
            return found
        finally:
            writer.close()


@pytest.fixture
async def asker(whole: Server) -> AsyncIterator[Asker]:
    """Of a server on a socket of its own."""
    async with whole.running("127.0.0.1", 0) as port:
        yield Asker(port)


def request(target: bytes, *headers: bytes, token: str = BHG) -> bytes:
    lines = [b"GET %s HTTP/1.1" % target, b"Host: localhost", b"Connection: close"]
    lines += [b"Authorization: Bearer %s" % token.encode()] if token else []
    return b"\r\n".join([*lines, *headers, b"", b""])


_DEVICE = b"88-73-84-90-6A-10-02-DB"


@pytest.mark.parametrize(
    "asked",
    [
        request(b"/api/v1/users/BHG/IS/../../NWE/IS"),
        request(b"/api/v1/users/BHG/../NWE/IS"),
        request(b"/api/v1/users/%2e%2e/users/NWE/IS"),
        request(b"/users/BHG/%2e%2e/NWE/IS"),
        request(b"/api/v1/users/BHG%2F..%2FNWE/IS"),
        request(b"/api/v1/users/NWE%00/IS"),
        request(b"/api/v1/users/NWE\x00/IS"),
        request(b"//api/v1/users/NWE/IS"),
        request(b"/api/v1//users/NWE/IS"),
        request(b"/API/V1/USERS/NWE/IS"),
        request(b"/static/%2e%2e/routes.py"),
        request(b"/static/..%2f..%2fserver.py"),
        request(b"/static/live.css%00.py"),
        request(b"http://evil.example/api/v1/users/NWE/IS"),
        request(b"http://localhost/api/v1/users/NWE/IS"),
        request(b"/api/v1/users/\xff/IS"),
        request(b"/api/v1/users/%ff/IS"),
        request(b"/" + b"a" * 100_000),
        request(b"/api/v1/users?q=" + b"a" * 100_000),
        request(b"/api/v1/now", b"X-Long: " + b"a" * 100_000),
        request(b"/api/v1/now", *(b"X-%d: a" % number for number in range(200_000))),
        request(b"/api/v1/now", b"X-Folded: a\r\n b"),
        request(b"/api/v1/now", b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        request(b"/api/v1/now", b"Content-Length: -1"),
        request(b"/api/v1/now", b"Upgrade: websocket", b"Connection: Upgrade"),
        request(b"/api/v1/now", b"Host: evil.example"),
        request(b"/api/v1/now", b"Authorization: Bearer \xff\xfe", token=""),
        request(b"/", b"Accept: text/html", b"Cookie: dcca_token=\xff", token=""),
        request(b"/\xff?\xff", b"Accept: text/html", token=""),
        request(b"/api/v1/now", b"Origin: \xff://localhost"),
        b"GET /api/v1/now HTTP/1.0\r\n\r\n",
        b"CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + _DEVICE,
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)  # fmt: skip
async def test_no_bytes_get_round_it_or_learn_how_it_is_made(
    asker: Asker, asked: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "dcca.live")
    answer = await asker.ask(asked)
    head, _, text = answer.partition(b"\r\n\r\n")
    assert head[9:12] in {b"", b"303", b"400", b"401", b"403", b"404", b"405", b"413", b"421", b"431"}, answer[:300]
    assert b"North" not in answer
    assert not [word for word in (b"aiohttp", b"Python", b"Traceback", b".py", b"import ") if word in answer]
    if head:
        for name, value in HEADERS.items():
            assert f"{name}: {value}".encode() in head, answer[:300]
        assert head[9:12] == b"303" or text.startswith((b'{"error":', b"<!doctype html>"))
    for record in caplog.records:
        assert record.getMessage().isprintable()
        assert record.exc_info is None
        assert _DEVICE.decode() not in record.getMessage()


async def test_what_is_no_http_is_a_line_of_the_log_without_what_was_sent(
    asker: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await asker.ask(b"GET /users/%s HTTP/1.1\r\nHo st: %s\r\n\r\n" % (_DEVICE, _DEVICE))
    lines = [record.getMessage() for record in caplog.records if record.name != "asyncio"]
    assert ["request_not_understood status=400 why=BadHttpMessage"] == lines


# -- slowly, and much --------------------------------------------------------------------------------------

_POST = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
_SIGN_IN = _POST + b"Content-Type: application/x-www-form-urlencoded\r\n"


async def test_what_comes_slowly_is_let_go(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers, the next request's headers, and a body, each begun and never ended."""
    monkeypatch.setattr(connections, "FIRST_REQUEST_S", 0.5)
    monkeypatch.setattr(connections, "NEXT_REQUEST_S", 0.5)
    monkeypatch.setattr(page_routes, "FORM_S", 0.5)
    began = asyncio.get_running_loop().time()
    headers, following, body = await asyncio.gather(
        asker.ask(b"GET / HTTP/1.1\r\nHo", b"st: loc", b"alhost\r\n", pause_s=0.1),
        asker.ask(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HT", b"TP/1.1", pause_s=0.1),
        asker.ask(_SIGN_IN + b"Content-Length: 90\r\n\r\ntoken", b"=dcca", pause_s=0.1),
    )
    assert asyncio.get_running_loop().time() - began < 8
    assert b"" == headers
    assert following.startswith(b"HTTP/1.1 204")
    assert 1 == following.count(b"HTTP/1.1")
    assert body.startswith(b"HTTP/1.1 408")


async def test_a_body_that_is_too_large_is_refused_however_it_is_sent(asker: Asker) -> None:
    much = b"token=" + b"a" * 100_000
    whole = await asker.ask(_SIGN_IN + b"Content-Length: %d\r\n\r\n" % len(much) + much)
    pieces = await asker.ask(_SIGN_IN + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(much), much))
    parts = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\na\r\n' % number for number in range(9000)
    )
    kind = b"Content-Type: multipart/form-data; boundary=x\r\n"
    many = await asker.ask(_POST + kind + b"Content-Length: %d\r\n\r\n" % len(parts) + parts)
    assert [b"413"] * 3 == [answer[9:12] for answer in (whole, pieces, many)]


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux ends such connections by itself")
async def test_who_asks_much_and_takes_nothing_is_let_go(whole: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "TAKES_NOTHING_S", 1.0)
    lost, was = asyncio.Event(), connections.Connection.connection_lost

    def connection_lost(self: connections.Connection, error: BaseException | None) -> None:
        lost.set()
        was(self, error)

    monkeypatch.setattr(connections.Connection, "connection_lost", connection_lost)
    async with whole.running("127.0.0.1", 0) as port:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.settimeout(0)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(sock, ("127.0.0.1", port))
            asked = (
                b"GET /api/v1/now HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n" % OPERATOR.encode()
            )
            await loop.sock_sendall(sock, asked * 40)
            await asyncio.wait_for(lost.wait(), 10)


async def test_many_who_connect_and_ask_nothing_keep_nobody_out(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "FIRST_REQUEST_S", 1.0)
    idle = [asyncio.ensure_future(asker.ask()) for _ in range(300)]
    await asyncio.sleep(0.2)
    answer = await asyncio.wait_for(asker.ask(request(b"/api/v1/users")), 2)
    assert answer.startswith(b"HTTP/1.1 200")
    assert {b""} == set(await asyncio.gather(*idle))
