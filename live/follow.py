"""Following: the ledger, the directory and the Incidents read as they are written, and Kafka asked how far they reach.

All of it is reading: no group is joined, no offset moved. What fails is told (``Outside``) and tried again, so that
what is shown says what is wrong and recovers by itself; only a damaged ledger is not gone on with.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.live.model import Model
from dcc_analytics.live.owners import owners_of
from dcc_analytics.stream.extents import FETCH_BYTES, Extents
from dcc_analytics.stream.fetched import Place, Record
from dcc_analytics.stream.kafka import Connection, let_go
from dcc_analytics.stream.strays import SOURCES
from dcc_analytics.stream.topics import ledger_name

log = logging.getLogger("dcca.live")

#: Kafka is asked how far its topics reach this often, and given so long to answer.
ASKED_EVERY_S: Final = 0.5
ANSWERED_WITHIN_S: Final = 2.0
#: A rebalance takes seconds; asking who has what is dearer than asking for ends.
OWNERS_EVERY_S: Final = 5.0
#: While a partition has no owner they are asked for so often: to go on saying so once it has one would be wrong.
ALONE_EVERY_S: Final = 1.0
#: Hours are written this often, beside the offsets they were read up to.
HOURS_EVERY_S: Final = 10.0
_FETCH_MS: Final = 100
_REFERENCE: Final = ("users", "incidents")

#: Called while the ledger is read: offsets read, and how many there are.
Progress = Callable[[int, int], None]


def now_us() -> int:
    """Return now, by the wall's clock."""
    return time.time_ns() // 1000


class Follower:
    """Keeps a model up with Kafka."""

    def __init__(self, connection: Connection, application: str) -> None:
        """Follow an application's ledger; entering the context connects."""
        self._connection = connection
        self._application = application
        self._ledger = ledger_name(application)
        self._extents = Extents(connection)
        self._consumer = AIOKafkaConsumer(
            **connection.options(),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=_FETCH_MS,
        )
        self._places: dict[TopicPartition, Place] = {}

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            BrokerError: no Kafka answers.
        """
        try:
            await self._extents.__aenter__()
            await self._consumer.start()
        except BaseException:
            await let_go(self._consumer)
            await self._extents.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await let_go(self._consumer)
        await self._extents.__aexit__(kind, error, trace)

    async def partitions(self) -> int:
        """Return how many partitions the ledger has.

        Raises:
            TopicError: there is no such ledger.
        """
        return await self._extents.partitions(self._ledger)

    async def begin(self, model: Model, progress: Progress = lambda _read, _of: None) -> None:
        """Read all that is there, and make the model's beginning of it.

        Args:
            model: with nothing in it.
            progress: told how far it is.

        Raises:
            StateError: the ledger is damaged, or the hours are of another ledger.
            TopicError: a topic is missing.
        """
        await self._assign(list(model.shards))
        ends = await self._extents.ends(self._places.values())
        told = model.history.offsets()
        _check_hours(told, {p: ends[self._ledger, p] for p in model.shards})
        await self._ask(model)
        of, reference = sum(ends.values()), {name: list[Record]() for name in _REFERENCE}
        later: dict[int, list[Record]] = {}
        left = {tp for tp, place in self._places.items() if ends[place] > 0}
        while left:
            fetched = await self._consumer.getmany(timeout_ms=_FETCH_MS)
            for tp, records in fetched.items():
                name, partition = self._places[tp]
                for record in records:
                    if name != self._ledger:
                        reference[name].append(record)
                        continue
                    if record.offset >= ends[name, partition]:  # of a commit that may not be here whole yet
                        later.setdefault(partition, []).append(record)
                        continue
                    have = record.offset < told.get(partition, 0)
                    model.shards[partition].gather(_key(partition, record), record.value, record.timestamp, told=have)
                await asyncio.sleep(0)  # whoever asks meanwhile is answered
            positions = await self._positions(model)
            left = {tp for tp in left if positions[self._places[tp]] < ends[self._places[tp]]}
            progress(min(of, sum(positions.values())), of)
        for name, found in reference.items():
            model.refer(name, found)
        model.begin({partition: ends[self._ledger, partition] for partition in model.shards})
        for partition, records in later.items():
            _take(model, partition, records)

    async def _assign(self, partitions: list[int]) -> None:
        places = [(self._ledger, partition) for partition in partitions]
        for name in _REFERENCE:
            places += [(name, partition) for partition in range(await self._extents.partitions(name))]
        self._places = {TopicPartition(self._connection.topic(name), p): (name, p) for name, p in places}
        self._consumer.assign(list(self._places))
        await self._consumer.seek_to_beginning(*self._places)

    async def _positions(self, model: Model) -> dict[Place, int]:
        positions = {place: await self._consumer.position(tp) for tp, place in self._places.items()}
        for (name, partition), position in positions.items():
            if name == self._ledger:
                model.outside.read[partition] = position
        return positions

    async def run(self, model: Model) -> None:
        """Follow until cancelled; the model has begun.

        Raises:
            StateError: the file of hours can't be written.
        """
        work = (self._read(model), self._ask_again(model), self._look_for_owners(model), _write_hours(model))
        tasks = [asyncio.ensure_future(each) for each in work]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, model: Model) -> None:
        while True:
            try:
                await self._read_some(model)
            except StateError as damage:
                model.outside.damage = str(damage)
                log.exception("ledger_damaged")
                return
            except KafkaError as error:
                log.warning("ledger_not_read error=%r", error)
                await asyncio.sleep(ASKED_EVERY_S)

    async def _read_some(self, model: Model) -> None:
        fetched = await self._consumer.getmany(timeout_ms=_FETCH_MS)
        for tp, records in fetched.items():
            name, partition = self._places[tp]
            if name == self._ledger:
                _take(model, partition, records)
            else:
                model.refer(name, records)
        await self._positions(model)  # a transaction's end moves it, and is no record

    async def _ask_again(self, model: Model) -> None:
        while True:
            await asyncio.sleep(ASKED_EVERY_S)
            with contextlib.suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(ANSWERED_WITHIN_S):
                    await self._ask(model)
            model.outside.note_waiting(model.shards, now_us())

    async def _ask(self, model: Model) -> None:
        outside = model.outside
        tops = await self._extents.tops([(topic, partition) for topic in SOURCES for partition in model.shards])
        ends = await self._extents.ends([(self._ledger, partition) for partition in model.shards])
        outside.tops.update(tops)
        outside.ends.update({partition: end for (_, partition), end in ends.items()})
        outside.heard_us = now_us()

    async def _look_for_owners(self, model: Model) -> None:
        while True:
            try:
                async with asyncio.timeout(OWNERS_EVERY_S):
                    model.outside.owners = await owners_of(self._connection, self._application)
            except (KafkaError, TimeoutError):
                model.outside.owners = None
            alone = model.shards.keys() - (model.outside.owners or {}).keys()
            await asyncio.sleep(ALONE_EVERY_S if alone else OWNERS_EVERY_S)


async def _write_hours(model: Model) -> None:
    while True:
        await asyncio.sleep(HOURS_EVERY_S)
        model.history.flush()


def _take(model: Model, partition: int, records: list[Record]) -> None:
    shard = model.shards[partition]
    for record in records:
        added = shard.take(_key(partition, record), record.value, record.timestamp)
        if added is not None:
            model.absorb(partition, added, record.offset + 1)
            model.outside.commit_heard_us[partition] = now_us()


def _key(partition: int, record: Record) -> bytes:
    if record.key is None:
        raise StateError(
            f"the ledger's partition {partition} holds a record without key at offset {record.offset}, which no worker "
            "has written; restore the topic from a replica or build it anew with a new --application"
        )
    return record.key


def _check_hours(told: Mapping[int, int], ends: Mapping[int, int]) -> None:
    """Check that the hours are of this ledger.

    Raises:
        StateError: they were read further than it reaches.
    """
    for partition, offset in told.items():
        if offset > ends.get(partition, 0):
            raise StateError(
                f"the hours were read up to offset {offset} of the ledger's partition {partition}, which ends at "
                f"{ends.get(partition, 0)}: they are of another ledger; give another --history"
            )
