"""What the feed hands over: records of one topic-partition, fetched at a time."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

#: A topic by its name without prefix, and one of its partitions.
Place: TypeAlias = tuple[str, int]


class Record(Protocol):
    """A Kafka record, as aiokafka gives it."""

    @property
    def offset(self) -> int:
        """Its place in the topic-partition."""

    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970, said by the producer."""

    @property
    def key(self) -> bytes | None:
        """Its key, None without."""

    @property
    def value(self) -> bytes | None:
        """Its value, None without."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Its headers."""


class Fetched:
    """Records of one topic-partition, in order of offset.

    Attributes:
        topic, partition: where they are from.
        position: the offset the fetch began at.
        next_position: the offset after it; beyond the last record where transaction markers follow.
        records: may be empty, when only markers were passed.
        acknowledge: called when all are folded and committed.
    """

    __slots__ = ("acknowledge", "next_position", "partition", "position", "records", "topic")

    def __init__(  # noqa: PLR0917 (made once a fetch, always of all six)
        self,
        topic: str,
        partition: int,
        position: int,
        next_position: int,
        records: Sequence[Record],
        acknowledge: Callable[[], object],
    ) -> None:
        """Hold what was fetched."""
        self.topic = topic
        self.partition = partition
        self.position = position
        self.next_position = next_position
        self.records = records
        self.acknowledge = acknowledge
