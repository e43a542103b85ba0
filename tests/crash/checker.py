"""The checker: what is in a ledger beside what should be, as a list of differences; none is the aim."""

from collections import Counter
from collections.abc import Iterator

from dcc_analytics.snapshot.alerts import ALERT_CELL, month_alerts
from dcc_analytics.snapshot.benchmarks import by_member
from dcc_analytics.snapshot.collect import Collected, collect
from dcc_analytics.snapshot.round_trips import round_trips
from dcc_analytics.stream.dead_letters import read_dead_letters
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.outcomes import RecordClass
from tests.conftest import APPLICATION
from tests.crash.feeds import Feed
from tests.in_process import collected
from tests.recorded_sample import counted, directory_and_inventory, lines
from tests.sliced_sample import EVENTS

CLASSES = frozenset(RecordClass)
#: What cells of Alerts are told apart by; those of several shards, as a record without key may go to any, are one.
_ALERT = tuple(name for name in ALERT_CELL if name not in {"party", "group"})


async def differences(feed: Feed, connection: Connection) -> list[str]:
    """Return in what the ledger, and the dead letters beside it, differ from what the whole feed must give."""
    found = await collect(connection, APPLICATION)
    told = list(differences_of_figures(feed, found))
    letters = Counter(
        [(each["topic"], each["timestamp"], each["reason"]) async for each in read_dead_letters(connection)]
    )
    wanted = Counter((each.topic, each.timestamp_ms, each.reason) for each in feed.expected.dead_letters)
    for name, left in (("missing", wanted - letters), ("too many", letters - wanted)):
        if left:
            told.append(f"dead letters {name}: {left.total()}, such as {next(iter(left))}")
    return told


def differences_of_figures(feed: Feed, found: Collected) -> Iterator[str]:
    """Yield in what a ledger differs from what the whole feed must give."""
    expected = collected(feed.expected)
    if found.behind:
        yield f"{found.behind} records are not folded"
    for topic in EVENTS:
        there, classed = sum(1 for _ in lines(topic, feed.source)), _classed(found, topic)
        if there != classed:
            yield f"{topic}: {there} records are there, {classed} were classed"
    wanted, counts = counted(expected.states), counted(found.states)
    if wanted != counts:
        yield f"counters: expected {wanted}, got {counts}"
    directory, inventory = directory_and_inventory(feed.source)
    tables = []
    for each in (expected, found):
        trips = round_trips(each.states, feed.month, each.clock_us, directory, inventory)
        alerts = by_member(month_alerts(each.states, feed.month, directory).cells, _ALERT)
        tables.append((trips.cells, trips.failures, alerts))
    for name, one, other in zip(("cells", "failures", "alerts"), *tables, strict=True):
        if not one.sort(one.columns).equals(other.sort(other.columns)):  # shards are merged in no order
            yield f"{name}: expected {one.height} rows, got {other.height}, and they differ"


def _classed(found: Collected, topic: str) -> int:
    """Return how many records of a topic became something, in all shards."""
    counts = (item for state in found.states for item in state.counters.items())
    return sum(count for (name, of), count in counts if of == topic and name in CLASSES)
