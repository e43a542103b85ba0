"""The trace of a fold: what is behind the figures is told while the product's own shard folds it. Pure.

The product's shard, matcher, memory and counter of Alerts, each watched by a subclass that only this package uses: the
worker's own fold has no hook and does not get slower.
"""

from collections.abc import Callable, Iterable

from dcc_analytics.aggregators.alert_cells import AlertCells
from dcc_analytics.aggregators.alerts import AlertCounter
from dcc_analytics.aggregators.device_records import read_of_leg, record_of_leg
from dcc_analytics.aggregators.facts import DeviceFacts
from dcc_analytics.aggregators.observe import observation
from dcc_analytics.aggregators.reference import ReferenceFold
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.explain.concern import Concern
from dcc_analytics.explain.stories import AlertStory, Position, Story, Trace
from dcc_analytics.stream.clock import TopicClock
from dcc_analytics.stream.estate import Version, Versions, holding_at
from dcc_analytics.stream.events import Alert, ScheduledResult, StreamEvent
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.legs import End, Leg, Outcome
from dcc_analytics.stream.match import Matcher
from dcc_analytics.stream.memory import Memory
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import first_read_at


class TracedEstate:
    """The versions of the Devices a figure can hang on, and where each was read."""

    def __init__(self, concern: Concern) -> None:
        """Keep what concerns the figure."""
        self._concern = concern
        self._kept: dict[str, Versions] = {}
        self._read_at: dict[tuple[str, int], Position] = {}
        self.position = Position("devices", 0, 0)

    def versions(self, device: str) -> Versions:
        """Return a Device's versions sorted by instant."""
        return self._kept.get(device) or Versions()

    def add(self, device: str, version: Version, *, stamp_us: int) -> None:  # noqa: ARG002 (nothing is forgotten)
        """Take in a version."""
        if not self._concern.has_device(device):
            return
        others = [each for each in self.versions(device) if each.as_of_us != version.as_of_us]
        self._kept[device] = Versions(sorted([*others, version], key=lambda each: each.as_of_us))
        self._read_at[device, version.as_of_us] = self.position

    def remove(self, device: str, *, stamp_us: int) -> None:  # noqa: ARG002 (see forget)
        """Forget a Device."""
        self._kept.pop(device, None)

    def left_before(self, _instant_us: int) -> list[str]:
        """Return no Device: what is traced is let go with the trace."""
        return []

    def forget(self, devices: Iterable[str]) -> None:
        """Forget nothing (see ``left_before``)."""

    def read_at(self, device: str | None, at_us: int) -> tuple[Position, int] | None:
        """Return where the version that holds at an instant was read, and from when it holds."""
        version = None if device is None else holding_at(self.versions(device), at_us)
        if device is None or version is None:
            return None
        return self._read_at[device, version.as_of_us], version.as_of_us


class _TracedMemory(Memory):
    def __init__(self, trace: Trace) -> None:
        super().__init__()
        self._trace = trace

    def open(self, key: str, leg: Leg) -> None:
        self._trace.opened(key, leg)
        super().open(key, leg)


class _TracedMatcher(Matcher):
    trace: Trace
    concern: Concern

    def alert_end(self, request_id: str, event: Alert, stamp_us: int) -> RecordClass:
        if request_id not in self.concern.request_ids:
            return RecordClass.ALERT
        self.trace.event_us = event.raised_us
        return super().alert_end(request_id, event, stamp_us)

    def _bring(self, key: str, end: End, stamp_us: int) -> RecordClass:
        became = super()._bring(key, end, stamp_us)
        self.trace.met(key, end, became)
        return became


class _SeenCells(AlertCells):
    last: tuple[int, int, int] = (0, 0, 0)

    def append(self, cell: int, flags: int, rtt_us: int) -> None:
        self.last = cell, flags, rtt_us
        super().append(cell, flags, rtt_us)


class _TracedCounter(AlertCounter):
    def __init__(self, state: ShardState, facts: DeviceFacts, tell: Callable[[AlertStory], None]) -> None:
        self._cells = _SeenCells()
        state.alerts = self._cells
        super().__init__(state, facts)
        self._tell = tell

    def count(self, alert: Alert, stamp_us: int) -> None:
        super().count(alert, stamp_us)
        cell, flags, took_us = self._cells.last
        key = self._cells.keys.keys[cell]
        sent, facts = self._state.alert_digests.keys.key(key.digest), self._state.facts.keys[key.facts]
        self._tell(AlertStory(alert, sent, facts, flags, took_us))


def position_of(topic: str, partition: int, record: Record) -> Position:
    """Return where a record was first read."""
    first = first_read_at(record)
    return Position(topic, partition, record.offset) if first is None else Position(*first, (partition, record.offset))


class _TracedReference(ReferenceFold):
    estate: TracedEstate

    def device(self, topic: str, record: Record, *, counted: bool = True) -> None:
        self.estate.position = position_of(topic, self._partition, record)
        super().device(topic, record, counted=counted)


class TracedShard(Shard):
    """A shard that folds only what concerns a figure, and keeps the stories of legs and Alerts.

    The clocks go by all records, as they do in the worker.
    """

    def __init__(
        self, partition: int, partitions: int, concern: Concern, estate: TracedEstate, application: str | None
    ) -> None:
        """Fold for one of ``partitions`` partitions what concerns a figure, as an application did."""
        self.trace = Trace()
        state = ShardState()
        state.memory = _TracedMemory(self.trace)
        super().__init__(partition, partitions, state, estate, application)
        self._estate = estate
        self._concern = concern
        matcher = _TracedMatcher(state.memory, settle=self._settle, look_up=self._look_up, count=self._count)
        matcher.trace, matcher.concern = self.trace, concern
        self._matcher = matcher
        self._alerts = _TracedCounter(state, self._facts, self._tell_alert)
        reference = _TracedReference(partition, partitions, state, self._facts, self._classes, self._out)
        reference.estate, reference.is_read = estate, True
        self._reference = reference

    def _fold_event(self, topic: str, record: Record, event: StreamEvent, stamp_us: int) -> RecordClass:
        if not self._concern.has(event):
            return RecordClass.INTERIM
        self._stand_at(topic, record, event.event_us)
        became = super()._fold_event(topic, record, event, stamp_us)
        if became is RecordClass.DUPLICATE_REQUEST:
            self.trace.repeated(self._concern.leg_key(event), became, "duplicate: the leg was there before")
        elif became is RecordClass.DUPLICATE_ALERT and isinstance(event, Alert):
            self.trace.repeated(self._concern.leg_key(event), became, "duplicate of an Alert")
            self.trace.repeated_alert(event)
        elif isinstance(event, ScheduledResult):
            self._note_result(event, became)
        return became

    def _note_result(self, event: ScheduledResult, became: RecordClass) -> None:
        identity = self._concern.leg_key(event)
        if became is RecordClass.SCHEDULED:
            self.trace.repeated(identity, became, f"scheduled result ({event.code})")
        else:
            self.trace.repeated(identity, became, f"duplicate ({event.code})")

    def _fold_stray(self, topic: str, record: Record, clock: TopicClock) -> None:
        self._stand_at(topic, record, 0)
        super()._fold_stray(topic, record, clock)

    def _stand_at(self, topic: str, record: Record, event_us: int) -> None:
        self.trace.position = position_of(topic, self.partition, record)
        self.trace.event_us = event_us

    def _tell_alert(self, story: AlertStory) -> None:
        story.facts_at = self._estate.read_at(story.alert.device, story.alert.raised_us)
        self.trace.counted(story)

    def _settle(self, key: str, leg: Leg, outcome: Outcome) -> None:
        self._tell(key, leg, outcome)

    def _tell(self, key: str, leg: Leg, outcome: Outcome | None) -> None:
        story = self.trace.settled(key, leg)
        story.outcome = outcome
        story.seen = observation(leg, outcome, self.state.facts.keys[leg.facts])
        story.kept, story.read_us = record_of_leg(key, leg, outcome, story.seen.role), read_of_leg(leg, outcome)
        if story.kept is not None:
            self.state.keep(story.kept)
        story.facts_at = self._estate.read_at(leg.device, leg.start_us)

    def stories(self, clock_us: int, before_us: int) -> list[Story]:
        """Return the stories of what counts, the legs still held as the clock stands (contract 3.7)."""
        for key, leg, outcome in self.state.memory.unsettled(clock_us, before_us=before_us):
            if leg.transform and outcome is None:
                continue
            if leg.facts < 0:
                self._look_up(leg)
            self._tell(key, leg, outcome)
        return [story for story in self.trace.stories if story.seen is not None]
