"""What is an end of a leg, and what it makes of it: success, warning or failure, and why.

Contract sections 3.2, 3.3 and 8.
"""

from enum import StrEnum
from typing import Final

from dcc_analytics.catalogue.codes import outcome_class
from dcc_analytics.catalogue.months import FINAL_AFTER_US, month_of
from dcc_analytics.stream.events import Alert, Response, ScheduledResult
from dcc_analytics.stream.instants import DAY_US
from dcc_analytics.stream.legs import DEVICE_FAILURE, INSTRUCTION_FAILURE, NON_DEVICE_VARIANT, End, Leg, Outcome

#: An event time further ahead of its record's own timestamp than this is a clock fault (contract section 8).
CLOCK_FAULT_US: Final = DAY_US


class RecordClass(StrEnum):
    """What became of a record: every record read is exactly one of these (contract 3.14)."""

    LEG_OPENED = "leg_opened"
    END = "end"
    INTERIM = "interim"
    DUPLICATE_REQUEST = "duplicate_request"
    DUPLICATE_END = "duplicate_end"
    DUPLICATE_ALERT = "duplicate_alert"
    CANCELLATION = "cancellation"
    SCHEDULED = "scheduled"
    ALERT = "alert"
    WAITING = "waiting"
    LATE = "late"
    STRAY = "stray_passed_on"
    ELSEWHERE = "stray_of_another_application"
    DEAD_LETTER = "dead_letter"
    REFERENCE = "reference"


def is_clock_fault(event_us: int, stamp_us: int) -> bool:
    """Return whether an event's own instant lies too far ahead of its record's timestamp to time anything by."""
    return event_us > stamp_us + CLOCK_FAULT_US


def end_of_response(event: Response, stamp_us: int) -> End:
    """Return the end a response may be; an instruction of a future dated request is one of several."""
    untimed = is_clock_fault(event.sent_us, stamp_us)
    done = event.instruction
    if event.kind == "future_dated" and done is not None:
        return End(event.kind, event.sent_us, event.code, done.failed, untimed, done.number, done.total)
    return End(event.kind, event.sent_us, event.code, event.device_failed, untimed)


def end_of_result(event: ScheduledResult, stamp_us: int) -> End:
    """Return the end a result of a DCC schedule is."""
    return End("response", event.sent_us, event.code, event.device_failed, is_clock_fault(event.sent_us, stamp_us))


def end_of_alert(event: Alert, stamp_us: int) -> End:
    """Return the end an Alert reports."""
    untimed = is_clock_fault(event.raised_us, stamp_us)
    return End("alert", event.raised_us, event.code, not event.delivery_succeeded, untimed)


def response_outcome(end: End) -> Outcome:
    """Return the outcome a response, Pre-Command or acknowledgement brings (contract 3.3)."""
    grade = outcome_class(end.code)
    if grade == "failure":
        return Outcome(succeeded=False, reason=end.code, ended_us=end.at_us, untimed=end.untimed)
    if end.failed:
        return Outcome(succeeded=False, reason=DEVICE_FAILURE, ended_us=end.at_us, untimed=end.untimed)
    return Outcome(succeeded=True, reason="", ended_us=end.at_us, warned=grade == "warning", untimed=end.untimed)


def alert_outcome(end: End) -> Outcome:
    """Return the outcome an Alert brings: a failure, but for a firmware delivery reported as a success."""
    return Outcome(not end.failed, end.code if end.failed else "", end.at_us, untimed=end.untimed)


def instructions_outcome(instructions: dict[int, tuple[int, bool, bool]]) -> Outcome:
    """Return the outcome of a future dated leg whose instructions are all reported.

    It ends at the greatest instant and fails if any instruction did (contract 3.2, section 8 Ends).
    """
    failed = any(failed for _, failed, _ in instructions.values())
    return Outcome(
        succeeded=not failed,
        reason=INSTRUCTION_FAILURE if failed else "",
        ended_us=max(at_us for at_us, _, _ in instructions.values()),
        untimed=any(untimed for _, _, untimed in instructions.values()),
    )


def withdrawn(leg: Leg) -> Outcome:
    """Return the outcome of a leg that was cancelled before it ended: it is no round trip."""
    return Outcome(succeeded=False, reason="", ended_us=leg.cancelled_us)


def is_late(end: End, leg: Leg) -> bool:
    """Return whether an end came after the month of its leg was final, by its own instant (section 8, Ends).

    Whether the shard has settled that month already does not matter: no figure hangs on how far it has read.
    """
    if end.untimed or end.at_us - leg.start_us < FINAL_AFTER_US:
        return False
    return end.at_us >= month_of(leg.start_us).final_us


def only_accepts(end: End, command_variant: int) -> bool:
    """An acknowledgement ends a leg with an E code, or by I99 where nothing else follows (contract 3.2)."""
    if end.kind != "acknowledgement":
        return False
    return end.code[:1] != "E" and not (end.code == "I99" and command_variant == NON_DEVICE_VARIANT)
