"""The feed: a Faust application that hands fetched records to an owner of shards.

Faust gives the group, its rebalances and the worker's life cycle; what is folded and where reading begins is the
owner's. One agent consumes all source topics; a shard is the same partition of each.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import faust
from aiokafka.errors import KafkaError
from faust.types import TP

from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.owner import FETCH_BYTES, FETCH_RECORDS, SESSION_TIMEOUT_S, Owner, lost, make_folder
from dcc_analytics.stream.security import Credentials
from dcc_analytics.stream.transport import BatchConsumer, BatchTransport

log = logging.getLogger(__name__)

#: Longest time Faust may take to stop. All that matters is committed by then; to leave the group in good form is only
#: kind to others.
STOP_S: Final = 20.0


class _App(faust.App):
    """Faust's application, which its transport asks what to fetch."""

    feed: "Feed"


def _of_faust(credentials: Credentials) -> faust.auth.Credentials | None:
    """Return credentials as Faust's consumer takes them."""
    if credentials.protocol.sasl:
        return faust.auth.SASLCredentials(
            username=credentials.username,
            password=credentials.password,
            ssl_context=credentials.context,
            mechanism=credentials.mechanism,
        )
    return None if credentials.context is None else faust.auth.SSLCredentials(credentials.context)


class Feed:
    """The Faust application of one worker."""

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
        """Make the application; ``run`` starts it (see ``owner.MakesFeeding``)."""
        self._owner = owner
        make_folder(state_dir)
        app = _App(
            application,
            broker=[f"kafka://{address}" for address in bootstrap.split(",")],
            store="memory://",
            autodiscover=False,
            web_enabled=False,
            datadir=str(state_dir / "faust"),
            topic_disable_leader=True,
            topic_allow_declare=False,
            # Where reading begins is the ledger's to say; what is there no more has to be an error.
            consumer_auto_offset_reset="none",
            consumer_max_fetch_size=FETCH_BYTES,
            broker_max_poll_records=FETCH_RECORDS,
            broker_commit_interval=1.0,
            broker_session_timeout=session_timeout_s,
            broker_heartbeat_interval=session_timeout_s / 5,
            broker_credentials=_of_faust(credentials or Credentials()),
            stream_buffer_maxsize=16,
            stream_wait_empty=False,
        )
        app.feed = self
        app.transport = BatchTransport(app.conf.broker, app, app.loop)
        self._app = app
        channel = app.topic(*topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        app.agent(channel, name="fold")(self._fold)
        app.on_partitions_assigned.connect(self._on_assigned)  # type: ignore[arg-type]  # Faust's types are amiss here
        app.on_partitions_revoked.connect(self._on_revoked)  # type: ignore[arg-type]

    async def _fold(self, stream: Any) -> None:  # noqa: ANN401 (a Faust stream)
        async for event in stream.noack().events():
            fetched: Fetched = event.message.value
            fetched.acknowledge = event.ack
            self._owner.take(fetched)

    async def _on_assigned(self, _app: faust.App, tps: set[TP], **_: object) -> None:
        await self._owner.assigned({tp.partition for tp in tps})

    async def _on_revoked(self, _app: faust.App, tps: set[TP], **_: object) -> None:
        self.consumer.end(tps)
        await self._owner.revoked({tp.partition for tp in tps})

    # -- asked by the transport ----------------------------------------------------------------------------

    def wants(self, tp: TP) -> bool:
        """Return whether more of a topic-partition is wanted now."""
        return self._owner.wants(tp.topic, tp.partition)

    def ends(self, tp: TP, end: int) -> None:
        """Pass on the end of a topic-partition."""
        self._owner.ends(tp.topic, tp.partition, end)

    # -- asked by the owner --------------------------------------------------------------------------------

    @property
    def consumer(self) -> BatchConsumer:
        """Faust's consumer."""
        consumer = self._app.consumer
        if not isinstance(consumer, BatchConsumer):
            raise TypeError(f"Faust made another consumer than the transport's: {type(consumer).__name__}")
        return consumer

    async def begin(self, partition: int, offsets: Mapping[str, int]) -> None:
        """Fetch a partition of the given topics from these offsets on."""
        await self.consumer.begin({TP(topic, partition): offset for topic, offset in offsets.items()})

    def end(self, topics: Sequence[str], partition: int) -> None:
        """Fetch a partition of the given topics no more, until ``begin``."""
        self.consumer.end({TP(topic, partition) for topic in topics})

    def owns(self, partition: int) -> bool:
        """Return whether the group gives this worker a partition now."""
        return any(tp.partition == partition for tp in self.consumer.assignment())

    async def run(self, until: asyncio.Event) -> None:
        """Run until an event is set (see ``owner.Feeding``)."""
        app = self._app
        try:
            await app.start()
            crashed = asyncio.ensure_future(app.wait_until_stopped())
            asked = asyncio.ensure_future(until.wait())
            await asyncio.wait({crashed, asked}, return_when=asyncio.FIRST_COMPLETED)
            reason = app.crash_reason
            crashed.cancel()
            asked.cancel()
        except KafkaError as broken:
            raise lost(broken) from broken
        finally:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(STOP_S):
                    await app.stop()
        if reason is not None and not until.is_set():
            raise lost(reason) if isinstance(reason, KafkaError) else reason
