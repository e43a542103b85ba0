"""What came out of a world, and whether it is what must come out: at the end, and at any moment before."""

from collections import Counter

from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import SOURCES, STRAYS, WHOLE, read_stray
from dcc_analytics.stream.topics import DEAD_LETTERS
from tests.driver import LogRecord, MemoryEstate
from tests.properties.plans import unbalanced
from tests.simulation.broker import Place
from tests.simulation.figures import Figures, figures_of
from tests.simulation.process import APPLICATION, LEDGER
from tests.simulation.world import World, WrongError


def ledger_state(world: World, partition: int) -> ShardState:
    """Return the state a ledger's partition holds."""
    records: dict[bytes, bytes] = {}
    for record in world.broker.partitions[LEDGER, partition].committed():
        if record.value is None:
            records.pop(record.key or b"", None)
        else:
            records[record.key or b""] = record.value
    return read_back(records)


def check(world: World, expected: Figures) -> None:
    """See that a world at rest has come to what it must.

    Args:
        world: settled.
        expected: the figures of its feed.

    Raises:
        WrongError: it has not; says what is otherwise.
    """
    states = [ledger_state(world, partition) for partition in range(world.partitions)]
    letters = []
    for record in _committed(world, DEAD_LETTERS):
        said = {name: value.decode() for name, value in record.headers}
        letters.append((said["topic"], record.key or b"", record.value or b"", said["reason"]))
    found = figures_of(states, letters)
    wrong = [
        f"{name}: expected {expected[name]}, got {found[name]}" for name in expected if expected[name] != found[name]
    ]
    topics = {*SOURCES, DEVICES, "users", "incidents"}
    places = [place for place in world.broker.partitions if place[0] in topics]
    wrong += unbalanced({place: len(world.broker.partitions[place].committed()) for place in places}, states)
    wrong += _miscounted(world, states)
    if wrong:
        raise WrongError("\n".join(wrong))


class Auditor:
    """Looks at a world after each step; ledgers that have not changed since are not read again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._states: dict[int, tuple[int, ShardState]] = {}

    def look(self) -> None:
        """See that what is committed now is right by itself.

        Raises:
            WrongError: a record below ``applied`` is not counted once, a stray or a dead letter is not out once, or the
                figures of a ledger are not those of the records below its ``applied``.
        """
        world, wrong = self._world, []
        for partition in range(world.partitions):
            records = len(world.broker.partitions[LEDGER, partition].committed())
            if self._states.get(partition, (-1,))[0] != records:
                state = ledger_state(world, partition)
                self._states[partition] = records, state
                wrong += _uncounted(world, partition, state) + _refolded_otherwise(world, partition, state)
        wrong += _miscounted(world, [state for _, state in self._states.values()])
        if wrong:
            raise WrongError("\n".join(wrong))


def _committed(world: World, topic: str) -> list[LogRecord]:
    places = [place for place in world.broker.partitions if place[0] == topic]
    return [record for place in places for record in world.broker.partitions[place].committed()]


def _below(world: World, place: Place, offset: int) -> list[LogRecord]:
    return [record for record in world.broker.partitions[place].committed() if record.offset < offset]


def _uncounted(world: World, partition: int, state: ShardState) -> list[str]:
    """Return topics of which not each record below ``applied`` is of one class."""
    classed: Counter[str] = Counter()
    for (name, topic), count in state.counters.items():
        if topic and name in set(RecordClass):
            classed[topic] += count
    wrong = []
    for name, applied in state.applied.items():
        topic, _, number = name.partition("/")
        folded = len(_below(world, (topic, int(number)), applied))
        if folded != classed[topic]:
            wrong.append(f"partition {partition}: {folded} records of {topic} below applied, {classed[topic]} classed")
    return wrong


def _miscounted(world: World, states: list[ShardState]) -> list[str]:
    """Return which strays and dead letters are out more than once, or not with the commits that count them."""
    wrong = []
    for topic, of in ((STRAYS, RecordClass.STRAY), (DEAD_LETTERS, RecordClass.DEAD_LETTER)):
        sent = Counter(tuple(tuple(header) for header in record.headers) for record in _committed(world, topic))
        wrong += [f"{topic} has {each} {times} times" for each, times in sent.items() if times > 1]
        whole = sum(topic == DEAD_LETTERS or read_stray(each).part == WHOLE for each in _committed(world, topic))
        counted = sum(count for state in states for (name, _), count in state.counters.items() if name == of)
        if whole != counted:
            wrong.append(f"{whole} records are in {topic}, {counted} are counted")
    return wrong


def _refolded_otherwise(world: World, partition: int, state: ShardState) -> list[str]:
    """Return which figures of a ledger are not those of its records folded in one go."""
    shard = Shard(partition, world.partitions, ShardState(), MemoryEstate(), APPLICATION)
    for topic in (DEVICES, "users", "incidents"):
        applied = state.applied.get(f"{topic}/{partition}", 0)
        shard.fold_reference(_fetched(world, (topic, partition), applied))
    shard.reference_is_read()
    for topic in SOURCES:
        applied = state.applied.get(f"{topic}/{partition}", 0)
        shard.clocks[topic].end = applied
        shard.offer(_fetched(world, (topic, partition), applied))
    shard.advance(10**9)
    shard.horizon(state.horizon_us)
    shard.state.cut()
    return _differences(figures_of([shard.state], ()), figures_of([state], ()))


def _differences(expected: Figures, found: Figures) -> list[str]:
    names = [name for name in expected if expected[name] != found[name]]
    return [f"{name}: expected {expected[name]}, got {found[name]}" for name in names]


def _fetched(world: World, place: Place, applied: int) -> Fetched:
    return Fetched(*place, 0, applied, _below(world, place, applied), lambda: None)
