"""A shard: one partition of every source topic, folded in step into one state. Pure; the worker feeds and commits it.

fetched records -> waiting by topic -> in step of their clocks -> decode -> home? -> match -> observe -> state
                                                                '-> dead letter   '-> stray
"""

from collections import deque
from typing import Final, Protocol

from dcc_analytics.aggregators.keys import AlertKey, role_or_type
from dcc_analytics.aggregators.observe import GAIN_SRV, Gain, Observer, is_held, observation
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.months import FINAL_AFTER_US, day_of, month_of
from dcc_analytics.stream.clock import TopicClock, run_limit_us, stream_clock_us
from dcc_analytics.stream.decode import DECODERS, REFERENCE_DECODERS, decode_device, decoded
from dcc_analytics.stream.estate import UNKNOWN_FACTS, Facts, Version, holding_at, installing, version_of
from dcc_analytics.stream.events import Alert, DeviceVersion, Rejected, Request, Response, StreamEvent
from dcc_analytics.stream.fetched import Fetched, Record
from dcc_analytics.stream.home import partition_of, request_subject, subject_of
from dcc_analytics.stream.instants import DAY_US, US_PER_MS
from dcc_analytics.stream.legs import Leg, Outcome
from dcc_analytics.stream.match import Matcher
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import ALERT_END, Stray, read_stray, stray_of

#: Legs of a final month are settled for good when no end of before it became final can still be on its way.
CLOSED_AFTER_US: Final = FINAL_AFTER_US + DAY_US

#: Devices whose last look-up is remembered; only the diagnostic count of late facts depends on it.
LOOKED_UP: Final = 300_000

STRAYS: Final = "strays"
DEVICES: Final = "devices"
SOURCES: Final = (*DECODERS, STRAYS)


class DeadLetter:
    """A record that can't be read, with where it stood and why."""

    __slots__ = ("key", "offset", "partition", "reason", "timestamp_ms", "topic", "value")

    def __init__(self, topic: str, partition: int, record: Record, reason: str) -> None:
        """Keep the record's bytes and its position."""
        self.topic = topic
        self.partition = partition
        self.offset = record.offset
        self.timestamp_ms = record.timestamp
        self.key = record.key
        self.value = record.value
        self.reason = reason

    def headers(self) -> list[tuple[str, bytes]]:
        """Return the headers of the dead letter: where the record stood, and why it can't be read."""
        return [
            ("topic", self.topic.encode()),
            ("partition", str(self.partition).encode()),
            ("offset", str(self.offset).encode()),
            ("reason", self.reason.encode()),
        ]


class Estate(Protocol):
    """The versions of Device records, wherever they are kept."""

    def versions(self, device: str) -> list[Version]:
        """Return a Device's versions sorted by instant."""

    def add(self, device: str, version: Version, *, stamp_us: int) -> None:
        """Take in a version."""

    def remove(self, device: str) -> None:
        """Forget a Device."""


class Shard:
    """Folds the records of one partition.

    Invariants:
        ``state.applied`` says exactly which records are folded in; a fetch is taken only if it begins there.
        What is in ``strays`` and ``dead_letters`` goes out in the transaction that commits ``state.applied``.
    """

    def __init__(self, partition: int, partitions: int, state: ShardState, estate: Estate) -> None:
        """Fold for one of ``partitions`` partitions.

        Args:
            partition: which.
            partitions: of every source topic.
            state: what the ledger brought back.
            estate: the versions of the Devices' records.
        """
        self.partition = partition
        self.partitions = partitions
        self.state = state
        self.strays: list[Stray] = []
        self.dead_letters: list[DeadLetter] = []
        self.folded: list[Fetched] = []
        self.records = 0
        self.estate = estate
        self._reference_read = False
        self._looked_up_us: dict[str, int] = {}
        self._cut_records = 0
        self._classed = 0
        self._horizon_moved = False
        self._waiting: dict[str, deque[Fetched]] = {topic: deque() for topic in SOURCES}
        self._resume: dict[str, int] = dict.fromkeys(SOURCES, 0)
        self.clocks = {
            topic: TopicClock(
                applied=state.applied.get(self._name(topic), 0),
                clock_us=state.clocks_us.get(self._name(topic), -1),
            )
            for topic in SOURCES
        }
        self._observer = Observer(state.cells, state.failures)
        self._matcher = Matcher(state.memory, settle=self._settle, look_up=self._look_up, count=self._count)

    def _name(self, topic: str) -> str:
        return f"{topic}/{self.partition}"

    # -- reading in step -----------------------------------------------------------------------------------

    def offer(self, fetched: Fetched) -> bool:
        """Take fetched records into waiting, to be folded when their turn has come.

        Returns:
            False when they do not begin where those before them ended: they were fetched for a shard that was closed
            since, and are fetched again.
        """
        waiting = self._waiting[fetched.topic]
        expected = waiting[-1].next_position if waiting else self.clocks[fetched.topic].applied
        if fetched.position != expected:
            return False
        waiting.append(fetched)
        return True

    def has_changes(self) -> bool:
        """Return whether anything was folded, or passed over, since it was last taken to be committed."""
        return self.records > self._cut_records or bool(self.folded) or self._horizon_moved

    def has_work(self) -> bool:
        """Return whether records wait for their turn, or what was folded for its commit."""
        return self.has_changes() or any(self._waiting.values())

    def take_outgoing(self) -> tuple[list[Stray], list[DeadLetter], list[Fetched]]:
        """Return what goes out with the commit of what was just cut: strays, dead letters, fetches used up.

        Raises:
            RuntimeError: a record was lost or classed twice; the commit must not happen (contract 3.14).
        """
        if self._classed != self.records:
            raise RuntimeError(
                f"conservation is broken in partition {self.partition}: {self.records} records were folded and "
                f"{self._classed} classed; nothing of this is committed, please report it"
            )
        outgoing = self.strays, self.dead_letters, self.folded
        self.strays, self.dead_letters, self.folded = [], [], []
        self._cut_records = self.records
        self._horizon_moved = False
        return outgoing

    def waiting(self, topic: str) -> int:
        """Return how many records of a topic wait for their turn."""
        return sum(len(each.records) for each in self._waiting[topic])

    def advance(self, most: int) -> int:
        """Fold what may be folded now, at most about ``most`` records; return how many were."""
        before = self.records
        while self.records - before < most:
            topic = self._next_topic()
            if topic is None:
                break
            others = [clock for name, clock in self.clocks.items() if name != topic]
            limit_us = run_limit_us(self.clocks[topic], others)
            if limit_us is None:
                break
            self._run(topic, limit_us, most - (self.records - before))
        self._let_clock_go_on()
        return self.records - before

    def _next_topic(self) -> str | None:
        ready = [topic for topic, waiting in self._waiting.items() if waiting]
        return min(ready, key=lambda topic: self.clocks[topic].clock_us) if ready else None

    def _run(self, topic: str, limit_us: int, most: int) -> None:
        """Fold records of one topic until its clock passes a limit or the fetch is used up."""
        fetched = self._waiting[topic][0]
        clock = self.clocks[topic]
        fold = self._fold_stray if topic == STRAYS else self._fold_source
        index = self._resume[topic]
        records = fetched.records
        stop = min(len(records), index + most)
        while index < stop and clock.clock_us <= limit_us:
            record = records[index]
            index += 1
            if record.offset >= clock.applied:
                fold(topic, record, clock)
                clock.applied = record.offset + 1
                self.records += 1
        self._resume[topic] = index
        if index == len(records):
            clock.applied = max(clock.applied, fetched.next_position)
            clock.end = max(clock.end, clock.applied)
            self._waiting[topic].popleft()
            self._resume[topic] = 0
            self.folded.append(fetched)

    def _let_clock_go_on(self) -> None:
        state = self.state
        for topic, clock in self.clocks.items():
            state.applied[self._name(topic)] = clock.applied
            state.clocks_us[self._name(topic)] = clock.clock_us
        state.clock_us = max(state.clock_us, stream_clock_us(self.clocks.values()))

    @property
    def finished(self) -> bool:
        """Whether every topic has been folded to its end."""
        return all(clock.finished for clock in self.clocks.values())

    def horizon(self, horizon_us: int) -> None:
        """Settle and forget what the clocks of all shards have passed (contract 3.13: every shard's clock).

        Args:
            horizon_us: the least clock of the shards with records to read; whatever they may still pass on to this
                one is younger.
        """
        state = self.state
        if horizon_us <= state.horizon_us:
            return
        state.horizon_us = horizon_us
        self._horizon_moved = True
        self._matcher.advance(horizon_us)
        month = month_of(max(horizon_us - CLOSED_AFTER_US, 0))
        if month.number > state.final_month:
            state.final_month = month.number
            self._matcher.close_months(horizon_us, month.start_us)

    # -- one record ----------------------------------------------------------------------------------------

    def _fold_source(self, topic: str, record: Record, clock: TopicClock) -> None:
        event = decoded(DECODERS[topic], record.value)
        if isinstance(event, Rejected):
            self._reject(topic, record, event.reason)
            return
        stamp_us = record.timestamp * US_PER_MS
        clock.read(event.event_us, stamp_us)
        subject = subject_of(event, record.key)
        if record.key != subject.encode():
            home = partition_of(subject, self.partitions)
            if home != self.partition:
                self.strays.append(stray_of(topic, self.partition, record, subject, home))
                self._class(RecordClass.STRAY, topic)
                return
        self._class(self._fold_event(topic, record, event, stamp_us), topic)

    def _fold_stray(self, topic: str, record: Record, clock: TopicClock) -> None:
        origin, part = read_stray(record)
        if origin not in DECODERS and origin != DEVICES:
            self._reject(topic, record, f"a stray without its origin: header topic is {origin!r}")
            return
        if origin == DEVICES:
            self._fold_device(topic, record)
            return
        event = decoded(DECODERS[origin], record.value)
        if isinstance(event, Rejected):
            self._reject(topic, record, event.reason)
            return
        stamp_us = record.timestamp * US_PER_MS
        clock.read(event.event_us, stamp_us)
        if part == ALERT_END and isinstance(event, Alert) and event.request_id is not None:
            self._class(self._matcher.alert_end(event.request_id, event, stamp_us), topic)
        else:
            self._class(self._fold_event(origin, record, event, stamp_us), topic)

    def _reject(self, topic: str, record: Record, reason: str) -> None:
        self.dead_letters.append(DeadLetter(topic, self.partition, record, reason))
        self._class(RecordClass.DEAD_LETTER, topic)

    def _fold_event(self, topic: str, record: Record, event: StreamEvent, stamp_us: int) -> RecordClass:
        if isinstance(event, Response):
            return self._matcher.response(event, stamp_us)
        if isinstance(event, Request):
            return self._matcher.request(event, stamp_us)
        if isinstance(event, Alert):
            return self._fold_alert(topic, record, event, stamp_us)
        return self._matcher.scheduled(event, stamp_us)

    def _fold_alert(self, topic: str, record: Record, alert: Alert, stamp_us: int) -> RecordClass:
        """Count an Alert at its subject, and bring its end to where the request it names waits."""
        if self._matcher.repeats_alert(alert, stamp_us):
            return RecordClass.DUPLICATE_ALERT
        facts = self._facts_at(alert.device, alert.raised_us)[0]
        role = role_or_type(alert.role, facts)
        day = day_of(alert.raised_us)
        self.state.alerts.note(AlertKey(alert.recipient, role, alert.kind, alert.code, day, alert.delivered))
        if alert.request_id is not None:
            subject = request_subject(alert.request_id)
            home = partition_of(subject, self.partitions)
            if home == self.partition:
                self._matcher.alert_end(alert.request_id, alert, stamp_us)
            else:
                self.strays.append(stray_of(topic, self.partition, record, subject, home, part=ALERT_END))
        return RecordClass.ALERT

    def _class(self, became: RecordClass, topic: str) -> None:
        """Count what became of a record; every record read comes here exactly once."""
        self._classed += 1
        self.state.counters.note((became.value, topic))

    def _count(self, name: str) -> None:
        """Count what is told beside the records' classes."""
        self.state.counters.note((name, ""))

    # -- reference topics ----------------------------------------------------------------------------------

    def fold_reference(self, fetched: Fetched) -> None:
        """Take in records of ``devices`` (into the estate), ``users`` or ``incidents`` (for dead letters only)."""
        name = f"{fetched.topic}/{fetched.partition}"
        applied = self.state.applied.get(name, 0)
        for record in fetched.records:
            counted = record.offset >= applied
            if fetched.topic == DEVICES:
                self._fold_device(DEVICES, record, counted=counted)
            elif counted:
                self._check_reference(fetched.topic, fetched.partition, record)
            self.records += counted
        self.state.applied[name] = max(applied, fetched.next_position)

    def _fold_device(self, topic: str, record: Record, *, counted: bool = True) -> None:
        """Take a Device record into the estate; one read before (the estate was lost) is counted no more."""
        if record.value is None and record.key is not None:
            self.estate.remove(record.key.decode(errors="replace").upper())
            became = RecordClass.REFERENCE
        else:
            event = decoded(decode_device, record.value)
            if isinstance(event, Rejected):
                if counted:
                    self._reject(topic, record, event.reason)
                return
            became = self._keep_or_pass_on(topic, record, event, counted=counted)
        if counted:
            self._class(became, topic)

    def _keep_or_pass_on(self, topic: str, record: Record, event: DeviceVersion, *, counted: bool) -> RecordClass:
        home = partition_of(event.device, self.partitions)
        if home != self.partition:
            if counted:
                self.strays.append(stray_of(topic, self.partition, record, event.device, home))
            return RecordClass.STRAY
        if self._reference_read and event.as_of_us <= self._looked_up_us.get(event.device, -1):
            self._count("late_facts")
        self.estate.add(event.device, version_of(event), stamp_us=record.timestamp * US_PER_MS)
        return RecordClass.REFERENCE

    def _check_reference(self, topic: str, partition: int, record: Record) -> None:
        """Make a dead letter of what the snapshot will not be able to read."""
        event = None if record.value is None else decoded(REFERENCE_DECODERS[topic], record.value)
        if isinstance(event, Rejected):
            self.dead_letters.append(DeadLetter(topic, partition, record, event.reason))
            self._class(RecordClass.DEAD_LETTER, topic)
        else:
            self._class(RecordClass.REFERENCE, topic)

    def reference_is_read(self) -> None:
        """Note that the reference topics were read to their end: Device records after this may be late facts."""
        self._reference_read = True

    # -- facts and finished round trips --------------------------------------------------------------------

    def _facts_at(self, device: str | None, at_us: int) -> tuple[Facts, bool]:
        if device is None:
            return UNKNOWN_FACTS, False
        version = holding_at(self.estate.versions(device), at_us)
        self._note_look_up(device, at_us)
        if version is None or version.facts is None:
            return UNKNOWN_FACTS, False
        return version.facts, installing(version, at_us)

    def _note_look_up(self, device: str, at_us: int) -> None:
        """Remember for which instant a Device was looked up, to know a late fact when one comes."""
        if at_us > self._looked_up_us.get(device, -1):
            if len(self._looked_up_us) >= LOOKED_UP:
                self._looked_up_us.clear()
            self._looked_up_us[device] = at_us

    def _look_up(self, leg: Leg) -> None:
        facts, leg.installing = self._facts_at(leg.device, leg.start_us)
        leg.facts = self.state.facts.number(facts)

    def _settle(self, _key: str, leg: Leg, outcome: Outcome) -> None:
        state = self.state
        seen = observation(leg, outcome, state.facts.keys[leg.facts])
        if is_held(leg.srv):
            state.hold(seen)
        else:
            self._observer.observe(seen)
            if leg.srv == GAIN_SRV and outcome.succeeded and leg.device is not None and not leg.transform:
                state.gain(Gain(leg.user, seen.role, leg.device, leg.start_us))
