"""The state of a shard: all that a restart must bring back, with its changes and its whole.

``cut`` folds what was noted since the last cut and returns it as a ``Delta``; ``apply`` folds a delta that was read
back. Both go through the same lines, so state(checkpoint) + deltas = state in memory, by construction.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from dcc_analytics.aggregators.alert_cells import AlertCells
from dcc_analytics.aggregators.audit import AuditSums
from dcc_analytics.aggregators.cells import CellTable
from dcc_analytics.aggregators.delta import Delta, MapChanges
from dcc_analytics.aggregators.device_records import KEPT_US, DeviceRecord, instant_of, is_outdated, outdated
from dcc_analytics.aggregators.digests import DigestTable
from dcc_analytics.aggregators.interned import Interned
from dcc_analytics.aggregators.keys import (
    AlertDigestKey,
    AlertKey,
    CellKey,
    DigestKey,
    FailureKey,
    alert_digest_number,
    digest_number,
)  # fmt: skip
from dcc_analytics.aggregators.metric import METRIC_VERSION
from dcc_analytics.aggregators.observe import Observation
from dcc_analytics.aggregators.reads import WINDOW_DAYS, forgotten_by, newest_day, with_day
from dcc_analytics.aggregators.slow import SlowKey
from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.catalogue.months import closed_us, day_of
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.events import DeviceVersion
from dcc_analytics.stream.instants import DAY_US
from dcc_analytics.stream.keyed import Keyed
from dcc_analytics.stream.memory import Memory

#: Days of event time a day is counted in memory for after it is over; by then nearly all of it has ended.
OPEN_DAYS: Final = 2


class ShardState:
    """Everything one shard knows.

    Attributes:
        metric_version: what it was folded by.
        applied: for each ``topic/partition`` the offset after the last record folded in. Never moves back.
        clocks_us: for each ``topic/partition`` the greatest event time read.
        clock_us: the stream's clock of the shard. Never moves back.
        horizon_us: the least clock of all shards with records to read, as last known. Never moves back.
        final_month: months before this number (see ``catalogue.months``) are settled for good here.
        dropped_us: what single Devices are known by, and observations held, may be gone up to this instant.
        memory: legs and what is remembered of them.
        facts: Device facts by number.
        cells, digests, failures, slow: the aggregates of round trips.
        alerts, alert_digests: those of Alerts.
        audit: sums that prove each record was folded once.
        counters: records by (class, topic), and what is counted beside them.
        held: observations whose process is decided at the snapshot, by running number.
        records: what is kept of single Devices, by running number.
        reads: the days on which each Device was read.
        moved: versions of Device records that came by strays, since they don't stand in the shard's own partition of
            ``devices``, from which a lost estate is read again: by Device and instant.
    """

    def __init__(self) -> None:
        """Start with nothing read."""
        self.seq = 0
        self.metric_version = METRIC_VERSION
        self.applied: dict[str, int] = {}
        self.clocks_us: dict[str, int] = {}
        self.clock_us = 0
        self.horizon_us = 0
        self.final_month = 0
        self.dropped_us = 0
        self.memory = Memory()
        self.facts: Interned[Facts] = Interned()
        self.cells: CellTable[CellKey] = CellTable()
        self.digests: DigestTable[CellKey, DigestKey] = DigestTable(digest_number)
        self.failures: Tally[FailureKey] = Tally()
        self.slow: Tally[SlowKey] = Tally()
        self.alerts = AlertCells()
        self.alert_digests: DigestTable[AlertKey, AlertDigestKey] = DigestTable(alert_digest_number)
        self.audit = AuditSums()
        self.counters: Tally[tuple[str, str]] = Tally()
        self.held: Keyed[int, Observation] = Keyed()
        self.records: Keyed[int, DeviceRecord] = Keyed()
        self.reads: Keyed[str, bytes] = Keyed()
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
            "first_executions": memory.first_executions,
            "scheduled": memory.scheduled,
            "alerts": memory.alerts,
            "closed": memory.closed,
            "held": self.held,
            "records": self.records,
            "reads": self.reads,
            "moved": self.moved,
            "audit": self.audit.sums,
            "audit_begun": self.audit.begun,
        }

    def cut(self) -> Delta:
        """Fold what was noted since the last cut, and return the change."""
        self.seq += 1
        self.audit.settle()
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
            alert_digests=self.alert_digests.keys.cut(),
            alerts=self.alerts.keys.cut(),
            alert_outcomes=self.alerts.cut(),
            counters=self.counters.keys.cut(),
            counters_noted=self.counters.cut(),
            maps=MapChanges.of(self.maps()),
            slow=self.slow.keys.cut(),
            slow_noted=self.slow.cut(),
            dropped_us=self.dropped_us,
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
        self.dropped_us = delta.dropped_us
        self.facts.extend(delta.facts)
        self.cells.keys.extend(delta.cells)
        self.failures.keys.extend(delta.failures)
        self.slow.keys.extend(delta.slow)
        self.alert_digests.keys.extend(delta.alert_digests)
        self.alerts.keys.extend(delta.alerts)
        self.counters.keys.extend(delta.counters)
        delta.maps.apply_to(self.maps())
        self._fold(delta)

    def _fold(self, delta: Delta) -> None:
        self.cells.fold(delta.outcomes)
        self.digests.fold(delta.outcomes, self.cells.keys)
        self.failures.fold(delta.failures_noted)
        self.slow.fold(delta.slow_noted)
        self.alerts.fold(delta.alert_outcomes)
        self.alert_digests.fold(delta.alert_outcomes, self.alerts.keys)
        self.counters.fold(delta.counters_noted)

    def restore(self) -> None:
        """Derive what is derived, after checkpoint and deltas were read back."""
        self.memory.restore(self.horizon_us)

    def put_aside(self) -> None:
        """Forget what was counted of closed days, and digests of months that are final.

        A checkpoint has just written all of it.

        What comes late for such a day is counted anew under the same key: whoever reads the whole ledger adds both up.
        Right after a cut only, as nothing may be noted that is not folded.
        """
        closed_day = day_of(self.horizon_us) - OPEN_DAYS
        for table in self.daily().values():
            table.put_aside(table.keys.blocks_until(lambda keys: _middle_day(keys) < closed_day))
        self.digests.put_aside(self.cells.keys, lambda key: key.month < self.final_month)
        self.alert_digests.put_aside(self.alerts.keys, lambda key: key.month < self.final_month)

    def partly_kept(self) -> dict[str, Interned[Any]]:
        """Return the keys of which the oldest may be put aside, by the name of their table."""
        daily: dict[str, Interned[Any]] = {name: table.keys for name, table in self.daily().items()}
        return daily | {"digests": self.digests.keys, "alert_digests": self.alert_digests.keys}

    def daily(self) -> dict[str, CellTable[CellKey] | CellTable[AlertKey] | Tally[FailureKey]]:
        """Return the tables whose keys have a day, and which are put aside when it is over, by name."""
        return {"cells": self.cells, "alerts": self.alerts, "failures": self.failures}

    def alert_rows(self) -> Iterator[tuple[AlertDigestKey, int, Facts, tuple[int, ...]]]:
        """Yield the cells of Alerts: whose of which code, their day, what the Devices are, ``ALERT_COLUMNS``."""
        for key, counts in self.alerts.rows():
            yield self.alert_digests.keys.key(key.digest), key.day, self.facts.keys[key.facts], counts

    def hold(self, seen: Observation) -> None:
        """Hold an observation for the snapshot, unless it comes when those of its time have gone."""
        if seen.start_us < self.kept_from_us:
            self.dropped_us = max(self.dropped_us, seen.start_us)
        else:
            self.held.put(_next_number(self.held), seen)

    def keep(self, record: DeviceRecord) -> None:
        """Keep a record of a Device, unless it comes when those of its time have gone."""
        if is_outdated(record, self.kept_from_us):
            self.dropped_us = max(self.dropped_us, instant_of(record))
        else:
            self.records.put(_next_number(self.records), record)

    @property
    def kept_from_us(self) -> int:
        """The instant before which nothing is kept of single Devices: as long ago as when a month was last closed."""
        return closed_us(self.final_month) - KEPT_US

    def read(self, device: str, at_us: int) -> None:
        """Note that a Device was read, unless that comes when such days have gone."""
        kept, day = self.reads.get(device), day_of(at_us)
        if day < day_of(closed_us(self.final_month)) - WINDOW_DAYS:
            self._dropped_day(day)
            return
        days = with_day(kept, day)
        if days is not None:
            self._dropped_day(forgotten_by(kept, day))
            self.reads.put(device, days)

    def forget_outdated(self, horizon_us: int, left: Collection[str] = ()) -> None:
        """Drop what is kept of single Devices, and held, and no month to come can need.

        Args:
            horizon_us: the least clock of all shards.
            left: Devices that left the inventory before anything that is kept.
        """
        for number in outdated(self.records.data, horizon_us, left):
            self.dropped_us = max(self.dropped_us, instant_of(self.records.data[number]))
            self.records.drop(number)
        for number in [number for number, seen in self.held.data.items() if seen.start_us < horizon_us - KEPT_US]:
            self.dropped_us = max(self.dropped_us, self.held.data[number].start_us)
            self.held.drop(number)
        before = day_of(horizon_us) - WINDOW_DAYS
        for device, day in [(device, newest_day(days)) for device, days in self.reads.data.items()]:
            if day < before:
                self._dropped_day(day)
                self.reads.drop(device)
        for device in left:
            self.move_out(device)

    def _dropped_day(self, day: int | None) -> None:
        """Note that a day on which a Device was read is known no more."""
        if day is not None:
            self.dropped_us = max(self.dropped_us, day * DAY_US)

    def move_in(self, version: DeviceVersion) -> None:
        """Keep a version of a Device's record that came by strays."""
        self.moved.put(f"{version.device}|{version.as_of_us}", version)

    def move_out(self, device: str) -> None:
        """Forget the versions of a Device that came by strays: it has left the inventory."""
        for key in [key for key in self.moved if key.startswith(f"{device}|")]:
            self.moved.drop(key)


def _middle_day(keys: Sequence[CellKey] | Sequence[AlertKey] | Sequence[FailureKey]) -> int:
    """Return the median day of keys: a few far ahead, by clocks that are wrong, hold nothing up."""
    return sorted(key.day for key in keys)[len(keys) // 2]


def _next_number(numbered: Keyed[int, Any]) -> int:
    """Return the number after the greatest; entries are added in order, so that is the last one's."""
    return next(reversed(numbered.data), 0) + 1
