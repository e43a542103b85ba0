"""How Kafka is reached: one value that every client of the product is made from, and how clients are let go."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError, NodeNotReadyError, RequestTimedOutError

from dcc_analytics.catalogue.errors import BrokerError, TopicError
from dcc_analytics.stream.security import Credentials

log = logging.getLogger("dcca.kafka")

#: Longest time a client may take to stop.
STOP_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the brokers are and how topics are named.

    Attributes:
        bootstrap: ``host:port``, several separated by commas.
        prefix: leads the name of every topic, so that several feeds can share a cluster.
        renamed: other names of topics than the product's own words for them.
        credentials: whether by TLS, and as which user.
    """

    bootstrap: str
    prefix: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    credentials: Credentials = field(default_factory=Credentials)

    def topic(self, name: str) -> str:
        """Return a topic's name on the cluster."""
        return f"{self.prefix}{self.renamed.get(name, name)}"

    def own(self, application: str) -> str:
        """Return what an application is called on the cluster: the same one under two prefixes is two."""
        return f"{self.prefix}{application}"

    def options(self) -> dict[str, Any]:
        """Return what aiokafka's clients are made with."""
        return {"bootstrap_servers": self.bootstrap, **self.credentials.options()}


def no_answer(connection: Connection) -> BrokerError:
    """Return the error of whoever finds no broker."""
    where, spoken = connection.bootstrap, connection.credentials.protocol
    return BrokerError(f"no Kafka answers at {where}; check --bootstrap and the broker, and that it speaks {spoken}")


def silent(error: KafkaError) -> BrokerError | None:
    """Return in words that a broker answers no more, or never did at its own address; None for any other error."""
    if not isinstance(error, KafkaConnectionError | NodeNotReadyError | KafkaTimeoutError | RequestTimedOutError):
        return None
    return BrokerError(
        f"Kafka was reached and a broker does not answer ({type(error).__name__}: {' '.join(error.args)}); see that it "
        "runs and can be reached where it says it is: `dcca doctor` names it"
    )


class _Client(Protocol):
    """What every client of aiokafka has inside."""

    async def fetch_all_metadata(self) -> Any:  # noqa: ANN401 (aiokafka's cluster)
        """Ask the brokers what topics there are now."""


async def partitions_now(client: _Client, topic: str) -> int:
    """Return how many partitions a topic has as it is now.

    All topics are asked for: aiokafka's public calls answer from what they knew before, and to ask for one topic
    waits half a minute for it to come.

    Args:
        client: the inner client of a producer or consumer.
        topic: its name on the cluster.

    Raises:
        TopicError: there is no such topic.
    """
    cluster = await client.fetch_all_metadata()
    known = cluster.partitions_for_topic(topic)
    if not known:
        raise TopicError(f"there is no topic {topic}; run `dcca topics create` first")
    return len(known)


async def let_go(client: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Stop a client, whatever it waits for, and return; what a producer has not sent is dropped.

    aiokafka cancels its own tasks, and where one sleeps between two tries it lets their cancellation out: who stops a
    consumer would take himself for cancelled. And without a broker a producer waits for ever for what it has not sent.
    """
    stopping = asyncio.ensure_future(client.stop())
    await asyncio.wait({stopping}, timeout=STOP_S)
    error = stopping.exception() if stopping.done() and not stopping.cancelled() else asyncio.CancelledError()
    if error is not None:
        stopping.cancel()
        log.warning("client_cut_off kind=%s error=%r", type(client).__name__, error)
        inner = client._client if isinstance(client, AIOKafkaConsumer) else client.client  # noqa: SLF001 (see Extents)
        await inner.close()
