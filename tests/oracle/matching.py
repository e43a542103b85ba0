"""Requests and what ends them, to round trips (contract sections 3.1 to 3.14 and 8, Ends).

All records are at hand, so that no order between topics matters: ends are gathered by request id, and each leg is
settled by itself. Where the contract is silent it is taken so:

- A leg that has no response is open for repeats until its month is final, whatever Alert ended it.
- A repeat is dropped for a day after the end, not for ten minutes only; a later one opens a leg anew, which gets the
  ends sent since it was received.
- An end whose own time is past the instant at which the leg's month is final is late.
- A future dated request is withdrawn by the command leg of a cancellation, not by its transform leg.
- A success told by an Alert (firmware delivery status) lasts until the Alert was raised.
- What loses to another end, a repeat of a scheduled result and an Alert that is taken back are duplicate ends; an
  instruction told twice is an interim message.
- An answered leg is known for a day (11.1, on which hubs report for weeks, for forty); what ends it later is unmatched.
- At the end of all topics the stream's clock is the greatest of the topics' clocks.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from tests.oracle.domain import time_out_us
from tests.oracle.reading import Event, Recorded

MINUTE_US: Final = 60_000_000
DAY_US: Final = 86_400_000_000
FINAL_AFTER_US: Final = 8 * DAY_US
_REPEAT_US: Final = DAY_US
_KNOWN_US: Final = {"11.1": 40 * DAY_US}
_ALERT_REPEAT_US: Final = 10 * MINUTE_US
_FUTURE_CAP_US: Final = 5 * MINUTE_US
_YEAR_3000_US: Final = int(datetime(3000, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_EVENT_TIME: Final = {"service-requests": "received_at", "service-responses": "sent_at", "alerts": "ended_at"}


@dataclass
class Trip:
    """A round trip, or a leg of one.

    Attributes:
        user: id of the originator.
        role: as said, or None.
        leg: ``command`` or ``transform``.
        start_us, end_us: end is None if the leg has none, or none with a time.
        outcome: ``success``, ``failure``, ``open`` or ``withdrawn`` (which is no round trip).
        reason: of a failure.
        mode: ``on_demand``, ``future_dated`` or ``scheduled``.
        fault: whether a clock fault keeps it out of times.
    """

    user: str
    role: str | None
    srv: str
    leg: str
    start_us: int
    device: str | None
    mode: str
    parameters: dict[str, Any] = field(default_factory=dict)
    end_us: int | None = None
    outcome: str = "open"
    reason: str = ""
    warning: bool = False
    fault: bool = False

    @property
    def time_us(self) -> int | None:
        """The Round Trip Time, if it is timed."""
        return None if self.end_us is None or self.fault or self.outcome != "success" else self.end_us - self.start_us


@dataclass
class _Leg:
    request: Event
    trip: Trip
    ended_us: int | None = None
    cancels: bool = False


def final_us(instant_us: int) -> int:
    """Return when the month of an instant is final."""
    moment = datetime.fromtimestamp(instant_us // 1_000_000, UTC)
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1_000_000 + FINAL_AFTER_US


def stream_clock_us(recorded: Recorded) -> int:
    """Return the stream's clock once all topics are read to their ends."""
    return max(
        min(int(event[name]), int(event["timestamp_us"]) + _FUTURE_CAP_US)
        for topic, name in _EVENT_TIME.items()
        for event in recorded.events[topic]
    )


class Matching:
    """The round trips of a folder, and counts of what was left out of them."""

    def __init__(self, recorded: Recorded) -> None:
        self.counts: Counter[str] = Counter()
        self.clock_us = stream_clock_us(recorded)
        self._responses: dict[str, list[Event]] = defaultdict(list)
        self._alerts: dict[str, list[Event]] = defaultdict(list)
        scheduled: dict[object, Trip] = {}
        for event in recorded.events["service-responses"]:
            if event["kind"] == "scheduled":
                self._schedule(scheduled, event)
            else:
                self._responses[event["request_id"]].append(event)
        self.alerts = list(self._kept_alerts(recorded.events["alerts"]))
        for alert in self.alerts:
            named = alert.get("request_id") or alert.get("parameters", {}).get("request_id")
            if named:
                self._alerts[named].append(alert)
        self.trips = list(scheduled.values())
        self._match(recorded.events["service-requests"])

    def _schedule(self, known: dict[object, Trip], event: Event) -> None:
        key = tuple(map(event.get, ("user", "device", "schedule_id", "srv", "planned_at")))
        if key in known:
            self.counts["duplicate_ends"] += 1
            return
        trip = Trip(
            event["user"], event.get("role"), event["srv"], "command", event["planned_at"], event.get("device"),
            "scheduled",
        )  # fmt: skip
        _settle(trip, event)
        known[key] = trip

    def _kept_alerts(self, alerts: Iterable[Event]) -> Iterator[Event]:
        kept: dict[str, Event] = {}
        for alert in alerts:
            first = kept.get(alert["alert_id"])
            if first is not None and abs(alert["ended_at"] - first["ended_at"]) <= _ALERT_REPEAT_US:
                self.counts["duplicate_alerts"] += 1
                continue
            kept[alert["alert_id"]] = alert
            yield alert

    def _match(self, requests: list[Event]) -> None:
        by_leg: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for request in requests:
            leg = "transform" if request["command_variant"] == 4 else "command"
            by_leg[request["request_id"], leg].append(request)
        legs: list[_Leg] = []
        for (request_id, leg), equals in by_leg.items():
            first = by_leg.get((request_id, "transform"), equals)[0] if leg == "command" else None
            legs += self._legs(leg, equals, first or {})
        self._withdraw(legs)
        self.trips += [leg.trip for leg in legs if leg.trip.outcome != "withdrawn"]
        known = {request_id for request_id, _ in by_leg}
        for request_id, responses in self._responses.items():
            for each in responses:
                leg = "transform" if each["kind"] == "pre_command" else "command"
                self.counts["unmatched_responses"] += (request_id, leg) not in by_leg
        self.counts["orphans"] += sum(len(ends) for name, ends in self._alerts.items() if name not in known)

    def _legs(self, leg: str, equals: list[Event], first: Event) -> Iterator[_Leg]:
        """Yield the legs of requests equal in id and leg; most are one."""
        current = self._opened(leg, equals[0], first)
        ends = [each for each in self._responses[equals[0]["request_id"]] if (each["kind"] == "pre_command") == (
            leg == "transform")]  # fmt: skip
        alerts = self._alerts[equals[0]["request_id"]] if leg == "command" else []
        for repeat in equals[1:]:
            before = [each for each in ends if each["sent_at"] < repeat["received_at"]]
            trial = self._opened(leg, current.request, first)
            answered = self._end(trial, before, [], count=False)
            if not answered or repeat["received_at"] <= (trial.ended_us or 0) + _REPEAT_US:
                self.counts["duplicate_requests"] += 1
                continue
            earlier = [each for each in alerts if each["ended_at"] < repeat["received_at"]]
            self._end(current, before, earlier)
            yield current
            ends = [each for each in ends if each["sent_at"] >= repeat["received_at"]]
            alerts = [each for each in alerts if each["ended_at"] >= repeat["received_at"]]
            current = self._opened(leg, repeat, first)
        self._end(current, ends, alerts)
        yield current

    def _opened(self, leg: str, request: Event, first: Event) -> _Leg:
        execute_us = request.get("execute_at", first.get("execute_at") if 4 < request["command_variant"] < 8 else None)
        cancels = execute_us is not None and execute_us >= _YEAR_3000_US
        future_us = None if cancels or leg == "transform" else execute_us
        trip = Trip(
            request["request_id"].split(":")[0], request.get("role"), request["srv"], leg,
            future_us or request["received_at"], request.get("device"),
            "on_demand" if execute_us is None else "future_dated",
            first.get("parameters", {}) | request.get("parameters", {}),
        )  # fmt: skip
        trip.fault = _runs_ahead(request, "received_at")
        return _Leg(request, trip, cancels=cancels)

    def _end(self, leg: _Leg, responses: list[Event], alerts: list[Event], *, count: bool = True) -> bool:
        """Settle a leg; return whether a response ended it."""
        trip = leg.trip
        final = final_us(trip.start_us)
        ended = False
        for end, parts, code in self._ends(leg, responses, count=count):
            end_us = max(part["sent_at"] for part in parts)
            if ended and end_us > (leg.ended_us or 0) + _KNOWN_US.get(trip.srv, _REPEAT_US):
                self.counts["unmatched_responses"] += count
            elif ended:
                self.counts["duplicate_ends"] += count
            elif end_us > final:
                self.counts["late"] += count
            else:
                ended = True
                leg.ended_us = end_us
                _settle(trip, end | {"sent_at": end_us, "code": code})
                trip.fault = trip.fault or any(_runs_ahead(part, "sent_at") for part in parts)
        in_time = [alert for alert in alerts if alert["ended_at"] <= final]
        self.counts["duplicate_ends"] += count * max(len(in_time) - (not ended), 0)
        self.counts["late"] += count * (len(alerts) - len(in_time))
        if not ended and in_time:
            _settle_by_alert(trip, in_time[0])
            leg.ended_us = in_time[0]["raised_at"]
        elif not ended and trip.start_us + time_out_us(trip.srv) < self.clock_us:
            trip.outcome, trip.reason = "failure", "NO-RESPONSE"
        return ended

    def _ends(self, leg: _Leg, responses: list[Event], *, count: bool) -> Iterator[tuple[Event, list[Event], str]]:
        """Yield what could end a leg, in order of the log: the response, its parts, and its code."""
        instructions: dict[int, Event] = {}
        for each in responses:
            kind, code = each["kind"], each["code"]
            if kind == "future_dated":
                told = each["instruction"]
                if told["number"] in instructions:
                    self.counts["interim"] += count
                    continue
                instructions[told["number"]] = each
                if len(instructions) == told["total"]:
                    parts = list(instructions.values())
                    failed = any(part["instruction"]["alert"] == "8F67" for part in parts)
                    yield each, parts, "8F67" if failed else "I0"
            elif _is_interim(leg, each):
                self.counts["interim"] += count
            else:
                yield each, [each], code

    def _withdraw(self, legs: list[_Leg]) -> None:
        """Let each cancellation withdraw the newest future dated request before it that has not ended."""
        future: dict[tuple[str, str], list[_Leg]] = defaultdict(list)
        for leg in legs:
            if leg.trip.mode == "future_dated" and leg.trip.leg == "command" and not leg.cancels:
                future[_subject(leg)].append(leg)
        for cancel in sorted((leg for leg in legs if leg.cancels), key=lambda leg: leg.request["received_at"]):
            cancel.trip.outcome = "withdrawn"
            at_us = cancel.request["received_at"]
            if cancel.trip.leg == "transform":
                continue
            able = [
                leg
                for leg in future[_subject(cancel)]
                if leg.trip.outcome != "withdrawn"
                and leg.request["received_at"] < at_us
                and (leg.ended_us is None or leg.ended_us > at_us)
            ]
            if able:
                max(able, key=lambda leg: leg.request["received_at"]).trip.outcome = "withdrawn"
                self.counts["cancelled"] += 1


def _subject(leg: _Leg) -> tuple[str, str]:
    return leg.request["request_id"].rpartition(":")[0], leg.trip.srv


def _runs_ahead(event: Event, name: str) -> bool:
    return bool(event[name] > event["timestamp_us"] + DAY_US)


def _is_interim(leg: _Leg, response: Event) -> bool:
    """Return whether a message only notes something: acceptance, or a Class I response before execution."""
    code = response["code"]
    if response["kind"] == "acknowledgement":
        return not (code.startswith("E") or (code == "I99" and leg.request["command_variant"] == 8))
    early = leg.trip.mode == "future_dated" and response["sent_at"] < leg.trip.start_us
    return response["kind"] == "response" and early and code.startswith("I")


def _settle(trip: Trip, end: Event) -> None:
    code = end["code"]
    trip.end_us = end["sent_at"]
    trip.fault = trip.fault or end["sent_at"] < trip.start_us or _runs_ahead(end, "sent_at")
    if code[0] not in "IW":
        trip.outcome, trip.reason = "failure", code
    elif end.get("device_result") == "failure":
        trip.outcome, trip.reason = "failure", "I0-DEVICE"
    else:
        trip.outcome, trip.warning = "success", code[0] == "W"


def _settle_by_alert(trip: Trip, alert: Event) -> None:
    parameters = alert.get("parameters", {})
    if "target_device" in parameters and parameters.get("result") == "success":
        trip.outcome, trip.end_us = "success", alert["raised_at"]
        trip.fault = trip.fault or alert["raised_at"] < trip.start_us
    else:
        trip.outcome, trip.reason = "failure", alert["code"]
