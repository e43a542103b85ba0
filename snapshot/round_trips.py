"""The round trips of a month, from the shards' states: each placed in its process and given to its Member.

What needs two Devices, or two topics in a given order, is decided here from facts: the process of held Service
Requests, the legs not answered yet, absent roles, and whose Users are (contract section 8, At the snapshot).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import polars as pl
from fastdigest import TDigest

from dcc_analytics.aggregators.cells import COLUMNS, OPEN, CellTable
from dcc_analytics.aggregators.device_records import Gain, read_of_leg, record_of_leg
from dcc_analytics.aggregators.digests import DigestTable
from dcc_analytics.aggregators.keys import CellKey, DigestKey, FailureKey, digest_number
from dcc_analytics.aggregators.observe import Observation, Observer, observation, slow_key
from dcc_analytics.aggregators.slow import SlowKey
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.catalogue.codes import reason_text
from dcc_analytics.catalogue.months import Month, date_of, day_of
from dcc_analytics.snapshot.digests import merged_digests
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.kept import Kept
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.placing import gains_of, has_target, placed
from dcc_analytics.snapshot.sensitivity import Unanswered, long_legs
from dcc_analytics.stream.legs import FACTS_PENDING

CELL_KEY: Final = (
    "party", "role", "group", "process", "srv", "variant", "day", "meter_type", "region", "smets_version",
)  # fmt: skip
FAILURE_KEY: Final = (
    "party", "role", "day", "process", "srv", "variant", "reason_code", "reason", "meter_type", "region",
    "smets_version", "device_type", "manufacturer", "model", "firmware_version",
)  # fmt: skip
DigestOf = tuple[str, str, str, str, str]


class RoundTrips(NamedTuple):
    """A month's round trips.

    Attributes:
        cells: counts and sums by Member, process, SRV, variant, day and split; the columns are ``CELL_KEY``, then
            requests and the columns of a cell.
        digests: Round Trip Times in microseconds by (party, role, process, srv, variant).
        failures: counts by ``FAILURE_KEY``.
        transforms: the cells of successful transform legs, which add to no row.
        long_legs: the legs whose outcome hangs on the time-out, as ``sensitivity.long_legs`` has them.
        kept: what single Devices are known by.
    """

    cells: pl.DataFrame
    digests: dict[DigestOf, TDigest]
    failures: pl.DataFrame
    transforms: pl.DataFrame
    long_legs: pl.DataFrame
    kept: Kept


def round_trips(
    states: Sequence[ShardState], month: Month, clock_us: int, directory: Directory, inventory: Inventory
) -> RoundTrips:
    """Return the round trips of a month.

    Args:
        states: of all shards.
        month: which.
        clock_us: the stream's clock, by which legs without answer are open or failed.
        directory: whose Users are.
        inventory: for facts that were not known while folding.
    """
    late = _Late(states, month, clock_us, directory, inventory)
    tables = [(state.cells, state.failures, state.digests) for state in states] + [late.tables()]
    slow = [*(state.slow for state in states), late.slow]
    cells = _cell_frame([cells for cells, _, _ in tables], month, directory)
    is_row = ~pl.col("transform") | (pl.col("failures") > 0)
    transforms = cells.filter(pl.col("transform"))
    return RoundTrips(
        _merged(cells.filter(is_row)),
        _digests([digests for _, _, digests in tables], month, directory),
        _failure_frame([failures for _, failures, _ in tables], month, directory),
        transforms,
        long_legs(slow, late.unanswered, month, directory),
        late.kept,
    )


class _Late:
    """What is placed only now: held observations, and legs whose outcome is not definite."""

    def __init__(
        self,
        states: Sequence[ShardState],
        month: Month,
        clock_us: int,
        directory: Directory,
        inventory: Inventory,
    ) -> None:
        self._month = month
        self._directory = directory
        self._inventory = inventory
        self.kept = Kept(states)
        undecided = [each for state in states for each in self._undecided(state, clock_us)]
        self._gains = gains_of(self.kept.of(Gain), directory)
        self._cells: CellTable[CellKey] = CellTable()
        self._failures: Tally[FailureKey] = Tally()
        self.slow: Tally[SlowKey] = Tally()
        self.unanswered: Counter[Unanswered] = Counter()
        observer = Observer(self._cells, self._failures, self.slow)
        held = ((seen, False) for state in states for seen in state.held.data.values())
        for seen, unanswered in (*held, *undecided):
            if not month.start_us <= seen.start_us < month.end_us:
                continue
            process, variant = self._place(seen)
            is_open = bool(seen.flags & OPEN)
            if unanswered:
                of = slow_key(seen, process, variant, clock_us - seen.start_us)
                self.unanswered[Unanswered(of, not is_open)] += 1
            if not (seen.transform and is_open):
                observer.count(seen, process, variant)

    def _undecided(self, state: ShardState, clock_us: int) -> Iterator[tuple[Observation, bool]]:
        """Yield how the legs still held count as the clock stands, and whether nothing has ended them.

        What single Devices are known by is kept.
        """
        memory = state.memory
        for key, leg, outcome in memory.unsettled(clock_us, before_us=self._month.end_us):
            if leg.facts == FACTS_PENDING:
                facts, leg.installing = self._inventory.facts_at(leg.device, leg.start_us)
            else:
                facts = state.facts.keys[leg.facts]
            seen = observation(leg, outcome, facts)
            record, read_us = record_of_leg(key, leg, outcome, seen.role), read_of_leg(leg, outcome)
            if record is not None:
                self.kept.add(record)
            if read_us is not None and leg.device is not None:
                self.kept.add_read(leg.device, read_us)
            yield seen, outcome is None or outcome.ended_us is None

    def _place(self, seen: Observation) -> tuple[str, str]:
        member = self._directory.member(seen.user, seen.role, seen.srv)
        where = placed(seen, member, self._gains, lambda device, at_us: self._inventory.facts_at(device, at_us)[0])
        return where.process, where.variant

    def tables(self) -> tuple[CellTable[CellKey], Tally[FailureKey], DigestTable[CellKey, DigestKey]]:
        """Return them folded, like a shard's."""
        outcomes = self._cells.cut()
        digests: DigestTable[CellKey, DigestKey] = DigestTable(digest_number)
        self._cells.fold(outcomes)
        digests.fold(outcomes, self._cells.keys)
        self._failures.fold(self._failures.cut())
        self.slow.fold(self.slow.cut())
        return self._cells, self._failures, digests


def _cell_frame(tables: Iterable[CellTable[CellKey]], month: Month, directory: Directory) -> pl.DataFrame:
    """Return the cells of a month as they stand in the tables, Members and groups joined to them."""
    return pl.concat([_of_table(table, month, directory) for table in tables])


def _of_table(table: CellTable[CellKey], month: Month, directory: Directory) -> pl.DataFrame:
    first, last = day_of(month.start_us), day_of(month.end_us) - 1
    inside = [at for at, key in enumerate(table.keys.keys) if first <= key.day <= last]
    keys, rows, targets = [table.keys.keys[at] for at in inside], [], []
    for key in keys:
        member = directory.member(key.user, key.role, key.srv)
        targets.append(has_target(key.role, member, key.srv, key.smets_version))
        rows.append(
            (
                *member, directory.party(member.party).group, key.process, key.srv, key.variant, date_of(key.day),
                key.meter_type, key.region, key.smets_version, key.transform,
            )
        )  # fmt: skip
    schema = dict.fromkeys(CELL_KEY, pl.String) | {"day": pl.Date, "transform": pl.Boolean}
    counts = [pl.Series(name, column[inside], pl.Int64) for name, column in table.counts().items()]
    has = pl.Series(targets, dtype=pl.Boolean)
    without = (pl.col("targeted") > 0) & ~has
    return (
        pl.DataFrame(rows, schema, orient="row")
        .with_columns(counts)
        .with_columns(pl.when(without).then(0).otherwise(pl.col(name)).alias(name) for name in ("targeted", "in_time"))
    )


def _merged(cells: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each key: counts of several Users, partitions and legs added up.

    Of transform legs only the failures count (contract 3.8).
    """
    command = ~pl.col("transform")
    summed = [name for name in COLUMNS if name not in {"rtt_min_us", "rtt_max_us", "failures"}]
    timed = command & (pl.col("rtt_n") > 0)
    merged = cells.group_by(CELL_KEY).agg(
        *(pl.col(name).filter(command).sum() for name in summed),
        pl.col("failures").sum(),
        pl.col("rtt_min_us").filter(timed).min(),
        pl.col("rtt_max_us").filter(timed).max(),
    )
    requests = pl.col("successes") + pl.col("failures") + pl.col("open")
    return merged.with_columns(requests.alias("requests")).select(*CELL_KEY, "requests", *COLUMNS).sort(CELL_KEY)


def _digests(
    tables: Iterable[DigestTable[CellKey, DigestKey]], month: Month, directory: Directory
) -> dict[DigestOf, TDigest]:
    def of(key: DigestKey) -> DigestOf | None:
        if key.transform or key.month != month.number:
            return None
        member = directory.member(key.user, key.role, key.srv)
        return member.party, member.role, key.process, key.srv, key.variant

    return merged_digests(tables, of)


def _failure_frame(tallies: Iterable[Tally[FailureKey]], month: Month, directory: Directory) -> pl.DataFrame:
    first, last = day_of(month.start_us), day_of(month.end_us) - 1
    rows = []
    for tally in tallies:
        for key, count in tally.items():
            if first <= key.day <= last and count:
                member, facts = directory.member(key.user, key.role, key.srv), key.facts
                rows.append(
                    (
                        member.party, member.role, date_of(key.day), key.process, key.srv, key.variant, key.reason,
                        reason_text(key.reason), facts.meter_type, facts.region, facts.smets_version,
                        facts.device_type, facts.manufacturer, facts.model, facts.firmware_version, count,
                    )
                )  # fmt: skip
    schema = dict.fromkeys(FAILURE_KEY, pl.String) | {"day": pl.Date, "failures": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.group_by(FAILURE_KEY).agg(pl.col("failures").sum()).sort(FAILURE_KEY)
