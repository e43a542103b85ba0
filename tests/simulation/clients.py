"""aiokafka's clients over the simulated broker: what the product calls of them, by the same names.

Every word to the broker is a *point*: the coroutine stops there, and is sent what is to happen.
"""

from collections.abc import Generator, Iterable
from types import TracebackType
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, ProducerFenced, RequestTimedOutError

from dcc_analytics.stream.extents import Extents
from tests.driver import LogRecord
from tests.simulation.broker import ABORTED, COMMITTED, Broker, Place

#: What can happen at a point.
GOES: Final = "goes"
FAILS: Final = "fails"
REPLY_IS_LOST: Final = "reply is lost"

#: The point of a coroutine that waits for time to pass.
SLEEPS: Final = "sleep"

#: Records in one batch, so that a commit is several sends.
BATCH_RECORDS: Final = 3


class Point:
    """A word to the broker, before it is said."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __await__(self) -> Generator["Point", str, str]:
        return (yield self)


async def _said(name: str) -> str:
    """Say a word to the broker; return whether it goes, or its reply is lost.

    Raises:
        KafkaConnectionError: it never came to the broker.
    """
    happens = await Point(name)
    if happens == FAILS:
        raise KafkaConnectionError(name)
    return happens


async def _asked(name: str) -> None:
    """Ask the broker something that changes nothing there.

    Raises:
        KafkaConnectionError, RequestTimedOutError: there is no answer.
    """
    if await _said(name) == REPLY_IS_LOST:
        raise RequestTimedOutError


async def sleep(_delay_s: float) -> None:
    """Stand for ``asyncio.sleep``: a point at which nothing fails."""
    await Point(SLEEPS)


class Sent:
    """What ``send`` returns: a future that is done."""

    def __await__(self) -> Generator[Any, None, None]:
        return
        yield


class Batch:
    """A batch of records."""

    def __init__(self) -> None:
        self.records: list[LogRecord] = []

    def append(
        self,
        *,
        key: bytes | None,
        value: bytes | None,
        timestamp: int | None,
        headers: list[tuple[str, bytes]] | None = None,
    ) -> object:
        """Take a record; return None when there is no room."""
        if len(self.records) == BATCH_RECORDS:
            return None
        self.records.append(LogRecord(0, timestamp or 0, key, value, headers or []))
        return self

    def close(self) -> None:
        """Take no more."""


class Producer:
    """A transactional producer."""

    def __init__(self, broker: Broker, transactional_id: str, **_options: object) -> None:
        self._broker = broker
        self._id = transactional_id
        self._epoch = 0

    async def start(self) -> None:
        """Fence."""
        lost = await _said("initialise") == REPLY_IS_LOST
        self._epoch = self._broker.initialise(self._id)
        if lost:
            raise RequestTimedOutError

    async def stop(self) -> None:
        """Let go."""

    def transaction(self) -> "Producer":
        """Return the context of a transaction."""
        return self

    async def __aenter__(self) -> None:
        """Begin; nothing is said to the broker."""

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Commit, or abort if something failed; a process that is gone, or was shut out, says nothing any more."""
        if isinstance(error, (GeneratorExit, ProducerFenced)):
            return
        word, state = ("commit", COMMITTED) if error is None else ("abort", ABORTED)
        lost = await _said(word) == REPLY_IS_LOST
        self._broker.end(self._id, self._epoch, state)
        if lost:
            raise RequestTimedOutError

    def create_batch(self) -> Batch:
        """Return an empty batch."""
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> Sent:
        """Send a batch."""
        lost = await _said(f"send to {topic}") == REPLY_IS_LOST
        self._broker.send(self._id, self._epoch, (topic, partition), batch.records)
        if lost:
            raise RequestTimedOutError
        return Sent()

    async def send(  # noqa: PLR0917 (aiokafka's)
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        headers: list[tuple[str, bytes]] | None = None,
    ) -> Sent:
        """Send a record."""
        batch = Batch()
        batch.append(key=key, value=value, timestamp=timestamp_ms, headers=headers)
        return await self.send_batch(batch, topic, partition=partition or 0)


class Consumer:
    """A consumer without a group, which reads committed records."""

    def __init__(self, broker: Broker, isolation_level: str, **_options: object) -> None:
        self._broker = broker
        self._committed = isolation_level == "read_committed"
        self._positions: dict[Place, int] = {}

    async def start(self) -> None:
        """Connect."""

    async def stop(self) -> None:
        """Disconnect."""

    def assign(self, tps: Iterable[TopicPartition]) -> None:
        """Read these partitions, those that are new from their first record."""
        self._positions = {tp: self._positions.get(tp, 0) for tp in tps}

    def assignment(self) -> set[TopicPartition]:
        """Return what is read."""
        return {TopicPartition(*place) for place in self._positions}

    def seek(self, tp: TopicPartition, offset: int) -> None:
        """Read on from an offset."""
        self._positions[tp] = offset

    async def seek_to_beginning(self, *tps: TopicPartition) -> None:
        """Read from the first record on."""
        for tp in tps or tuple(self._positions):
            self._positions[tp] = 0

    async def position(self, tp: TopicPartition) -> int:
        """Return where reading goes on."""
        return self._positions[tp]

    async def getmany(
        self, *tps: TopicPartition, timeout_ms: int = 0, max_records: int = 500
    ) -> dict[TopicPartition, list[LogRecord]]:
        """Return what there is now."""
        await _asked("read")
        fetched = {}
        for tp in tps or tuple(self._positions):
            records, self._positions[tp] = self._broker.partitions[tp].read(self._positions[tp], max_records)
            if records:
                fetched[TopicPartition(*tp)] = records
        return fetched

    async def beginning_offsets(self, tps: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the first offset of partitions."""
        return dict.fromkeys(tps, 0)

    async def end_offsets(self, tps: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Return where partitions end, for a reader of this isolation level."""
        await _asked("ask for ends")
        partitions = self._broker.partitions
        return {tp: partitions[tp].end if self._committed else partitions[tp].top for tp in tps}


class Clients:
    """Stands for ``Connection``: the product's clients are made with what ``options`` returns."""

    bootstrap = "simulated"
    prefix = ""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def topic(self, name: str) -> str:
        """Return a topic's name."""
        return name

    def own(self, name: str) -> str:
        """Return the name of a group, or of what is on disk."""
        return name

    def options(self) -> dict[str, Any]:
        """Return what clients are made with."""
        return {"broker": self._broker}


class KnownExtents(Extents):
    """Extents of topics whose numbers of partitions are known."""

    def __init__(self, clients: Clients, partitions: int) -> None:
        super().__init__(clients)  # type: ignore[arg-type]  # stands for a Connection
        self._partitions = partitions

    async def partitions(self, name: str) -> int:
        """Return how many partitions a topic has."""
        return 1 if name in {"users", "incidents"} else self._partitions
