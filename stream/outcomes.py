"""What an end makes of its leg: success, warning or failure, and why (contract sections 3.2, 3.3 and 8)."""

from enum import StrEnum

from dcc_analytics.catalogue.codes import outcome_class
from dcc_analytics.stream.legs import DEVICE_FAILURE, INSTRUCTION_FAILURE, End, Outcome


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
    DEAD_LETTER = "dead_letter"
    REFERENCE = "reference"


def response_outcome(end: End) -> Outcome:
    """Return the outcome a response, Pre-Command or acknowledgement brings (contract 3.3)."""
    grade = outcome_class(end.code)
    if grade == "failure":
        return Outcome(False, end.code, end.at_us, untimed=end.untimed)
    if end.failed:
        return Outcome(False, DEVICE_FAILURE, end.at_us, untimed=end.untimed)
    return Outcome(True, "", end.at_us, warned=grade == "warning", untimed=end.untimed)


def alert_outcome(end: End) -> Outcome:
    """Return the outcome an Alert brings: a failure, but for a firmware delivery reported as a success."""
    return Outcome(not end.failed, end.code if end.failed else "", end.at_us, untimed=end.untimed)


def instructions_outcome(instructions: dict[int, tuple[int, bool, bool]]) -> Outcome:
    """Return the outcome of a future dated leg whose instructions are all reported.

    It ends at the greatest instant and fails if any instruction did (contract 3.2, section 8 Ends).
    """
    failed = any(failed for _, failed, _ in instructions.values())
    return Outcome(
        not failed,
        INSTRUCTION_FAILURE if failed else "",
        max(at_us for at_us, _, _ in instructions.values()),
        untimed=any(untimed for _, _, untimed in instructions.values()),
    )
