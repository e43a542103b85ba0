"""The assault: plan after plan until enough processes have been killed, and a table of what came of each fault.

python -m tests.crash.assault --seed 7 --kills 200 --json assault.json
python -m tests.crash.assault --seed 703 --faults 'worker_killed,disk_full'     one plan, as a failing one says
"""

import argparse
import asyncio
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest.mock import patch

from dcc_analytics.stream import publish
from dcc_analytics.stream.broker.node import embedded_broker
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.owner import Transport
from tests.crash.broker_faults import ALL_FAULTS, BROKER_FAULTS
from tests.crash.faults import FAULTS
from tests.crash.feeds import Feed, sample_feed, simulated_feed
from tests.crash.plan import Outcome, Plan, play
from tests.worker_process import PATIENCE_S

#: A slice of the feed is used up by each of the few steps of a fault.
FAULTS_A_PLAN: Final = 5
#: Faults that kill; after everything has happened once, these go on until enough have died.
KILLING: Final = (
    *["both_workers_killed"] * 6, *["worker_killed"] * 3, *(name for name in FAULTS if name.startswith("killed_at")),
    "broker_killed",
)  # fmt: skip


def plans(seed: int, transport: Transport = Transport.BATCHES) -> Iterator[Plan]:
    """Yield the plans of an assault, without end: every fault once, then those that kill."""
    rng = random.Random(seed)
    numbers = itertools.count(seed * 1000)
    every = sorted(set(ALL_FAULTS) - set(BROKER_FAULTS))
    waiting = [*rng.sample(every, len(every)), *BROKER_FAULTS]
    while True:
        brokers = [name for name in waiting if name in BROKER_FAULTS]
        others = [name for name in waiting if name not in BROKER_FAULTS]
        for first in range(0, len(others), FAULTS_A_PLAN):
            yield Plan(next(numbers), tuple(others[first : first + FAULTS_A_PLAN]), transport)
            if brokers and first % (2 * FAULTS_A_PLAN):  # a broker of its own costs as much as two plans
                yield Plan(next(numbers), (rng.choice(KILLING), brokers.pop(), *brokers[-1:]), transport)
                del brokers[-1:]
        waiting = rng.sample(KILLING, len(KILLING))


class Assault:
    """Plays plans, some at once, and gathers what came of them."""

    def __init__(self, folder: Path, bootstrap: str, feeds: list[Feed], wanted_kills: int, deadline: float) -> None:
        """Prepare to play in a folder until so many have been killed, or a time of ``time.monotonic`` has come."""
        self._folder = folder
        self._bootstrap = bootstrap
        self._feeds = feeds
        self._wanted_kills = wanted_kills
        self._deadline = deadline
        self.outcomes: list[Outcome] = []

    @property
    def kills(self) -> int:
        """How many processes have been killed."""
        return sum(sum(outcome.kills.values()) for outcome in self.outcomes)

    async def play(self, waiting: Iterator[Plan]) -> None:
        """Play plans one after another; several of these run at once, on the same iterator."""
        while self.kills < self._wanted_kills and time.monotonic() < self._deadline:
            plan = next(waiting, None)
            if plan is None:
                return
            connection = Connection(self._bootstrap, f"plan{plan.seed}-")
            feed = self._feeds[plan.seed % len(self._feeds)]
            outcome = await play(plan, connection, self._folder / str(plan.seed), feed)
            self.outcomes.append(outcome)
            how = "FAILED" if outcome.differences else "exact "
            say(f"{how} {outcome.seconds:5.0f} s  {self.kills:3d} kills  {plan}")
            for line in (*outcome.words, *outcome.differences):
                say(f"    {line}")

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each fault: runs, kills, whether all of its plans were exact, longest recovery."""
        rows = []
        for name in ALL_FAULTS:
            ran = [outcome for outcome in self.outcomes if name in outcome.kills]
            if ran:
                rows.append(
                    {
                        "fault": name,
                        "runs": sum(outcome.plan.faults.count(name) for outcome in ran),
                        "kills": sum(outcome.kills[name] for outcome in ran),
                        "exact": not any(outcome.differences for outcome in ran),
                        "longest_recovery_s": round(max(outcome.recovery_s[name] for outcome in ran), 1),
                    }
                )
        return rows


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell(assault: Assault) -> None:
    """Print the table."""
    say(f"\n{'fault':<38} {'runs':>5} {'kills':>5}  exact  longest recovery")
    for row in assault.rows():
        exact = "yes" if row["exact"] else "NO"
        say(f"{row['fault']:<38} {row['runs']:>5} {row['kills']:>5}  {exact:<5}  {row['longest_recovery_s']:>6.1f} s")
    say(f"{assault.kills} processes killed in {len(assault.outcomes)} plans")


async def attack(arguments: argparse.Namespace, folder: Path, bootstrap: str) -> Assault:
    """Play plans on a broker, or on brokers of their own."""
    feeds = [sample_feed(folder / "sample")]
    if arguments.nation:
        feeds.append(simulated_feed(folder / "nation", arguments.seed))
    deadline = time.monotonic() + 60 * arguments.minutes
    assault = Assault(folder, bootstrap, feeds, arguments.kills, deadline)
    waiting = plans(arguments.seed, arguments.transport)
    if arguments.faults:
        waiting = iter([Plan(arguments.seed, tuple(arguments.faults.split(",")), arguments.transport)])
    await asyncio.gather(*(assault.play(waiting) for _ in range(arguments.at_once)))
    return assault


def main() -> int:
    """Run the assault; return 1 if any plan was not exact."""
    parser = argparse.ArgumentParser(description="Kill workers and brokers, and compare every figure.")
    parser.add_argument("--seed", type=int, default=1, help="of faults, order and instants")
    parser.add_argument("--kills", type=int, default=200, help="end after so many processes were killed")
    parser.add_argument("--minutes", type=float, default=120, help="begin no plan after so long")
    parser.add_argument("--at-once", type=int, default=3, help="plans played at a time")
    parser.add_argument("--nation", action="store_true", help="every other plan on a simulated month of the seed")
    parser.add_argument("--faults", default="", help="play one plan of these alone")
    parser.add_argument(
        "--transport", type=Transport, default=Transport.BATCHES, choices=list(Transport), help="of the workers"
    )
    parser.add_argument("--json", type=Path, help="write what came of it to a file")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="assault-", ignore_cleanup_errors=True)))
        stack.enter_context(patch.object(publish, "SILENCE_S", PATIENCE_S))  # of a machine that may be busy
        running = stack.enter_context(embedded_broker(folder / "broker", fast_cleanup=True))
        began = time.monotonic()
        assault = asyncio.run(attack(arguments, folder, running.bootstrap))
    tell(assault)
    failed = [outcome for outcome in assault.outcomes if outcome.differences]
    if arguments.json:
        told = {
            "seed": arguments.seed,
            "transport": arguments.transport,
            "plans": len(assault.outcomes),
            "kills": assault.kills,
            "minutes": round((time.monotonic() - began) / 60, 1),
            "faults": assault.rows(),
            "failed": [{"again": str(outcome.plan), "differences": outcome.differences} for outcome in failed],
            "ended_with_words": sorted({words for outcome in assault.outcomes for words in outcome.words}),
        }
        arguments.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    for outcome in failed:
        say(f"again: {outcome.plan}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
