"""A real browser, and a server of made states that it looks at."""

import asyncio
import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from dcc_analytics.live.access import Access
from dcc_analytics.live.model import Model
from dcc_analytics.live.page.routes import pages
from dcc_analytics.live.server import Server
from dcc_analytics.live.state import Now
from dcc_analytics.live.tokens import Tokens
from tests.live.page.nation import Played, nation
from tests.live.served import BEARERS

#: Debian's own; nothing is downloaded (``.ci/run`` installs it where it may).
CHROMIUM = shutil.which("chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


Result = TypeVar("Result")


class Site:
    """A server in a thread of its own, that can be stopped and started again on its port."""

    def __init__(self, model: Model, now: Now, *, tokens: bool) -> None:
        """Serve a state."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._stack = contextlib.AsyncExitStack()
        self.played = Played(model, now)
        access = Access(Tokens(BEARERS) if tokens else None)
        self.server = Server(self.played, self.played.viewer, access, more=[pages])
        self.port = 0
        self.start()

    def _do(self, work: Coroutine[None, None, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def show(self, now: Now) -> None:
        """Make this the newest state."""

        async def shown() -> None:
            self.played.show(now)

        self._do(shown())

    def start(self) -> None:
        """Listen, again on the same port."""
        if self.port:  # an application serves once
            self.server = Server(self.played, self.played.viewer, self.server.access, more=[pages])
        self.port = self._do(self._stack.enter_async_context(self.server.running("127.0.0.1", self.port)))

    def stop(self) -> None:
        """Be gone, with all connections."""
        self._do(self._stack.aclose())

    def hang(self, for_s: float) -> None:
        """Answer nobody for a while, and keep all connections."""
        self._loop.call_soon_threadsafe(time.sleep, for_s)

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def until(page: Page, holds: str, *, within_s: float = 10.0) -> None:
    """Wait until an expression holds; playwright's own way of waiting is forbidden by the page's policy."""
    ends_s = time.monotonic() + within_s
    while True:
        with contextlib.suppress(Error):  # the page is being left for another
            if page.evaluate(holds):
                return
        assert time.monotonic() < ends_s, holds
        page.wait_for_timeout(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests of the module; playwright holds the thread's event loop while it is there."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(sample_model: Model) -> Iterator[Callable[..., Site]]:
    """Makes servers of states."""
    made: list[Site] = []

    def make(now: Now | None = None, *, tokens: bool = False) -> Site:
        made.append(Site(sample_model, now or nation(0), tokens=tokens))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def look(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each in a profile of its own; what a page complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(url: str, *, waits: bool = True, **settings: Any) -> Page:  # noqa: ANN401 (those of a context)
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.goto(url)
        if waits:
            until(page, "document.body.dataset.applied >= 1")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints
