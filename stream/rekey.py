"""Moving records of foreign topics to the product's, under the keys it needs, exactly once: the lanes of one process.

    group      says which partitions are this process's; it is never read from
    reader     fetches them, from where each lane says on
    lanes      move what was fetched, a transaction each, side by side (see ``rekey_lane``)

A lane that failed is dropped and opened anew: what was not committed is fetched again.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from dcc_analytics.catalogue.errors import BrokerError, TopicError
from dcc_analytics.stream.access import not_permitted
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.group_offsets import offsets_if_decided
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.own_topics import started_admin
from dcc_analytics.stream.rekey_group import joined
from dcc_analytics.stream.rekey_lane import Lane, Moved
from dcc_analytics.stream.rekey_sources import checked, group_of, partitions_of_targets, places_of
from dcc_analytics.stream.rekeyed import Source

log = logging.getLogger("dcca.rekey")

#: Between two transactions of a lane: few records each would keep the brokers busy with transactions.
ROUND_S: Final = 0.1
#: Records of one round, over all lanes.
ROUND_RECORDS: Final = 10_000
#: Between two lines of the log.
TOLD_EVERY_S: Final = 10.0
#: A process silent for so long loses its partitions; as for a worker.
SESSION_TIMEOUT_S: Final = 6.0
#: A lane that failed is opened anew after so long, and not for longer than that.
AGAIN_S: Final = 1.0
AWAY_S: Final = 300.0
#: A transaction takes a fraction of a second; without a broker aiokafka would wait for its end for ever.
MOVED_WITHIN_S: Final = 60.0


class Rekey:
    """Moves the partitions the group gives this process, until stopped or caught up.

    Attributes:
        moved: what was moved so far.

    Invariants:
        A lane is in ``_lanes`` from when it is open until it failed or was given up; only the loop of ``run`` opens
        one.
        Lanes are used and given up under ``_using``: when the group has its partitions back none is at work.
    """

    def __init__(
        self,
        connection: Connection,
        sources: Sequence[Source],
        *,
        ignore_keys: bool = False,
        session_timeout_s: float = SESSION_TIMEOUT_S,
    ) -> None:
        """Prepare; ``run`` connects.

        Args:
            connection: how to reach Kafka, and the prefix of the product's topics; sources have none.
            sources: what is moved, and where to.
            ignore_keys: the sources' keys are no Devices (see ``placed``).
            session_timeout_s: a process silent for so long loses its partitions.

        Raises:
            UsageError: as ``checked``.
        """
        self._connection = connection
        self._foreign = replace(connection, prefix="", renamed=MappingProxyType({}))
        self._sources = {source.topic: source for source in checked(connection, sources)}
        self._ignore_keys = ignore_keys
        self._session_timeout_s = session_timeout_s
        self._partitions: dict[str, int] = {}
        self._assigned: set[TopicPartition] = set()
        self._lanes: dict[TopicPartition, Lane] = {}
        self._failed_s: dict[TopicPartition, float] = {}
        self._not_before_s = 0.0
        self._using = asyncio.Lock()
        self._stop = asyncio.Event()
        self.moved = Moved()
        self._told_s = 0.0

    def stop(self) -> None:
        """Have it end once what is being moved is committed."""
        self._stop.set()

    async def run(self, *, until_caught_up: bool = False) -> None:
        """Move records until stopped.

        Args:
            until_caught_up: return when all that is there at the beginning is moved, by whom of the group ever.

        Raises:
            BrokerError: Kafka can't be reached, or stays away.
            TopicError: a topic is missing, or not as it has to be.
            AccessError: Kafka does not permit it.
        """
        async with AsyncExitStack() as stack:
            extents = await stack.enter_async_context(Extents(self._foreign))
            admin = await started_admin(self._connection)
            stack.push_async_callback(admin.close)
            self._partitions = await partitions_of_targets(self._connection, self._sources.values())
            places = await places_of(extents, self._sources)
            starts, ends = await extents.starts(places), await extents.tops(places)
            group, reader = await joined(
                self._connection, list(self._sources), self, stack, session_timeout_s=self._session_timeout_s
            )
            self._told_s = time.monotonic()
            try:
                while not self._stop.is_set():
                    await self._open(admin, extents, reader)
                    moved = await self._round(group, reader)
                    self._tell()
                    if until_caught_up and not moved and await self._caught_up(admin, starts, ends):
                        return
            except KafkaError as error:
                raise not_permitted(error) or _in_words(error) from error
            finally:
                await self._give_up(set(self._lanes))
                self._tell(last=True)

    # -- the group ------------------------------------------------------------------------------------------

    def assigned(self, tps: Iterable[TopicPartition]) -> None:
        """Take partitions on; the loop opens their lanes."""
        self._assigned = set(tps)

    async def revoked(self) -> None:
        """Give all partitions up; when this returns another process may have them."""
        self._assigned = set()
        await self._give_up(set(self._lanes))

    async def _give_up(self, tps: set[TopicPartition]) -> None:
        async with self._using:
            await asyncio.gather(*(self._drop(tp) for tp in tps))

    async def _drop(self, tp: TopicPartition) -> None:
        lane = self._lanes.pop(tp, None)
        if lane is not None:
            await lane.close()

    # -- lanes ----------------------------------------------------------------------------------------------

    async def _open(self, admin: AIOKafkaAdminClient, extents: Extents, reader: AIOKafkaConsumer) -> None:
        """Open a lane for each partition that has none, and have the reader follow."""
        missing = self._assigned - set(self._lanes)
        if missing and time.monotonic() >= self._not_before_s:
            for tp in sorted(missing):
                source = self._sources[tp.topic]
                lane = Lane(self._connection, source, tp.partition, self.moved, ignore_keys=self._ignore_keys)
                try:
                    await lane.open(admin, extents)
                except (KafkaError, TimeoutError) as error:
                    await lane.close()
                    self._note_failure(tp, error)
                except BaseException:
                    await lane.close()
                    raise
                else:
                    await self._take_on(tp, lane)
        lanes = dict(self._lanes)
        if lanes and reader.assignment() != set(lanes):
            reader.assign(list(lanes))
            for tp, lane in lanes.items():
                reader.seek(tp, lane.next)

    async def _take_on(self, tp: TopicPartition, lane: Lane) -> None:
        """Use a lane, unless the group has taken its partition meanwhile."""
        async with self._using:
            if tp not in self._assigned:
                await lane.close()
                return
            self._lanes[tp] = lane
            self._failed_s.pop(tp, None)
            log.info("lane_open source=%s partition=%d offset=%d", tp.topic, tp.partition, lane.next)

    async def _round(self, group: AIOKafkaConsumer, reader: AIOKafkaConsumer) -> bool:
        """Move what has come; return whether there was anything."""
        began_s = time.monotonic()
        await group.getmany(timeout_ms=0)  # nothing comes: it only tells the group that this process goes on
        lanes = dict(self._lanes)
        if not lanes:
            await asyncio.sleep(ROUND_S)
            return False
        try:
            fetched = await reader.getmany(*lanes, timeout_ms=500, max_records=ROUND_RECORDS)
        except OffsetOutOfRangeError as lost:
            raise TopicError(
                f"records were deleted before they were moved ({lost}); see to the retention of the sources"
            ) from lost
        async with self._using:
            going = [
                self._move(tp, lane, fetched.get(tp, []), await reader.position(tp))
                for tp, lane in lanes.items()
                if lane in self._lanes.values()
            ]
            moved = await asyncio.gather(*going, return_exceptions=True)
        for each in moved:
            if isinstance(each, BaseException):
                raise each
        await asyncio.sleep(max(0.0, ROUND_S - (time.monotonic() - began_s)))
        return any(moved)

    async def _move(self, tp: TopicPartition, lane: Lane, records: Sequence[Any], position: int) -> bool:
        if position <= lane.next:
            return False
        moving = asyncio.ensure_future(lane.move(records, position, self._partitions))
        await asyncio.wait({moving}, timeout=MOVED_WITHIN_S)
        if not moving.done():
            moving.cancel()
        error = moving.exception() if moving.done() else TimeoutError(f"no answer for {MOVED_WITHIN_S:.0f} s")
        if error is None:
            return True
        if not isinstance(error, KafkaError | TimeoutError):
            raise error
        await self._drop(tp)
        self._note_failure(tp, error)
        return True

    def _note_failure(self, tp: TopicPartition, error: Exception) -> None:
        """Have a lane opened anew after a while.

        Raises:
            AccessError: Kafka does not permit what is asked.
            BrokerError: it has failed for too long.
        """
        if refused := not_permitted(error):
            raise refused from error
        now_s = time.monotonic()
        if now_s - self._failed_s.setdefault(tp, now_s) > AWAY_S:
            raise _in_words(error) from error
        log.warning("lane_failed source=%s partition=%d error=%r: opened anew", tp.topic, tp.partition, error)
        self._not_before_s = now_s + AGAIN_S

    # -- telling --------------------------------------------------------------------------------------------

    async def _caught_up(self, admin: AIOKafkaAdminClient, starts: dict[Place, int], ends: dict[Place, int]) -> bool:
        """Return whether the group has moved all there was."""
        offsets = await offsets_if_decided(admin, group_of(self._connection), ends)
        return offsets is not None and all(offsets.get(place, starts[place]) >= end for place, end in ends.items())

    def _tell(self, *, last: bool = False) -> None:
        """Log once in a while what was moved, by topic."""
        now_s = time.monotonic()
        if now_s - self._told_s >= TOLD_EVERY_S or last:
            self._told_s = now_s
            for topic, count in sorted(self.moved.records.items()):
                log.info("moved topic=%s records=%d unread=%d", topic, count, self.moved.unread[topic])


def _in_words(error: Exception) -> BrokerError:
    return BrokerError(
        f"Kafka does not take or give records any more ({type(error).__name__}: {error}); see to the brokers, then "
        "begin again: it goes on after what is moved"
    )
