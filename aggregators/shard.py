"""A shard: one partition of every source topic, folded in step into one state. Pure; the worker feeds and commits it.

fetched records -> waiting by topic -> in step of their clocks -> decode -> home? -> match -> observe -> state
                                                                '-> dead letter   '-> stray
"""

from collections.abc import Iterable

from dcc_analytics.aggregators.alerts import AlertCounter
from dcc_analytics.aggregators.classes import RecordClasses
from dcc_analytics.aggregators.device_records import Install, read_of_leg, record_of_leg
from dcc_analytics.aggregators.facts import DeviceFacts, Estate
from dcc_analytics.aggregators.observe import Observer, is_held, observation
from dcc_analytics.aggregators.outgoing import DeadLetter, Outgoing
from dcc_analytics.aggregators.reference import DEVICES, ReferenceFold
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.aggregators.waiting import Fold, Waiting
from dcc_analytics.catalogue.months import CLOSED_AFTER_US, month_of
from dcc_analytics.stream.clock import TopicClock, stream_clock_us
from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.duis import decoded_record
from dcc_analytics.stream.events import Alert, Rejected, Request, Response, StreamEvent
from dcc_analytics.stream.fetched import Fetched, Record
from dcc_analytics.stream.home import partition_of, request_subject, subject_of
from dcc_analytics.stream.instants import stamp_us_of
from dcc_analytics.stream.legs import Leg, Outcome
from dcc_analytics.stream.match import Matcher
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import ALERT_END, SOURCES, STRAYS, Stray, read_stray


class Shard:
    """Folds the records of one partition.

    Invariants:
        ``state.applied`` says exactly which records are folded in; a fetch is taken only if it begins there.
        What is in ``strays`` and ``dead_letters`` goes out in the transaction that commits ``state.applied``.
    """

    def __init__(
        self, partition: int, partitions: int, state: ShardState, estate: Estate, application: str | None = None
    ) -> None:
        """Fold for a partition.

        Args:
            partition: which.
            partitions: of every source topic.
            state: what the ledger brought back.
            estate: the versions of the Devices' records.
            application: that folds, and whose strays alone are folded here; every one's when None.
        """
        self.partition = partition
        self.partitions = partitions
        self.state = state
        self.records = 0
        self._application = application
        self._begun = False
        self._cut_records = 0
        self._classes = RecordClasses(partition, state.counters, state.audit)
        self._out = Outgoing(partition, application, self._classes, state.counters)
        self._facts = DeviceFacts(estate, state.moved.data.values())
        self._reference = ReferenceFold(partition, partitions, state, self._facts, self._classes, self._out)
        self._horizon_moved = False
        self.clocks = {
            topic: TopicClock(
                applied=state.applied.get(self._name(topic), 0),
                clock_us=state.clocks_us.get(self._name(topic), -1),
            )
            for topic in SOURCES
        }
        self._waiting = Waiting(self.clocks)
        self._folds: dict[str, Fold] = {**dict.fromkeys(DECODERS, self._fold_source), STRAYS: self._fold_stray}
        self._observer = Observer(state.cells, state.failures, state.slow)
        self._alerts = AlertCounter(state, self._facts)
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
        return self._waiting.offer(fetched)

    def has_changes(self) -> bool:
        """Return whether anything was folded, or passed over, since it was last taken to be committed."""
        return self.records > self._cut_records or bool(self._out.folded) or self._horizon_moved

    def has_work(self) -> bool:
        """Return whether records wait for their turn, or what was folded for its commit."""
        return self.has_changes() or bool(self._waiting)

    def take_outgoing(self) -> tuple[list[Stray], list[DeadLetter], list[Fetched]]:
        """Return what goes out with the commit of what was just cut: strays, dead letters, fetches used up.

        Raises:
            RuntimeError: a record was lost or classed twice; the commit must not happen (contract 3.14).
        """
        if self._classes.total != self.records:
            raise RuntimeError(
                f"conservation is broken in partition {self.partition}: {self.records} records were folded and "
                f"{self._classes.total} classed; nothing of this is committed, please report it"
            )
        self._cut_records = self.records
        self._horizon_moved = False
        return self._out.take()

    def waiting(self, topic: str) -> int:
        """Return how many records of a topic wait for their turn."""
        return self._waiting.records(topic)

    def advance(self, most: int) -> int:
        """Fold what may be folded now, at most about ``most`` records; return how many were."""
        if not self._begun:
            self._begin()
        done, used = self._waiting.run(most, self._folds)
        self.records += done
        self._out.folded.extend(used)
        state = self.state
        for topic, clock in self.clocks.items():
            state.applied[self._name(topic)] = clock.applied
            state.clocks_us[self._name(topic)] = clock.clock_us
        state.clock_us = max(state.clock_us, stream_clock_us(self.clocks.values()))
        return done

    def _begin(self) -> None:
        self._begun = True
        for topic, clock in self.clocks.items():
            self.state.audit.begin(topic, self.partition, clock.applied)

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
            left = self._facts.estate.left_before(state.kept_from_us)
            state.forget_outdated(horizon_us, set(left))
            self._forget(left)

    def _forget(self, left: Iterable[str]) -> None:
        """Forget Devices that have left the inventory, but for hubs of which an install is still kept."""
        installed = {record.hub for record in self.state.records.data.values() if isinstance(record, Install)}
        self._facts.estate.forget([device for device in left if device not in installed])

    def _fold_source(self, topic: str, record: Record, clock: TopicClock) -> None:
        event = decoded_record(topic, record)
        if isinstance(event, Rejected):
            self._out.reject(topic, self.partition, record, event.reason)
            return
        stamp_us = stamp_us_of(record.timestamp)
        clock.read(event.event_us, stamp_us)
        subject = event.device or subject_of(event, record.key)
        if record.key != subject.encode():
            home = partition_of(subject, self.partitions)
            if home != self.partition:
                self._out.pass_on(topic, record, subject, home)
                return
        self._classes.note(self._fold_event(topic, record, event, stamp_us), topic, record)

    def _fold_stray(self, topic: str, record: Record, clock: TopicClock) -> None:
        stray = read_stray(record)
        if not stray.is_for(self._application):
            self._classes.note(RecordClass.ELSEWHERE, topic, record)
            return
        if (origin := stray.topic) not in DECODERS and origin != DEVICES:
            self._out.reject(topic, self.partition, record, f"a stray without its origin: header topic is {origin!r}")
            return
        if origin == DEVICES:
            self._reference.device(topic, record)
            return
        event = decoded_record(origin, record)
        if isinstance(event, Rejected):
            self._out.reject(topic, self.partition, record, event.reason)
            return
        stamp_us = stamp_us_of(record.timestamp)
        clock.read(event.event_us, stamp_us)
        if stray.part == ALERT_END and isinstance(event, Alert) and event.request_id is not None:
            became = self._matcher.alert_end(event.request_id, event, stamp_us)
        else:
            became = self._fold_event(origin, record, event, stamp_us)
        self._classes.note(became, topic, record)

    def _fold_event(self, topic: str, record: Record, event: StreamEvent, stamp_us: int) -> RecordClass:
        if isinstance(event, Alert):  # three of five records
            return self._fold_alert(topic, record, event, stamp_us)
        if isinstance(event, Response):
            return self._matcher.response(event, stamp_us)
        if isinstance(event, Request):
            return self._matcher.request(event, stamp_us)
        return self._matcher.scheduled(event, stamp_us)

    def _fold_alert(self, topic: str, record: Record, alert: Alert, stamp_us: int) -> RecordClass:
        """Count an Alert at its subject, and bring its end to where the request it names waits."""
        if self._matcher.repeats_alert(alert, stamp_us):
            return RecordClass.DUPLICATE_ALERT
        self._alerts.count(alert, stamp_us)
        if alert.request_id is not None:
            subject = request_subject(alert.request_id)
            home = partition_of(subject, self.partitions)
            if home == self.partition:
                self._matcher.alert_end(alert.request_id, alert, stamp_us)
            else:
                self._out.pass_end_on(topic, record, subject, home)
        return RecordClass.ALERT

    def _count(self, name: str) -> None:
        """Count what is told beside the records' classes."""
        self.state.counters.note((name, ""))

    def fold_reference(self, fetched: Fetched) -> None:
        """Take in records of ``devices`` (into the estate), ``users`` or ``incidents`` (for dead letters only)."""
        self.records += self._reference.fold(fetched)

    def reference_is_read(self) -> None:
        """Note that the reference topics were read to their end: Device records after this may be late facts.

        An estate that was lost has the Devices again that had left it.
        """
        self._reference.is_read = True
        if left := self._facts.estate.left_before(self.state.kept_from_us):
            self._forget(left)

    # -- facts and finished round trips --------------------------------------------------------------------

    def _look_up(self, leg: Leg) -> None:
        facts, leg.installing = self._facts.at(leg.device, leg.start_us)
        leg.facts = self.state.facts.number(facts)

    def _settle(self, key: str, leg: Leg, outcome: Outcome) -> None:
        state = self.state
        seen = observation(leg, outcome, state.facts.keys[leg.facts])
        if is_held(leg.srv):
            state.hold(seen)
            return
        self._observer.observe(seen)
        if (read_us := read_of_leg(leg, outcome)) is not None and leg.device is not None:
            state.read(leg.device, read_us)
        elif (kept := record_of_leg(key, leg, outcome, seen.role)) is not None:
            state.keep(kept)
