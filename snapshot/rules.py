"""The rule set: thresholds and roundings of disclosure control, as values (contract section 7)."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from dcc_analytics.catalogue.roles import ROLE_NAMES

Whole = Annotated[int, Meta(ge=1)]
Percent = Annotated[int, Meta(ge=0, le=100)]


class IndustryRules(Struct, frozen=True, forbid_unknown_fields=True):
    """When a volume-weighted figure of a Role may be shown: rule 3."""

    groups: Whole
    largest_two_percent: Percent
    p_percent: Percent
    timed_groups: Whole
    outcome_groups: Annotated[int, Meta(ge=0)] = 0


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


class EarlierRules(Struct, frozen=True, forbid_unknown_fields=True):
    """When all figures of others are withheld for what was told before; 0 asks for nothing.

    Attributes:
        changed_groups: a cell told again in which owner groups have changed, but fewer than so many.
        joined_groups: a cell which owner groups have joined or left since the month before, but so many at most.
    """

    changed_groups: Annotated[int, Meta(ge=0)] = 0
    joined_groups: Annotated[int, Meta(ge=0)] = 0


class OwnerGroup(Struct, frozen=True, forbid_unknown_fields=True):
    """Parties that belong together from a day on, whatever the directory says of them: rule 1.

    Attributes:
        group: what they are counted as.
        parties: of the directory.
        since, until: first and last day; without a last one they still do.
    """

    group: Annotated[str, Meta(min_length=1)]
    parties: Annotated[list[str], Meta(min_length=1)]
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Return whether they belong together on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


class MixRules(Struct, frozen=True, forbid_unknown_fields=True):
    """When a Member's rate is told at the Role's mix, as ``snapshot.mix`` has it.

    Attributes:
        requests: with an outcome, of its own, in each stratum that is used.
        share_percent: of the Role's round trips that are in strata that are used.
        groups: owner groups in each of them; at least those of ``industry``.
    """

    requests: Whole = 30
    share_percent: Percent = 90
    groups: Whole = 10


class Waiver(Struct, frozen=True, forbid_unknown_fields=True):
    """Owner groups of a Role that agree to be compared by name, on record.

    Attributes:
        role: in which.
        reference: where it is recorded.
        groups: who agrees.
        since, until: first and last day of the months it is for; without a last one it still stands.
    """

    role: Annotated[str, Meta(min_length=1)]
    reference: Annotated[str, Meta(min_length=1)]
    groups: Annotated[list[str], Meta(min_length=1)]
    since: date
    until: date | None = None

    def covers(self, first: date, last: date) -> bool:
        """Return whether it stands on every day of a period."""
        return self.since <= first and (self.until is None or last <= self.until)


class RuleSet(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything disclosure control goes by.

    Attributes:
        id, version: which rule set.
        industry, peers, rounding: its parameters.
        mix: how much of the Role's mix has to be compared.
        governance_reference: the decision that allows suppliers to be named to distributors (rule 7.8); none: letters.
        owner_groups: what the directory does not know of who owns whom.
        waivers: who agrees to be compared by name.
        earlier: what was told before.
    """

    id: Annotated[str, Meta(min_length=1)]
    version: Whole
    industry: IndustryRules
    peers: PeerRules
    rounding: Rounding
    governance_reference: str = ""
    mix: MixRules = MixRules()
    owner_groups: list[OwnerGroup] = []
    waivers: list[Waiver] = []
    earlier: EarlierRules = EarlierRules()

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
        for each in self.owner_groups:
            if each.until is not None and each.until < each.since:
                raise ValueError(f"the owner group {each.group} ends on {each.until}, before it begins on {each.since}")
        for waiver in self.waivers:
            if waiver.role not in ROLE_NAMES:
                roles = ", ".join(ROLE_NAMES)
                raise ValueError(f"the waiver {waiver.reference} is of the Role {waiver.role!r}; Roles are {roles}")
            if waiver.until is not None and waiver.until < waiver.since:
                raise ValueError(
                    f"the waiver {waiver.reference} ends on {waiver.until}, before it begins on {waiver.since}"
                )


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
