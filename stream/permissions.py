"""What each part has to be granted where Kafka asks who may do what: nothing more, and nothing less.

One table, from which ``dcca acl`` prints and grants rules, a part checks before it begins that it has them, and
``dcca doctor`` looks for what is missing. Reading and writing include describing, as Kafka has it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.reference import REFERENCE_TOPICS
from dcc_analytics.stream.rekey_sources import group_of
from dcc_analytics.stream.strays import STRAYS
from dcc_analytics.stream.topics import DEAD_LETTERS, REPLAYS, clocks_name, ledger_name, topics


class Part(StrEnum):
    """Who is granted anything, by what it does."""

    PUBLISH = "publish"
    REKEY = "rekey"
    WORKER = "worker"
    MONTH = "month"
    LIVE = "live"
    DEAD_LETTERS = "dead-letters"
    RETENTION = "retention"
    DOCTOR = "doctor"


#: The commands of each part.
COMMANDS: Final = {
    Part.PUBLISH: ("publish",),
    Part.REKEY: ("rekey",),
    Part.WORKER: ("worker", "ledger import"),
    Part.MONTH: ("snapshot", "audit", "explain", "ledger export", "feed check"),
    Part.LIVE: ("live",),
    Part.DEAD_LETTERS: ("dead-letters list", "dead-letters show", "dead-letters replay"),
    Part.RETENTION: ("retention prove",),
    Part.DOCTOR: ("doctor",),
}


class Resource(IntEnum):
    """What is granted access to, by Kafka's codes."""

    TOPIC = 2
    GROUP = 3
    TRANSACTIONAL_ID = 5

    @property
    def words(self) -> str:
        """Its name in Kafka's tools."""
        return self.name.lower().replace("_", "-")


class Operation(IntEnum):
    """What may be done, by Kafka's codes."""

    READ = 3
    WRITE = 4
    DESCRIBE = 8
    DESCRIBE_CONFIGS = 10

    @property
    def words(self) -> str:
        """Its name in Kafka's tools."""
        return {"DESCRIBE_CONFIGS": "DescribeConfigs"}.get(self.name, self.name.capitalize())


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing that is allowed.

    Attributes:
        resource: of what kind.
        name: on the cluster; with ``prefixed`` the beginning of it.
        operation: what may be done.
        prefixed: all that begin so.
    """

    resource: Resource
    name: str
    operation: Operation
    prefixed: bool = False

    def __str__(self) -> str:
        """Return it in words: ``Write to topic strays``."""
        towards = " to" if self.operation is Operation.WRITE and self.resource is Resource.TOPIC else ""
        which = f"{self.name}*" if self.prefixed else self.name
        return f"{self.operation.words}{towards} {self.resource.words} {which}"


def grants(part: Part, connection: Connection, application: str, *, sources: Sequence[str] = ()) -> tuple[Grant, ...]:
    """Return what a part has to be granted.

    Args:
        part: who.
        connection: for the names on the cluster.
        application: whose ledger and group; empty where the part reads the feed alone.
        sources: topics beside the product's, by their names on the cluster, whose records ``dcca rekey`` moves.
    """
    table = _topics_of(part, application)
    found = [Grant(Resource.TOPIC, connection.topic(name), operation) for operation, names in table for name in names]
    group, ledgers = connection.own(application), f"{connection.own(application)}-"
    if part is Part.WORKER:
        found.append(Grant(Resource.GROUP, group, Operation.READ))
        found.append(Grant(Resource.TRANSACTIONAL_ID, ledgers, Operation.WRITE, prefixed=True))
    if part is Part.REKEY:
        mover = group_of(connection)
        found += [Grant(Resource.TOPIC, name, Operation.READ) for name in sources]
        found.append(Grant(Resource.GROUP, mover, Operation.READ))
        found.append(Grant(Resource.TRANSACTIONAL_ID, f"{mover}-", Operation.WRITE, prefixed=True))
    if part in {Part.LIVE, Part.DOCTOR}:
        found.append(Grant(Resource.GROUP, group, Operation.DESCRIBE))
    if part is Part.DEAD_LETTERS:
        found.append(Grant(Resource.TRANSACTIONAL_ID, connection.topic(REPLAYS), Operation.WRITE))
    return tuple(found)


def _topics_of(part: Part, application: str) -> tuple[tuple[Operation, Iterable[str]], ...]:
    """Return which topics a part does what with."""
    ledger, clocks = ledger_name(application), clocks_name(application)
    read, write, describe = Operation.READ, Operation.WRITE, Operation.DESCRIBE
    if part in {Part.PUBLISH, Part.REKEY}:
        return ((write, (*DECODERS, *REFERENCE_TOPICS)),)
    if part is Part.WORKER:
        return (
            (read, (*DECODERS, *REFERENCE_TOPICS, STRAYS, ledger, clocks)),
            (write, (STRAYS, DEAD_LETTERS, ledger, clocks)),
            (Operation.DESCRIBE_CONFIGS, (DEAD_LETTERS,)),
        )
    if part is Part.MONTH:
        own = (STRAYS, DEAD_LETTERS, ledger) if application else ()
        return ((read, (*DECODERS, *REFERENCE_TOPICS, *own)),)
    if part is Part.LIVE:
        return (read, ("users", "incidents", ledger)), (describe, (*DECODERS, STRAYS))
    if part is Part.DEAD_LETTERS:
        sources = (*DECODERS, *REFERENCE_TOPICS, STRAYS)
        return (read, (*REFERENCE_TOPICS, DEAD_LETTERS, REPLAYS)), (write, (*sources, REPLAYS)), (describe, sources)
    if part is Part.RETENTION:
        records = (DEAD_LETTERS, STRAYS)
        return (read, ("devices", ledger, *records)), (Operation.DESCRIBE_CONFIGS, records)
    every = tuple(topic.name for topic in topics(application))
    unread = tuple(name for name in every if name != clocks)
    return (read, (clocks,)), (describe, unread), (Operation.DESCRIBE_CONFIGS, every)


def shell_lines(wanted: Iterable[Grant], user: str, bootstrap: str) -> Iterator[str]:
    """Yield a line of Kafka's own tool for each resource, which grants a user what is wanted.

    Args:
        wanted: what to grant.
        user: to whom, as the brokers know it.
        bootstrap: of the brokers.
    """
    by_resource: dict[tuple[Resource, str, bool], list[Operation]] = {}
    for each in wanted:
        by_resource.setdefault((each.resource, each.name, each.prefixed), []).append(each.operation)
    for (resource, name, prefixed), operations in by_resource.items():
        words = " ".join(f"--operation {each.words}" for each in operations)
        pattern = " --resource-pattern-type prefixed" if prefixed else ""
        yield (
            f"kafka-acls.sh --bootstrap-server {bootstrap} --command-config admin.properties --add "
            f"--allow-principal 'User:{user}' {words} --{resource.words} '{name}'{pattern}"
        )
