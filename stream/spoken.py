"""What brokers say they speak, set against what the product asks of them. Pure.

A broker tells, to anyone, which requests it takes in which versions, and the features its cluster has agreed on. It
does not tell its release: ``metadata.version`` is a lower bound, which stays behind after an upgrade until somebody
raises it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

#: Feature whose level says of which release every broker is at least.
METADATA_VERSION: Final = "metadata.version"
#: Highest level of it in each release. Source: ``kafka-storage.sh version-mapping`` of Kafka 4.4.
LEVELS: Final = {
    7: "3.3", 8: "3.4", 11: "3.5", 14: "3.6", 19: "3.7", 20: "3.8", 21: "3.9", 25: "4.0", 27: "4.1", 29: "4.2",
    30: "4.3", 33: "4.4",
}  # fmt: skip


class Need(NamedTuple):
    """A request the product sends.

    Attributes:
        key: of Kafka's protocol.
        name: by which Kafka calls it.
        least: the first version that does what it is sent for.
        most: the last one that the product's client has.
        since: the release of Kafka whose brokers take ``least``.
        what: it is sent for.
    """

    key: int
    name: str
    least: int
    most: int
    since: str
    what: str

    def __str__(self) -> str:
        """Return it for people."""
        versions = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
        return f"{self.name} {versions}, for {self.what}"


#: Versions are those of aiokafka's requests, and of ours in ``protocol``; the client takes the newest both sides have.
#: Source: the message definitions of Apache Kafka.
NEEDED: Final = (
    Need(0, "Produce", 3, 7, "0.11", "writing in transactions"),
    Need(1, "Fetch", 4, 11, "0.11", "reading what is committed alone"),
    Need(2, "ListOffsets", 2, 3, "0.11", "knowing how far that reaches"),
    Need(3, "Metadata", 1, 5, "0.10", "finding brokers and topics"),
    Need(3, "Metadata", 8, 8, "2.3", "seeing what a user may do"),
    Need(8, "OffsetCommit", 2, 3, "0.9", "sharing partitions"),
    Need(9, "OffsetFetch", 1, 3, "0.9", "sharing partitions"),
    Need(10, "FindCoordinator", 1, 1, "0.11", "writing in transactions"),
    Need(11, "JoinGroup", 0, 5, "0.9", "sharing partitions"),
    Need(12, "Heartbeat", 0, 1, "0.9", "sharing partitions"),
    Need(13, "LeaveGroup", 0, 1, "0.9", "sharing partitions"),
    Need(14, "SyncGroup", 0, 3, "0.9", "sharing partitions"),
    Need(15, "DescribeGroups", 0, 3, "0.9", "seeing who shares partitions"),
    Need(19, "CreateTopics", 0, 3, "0.10.1", "making topics"),
    Need(20, "DeleteTopics", 0, 3, "0.10.1", "removing the topics of a rebuild"),
    Need(22, "InitProducerId", 0, 0, "0.11", "writing in transactions"),
    Need(24, "AddPartitionsToTxn", 0, 0, "0.11", "writing in transactions"),
    Need(25, "AddOffsetsToTxn", 0, 0, "0.11", "moving a feed in transactions"),
    Need(26, "EndTxn", 0, 0, "0.11", "writing in transactions"),
    Need(28, "TxnOffsetCommit", 0, 0, "0.11", "moving a feed in transactions"),
    Need(32, "DescribeConfigs", 0, 2, "0.11", "seeing how long records are kept"),
    Need(33, "AlterConfigs", 0, 1, "0.11", "setting how long records are kept"),
)
#: The oldest release whose brokers take all of them.
OLDEST: Final = "2.3"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a broker says it speaks.

    Attributes:
        versions: first and last of each request it takes, by key.
        features: level of each its cluster has agreed on, by name; none from brokers before Kafka 2.7.
    """

    versions: Mapping[int, tuple[int, int]]
    features: Mapping[str, int] = field(default_factory=dict)

    def too_old(self) -> Iterator[Need]:
        """Yield what it does not take yet."""
        return (need for need in NEEDED if self.versions.get(need.key, (0, -1))[1] < need.least)

    def too_new(self) -> Iterator[Need]:
        """Yield what it does not take any more."""
        return (need for need in NEEDED if self.versions.get(need.key, (0, -1))[0] > need.most)

    def takes_all(self) -> bool:
        """Return whether it takes all that is asked of it."""
        return not any(self.too_old()) and not any(self.too_new())


def level_words(level: int) -> str:
    """Return a level of ``metadata.version`` with the release that has it.

    >>> level_words(33), level_words(28), level_words(34)
    ('metadata.version 33 (Kafka 4.4)', 'metadata.version 28 (Kafka 4.2)', 'metadata.version 34 (after Kafka 4.4)')
    """
    release = next((f"Kafka {name}" for highest, name in LEVELS.items() if level <= highest), None)
    return f"{METADATA_VERSION} {level} ({release or f'after Kafka {list(LEVELS.values())[-1]}'})"
