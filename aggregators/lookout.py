"""What a worker looks at beside folding: what reference topics bring, the clocks of all shards, lag, Kafka itself."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Final

from aiokafka.errors import KafkaError

from dcc_analytics.aggregators.clocks import ClockBoard
from dcc_analytics.aggregators.lag_log import LagLog
from dcc_analytics.aggregators.runner import ShardRunner, WorkerSettings
from dcc_analytics.aggregators.undecided import UndecidedWatch
from dcc_analytics.catalogue.errors import BrokerError
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.strays import SOURCES, STRAYS
from dcc_analytics.stream.topics import DEAD_LETTERS, clocks_name, ledger_name

log = logging.getLogger("dcca.worker")

#: How often it is all looked at.
EVERY_S: Final = 0.5


class Lookout:
    """Looks for the shards of a worker, whichever they are at the time."""

    def __init__(
        self,
        connection: Connection,
        settings: WorkerSettings,
        extents: Extents,
        partitions: int,
        runners: Mapping[int, ShardRunner],
    ) -> None:
        """Prepare; ``run`` looks.

        Args:
            connection: how to reach Kafka.
            settings: of the worker.
            extents: asked how far topics reach.
            partitions: there are.
            runners: the worker's own at any time.
        """
        self._connection = connection
        self._settings = settings
        self._extents = extents
        self._partitions = partitions
        self._runners = runners
        self._lag = LagLog()
        self._undecided = UndecidedWatch(settings.undecided_s)

    async def run(self) -> None:
        """Look until cancelled.

        Raises:
            StateError: a transaction is open that nobody will end, or a topic holds what no shard has written.
        """
        async with ClockBoard(self._connection, self._settings.application, self._partitions) as board:
            while True:
                try:
                    await self._look(board)
                except (KafkaError, RuntimeError) as error:  # a shard closed meanwhile, a broker away for a moment
                    log.warning("keep_up error=%s", error)
                await asyncio.sleep(EVERY_S)

    async def _look(self, board: ClockBoard) -> None:
        horizon_us = await board.horizon_us(self._extents)
        written = self._written_to()
        tops = await self._extents.tops([*written, *((name, p) for name in SOURCES for p in self._runners)])
        self._lag.look({p: each.shard.clocks for p, each in self._runners.items() if each.shard}, tops)
        self._undecided.look(await self._extents.ends(written), tops, time.monotonic())
        for (name, partition), top in tops.items():
            if name == STRAYS:
                await self._tell(partition, horizon_us, top)

    def _written_to(self) -> list[Place]:
        """Return where transactions of this worker's shards write."""
        application = self._settings.application
        own = [(name, partition) for partition in self._runners for name in (STRAYS, ledger_name(application))]
        return [*own, (clocks_name(application), 0), (DEAD_LETTERS, 0)]

    async def _tell(self, partition: int, horizon_us: int | None, strays_top: int) -> None:
        """Tell a shard what is new; the horizon once it has folded all strays there were after clocks were read."""
        runner = self._runners.get(partition)
        if runner is not None:
            await runner.follow_reference()
            shard = runner.shard
            if horizon_us is not None and shard is not None and shard.clocks[STRAYS].applied >= strays_top:
                shard.horizon(horizon_us)

    async def until_away(self) -> None:
        """Return never; ask Kafka something small every so often.

        A client of Kafka tries for ever, and a worker that does nothing looks like one that has nothing to do.

        Raises:
            BrokerError: it has not answered for ``away_s``.
        """
        clock, limit_s = asyncio.get_running_loop(), self._settings.away_s
        answered_s = clock.time()
        while True:
            try:
                async with asyncio.timeout_at(answered_s + limit_s):
                    await self._extents.tops([(clocks_name(self._settings.application), 0)])
                answered_s = clock.time()
            except (KafkaError, TimeoutError) as error:
                away_s = clock.time() - answered_s
                if away_s >= limit_s:
                    raise BrokerError(
                        f"Kafka at {self._connection.bootstrap} has not answered for {away_s:.0f} s; start it, and a "
                        "worker again: it goes on where the ledger stands"
                    ) from error
                log.warning("kafka_away seconds=%.0f error=%s", away_s, error)
            await asyncio.sleep(max(EVERY_S, limit_s / 20))
