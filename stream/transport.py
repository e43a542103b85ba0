"""Faust's Kafka transport, changed to hand over what was fetched at a time instead of one record at a time.

Nothing else in the product touches Faust's insides; Faust is pinned, and ``tests/stream/test_transport.py`` fails on
a real broker when an upgrade moves what is relied on here:

1. ``Consumer.getmany`` yields (topic-partition, message) and may be overridden.
2. A message's ``offset`` is acknowledged by ``ack`` and committed, plus one, by ``_new_offset``.
3. ``_thread.getmany`` returns aiokafka's records by topic-partition, and ``_thread.seek_wait`` seeks.
4. ``perform_seek`` is what Faust calls to move to the group's offsets, after a rebalance.
5. ``_create_worker_consumer`` makes the aiokafka consumer; its isolation level is an attribute of its options.
6. ``fetcher.PartitionRecords._consumer_record`` makes aiokafka's record of what was parsed, which has all we need.
7. ``on_thread_stop`` stops the thread's queue, in its base, and then the consumer; ``Worker`` makes the thread.

Positions belong to us: each shard begins where its ledger says, so Faust's own seeks and gap bookkeeping do nothing.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiokafka
from aiokafka.consumer import fetcher
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage
from mode.threads import ServiceThread, WorkerThread

from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.kafka import STOP_S, let_go
from dcc_analytics.stream.owner import is_of_before

#: Longest wait for records, in seconds: a seek has to wait for a fetch to end.
FETCH_WAIT_S = 0.5


class PlainRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka has no types
    """What was fetched of a partition, as it was parsed: a ``ConsumerRecord`` of each would cost as much again."""

    def _consumer_record(self, _tp: TP, record: Any) -> Any:  # noqa: ANN401 (aiokafka's)
        return record


fetcher.PartitionRecords = PlainRecords


class EndingThread(WorkerThread):
    """A thread that keeps no process from ending: all that matters is committed before it is asked to stop."""

    def __init__(self, service: ServiceThread) -> None:
        """Prepare it."""
        super().__init__(service)
        self.daemon = True

    def stop(self) -> None:
        """Wait for its end, not for ever: the loop that asks stands still meanwhile."""
        self.is_stopped.wait(STOP_S)


class CommittedReads(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, reading committed records only: feeds and strays may be transactional."""

    Worker = EndingThread

    async def on_thread_stop(self) -> None:
        """Stop what feeds the thread, then the consumer, which Faust's own method would let cancel the thread."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await super(driver.AIOKafkaConsumerThread, self).on_thread_stop()
        if self._consumer is not None:
            await let_go(self._consumer)

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_wait_ms = int(FETCH_WAIT_S * 1000)
        return consumer

    def end_offset(self, tp: TP) -> int | None:
        """Return the offset after the last committed record, as of the last fetch; None before the first."""
        consumer = self._consumer
        if consumer is None or tp not in consumer.assignment():
            return None
        end: int | None = consumer.last_stable_offset(tp)
        return end

    def next_position(self, tp: TP) -> int | None:
        """Return where the next fetch begins, None while that is not known."""
        assignment = self._ensure_consumer()._subscription.subscription.assignment
        if assignment is None or tp not in assignment.tps:
            return None
        state = assignment.state_value(tp)
        position: int | None = state.position if state.has_valid_position else None
        return position


class BatchConsumer(driver.Consumer):
    """Faust's consumer, which hands over all records of a fetch in one message for each topic-partition.

    Invariants:
        A topic-partition is fetched only after ``begin`` has sought it: until then its position is none of ours.
        ``_next`` is the position after what was last handed over; fetch and seek exclude each other, so every
        ``Fetched`` begins exactly where the one before it, or the seek, has ended.
    """

    _thread: CommittedReads

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (whatever Faust gives)
        """Begin with no partition sought."""
        super().__init__(*args, **kwargs)
        self._exclusive = asyncio.Lock()
        self._next: dict[TP, int] = {}

    def _new_consumer_thread(self) -> CommittedReads:
        return CommittedReads(self, loop=self.loop, beacon=self.beacon)

    async def begin(self, offsets: Mapping[TP, int]) -> None:
        """Fetch from these offsets on; all before them is in the ledger, which the group may not know yet."""
        async with self._exclusive:
            await self._thread.seek_wait(offsets)
            self._next.update(offsets)
        for tp, offset in offsets.items():
            # A worker killed between its commit and its acknowledgement left the group behind, and where nothing
            # follows no other acknowledgement would ever come.
            if offset:
                self._acked[tp].append(offset - 1)

    def end(self, tps: set[TP]) -> None:
        """Fetch from these partitions no more, until ``begin``."""
        for tp in tps:
            self._next.pop(tp, None)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109, ARG002
        """Yield what was fetched, one message for each topic-partition."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]  # Faust's own use of it
        feed = self.app.feed  # type: ignore[attr-defined]  # the application is ``feed``'s own
        async with self._exclusive:
            wanted = {tp for tp in self._get_active_partitions() if tp in self._next and feed.wants(tp)}
            fetched = await self._fetch(wanted) if wanted else []
        if not wanted:
            await self.sleep(0.02)
        for tp, message in fetched:
            if self.should_stop:
                return
            yield tp, message

    async def _fetch(self, wanted: set[TP]) -> list[tuple[TP, ConsumerMessage]]:
        generation = self.app.consumer_generation_id
        try:
            records = await self._thread.getmany(wanted, FETCH_WAIT_S)
        except (NoOffsetForPartitionError, OffsetOutOfRangeError) as error:
            if not is_of_before(error, self._next):
                raise
            return []
        if generation != self.app.consumer_generation_id:
            return []
        messages = []
        for tp in wanted:
            end = self._thread.end_offset(tp)
            if end is not None:
                self.app.feed.ends(tp, end)  # type: ignore[attr-defined]
            position, after = self._next.get(tp), self._thread.next_position(tp)
            if position is None or after is None or after <= position:
                continue
            self._next[tp] = after
            messages.append((tp, self._message(tp, position, after, records.get(tp, []))))
        return messages

    def _message(self, tp: TP, position: int, after: int, records: list[Any]) -> ConsumerMessage:
        fetched = Fetched(tp.topic, tp.partition, position, after, records, lambda: None)
        generation = self.app.consumer_generation_id
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            after - 1,
            0.0,
            0,
            [],
            None,
            fetched,  # type: ignore[arg-type]  # what stands for the value of many records
            None,
            0,
            0,
            tp,
            generation_id=generation,
        )

    # Faust's own bookkeeping: acknowledgements come in order here, gaps are legal, positions are ours.

    def _new_offset(self, tp: TP) -> int | None:
        acknowledged = self._acked[tp]
        if not acknowledged:
            return None
        newest = max(acknowledged)
        acknowledged.clear()
        self._acked_index[tp].clear()
        return newest + 1

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Do nothing: the ledger knows what was folded."""

    async def perform_seek(self) -> None:
        """Do nothing: a shard seeks to what its ledger says when it opens."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Do nothing: Faust's warnings of slow processing count records, of which it sees none."""


class BatchTransport(driver.Transport):
    """Faust's aiokafka transport with the consumer above."""

    Consumer = BatchConsumer
