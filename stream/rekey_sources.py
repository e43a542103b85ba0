"""What may be moved where: foreign topics and the product's, as they are named and as they are on the brokers."""

from collections import Counter
from collections.abc import Iterable, Sequence

from dcc_analytics.catalogue.errors import TopicError, UsageError
from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.rekeyed import KINDS, Source


def group_of(connection: Connection) -> str:
    """Return the group that moves records to the topics of a prefix."""
    return connection.topic("rekey")


def parsed(text: str) -> Source:
    """Return the source a text names.

    Raises:
        UsageError: it is not ``SOURCE=TOPIC``.

    >>> parsed("toc.alerts=alerts")
    Source(topic='toc.alerts', kind='alerts')
    """
    topic, sign, kind = text.rpartition("=")
    if not topic or not sign:
        raise UsageError(f"--from {text}: give SOURCE=TOPIC, for example --from toc-alerts=alerts")
    return Source(topic, kind)


def checked(connection: Connection, sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return sources as they may be.

    Raises:
        UsageError: none is named, one is named twice, or one leads to no topic of the product or is one itself.
    """
    if not sources:
        raise UsageError("no source is named; give --from SOURCE=TOPIC, for example --from toc-alerts=alerts")
    targets = {connection.topic(kind) for kind in KINDS}
    for name, count in Counter(source.topic for source in sources).items():
        if count > 1:
            raise UsageError(f"{name} is named {count} times; a source has one topic it is moved to")
    for source in sources:
        if source.kind not in KINDS:
            raise UsageError(f"{source.topic}={source.kind}: records are moved to one of {', '.join(KINDS)}")
        if source.topic in targets:
            raise UsageError(f"{source.topic} is the product's own topic; name the feed's, or give another --prefix")
    return tuple(sources)


async def places_of(extents: Extents, names: Iterable[str]) -> list[Place]:
    """Return the partitions of foreign topics.

    Args:
        extents: asked; of a connection without prefix.
        names: on the cluster.

    Raises:
        TopicError: there is no such topic.
    """
    places: list[Place] = []
    for topic in names:
        try:
            places += [(topic, partition) for partition in range(await extents.partitions(topic))]
        except TopicError as missing:
            raise TopicError(f"there is no topic {topic} to move records from; correct --from") from missing
    return places


async def partitions_of_targets(connection: Connection, sources: Iterable[Source]) -> dict[str, int]:
    """Return how many partitions each topic has that records are moved to.

    Raises:
        TopicError: one is missing, or they are not co-partitioned.
    """
    async with Extents(connection) as extents:
        found = {kind: await extents.partitions(kind) for kind in sorted({source.kind for source in sources})}
    together = {kind: count for kind, count in found.items() if kind in {*DECODERS, "devices"}}
    if len(set(together.values())) > 1:
        told = ", ".join(f"{connection.topic(kind)} has {count}" for kind, count in together.items())
        raise TopicError(
            f"co-partitioned topics differ in their numbers of partitions ({told}): records of one Device would part; "
            "make the topics anew under another --prefix"
        )
    return found
