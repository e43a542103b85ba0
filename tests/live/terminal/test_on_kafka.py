"""``dcca top`` against a real ``dcca live`` on a real broker: it sees a worker die, and another come."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from dcc_analytics.live.state import Now
from dcc_analytics.live.terminal.app import OneUser, Top
from dcc_analytics.live.terminal.client import Client
from dcc_analytics.stream.kafka import Connection
from tests.live.staged import Stage

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PATIENCE_S = 60.0


@pytest.fixture
def stage(connection: Connection, tmp_path: Path) -> Iterator[Stage]:
    """A feed, a worker and a live."""
    with Stage(connection, tmp_path) as stage:
        stage.feed.begin()
        stage.fold()
        stage.serve()
        stage.wait_until_served(PATIENCE_S)
        yield stage


async def once(stage: Stage, *words: str) -> str:
    """Return what ``dcca top`` prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dcc_analytics.commands.main", "top", "--url", stage.url, *words,
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip
    out, _ = await process.communicate()
    assert 0 == process.returncode
    return out.decode()


def text(pilot: Pilot[str]) -> str:
    """Return what stands on the terminal."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(part.text for part in strip) for strip in strips)


async def until(pilot: Pilot[str], holds: Callable[[str], bool], within_s: float = PATIENCE_S) -> None:
    end_s = time.monotonic() + within_s
    while not holds(text(pilot)):
        assert time.monotonic() < end_s, text(pilot)
        await pilot.pause(0.05)


async def test_a_worker_that_dies_is_seen_within_five_seconds_and_so_is_another_that_comes(stage: Stage) -> None:
    client = Client(stage.url, "")
    async with Top(client, await client.ask(), 0.5).run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda shown: "CURRENT" in shown and "Users by surprise" in shown)
        assert stage.worker is not None
        stage.worker.kill()
        await until(pilot, lambda shown: "STALE" in shown and "nothing was committed for" in shown, 5.0)
        printed = msgspec.json.decode(await once(stage, "--once", "--json"), type=Now)
        assert ("stale", "no_commits") == (printed.trust.status, printed.trust.reasons[0].code)
        assert (await once(stage, "--once")).startswith("STALE  clock ")
        stage.fold()
        await until(pilot, lambda shown: "CURRENT" in shown)
        await pilot.press("j", "enter")
        await until(pilot, lambda shown: isinstance(pilot.app.screen, OneUser) and "CURRENT" in shown)
        await pilot.press("escape", "q")
    assert "Traceback" not in stage.said
