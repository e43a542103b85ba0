"""What commits added, by what live tells apart. Pure.

A delta names cells by their numbers. ``Noted`` adds those up; what they are of is looked up in a state that knows all
the keys, right away when the ledger is followed, and after the whole partition was read when live starts.
"""

from collections import Counter
from typing import NamedTuple, Self

import numpy as np
from msgspec import Struct, field

from dcc_analytics.aggregators.cells import OPEN, SUCCEEDED
from dcc_analytics.aggregators.delta import Delta
from dcc_analytics.aggregators.keys import CellKey, FailureKey, role_or_type
from dcc_analytics.aggregators.observe import Observation
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.processes import HELD_SRVS, place
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.legs import Leg, Outcome


class LineKey(NamedTuple):
    """The finest grain of what is seen now; whose the User is, and in which Role, the directory says when it is asked.

    ``process`` is empty where it is decided at month end.
    """

    user: str
    role: str
    process: str
    srv: str
    region: str


class FailKey(NamedTuple):
    """A failure by reason and the kind of Device."""

    user: str
    role: str
    srv: str
    reason: str
    facts: Facts


class Increment(Struct):
    """What one commit of a shard added.

    Attributes:
        clock_us: the shard's clock at the commit, by which all of it is placed; see docs/adr/0013.
        before_us: its clock at the commit before; 0 at the first.
        lines: ended and failures.
        failures: by reason and kind of Device.
        alerts: by recipient and Role.
        dead_letters: set aside.
        missed: commits right before it of which nothing is known but that they were.
    """

    clock_us: int
    before_us: int
    lines: dict[LineKey, list[int]] = field(default_factory=dict)
    failures: dict[FailKey, int] = field(default_factory=dict)
    alerts: dict[tuple[str, str], int] = field(default_factory=dict)
    dead_letters: int = 0
    missed: int = 0

    def add_cell(self, key: CellKey, ended: int, failed: int) -> None:
        """Add a cell's round trips; of transform legs only the failures count (contract 3.8)."""
        self._add(
            LineKey(key.user, key.role, key.process, key.srv, key.region), failed if key.transform else ended, failed
        )

    def add_reason(self, key: FailureKey, number: int) -> None:
        """Add failures of a reason."""
        self._fail(FailKey(key.user, key.role, key.srv, key.reason, key.facts), number)

    def add_held(self, seen: Observation) -> None:
        """Add a round trip whose process is decided at month end."""
        failed = not seen.flags & (SUCCEEDED | OPEN)
        if failed or not seen.transform:
            self._add(LineKey(seen.user, seen.role, "", seen.srv, seen.facts.region), 1, int(failed))
        if failed:
            self._fail(FailKey(seen.user, seen.role, seen.srv, seen.reason, seen.facts), 1)

    def add_leg(self, leg: Leg, outcome: Outcome, facts: Facts, number: int) -> None:
        """Add a leg's end before it is definite, or take it back (-1) when that is counted, or was long ago."""
        role = role_or_type(leg.role, facts)
        process = "" if leg.srv in HELD_SRVS else place(leg.srv, leg.parameters).process
        failed = not outcome.succeeded
        if failed or not leg.transform:
            self._add(LineKey(leg.user, role, process, leg.srv, facts.region), number, number * failed)
        if failed:
            self._fail(FailKey(leg.user, role, leg.srv, outcome.reason, facts), number)

    def _add(self, line: LineKey, ended: int, failed: int) -> None:
        found = self.lines.setdefault(line, [0, 0])
        found[0] += ended
        found[1] += failed

    def _fail(self, key: FailKey, number: int) -> None:
        self.failures[key] = self.failures.get(key, 0) + number


class Noted(Struct):
    """Outcomes by the numbers of their cells."""

    ended: Counter[int] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)
    reasons: Counter[int] = field(default_factory=Counter)
    alerts: Counter[int] = field(default_factory=Counter)
    held: list[Observation] = field(default_factory=list)

    def add(self, delta: Delta) -> Self:
        """Take in what a delta says; return itself."""
        cells, flags, _ = delta.outcomes.columns()
        _count(self.ended, cells)
        _count(self.failed, cells[(flags & (SUCCEEDED | OPEN)) == 0])
        _count(self.reasons, np.frombuffer(delta.failures_noted, np.int32))
        _count(self.alerts, delta.alert_outcomes.columns()[0])
        self.held.extend(delta.maps.of_map("held")[0].values())
        return self

    def into(self, added: Increment, state: ShardState) -> Increment:
        """Add what was noted to an increment, by the keys a state knows; return the increment."""
        for number, ended in self.ended.items():
            added.add_cell(state.cells.keys.keys[number], ended, self.failed[number])
        for number, count in self.reasons.items():
            added.add_reason(state.failures.keys.keys[number], count)
        for number, count in self.alerts.items():
            sent = state.alert_digests.keys.key(state.alerts.keys.keys[number].digest)
            of = sent.recipient, sent.role
            added.alerts[of] = added.alerts.get(of, 0) + count
        for seen in self.held:
            added.add_held(seen)
        return added


def _count(counter: Counter[int], numbers: np.ndarray[tuple[int], np.dtype[np.int32]]) -> None:
    found, times = np.unique(numbers, return_counts=True)
    for number, count in zip(found.tolist(), times.tolist(), strict=True):
        counter[number] += count
