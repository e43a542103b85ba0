"""What happens in a world, by chance: each action is one thing that a broker, a group, a machine or a worker does."""

from collections.abc import Callable
from typing import Final

from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.strays import SOURCES
from tests.properties.feeds import TOPICS
from tests.simulation.clients import FAILS, GOES, REPLY_IS_LOST
from tests.simulation.process import Process
from tests.simulation.world import World


class Weather:
    """Acts on a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = world.chance
        self._old: list[Fetched] = []

    def act(self) -> None:
        """Let one thing happen."""
        action = self.chance.choices(_ACTIONS, _WEIGHTS)[0]
        action(self, self.chance.choice(self.world.processes))

    # -- a worker at work ----------------------------------------------------------------------------------

    def come(self, _process: Process) -> None:
        """Some records come in."""
        for message in self.world.coming.come(self.chance.choice(TOPICS), self.chance.randint(1, 6)):
            self.world.publish(message)

    def go_on(self, process: Process) -> None:
        """Something under way goes on; seldom what it says does not arrive, or what is answered."""
        if process.activities and not process.paused:
            activity = self.chance.choice(process.activities)
            odds = 0.01 if activity.name == "keep up" else 0.2 if activity.point == "commit" else 0.08
            fails = self.chance.random() < odds
            self.world.go_on(process, activity, self.chance.choice([FAILS, REPLY_IS_LOST]) if fails else GOES)

    def read(self, process: Process) -> None:
        """A worker fetches, and hands over what it has fetched before."""
        if not process.paused:
            process.fetch(self.chance.choice([1, 3, 20]), 10)
            self._old.extend(process.in_flight)
            for _ in range(self.chance.randint(0, 8)):
                process.deliver()

    def fold(self, process: Process) -> None:
        """A worker opens what is its own, folds a little, commits, looks around."""
        if not process.paused:
            process.open_believed()
            for runner in list(process.runners.values()):
                if runner.shard is not None:
                    runner.shard.advance(self.chance.choice([1, 4, 100]))
                    if self.chance.random() < 0.5:
                        process.start_commit(runner)
            if self.chance.random() < 0.2:
                process.start_keep_up()

    # -- what goes wrong -----------------------------------------------------------------------------------

    def crash(self, process: Process) -> None:
        """A worker dies, perhaps with its disk."""
        self.world.crash(process, lose_disk=self.chance.random() < 0.3)

    def pause(self, process: Process) -> None:
        """A worker stops for a while, or goes on; its partitions may have been given to another meanwhile."""
        process.paused = not process.paused and self.chance.random() < 0.3

    def rebalance(self, process: Process) -> None:
        """A partition goes to a worker, and the one that has it may learn of it at once, or late."""
        partition = self.chance.randrange(self.world.partitions)
        self.world.give(partition, process, told=self.chance.random() < 0.5)

    def learn(self, _process: Process) -> None:
        """Every worker that is awake learns what is its own."""
        self.world.tell_owners()

    def offer_again(self, process: Process) -> None:
        """A fetch from before a seek comes late, or one that leaves out records."""
        if not self._old or not process.runners:
            return
        old = self.chance.choice(self._old)
        runner = process.runners.get(old.partition)
        if runner is not None and runner.shard is not None:
            ahead = self.chance.randint(0, 2)
            place = old.topic, old.partition
            again = process.fetched(place, old.position + ahead, old.next_position, old.records[ahead:])
            # None that begins where the shard is: the transport seeks when what it fetched before is gone.
            coming = [each.position for each in process.in_flight if (each.topic, each.partition) == place]
            if again.position not in {process.positions[place], *coming}:
                taken = process.take(again)
                self.world.diary["an old fetch is " + ("taken" if taken else "refused")] += 1

    def hint(self, _process: Process) -> None:
        """The group's offsets go back or ahead."""
        place = self.chance.choice(SOURCES), self.chance.randrange(self.world.partitions)
        top = self.world.broker.partitions[place].top
        self.world.broker.group_offsets[place] = self.chance.randint(0, top)

    def compact(self, _process: Process) -> None:
        """A ledger is compacted."""
        self.world.compact(self.chance.randrange(self.world.partitions))

    def mark(self, _process: Process) -> None:
        """A partition learns how a transaction was decided."""
        unmarked = self.world.broker.unmarked()
        if unmarked:
            self.world.broker.write_markers(self.chance.choice(unmarked), most=1)

    def expire(self, _process: Process) -> None:
        """The broker ends a transaction that was left open, and shuts its producer out."""
        self.world.expire(self.chance.randrange(self.world.partitions))


_ODDS: Final[dict[Callable[[Weather, Process], None], float]] = {
    Weather.come: 10,
    Weather.go_on: 60,
    Weather.read: 12,
    Weather.fold: 20,
    Weather.mark: 15,
    Weather.crash: 1,
    Weather.pause: 3,
    Weather.rebalance: 1,
    Weather.learn: 3,
    Weather.offer_again: 6,
    Weather.hint: 1,
    Weather.compact: 1,
    Weather.expire: 0.3,
}
_ACTIONS: Final = tuple(_ODDS)
_WEIGHTS: Final = tuple(_ODDS.values())
