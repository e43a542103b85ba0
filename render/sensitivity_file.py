"""The file of the time-outs, as data: what every failure rate would be for another one."""

from typing import Final

from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.shared_columns import SERVICE

SENSITIVITY_FILE: Final = FileDefinition.of(
    "time_out_sensitivity",
    "Sensitivity to the time-out",
    "One row for each row of round_trips_monthly and each time-out of 1, 24 and 120 hours.",
    *SERVICE,
    Column("time_out_h", Kind.COUNT, "Time-out", "Hours within which an answer must have come."),
    Column(
        "successes",
        Kind.COUNT,
        "Successes",
        "Round trips that ended in success within the time-out; those without a time count as in time.",
    ),
    Column(
        "failures",
        Kind.COUNT,
        "Failures",
        "Round trips that ended in failure, and those not answered within the time-out, an answer after it or not.",
    ),
    Column("open", Kind.COUNT, "Open", "Unanswered, and the time-out had not passed; outside the rate."),
    Column("failure_rate", Kind.RATE, "Failure rate", "Failures of successes and failures."),
    key=4,
)
