"""Plans: how a feed comes in and is read, as Hypothesis draws it, and what must be the same whatever the plan.

A plan is a list of actions of the world around the core: records come in, topic by topic, none more than ten minutes
ahead of another (contract 3.13); a shard fetches a little, folds, commits by a delta or a checkpoint, or not yet; it
is killed; it is offered again what it was offered before. Then all that is left comes in and is read to its end.
"""

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any, Final, NamedTuple

import polars as pl
from hypothesis import strategies as st

from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.alerts import month_alerts
from dcc_analytics.snapshot.benchmarks import SERVICE_KEY, by_member
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.round_trips import RoundTrips, round_trips
from dcc_analytics.snapshot.sensitivity import time_out_sensitivity
from dcc_analytics.stream.clock import horizon_us
from dcc_analytics.stream.decode import decode_device, decode_user, decoded
from dcc_analytics.stream.events import Rejected
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import SOURCES
from tests.driver import Driver
from tests.properties.feeds import ALERTS, CLOCK, TOPICS, Coming, Message, directory, tick
from tests.recorded_sample import counted

OCTOBER: Final = Month.parse("2026-10")

#: Records that are of one class whenever they are read. What ends something may wait first, and how often a record is
#: passed on hangs on the number of partitions; those are counted in sum.
DEFINITE: Final = frozenset(
    {
        RecordClass.LEG_OPENED, RecordClass.DUPLICATE_REQUEST, RecordClass.DUPLICATE_ALERT, RecordClass.CANCELLATION,
        RecordClass.SCHEDULED, RecordClass.ALERT, RecordClass.DEAD_LETTER,
    }
)  # fmt: skip


class Come(NamedTuple):
    """So many records come in of a topic, or as many as the window lets come."""

    topic: str
    records: int


class Step(NamedTuple):
    """A shard fetches so many records of each topic, folds what it may and commits: how?"""

    shard: int
    fetch: int
    commit: str


class Kill(NamedTuple):
    """A shard is killed and opened anew: where its estate is, or elsewhere."""

    shard: int
    elsewhere: bool


class Redeliver(NamedTuple):
    """A shard is offered records of a topic again, from so many before those it expects."""

    shard: int
    topic: str
    back: int


class Horizon(NamedTuple):
    """The shards learn of each other's clocks."""


@dataclass(frozen=True)
class Plan:
    """How a feed is read."""

    partitions: int
    actions: tuple[Any, ...]
    last_fetch: int


def _round(partitions: int, seed: int) -> list[Any]:
    """Return what happens between two moments: something of each topic comes, each shard does something."""
    chance = Random(seed)
    actions: list[Any] = [Come(topic, chance.randint(0, 12)) for topic in chance.sample(TOPICS, len(TOPICS))]
    for shard in chance.sample(range(partitions), partitions):
        actions.append(Step(shard, chance.choice([1, 2, 5, 50]), chance.choice(["delta", "checkpoint", "not yet"])))
        if chance.random() < 0.2:
            actions.append(Kill(shard, elsewhere=chance.random() < 0.3))
        actions.append(Redeliver(shard, chance.choice(SOURCES), chance.randint(1, 9)))
    return [*actions, Horizon()] if chance.random() < 0.7 else actions


def _plan(partitions: int, seeds: list[int], last_fetch: int) -> Plan:
    return Plan(partitions, tuple(each for seed in seeds for each in _round(partitions, seed)), last_fetch)


#: A round is made from a number, so that much happens in it; a failure is told by fewer rounds.
PLANS: Final = st.builds(
    _plan,
    st.integers(min_value=1, max_value=5),
    st.lists(st.integers(min_value=0, max_value=2**32), min_size=3, max_size=16),
    st.sampled_from([1, 3, 50]),
)
#: Everything is there, in one partition, and read in one go.
PLAIN: Final = Plan(1, (), 500)


class Play:
    """A feed being read by a plan."""

    def __init__(self, feed: list[Message], plan: Plan) -> None:
        self.plan = plan
        self.driver = Driver(plan.partitions)
        # A Device record keyed otherwise does not move with its shard: a test of its own says what is wrong with that.
        moves = any(isinstance(action, Kill) and action.elsewhere for action in plan.actions)
        for message in directory(misplaced=not moves):
            self._publish(message)
        self.driver.read_reference()
        self._coming = Coming(feed)
        for action in plan.actions:
            self._do(action)
        for message in self._coming.rest():
            self._publish(message)
        self._finish()

    def let_time_pass(self, until_us: int) -> None:
        """Let the clock of every shard come to an instant, by an Alert in each that says so."""
        for partition in range(self.plan.partitions):
            alert = tick(partition, until_us)
            self.driver._append(ALERTS, partition, alert.key, alert.value, until_us // 1000, [])
        self._finish()

    def _publish(self, message: Message) -> None:
        self.driver.publish(message.topic, message.key, message.value, message.stamp_us // 1000)

    def _finish(self) -> None:
        """Read all there is, until nothing moves."""
        moved = True
        while moved:
            moved = False
            for shard in self.driver.shards:
                moved |= self.driver.step(shard, self.plan.last_fetch)
            self.driver.tell_horizon()
            moved |= any(shard.has_changes() for shard in self.driver.shards)

    def _do(self, action: object) -> None:
        driver = self.driver
        match action:
            case Come(topic, records):
                for message in self._coming.come(topic, records):
                    self._publish(message)
            case Step(shard, fetch, commit) if shard < self.plan.partitions:
                moved = driver.step(driver.shards[shard], fetch, commit=False)
                if moved and commit != "not yet":
                    driver.commit(driver.shards[shard], checkpoint=commit == "checkpoint")
            case Kill(shard, elsewhere) if shard < self.plan.partitions:
                driver.restart(shard, elsewhere=elsewhere)
            case Redeliver(shard, topic, back) if shard < self.plan.partitions:
                assert not driver.redeliver(shard, topic, back), "what was offered before was taken again"
            case Horizon():
                driver.tell_horizon()
            case _:
                pass

    # -- what must be the same ---------------------------------------------------------------------------------

    @property
    def states(self) -> list[ShardState]:
        """The states of all shards."""
        return [shard.state for shard in self.driver.shards]

    def month(self) -> RoundTrips:
        """Return October as the snapshot would have it now."""
        said = directory()
        users = [decoded(decode_user, each.value) for each in said if each.topic == "users"]
        devices = [decoded(decode_device, each.value) for each in said if each.topic == "devices"]
        return round_trips(
            self.states,
            OCTOBER,
            horizon_us((shard.state.clock_us, shard.finished) for shard in self.driver.shards),
            Directory(each for each in users if not isinstance(each, Rejected)),
            Inventory(each for each in devices if not isinstance(each, Rejected)),
        )

    def figures(self) -> dict[str, Any]:
        """Return every figure that must be the same whatever the plan, in plain values that print their difference."""
        month = self.month()
        return {
            "cells": month.cells.rows(),
            "transforms": month.transforms.select("successes", "failures", "rtt_n", "rtt_sum_us").sum().rows(),
            "failures": month.failures.rows(),
            "time-outs": time_out_sensitivity(by_member(month.cells, SERVICE_KEY), month.long_legs).rows(),
            "digests": {of: (each.n_values, each.min(), each.max()) for of, each in month.digests.items()},
            "counted": self._counted(),
            "alerts": self._alerts(),
            "classes": self._classes(),
            "dead letters": sorted(
                (each.topic, each.key or b"", each.value or b"", each.reason) for each in self.driver.dead_letters
            ),
        }

    def sums(self) -> dict[tuple[Any, ...], float]:
        """Return the sums of the digests' times, which are estimates: the mean is told, not the sum."""
        return {of: each.mean() * each.n_values for of, each in self.month().digests.items()}

    def _counted(self) -> dict[str, int]:
        """Return what is counted beside the classes."""
        return counted(self.states)

    def _alerts(self) -> list[Any]:
        """Return October's Alerts as the snapshot would have them now."""
        said = [decoded(decode_user, each.value) for each in directory() if each.topic == "users"]
        directory_now = Directory(each for each in said if not isinstance(each, Rejected))
        cells = month_alerts(self.states, OCTOBER, directory_now).cells
        return cells.filter(pl.col("code") != CLOCK).sort(cells.columns).rows()

    def _classes(self) -> dict[str, int]:
        return definite_classes(self.states)

    def conserved(self) -> list[str]:
        """Return where records read and records classed differ (contract 3.14)."""
        return unbalanced({place: len(log) for place, log in self.driver.log.items()}, self.states)


def definite_classes(states: list[ShardState]) -> dict[str, int]:
    """Return how many records are of each definite class, wherever they were folded."""
    found: Counter[str] = Counter()
    for state in states:
        for (name, topic), count in state.counters.items():
            if topic and name in DEFINITE:
                found[name] += count
        clocks = (sum(counts[:2]) for sent, _, _, counts in state.alert_rows() if sent.code == CLOCK)
        found[RecordClass.ALERT] -= sum(clocks)
    return dict(+found)


def unbalanced(logged: dict[tuple[str, int], int], states: list[ShardState]) -> list[str]:
    """Return where the records in the log, by topic-partition, and the records classed differ (contract 3.14)."""
    read: Counter[str] = Counter()
    for (topic, _), records in logged.items():
        read[topic] += records
    classed: Counter[str] = Counter()
    for state in states:
        for (name, topic), count in state.counters.items():
            if topic and name in set(RecordClass):
                classed[topic] += count
    return [
        f"{topic}: {read[topic]} read, {classed[topic]} classed"
        for topic in read | classed
        if read[topic] != classed[topic]
    ]
