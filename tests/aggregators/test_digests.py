"""Digests: medians within 1 % of rank of the exact ones, and bytes that know when they are damaged (contract 6)."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from random import Random
from typing import TypeAlias

import pytest
from fastdigest import TDigest
from tdigest import TDigest as PureTDigest

from dcc_analytics.aggregators import digests
from dcc_analytics.aggregators.cells import CLOCK_FAULT, SUCCEEDED, TIMED, CellTable
from dcc_analytics.aggregators.digests import CENTROIDS, DIGEST_BLOCK, DigestTable, digest_bytes, digest_of
from dcc_analytics.aggregators.keys import CellKey, DigestKey, digest_number
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.catalogue.months import Month, day_of
from tests.desk import NOON, USER

#: Distributions of Round Trip Times in microseconds.
SHAPES: dict[str, Callable[[Random], float]] = {
    "even": lambda random: random.uniform(0, 1e9),
    "long tail": lambda random: random.lognormvariate(15, 2),
    "two humps": lambda random: random.gauss(2e6, 1e5) if random.random() < 0.7 else random.gauss(3e9, 1e8),
    "few values": lambda random: float(random.choice((1_000_000, 2_000_000, 16_000_000))),
    "one value": lambda _: 5e6,
}
RANKS = (0.05, 0.25, 0.5, 0.75, 0.95)


Digests: TypeAlias = DigestTable[CellKey, DigestKey]


def empty() -> tuple[Digests, CellTable[CellKey]]:
    """Return a table of digests and the cells it goes by."""
    return DigestTable(digest_number), CellTable()


def key(*, day: int = day_of(NOON), region: str = "North", srv: str = "4.8.1", user: str = USER) -> CellKey:
    return CellKey(user, "IS", "Meter Reads", srv, "", False, day, "Electricity", region, "SMETS2+")  # noqa: FBT003 (transform)


def fold(
    table: Digests, cells: CellTable[CellKey], times: list[tuple[CellKey, int]], *, flags: int = SUCCEEDED | TIMED
) -> None:
    for cell, rtt_us in times:
        cells.append(cells.keys.number(cell), flags, rtt_us)
    outcomes = cells.cut()
    cells.fold(outcomes)
    table.fold(outcomes, cells.keys)


def rank_error(value: float, rank: float, ordered: list[float]) -> float:
    """Return how far a quantile, to a thousandth of a microsecond, is from its rank, as a fraction of all values."""
    value = round(value, 3)
    low, high = bisect_left(ordered, value) / len(ordered), bisect_right(ordered, value) / len(ordered)
    return max(low - rank, rank - high, 0.0)


# -- which digest ------------------------------------------------------------------------------------------


def test_a_digest_is_of_one_user_srv_leg_region_and_month() -> None:
    october = Month(2026, 10).number
    expected = DigestKey(USER, "IS", "Meter Reads", "4.8.1", "", False, "North", october)  # noqa: FBT003 (transform)
    table, cells = empty()
    fold(table, cells, [(key(), 1), (key(day=day_of(Month(2026, 10).end_us)), 1)])
    assert [expected, expected._replace(month=october + 1)] == table.keys.keys


def test_days_and_splits_of_a_month_share_a_digest_and_months_and_regions_do_not() -> None:
    table, cells = empty()
    day = day_of(NOON)
    fold(table, cells, [(key(day=day), 1), (key(day=day + 1), 2), (key(day=day + 60), 3), (key(region="South"), 4)])
    assert [2, 1, 1] == [digest.n_values for _, digest in table.items()]


@pytest.mark.parametrize("flags", [SUCCEEDED, 0, SUCCEEDED | CLOCK_FAULT])
def test_what_has_no_time_is_in_no_digest(flags: int) -> None:
    table, cells = empty()
    fold(table, cells, [(key(), 5)], flags=flags)
    assert [0] == [digest.n_values for _, digest in table.items()]


# -- accuracy ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("commits", [1, 40])
def test_quantiles_are_within_one_percent_of_rank_of_the_exact_ones(shape: str, commits: int) -> None:
    random = Random(f"{shape} {commits}")
    values = [abs(round(SHAPES[shape](random))) for _ in range(20_000)]
    table, cells = empty()
    for number in range(commits):
        fold(table, cells, [(key(day=day_of(NOON) + number % 20), us) for us in values[number::commits]])
    ((_, digest),) = table.items()
    ordered = sorted(map(float, values))
    assert 20_000 == digest.n_values
    assert max(rank_error(digest.quantile(rank), rank, ordered) for rank in RANKS) < 0.01


@pytest.mark.parametrize("shape", SHAPES)
def test_digests_of_many_users_merged_are_within_one_percent_of_rank(shape: str) -> None:
    random = Random(shape)
    values = [abs(round(SHAPES[shape](random))) for _ in range(30_000)]
    merged = TDigest.from_values(values[:1], max_centroids=CENTROIDS)
    for begin in range(1, len(values), 97):
        merged.merge_inplace(TDigest.from_values(values[begin : begin + 97], max_centroids=CENTROIDS))
    ordered = sorted(map(float, values))
    assert max(rank_error(merged.quantile(rank), rank, ordered) for rank in RANKS) < 0.01


@pytest.mark.parametrize("shape", ["even", "long tail"])
def test_medians_agree_with_another_implementation_within_one_percent_of_rank(shape: str) -> None:
    random = Random(shape)
    values = [abs(SHAPES[shape](random)) for _ in range(3_000)]
    other = PureTDigest()
    other.batch_update(values)
    ours = TDigest.from_values(values, max_centroids=CENTROIDS).quantile(0.5)
    assert rank_error(ours, 0.5, sorted(values)) < 0.01
    assert abs(other.cdf(ours) - 0.5) < 0.01


@pytest.mark.parametrize(("expected", "values"), [(5.0, [5.0]), (6.0, [5.0, 7.0]), (7.0, [5.0, 7.0, 100.0])])
def test_the_median_of_a_few_times_is_the_exact_one(expected: float, values: list[float]) -> None:
    assert expected == TDigest.from_values(values, max_centroids=CENTROIDS).quantile(0.5)


# -- bytes -------------------------------------------------------------------------------------------------


def filled(count: int = 1_000) -> TDigest:
    return TDigest.from_values([float(value * value) for value in range(count)], max_centroids=CENTROIDS)


@pytest.mark.parametrize("count", [1, 2, 199, 200, 5_000])
def test_a_digest_comes_back_from_its_bytes_as_it_was(count: int) -> None:
    digest = filled(count)
    again = digest_of(digest_bytes(digest))
    assert digest_bytes(digest) == digest_bytes(again)
    assert [digest.quantile(rank) for rank in RANKS] == [again.quantile(rank) for rank in RANKS]
    assert (digest.n_values, digest.min(), digest.max()) == (again.n_values, again.min(), again.max())


def test_an_empty_digest_comes_back_empty() -> None:
    assert 0 == digest_of(digest_bytes(TDigest(max_centroids=CENTROIDS))).n_values


def test_a_digest_read_back_goes_on_as_the_one_that_was_lost() -> None:
    digest, more = filled(), [float(value) for value in range(500)]
    again = digest_of(digest_bytes(digest))
    digest.batch_update(more)
    again.batch_update(more)
    assert digest_bytes(digest) == digest_bytes(again)


def test_a_full_digest_takes_3_3_kb() -> None:
    assert len(digest_bytes(filled(100_000))) <= 3_300


def test_every_single_byte_that_is_damaged_is_noticed() -> None:
    stored = digest_bytes(filled(40))
    for place in range(len(stored)):
        damaged = stored[:place] + bytes((stored[place] ^ 0x10,)) + stored[place + 1 :]
        with pytest.raises(StateError, match=r"a digest in the ledger is damaged \(its CRC does not match\)"):
            digest_of(damaged)


@pytest.mark.parametrize("left", [0, 3, 4, 20, -1])
def test_bytes_cut_short_are_noticed(left: int) -> None:
    with pytest.raises(StateError, match="damaged"):
        digest_of(digest_bytes(filled())[:left])


def test_blocks_written_and_loaded_are_the_same_table() -> None:
    (ours, cells), (theirs, _) = empty(), empty()
    times = [(key(user=f"U{number}"), us) for number in range(DIGEST_BLOCK + 9) for us in (number + 1, 1_000)]
    fold(ours, cells, times)
    for block in range(2):
        theirs.load_block(block, *ours.block(block))
    assert ours.keys.keys == theirs.keys.keys
    assert [digest_bytes(each) for _, each in ours.items()] == [digest_bytes(each) for _, each in theirs.items()]


def test_a_fold_marks_the_blocks_it_touches_and_no_other() -> None:
    table, cells = empty()
    fold(table, cells, [(key(user=f"U{number}"), 1) for number in range(2 * DIGEST_BLOCK)])
    table.changed_blocks.clear()
    fold(table, cells, [(key(user=f"U{DIGEST_BLOCK}"), 1)])
    assert {1} == table.changed_blocks


def test_digests_kept_as_bytes_are_those_held_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(3)
    monkeypatch.setattr(digests, "MOST_WAITING", 1)
    (ready, ready_cells), (kept, kept_cells) = empty(), empty()
    for _ in range(40):
        times = [
            (key(user=f"U{chance.randrange(30)}"), chance.randrange(1, 10**9)) for _ in range(chance.randrange(90))
        ]
        fold(ready, ready_cells, times)
        with monkeypatch.context() as patch:
            patch.setattr(digests, "MOST_READY", chance.choice((0, 5)))
            fold(kept, kept_cells, times)
            assert len(kept._ready) <= digests.MOST_READY
    assert len(ready._ready) > 20
    assert ready.keys.keys == kept.keys.keys
    assert [digest_bytes(each) for _, each in ready.items()] == [digest_bytes(each) for _, each in kept.items()]


def test_times_that_wait_are_in_every_digest_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is read, stored and loaded midway has each time once, and the digests of one that never waited."""
    chance = Random(4)
    (waits, waits_cells), (never, never_cells), (loaded, loaded_cells) = empty(), empty(), empty()
    for turn in range(30):
        times = [(key(user=f"U{chance.randrange(90)}"), chance.randrange(1, 10**9)) for _ in range(20)]
        fold(waits, waits_cells, times)
        fold(loaded, loaded_cells, times)
        with monkeypatch.context() as patch:
            patch.setattr(digests, "MOST_WAITING", 1)
            fold(never, never_cells, times)
        if turn == 17:
            for block in range(2):  # as a checkpoint does, and whoever follows the ledger
                loaded.load_block(block, *waits.block(block))
    found = {name: [(digest.n_values, digest.min(), digest.max()) for _, digest in table.items()]
             for name, table in (("waits", waits), ("never", never), ("loaded", loaded))}  # fmt: skip
    assert found["never"] == found["waits"] == found["loaded"]
    assert sum(count for count, _, _ in found["waits"]) == 600
    assert [digest_bytes(each) for _, each in waits.items()] == [digest_bytes(each) for _, each in loaded.items()]
