"""The feed by public calls: what ``stream.feed`` does with Faust's insides, by what aiokafka offers to everyone.

Slower, since every record is made into aiokafka's own and all happens in the loop that folds; exact likewise. It is
there for the day on which Faust or aiokafka can't stay as they are, and a worker has to run on.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError

from dcc_analytics.stream.fetched import Fetched, Record
from dcc_analytics.stream.kafka import STOP_S
from dcc_analytics.stream.owner import (
    FETCH_BYTES,
    FETCH_RECORDS,
    SESSION_TIMEOUT_S,
    Owner,
    is_of_before,
    lost,
    make_folder,
)
from dcc_analytics.stream.security import Credentials

log = logging.getLogger(__name__)

#: Longest wait for records: partitions that are wanted only since then wait as long.
FETCH_WAIT_MS: Final = 100
#: How often what was acknowledged is told to the group.
TOLD_EVERY_S: Final = 1.0
#: Sleep while nothing is wanted.
IDLE_S: Final = 0.02
#: The group waits so long for a member that still commits what is taken from it.
REBALANCE_S: Final = 60.0
#: Is never assigned. A fetch of no partition at all would be one of all.
_NOTHING: Final = TopicPartition("", 0)


class PublicFeed:
    """A member of the group that fetches for an owner of shards (see ``owner.MakesFeeding``).

    Invariants:
        What the group gives is paused until ``begin`` has sought it: its position is none of ours before.
        ``_given`` is what is ours from its being given until its being taken. The client's own assignment goes on after
        that, until the next is there, and what is begun on it would be begun on nothing.
        ``_next`` is the position after what was last handed over, for what has begun. Between the end of a fetch and
        the handing over, and within a seek, nothing is awaited: so every ``Fetched`` begins exactly where the one
        before it, or the seek, has ended.
    """

    def __init__(
        self,
        owner: Owner,
        *,
        bootstrap: str,
        application: str,
        topics: Sequence[str],
        state_dir: Path,
        session_timeout_s: float = SESSION_TIMEOUT_S,
        credentials: Credentials | None = None,
    ) -> None:
        """Prepare; ``run`` connects."""
        make_folder(state_dir)
        self._owner = owner
        self._topics = list(topics)
        self._given: set[TopicPartition] = set()
        self._next: dict[TopicPartition, int] = {}
        self._acknowledged: dict[TopicPartition, int] = {}
        self._failed: asyncio.Future[None] | None = None
        self._ending: asyncio.Event | None = None
        self._member: AIOKafkaConsumer | None = None
        self._options: dict[str, Any] = {
            "bootstrap_servers": bootstrap,
            **(credentials or Credentials()).options(),
            "group_id": application,
            "session_timeout_ms": int(session_timeout_s * 1000),
            "heartbeat_interval_ms": int(session_timeout_s * 1000 / 5),
            "rebalance_timeout_ms": int(REBALANCE_S * 1000),
            # Gives a worker the same partitions of every topic, which have equally many.
            "partition_assignment_strategy": [RangePartitionAssignor],
            "enable_auto_commit": False,
            "isolation_level": "read_committed",
            # Where reading begins is the ledger's to say; what is there no more has to be an error.
            "auto_offset_reset": "none",
            "max_partition_fetch_bytes": FETCH_BYTES,
        }

    # -- asked by the owner --------------------------------------------------------------------------------

    async def begin(self, partition: int, offsets: Mapping[str, int]) -> None:
        """Fetch a partition of the given topics from these offsets on.

        Raises:
            KafkaError: the group has taken it meanwhile.
        """
        member, tps = self._consumer, {TopicPartition(topic, partition): offset for topic, offset in offsets.items()}
        if not self._given.issuperset(tps):
            raise KafkaError(f"partition {partition} was taken while it was being opened")
        for tp, offset in tps.items():
            member.seek(tp, offset)
            member.resume(tp)
            self._next[tp] = offset
            self._acknowledge(tp, offset)  # the group may know less than the ledger, and nothing may follow

    def end(self, topics: Sequence[str], partition: int) -> None:
        """Fetch a partition of the given topics no more, until ``begin``."""
        self._end(TopicPartition(topic, partition) for topic in topics)

    def _end(self, tps: Iterable[TopicPartition]) -> None:
        for tp in tps:
            self._next.pop(tp, None)
            if tp in self._consumer.assignment():
                self._consumer.pause(tp)

    def owns(self, partition: int) -> bool:
        """Return whether the group gives this worker a partition now."""
        return any(tp.partition == partition for tp in self._given)

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        if self._member is None:
            raise RuntimeError("the feed does not run")
        return self._member

    # -- running -------------------------------------------------------------------------------------------

    async def run(self, until: asyncio.Event) -> None:
        """Run until an event is set (see ``owner.Feeding``)."""
        self._ending = until
        self._failed = asyncio.get_running_loop().create_future()
        self._member = AIOKafkaConsumer(**self._options)
        work: list[asyncio.Future[Any]] = [self._failed]
        try:
            await self._member.start()
            self._member.subscribe(self._topics, listener=_Listener(self))
            work += map(asyncio.ensure_future, (self._fetch(), self._tell_now_and_then(), until.wait()))
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        except KafkaError as error:
            raise lost(error) from error
        finally:
            for each in work:
                each.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            await self._leave()

    async def _leave(self) -> None:
        """Tell the group the last and leave it, which is only kind to others; no longer than a while."""
        await self._tell()
        leaving = asyncio.ensure_future(self._consumer.stop())  # a task of its own: it may end as if cancelled
        await asyncio.wait({leaving}, timeout=STOP_S)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)

    async def _fetch(self) -> None:
        while True:
            wanted = [tp for tp in self._next if self._owner.wants(tp.topic, tp.partition)]
            if not wanted:
                await self._consumer.getmany(_NOTHING)  # raises what has gone wrong with the group
                await asyncio.sleep(IDLE_S)
                continue
            try:
                fetched = await self._consumer.getmany(*wanted, timeout_ms=FETCH_WAIT_MS, max_records=FETCH_RECORDS)
            except KafkaError as error:
                if not is_of_before(error, self._next):
                    raise
                await asyncio.sleep(IDLE_S)
                continue
            for tp in wanted:
                if tp in self._next and tp in self._consumer.assignment():
                    await self._hand_over(tp, fetched.get(tp, []))
            await asyncio.sleep(0)  # a fetch that finds something waits for nothing, and folding wants its turn

    async def _hand_over(self, tp: TopicPartition, records: Sequence[Record]) -> None:
        end = self._consumer.last_stable_offset(tp)
        if end is not None:
            self._owner.ends(tp.topic, tp.partition, end)
        position, after = self._next[tp], await self._consumer.position(tp)  # at once, since it was sought
        if after > position:
            self._next[tp] = after
            acknowledge = partial(self._acknowledge, tp, after)
            self._owner.take(Fetched(tp.topic, tp.partition, position, after, records, acknowledge))

    # -- the group -----------------------------------------------------------------------------------------

    def _acknowledge(self, tp: TopicPartition, offset: int) -> None:
        self._acknowledged[tp] = max(offset, self._acknowledged.get(tp, 0))

    async def _tell_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(TOLD_EVERY_S)
            await self._tell()

    async def _tell(self) -> None:
        """Tell the group how far all is committed: a hint, which may fail and is told again with what follows."""
        assigned = self._consumer.assignment()
        told = {tp: offset for tp, offset in self._acknowledged.items() if tp in assigned and offset}
        self._acknowledged.clear()
        if told:
            try:
                async with asyncio.timeout(STOP_S):
                    await self._consumer.commit(told)
            except (KafkaError, TimeoutError) as error:
                log.debug("group_not_told error=%r", error)

    async def assigned(self, tps: set[TopicPartition]) -> None:
        """Learn from the group what is ours now."""
        if self._ending is not None and self._ending.is_set():
            return
        self._consumer.pause(*tps)
        self._given = set(tps)
        with self._failing():
            await self._owner.assigned({tp.partition for tp in tps})

    async def revoked(self, tps: set[TopicPartition]) -> None:
        """Give up what the group takes, and tell it what was committed last."""
        self._given = set()
        self._end(tps)
        with self._failing():
            await self._owner.revoked({tp.partition for tp in tps})
        await self._tell()
        self._acknowledged.clear()

    @contextlib.contextmanager
    def _failing(self) -> Any:  # noqa: ANN401 (a context)
        """End with an error of the owner: the client would log it and go on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 (whatever it is, ``run`` raises it)
            if self._failed is not None and not self._failed.done():
                self._failed.set_exception(error)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Told by the client of what the group gives and takes."""

    def __init__(self, feed: PublicFeed) -> None:
        self._feed = feed

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._feed.revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        await self._feed.assigned(assigned)
