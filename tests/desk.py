"""A matcher on a desk: messages are handed to it by name, and what it settles and counts lies open."""

from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple

from dcc_analytics.stream.events import NO_PARAMETERS, Alert, Instruction, Parameters, Request, Response, ResponseKind
from dcc_analytics.stream.instants import DAY_US, HOUR_US, MINUTE_US, US_PER_S, instant_us
from dcc_analytics.stream.legs import Leg, Outcome
from dcc_analytics.stream.match import Matcher
from dcc_analytics.stream.memory import Memory
from dcc_analytics.stream.outcomes import RecordClass

USER = "90-B3-D5-1F-30-01-00-00"
OTHER_USER = "90-B3-D5-1F-30-02-00-00"
DEVICE = "88-73-84-90-6A-10-02-DB"
OTHER_DEVICE = "88-73-84-90-6A-10-02-DC"
#: Monday, 5 October 2026, 12:00:00 UTC: what the tests count from.
NOON = instant_us(datetime(2026, 10, 5, 12, tzinfo=UTC))
S, MIN, H, DAY = US_PER_S, MINUTE_US, HOUR_US, DAY_US


def rid(number: int = 1, *, user: str = USER, target: str = DEVICE) -> str:
    """Return a request id."""
    return f"{user}:{target}:{number}"


class Settled(NamedTuple):
    """A round trip as it was settled."""

    key: str
    succeeded: bool
    reason: str
    rtt_us: int | None
    warned: bool
    leg: Leg
    outcome: Outcome


class Desk:
    """A matcher, what it settled and what it counted."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.settled: list[Settled] = []
        self.counts: Counter[str] = Counter()
        self.matcher = Matcher(self.memory, settle=self._settle, look_up=self._look_up, count=self._count)

    def _settle(self, key: str, leg: Leg, outcome: Outcome) -> None:
        rtt_us = None if outcome.ended_us is None else outcome.ended_us - leg.start_us
        self.settled.append(Settled(key, outcome.succeeded, outcome.reason, rtt_us, outcome.warned, leg, outcome))

    @staticmethod
    def _look_up(leg: Leg) -> None:
        leg.facts = 0

    def _count(self, name: str) -> None:
        self.counts[name] += 1

    def request(
        self,
        number: int = 1,
        *,
        at: int = NOON,
        srv: str = "4.8.1",
        variant: int = 1,
        execute_at: int | None = None,
        cancels: bool = False,
        parameters: Parameters = NO_PARAMETERS,
        user: str = USER,
        target: str = DEVICE,
        stamp: int | None = None,
    ) -> RecordClass:
        """Hand over a Service Request; instants in microseconds, the record's stamp is its receipt unless said."""
        request_id = rid(number, user=user, target=target)
        event = Request(request_id, at, srv, variant, "IS", DEVICE, execute_at, cancels, parameters)
        return self.matcher.request(event, at if stamp is None else stamp)

    def response(
        self,
        number: int = 1,
        *,
        at: int,
        code: str = "I0",
        kind: ResponseKind = "response",
        device_failed: bool = False,
        instruction: tuple[int, int, str] | None = None,
        stamp: int | None = None,
        request_id: str = "",
    ) -> RecordClass:
        """Hand over a message sent back; an instruction is (number, total, Alert code)."""
        told = None if instruction is None else Instruction(instruction[0], instruction[1], instruction[2] == "8F67")
        event = Response(request_id or rid(number), at, code, kind, DEVICE, device_failed, told)
        return self.matcher.response(event, at if stamp is None else stamp)

    def instruction(self, number: int, total: int, *, at: int, alert: str = "8F66", of: int = 1) -> RecordClass:
        """Hand over an instruction of a future dated request."""
        return self.response(of, at=at, kind="future_dated", instruction=(number, total, alert))

    def alert(
        self, number: int = 1, *, at: int, code: str = "N12", delivery: bool | None = None, stamp: int | None = None
    ) -> RecordClass:
        """Hand over the end an Alert brings to the request it names."""
        event = self.an_alert(at=at, code=code, number=number, delivery=delivery)
        return self.matcher.alert_end(rid(number), event, at if stamp is None else stamp)

    @staticmethod
    def an_alert(
        *, at: int, code: str = "N12", number: int = 1, delivery: bool | None = None, alert_id: str = "a-1"
    ) -> Alert:
        """Return an Alert that is delivered a second after it was raised."""
        return Alert(
            alert_id,
            "dcc",
            code,
            USER,
            "IS",
            DEVICE,
            at,
            at + S,
            delivered=True,
            throttled_count=0,
            request_id=rid(number),
            delivery_succeeded=delivery,
        )

    def clock(self, at: int) -> None:
        """Let the clock of all shards pass an instant."""
        self.matcher.advance(at)

    def at_snapshot(self, clock: int, *, before: int = NOON + 60 * DAY) -> list[tuple[str, str]]:
        """Return (leg key, open, success or reason) of what is not settled, as a snapshot at a clock sees it."""

        def told(outcome: Outcome | None) -> str:
            return "open" if outcome is None else "success" if outcome.succeeded else outcome.reason

        return [(key, told(outcome)) for key, _, outcome in self.memory.unsettled(clock, before_us=before)]

    def told(self) -> list[str]:
        """Return ``success`` or the reason of each settled round trip, in order."""
        return ["success" if each.succeeded else each.reason for each in self.settled]
