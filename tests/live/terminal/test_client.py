"""The client against the server itself: what is followed, packed on its way, is what is served."""

import asyncio
import contextlib

import pytest

from dcc_analytics.catalogue.errors import LiveError
from dcc_analytics.live.server import Server
from dcc_analytics.live.state import Now, UserDetail
from dcc_analytics.live.terminal.client import Client, State
from tests.live.served import NWE, OPERATOR

pytestmark = pytest.mark.slow


async def states(server: Server, token: str, count: int, party: str = "", role: str = "") -> list[State]:
    """Return the first states that a follower gets."""
    got: list[State] = []
    async with server.running("127.0.0.1", 0) as port, asyncio.timeout(20):
        publishing = asyncio.create_task(server.publisher.run())
        async with contextlib.aclosing(Client(f"http://127.0.0.1:{port}", token).follow(party, role)) as told:
            async for heard in told:
                assert isinstance(heard, Now | UserDetail)
                if not got or got[-1].id != heard.id:
                    got.append(heard)
                if len(got) == count:
                    break
        publishing.cancel()
    return got


async def test_after_changes_a_follower_has_the_state_that_is_served(server: Server) -> None:
    last = (await states(server, OPERATOR, 3))[-1]
    assert isinstance(last, Now)
    assert server.publisher.state.users == last.users
    assert server.publisher.state.services == last.services


async def test_one_user_is_followed_by_an_operator_and_by_its_own_token(server: Server) -> None:
    for token, party, role in ((OPERATOR, "NWE", "IS"), (NWE, "", "")):
        (detail,) = await states(server, token, 1, party, role)
        assert isinstance(detail, UserDetail)
        assert ("NWE", "IS") == (detail.user.party, detail.user.role)


async def test_a_users_token_is_answered_with_its_own_part_and_refused_others(server: Server) -> None:
    async with server.running("127.0.0.1", 0) as port:
        client = Client(f"http://127.0.0.1:{port}", NWE)
        detail = await client.ask()
        assert isinstance(detail, UserDetail)
        assert "NWE" == detail.user.party
        with pytest.raises(LiveError, match="answers 403: this token may not see that User"):
            await anext(client.follow("BHG", "IS"))
