"""Worlds and products that are wrong in one thing each, which the simulation must find."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Final, NamedTuple
from unittest.mock import patch

from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.clocks import ShardClock
from dcc_analytics.aggregators.ledger import Ledger, read_ledger
from dcc_analytics.aggregators.outgoing import DeadLetter
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.aggregators.waiting import Waiting
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.strays import SOURCES, Stray
from tests.driver import LogRecord
from tests.simulation.broker import Broker, Place
from tests.simulation.process import LEDGER, Process, Runner
from tests.simulation.world import Parts


class Mutation(NamedTuple):
    """What the world is made of, and what of the product is another while it runs."""

    parts: Parts = Parts()
    product: Callable[[], AbstractContextManager[object]] = nullcontext


# -- a fetch is folded wherever it begins ------------------------------------------------------------------


def _take_all(self: Waiting, fetched: Fetched) -> bool:
    self._fetches[fetched.topic].append(fetched)
    return True


# -- the ledger is read before the producer has fenced -----------------------------------------------------


async def _read_then_fence(self: Ledger, extents: Extents, **_limit: float) -> ShardState:
    records = await read_ledger(extents, self._connection, self._name, self._partition)
    await self._producer.start()
    return read_back(records, self._checkpointer)


# -- strays and dead letters are sent beside the transaction -----------------------------------------------


class LooseBroker(Broker):
    """A broker that lets what does not go to the ledger be seen at once, whatever becomes of its transaction."""

    def send(self, transactional_id: str, epoch: int, place: Place, records: list[LogRecord]) -> None:
        """Append records, those of the ledger alone in the transaction."""
        if place[0] == LEDGER:
            super().send(transactional_id, epoch, place, records)
            return
        self._check(transactional_id, epoch)
        for record in records:
            self.publish(place, record)


# -- fetches are acknowledged when they are cut, and the group's offsets are believed ----------------------


class TrustingRunner(Runner):
    """A runner that goes on where the group says."""

    async def begin(self, told: ShardClock | None = None) -> dict[str, int]:
        """Return where each source topic goes on."""
        offsets = await super().begin(told)
        for topic in SOURCES:
            offset = self.group_offsets.get((topic, self.partition), offsets[topic])
            offsets[topic] = self._shard().clocks[topic].applied = offset
        return offsets


class TrustingProcess(Process):
    """A process of such runners."""

    runner_class = TrustingRunner


_take_outgoing: Final = Shard.take_outgoing


def _acknowledge_at_once(self: Shard) -> tuple[list[Stray], list[DeadLetter], list[Fetched]]:
    strays, dead_letters, folded = _take_outgoing(self)
    for fetched in folded:
        fetched.acknowledge()
    return strays, dead_letters, []


# -- a commit that failed leaves the shard open ------------------------------------------------------------


class StubbornProcess(Process):
    """A process that goes on with a shard whose commit has failed."""

    def fail(self, partitions: frozenset[int]) -> None:
        """Go on."""


MUTATIONS: Final = {
    "a fetch is folded wherever it begins": Mutation(product=partial(patch.object, Waiting, "offer", _take_all)),
    "the ledger is read before its writer is fenced": Mutation(
        product=partial(patch.object, Ledger, "open", _read_then_fence)
    ),
    "strays and dead letters are out before their commit": Mutation(Parts(broker=LooseBroker)),
    "fetches are acknowledged before their commit, and the group is believed": Mutation(
        Parts(process=TrustingProcess), partial(patch.object, Shard, "take_outgoing", _acknowledge_at_once)
    ),
    "the group is believed": Mutation(Parts(process=TrustingProcess)),
    "a shard whose commit failed goes on": Mutation(Parts(process=StubbornProcess)),
}
