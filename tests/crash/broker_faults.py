"""What can happen to the broker and on the way to it; a plan with one of these has a broker of its own."""

import asyncio
import time
from typing import Final

from tests.crash.arena import Arena
from tests.crash.faults import FAULTS, Fault
from tests.crash.group_faults import GROUP_FAULTS


async def broker_killed(arena: Arena) -> None:
    """A power cut of the broker, which is started again at once."""
    broker = arena.own_broker
    await arena.pair()
    await arena.more()
    await arena.soon()
    await broker.kill()
    arena.kills += 1
    since = time.monotonic()
    await broker.begin()
    await _workers_are_well(arena, since)


async def broker_away(arena: Arena) -> None:
    """The broker is stopped, and back after a while."""
    broker = arena.own_broker
    await arena.pair()
    await arena.more()
    await arena.soon()
    await broker.end()
    await asyncio.sleep(arena.away_s)
    since = time.monotonic()
    await broker.begin()
    await _workers_are_well(arena, since)


async def _workers_are_well(arena: Arena, since: float) -> None:
    """Wait until all moves; a worker that has ended said why in one line, and another takes its place."""
    for worker in arena.workers[-2:]:
        if not worker.runs and (code := await worker.ended()) >= 0:
            assert code == 1, worker.said[-2000:]
            assert worker.said.splitlines()[-1].startswith("dcca: "), worker.said[-2000:]
            arena.ended_with_words.append(worker.said.splitlines()[-1])
    await arena.pair()
    await arena.recovered(since)


async def connections_cut(arena: Arena) -> None:
    """Every connection breaks, some times in a row, in the middle of fetches and commits."""
    proxy = arena.own_broker.proxy
    await arena.pair()
    for _ in range(3):
        await arena.more()
        await arena.soon()
        assert proxy.cut() > 0
        await arena.soon(1.0)
    await _workers_are_well(arena, time.monotonic())


async def connections_slow(arena: Arena) -> None:
    """Everything takes a tenth of a second longer each way, and some connections are refused."""
    proxy = arena.own_broker.proxy
    await arena.pair()
    proxy.delay_s = 0.1
    await arena.more()
    await arena.soon(2.0)
    proxy.refuses = True
    proxy.cut()
    await arena.soon(2.0)
    proxy.refuses = False
    await arena.soon(2.0)
    proxy.delay_s = 0.0
    await _workers_are_well(arena, time.monotonic())


BROKER_FAULTS: Final[dict[str, Fault]] = {
    each.__name__: each for each in (broker_killed, broker_away, connections_cut, connections_slow)
}
ALL_FAULTS: Final[dict[str, Fault]] = {**FAULTS, **GROUP_FAULTS, **BROKER_FAULTS}
