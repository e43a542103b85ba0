"""The ledger of one shard: a partition of a Kafka topic, written by transactions and read back as a whole.

Opening fences: the transactional producer starts first, which settles what a former owner left unfinished and shuts
it out; only then is the partition read. One transaction is one commit: the delta, the strays passed on and the dead
letters are there together or not at all.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import OutOfOrderSequenceNumber, ProducerFenced

from dcc_analytics.aggregators.checkpoint import Checkpointer, LedgerRecord, delta_records, read_back
from dcc_analytics.aggregators.clocks import ShardClock, clock_record
from dcc_analytics.aggregators.delta import Delta
from dcc_analytics.aggregators.metric import METRIC_VERSION
from dcc_analytics.aggregators.outgoing import DeadLetter
from dcc_analytics.aggregators.packed import Packer
from dcc_analytics.aggregators.provenance import Provenance, check_partitions, provenance_of, provenance_record
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.aggregators.undecided import UndecidedWatch
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.fault_points import reached
from dcc_analytics.stream.kafka import Connection, let_go
from dcc_analytics.stream.strays import STRAYS, Stray
from dcc_analytics.stream.topics import DEAD_LETTERS, clocks_name, ledger_name

log = logging.getLogger(__name__)

#: A transaction left open longer than this is aborted by the broker; a commit takes a fraction of a second.
TRANSACTION_TIMEOUT_MS = 60_000
#: One that is open for longer than this nobody will end (see ``undecided``).
UNDECIDED_S = 1.5 * TRANSACTION_TIMEOUT_MS / 1000
BATCH_BYTES = 768 * 1024
MAX_REQUEST_BYTES = 8 * 1024 * 1024


class FencedError(Exception):
    """Another worker owns the shard by now; this one has to let it go."""


class Ledger:
    """The ledger partition of a shard this worker owns."""

    def __init__(
        self, connection: Connection, application: str, partition: int, *, partitions: int | None = None,
        timeout_ms: int = TRANSACTION_TIMEOUT_MS,
    ) -> None:  # fmt: skip
        """Prepare; ``open`` connects.

        Args:
            connection: how to reach Kafka, and the prefix of topic names.
            application: name of the ledger and of the consumer group.
            partition: the shard.
            partitions: of every source topic, which the ledger has to be folded by; None asks and says nothing of it.
            timeout_ms: longest time of a transaction.
        """
        self._connection = connection
        self._partition = partition
        self._partitions = partitions
        self._unsaid: list[LedgerRecord] = []
        self._name = ledger_name(application)
        self._topic = connection.topic(self._name)
        self._strays = connection.topic(STRAYS)
        self._dead_letters = connection.topic(DEAD_LETTERS)
        self._clocks = connection.topic(clocks_name(application))
        self._producer = AIOKafkaProducer(
            **connection.options(),
            transactional_id=f"{connection.own(application)}-{partition}",
            transaction_timeout_ms=timeout_ms,
            max_batch_size=BATCH_BYTES,
            max_request_size=MAX_REQUEST_BYTES,
            compression_type="zstd",
            linger_ms=0,
        )
        self._checkpointer = Checkpointer()
        self._packer = Packer()
        self._read_back_bytes = 0
        self._checkpoint_bytes = 0

    async def open(self, extents: Extents, *, undecided_s: float = UNDECIDED_S) -> ShardState:
        """Fence, read the partition to its end, and return the state it holds.

        Args:
            extents: asked where the partition ends.
            undecided_s: longest time a transaction on it may stay open.

        Raises:
            StateError: the ledger is damaged, folded by another metric or number of partitions, or can't be read to its
                end.
        """
        await self._producer.start()
        reached("open.fenced")
        await self._decided(extents, undecided_s)
        records = await read_ledger(extents, self._connection, self._name, self._partition)
        if self._partitions is not None:
            said = provenance_of(records)
            check_partitions(said, self._partitions, self._topic)
            self._unsaid = [] if said else [provenance_record(Provenance(self._partitions))]
        self._checkpoint_bytes = sum(len(value) for key, value in records.items() if not key.startswith(b"d|"))
        state = read_back(records, self._checkpointer)
        self._read_back_bytes = self._checkpointer.read_back_bytes
        if state.metric_version != METRIC_VERSION:
            raise StateError(
                f"the ledger {self._topic} is folded by metric version {state.metric_version}, this release folds by "
                f"{METRIC_VERSION}, and figures of the two must not meet: go on with the release that began "
                "it, and start this one beside it under a new --application (`dcca topics create`, then `dcca worker`)"
            )
        reached("open.ledger_read")
        return state

    async def _decided(self, extents: Extents, limit_s: float) -> None:
        """Wait until no transaction is open on the partition: commits behind it are hidden, and would be made again."""
        place, watch = (self._name, self._partition), UndecidedWatch(limit_s)
        while (ends := await extents.ends([place])) != (tops := await extents.tops([place])):
            watch.look(ends, tops, time.monotonic())
            await asyncio.sleep(0.1)

    def checkpoint_due(self, least_bytes: int, horizon_us: int) -> bool:
        """Return whether to rewrite the state: the deltas outweigh it, or it was last rewritten too long ago.

        Deltas are weighed unpacked: what they cost is the time it takes to fold them again.

        Args:
            least_bytes: of deltas, below which they outweigh nothing.
            horizon_us: the shard's, now.
        """
        outweighed = self.since_bytes >= max(least_bytes, self._checkpoint_bytes)
        return outweighed or self._checkpointer.outlived(horizon_us)

    @property
    def since_bytes(self) -> int:
        """Bytes of the deltas since the last checkpoint, unpacked."""
        return self._read_back_bytes + self._packer.unpacked_bytes

    def delta_records(self, delta: Delta) -> list[LedgerRecord]:
        """Return the records of the next commit's delta."""
        return list(delta_records(delta, self._packer))

    def checkpoint_records(self, state: ShardState) -> list[LedgerRecord]:
        """Return the records of a checkpoint of a state that was just cut; the cut's delta need not be written."""
        return list(self._checkpointer.records(state))

    async def commit(
        self,
        records: list[LedgerRecord],
        strays: list[Stray],
        dead_letters: list[DeadLetter],
        clock: ShardClock,
        *,
        checkpoint: bool,
    ) -> int:
        """Write one commit in one transaction; return the bytes written to the ledger.

        Args:
            records: of a delta, or of a checkpoint.
            strays: records to pass on.
            dead_letters: records that can't be read.
            clock: the shard's clock as of this commit, told to all.
            checkpoint: which of the two ``records`` are.

        Raises:
            FencedError: another worker has taken the shard over.
            KafkaError: the outcome is unknown or a failure; the shard has to be opened anew.
        """
        try:
            async with self._producer.transaction():
                written = await self._send_ledger([*self._unsaid, *records]) if records else 0
                await self._send_outgoing(strays, dead_letters)
                key, value = clock_record(self._partition, clock)
                await (await self._producer.send(self._clocks, value, key, 0))
                reached("checkpoint.sent" if checkpoint else "commit.sent")
        except (ProducerFenced, OutOfOrderSequenceNumber) as fenced:
            raise FencedError(f"partition {self._partition}: {fenced}") from fenced
        self._unsaid = []
        if checkpoint:
            self._checkpoint_bytes = max(written, self._checkpoint_bytes)
            self._packer, self._read_back_bytes = Packer(), 0
        else:
            self._checkpointer.written(key for key, _ in records)
        return written

    async def _send_outgoing(self, strays: list[Stray], dead_letters: list[DeadLetter]) -> None:
        send, pending = self._producer.send, []
        for stray in strays:
            key = stray.subject.encode()
            pending.append(await send(self._strays, stray.value, key, stray.home, stray.timestamp_ms, stray.headers))
        for letter in dead_letters:
            headers = letter.headers()
            if letter.key is None and letter.value is None:
                pending.append(await self._send_empty(letter))
            else:
                # Without a timestamp: what it holds is kept for so long after it was set aside, however old it is.
                pending.append(await send(self._dead_letters, letter.value, letter.key, None, None, headers))
        for sent in pending:
            await sent

    async def _send_empty(self, letter: DeadLetter) -> Any:  # noqa: ANN401 (aiokafka's future)
        """Send a dead letter without key and value, which ``send`` refuses; Kafka does not."""
        batch = self._producer.create_batch()
        batch.append(key=None, value=None, timestamp=None, headers=letter.headers())
        batch.close()
        return await self._producer.send_batch(batch, self._dead_letters, partition=0)

    async def _send_ledger(self, records: Iterable[LedgerRecord]) -> int:
        """Send ledger records in closed batches; return their bytes."""
        producer, written, pending = self._producer, 0, []
        batch = producer.create_batch()
        for key, value in records:
            written += len(key) + len(value or b"")
            if batch.append(key=key, value=value, timestamp=None) is None:
                batch.close()
                pending.append(await producer.send_batch(batch, self._topic, partition=self._partition))
                batch = producer.create_batch()
                if batch.append(key=key, value=value, timestamp=None) is None:
                    raise StateError(f"a ledger record of {len(value or b'')} bytes fits no batch; please report it")
        batch.close()
        pending.append(await producer.send_batch(batch, self._topic, partition=self._partition))
        for sent in pending:
            await sent
        return written

    async def close(self) -> None:
        """Let go; what is not committed is dropped."""
        await let_go(self._producer)


async def read_ledger(
    extents: Extents, connection: Connection, name: str, partition: int, *, end: int | None = None
) -> dict[bytes, bytes]:
    """Return the newest value of each key of a ledger's partition, deleted keys left out.

    Args:
        extents: asked where the partition ends now.
        connection: how to reach Kafka.
        name: of the ledger's topic, without prefix.
        partition: which.
        end: the offset to read up to, a day old at most (see ``LEDGER_LAG_MS``); the end of now when left out.
    """
    place = name, partition
    records: dict[bytes, bytes] = {}
    async for _, record in read_up_to(connection, await extents.ends([place]) if end is None else {place: end}):
        if record.value is None:
            records.pop(record.key, None)
        else:
            records[record.key] = record.value
    return records
