"""Requests of a Member of the bench's own, and when a page in a real browser shows that they were counted."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from playwright.async_api import Page, async_playwright

from bench.sending import send
from dcc_analytics.stream.instants import instant_text
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.recorded import MadeRecord

#: It is the first by name, so that its row is in view.
_PARTY, _NAME, _ROLE = "MARK", "A Member of the bench", "IS"
_USER: Final = "90-B3-D5-1F-40-FF-FF-FF"
_DEVICE: Final = "88-73-84-FF-FF-FF-FF-FF"
_LONG_AGO: Final = "2020-01-01T00:00:00Z"
#: By then a page shows what was sent.
_SETTLED_S: Final = 4.0
_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")

#: Notes each number of ended round trips that the row shows, when the page has been drawn with it.
_WATCH: Final = """row => {
  window.shown = [];
  const look = () => {
    const found = document.getElementById(row)?.textContent.match(/ of ([\\d,]+)/);
    const number = found ? Number(found[1].replaceAll(",", "")) : 0;
    if (number > (window.shown.at(-1)?.[0] ?? 0))
      requestAnimationFrame(() => setTimeout(() => window.shown.push([number, Date.now()])));
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  look();
}"""


class Marks:
    """Sends requests that succeed at once.

    Attributes:
        sent_s: when each was sent, in seconds since 1970.
    """

    def __init__(self, producer: AIOKafkaProducer, connection: Connection) -> None:
        """Send by a producer that has been started."""
        self._producer = producer
        self._connection = connection
        self.sent_s: list[float] = []

    async def begin(self) -> None:
        """Make the Member known, and send its first request."""
        entry = {"user": _USER, "party": _PARTY, "party_name": _NAME, "roles": [_ROLE], "as_of": _LONG_AGO}
        users = self._connection.topic("users")  # which has one partition
        await self._producer.send_and_wait(users, json.dumps(entry).encode(), _USER.encode())
        await self.mark()

    async def mark(self) -> None:
        """Send a request and its response; return when both are on Kafka."""
        now_s = time.time()
        request, now = f"{_USER}:{_DEVICE}:{len(self.sent_s) + 1}", instant_text(int(now_s * 1e6))
        self.sent_s.append(now_s)
        await self._send("service-requests", _DEVICE, {
            "request_id": request, "received_at": now, "srv": "4.8.1", "command_variant": 1, "role": _ROLE,
            "device": _DEVICE,
        }, now_s)  # fmt: skip
        await self._send("service-responses", _DEVICE, {
            "request_id": request, "sent_at": now, "code": "I0", "kind": "response", "device": _DEVICE,
            "device_result": "success",
        }, now_s)  # fmt: skip

    async def _send(self, topic: str, key: str, value: dict[str, Any], now_s: float) -> None:
        record = MadeRecord(0, int(now_s * 1000), key.encode(), json.dumps(value).encode())
        await (await send(self._producer, self._connection, (topic, record)))

    async def every(self, seconds: float, until_s: float) -> None:
        """Mark every so many seconds, until an instant of the loop's clock."""
        while asyncio.get_running_loop().time() < until_s:
            await self.mark()
            await asyncio.sleep(seconds)


class Seen:
    """The page of all Users in a browser, and what it shows of the Member."""

    def __init__(self, page: Page) -> None:
        """Look at a page."""
        self._page = page
        self._uncounted = 0

    async def begin(self, url: str, sent: int, patience_s: float) -> None:
        """Open the page and wait until the Member is on it, who has sent so many requests.

        They may have been in the first commit of their shard, which goes from the beginning of time to now and is not
        counted by the hour.
        """
        await self._page.goto(f"{url}/?sort=name")
        await self._page.locator(f"[id='user-{_PARTY}.{_ROLE}']").wait_for(timeout=1000 * patience_s)
        await self._page.evaluate(_WATCH, f"user-{_PARTY}.{_ROLE}")
        await asyncio.sleep(_SETTLED_S)
        self._uncounted = sent - await self._number()

    async def _number(self) -> int:
        number: int = await self._page.evaluate("window.shown.at(-1)?.[0] ?? 0")
        return number

    async def latencies_s(self, sent_s: list[float], first: int, patience_s: float) -> list[float]:
        """Return how long it took until the page showed each request from a first one on, all of which were sent.

        Raises:
            TimeoutError: the last is not shown.
        """
        async with asyncio.timeout(patience_s):
            while await self._number() + self._uncounted < len(sent_s):  # noqa: ASYNC110 (of a browser)
                await asyncio.sleep(0.1)
        shown = await self._page.evaluate("window.shown")
        times_s, at = list[float](), 0
        for number in range(first, len(sent_s)):
            while shown[at][0] + self._uncounted <= number:
                at += 1
            times_s.append(shown[at][1] / 1000 - sent_s[number])
        return times_s


@asynccontextmanager
async def seen(chromium: str) -> AsyncIterator[Seen]:
    """Yield a page of a browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        try:
            yield Seen(await browser.new_page(viewport={"width": 1600, "height": 1200}))
        finally:
            await browser.close()
