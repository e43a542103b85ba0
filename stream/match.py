"""Matching: Service Requests with what ends them, by the rules of contract sections 3 and 8.

The matcher is pure: events and the clock in, round trips and record classes out. What it remembers is in
``Memory``, whose maps tell their changes, so that a commit can write them and a restart read them back.

Theory. A leg is open until a *response* ends it. An Alert that names it only notes a provisional end, because a
response beats an Alert whichever is read first; so a leg without a response is held until its month is final.
Future dated legs are also held for a while after their end, since a cancellation received before that end may
still be on its way in another topic. Nothing is decided by the order in which topics are read.

    absent --request--> open --response--> ended --(future dated: held a while)--> settled --> remembered
                          |--Alert--> noted --response--> ended
                          |--cancellation--> withdrawn (no round trip)
                          '--month final--> settled as it stands; a later end is late
"""

from collections.abc import Callable

from dcc_analytics.stream.cancellations import Cancellations
from dcc_analytics.stream.events import Alert, Request, Response, ScheduledResult
from dcc_analytics.stream.first_legs import FirstLegs
from dcc_analytics.stream.legs import (
    FACTS_PENDING,
    SCHEDULED_VARIANT,
    TRANSFORM_VARIANT,
    End,
    Leg,
    Outcome,
    leg_key,
    opened,
)
from dcc_analytics.stream.memory import ALERT_REPEAT_US, CLOSED_US, KNOWN_US, REPEAT_US, Memory
from dcc_analytics.stream.outcomes import (
    RecordClass,
    alert_outcome,
    end_of_alert,
    end_of_response,
    end_of_result,
    instructions_outcome,
    is_clock_fault,
    is_late,
    only_accepts,
    response_outcome,
    withdrawn,
)

Settle = Callable[[str, Leg, Outcome], None]
"""Takes a finished round trip."""
LookUp = Callable[[Leg], None]
"""Sets a leg's ``facts`` and ``installing`` to what the estate knows at its start."""
Count = Callable[[str], None]
"""Counts what is not a record of its own: unmatched responses, orphans, duplicates among Alerts' ends."""


class Matcher:
    """The rules over one shard's memory."""

    def __init__(self, memory: Memory, *, settle: Settle, look_up: LookUp, count: Count) -> None:
        """Match over ``memory``.

        Args:
            memory: what is remembered; read and changed.
            settle: called once for each round trip whose outcome is definite.
            look_up: called when a leg's start has come.
            count: called with the name of a counter.
        """
        self._memory = memory
        self._cancellations = Cancellations(memory)
        self._first_legs = FirstLegs(memory)
        self._settle = settle
        self._look_up = look_up
        self._count = count

    # -- requests ------------------------------------------------------------------------------------------

    def request(self, event: Request, stamp_us: int) -> RecordClass:
        """Open a leg, unless the request is a repeat or a cancellation.

        Args:
            event: the Service Request.
            stamp_us: the record's own timestamp.
        """
        memory = self._memory
        key = leg_key(event.request_id, transform=event.command_variant == TRANSFORM_VARIANT)
        if self._repeats(key, event.received_us, stamp_us):
            return RecordClass.DUPLICATE_REQUEST
        if event.command_variant >= TRANSFORM_VARIANT:  # few are: it is asked here for the others' sake
            event = self._first_legs.executed(event, stamp_us)
        if event.cancels:
            memory.waiting.drop(key)
            self._cancellations.read(key, event, stamp_us)
            return RecordClass.CANCELLATION
        leg = opened(event, untimed=is_clock_fault(event.received_us, stamp_us))
        self._first_legs.share(event.request_id, leg, stamp_us)
        if not leg.future_dated:
            self._look_up(leg)
        memory.open(key, leg)
        if leg.future_dated:
            self._cancellations.decide(key, leg.srv, stamp_us)
        if key in memory.waiting:
            for end in memory.waiting.drop(key)[1]:  # type: ignore[index]
                self._meet(key, end, stamp_us)
        return RecordClass.LEG_OPENED

    def _repeats(self, key: str, received_us: int, stamp_us: int) -> bool:
        """Return whether a leg of this key is open, or ended at most a day before (contract 3.10).

        How late a repeat may be told the contract leaves open: docs/adr/0010. An Alert alone closes no leg: a response
        may still beat it.
        """
        memory = self._memory
        leg = memory.legs.get(key)
        if leg is None:
            ended = memory.ended.value(key, stamp_us)
            repeated = ended is not None and received_us - ended.ended_us <= REPEAT_US
            return repeated or memory.cancellations.value(key, stamp_us) is not None
        if leg.outcome is None or leg.outcome.ended_us is None or leg.settles_us is None:
            return True
        if received_us - leg.outcome.ended_us <= REPEAT_US and stamp_us <= leg.settles_us + KNOWN_US:
            return True
        self._finish(key, leg, leg.outcome, leg.settles_us)
        return False

    # -- ends ----------------------------------------------------------------------------------------------

    def response(self, event: Response, stamp_us: int) -> RecordClass:
        """End the leg a response names, or hold the response until its request is read."""
        key = leg_key(event.request_id, transform=event.kind == "pre_command")
        return self._meet(key, end_of_response(event, stamp_us), stamp_us)

    def repeats_alert(self, event: Alert, stamp_us: int) -> bool:
        """Return whether an Alert was kept within ten minutes of this one's end; if not, keep this (contract 3.10)."""
        alerts = self._memory.alerts
        kept_us = alerts.value(event.alert_id, stamp_us)
        if kept_us is not None and abs(event.ended_us - kept_us) <= ALERT_REPEAT_US:
            return True
        alerts.remember(event.alert_id, event.ended_us, stamp_us + KNOWN_US)
        return False

    def alert_end(self, request_id: str, event: Alert, stamp_us: int) -> RecordClass:
        """Bring the end an Alert reports to the command leg of the request it names."""
        return self._meet(request_id, end_of_alert(event, stamp_us), stamp_us)

    def _meet(self, key: str, end: End, stamp_us: int) -> RecordClass:
        """Bring an end to its leg, wherever that is; duplicates are counted here, whenever they come to light."""
        became = self._bring(key, end, stamp_us)
        if became is RecordClass.DUPLICATE_END:
            self._count("duplicate_ends")
        return became

    def _bring(self, key: str, end: End, stamp_us: int) -> RecordClass:
        memory = self._memory
        leg = memory.legs.get(key)
        if leg is not None:
            return self._end(key, leg, end, stamp_us)
        if memory.cancellations.value(key, stamp_us) is not None:
            return RecordClass.INTERIM
        ended = memory.ended.value(key, stamp_us)
        if ended is not None and end.at_us <= ended.until_us:
            if only_accepts(end, ended.command_variant):
                return RecordClass.INTERIM
            return RecordClass.DUPLICATE_END
        if memory.closed.value(key, stamp_us) is not None:
            return RecordClass.LATE
        memory.wait(key, end, stamp_us)
        return RecordClass.WAITING

    def _end(self, key: str, leg: Leg, end: End, stamp_us: int) -> RecordClass:
        if only_accepts(end, leg.command_variant):
            return RecordClass.INTERIM
        if is_late(end, leg):
            return RecordClass.LATE
        if end.number and end.number in (leg.instructions or ()):
            return RecordClass.INTERIM  # an instruction told again ends nothing, so it is no second end
        if leg.outcome is not None or (end.kind == "alert" and leg.by_alert is not None):
            return RecordClass.DUPLICATE_END
        if end.kind == "alert":
            leg.by_alert = alert_outcome(end)
            if leg.future_dated:
                self._cancellations.decide(key, leg.srv, stamp_us)
            self._memory.legs.put(key, leg)
            return RecordClass.END
        if end.kind == "future_dated":
            return self._instruct(key, leg, end, stamp_us)
        accepts = end.kind == "response" and end.code[:1] == "I"
        if accepts and leg.future_dated and end.at_us < leg.start_us:
            return RecordClass.INTERIM
        self._conclude(key, leg, response_outcome(end), stamp_us)
        return RecordClass.END

    def _instruct(self, key: str, leg: Leg, end: End, stamp_us: int) -> RecordClass:
        """Note an instruction of a future dated leg; the last outstanding one ends it."""
        instructions = leg.instructions = leg.instructions or {}
        instructions[end.number] = (end.at_us, end.failed, end.untimed)
        self._memory.legs.put(key, leg)
        if len(instructions) < end.total:
            return RecordClass.INTERIM
        self._conclude(key, leg, instructions_outcome(instructions), stamp_us)
        return RecordClass.END

    def _conclude(self, key: str, leg: Leg, outcome: Outcome, stamp_us: int) -> None:
        """A response has ended a leg; one is held until no cancellation, or no first leg, can come before it any more.

        Of two ends of one leg one is a duplicate: here the Alert's, which the response beats.
        """
        if leg.by_alert is not None:
            self._count("duplicate_ends")
        if not leg.future_dated and not self._first_legs.may_come(key, leg, stamp_us):
            self._finish(key, leg, outcome, stamp_us)
            return
        leg.outcome = outcome
        if leg.future_dated:
            self._cancellations.decide(key, leg.srv, stamp_us)
        self._memory.settle_later(key, leg, stamp_us)

    def _finish(self, key: str, leg: Leg, outcome: Outcome, stamp_us: int) -> None:
        memory = self._memory
        memory.shut(key, leg)
        ended_us = stamp_us if outcome.ended_us is None else outcome.ended_us
        memory.remember_end(key, leg, ended_us, stamp_us)
        if leg.cancelled_us is None:
            self._settle_with_facts(key, leg, outcome)
        else:
            self._cancellations.finished(key, leg)
            self._count("cancelled")

    def _settle_with_facts(self, key: str, leg: Leg, outcome: Outcome) -> None:
        if leg.facts == FACTS_PENDING:  # its start lay ahead when it was opened
            self._look_up(leg)
        self._settle(key, leg, outcome)

    # -- scheduled results ---------------------------------------------------------------------------------

    def scheduled(self, event: ScheduledResult, stamp_us: int) -> RecordClass:
        """Settle a result of a DCC schedule: a round trip of its own, from ``planned_at`` (contract 3.11)."""
        identity = f"{event.user}|{event.device}|{event.schedule_id}|{event.srv}|{event.planned_us}"
        if not self._memory.first_of_schedule(identity, stamp_us):
            self._count("duplicate_ends")
            return RecordClass.DUPLICATE_END
        end = end_of_result(event, stamp_us)
        leg = Leg(
            event.user,
            event.role,
            event.srv,
            command_variant=SCHEDULED_VARIANT,
            transform=False,
            device=event.device,
            received_us=event.planned_us,
            start_us=event.planned_us,
            future_dated=False,
            untimed=end.untimed,
        )
        self._look_up(leg)
        self._settle(identity, leg, response_outcome(end))
        return RecordClass.SCHEDULED

    # -- time ----------------------------------------------------------------------------------------------

    def advance(self, horizon_us: int) -> None:
        """Settle and forget what the least clock of all shards has passed: none can pass on anything older."""
        memory = self._memory
        for key, leg in memory.settling(horizon_us):
            self._finish(key, leg, leg.outcome or withdrawn(leg), leg.settles_us or horizon_us)
        for _, ends in memory.waiting.forget(horizon_us):
            for end in ends:
                self._count("orphans" if end.kind == "alert" else "unmatched_responses")
        for timed in memory.forgetting:
            timed.forget(horizon_us)

    def close_months(self, horizon_us: int, before_us: int) -> None:
        """Settle for good the legs that start before an instant: their months are final (section 8, Ends)."""
        memory = self._memory
        for key, leg, outcome in list(memory.unsettled(horizon_us, before_us=before_us)):
            if outcome is not None:
                memory.shut(key, leg)
                memory.closed.remember(key, leg.start_us, leg.start_us + CLOSED_US)
                self._settle_with_facts(key, leg, outcome)
        memory.closed.forget(horizon_us)  # what began long ago: read back after a restart it would be forgotten, too
