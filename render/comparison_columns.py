"""What is compared beyond the contract's columns: how sure a rate is, of round trips and Alerts; and others by name."""

from typing import Final

from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.shared_columns import SERVICE
from dcc_analytics.snapshot.comparison import ALIKE, BETTER, FEW, WITHHELD, WORSE
from dcc_analytics.snapshot.history import SIGNALS

#: Of whatever fails or doesn't.
COMPARED_RATE: Final = (
    Column(
        "failure_rate_low",
        Kind.RATE,
        "Lower bound of the failure rate",
        "Of its 95 % interval by Wilson's score: what chance alone leaves open.",
    ),
    Column("failure_rate_high", Kind.RATE, "Upper bound of the failure rate", "Of its 95 % interval, likewise."),
    Column(
        "compared",
        Kind.TEXT,
        "Compared with the peers' median",
        "Whether more failed, or fewer, than chance explains at the peers' median; of all rows of this file called "
        "worse, and of those called better, at most one in twenty is expected to be so by chance. alike: it can't be "
        "told from chance; few: fewer than 30 of yours have an outcome; withheld: there is no median.",
        (WORSE, BETTER, ALIKE, FEW, WITHHELD),
    ),
)
COMPARISON: Final = (
    *COMPARED_RATE,
    Column(
        "mix_adjusted_gap",
        Kind.DECIMAL,
        "Mix-adjusted gap",
        "Your failure rate at the Role's mix of Region, Meter Type and SMETS version, less the Role's; above 0 more of "
        "yours fail where the same is sent to the same.",
    ),
    Column(
        "history_mean",
        Kind.RATE,
        "Mean of your twelve months before",
        "Failure rate; where there is no median of peers to compare with, and twelve months are known.",
    ),
    Column(
        "history_low",
        Kind.RATE,
        "Lower limit by your history",
        "Natural process limit: the mean less 2.66 of the mean moving range; not below 0.",
    ),
    Column("history_high", Kind.RATE, "Upper limit by your history", "Likewise above the mean; not above 1."),
    Column(
        "history_signal",
        Kind.TEXT,
        "Signal against your history",
        "By which rule the month is unlike those before: outside a limit; run of seven on one side of the mean; trend "
        "of seven; two_of_three beyond two thirds of the way to a limit. Empty: by none. short: fewer than twelve "
        "months are known.",
        SIGNALS,
    ),
)

NAMED_COMPARISON: Final = FileDefinition.of(
    "named_comparison",
    "Comparison by name",
    "One row for each Member of the Role and its rows of round_trips_monthly; only where every company has agreed.",
    Column("member", Kind.TEXT, "Member", "The Party; each has agreed, on record, to be named to the others."),
    *SERVICE,
    Column("requests", Kind.COUNT, "Requests", "Round trips: successes, failures and those still open."),
    Column("success_rate", Kind.RATE, "Success rate", "Successes of successes and failures."),
    Column("failure_rate", Kind.RATE, "Failure rate", "Failures of successes and failures."),
    Column("rtt_median_s", Kind.SECONDS, "Median Round Trip Time", "Estimated within 1 % of rank, seconds."),
    key=4,
    optional=True,
)
