"""Whether the topics a worker needs are there and fit together: a shard is the same partition of each."""

from collections.abc import Mapping

from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.strays import SOURCES, STRAYS
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


def folded_from(applied: Mapping[str, int], starts: Mapping[str, int]) -> dict[str, int]:
    """Return the offset from which a shard folds each of its source topics, whether it is still there or not.

    A shard that has folded nothing takes what there is: older records are gone by the topic's retention, as strays are
    of which it had none yet. One that has begun goes on from where it is, in a topic of which it had no record too.

    Args:
        applied: by topic the offset after the last record it has folded, 0 for none.
        starts: by topic the first offset there is.

    >>> folded_from({"strays": 0, "alerts": 0}, {"strays": 3, "alerts": 5})
    {'strays': 3, 'alerts': 5}
    >>> folded_from({"strays": 0, "alerts": 0, "devices": 7}, {"strays": 3, "alerts": 5, "devices": 1})
    {'strays': 3, 'alerts': 0, 'devices': 7}
    """
    new = not any(applied.values())
    return {
        topic: starts[topic] if new or (topic == STRAYS and offset == 0) else offset
        for topic, offset in applied.items()
    }


def partitions_added(now: int, before: int) -> StateError:
    """Return the error of a worker that is given a partition which was not there when it started."""
    return StateError(
        f"the source topics have {now} partitions or more, there were {before} when this worker started: somebody "
        "added partitions, and records of one Device part; nothing is folded on. Make topics anew under another "
        "--prefix, move the records there by `dcca rekey` and fold them beside (docs/upgrading.md, More partitions)"
    )
