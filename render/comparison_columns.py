"""Columns of the monthly round trips beyond the contract's: how sure a rate is, and what it says beside others."""

from typing import Final

from dcc_analytics.render.columns import Column, Kind
from dcc_analytics.snapshot.comparison import ALIKE, BETTER, FEW, WITHHELD, WORSE

COMPARISON: Final = (
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
        "Whether more failed, or fewer, than chance explains at the peers' median; of all rows of a pack called worse, "
        "and of those called better, at most one in twenty is expected to be so by chance. few: fewer than 30 round "
        "trips of yours have an outcome; withheld: there is no median.",
        (WORSE, BETTER, ALIKE, FEW, WITHHELD),
    ),
    Column(
        "mix_adjusted_gap",
        Kind.DECIMAL,
        "Mix-adjusted gap",
        "Your failure rate at the Role's mix of Region, Meter Type and SMETS version, less the Role's; above 0 more of "
        "yours fail where the same is sent to the same.",
    ),
)
