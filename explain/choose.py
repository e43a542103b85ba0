"""Which stories are behind a row: each placed in its process and given to its Member, as the snapshot does it. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeVar

from dcc_analytics.aggregators.cells import CLOCK_FAULT, IN_TIME, OPEN, SUCCEEDED, TARGETED, TIMED
from dcc_analytics.aggregators.observe import Observation
from dcc_analytics.catalogue.months import day_of, day_text
from dcc_analytics.catalogue.processes import Placement
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.stories import Story
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.snapshot.placing import FactsAt, gains_of, has_target, placed
from dcc_analytics.stream.events import UserEntry

T = TypeVar("T")


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
BEHIND: Final[Mapping[str, Callable[[RoundTrip], bool]]] = {
    "successes": lambda trip: trip.succeeded,
    "failures": lambda trip: trip.failed,
    "open": lambda trip: trip.open,
    "in_time": lambda trip: bool(trip.flags & IN_TIME),
    "success_rate": lambda trip: not trip.open,
    "failure_rate": lambda trip: not trip.open,
    "rtt": lambda trip: trip.timed,
}


def narrowed(figure: str, things: Iterable[T], rules: Mapping[str, Callable[[T], bool]]) -> list[T]:
    """Return the things a column is over.

    Args:
        figure: the column; empty for the row's own figures.
        things: those of the row.
        rules: which of them a column is over, by the word its name begins with.
    """
    name = figure.removeprefix("industry_").removeprefix("peer_")
    rule = next((rules[known] for known in rules if name == known or name.startswith(f"{known}_")), None)
    return [each for each in things if rule is None or rule(each)]


def choose(row: Row, stories: Iterable[Story], directory: Directory, facts_at: FactsAt) -> list[RoundTrip]:
    """Return the round trips a row is over, by the instant they start."""
    stories = list(stories)
    gains = gains_of((story.gain for story in stories if story.gain is not None), directory)
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
        has = _key(seen, placed(seen, member, gains, facts_at))
        if all(has[name] == value for name, value in wanted.items()) and (row.file != "failures" or trip.failed):
            chosen.append(trip)
    return sorted(chosen, key=lambda trip: (trip.seen.start_us, trip.story.key))


def _flags(seen: Observation, member: Member) -> int:
    """Return the flags with the target of a Role nobody said taken away where the Role turns out to have none."""
    if not seen.flags & TARGETED or has_target(seen.role, member, seen.srv, seen.facts.smets_version):
        return seen.flags
    return seen.flags & ~(TARGETED | IN_TIME)


def _key(seen: Observation, where: Placement) -> dict[str, str]:
    facts = seen.facts
    return {
        "day": day_text(day_of(seen.start_us)),
        "process": where.process,
        "srv": seen.srv,
        "variant": where.variant,
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
