"""A ``dcca live`` asked once, and followed for as long as is wanted; who loses the connection finds it again."""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote

import aiohttp
import msgspec

from dcc_analytics.catalogue.errors import LiveError
from dcc_analytics.live.changes import changed
from dcc_analytics.live.state import Now, NowChange, Problem, UserDetail, Users
from dcc_analytics.live.terminal.messages import Reader, Told

#: The server tells ages every second. Who hears nothing for so long has no connection, and says so within five.
SILENT_S: Final = 4.0
#: Waits before connecting again, doubled each time up to the longest, each cut by chance: not all come back at once.
FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 4.0
#: Answers that say that asking again is of no use.
REFUSALS: Final = frozenset({400, 401, 403, 404, 421})


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no connection.

    Attributes:
        why: in words.
    """

    why: str


State: TypeAlias = Now | UserDetail
Heard: TypeAlias = State | Lost


class Client:
    """Asks one server.

    Attributes:
        url: of the server, without a path.
    """

    def __init__(self, url: str, token: str, *, silent_s: float = SILENT_S) -> None:
        """Ask a server.

        Args:
            url: for example ``http://127.0.0.1:8080``.
            token: borne in each request; empty for none.
            silent_s: after so much silence the connection counts as lost.
        """
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._silent_s = silent_s

    async def ask(self) -> State:
        """Return everything; or, with a token of one User, that User's part.

        Raises:
            LiveError: the server can't be reached, or refuses.
        """
        try:
            async with self._session() as session:
                status, body = await self._get(session, "/api/v1/now")
                if status == 403:
                    users = msgspec.json.decode(await self._need(session, "/api/v1/users"), type=Users).users
                    if not users:
                        raise LiveError(f"{self.url} knows nothing yet of the User of this token; ask again later")
                    return msgspec.json.decode(await self._need(session, users[0].href), type=UserDetail)
                return msgspec.json.decode(self._accepted(status, body), type=Now)
        except (aiohttp.ClientError, TimeoutError, OSError, msgspec.MsgspecError) as error:
            raise LiveError(self._unreachable(error)) from error

    async def follow(self, party: str = "", role: str = "") -> AsyncGenerator[Heard, None]:
        """Yield each new state, the same again at a sign of life, and ``Lost`` when there is none; never ends.

        Args:
            party: of one Member, with ``role``; empty for everything the token may see.
            role: of the Member.

        Raises:
            LiveError: the server refuses, and would again.
        """
        path = (
            f"/api/v1/stream?party={quote(party, safe='')}&role={quote(role, safe='')}" if party else "/api/v1/stream"
        )
        state: State | None = None
        wait_s = FIRST_WAIT_S
        while True:
            try:
                async with self._session() as session:
                    had = {"Last-Event-ID": state.id} if state else {}
                    async with contextlib.aclosing(self._events(session, path, had)) as events:
                        async for told in events:
                            if told is not None:
                                state, wait_s = _after(state, told), FIRST_WAIT_S
                            if state is not None:
                                yield state
                why = "the server ended the stream"
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
                # A message that can't be read leaves a state nobody knows: what comes next begins anew.
                state = None if isinstance(error, (ValueError, KeyError)) else state
                why = _words(error)
            yield Lost(why)
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 (spreads load, keeps no secret)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    def _session(self) -> aiohttp.ClientSession:
        silence = aiohttp.ClientTimeout(total=None, connect=self._silent_s, sock_read=self._silent_s)
        return aiohttp.ClientSession(timeout=silence, headers=self._headers, trust_env=False)

    async def _events(
        self, session: aiohttp.ClientSession, path: str, headers: Mapping[str, str]
    ) -> AsyncGenerator[Told | None, None]:
        async with session.get(self.url + path, headers=headers, allow_redirects=False) as answer:
            if answer.status != 200:
                body = await answer.read()
                if answer.status in REFUSALS:
                    self._accepted(answer.status, body)
                raise aiohttp.ClientPayloadError(f"it answers {answer.status}")
            reader = Reader()
            async for received in answer.content.iter_any():
                for told in reader.feed(received) or (None,):
                    yield told

    async def _get(self, session: aiohttp.ClientSession, path: str) -> tuple[int, bytes]:
        async with session.get(self.url + path, allow_redirects=False) as answer:
            return answer.status, await answer.read()

    async def _need(self, session: aiohttp.ClientSession, path: str) -> bytes:
        return self._accepted(*await self._get(session, path))

    def _accepted(self, status: int, body: bytes) -> bytes:
        """Return the body of an answer, or raise in words why there is none."""
        if status == 200:
            return body
        try:
            why = msgspec.json.decode(body, type=Problem).error
        except msgspec.MsgspecError:
            why = "is that a dcca live?"
        hint = "; give a token with --token-file or DCCA_LIVE_TOKEN" if status == 401 else ""
        raise LiveError(f"{self.url} answers {status}: {why}{hint}")

    def _unreachable(self, error: BaseException) -> str:
        return (
            f"no dcca live answers at {self.url} ({_words(error)}); start it with 'dcca live', or give its address "
            "with --url"
        )


def _after(state: State | None, told: Told) -> State:
    """Return the state that an event leads to.

    Raises:
        ValueError: it is none that is known, or can't be read.
    """
    if told.name == "now":
        return msgspec.json.decode(told.data, type=Now)
    if told.name == "user":
        return msgspec.json.decode(told.data, type=UserDetail)
    if told.name == "change" and isinstance(state, Now):
        return changed(state, msgspec.json.decode(told.data, type=NowChange))
    raise ValueError(f"the event {told.name!r} is not known")


def _words(error: BaseException) -> str:
    return str(error) or "no answer in time"
