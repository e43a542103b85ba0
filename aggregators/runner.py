"""One shard at work: opened from its ledger, fed, committed, closed.

The steps of a commit, and what holds after each:

    1. cut      what changed is taken from the state, with strays, dead letters and the fetches used up; folding goes on
    2. estate   the Device versions read are on disk with their offset; should this be lost they are read again
    3. ledger   one transaction holds the change, ``applied``, strays and dead letters; this is the commit
    4. ack      the group's offsets may move; they are a hint only

At most one commit is under way. Whatever fails or ends unknown in 3 closes the shard: its memory is dropped and it
is opened anew from the ledger, which knows what was committed.
"""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiokafka.errors import KafkaError

from dcc_analytics.aggregators.clocks import ShardClock
from dcc_analytics.aggregators.copartitioned import folded_from
from dcc_analytics.aggregators.ledger import UNDECIDED_S, FencedError, Ledger
from dcc_analytics.aggregators.outgoing import count_by_kind
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.estate_store import EstateStore, opened
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.fault_points import reached
from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.owner import SESSION_TIMEOUT_S, Transport
from dcc_analytics.stream.reference import REFERENCE_TOPICS, ReferenceReader
from dcc_analytics.stream.state_folder import estates_of
from dcc_analytics.stream.strays import SOURCES
from dcc_analytics.stream.topics import ledger_name

log = logging.getLogger("dcca.worker")

#: A broker that is restarted is back long before; whoever starts workers again should then hear of it.
AWAY_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What an operator may choose for a worker.

    Attributes:
        application: consumer group and ledger; workers with the same share the partitions.
        state_dir: where the estate is kept; it can be lost without loss.
        commit_every_s: longest time what is folded waits for its commit.
        commit_records: most records folded between two commits.
        checkpoint_bytes: deltas kept before the state is rewritten; it also has to be outweighed.
        waiting_records: records of one topic-partition held in memory before fetching pauses.
        session_timeout_s: a worker silent for so long loses its partitions.
        undecided_s: longest time a transaction may stay open; the broker ends one left open before.
        away_s: longest time Kafka may be silent before the worker ends with an error.
        transport: how records are fetched.
        process: its number among those that share ``state_dir``; None for a worker that has it to itself.
    """

    application: str
    state_dir: Path
    commit_every_s: float = 1.0
    commit_records: int = 200_000
    checkpoint_bytes: int = 16 * 1024 * 1024
    waiting_records: int = 5_000
    session_timeout_s: float = SESSION_TIMEOUT_S
    undecided_s: float = UNDECIDED_S
    away_s: float = AWAY_S
    transport: Transport = Transport.BATCHES
    process: int | None = None


class ShardRunner:
    """Keeps one shard going."""

    def __init__(
        self, partition: int, partitions: int, connection: Connection, settings: WorkerSettings, extents: Extents
    ) -> None:
        """Prepare a shard of so many; ``open`` starts it."""
        self.partition = partition
        self._partitions = partitions
        self._connection = connection
        self._settings = settings
        self._extents = extents
        self._ledger = Ledger(connection, settings.application, partition, partitions=partitions)
        self._estate: EstateStore | None = None
        self._reader = ReferenceReader(connection)
        self._commit: asyncio.Task[None] | None = None
        self._committed_at = time.monotonic()
        self._committed_records = 0
        self.shard: Shard | None = None

    # -- opening and closing -------------------------------------------------------------------------------

    async def open(self) -> None:
        """Fence, read the ledger, read the reference topics to their end, and commit what they brought.

        Raises:
            StateError: ledger, estate and topics do not fit together; says what to do.
        """
        began = time.monotonic()
        state = await self._ledger.open(self._extents, undecided_s=self._settings.undecided_s)
        self._estate = await self._open_estate()
        shard = Shard(self.partition, self._partitions, state, self._estate, self._settings.application)
        await self._reader.__aenter__()
        offsets = {}
        for name in REFERENCE_TOPICS:
            for partition in range(self.partition, await self._extents.partitions(name), self._partitions):
                offsets[name, partition] = state.applied.get(f"{name}/{partition}", 0)
        devices = "devices", self.partition
        offsets[devices] = min(offsets[devices], self._estate.next_offset)
        await self._reader.follow(offsets)
        await self._read_reference(shard, await self._extents.ends(offsets))
        reached("open.reference_read")
        shard.reference_is_read()
        self.shard = shard
        await self.commit()
        log.info(
            "shard_open partition=%d seq=%d applied=%s legs=%d cells=%d seconds=%.3f",
            self.partition, state.seq, sum(state.applied.values()), len(state.memory.legs), len(state.cells.keys),
            time.monotonic() - began,
        )  # fmt: skip

    async def _open_estate(self) -> EstateStore:
        """Open the estate beside whatever else goes on: the disk takes its time.

        The thread that does goes on when this is cancelled, so what it opened is closed.
        """
        name, process = f"estate-{self.partition}", self._settings.process
        folder = estates_of(self._settings.state_dir, self._connection, self._settings.application)
        beside = None if process is None else folder / f"{name}-of-{process}"
        opening = asyncio.ensure_future(asyncio.to_thread(opened, folder / name, beside))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            with contextlib.suppress(StateError):
                (await opening).close()
            raise

    async def _read_reference(self, shard: Shard, ends: dict[Place, int]) -> None:
        """Read the reference topics until their ends of now."""
        behind = {tp for tp, end in ends.items() if self._reader.position(tp) < end}
        while behind:
            async for fetched in self._reader.fetch(0.5):
                shard.fold_reference(fetched)
            behind = {tp for tp in behind if self._reader.position(tp) < ends[tp]}

    async def begin(self, told: ShardClock | None = None) -> dict[str, int]:
        """Return where each source topic goes on, after checking that it still can.

        Args:
            told: what the shard told of itself by some commit before it was opened; None if nothing is known.

        Raises:
            StateError: what the ledger has folded is not what the topics hold.
        """
        shard = self._shard()
        offsets = {}
        places = [(topic, self.partition) for topic in SOURCES]
        starts, tops = await self._extents.starts(places), await self._extents.tops(places)
        applied = {topic: shard.clocks[topic].applied for topic in SOURCES}
        begins = folded_from(applied, {topic: starts[topic, self.partition] for topic in SOURCES})
        for topic, partition in places:
            clock, start, top = shard.clocks[topic], starts[topic, partition], tops[topic, partition]
            if told is not None and told.applied.get(topic, 0) > clock.applied:
                ledger = self._connection.topic(ledger_name(self._settings.application))
                raise StateError(
                    f"{ledger}/{partition} has folded {topic} up to {clock.applied}, the shard has told of "
                    f"{told.applied[topic]}: the ledger was recreated, or has lost commits; restore it, or publish and "
                    "fold anew with another --prefix"
                )
            clock.applied = begins[topic]
            if not start <= clock.applied <= top:
                where = f"{self._connection.topic(topic)}/{partition}"
                raise StateError(
                    f"{where} holds offsets {start} to {top}, the ledger has folded up to {clock.applied}: the topic "
                    "was recreated, or lost records before they were folded; restore it, or start with a new "
                    "--application"
                )
            clock.end = top
            offsets[self._connection.topic(topic)] = clock.applied
        if shard.finished:
            await self.commit()  # nothing to read, perhaps since it is gone: the others need not wait for this shard
        return offsets

    def _shard(self) -> Shard:
        if self.shard is None:
            raise RuntimeError(f"shard {self.partition} is not open")
        return self.shard

    async def close(self, *, commit: bool, timeout_s: float = 5.0) -> None:
        """Close the shard; with ``commit`` what was folded is committed before, unless that takes too long.

        What takes too long is cancelled, and not waited for: a transaction that is cancelled aborts itself, and without
        a broker waits for that for ever. Whoever opens the shard next shuts it out.

        Raises:
            StateError: the last commit could not be made, for a reason of this machine's; the shard is closed.
        """
        last = asyncio.ensure_future(self._end(commit=commit))
        await asyncio.wait({last}, timeout=timeout_s)
        error: BaseException | None = TimeoutError()
        if last.done():
            error = asyncio.CancelledError() if last.cancelled() else last.exception()
        if isinstance(error, TimeoutError | asyncio.CancelledError | KafkaError | FencedError):
            log.warning("let_go_uncommitted partition=%d error=%r: it is folded again", self.partition, error)
            error = None
        last.cancel()
        if self._commit is not None:
            self._commit.cancel()
        self.shard = None
        await self._ledger.close()
        last.cancel()  # out of the abort, too
        await self._reader.__aexit__(None, None, None)
        if self._estate is not None:
            self._estate.close()
        if error is not None:
            raise error

    async def _end(self, *, commit: bool) -> None:
        """Wait for the commit that is under way, and make a last one."""
        if self._commit is not None and (commit or not self._commit.done()):
            await self._commit
        if commit and self.shard is not None:
            reached("revoke.begun")
            await self.commit()
            reached("revoke.committed")

    # -- folding and committing ----------------------------------------------------------------------------

    async def follow_reference(self) -> None:
        """Take in what has come in the reference topics."""
        shard = self._shard()
        async for fetched in self._reader.fetch(0.0):
            shard.fold_reference(fetched)

    def due(self) -> bool:
        """Return whether there is something to commit and it is time to."""
        shard = self.shard
        if shard is None or self._commit is not None or not shard.has_changes():
            return False
        return (
            time.monotonic() - self._committed_at >= self._settings.commit_every_s
            or shard.records - self._committed_records >= self._settings.commit_records
        )

    def has_work(self) -> bool:
        """Return whether anything fetched is not folded, or folded is not committed."""
        return self._commit is not None or (self.shard is not None and self.shard.has_work())

    def start_commit(self) -> "asyncio.Task[None]":
        """Begin a commit beside the folding; the task ends with it, or with why it failed."""
        self._commit = asyncio.ensure_future(self.commit())
        self._commit.add_done_callback(self._commit_ended)
        return self._commit

    def _commit_ended(self, task: "asyncio.Task[None]") -> None:
        """Let the next commit be made; none after one that failed, whose producer takes no more."""
        self._commit = None if not task.cancelled() and task.exception() is None else task

    async def commit(self) -> None:
        """Commit what was folded (see the module's steps).

        Raises:
            FencedError, KafkaError: the shard has to be opened anew.
        """
        shard = self._shard()
        began = time.monotonic()
        delta = shard.state.cut()  # 1
        reached("commit.cut")
        checkpoint = self._ledger.checkpoint_due(self._settings.checkpoint_bytes, shard.state.horizon_us)
        records = self._ledger.checkpoint_records(shard.state) if checkpoint else self._ledger.delta_records(delta)
        if checkpoint:
            reached("checkpoint.made")
        strays, dead_letters, folded = shard.take_outgoing()
        clock = ShardClock(shard.state.clock_us, {topic: each.applied for topic, each in shard.clocks.items()})
        count = shard.records - self._committed_records
        self._committed_records, self._committed_at = shard.records, began
        if self._estate is not None:
            offset = shard.state.applied.get(f"devices/{self.partition}", 0)
            self._estate.write(offset, horizon_us=shard.state.horizon_us)  # 2
        reached("commit.estate_written")
        written = await self._ledger.commit(records, strays, dead_letters, clock, checkpoint=checkpoint)  # 3
        reached("commit.committed")
        for fetched in folded:
            fetched.acknowledge()  # 4
        reached("commit.acknowledged")
        log.info(
            "commit partition=%d seq=%d records=%d strays=%d dead_letters=%d bytes=%d checkpoint=%s legs=%d "
            "clock_us=%d seconds=%.3f",
            self.partition, delta.seq, count, len(strays), len(dead_letters), written, str(checkpoint).lower(),
            len(shard.state.memory.legs), shard.state.clock_us, time.monotonic() - began,
        )  # fmt: skip
        for (topic, kind), letters in count_by_kind(dead_letters).items():
            log.warning('dead_letters topic=%s partition=%d count=%d kind="%s"', topic, self.partition, letters, kind)
