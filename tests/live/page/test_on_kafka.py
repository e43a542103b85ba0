"""What is wrong is said within five seconds by the page of a real live, and passes by itself: nothing is fetched anew.

Broker, worker and ``dcca live`` are processes that are killed or stopped; a feed goes on all the while. The seconds of
docs/live.md are those of ``pytest --log-cli-level=INFO tests/live/page/test_on_kafka.py``.
"""

import logging
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from dcc_analytics.stream.broker import node
from dcc_analytics.stream.kafka import Connection
from tests.live.page.conftest import until
from tests.live.staged import Stage

pytestmark = [pytest.mark.broker, pytest.mark.slow]

log = logging.getLogger(__name__)

#: Within which it has to be said, from the instant at which it happens.
SAID_WITHIN_S = 5.0
#: For what comes back, on a machine that is busy.
PATIENCE_S = 90.0
BACKLOG = 80_000


class OwnBroker:
    """A broker that may be killed, and started again on its folder and port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = node.start(folder, bound=True)

    @property
    def bootstrap(self) -> str:
        return self._running.bootstrap

    def kill(self) -> None:
        os.kill(self._running.pid, signal.SIGKILL)
        os.waitpid(self._running.pid, 0)

    def start(self) -> None:
        self._running = node.start(self._folder, port=int(self.bootstrap.rpartition(":")[2]), bound=True)

    def stop(self) -> None:
        node.stop(self._folder)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnBroker]:
    """One of the module's own."""
    broker = OwnBroker(tmp_path_factory.mktemp("broker") / "data")
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def stage(broker: OwnBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A feed and a live; of twenty minutes before, and from now on until there is a worker, nothing is folded."""
    with Stage(Connection(broker.bootstrap), tmp_path_factory.mktemp("stage")) as stage:
        stage.feed.backlog(BACKLOG // 2, minutes=20)
        stage.feed.begin()
        stage.serve()
        yield stage


@pytest.fixture(scope="module")
def page(browser: Browser, stage: Stage) -> Iterator[Page]:
    """The page, opened once for all that happens."""
    page = browser.new_page()
    stage.wait_until_served(PATIENCE_S)
    page.goto(stage.url)
    page.evaluate("window.opened = true")
    yield page
    assert page.evaluate("window.opened"), "it was never fetched anew"
    page.close()


def says(words: str) -> str:
    return f"document.getElementById('trust').textContent.includes({words!r})"


def status(name: str) -> str:
    return f"document.body.dataset.status === {name!r} && !document.body.dataset.lost"


def said(page: Page, what: str, holds: str) -> None:
    """Wait until something is said of what happens now; it has to be soon enough."""
    began_s = time.monotonic()
    until(page, holds, within_s=PATIENCE_S)
    took_s = time.monotonic() - began_s
    log.info("%s: said after %.1f s", what, took_s)
    assert took_s <= SAID_WITHIN_S, what


def recovers(page: Page, what: str) -> None:
    """Wait until all is current again, by itself."""
    began_s = time.monotonic()
    until(page, f"{status('current')} && !document.querySelector('#trust .why')", within_s=PATIENCE_S)
    log.info("%s: current after %.1f s", what, time.monotonic() - began_s)


def test_a_ledger_that_is_behind_says_how_far_and_a_worker_that_stands_still_in_it_says_so(
    stage: Stage, page: Page
) -> None:
    """Nobody has the partitions; then a worker folds what was left, is stopped in the midst of it, and goes on."""
    until(page, says("no worker has partitions 0, 1"), within_s=PATIENCE_S)
    left = page.evaluate("document.querySelector('.facts div:nth-child(3) b').textContent")
    assert BACKLOG <= int(left.replace(",", ""))
    assert page.evaluate(says("records are there and not folded; none is folded yet"))
    worker = stage.fold()
    until(page, status("behind"), within_s=PATIENCE_S)
    worker.send(signal.SIGSTOP)
    said(page, "worker stopped", status("stale"))
    assert page.evaluate(says("records wait and nothing was committed for"))
    worker.send(signal.SIGCONT)
    recovers(page, "worker goes on")


def test_a_worker_that_is_killed_is_said_and_another_is_enough(stage: Stage, page: Page) -> None:
    until(page, status("current"), within_s=PATIENCE_S)
    assert stage.worker is not None
    stage.worker.kill()
    said(page, "worker killed", f"{status('stale')} && {says('records wait and nothing was committed for')}")
    assert page.evaluate("document.getElementById('news').textContent").startswith("STALE since ")
    stage.fold()
    recovers(page, "another worker")


def test_a_broker_that_is_killed_is_said_and_its_return_is_enough(stage: Stage, page: Page, broker: OwnBroker) -> None:
    until(page, status("current"), within_s=PATIENCE_S)
    broker.kill()
    said(page, "broker killed", f"{status('disconnected')} && {says('Kafka has not answered for')}")
    assert not page.evaluate(says("see to the workers")), "nothing is known of them"
    broker.start()
    recovers(page, "broker is back")
    assert "Traceback" not in stage.said


def test_a_live_that_is_killed_is_said_and_its_return_is_enough(stage: Stage, page: Page) -> None:
    until(page, status("current"), within_s=PATIENCE_S)
    stage.kill_live()
    said(page, "live killed", f"document.body.dataset.lost === '1' && {says('the connection is lost')}")
    assert "Connection lost" in page.evaluate("document.getElementById('notice').textContent")
    stage.serve()
    recovers(page, "live is back")
    assert page.evaluate("document.getElementById('notice').hidden")
