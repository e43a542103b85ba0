"""The state of a shard: all that a restart must bring back, with its changes and its whole.

``cut`` folds what was noted since the last cut and returns it as a ``Delta``; ``apply`` folds a delta that was read
back. Both go through the same lines, so state(checkpoint) + deltas = state in memory, by construction.
"""

from typing import Any

from dcc_analytics.aggregators.cells import CellTable
from dcc_analytics.aggregators.delta import Delta, MapChanges
from dcc_analytics.aggregators.digests import DigestTable
from dcc_analytics.aggregators.interned import Interned
from dcc_analytics.aggregators.keys import AlertKey, FailureKey
from dcc_analytics.aggregators.observe import Gain, Observation
from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.events import DeviceVersion
from dcc_analytics.stream.keyed import Keyed
from dcc_analytics.stream.memory import Memory


class ShardState:
    """Everything one shard knows.

    Attributes:
        applied: for each ``topic/partition`` the offset after the last record folded in. Never moves back.
        clocks_us: for each ``topic/partition`` the greatest event time read.
        clock_us: the stream's clock of the shard. Never moves back.
        horizon_us: the least clock of all shards with records to read, as last known. Never moves back.
        final_month: months before this number (see ``catalogue.months``) are settled for good here.
        memory: legs and what is remembered of them.
        facts: Device facts by number.
        cells, digests, failures, alerts: the aggregates.
        counters: records by (class, topic), and what is counted beside them.
        held: observations whose process is decided at the snapshot, by running number.
        gains: successful Changes of Supplier, by running number.
        moved: versions of Device records that came by strays, since they don't stand in the shard's own partition of
            ``devices``, from which a lost estate is read again: by Device and instant.
    """

    def __init__(self) -> None:
        """Start with nothing read."""
        self.seq = 0
        self.applied: dict[str, int] = {}
        self.clocks_us: dict[str, int] = {}
        self.clock_us = 0
        self.horizon_us = 0
        self.final_month = 0
        self.memory = Memory()
        self.facts: Interned[Facts] = Interned()
        self.cells = CellTable()
        self.digests = DigestTable()
        self.failures: Tally[FailureKey] = Tally()
        self.alerts: Tally[AlertKey] = Tally()
        self.counters: Tally[tuple[str, str]] = Tally()
        self.held: Keyed[int, Observation] = Keyed()
        self.gains: Keyed[int, Gain] = Keyed()
        self.moved: Keyed[str, DeviceVersion] = Keyed()

    def maps(self) -> dict[str, Keyed[Any, Any]]:
        """Return every map that is written by its changes, by the name it has in the ledger."""
        memory = self.memory
        return {
            "legs": memory.legs,
            "ended": memory.ended,
            "cancellations": memory.cancellations,
            "waiting": memory.waiting,
            "first_parameters": memory.first_parameters,
            "scheduled": memory.scheduled,
            "alerts": memory.alerts,
            "closed": memory.closed,
            "held": self.held,
            "gains": self.gains,
            "moved": self.moved,
        }

    def cut(self) -> Delta:
        """Fold what was noted since the last cut, and return the change."""
        self.seq += 1
        delta = Delta(
            seq=self.seq,
            applied=dict(self.applied),
            clocks_us=dict(self.clocks_us),
            clock_us=self.clock_us,
            horizon_us=self.horizon_us,
            final_month=self.final_month,
            facts=self.facts.cut(),
            cells=self.cells.keys.cut(),
            outcomes=self.cells.cut(),
            failures=self.failures.keys.cut(),
            failures_noted=self.failures.cut(),
            alerts=self.alerts.keys.cut(),
            alerts_noted=self.alerts.cut(),
            counters=self.counters.keys.cut(),
            counters_noted=self.counters.cut(),
            maps=MapChanges.of(self.maps()),
        )
        self._fold(delta)
        return delta

    def apply(self, delta: Delta) -> None:
        """Take in a change that was read back; deltas come in the order they were cut."""
        self.seq = delta.seq
        self.applied.update(delta.applied)
        self.clocks_us.update(delta.clocks_us)
        self.clock_us = delta.clock_us
        self.horizon_us = delta.horizon_us
        self.final_month = delta.final_month
        self.facts.extend(delta.facts)
        self.cells.keys.extend(delta.cells)
        self.failures.keys.extend(delta.failures)
        self.alerts.keys.extend(delta.alerts)
        self.counters.keys.extend(delta.counters)
        delta.maps.apply_to(self.maps())
        self._fold(delta)

    def _fold(self, delta: Delta) -> None:
        self.cells.fold(delta.outcomes)
        self.digests.fold(delta.outcomes, self.cells.keys.keys)
        self.failures.fold(delta.failures_noted)
        self.alerts.fold(delta.alerts_noted)
        self.counters.fold(delta.counters_noted)

    def restore(self) -> None:
        """Derive what is derived, after checkpoint and deltas were read back."""
        self.memory.restore(self.horizon_us)

    def hold(self, seen: Observation) -> None:
        """Hold an observation for the snapshot."""
        self.held.put(_next_number(self.held), seen)

    def move_in(self, version: DeviceVersion) -> None:
        """Keep a version of a Device's record that came by strays."""
        self.moved.put(f"{version.device}|{version.as_of_us}", version)

    def move_out(self, device: str) -> None:
        """Forget the versions of a Device that came by strays: it has left the inventory."""
        for key in [key for key in self.moved if key.startswith(f"{device}|")]:
            self.moved.drop(key)

    def gain(self, gain: Gain) -> None:
        """Note a Change of Supplier."""
        self.gains.put(_next_number(self.gains), gain)


def _next_number(numbered: Keyed[int, Any]) -> int:
    """Return the number after the greatest; entries are added in order, so that is the last one's."""
    return next(reversed(numbered.data), 0) + 1
