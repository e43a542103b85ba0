"""Which stories are behind a row: each placed in its process and given to its Member, as the snapshot does it. Pure."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from dcc_analytics.aggregators.cells import CLOCK_FAULT, IN_TIME, OPEN, SUCCEEDED, TARGETED, TIMED
from dcc_analytics.aggregators.device_records import GAIN_SRV
from dcc_analytics.aggregators.observe import Observation, is_held, target_of
from dcc_analytics.catalogue.months import day_of, day_text
from dcc_analytics.catalogue.processes import Placement, place, place_held
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.trace import Story
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.snapshot.round_trips import GAIN_US
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.events import UserEntry

FactsAt = Callable[[str | None, int], Facts]
"""Returns a Device's facts at an instant."""


class RoundTrip(NamedTuple):
    """A story that counts in a row.

    Attributes:
        story: its records.
        seen: how it counts.
        member: whose it is.
        flags: of ``seen``, as the Member's Role has them.
    """

    story: Story
    seen: Observation
    member: Member
    flags: int

    @property
    def succeeded(self) -> bool:
        """Whether it is a success."""
        return bool(self.flags & SUCCEEDED)

    @property
    def open(self) -> bool:
        """Whether it is still open."""
        return bool(self.flags & OPEN)

    @property
    def failed(self) -> bool:
        """Whether it is a failure."""
        return not self.flags & (SUCCEEDED | OPEN)

    @property
    def timed(self) -> bool:
        """Whether it has a Round Trip Time."""
        return bool(self.flags & TIMED) and self.succeeded


#: Which round trips of a row a column is over; all of them, where a column is not named.
BEHIND: Final[dict[str, Callable[[RoundTrip], bool]]] = {
    "successes": lambda trip: trip.succeeded,
    "failures": lambda trip: trip.failed,
    "open": lambda trip: trip.open,
    "in_time": lambda trip: bool(trip.flags & IN_TIME),
    "success_rate": lambda trip: not trip.open,
    "failure_rate": lambda trip: not trip.open,
    "rtt": lambda trip: trip.timed,
}


def behind(figure: str, trips: Iterable[RoundTrip]) -> list[RoundTrip]:
    """Return the round trips a column is over."""
    name = figure.removeprefix("industry_").removeprefix("peer_")
    name = next((known for known in BEHIND if name == known or name.startswith(f"{known}_")), "")
    return [trip for trip in trips if not name or BEHIND[name](trip)]


def choose(row: Row, stories: Iterable[Story], directory: Directory, facts_at: FactsAt) -> list[RoundTrip]:
    """Return the round trips a row is over, by the instant they start."""
    stories = list(stories)
    gains = _gains(stories, directory)
    wanted, month = row.key, row.pack.month
    chosen = []
    for story in stories:
        seen = story.seen
        if seen is None or not month.start_us <= seen.start_us < month.end_us:
            continue
        member = directory.member(seen.user, seen.role, seen.srv)
        if member.role != row.pack.member.role or not (row.of_role or member == row.pack.member):
            continue
        trip = RoundTrip(story, seen, member, _flags(seen, member))
        if seen.transform and not trip.failed:  # a successful transform leg adds to no row (contract 3.8)
            continue
        placed = _place(seen, gains.get((member, seen.device), ()), facts_at)
        has = _key(seen, placed)
        if all(has[name] == value for name, value in wanted.items()) and (row.file != "failures" or trip.failed):
            chosen.append(trip)
    return sorted(chosen, key=lambda trip: (trip.seen.start_us, trip.story.key))


def _flags(seen: Observation, member: Member) -> int:
    """Return the flags with the target of a Role nobody said taken away where the Role turns out to have none."""
    if seen.role[:1] != "?" or not seen.flags & TARGETED:
        return seen.flags
    target = target_of(member.role, seen.srv, seen.facts.smets_version, on_demand=True)
    return seen.flags if target is not None else seen.flags & ~(TARGETED | IN_TIME)


def _gains(stories: Iterable[Story], directory: Directory) -> dict[tuple[Member, str | None], list[int]]:
    gains: dict[tuple[Member, str | None], list[int]] = defaultdict(list)
    for story in stories:
        if story.gain is not None:
            gain = story.gain
            gains[directory.member(gain.user, gain.role, GAIN_SRV), gain.device].append(gain.start_us)
    return {of: sorted(instants) for of, instants in gains.items()}


def _place(seen: Observation, gains: Iterable[int], facts_at: FactsAt) -> Placement:
    if not is_held(seen.srv):
        return place(seen.srv, seen.parameters)
    instants = list(gains)
    first = bisect_left(instants, seen.start_us - GAIN_US)
    other = facts_at(seen.parameters.other_device, seen.start_us).device_type
    return place_held(
        seen.srv,
        seen.parameters,
        installing=seen.installing,
        gained=first < len(instants) and instants[first] <= seen.start_us,
        joins_gpf_with_gsme={seen.facts.device_type, other} == {"GPF", "GSME"},
    )


def _key(seen: Observation, placed: Placement) -> dict[str, str]:
    facts = seen.facts
    return {
        "day": day_text(day_of(seen.start_us)),
        "process": placed.process,
        "srv": seen.srv,
        "variant": placed.variant,
        "reason_code": seen.reason,
        "meter_type": facts.meter_type,
        "region": facts.region,
        "smets_version": facts.smets_version,
        "device_type": facts.device_type,
        "manufacturer": facts.manufacturer,
        "model": facts.model,
        "firmware_version": facts.firmware_version,
    }


def users_of(entries: Iterable[UserEntry], directory: Directory, party: str) -> frozenset[str]:
    """Return the User ids of a Party; one without entry is its own Party."""
    of = {each.user for each in entries if directory.member(each.user, "IS", None).party == party}
    return frozenset({*of, party})


def has_clock_fault(trip: RoundTrip) -> bool:
    """Return whether a clock fault keeps a round trip out of the times."""
    return bool(trip.flags & CLOCK_FAULT)
