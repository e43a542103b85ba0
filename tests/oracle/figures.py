"""Figures of rows: counts and times of one Member, and the benchmarks of all (contract sections 3, 4, 7 and 8)."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Final, TypeVar

from tests.oracle.domain import target_us
from tests.oracle.members import Directory, Member, Placed

PEER_REQUESTS: Final = 30
FEW_GROUPS: Final = 6
MANY_GROUPS: Final = 10
_LARGEST_TWO: Final = Fraction(9, 10)
_P: Final = Fraction(10, 100)

Key = TypeVar("Key", bound=Hashable)


@dataclass
class Figures:
    """Counts and times of a row.

    Attributes:
        in_time: None where no leg has a target.
        times_us: of successful ``command`` legs, in ascending order once folded.
    """

    requests: int = 0
    successes: int = 0
    failures: int = 0
    open: int = 0
    in_time: int | None = None
    times_us: list[int] = field(default_factory=list)

    def add(self, placed: Placed) -> None:
        """Count one leg."""
        trip = placed.trip
        self.requests += 1
        self.successes += trip.outcome == "success"
        self.failures += trip.outcome == "failure"
        self.open += trip.outcome == "open"
        if trip.leg != "command":
            return
        time_us = trip.time_us
        if time_us is not None:
            self.times_us.append(time_us)
        target = target_us(trip.srv, trip.mode, placed.facts.smets_version, placed.member.role)
        if target is not None:
            self.in_time = (self.in_time or 0) + (time_us is not None and time_us <= target)

    def merged(self, other: "Figures") -> "Figures":
        """Return both together, without ``in_time``, which no benchmark has."""
        return Figures(
            self.requests + other.requests, self.successes + other.successes, self.failures + other.failures,
            self.open + other.open, None, self.times_us + other.times_us,
        )  # fmt: skip

    @property
    def failure_rate(self) -> Fraction | None:
        """Failures of what has ended."""
        ended = self.successes + self.failures
        return Fraction(self.failures, ended) if ended else None

    @property
    def success_rate(self) -> Fraction | None:
        """Successes of what has ended."""
        ended = self.successes + self.failures
        return Fraction(self.successes, ended) if ended else None

    @property
    def mean_us(self) -> Fraction | None:
        """The mean time, exactly."""
        return Fraction(sum(self.times_us), len(self.times_us)) if self.times_us else None

    def band_us(self, low: float = 0.49, high: float = 0.51) -> tuple[int | None, Fraction | None, int | None]:
        """Return the time at a rank, the median, and the time at another rank."""
        if not self.times_us:
            return None, None, None
        ordered = sorted(self.times_us)
        last = len(ordered) - 1
        return ordered[floor(low * last)], quantile(ordered, Fraction(1, 2)), ordered[ceil(high * last)]


def quantile(values: Iterable[int | Fraction], rank: Fraction) -> Fraction | None:
    """Return a linear quantile (R type 7), None of nothing.

    >>> quantile([1, 2, 4], Fraction(1, 4))
    Fraction(3, 2)
    """
    ordered = sorted(values)
    if not ordered:
        return None
    at = rank * (len(ordered) - 1)
    low = ordered[floor(at)]
    return low + (at - floor(at)) * Fraction(ordered[ceil(at)] - low)


@dataclass
class Benchmark:
    """What all Members of a Role have in one cell.

    Attributes:
        total: of all.
        volumes: requests by owner group.
        timed_groups: owner groups with at least one time.
        peers: Members with enough requests, and their figures.
        peer_groups: their owner groups.
    """

    total: Figures = field(default_factory=Figures)
    volumes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    timed_groups: set[str] = field(default_factory=set)
    peers: dict[Member, Figures] = field(default_factory=dict)
    peer_groups: set[str] = field(default_factory=set)

    def add(self, member: Member, group: str, figures: Figures) -> None:
        """Take in a Member's figures."""
        self.total = self.total.merged(figures)
        self.volumes[group] += figures.requests
        if figures.times_us:
            self.timed_groups.add(group)
        if figures.requests >= PEER_REQUESTS:
            self.peers[member] = figures
            self.peer_groups.add(group)

    @property
    def enough(self) -> bool:
        """Whether rule 3 has its groups."""
        return len(self.volumes) >= MANY_GROUPS

    @property
    def dominated(self) -> bool:
        """Whether the largest groups could be worked out: the largest two's share, or the p % rule."""
        ordered = sorted(self.volumes.values(), reverse=True)
        total, first, second = sum(ordered), ordered[0], sum(ordered[1:2])
        return first + second >= _LARGEST_TWO * total or total - first - second < _P * first

    @property
    def peer_rates(self) -> list[Fraction]:
        """Failure rates of the peers, ascending."""
        return sorted(each.failure_rate for each in self.peers.values() if each.failure_rate is not None)


def counted(placed: Iterable[Placed], start_us: int, end_us: int) -> list[Placed]:
    """Return the legs of a month that rows count: all ``command`` legs, and the failed ``transform`` legs."""
    return [
        each
        for each in placed
        if start_us <= each.trip.start_us < end_us and (each.trip.leg == "command" or each.trip.outcome == "failure")
    ]


def by_member(legs: Iterable[Placed], key_of: Callable[[Placed], Key]) -> dict[Member, dict[Key, Figures]]:
    """Return the figures of each Member's rows."""
    found: dict[Member, dict[Key, Figures]] = defaultdict(lambda: defaultdict(Figures))
    for leg in legs:
        found[leg.member][key_of(leg)].add(leg)
    return found


def benchmarks(figures: dict[Member, dict[Key, Figures]], directory: Directory) -> dict[tuple[str, Key], Benchmark]:
    """Return the benchmark of each Role and cell."""
    found: dict[tuple[str, Key], Benchmark] = defaultdict(Benchmark)
    for member, cells in figures.items():
        for key, each in cells.items():
            found[member.role, key].add(member, directory.group(member.party), each)
    return found
