"""A plan: a seed that chooses faults, their order and their instants, played on a feed and checked."""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.owner import Transport
from tests.crash.arena import Arena
from tests.crash.broker_faults import ALL_FAULTS, BROKER_FAULTS
from tests.crash.checker import differences
from tests.crash.feeds import Feed
from tests.crash.own_broker import OwnBroker

#: A plan that takes longer stands still.
PATIENCE_S: Final = 1800.0
#: A broker killed while it ends a transaction may leave it open for good: the worker that says so is right.
OPEN_FOR_GOOD: Final = "nobody will end it, since a broker was killed"


@dataclass(frozen=True, slots=True)
class Plan:
    """Faults in an order, the seed that everything else about them is drawn from, and how workers fetch."""

    seed: int
    faults: tuple[str, ...]
    transport: Transport = Transport.BATCHES

    def __str__(self) -> str:
        """Return how to play it again."""
        other = "" if self.transport is Transport.BATCHES else f" --transport {self.transport}"
        return f"python -m tests.crash.assault --seed {self.seed} --faults '{','.join(self.faults)}'{other}"


@dataclass(slots=True)
class Outcome:
    """What came of a plan.

    Attributes:
        plan: which.
        differences: from the figures there should be, or what went wrong before they could be compared.
        kills: processes killed, by fault.
        recovery_s: longest time until all partitions moved again, by fault.
        words: last lines of workers that ended as they may.
        seconds: how long it took.
    """

    plan: Plan
    differences: list[str] = field(default_factory=list)
    kills: dict[str, int] = field(default_factory=dict)
    recovery_s: dict[str, float] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    seconds: float = 0.0


async def play(plan: Plan, connection: Connection, folder: Path, feed: Feed, *, away_s: float = 60.0) -> Outcome:
    """Play a plan and compare; whatever fails is told in the outcome.

    Args:
        plan: which.
        connection: to a broker that others use too, by a prefix of the plan's own.
        folder: for logs, estates, and a broker if the plan needs its own.
        feed: what is folded.
        away_s: how long a broker that goes is away.
    """
    outcome, began = Outcome(plan), time.monotonic()
    async with AsyncExitStack() as stack:
        broker = None
        if set(plan.faults) & set(BROKER_FAULTS):
            broker = await stack.enter_async_context(OwnBroker(folder / "broker"))
            connection = Connection(broker.bootstrap)
        arena = Arena(
            connection, folder / "workers", feed, random.Random(plan.seed), broker, away_s=away_s,
            transport=plan.transport,
        )  # fmt: skip
        try:
            async with asyncio.timeout(PATIENCE_S), arena:
                await _play(plan, arena, outcome)
        except Exception as error:  # noqa: BLE001 (an assault goes on, and tells what failed)
            outcome.differences.append(" ".join([repr(error), *getattr(error, "__notes__", ())]))
        outcome.words = arena.ended_with_words
    outcome.seconds = time.monotonic() - began
    return outcome


async def _play(plan: Plan, arena: Arena, outcome: Outcome) -> None:
    for name in plan.faults:
        kills, recoveries = arena.kills, len(arena.recoveries_s)
        try:
            await ALL_FAULTS[name](arena)
        except Exception as error:
            if any(OPEN_FOR_GOOD in worker.said for worker in arena.workers):
                arena.ended_with_words.append(OPEN_FOR_GOOD)
                return
            error.add_note(f"in {name}")
            raise
        finally:
            outcome.kills[name] = outcome.kills.get(name, 0) + arena.kills - kills
            seconds = arena.recoveries_s[recoveries:]
            outcome.recovery_s[name] = max([outcome.recovery_s.get(name, 0.0), *seconds])
    await arena.finish()
    outcome.differences.extend(await differences(arena.feed, arena.connection))
