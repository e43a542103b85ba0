"""The worker: owns the shards of the partitions it was given, feeds them and commits them."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable
from functools import partial
from typing import Any

from aiokafka.errors import KafkaError

from dcc_analytics.aggregators.clocks import ClockBoard, ShardClock
from dcc_analytics.aggregators.copartitioned import checked_partitions, partitions_added
from dcc_analytics.aggregators.ledger import FencedError
from dcc_analytics.aggregators.lookout import Lookout
from dcc_analytics.aggregators.runner import ShardRunner, WorkerSettings
from dcc_analytics.aggregators.together import all_or_none, is_asked_to_end
from dcc_analytics.stream.access import check_permitted, not_permitted
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.fault_points import reached
from dcc_analytics.stream.feeds import check_group, feed_of
from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.novel import FieldWatch
from dcc_analytics.stream.permissions import Part
from dcc_analytics.stream.security import Protocol
from dcc_analytics.stream.strays import SOURCES

log = logging.getLogger("dcca.worker")

#: Records folded in one go before others (heartbeats, fetches, commits) have their turn: some 20 ms.
TURN_RECORDS = 2_000
#: A shard whose commit failed is opened anew after this long; the broker may need as long to come back.
REOPEN_S = 1.0
#: Longest sleep of the folding loop, so that commits come due in quiet times too.
IDLE_S = 0.05


class Worker:
    """Owns shards (see ``owner.Owner``)."""

    def __init__(self, connection: Connection, settings: WorkerSettings) -> None:
        """Prepare a worker; ``run`` starts it."""
        self._connection = connection
        self._settings = settings
        self._partitions = 0
        self._extents = Extents(connection)
        self._runners: dict[int, ShardRunner] = {}
        self._opening: dict[int, asyncio.Task[None]] = {}
        self._closing: dict[int, asyncio.Future[None]] = {}
        self._failed: asyncio.Future[None] | None = None
        self._awake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._joined = asyncio.Event()
        self._watch = FieldWatch()
        self.records = 0
        self._names = {connection.topic(topic): topic for topic in SOURCES}
        self._topics = list(self._names)
        self._feed = feed_of(settings.transport)(
            self,
            bootstrap=connection.bootstrap,
            application=connection.own(settings.application),
            topics=self._topics,
            state_dir=settings.state_dir,
            session_timeout_s=settings.session_timeout_s,
            credentials=connection.credentials,
        )

    # -- running -------------------------------------------------------------------------------------------

    async def run(self, *, until_caught_up: bool) -> None:
        """Run until ``stop`` is called, or all that was there is folded and committed by someone.

        Raises:
            StateError: state and topics do not fit together.
            TopicError: a topic is missing.
            AccessError: Kafka does not permit what a worker needs.
            BrokerError: Kafka can't be reached, or has not answered for long.
            UsageError: other workers of the application fetch in another way.
        """
        if self._connection.credentials.protocol is not Protocol.PLAINTEXT:
            # Seen now: whoever may not join the group would wait for its partitions for ever.
            await check_permitted(self._connection, Part.WORKER, self._settings.application)
        async with self._extents:
            self._partitions = await checked_partitions(self._connection, self._settings.application, self._extents)
            await check_group(self._connection, self._settings.application, self._settings.transport)
            await self._run(until_caught_up=until_caught_up)

    async def _run(self, *, until_caught_up: bool) -> None:
        self._failed = asyncio.get_running_loop().create_future()
        stopped = asyncio.Event()
        feed = asyncio.ensure_future(self._feed.run(stopped))
        lookout = Lookout(self._connection, self._settings, self._extents, self._partitions, self._runners)
        work: list[asyncio.Future[None]] = [
            asyncio.ensure_future(self._fold()),
            asyncio.ensure_future(lookout.run()),
            asyncio.ensure_future(lookout.until_away()),
        ]
        if until_caught_up:
            work.append(asyncio.ensure_future(self._stop_when_caught_up()))
        asked = asyncio.ensure_future(self._stopping.wait())
        ends: set[asyncio.Future[Any]] = {feed, asked, self._failed, *work}
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            asked.cancel()
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            try:
                await self.revoked(set(self._runners) | set(self._opening) | set(self._closing))
            finally:
                stopped.set()
                await asyncio.gather(feed, return_exceptions=True)

    def stop(self) -> None:
        """Ask the worker to commit, let its partitions go and return."""
        self._stopping.set()

    def _fail(self, error: BaseException) -> None:
        if self._failed is not None and not self._failed.done():
            self._failed.set_exception(error)

    # -- partitions come and go ----------------------------------------------------------------------------

    async def assigned(self, partitions: set[int]) -> None:
        """Open the shards of partitions, beside whatever else goes on."""
        if max(partitions, default=-1) >= self._partitions:
            self._fail(partitions_added(max(partitions) + 1, self._partitions))
            return
        self._assign(partitions)
        self._joined.set()

    def _assign(self, partitions: set[int]) -> None:
        new = partitions - set(self._runners) - set(self._opening)
        if new and not self._stopping.is_set():
            task = asyncio.ensure_future(self._open(new))
            for partition in new:
                self._opening[partition] = task

    async def _open(self, partitions: set[int]) -> None:
        """Open shards together: none folds events before all have passed on what they found in reference topics.

        Those that were begun before the opening fails or is cancelled go on: what they folded is committed.
        """
        new = [
            ShardRunner(p, self._partitions, self._connection, self._settings, self._extents)
            for p in sorted(partitions)
        ]
        try:
            await self._closed(partitions)
            told = await self._told()
            await all_or_none([runner.open() for runner in new])
            while new:
                offsets = await new[0].begin(told.get(new[0].partition))
                self._runners[new[0].partition] = new[0]
                await self._feed.begin(new[0].partition, offsets)
                del new[0]
        except (FencedError, KafkaError) as error:
            if refused := not_permitted(error):  # trying again would go on for ever
                self._fail(refused)
            failed = {runner.partition for runner in new}
            log.warning("shard_open_failed partitions=%s error=%s", sorted(failed), error)
            await self._drop(new)
            asyncio.get_running_loop().call_later(REOPEN_S, self._reopen, failed)
        except BaseException as error:
            await self._drop(new)
            if not is_asked_to_end():
                self._fail(error)
            if not isinstance(error, Exception):
                raise
        finally:
            for partition in partitions:
                self._opening.pop(partition, None)
            self._awake.set()

    async def _closed(self, partitions: Iterable[int]) -> None:
        """Wait until what is being closed of these is: nobody can have its estate before."""
        closing = {self._closing[partition] for partition in partitions if partition in self._closing}
        await asyncio.gather(*map(asyncio.shield, closing), return_exceptions=True)

    async def _told(self) -> dict[int, ShardClock]:
        async with ClockBoard(self._connection, self._settings.application, self._partitions) as board:
            return await board.told(self._extents)

    async def _drop(self, runners: list[ShardRunner]) -> None:
        for runner in runners:
            self._runners.pop(runner.partition, None)
        await asyncio.gather(*(runner.close(commit=False) for runner in runners), return_exceptions=True)

    def _reopen(self, partitions: set[int]) -> None:
        """Open again what is still ours."""
        ours = {partition for partition in partitions if self._feed.owns(partition)}
        self._assign(ours)

    async def revoked(self, partitions: set[int]) -> None:
        """Commit and close shards within half the session time-out, else let them go uncommitted."""
        opening = {self._opening[p] for p in partitions if p in self._opening}
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        runners = [self._runners.pop(p) for p in partitions if p in self._runners]
        limit_s = self._settings.session_timeout_s / 2
        closings = (runner.close(commit=True, timeout_s=limit_s) for runner in runners)
        # All are closed, whichever fails.
        for error in await asyncio.gather(*closings, self._closed(partitions), return_exceptions=True):
            if error is not None:
                raise error

    # -- records -------------------------------------------------------------------------------------------

    def take(self, fetched: Fetched) -> None:
        """Take fetched records of an open partition; those of a shard closed since are fetched again."""
        runner = self._runners.get(fetched.partition)
        if runner is not None and runner.shard is not None:
            fetched.topic = self._names[fetched.topic]
            for name in self._watch.look(fetched.topic, fetched.records, time.monotonic()):
                log.warning('unknown_field topic=%s name="%s": ignored', fetched.topic, name)
            runner.shard.offer(fetched)
            self._awake.set()

    def wants(self, topic: str, partition: int) -> bool:
        """Return whether more of a topic is wanted now."""
        runner = self._runners.get(partition)
        if runner is None or runner.shard is None:
            return False
        return runner.shard.waiting(self._names[topic]) < self._settings.waiting_records

    def ends(self, topic: str, partition: int, end: int) -> None:
        """Learn the end of a topic-partition."""
        runner = self._runners.get(partition)
        if runner is not None and runner.shard is not None:
            clock = runner.shard.clocks[self._names[topic]]
            clock.end = max(clock.end, end)

    async def _fold(self) -> None:
        """Fold and commit, shard after shard, as long as there is anything to."""
        while True:
            busy = 0
            for runner in list(self._runners.values()):
                if runner.shard is not None:
                    folded = runner.shard.advance(TURN_RECORDS)
                    if folded:
                        busy += folded
                        self.records += folded  # at once: this task may be cancelled at any turn
                        reached("fold.turned")
                    if runner.due():
                        runner.start_commit().add_done_callback(partial(self._committed, runner))
                    await asyncio.sleep(0)
            if not busy:
                self._awake.clear()
                # Not wait_for: in Python 3.11 that may swallow the cancellation that ends this task.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_S):
                        await self._awake.wait()

    def _committed(self, runner: ShardRunner, task: asyncio.Future[None]) -> None:
        """See how a commit ended; a shard whose commit failed is closed, and opened anew while it is ours."""
        if task.cancelled() or task.exception() is None:
            return
        error = task.exception()
        refused = not_permitted(error) if error else None
        if refused or not isinstance(error, (FencedError, KafkaError)):
            self._fail(refused or error or RuntimeError("a commit failed without saying why"))
            return
        log.warning("commit_failed partition=%d error=%s: the shard is opened anew", runner.partition, error)
        if self._runners.get(runner.partition) is runner:
            del self._runners[runner.partition]
            self._feed.end(self._topics, runner.partition)
            closing = self._closing[runner.partition] = asyncio.ensure_future(runner.close(commit=False))
            closing.add_done_callback(partial(self._closed_after_failure, runner.partition))

    def _closed_after_failure(self, partition: int, closing: asyncio.Future[None]) -> None:
        del self._closing[partition]
        if not closing.cancelled() and (error := closing.exception()) is not None:
            self._fail(error)
        asyncio.get_running_loop().call_later(REOPEN_S, self._reopen, {partition})

    def _has_work(self) -> bool:
        return bool(self._opening) or any(runner.has_work() for runner in self._runners.values())

    async def _stop_when_caught_up(self) -> None:
        """Return when every partition of every source has been folded and committed, by this worker or another.

        Not before the group has given this worker its share, so that a ledger that does not fit the topics is seen.
        """
        await self._joined.wait()
        async with ClockBoard(self._connection, self._settings.application, self._partitions) as board:
            while not await self._is_caught_up(board):  # noqa: ASYNC110 (of a broker)
                await asyncio.sleep(0.3)
        self.stop()

    async def _is_caught_up(self, board: ClockBoard) -> bool:
        try:
            return await board.caught_up(self._extents) and not self._has_work()
        except KafkaError:  # the broker is away for a moment
            return False
