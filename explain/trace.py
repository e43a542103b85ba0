"""The trace of a fold: for each leg, which records were about it and what each did. Pure.

The product's shard, matcher and memory, each watched by a subclass that only this package uses: the worker's own fold
has no hook and does not get slower.
"""

from typing import Final, NamedTuple

from dcc_analytics.aggregators.device_records import Gain, record_of_leg
from dcc_analytics.aggregators.observe import Observation, observation
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.explain.concern import Concern
from dcc_analytics.stream.clock import TopicClock
from dcc_analytics.stream.estate import Version, holding_at
from dcc_analytics.stream.events import Alert, ScheduledResult, StreamEvent
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.legs import End, Leg, Outcome
from dcc_analytics.stream.match import Matcher
from dcc_analytics.stream.memory import Memory
from dcc_analytics.stream.outcomes import RecordClass, response_outcome
from dcc_analytics.stream.strays import OFFSET_HEADER, PARTITION_HEADER, TOPIC_HEADER

STRAYS: Final = "strays"


class Position(NamedTuple):
    """Where a record stands.

    Attributes:
        topic, partition, offset: where the feed put it.
        via: where it stands in ``strays``, when it was passed on.
    """

    topic: str
    partition: int
    offset: int
    via: tuple[int, int] | None = None


class Note:
    """What a record did to a leg."""

    __slots__ = ("became", "did", "instant_us", "position")

    def __init__(self, position: Position, instant_us: int, became: RecordClass, did: str) -> None:
        """Note what was done at an instant of the event's own."""
        self.position = position
        self.instant_us = instant_us
        self.became = became
        self.did = did


class Story:
    """A leg with all that was about it.

    Attributes:
        key: of the leg.
        notes: in the order in which the records were folded.
        leg, outcome, seen: the leg, how it ended, and how it counts; None while that is not known.
        gain: the Change of Supplier it is, if it is one.
        facts_at: the record its Device's facts are from, with the instant from which they hold.
    """

    __slots__ = ("facts_at", "gain", "key", "leg", "notes", "outcome", "seen")

    def __init__(self, key: str) -> None:
        """Begin without a record."""
        self.key = key
        self.notes: list[Note] = []
        self.leg: Leg | None = None
        self.outcome: Outcome | None = None
        self.seen: Observation | None = None
        self.gain: Gain | None = None
        self.facts_at: tuple[Position, int] | None = None


class TracedEstate:
    """The versions of the Devices a figure can hang on, and where each was read."""

    def __init__(self, concern: Concern) -> None:
        """Keep what concerns the figure."""
        self._concern = concern
        self._kept: dict[str, list[Version]] = {}
        self._read_at: dict[tuple[str, int], Position] = {}
        self.position = Position("devices", 0, 0)

    def versions(self, device: str) -> list[Version]:
        """Return a Device's versions sorted by instant."""
        return self._kept.get(device, [])

    def add(self, device: str, version: Version, *, stamp_us: int) -> None:  # noqa: ARG002 (nothing is forgotten)
        """Take in a version."""
        if device not in self._concern.devices:
            return
        others = [each for each in self.versions(device) if each.as_of_us != version.as_of_us]
        self._kept[device] = sorted([*others, version], key=lambda each: each.as_of_us)
        self._read_at[device, version.as_of_us] = self.position

    def remove(self, device: str) -> None:
        """Forget a Device."""
        self._kept.pop(device, None)

    def read_at(self, device: str | None, at_us: int) -> tuple[Position, int] | None:
        """Return where the version that holds at an instant was read, and from when it holds."""
        version = None if device is None else holding_at(self.versions(device), at_us)
        if device is None or version is None:
            return None
        return self._read_at[device, version.as_of_us], version.as_of_us


class Trace:
    """The stories of one shard.

    Invariant: ``_current`` is the newest story of a leg key; a key used again begins another.
    """

    def __init__(self) -> None:
        """Begin before the first record."""
        self.stories: list[Story] = []
        self.position = Position("", 0, 0)
        self.event_us = 0
        self._current: dict[str, Story] = {}
        self._before_request: dict[str, Story] = {}
        self._waiting: dict[int, tuple[End, Note]] = {}

    def opened(self, key: str, leg: Leg) -> None:
        """Begin a story; what waited for its request is part of it."""
        story = self._before_request.pop(key, None) or Story(key)
        story.leg = leg
        self._begin(story)
        self.note(story, RecordClass.LEG_OPENED, "opened the leg")

    def _begin(self, story: Story) -> None:
        self._current[story.key] = story
        self.stories.append(story)

    def note(self, story: Story, became: RecordClass, did: str) -> Note:
        """Note what the record at hand did."""
        note = Note(self.position, self.event_us, became, did)
        story.notes.append(note)
        return note

    def met(self, key: str, end: End, became: RecordClass) -> None:
        """Note what became of an end; one that has waited is told in the place it was read."""
        waited = self._waiting.pop(id(end), None)
        if became is RecordClass.WAITING:
            story = self._before_request.setdefault(key, Story(key))
            self._waiting[id(end)] = end, self.note(story, became, "waited for its request")
            return
        did = _what_it_did(end, became)
        if waited is not None:
            note = waited[1]
            note.became, note.did = became, f"{note.did}, then {did}"
        elif key in self._current:
            self.note(self._current[key], became, did)

    def repeated(self, key: str, became: RecordClass, did: str) -> None:
        """Note a record that was there before."""
        if key in self._current:
            self.note(self._current[key], became, did)

    def settled(self, key: str, leg: Leg) -> Story:
        """Return the story of a leg whose outcome is known; one that no request opened begins now."""
        story = self._current.get(key)
        if story is None or story.leg is not leg:
            story = Story(key)
            story.leg = leg
            self._begin(story)
        return story


def _what_it_did(end: End, became: RecordClass) -> str:
    if became is RecordClass.INTERIM:
        if end.number:
            return f"reported instruction {end.number} of {end.total}"
        return f"accepted, noted ({end.code})"
    if became is RecordClass.DUPLICATE_END:
        return f"duplicate ({end.code})"
    if became is RecordClass.LATE:
        return f"late ({end.code}): the month was final"
    if end.kind == "alert":
        return f"ended it by Alert {end.code}: {'failure' if end.failed else 'success'}"
    if end.number:
        return f"ended it with instruction {end.number} of {end.total}"
    outcome = response_outcome(end)
    grade = "failure" if not outcome.succeeded else "success with a warning" if outcome.warned else "success"
    return f"ended it: {grade} ({end.code})"


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


class TracedShard(Shard):
    """A shard that folds only what concerns a figure, and keeps the stories of the legs instead of counts.

    The clocks go by all records, as they do in the worker.
    """

    def __init__(self, partition: int, partitions: int, concern: Concern, estate: TracedEstate) -> None:
        """Fold for one of ``partitions`` partitions what concerns a figure."""
        self.trace = Trace()
        state = ShardState()
        state.memory = _TracedMemory(self.trace)
        super().__init__(partition, partitions, state, estate)
        self._estate = estate
        self._concern = concern
        matcher = _TracedMatcher(state.memory, settle=self._settle, look_up=self._look_up, count=self._count)
        matcher.trace, matcher.concern = self.trace, concern
        self._matcher = matcher
        self.reference_is_read()

    def _fold_event(self, topic: str, record: Record, event: StreamEvent, stamp_us: int) -> RecordClass:
        if not self._concern.has(event):
            return RecordClass.INTERIM
        self._stand_at(topic, record, event.event_us)
        became = super()._fold_event(topic, record, event, stamp_us)
        if became is RecordClass.DUPLICATE_REQUEST:
            self.trace.repeated(self._concern.leg_key(event), became, "duplicate: the leg was there before")
        elif became is RecordClass.DUPLICATE_ALERT:
            self.trace.repeated(self._concern.leg_key(event), became, "duplicate of an Alert")
        elif isinstance(event, ScheduledResult):
            self._note_result(event, became)
        return became

    def _note_result(self, event: ScheduledResult, became: RecordClass) -> None:
        identity = self._concern.leg_key(event)
        if became is RecordClass.SCHEDULED:
            self.trace.repeated(identity, became, f"scheduled result ({event.code})")
        else:
            self.trace.repeated(identity, became, f"duplicate ({event.code})")

    def _fold_device(self, topic: str, record: Record, *, counted: bool = True) -> None:
        self._estate.position = self._position(topic, record)
        super()._fold_device(topic, record, counted=counted)

    def _fold_stray(self, topic: str, record: Record, clock: TopicClock) -> None:
        self._stand_at(topic, record, 0)
        super()._fold_stray(topic, record, clock)

    def _stand_at(self, topic: str, record: Record, event_us: int) -> None:
        self.trace.position = self._position(topic, record)
        self.trace.event_us = event_us

    def _position(self, topic: str, record: Record) -> Position:
        headers = dict(record.headers)
        if TOPIC_HEADER in headers:
            return Position(
                headers[TOPIC_HEADER].decode(errors="replace"),
                int(headers[PARTITION_HEADER]),
                int(headers[OFFSET_HEADER]),
                (self.partition, record.offset),
            )
        return Position(topic, self.partition, record.offset)

    def _settle(self, _key: str, leg: Leg, outcome: Outcome) -> None:
        self._tell(_key, leg, outcome)

    def _tell(self, key: str, leg: Leg, outcome: Outcome | None) -> None:
        story = self.trace.settled(key, leg)
        story.outcome = outcome
        story.seen = observation(leg, outcome, self.state.facts.keys[leg.facts])
        kept = record_of_leg(key, leg, outcome, story.seen.role)
        story.gain = kept if isinstance(kept, Gain) else None
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
