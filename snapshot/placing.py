"""Where a round trip counts when its message alone does not decide, and whether its Role has a target (sections 4, 8).

The snapshot places every round trip by these lines, and whoever explains a figure places them by the same.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from dcc_analytics.aggregators.device_records import GAIN_SRV, Gain
from dcc_analytics.aggregators.observe import Observation, is_held, target_of
from dcc_analytics.catalogue.processes import Placement, place, place_held
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.instants import DAY_US

#: A successful 6.23 makes what follows within this long part of the Change of Supplier (contract section 4).
GAIN_US: Final = 30 * DAY_US

FactsAt: TypeAlias = Callable[[str | None, int], Facts]
"""Returns a Device's facts at an instant."""
GainsOf: TypeAlias = dict[tuple[Member, str | None], list[int]]
"""Instants of successful Changes of Supplier in order, by Member and Device."""


def gains_of(found: Iterable[Gain], directory: Directory) -> GainsOf:
    """Return gains by the Member that gained and the Device."""
    gains: GainsOf = defaultdict(list)
    for gain in found:
        gains[directory.member(gain.user, gain.role, GAIN_SRV), gain.device].append(gain.start_us)
    return {of: sorted(instants) for of, instants in gains.items()}


def placed(seen: Observation, member: Member, gains: GainsOf, facts_at: FactsAt) -> Placement:
    """Return the process of a round trip, and its variant.

    Args:
        seen: the round trip as counted.
        member: whose it is.
        gains: of all Members.
        facts_at: what the inventory knows.
    """
    if not is_held(seen.srv):
        return place(seen.srv, seen.parameters)
    instants = gains.get((member, seen.device), [])
    first = bisect_left(instants, seen.start_us - GAIN_US)
    other = facts_at(seen.parameters.other_device, seen.start_us).device_type
    return place_held(
        seen.srv,
        seen.parameters,
        installing=seen.installing,
        gained=first < len(instants) and instants[first] <= seen.start_us,
        joins_gpf_with_gsme={seen.facts.device_type, other} == {"GPF", "GSME"},
    )


def has_target(said: str, member: Member, srv: str, smets_version: str) -> bool:
    """Return whether a round trip counted as one with a target has one, now that its Role is known.

    Args:
        said: the Role as it was counted: as said, or ``?`` and the Device Type.
        member: whose it turned out to be.
        srv: of the request.
        smets_version: of the Device.
    """
    return said[:1] != "?" or target_of(member.role, srv, smets_version, on_demand=True) is not None
