"""Observing: a finished round trip becomes a count in its cell, a time in its digest, a reason in the failures.

Service Requests whose process depends on facts of other Devices or topics (1.1.1, 6.8, 6.21, 8.7.2) are held with
their outcome and given their process at the snapshot (contract section 8, At the snapshot).
"""

from typing import Final

from msgspec import Struct

from dcc_analytics.aggregators.cells import (
    CLOCK_FAULT,
    IN_TIME,
    OPEN,
    SUCCEEDED,
    TARGETED,
    TIMED,
    WARNED,
    CellTable,
)
from dcc_analytics.aggregators.keys import CellKey, FailureKey, role_or_type
from dcc_analytics.aggregators.slow import SLOW_US, SlowKey, beyond_h
from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.catalogue.months import day_of, month_of
from dcc_analytics.catalogue.processes import HELD_SRVS, place
from dcc_analytics.catalogue.targets import Target, targets_for
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.events import Parameters
from dcc_analytics.stream.legs import SCHEDULED_VARIANT, Leg, Outcome

_MDR_ONLY: Final = frozenset({"MDR"})


class Observation(Struct, frozen=True, array_like=True, gc=False):
    """A round trip as counted: what its cell, digest and failure need, before its process is known.

    Attributes:
        user, role: who sent it; the role as said, or ``?`` and the Device Type.
        srv, transform, parameters: what was asked.
        device: the subject Device, None without.
        start_us: where its clock started; its day and month go by it.
        facts: of the Device at the start.
        installing: whether the Device was in its installation at the start.
        flags: outcome, as ``cells`` has them.
        rtt_us: Round Trip Time, 0 when not timed.
        reason: code of a failure, else empty.
    """

    user: str
    role: str
    srv: str
    transform: bool
    parameters: Parameters
    device: str | None
    start_us: int
    facts: Facts
    installing: bool
    flags: int
    rtt_us: int
    reason: str


def observation(leg: Leg, outcome: Outcome | None, facts: Facts) -> Observation:
    """Return how a leg counts, by contract sections 3.3 to 3.8.

    Args:
        leg: the leg, with its facts looked up.
        outcome: its end; None while it is open.
        facts: the facts of its Device at its start.
    """
    flags, rtt_us = _timing(leg, outcome)
    role = role_or_type(leg.role, facts)
    if outcome is None:
        flags |= OPEN
    elif outcome.succeeded:
        flags |= SUCCEEDED | (WARNED if outcome.warned else 0)
    if not leg.transform:
        on_demand = not leg.future_dated and leg.command_variant != SCHEDULED_VARIANT
        target = target_of(role, leg.srv, facts.smets_version, on_demand=on_demand)
        if target is not None:
            flags |= TARGETED | (IN_TIME if flags & TIMED and rtt_us <= target.target_us else 0)
    return Observation(
        leg.user,
        role,
        leg.srv,
        leg.transform,
        leg.parameters,
        leg.device,
        leg.start_us,
        facts,
        leg.installing,
        flags,
        rtt_us,
        "" if outcome is None else outcome.reason,
    )


def _timing(leg: Leg, outcome: Outcome | None) -> tuple[int, int]:
    """Return the flags and the Round Trip Time: of successes only, never negative (contract 3.4, 3.5)."""
    if outcome is None:
        return (CLOCK_FAULT if leg.untimed else 0), 0
    fault = leg.untimed or outcome.untimed
    rtt_us = 0
    if outcome.ended_us is not None:
        rtt_us = outcome.ended_us - leg.start_us
        fault = fault or rtt_us < 0
    if fault:
        return CLOCK_FAULT, 0
    return (TIMED, rtt_us) if outcome.succeeded else (0, 0)


def target_of(role: str, srv: str, smets_version: str, *, on_demand: bool) -> Target | None:
    """Return the Target Response Time of a round trip, None where none is known (contract 3.5, section 8).

    A role that nobody said never turns out to be MDR, the only one with targets of its own, so the target is known
    before the role is; whether the role has one at all is seen to at the snapshot.
    """
    for target in targets_for(srv, smets_version):
        if on_demand or not target.on_demand_only:
            unsaid = role[0] == "?" and target.roles != _MDR_ONLY
            if unsaid or target.applies_to(role):
                return target
    return None


class Observer:
    """Counts observations into the cells, failures and slow answers of a shard, or of a snapshot."""

    def __init__(self, cells: CellTable[CellKey], failures: Tally[FailureKey], slow: Tally[SlowKey]) -> None:
        """Count into these tables."""
        self._cells = cells
        self._failures = failures
        self._slow = slow

    def observe(self, seen: Observation) -> None:
        """Count an observation of an SRV whose process the message decides."""
        placed = place(seen.srv, seen.parameters)
        self.count(seen, placed.process, placed.variant)

    def count(self, seen: Observation, process: str, variant: str) -> None:
        """Count an observation under a process.

        A successful transform leg has a cell of its own and adds to no row; a failed one is a failure of its row.
        """
        facts = seen.facts
        day = day_of(seen.start_us)
        parts = (
            seen.user, seen.role, process, seen.srv, variant, seen.transform, day,
            facts.meter_type, facts.region, facts.smets_version,
        )  # fmt: skip
        self._cells.append(self._cells.keys.number_of(parts, CellKey), seen.flags, seen.rtt_us)
        if not seen.flags & (SUCCEEDED | OPEN):
            self._failures.note(FailureKey(seen.user, seen.role, process, seen.srv, variant, day, seen.reason, facts))
        if seen.rtt_us > SLOW_US:
            self._slow.note(slow_key(seen, process, variant, seen.rtt_us))


def slow_key(seen: Observation, process: str, variant: str, passed_us: int) -> SlowKey:
    """Return what a leg counts under that took so long, or has gone unanswered for so long."""
    month = month_of(seen.start_us).number
    return SlowKey(seen.user, seen.role, process, seen.srv, variant, seen.transform, month, beyond_h(passed_us))


def is_held(srv: str) -> bool:
    """Return whether the process of an SRV is decided at the snapshot."""
    return srv in HELD_SRVS
