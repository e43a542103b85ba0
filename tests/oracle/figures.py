"""Figures of rows: counts and times of one Member, and the benchmarks of all (contract sections 3, 4, 7 and 8).

Counting, grouping and sorting is done on columns; rates, means and quantiles are fractions, and rounded only in print.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

import polars as pl

from tests.oracle.matching import DAY_US
from tests.oracle.members import Member

PEER_REQUESTS: Final = 30
FEW_GROUPS: Final = 6
MANY_GROUPS: Final = 10
_LARGEST_TWO: Final = Fraction(9, 10)
_P: Final = Fraction(10, 100)

MONTHLY: Final = ("process", "srv", "variant")
DAILY: Final = ("day", *MONTHLY, "meter_type", "region", "smets_version")
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Figures:
    """Counts and times of a row.

    Attributes:
        in_time: None where no leg has a target.
        times_us: of successful ``command`` legs, in ascending order.
    """

    requests: int
    successes: int
    failures: int
    open: int
    in_time: int | None
    times_us: list[int]

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
        last = len(self.times_us) - 1
        median = quantile(self.times_us, Fraction(1, 2))
        return self.times_us[floor(low * last)], median, self.times_us[ceil(high * last)]


def quantile(ordered: Sequence[int | Fraction], rank: Fraction) -> Fraction | None:
    """Return a linear quantile (R type 7) of values in ascending order, None of nothing.

    >>> quantile([1, 2, 4], Fraction(1, 4))
    Fraction(3, 2)
    """
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
        groups: owner groups with requests.
        timed_groups: owner groups with at least one time.
        largest: the requests of the largest two owner groups.
        peers: Parties with enough requests, and their figures.
        peer_groups: how many owner groups these are.
        weighted_rest, peers_rest: whether what is left of the cell's total would be withheld (rule 6).
    """

    total: Figures
    groups: int
    timed_groups: int
    largest: list[int]
    peer_groups: int
    peers: dict[str, Figures] = field(default_factory=dict)
    weighted_rest: bool = False
    peers_rest: bool = False

    @property
    def enough(self) -> bool:
        """Whether rule 3 has its groups."""
        return self.groups >= MANY_GROUPS

    @property
    def dominated(self) -> bool:
        """Whether the largest groups could be worked out: the largest two's share, or the p % rule."""
        return dominated(self.total.requests, self.largest)

    @property
    def peer_rates(self) -> list[Fraction]:
        """Failure rates of the peers, ascending."""
        return sorted(each.failure_rate for each in self.peers.values() if each.failure_rate is not None)


def dominated(total: int, largest: Sequence[int]) -> bool:
    """Return whether the largest groups could be worked out of a total: their share, or the p % rule."""
    two = sum(largest)
    return two >= _LARGEST_TWO * total or total - two < _P * largest[0]


def counted(legs: pl.DataFrame, start_us: int, end_us: int) -> pl.DataFrame:
    """Return the legs of a month that rows count: all ``command`` legs, and the failed ``transform`` legs."""
    in_month = (start_us <= pl.col("start_us")) & (pl.col("start_us") < end_us)
    counts = (pl.col("leg") == "command") | (pl.col("outcome") == "failure")
    return legs.filter(in_month & counts).with_columns(
        day=(pl.col("start_us") // DAY_US).cast(pl.Int32).cast(pl.Date),
        target_us=pl.when(pl.col("leg") == "command").then("target_us"),
    )


def _aggregates() -> Iterator[pl.Expr]:
    yield pl.len().alias("requests")
    yield from ((pl.col("outcome") == one).sum().alias(one) for one in ("success", "failure", "open"))
    yield pl.col("target_us").count().alias("targeted")
    yield (pl.col("time_us") <= pl.col("target_us")).sum().alias("in_time")
    yield pl.col("time_us").drop_nulls().sort().alias("times_us")


def _figures(row: dict[str, Any]) -> Figures:
    in_time = row["in_time"] if row["targeted"] else None
    return Figures(row["requests"], row["success"], row["failure"], row["open"], in_time, row["times_us"])


def by_member(legs: pl.DataFrame, key: Sequence[str]) -> dict[Member, dict[Key, Figures]]:
    """Return the figures of each Member's rows."""
    found: dict[Member, dict[Key, Figures]] = {}
    for row in legs.group_by("party", "role", *key).agg(*_aggregates()).iter_rows(named=True):
        cells = found.setdefault(Member(row["party"], row["role"]), {})
        cells[tuple(row[name] for name in key)] = _figures(row)
    return found


def benchmarks(
    legs: pl.DataFrame, key: Sequence[str], figures: dict[Member, dict[Key, Figures]]
) -> dict[tuple[str, Key], Benchmark]:
    """Return the benchmark of each Role and cell.

    Args:
        legs: of all Members.
        key: columns of a cell.
        figures: of each Member, by the same key.
    """
    cell = ("role", *key)
    groups = legs.group_by(*cell, "group").agg(requests=pl.len(), timed=pl.col("time_us").count() > 0)
    parties = legs.group_by(*cell, "group", "party").agg(requests=pl.len())
    peers = parties.filter(pl.col("requests") >= PEER_REQUESTS).group_by(cell)
    table = (
        legs.group_by(cell)
        .agg(*_aggregates())
        .join(
            groups.group_by(cell).agg(
                groups=pl.len(), timed_groups=pl.col("timed").sum(), largest=pl.col("requests").top_k(2)
            ),
            on=cell,
        )
        .join(peers.agg(peer_groups=pl.col("group").n_unique(), peers=pl.col("party").sort()), on=cell, how="left")
    )
    return {
        (row["role"], of): Benchmark(
            _figures(row), row["groups"], row["timed_groups"], row["largest"], row["peer_groups"] or 0,
            {party: figures[Member(party, row["role"])][of] for party in row["peers"] or ()},
        )
        for row, of in _with_cells(table.iter_rows(named=True), key)
    }  # fmt: skip


def with_rests(
    found: dict[tuple[str, Key], Benchmark],
    parts: dict[Member, dict[Key, Figures]],
    totals: dict[Member, dict[Key, Figures]],
    total_of: Callable[[Key], Key],
    group_of: Callable[[str], str],
) -> dict[tuple[str, Key], Benchmark]:
    """Return benchmarks of parts that know whether the rest of their total would be withheld.

    Args:
        found: the benchmarks.
        parts: figures of Members by the same cells.
        totals: and by what those are parts of.
        total_of: the total's cell of a part's.
        group_of: the owner group of a Party.
    """
    nothing = Figures(0, 0, 0, 0, None, [])
    for (role, cell), benchmark in found.items():
        requests, peers = Counter[str](), set[str]()
        for member, figures in totals.items():
            whole = figures.get(total_of(cell))
            if member.role == role and whole is not None:
                part = parts.get(member, {}).get(cell, nothing)
                left, ended = whole.requests - part.requests, whole.requests - whole.open - part.requests + part.open
                requests[group_of(member.party)] += left
                if left >= PEER_REQUESTS and ended:
                    peers.add(group_of(member.party))
        left_over = +requests
        if left_over:
            two = [count for _, count in left_over.most_common(2)]
            few = len(left_over) < MANY_GROUPS
            benchmark.weighted_rest = few or dominated(left_over.total(), two)
            benchmark.peers_rest = len(peers) < FEW_GROUPS
    return found


def _with_cells(rows: Iterable[dict[str, Any]], key: Sequence[str]) -> Iterator[tuple[dict[str, Any], Key]]:
    for row in rows:
        yield row, tuple(row[name] for name in key)
