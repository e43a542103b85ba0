"""``dcca`` with a worker changed: limits that are reached within seconds, or a guard taken away.

The changes are named in ``DCCA_CRASH``; so the product itself needs no switch for either.
"""

import asyncio
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

from dcc_analytics.aggregators import ledger as ledgers
from dcc_analytics.aggregators import runner as runners
from dcc_analytics.aggregators.checkpoint import LedgerRecord, read_back
from dcc_analytics.aggregators.ledger import Ledger
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.aggregators.waiting import Waiting
from dcc_analytics.commands import main, worker
from dcc_analytics.commands.worker_process import end_with_parent
from dcc_analytics.stream import public_feed
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.fetched import Fetched

VARIABLE = "DCCA_CRASH"
#: How long a worker that reads before it fences waits for the commit it then overlooks.
FORMER_OWNER_S = 10.0

log = logging.getLogger("dcca.fault")


def small_checkpoints() -> None:
    """Write a checkpoint as soon as deltas outweigh what it would write."""
    patch.object(worker, "WorkerSettings", partial(runners.WorkerSettings, checkpoint_bytes=10_000)).start()


def eager_checkpoints() -> None:
    """Write a checkpoint after some deltas, however much it has to write: a fault point in it is reached soon."""

    def due(ledger: Ledger, least_bytes: int, _horizon_us: int) -> bool:
        return ledger.since_bytes >= least_bytes

    patch.object(Ledger, "checkpoint_due", due).start()


def short_transactions() -> None:
    """Let the broker end a transaction that is left open for a second."""
    patch.object(ledgers, "TRANSACTION_TIMEOUT_MS", 1_000).start()


def without_applied() -> None:
    """Fetch from the start, and take what was fetched for what comes next: ``applied`` decides nothing."""
    from dcc_analytics.stream.feed import Feed  # noqa: PLC0415 (it changes aiokafka for the whole process)

    offer, begin = Waiting.offer, Feed.begin

    def trusting(waiting: Waiting, fetched: Fetched) -> bool:
        if not waiting.records(fetched.topic):
            waiting._clocks[fetched.topic].applied = fetched.position
        return offer(waiting, fetched)

    async def from_start(feed: Feed, partition: int, offsets: dict[str, int]) -> None:
        await begin(feed, partition, dict.fromkeys(offsets, 0))

    patch.object(Waiting, "offer", trusting).start()
    patch.object(Feed, "begin", from_start).start()


def read_before_fencing() -> None:
    """Read the ledger, and shut the former owner out only when it has committed once more."""

    async def opened(ledger: Ledger, extents: Extents, **_: float) -> ShardState:
        place = (ledger._name, ledger._partition)
        end = (await extents.ends([place]))[place]
        records = await ledgers.read_ledger(extents, ledger._connection, *place)
        log.warning("%s partition=%d", read_before_fencing.__name__, ledger._partition)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FORMER_OWNER_S):
                while (await extents.ends([place]))[place] == end:  # noqa: ASYNC110 (of a broker)
                    await asyncio.sleep(0.05)
        await ledger._producer.start()
        return read_back(records, ledger._checkpointer)

    patch.object(Ledger, "open", opened).start()


def ledger_alone() -> None:
    """Commit the ledger's records by themselves, strays and dead letters after them."""
    send = Ledger._send_ledger

    async def sent(ledger: Ledger, records: Iterable[LedgerRecord]) -> int:
        written = await send(ledger, records)
        await ledger._producer.commit_transaction()
        await ledger._producer.begin_transaction()
        return written

    patch.object(Ledger, "_send_ledger", sent).start()


CHANGES: dict[str, Callable[[], None]] = {
    change.__name__: change
    for change in (
        small_checkpoints,
        eager_checkpoints,
        short_transactions,
        without_applied,
        read_before_fencing,
        ledger_alone,
    )
}


def run(options: Sequence[str], environment: Mapping[str, str], says: str) -> None:
    """Be a worker: in a process of its own, whose standard output and error go to a path."""
    # Else a worker would look for its broker for ever when the test that started it is killed.
    threading.Thread(target=end_with_parent, args=(0.0,), daemon=True).start()
    os.environ.update(environment)
    out = os.open(says, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)
    for name in environment.get(VARIABLE, "").split():
        CHANGES[name]()
    sys.argv = ["dcca", "worker", *options]
    main.main()


class Forked:
    """A worker forked from a process that has loaded all it needs: it starts in a tenth of the time."""

    def __init__(self, options: Sequence[str], environment: Mapping[str, str], says: Path) -> None:
        """Start it (see ``worker_process.Begin``)."""
        context = get_context("forkserver")
        # Faust too, but not what changes aiokafka for one transport: a worker may have the other.
        context.set_forkserver_preload(["__main__", main.__name__, "faust", public_feed.__name__])
        self._process = context.Process(target=run, args=(tuple(options), dict(environment), str(says)))
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        pid = self._process.pid
        assert pid is not None
        return pid

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self._process.exitcode

    def wait(self) -> int:
        """Wait for its exit code."""
        self._process.join()
        code = self._process.exitcode
        assert code is not None
        return code
