"""Which feed a worker gets, and whether what the batch transport leans on inside Faust and aiokafka is there.

Names are looked for, before anything of them is changed. That they still do what they did is for
``tests/stream/test_transport.py`` to see, on a real broker, before a version is raised.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import InconsistentGroupProtocolError, KafkaError

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.own_topics import started_admin
from dcc_analytics.stream.owner import MakesFeeding, Transport, lost

#: Private names that ``stream.transport`` uses, by the class that has them. Some are set by its ``__init__`` alone.
INSIDES: Final[Mapping[str, tuple[str, ...]]] = {
    "aiokafka.consumer.fetcher:PartitionRecords": ("_consumer_record",),
    "aiokafka:AIOKafkaConsumer": ("_isolation_level", "_fetch_max_wait_ms", "_subscription"),
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread": (
        "_consumer", "_create_worker_consumer", "_ensure_consumer",
    ),
    "faust.transport.drivers.aiokafka:Consumer": (
        "_acked", "_acked_index", "_add_gap", "_get_active_partitions", "_new_consumer_thread", "_new_offset",
        "_thread",
    ),
}  # fmt: skip
#: What every worker needs: ``stream.extents`` asks by it for the number of partitions, ``stream.kafka`` closes it.
SHARED: Final[Mapping[str, tuple[str, ...]]] = {"aiokafka:AIOKafkaConsumer": ("_client",)}


def feed_of(transport: Transport) -> MakesFeeding:
    """Return what makes the feed of a transport.

    Only the one asked for is loaded: the batch transport changes aiokafka for the whole process.

    Raises:
        UsageError: what it leans on is not there any more.
    """
    if moved := sorted(missing(SHARED)):
        raise UsageError(
            f"a worker leans on what {_versions()} no longer have: {', '.join(moved)}; install the versions of "
            "requirements.lock"
        )
    if transport is Transport.PUBLIC:
        from dcc_analytics.stream.public_feed import PublicFeed  # noqa: PLC0415 (see above)

        return PublicFeed
    if moved := sorted(missing(INSIDES)):
        raise UsageError(
            f"--transport batches leans on what {_versions()} no longer have: {', '.join(moved)}; install the versions "
            "of requirements.lock, or give every worker --transport public, which needs nothing of it and is slower"
        )
    from dcc_analytics.stream.feed import Feed  # noqa: PLC0415 (see above)

    return Feed


async def check_group(connection: Connection, application: str, transport: Transport) -> None:
    """See that nobody who fetches in another way is in the group: Faust would wait for ever to be let in.

    Raises:
        UsageError: somebody is.
        BrokerError: Kafka can't be reached.
    """
    admin = await started_admin(connection)
    try:
        (told,) = await admin.describe_consumer_groups([connection.own(application)])
    except KafkaError:  # no group of these brokers has a coordinator yet, or we shall hear of it when we join
        return
    finally:
        await admin.close()
    protocol = told.to_object()["groups"][0]["protocol"]
    if protocol and (protocol == RangePartitionAssignor.name) is not (transport is Transport.PUBLIC):
        raise lost(InconsistentGroupProtocolError())


def _versions() -> str:
    found = []
    for name in ("faust-streaming", "aiokafka"):
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return " and ".join(found)


def missing(insides: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield each of these names, by class, that is not there."""
    for where, names in insides.items():
        module, _, kind = where.partition(":")
        try:
            found = getattr(import_module(module), kind)
        except (ImportError, AttributeError):
            yield f"{module}.{kind}"
            continue
        yield from (f"{kind}.{name}" for name in names if not _has(found, name))


def _has(kind: Any, name: str) -> bool:  # noqa: ANN401 (any class)
    """Return whether instances of a class have a name: of the class, or set when they are made."""
    makers = (each.__dict__.get("__init__") for each in kind.__mro__)
    codes = (getattr(maker, "__code__", None) for maker in makers)
    return hasattr(kind, name) or any(code is not None and name in code.co_names for code in codes)
