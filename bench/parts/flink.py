"""The yardstick: a Flink job that joins, counts and checkpoints exactly once; one core, the product's Java."""

from typing import Final

from bench.figures import Figure
from bench.jvm import SOURCES, Job
from bench.run import Run
from dcc_analytics.stream.broker.jars import KAFKA, Jars

_VERSION: Final = "2.2.1"
#: The connector runs with the Kafka client of the broker's jars, in place of an older one of its own.
JARS: Final = Jars(
    f"flink-{_VERSION}",
    (
        f"org.apache.flink:flink-clients:{_VERSION}",
        f"org.apache.flink:flink-connector-base:{_VERSION}",
        f"org.apache.flink:flink-statebackend-rocksdb:{_VERSION}",
        "org.apache.flink:flink-connector-kafka:5.0.0-2.2",
    ),
    SOURCES / "flink.sha256",
)
#: It loads RocksDB, a native library, of which Java warns otherwise.
_FLAGS: Final = ("--enable-native-access=ALL-UNNAMED",)
#: What belongs together meets by its key, whichever partition it comes from.
JOB: Final = Job("flink", "FlinkJob", (JARS, KAFKA), _FLAGS, partitions=1)
#: As often as ``dcca worker`` commits.
CHECKPOINT_EVERY_MS: Final = 1000


def measure(run: Run) -> list[Figure]:
    return JOB.measure(run, CHECKPOINT_EVERY_MS)
