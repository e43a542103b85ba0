"""What a mutation is: a rule of the contract broken in the pipeline alone, and where the judge must see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from dcc_analytics.snapshot.rules import RuleSet

#: Rows and columns of these are compared; ``totals`` are the counts beside them.
MONTHLY: Final = "round_trips_monthly"
DAILY: Final = "round_trips_daily"
FAILURES: Final = "failures"
PEERS: Final = "peer_values"
ALERTS_MONTHLY: Final = "alerts_monthly"
ALERTS_DAILY: Final = "alerts_daily"
ALERTS: Final = "alerts"
N13_N55: Final = "n13_n55"
TOTALS: Final = "totals"

#: Made months: one with every story, one with enough like traffic for benchmarks, one whose feed ends before it does.
WHOLE: Final = "whole"
BENCHMARKED: Final = "benchmarked"
CUT: Final = "cut"

Broken = Callable[[Any], object]


@dataclass(frozen=True)
class Mutation:
    """A rule, and how it is broken.

    Attributes:
        rule: its section and what it says.
        name: ``module:attribute`` that is replaced.
        broken: makes the replacement from the original.
        file: where a difference must be.
        words: patterns, all of which one difference there must have: of its cell, and its column or row.
        month: which made month shows it.
    """

    rule: str
    name: str
    broken: Broken
    file: str
    words: tuple[str, ...]
    month: str = WHOLE

    @property
    def after_folding(self) -> bool:
        """Whether the rule acts at the snapshot only, so that the events need not be folded again."""
        return self.name.startswith("dcc_analytics.snapshot")


def constant(value: object) -> Broken:
    """Replace a constant."""
    return lambda _: value


def ruled(part: str, **changes: int) -> Broken:
    """Read a rule set in which some numbers of one part are others."""

    def mutate(original: Callable[[], RuleSet]) -> object:
        def read() -> RuleSet:
            rules = original()
            return msgspec.structs.replace(rules, **{part: msgspec.structs.replace(getattr(rules, part), **changes)})

        return read

    return mutate
