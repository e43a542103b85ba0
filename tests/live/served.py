"""A server over the sample month, without Kafka, and clients of it."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import TCPConnector, web
from aiohttp.test_utils import TestClient, TestServer

from dcc_analytics.live.access import Access
from dcc_analytics.live.benchmark import Released
from dcc_analytics.live.detail import Details
from dcc_analytics.live.follow import now_us
from dcc_analytics.live.model import Model
from dcc_analytics.live.page.routes import pages
from dcc_analytics.live.publisher import Publisher
from dcc_analytics.live.server import Server
from dcc_analytics.live.tokens import Bearer, Tokens, new_token
from dcc_analytics.live.view import Viewer

Client = TestClient[web.Request, web.Application]

#: Tokens of an operator and of two Members, and what the file has of them.
OPERATOR, _OPERATOR_SHA = new_token()
NWE, _NWE_SHA = new_token()
BHG, _BHG_SHA = new_token()
BEARERS = (
    Bearer("on call", "operator", _OPERATOR_SHA),
    Bearer("ada", "user", _NWE_SHA, "NWE", "IS"),
    Bearer("bob", "user", _BHG_SHA, "BHG", "IS"),
)


def server_of(
    model: Model,
    *,
    tokens: bool = True,
    out: Path | None = None,
    hosts: frozenset[str] = frozenset(),
    page: bool = False,
) -> Server:
    """Return a server of a model.

    Args:
        model: which.
        tokens: whether it asks for one.
        out: of released months.
        hosts: by which it may be asked.
        page: whether it has the routes of the page too.
    """
    model.outside.heard_us = now_us()
    viewer = Viewer(model, stale_after_s=3.0)
    publisher = Publisher(model, viewer, Details(model, viewer, Released(out)))
    return Server(publisher, viewer, Access(Tokens(BEARERS) if tokens else None, hosts), more=[pages] if page else [])


@contextlib.asynccontextmanager
async def asking(server: Server) -> AsyncIterator[Client]:
    """Yield a client of a server."""
    async with TestClient(TestServer(server.application), connector=TCPConnector(limit=0)) as client:
        yield client


def bearing(token: str) -> dict[str, str]:
    """Return the header that bears a token."""
    return {"Authorization": f"Bearer {token}"}
