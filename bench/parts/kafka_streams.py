"""The yardstick: a Kafka Streams job that joins, counts and commits exactly once; one core, the product's Java."""

from typing import Final

from bench.figures import Figure
from bench.jvm import SOURCES, Job
from bench.run import PARTITIONS, Run
from dcc_analytics.stream.broker.jars import KAFKA, KAFKA_VERSION, Jars

#: What the broker does not have; the rest is its own.
JARS: Final = Jars(
    f"kafka-streams-{KAFKA_VERSION}",
    (f"org.apache.kafka:kafka-streams:{KAFKA_VERSION}",),
    SOURCES / "kafka-streams.sha256",
)
#: It loads RocksDB, a native library, of which Java warns otherwise.
_FLAGS: Final = ("--enable-native-access=ALL-UNNAMED",)
JOB: Final = Job("kafka-streams", "StreamsJob", (JARS, KAFKA), _FLAGS, PARTITIONS)
#: As often as ``dcca worker``.
COMMIT_EVERY_MS: Final = 1000


def measure(run: Run) -> list[Figure]:
    return JOB.measure(run, COMMIT_EVERY_MS)
