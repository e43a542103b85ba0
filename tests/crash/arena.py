"""An arena: topics under a prefix of their own, workers on them, and a feed that goes on slice by slice."""

import asyncio
import itertools
import random
import shutil
import signal
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from dcc_analytics.stream.fault_points import VARIABLE
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.owner import SESSION_TIMEOUT_S, Transport
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import create_topics
from tests.conftest import APPLICATION
from tests.crash import entry
from tests.crash.feeds import PARTITIONS, Feed
from tests.crash.own_broker import OwnBroker
from tests.worker_process import PATIENCE_S, WorkerProcess, until

COMMIT_EVERY_S = 0.05


class Arena:
    """What a plan plays in.

    Attributes:
        workers: every worker that was started, in order.
        kills: processes that were alive and are killed.
        recoveries_s: after each fault, the time until every partition had committed something that came after it.
        away_s: how long a broker that goes is away.
        ended_with_words: last lines of workers that a fault has ended as it may.
    """

    def __init__(
        self,
        connection: Connection,
        folder: Path,
        feed: Feed,
        rng: random.Random,
        broker: OwnBroker | None = None,
        *,
        away_s: float = 60.0,
        transport: Transport = Transport.BATCHES,
    ) -> None:
        """Prepare; entering the context makes the topics, leaving it ends the workers."""
        self.connection = connection
        self.folder = folder
        self.feed = feed
        self.rng = rng
        self.workers: list[WorkerProcess] = []
        self.kills = 0
        self.recoveries_s: list[float] = []
        self.ended_with_words: list[str] = []
        self.away_s = away_s
        self._broker = broker
        self._transport = transport
        self._slices = iter(feed.slices)
        self._numbers = itertools.count(1)
        self._stack = ExitStack()
        self._ended: dict[WorkerProcess, dict[int, int]] = {}

    async def __aenter__(self) -> Self:
        """Make the topics and publish the first slice."""
        await create_topics(self.connection, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
        await self.more()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers; the folders of those of a plan that ended well are removed."""
        self._stack.__exit__(kind, error, trace)
        if error is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def own_broker(self) -> OwnBroker:
        """The broker that is this arena's alone."""
        assert self._broker is not None
        return self._broker

    # -- the feed ------------------------------------------------------------------------------------------

    async def more(self) -> None:
        """Publish the next slice."""
        following = next(self._slices, None)
        assert following is not None, "the feed is used up: it wants more slices, or the plan fewer faults"
        await publish(self.connection, following)

    async def rest(self) -> None:
        """Publish all that is left."""
        for each in self._slices:
            await publish(self.connection, each)

    # -- workers -------------------------------------------------------------------------------------------

    def start(
        self, *options: str, fault: str = "", changes: str = "", folder: Path | None = None, piped: bool = False
    ) -> WorkerProcess:
        """Start a worker.

        Args:
            options: of the command.
            fault: a fault point armed in it.
            changes: of ``entry``, beside small checkpoints.
            folder: another worker's, to be on its disk; one of its own when left out.
            piped: see ``WorkerProcess``.
        """
        environment = {entry.VARIABLE: f"{entry.small_checkpoints.__name__} {changes}"}
        if fault:
            environment[VARIABLE] = fault
        worker = WorkerProcess(
            self.connection,
            folder or self.folder / f"worker-{next(self._numbers)}",
            "--session-timeout", str(SESSION_TIMEOUT_S),
            "--transport", self._transport,
            *options,
            commit_every_s=COMMIT_EVERY_S,
            environment=environment,
            begin=entry.Forked,
            piped=piped,
        )  # fmt: skip
        self.workers.append(self._stack.enter_context(worker))
        return worker

    @property
    def alive(self) -> list[WorkerProcess]:
        """The workers that run."""
        return [worker for worker in self.workers if worker.runs]

    async def pair(self) -> WorkerProcess:
        """See that two workers run, no more, and each has a share; return one of the two."""
        for worker in self.alive[2:]:
            await self.end(worker)
        while len(self.alive) < 2:
            self.start()
        await until(lambda: all(worker.folded() for worker in self.alive), "a share for each worker")
        return self.rng.choice(self.alive)

    async def end(self, worker: WorkerProcess) -> None:
        """Tell a worker to end; it has to end well."""
        worker.send(signal.SIGTERM)
        assert await worker.ended() == 0, worker.said[-2000:]

    def kill(self, worker: WorkerProcess) -> None:
        """Kill a worker, which has to be alive."""
        worker.kill()
        self.kills += 1

    async def killed_itself(self, worker: WorkerProcess) -> None:
        """Wait for a worker that kills itself at a fault point."""
        code = await worker.ended()
        assert code == -signal.SIGKILL, f"it ended with {code} instead of at its fault point: {worker.said[-2000:]}"
        self.kills += 1

    def committed(self) -> Counter[int]:
        """Return how many records of each partition have been committed, by whichever worker."""
        for worker in [worker for worker in self.workers if not worker.runs and worker not in self._ended]:
            self._ended[worker] = worker.folded()
        total: Counter[int] = Counter(dict.fromkeys(range(PARTITIONS), 0))
        for each in (*self._ended.values(), *(worker.folded() for worker in self.alive)):
            total.update(each)
        return total

    async def recovered(self, since: float | None = None, *, patience_s: float = PATIENCE_S) -> float:
        """Publish a slice and wait until every partition has committed some of it; return and note the seconds.

        Args:
            since: when the fault happened, of ``time.monotonic``; now when left out.
            patience_s: longest wait.
        """
        since = time.monotonic() if since is None else since
        before = self.committed()
        await self.more()
        await until(
            lambda: all(self.committed()[partition] > records for partition, records in before.items()),
            "every partition to move again",
            patience_s=patience_s,
        )
        self.recoveries_s.append(time.monotonic() - since)
        return self.recoveries_s[-1]

    async def finish(self) -> None:
        """Publish the rest and let fresh workers fold it to the end."""
        for worker in self.alive:
            await self.end(worker)
        await self.rest()
        ending = [self.start("--until-caught-up") for _ in range(2)]
        for worker in ending:
            assert await worker.ended() == 0, worker.said[-2000:]

    async def soon(self, most_s: float = 0.25) -> None:
        """Let some time pass, up to so much."""
        await asyncio.sleep(self.rng.uniform(0, most_s))
