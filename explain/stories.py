"""The stories of a fold: for each leg and each Alert, which records were about it and what each did. Pure."""

from typing import NamedTuple

from dcc_analytics.aggregators.cells import TIMED
from dcc_analytics.aggregators.device_records import DeviceRecord, Gain, record_of_alert
from dcc_analytics.aggregators.keys import AlertDigestKey
from dcc_analytics.aggregators.observe import Observation
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.events import Alert
from dcc_analytics.stream.instants import US_PER_S
from dcc_analytics.stream.legs import End, Leg, Outcome
from dcc_analytics.stream.outcomes import RecordClass, response_outcome


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
        kept: what is kept of it beside its counts, for most nothing.
        read_us: the instant at which its read of the Device ended, None where it is no successful read.
        facts_at: the record its Device's facts are from, with the instant from which they hold.
    """

    __slots__ = ("facts_at", "kept", "key", "leg", "notes", "outcome", "read_us", "seen")

    def __init__(self, key: str) -> None:
        """Begin without a record."""
        self.key = key
        self.notes: list[Note] = []
        self.leg: Leg | None = None
        self.outcome: Outcome | None = None
        self.seen: Observation | None = None
        self.kept: DeviceRecord | None = None
        self.read_us: int | None = None
        self.facts_at: tuple[Position, int] | None = None

    @property
    def gain(self) -> Gain | None:
        """The Change of Supplier it is, None for any other leg."""
        return self.kept if isinstance(self.kept, Gain) else None


class AlertStory:
    """An Alert that counts, with all that was about it.

    Attributes:
        alert: as it was read.
        sent, facts: whom it is counted for, and what its Device was.
        flags, took_us: how it counts there.
        kept: what is kept of it beside its counts, for most nothing.
        notes: in the order in which the records were folded.
        facts_at: the record its Device's facts are from, with the instant from which they hold.
    """

    __slots__ = ("alert", "facts", "facts_at", "flags", "kept", "notes", "sent", "took_us")

    def __init__(self, alert: Alert, sent: AlertDigestKey, facts: Facts, flags: int, took_us: int) -> None:
        """Begin as it was counted."""
        self.alert = alert
        self.sent = sent
        self.facts = facts
        self.flags = flags
        self.took_us = took_us
        self.kept = record_of_alert(alert, sent.role)
        self.notes: list[Note] = []
        self.facts_at: tuple[Position, int] | None = None

    @property
    def timed(self) -> bool:
        """Whether it has a delivery time."""
        return bool(self.flags & TIMED)


class Trace:
    """The stories of one shard.

    Invariant: ``_current`` is the newest story of a leg key; a key used again begins another.
    """

    def __init__(self) -> None:
        """Begin before the first record."""
        self.stories: list[Story] = []
        self.alerts: list[AlertStory] = []
        self.position = Position("", 0, 0)
        self.event_us = 0
        self._current: dict[str, Story] = {}
        self._before_request: dict[str, Story] = {}
        self._waiting: dict[int, tuple[End, Note]] = {}
        self._last_of: dict[str, AlertStory] = {}

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

    def counted(self, story: AlertStory) -> None:
        """Begin the story of an Alert that was counted."""
        self.alerts.append(story)
        self._last_of[story.alert.alert_id] = story
        story.notes.append(Note(self.position, story.alert.raised_us, RecordClass.ALERT, _how_counted(story)))

    def repeated_alert(self, alert: Alert) -> None:
        """Note an Alert that was there before."""
        if (story := self._last_of.get(alert.alert_id)) is not None:
            note = Note(self.position, alert.raised_us, RecordClass.DUPLICATE_ALERT, "duplicate of an Alert")
            story.notes.append(note)

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


def _how_counted(story: AlertStory) -> str:
    if not story.alert.delivered:
        return "counted: delivery failed"
    if story.timed:
        return f"counted: delivered in {story.took_us / US_PER_S:.3f} s"
    return "counted: delivered; clock fault, not timed"
