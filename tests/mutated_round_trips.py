"""Mutations of the rules of round trips: contract section 3, and 8 (Ends)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import msgspec

from dcc_analytics.aggregators.cells import TIMED
from dcc_analytics.aggregators.observe import Observation
from dcc_analytics.catalogue.targets import Target
from dcc_analytics.stream.events import Alert, Request, ScheduledResult
from dcc_analytics.stream.instants import DAY_US, HOUR_US, MINUTE_US
from dcc_analytics.stream.legs import End, Leg, Outcome
from dcc_analytics.stream.match import Matcher
from dcc_analytics.stream.memory import Memory
from dcc_analytics.stream.outcomes import RecordClass, response_outcome
from tests.mutation import CUT, DAILY, FAILURES, MONTHLY, TOTALS, Mutation, constant


def _transform_counts(original: Callable[..., Leg]) -> object:
    def opened(request: Request, *, untimed: bool) -> Leg:
        leg = original(request, untimed=untimed)
        leg.transform = False
        return leg

    return opened


def _timed_from_receipt(original: Callable[..., Leg]) -> object:
    def opened(request: Request, *, untimed: bool) -> Leg:
        leg = original(request, untimed=untimed)
        leg.start_us = leg.received_us
        return leg

    return opened


def _of_the_day_of_receipt(original: Callable[..., Observation]) -> object:
    def observation(leg: Leg, *rest: Any) -> Observation:  # noqa: ANN401 (handed on as they are)
        return msgspec.structs.replace(original(leg, *rest), start_us=leg.received_us)

    return observation


EndLeg = Callable[[Matcher, str, Leg, End, int], RecordClass]


def _alert_beats_response(original: EndLeg) -> object:
    def end_leg(self: Matcher, key: str, leg: Leg, end: End, stamp_us: int) -> RecordClass:
        beaten = leg.by_alert is not None and end.kind == "response"
        return RecordClass.DUPLICATE_END if beaten else original(self, key, leg, end, stamp_us)

    return end_leg


def _last_alert_wins(original: EndLeg) -> object:
    def end_leg(self: Matcher, key: str, leg: Leg, end: End, stamp_us: int) -> RecordClass:
        if end.kind == "alert":
            leg.by_alert = None
        return original(self, key, leg, end, stamp_us)

    return end_leg


def _early_acceptance_ends(original: EndLeg) -> object:
    def end_leg(self: Matcher, key: str, leg: Leg, end: End, stamp_us: int) -> RecordClass:
        early = leg.future_dated and leg.outcome is None and end.at_us < leg.start_us
        if early and end.kind == "response" and end.code[:1] == "I":
            self._conclude(key, leg, response_outcome(end), stamp_us)
            return RecordClass.END
        return original(self, key, leg, end, stamp_us)

    return end_leg


def _planned_when_sent(original: Callable[..., ScheduledResult]) -> object:
    def scheduled(*of: object) -> ScheduledResult:
        result = original(*of)
        return msgspec.structs.replace(result, planned_us=result.sent_us)

    return scheduled


def _undelivered_alerts_end_nothing(original: Callable[..., RecordClass]) -> object:
    def alert_end(self: Matcher, request_id: str, event: Alert, stamp_us: int) -> RecordClass:
        return original(self, request_id, event, stamp_us) if event.delivered else RecordClass.END

    return alert_end


def _every_i99_only_accepts(_: object) -> object:
    def only_accepts(end: End, _command_variant: int) -> bool:
        return end.kind == "acknowledgement" and end.code[:1] != "E"

    return only_accepts


Instructions = dict[int, tuple[int, bool, bool]]


def _by_the_last_instruction(original: Callable[[Instructions], Outcome]) -> object:
    return lambda instructions: original(dict(list(instructions.items())[-1:]))


def _without_verdict(original: Callable[[End], Outcome]) -> object:
    return lambda end: original(msgspec.structs.replace(end, failed=False))


def _warnings_are_failures(original: Callable[[str], str]) -> object:
    return lambda code: "failure" if code[:1] == "W" else original(code)


def _every_alert_fails(original: Callable[[End], Outcome]) -> object:
    return lambda end: original(msgspec.structs.replace(end, failed=True))


Timing = Callable[[Leg, Outcome | None], tuple[int, int]]


def _negative_times_count(original: Timing) -> object:
    def timing(leg: Leg, outcome: Outcome | None) -> tuple[int, int]:
        if outcome is not None and outcome.succeeded and (outcome.ended_us or leg.start_us) < leg.start_us:
            return TIMED, (outcome.ended_us or 0) - leg.start_us
        return original(leg, outcome)

    return timing


def _failures_are_timed(original: Timing) -> object:
    def timing(leg: Leg, outcome: Outcome | None) -> tuple[int, int]:
        tried = outcome if outcome is None else msgspec.structs.replace(outcome, succeeded=outcome.ended_us is not None)
        return original(leg, tried)

    return timing


def _just_in_time_is_late(original: Callable[..., Target | None]) -> object:
    def target_of(role: str, srv: str, smets_version: str, *, on_demand: bool) -> Target | None:
        target = original(role, srv, smets_version, on_demand=on_demand)
        return None if target is None else replace(target, target_us=target.target_us - 1)

    return target_of


def _unmet_ends_are_dropped(_: object) -> object:
    def wait(self: Memory, key: str, end: End, now_us: int) -> None:
        """Hold nothing."""

    return wait


def _an_hour_later(original: Callable[[int], int]) -> object:
    return lambda us: original(us + HOUR_US)


ROUND_TRIPS: Final = (
    Mutation("3.2: a response beats an Alert", "dcc_analytics.stream.match:Matcher._end", _alert_beats_response,
             FAILURES, ("'4.8.2'", "'N13'", "not expected")),
    Mutation("3.2: of several Alerts the first in the log wins", "dcc_analytics.stream.match:Matcher._end",
             _last_alert_wins, FAILURES, ("'N1", "not expected")),
    Mutation("3.2: I99 ends a leg of command variant 8", "dcc_analytics.stream.match:only_accepts",
             _every_i99_only_accepts, FAILURES, ("'NO-RESPONSE'", "not expected")),
    Mutation("3.2: a future dated leg fails if any instruction is 8F67",
             "dcc_analytics.stream.match:instructions_outcome", _by_the_last_instruction, FAILURES,
             ("'8F67'", "no such row")),
    Mutation("3.3: W is a success with a warning", "dcc_analytics.stream.outcomes:outcome_class",
             _warnings_are_failures, FAILURES, ("'W110101'", "not expected")),
    Mutation("3.3: device_result failure is a failure with reason I0-DEVICE",
             "dcc_analytics.stream.match:response_outcome", _without_verdict, FAILURES, ("'I0-DEVICE'", "no such row")),
    Mutation("3.3: a firmware delivery status ends by its result", "dcc_analytics.stream.match:alert_outcome",
             _every_alert_fails, FAILURES, ("'11.1'", "'N60'", "not expected")),
    Mutation("3.4: a negative time is a clock fault and left out", "dcc_analytics.aggregators.observe:_timing",
             _negative_times_count, MONTHLY, ("rtt_best_s is '-",)),
    Mutation("3.4: future dated legs are timed from execute_at", "dcc_analytics.stream.match:opened",
             _timed_from_receipt, MONTHLY, ("'1.2.1'", "rtt_worst_s is")),
    Mutation("3.5: times are over successful legs", "dcc_analytics.aggregators.observe:_timing",
             _failures_are_timed, MONTHLY, ("rtt_n is",)),
    Mutation("3.5: in_time is not later than the target, inclusive", "dcc_analytics.aggregators.observe:target_of",
             _just_in_time_is_late, MONTHLY, ("'4.1.1'", "in_time is")),
    Mutation("3.6: a future dated leg belongs to the day of execute_at", "dcc_analytics.aggregators.shard:observation",
             _of_the_day_of_receipt, DAILY, ("'1.2.1'", "no such row")),
    Mutation("3.6: days are UTC days", "dcc_analytics.aggregators.observe:day_of", _an_hour_later, DAILY,
             ("requests is",)),
    Mutation("3.7: unanswered after 24 h by default, open before", "dcc_analytics.stream.memory:time_out_us",
             constant(lambda _: 30 * HOUR_US), MONTHLY, ("open is",), month=CUT),
    Mutation("3.8: a successful transform leg adds to no count", "dcc_analytics.stream.match:opened",
             _transform_counts, MONTHLY, ("'8.1.1'", "requests is")),
    Mutation("3.9: a response read before its request waits for it", "dcc_analytics.stream.match:Memory.wait",
             _unmet_ends_are_dropped, FAILURES, ("'NO-RESPONSE'", "not expected")),
    Mutation("3.10: a repeat within a day of the end is dropped", "dcc_analytics.stream.match:REPEAT_US",
             constant(10 * MINUTE_US), MONTHLY, ("'4.10'", "requests is")),
    Mutation("3.10: a repeat of an Alert within ten minutes, inclusive, is dropped",
             "dcc_analytics.stream.match:ALERT_REPEAT_US", constant(10 * MINUTE_US - 1), TOTALS, ("duplicate_alerts",)),
    Mutation("3.11: scheduled results are timed from planned_at", "dcc_analytics.stream.decode:_scheduled",
             _planned_when_sent, MONTHLY, ("rtt_best_s is '0.000'",)),
    Mutation("3.12: an execution in the year 3000 cancels", "dcc_analytics.stream.decode:CANCELLING_YEAR",
             constant(4000), MONTHLY, ("'1.1.2'", "requests is")),
    Mutation("8, Time: a Class I response before execute_at only notes acceptance",
             "dcc_analytics.stream.match:Matcher._end", _early_acceptance_ends, TOTALS, ("clock_faults",)),
    Mutation("8, Ends: equal scheduled results are one", "dcc_analytics.stream.match:Memory.first_of_schedule",
             constant(lambda *_: True), MONTHLY, ("requests is",)),
    Mutation("8, Ends: Alerts whose delivery failed end legs", "dcc_analytics.stream.match:Matcher.alert_end",
             _undelivered_alerts_end_nothing, FAILURES, ("'NO-RESPONSE'", "not expected")),
    Mutation("8, Ends: an event more than a day ahead of its record is a clock fault",
             "dcc_analytics.stream.outcomes:CLOCK_FAULT_US", constant(2 * DAY_US), TOTALS, ("clock_faults",)),
)  # fmt: skip
