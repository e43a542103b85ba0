"""The rule set: thresholds and roundings of disclosure control, as values (contract section 7)."""

from typing import Annotated

from msgspec import Meta, Struct

Whole = Annotated[int, Meta(ge=1)]
Percent = Annotated[int, Meta(ge=0, le=100)]


class IndustryRules(Struct, frozen=True, forbid_unknown_fields=True):
    """When a volume-weighted figure of a Role may be shown: rule 3."""

    groups: Whole
    largest_two_percent: Percent
    p_percent: Percent
    timed_groups: Whole


class PeerRules(Struct, frozen=True, forbid_unknown_fields=True):
    """When an unweighted figure over Members may be shown: rules 4 and 5."""

    requests: Whole
    median_groups: Whole
    quartile_groups: Whole
    bands: Annotated[list[Whole], Meta(min_length=1)]


class Rounding(Struct, frozen=True, forbid_unknown_fields=True):
    """How figures of others are rounded: rules 3 and 5."""

    significant_digits: Annotated[int, Meta(ge=1, le=6)]
    rate_decimals: Annotated[int, Meta(ge=1, le=6)]


class RuleSet(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything disclosure control goes by.

    Attributes:
        id, version: which rule set.
        industry, peers, rounding: its parameters.
        governance_reference: the decision that allows suppliers to be named to distributors (rule 7.8); none: letters.
    """

    id: Annotated[str, Meta(min_length=1)]
    version: Whole
    industry: IndustryRules
    peers: PeerRules
    rounding: Rounding
    governance_reference: str = ""

    def __post_init__(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            ValueError: says which values.
        """
        bands = self.peers.bands
        if sorted(set(bands)) != bands:
            raise ValueError(f"peers.bands has to rise, it is {bands}")
        if bands[0] > self.peers.median_groups:
            raise ValueError(f"peers.bands begins at {bands[0]}, above median_groups {self.peers.median_groups}")
        if self.peers.median_groups > self.peers.quartile_groups:
            raise ValueError("peers.median_groups is above peers.quartile_groups")


def band_of(number: int, rules: PeerRules) -> str:
    """Return the band in which a number of groups is told; empty below the first.

    >>> rules = PeerRules(30, 6, 10, [6, 10, 20, 50])
    >>> [band_of(number, rules) for number in (5, 6, 19, 50)]
    ['', '6-9', '10-19', '50+']
    """
    begun = [begin for begin in rules.bands if begin <= number]
    if not begun:
        return ""
    following = rules.bands[len(begun) :]
    return f"{begun[-1]}-{following[0] - 1}" if following else f"{begun[-1]}+"
