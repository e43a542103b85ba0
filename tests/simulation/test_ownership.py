"""Ownership, commits, acknowledgements and fencing, step by step as Hypothesis chooses, over the simulated world.

After each step, whatever it was: commits follow each other without gap and take nothing back, each record that is
committed as folded is counted once, and each stray and dead letter is out once with the commit that counts it.
"""

from random import Random
from typing import Final

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dcc_analytics.aggregators.shard import Shard
from tests.properties.feeds import TOPICS
from tests.properties.profile import PROFILE, PROFILES
from tests.simulation.audit import Auditor, check
from tests.simulation.clients import FAILS, GOES, REPLY_IS_LOST
from tests.simulation.figures import feed_with_figures
from tests.simulation.mutated import MUTATIONS
from tests.simulation.process import Process
from tests.simulation.run import FEEDS, simulated_clients
from tests.simulation.world import Parts, World, WrongError

pytestmark = pytest.mark.slow

WORKERS: Final = st.sampled_from((0, 1))
PARTITIONS: Final = st.integers(min_value=0, max_value=2)
HAPPENS: Final = st.sampled_from((GOES, GOES, GOES, FAILS, REPLY_IS_LOST))

TROUBLES: Final = (
    "assign", "assign unaware", "revoke", "crash", "crash without disk", "keep up", "reset group offsets", "compact",
    "a transaction expires",
)  # fmt: skip


class Ownership(RuleBasedStateMachine):
    """Two workers and up to three partitions; all shards are open when it begins.

    What is done is Hypothesis's choice, how much of it the world's own: drawn, it would mostly be next to nothing.
    """

    parts = Parts()

    @initialize(seed=st.integers(min_value=0, max_value=9_999))
    def begin(self, seed: int) -> None:
        records, self.expected = feed_with_figures(seed % FEEDS)
        self.world = World(records, Random(seed), self.parts)
        self.auditor = Auditor(self.world)
        self.world.calm([])

    def open_shards(self) -> list[Shard]:
        runners = [runner for process in self.world.processes for runner in process.runners.values()]
        return [runner.shard for runner in runners if runner.shard is not None]

    def busy(self) -> list[Process]:
        return [process for process in self.world.processes if process.activities]

    # -- work ----------------------------------------------------------------------------------------------

    @precondition(lambda self: bool(self.world.coming))
    @rule()
    def come(self) -> None:
        for topic in TOPICS:
            for message in self.world.coming.come(topic, self.world.chance.randint(0, 4)):
                self.world.publish(message)

    @precondition(lambda self: bool(self.open_shards()))
    @rule()
    def fetch_and_fold(self) -> None:
        """Workers fetch, are handed some of what they have fetched, and fold some of that."""
        chance = self.world.chance
        for process in self.world.processes:
            process.fetch(chance.choice([1, 3, 20]), 20)
            for _ in range(chance.randint(0, 12)):
                process.deliver()
        for shard in self.open_shards():
            shard.advance(chance.randint(1, 9))

    @precondition(lambda self: any(shard.has_changes() for shard in self.open_shards()))
    @rule()
    def cut(self) -> None:
        """Commits begin: what was folded is cut, nothing is sent yet."""
        for process in self.world.processes:
            for runner in list(process.runners.values()):
                process.start_commit(runner)

    @precondition(lambda self: bool(self.busy()))
    @rule(happens=HAPPENS)
    def go_on(self, happens: str) -> None:
        """Something under way goes on for some points; at the last of these something may fail."""
        process = self.world.chance.choice(self.busy())
        activity = self.world.chance.choice(process.activities)
        for left in range(self.world.chance.randint(1, 20), 0, -1):
            if not activity.done:
                self.world.go_on(process, activity, GOES if left > 1 else happens)

    @precondition(lambda self: len(self.open_shards()) < self.world.partitions)
    @rule()
    def open(self) -> None:
        """Workers begin to open what they believe is their own."""
        for process in self.world.processes:
            process.open_believed()

    # -- the group, the machines, the broker ---------------------------------------------------------------

    @rule(what=st.sampled_from(TROUBLES), partition=PARTITIONS, worker=WORKERS)
    def trouble(self, what: str, partition: int, worker: int) -> None:
        """One rule for all, so that most of what happens is work that it can hit."""
        world, process = self.world, self.world.processes[worker]
        partition %= world.partitions
        match what:
            case "assign" | "assign unaware":
                world.give(partition, process, told=what == "assign")
            case "revoke":
                process.let_go(partition)
            case "crash" | "crash without disk":
                world.crash(process, lose_disk=what != "crash")
            case "keep up":
                process.start_keep_up()
            case "reset group offsets":
                world.broker.group_offsets[TOPICS[worker], partition] = 0
            case "compact":
                world.compact(partition)
            case _:
                world.expire(partition)

    @precondition(lambda self: bool(self.world.broker.unmarked()))
    @rule()
    def mark(self) -> None:
        """A partition of each transaction learns how that was decided."""
        for transactional_id in self.world.broker.unmarked():
            self.world.broker.write_markers(transactional_id, most=1)

    # -- what always holds ---------------------------------------------------------------------------------

    @invariant()
    def what_is_committed_is_counted_once(self) -> None:
        self.auditor.look()

    def teardown(self) -> None:
        """Whatever it was, mended it comes to the figures of the feed."""
        self.world.settle()
        check(self.world, self.expected)


def play(parts: Parts, tried: settings) -> None:
    """Play the machine over a world of these parts."""

    class Played(Ownership):
        pass

    Played.parts = parts
    with simulated_clients():
        run_state_machine_as_test(Played, settings=tried)


def test_whoever_owns_what_each_record_is_counted_and_passed_on_once() -> None:
    play(Parts(), settings(PROFILE, stateful_step_count=60))


def test_the_machine_finds_a_shard_that_goes_on_after_its_commit_has_failed() -> None:
    mutation = MUTATIONS["a shard whose commit failed goes on"]
    tried = settings(
        PROFILES["ci"], max_examples=300, stateful_step_count=60, phases=[Phase.generate], report_multiple_bugs=False
    )
    with mutation.product(), pytest.raises(WrongError):
        play(mutation.parts, tried)
