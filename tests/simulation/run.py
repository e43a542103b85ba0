"""Runs: by chance from a seed, or a plain one that is crashed at one point."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Final
from unittest.mock import patch

from dcc_analytics.aggregators import clocks, ledger
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream import extents, reference
from tests.properties.feeds import TOPICS, Message
from tests.simulation.audit import check
from tests.simulation.clients import GOES, REPLY_IS_LOST, Consumer, Producer, sleep
from tests.simulation.figures import feed_with_figures
from tests.simulation.mutated import Mutation
from tests.simulation.process import Activity, Process
from tests.simulation.weather import Weather
from tests.simulation.world import Parts, World, WrongError

#: Feeds that runs share, since the figures a feed must have are made once for each.
FEEDS: Final = 64
#: Actions in one run.
ACTIONS: Final = (100, 400)


@contextmanager
def simulated_clients() -> Iterator[None]:
    """Make the product's clients of Kafka those of the simulation."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(ledger, "AIOKafkaProducer", Producer))
        stack.enter_context(patch.object(ledger, "asyncio", SimpleNamespace(sleep=sleep)))
        for module in (clocks, extents, reference):
            stack.enter_context(patch.object(module, "AIOKafkaConsumer", Consumer))
        for module in (ledger, clocks, extents, reference):
            stack.enter_context(patch.object(module, "let_go", lambda client: client.stop()))
        yield


def run(seed: int, parts: Parts | None = None) -> World:
    """Run a world of a seed, and check what came out.

    Raises:
        WrongError: something came out that must not.
    """
    feed, expected = feed_with_figures(seed % FEEDS)
    chance = Random(seed)
    world = World(feed, chance, parts or Parts())
    with closing(world):
        weather = Weather(world)
        for _ in range(chance.randint(*ACTIONS)):
            weather.act()
        world.settle()
        check(world, expected)
    return world


class CrashingWorld(World):
    """A world without weather in which a worker dies at one point: before a word is said, or before it is answered."""

    def __init__(self, feed: tuple[Message, ...], chance: Random, at: int, *, said: bool) -> None:
        self._at = at
        self._said = said
        super().__init__(feed, chance)

    def go_on(self, process: Process, activity: Activity, happens: str = GOES) -> None:
        """Let an activity go on, unless it is the point to die at."""
        if self.points + 1 != self._at:
            super().go_on(process, activity, happens)
            return
        if self._said:
            super().go_on(process, activity, REPLY_IS_LOST)
        else:
            self.points += 1
        self.crash(process, lose_disk=self.chance.random() < 0.3)


def crash_at(number: int, point: int, *, said: bool) -> bool:
    """Run the feed of a number, a little at a time, with one crash; return whether the run had as many points.

    Raises:
        WrongError: something came out that must not.
    """
    feed, expected = feed_with_figures(number)
    world = CrashingWorld(feed, Random(number), point, said=said)
    with closing(world):
        for _ in range(4):
            world.calm([message for topic in TOPICS for message in world.coming.come(topic, 3)])
        world.settle()
        check(world, expected)
    return world.points >= point


def crash_everywhere(number: int, *, every: int = 1) -> int:
    """Run the feed of a number with a crash at each point, or every so many; return how many points there were.

    Raises:
        WrongError: something came out that must not; says at which point.
    """
    for point in count(1, every):
        for said in (False, True):
            try:
                if not crash_at(number, point, said=said):
                    return point
            except WrongError as wrong:
                raise WrongError(f"crashed at point {point}, said: {said}: {wrong}") from wrong
    raise AssertionError


def first_found(mutation: Mutation, seeds: range) -> int | None:
    """Return the first seed whose run finds what is wrong; None if none does."""
    with mutation.product():
        return next((seed for seed in seeds if _is_found(mutation, seed)), None)


def _is_found(mutation: Mutation, seed: int) -> bool:
    try:
        run(seed, mutation.parts)
    except (WrongError, StateError):
        return True
    return False
