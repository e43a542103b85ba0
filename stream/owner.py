"""Between a feed and the owner of shards that it feeds: what each asks of the other, and which feeds there are.

A feed is a member of the group: it tells the owner which partitions are his, and hands him what it fetches of them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

from aiokafka.errors import (
    InconsistentGroupProtocolError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from dcc_analytics.catalogue.errors import BrokerError, DccaError, StateError, UsageError
from dcc_analytics.stream.access import not_permitted
from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.security import Credentials

#: A worker silent for so long loses its partitions. The least that brokers allow unless told otherwise
#: (``group.min.session.timeout.ms``): what a killed worker had moves again within ten seconds.
SESSION_TIMEOUT_S: Final = 6.0

#: Fetched of a partition at a time, compressed, and handed over of all at a time. Records take some ten times the bytes
#: in memory, and wait there for the topics they are folded in step with.
FETCH_BYTES: Final = 1024 * 1024
FETCH_RECORDS: Final = 5_000


class Transport(StrEnum):
    """How records are fetched; all workers of an application fetch in the same way.

    Attributes:
        BATCHES: by Faust, whose insides are changed to hand over batches (``stream.transport``).
        PUBLIC: by what aiokafka offers to everyone (``stream.public_feed``).
    """

    BATCHES = "batches"
    PUBLIC = "public"


class Owner(Protocol):
    """Owns shards: told of its partitions, handed their records."""

    async def assigned(self, partitions: set[int]) -> None:
        """Take partitions on; may return before they are open."""

    async def revoked(self, partitions: set[int]) -> None:
        """Give partitions up; when this returns another worker may have them."""

    def take(self, fetched: Fetched) -> None:
        """Take fetched records of an open partition."""

    def wants(self, topic: str, partition: int) -> bool:
        """Return whether more of a topic is wanted now."""

    def ends(self, topic: str, partition: int, end: int) -> None:
        """Learn the offset after the last record of a topic-partition."""


class Feeding(Protocol):
    """What an owner asks of a feed."""

    async def begin(self, partition: int, offsets: Mapping[str, int]) -> None:
        """Fetch a partition of the given topics from these offsets on.

        Raises:
            KafkaError: the group has taken it meanwhile; it is opened anew where it is given back.
        """

    def end(self, topics: Sequence[str], partition: int) -> None:
        """Fetch a partition of the given topics no more, until ``begin``."""

    def owns(self, partition: int) -> bool:
        """Return whether the group gives this worker a partition now."""

    async def run(self, until: asyncio.Event) -> None:
        """Run until an event is set; the owner has given up its partitions by then.

        Raises:
            BrokerError, AccessError: Kafka is away, or does not permit it.
            UsageError: other workers of the application fetch in another way.
            StateError: records were deleted before they were folded.
        """


class MakesFeeding(Protocol):
    """How a feed is made."""

    def __call__(
        self,
        owner: Owner,
        *,
        bootstrap: str,
        application: str,
        topics: Sequence[str],
        state_dir: Path,
        session_timeout_s: float = SESSION_TIMEOUT_S,
        credentials: Credentials | None = None,
    ) -> Feeding:
        """Make a feed; ``run`` starts it.

        Args:
            owner: whose shards are fed.
            bootstrap: brokers, ``host:port`` separated by commas.
            application: the consumer group; workers with the same share the partitions.
            topics: the co-partitioned source topics, with their prefix.
            state_dir: a folder it may write to.
            session_timeout_s: a worker silent for so long loses its partitions.
            credentials: whether by TLS, and as which user; plain where None.

        Raises:
            StateError: the folder can't be made.
        """


def is_of_before(error: KafkaError, begun: Mapping[Any, int]) -> bool:
    """Return whether a fetch failed over an offset of before the seek to where a shard begins.

    Between both the client goes by the group's offset, which is none of ours: there may be none, or one out of range.

    Args:
        error: of the fetch.
        begun: by topic-partition the offset the next fetch begins at, of those that were sought.
    """
    if isinstance(error, OffsetOutOfRangeError):
        return not any(begun.get(tp) == offset for tp, offset in error.args[0].items())
    return isinstance(error, NoOffsetForPartitionError)


def make_folder(state_dir: Path) -> None:
    """Make the folder of a worker.

    Raises:
        StateError: it can't be made.
    """
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f"the folder {state_dir} can't be made ({error}); give another with --state") from error


def lost(error: KafkaError) -> DccaError:
    """Return in words why a feed can't go on."""
    if isinstance(error, InconsistentGroupProtocolError):
        return UsageError(
            "other workers of this --application fetch by another --transport, and the group is theirs; give all the "
            "same, and stop every one before the first starts with another"
        )
    if isinstance(error, OffsetOutOfRangeError):
        return StateError(
            f"records were deleted before they were folded ({error}); see to the retention of the topics, and fold "
            "anew what is left of their months with another --application"
        )
    return not_permitted(error) or BrokerError(
        f"the worker lost Kafka ({type(error).__name__}: {error}); check --bootstrap and the broker"
    )
