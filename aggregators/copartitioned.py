"""Whether the topics a worker needs are there and fit together: a shard is the same partition of each."""

from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.strays import SOURCES
from dcc_analytics.stream.topics import clocks_name, ledger_name


async def checked_partitions(connection: Connection, application: str, extents: Extents) -> int:
    """Return how many shards there are.

    Args:
        connection: names the topics.
        application: whose ledger and clocks.
        extents: asked for numbers of partitions.

    Raises:
        StateError: co-partitioned topics differ in theirs.
        TopicError: a topic is missing.
    """
    ledger = ledger_name(application)
    counts = {name: await extents.partitions(name) for name in (*SOURCES, DEVICES, ledger)}
    if len(set(counts.values())) > 1:
        words = ", ".join(f"{connection.topic(name)} {count}" for name, count in counts.items())
        raise StateError(
            f"co-partitioned topics differ in their numbers of partitions ({words}): records of one Device would "
            "part; make them anew with `dcca topics create` under another --prefix, and move the records there "
            "(docs/upgrading.md, More partitions)"
        )
    await extents.partitions(clocks_name(application))
    return counts[ledger]


def partitions_added(now: int, before: int) -> StateError:
    """Return the error of a worker that is given a partition which was not there when it started."""
    return StateError(
        f"the source topics have {now} partitions or more, there were {before} when this worker started: somebody "
        "added partitions, and records of one Device part; nothing is folded on. Make topics anew under another "
        "--prefix, move the records there by `dcca rekey` and fold them beside (docs/upgrading.md, More partitions)"
    )
