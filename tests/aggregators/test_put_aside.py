"""What is counted of closed days leaves memory and stays in the ledger: the same figures, whoever reads them when."""

from collections.abc import Iterator, Sequence
from itertools import count

import pytest

from dcc_analytics.aggregators import cells, checkpoint, digests, interned, tally
from dcc_analytics.aggregators.cells import SUCCEEDED, TIMED, CellTable
from dcc_analytics.aggregators.checkpoint import read_back, read_on
from dcc_analytics.aggregators.digests import DigestTable
from dcc_analytics.aggregators.interned import Interned
from dcc_analytics.aggregators.keys import AlertKey, CellKey, FailureKey
from dcc_analytics.aggregators.packed import Unpacker, read_deltas
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.aggregators.state import OPEN_DAYS, ShardState
from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.catalogue.months import day_of
from tests.aggregators.test_checkpoint import contents
from tests.aggregators.test_golden_ledgers import differing, said
from tests.driver import Driver
from tests.golden_ledgers import FEED, FETCH, IN_THE_END, PARTITIONS, figures, taken
from tests.recorded_sample import published

SMALL = 4


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a block be full soon: a small month would never put one aside."""
    for module in (cells, checkpoint, digests, interned, tally):
        monkeypatch.setattr(module, "BLOCK", SMALL)
    monkeypatch.setattr(digests, "DIGEST_BLOCK", SMALL // 2)


# -- tables ------------------------------------------------------------------------------------------------


def test_a_key_put_aside_gets_a_new_number_when_it_comes_again_and_the_others_keep_theirs() -> None:
    keys: Interned[str] = Interned()
    for key in "abcdefghij":
        keys.number(key)
    keys.cut()
    assert SMALL == keys.put_aside(1)
    assert (SMALL, list("efghij"), 10) == (keys.first, keys.keys, len(keys))
    assert [4, 9, 10, 10] == [keys.number(key) for key in "ejaa"]
    assert ["a"] == keys.cut()
    assert [list("efgh"), list("ija")] == [keys.block(1), keys.block(2)]


def test_only_full_blocks_that_are_old_are_put_aside_and_the_first_that_is_not_ends_it() -> None:
    keys: Interned[int] = Interned()
    keys.extend([1, 1, 2, 9, 1, 2, 2, 3, 9, 9, 9, 9, 1, 1, 1, 1, 1])
    assert 2 == keys.blocks_until(lambda block: min(block) < 3)
    assert 4 == keys.blocks_until(lambda _block: True), "the fifth is not full"
    assert 0 == keys.blocks_until(lambda _block: False)


def test_cells_go_on_by_number_after_those_before_them_are_put_aside() -> None:
    table: CellTable[int] = CellTable()
    for number in range(10):
        table.append(table.keys.number(number), SUCCEEDED, 0)
    table.fold(table.cut())
    table.put_aside(2)
    table.keys.changed_blocks.clear()
    for number in (9, 9, 0, 8):
        table.append(table.keys.number(number), SUCCEEDED, 0)
    table.fold(table.cut())
    assert [(8, 2), (9, 3), (0, 1)] == [(key, counts[0]) for key, counts in table.rows()]
    assert {2} == table.keys.changed_blocks
    keys, columns = table.block(2)
    assert ([8, 9, 0], 24) == (keys, len(columns[0]))


def test_digests_go_on_by_number_after_those_before_them_are_put_aside() -> None:
    table: CellTable[int] = CellTable()
    of: DigestTable[int, int] = DigestTable(lambda cell, keys: keys.number(cell))
    noted = count()

    def note(*cell_keys: int) -> None:
        for key in cell_keys:
            table.append(table.keys.number(key), SUCCEEDED | TIMED, next(noted))
        outcomes = table.cut()
        table.fold(outcomes)
        of.fold(outcomes, table.keys)

    note(*range(10))
    of.put_aside(table.keys, lambda _key: True)
    assert 0 == of.keys.first, "cells in memory name them all"
    table.put_aside(2)
    of.put_aside(table.keys, lambda key: key < SMALL)
    assert (SMALL, 2) == (of.keys.first, of.first_block), "those are old"
    of.keys.cut()
    note(9, 9, 0, 8)
    assert [(5, 1), (9, 3), (0, 1)] == [(key, digest.n_values) for key, digest in of.items() if key in {5, 9, 0}]
    assert [11, 12] == [digest.max() for key, digest in of.items() if key in {9, 0}]
    keys, stored = of.block(4)
    assert ([8, 9], 2) == (keys, len(stored))
    again: DigestTable[int, int] = DigestTable(lambda cell, keys: keys.number(cell))
    again.keys.begin_from(1)
    for block in range(of.first_block, 6):
        again.load_block(block, *of.block(block))
    assert of.stored() == again.stored()


def test_who_holds_digests_that_others_have_put_aside_gives_what_comes_again_the_same_new_numbers() -> None:
    cells: CellTable[str] = CellTable()
    writer: DigestTable[str, str] = DigestTable(lambda cell, keys: keys.number(cell[0]))
    reader: DigestTable[str, str] = DigestTable(lambda cell, keys: keys.number(cell[0]))
    whole: Interned[str] = Interned()

    def note(*names: str) -> None:
        for name in names:
            cells.append(cells.keys.number(name), SUCCEEDED | TIMED, 1)
        whole.extend(cells.keys.cut())
        outcomes = cells.cut()
        writer.fold(outcomes, cells.keys)
        reader.fold(outcomes, whole)

    note("a1", "b1", "c1", "d1", "e1", "f1", "g1", "h1")
    before = writer.stored()
    cells.put_aside(2)
    writer.put_aside(cells.keys, lambda _digest: True)
    whole.pass_over(2)
    reader.keys.pass_over(2)
    note("c2", "i1", "a2", "c3")
    assert ["c", "i", "a"] == writer.keys.keys
    assert [*"abcdefgh", "c", "i", "a"] == reader.keys.keys
    assert before + writer.stored() == reader.stored()
    assert [1] * 8 + [2, 1, 1] == [digest.n_values for _, digest in reader.items()]


def test_tallies_go_on_by_number_after_those_before_them_are_put_aside() -> None:
    counts: Tally[str] = Tally()
    for key in "abcdefghhh":
        counts.note(key)
    counts.fold(counts.cut())
    counts.put_aside(1)
    for key in "haa":
        counts.note(key)
    counts.fold(counts.cut())
    assert [("e", 1), ("f", 1), ("g", 1), ("h", 4), ("a", 2)] == counts.items()[:5]
    assert 8 * SMALL == len(counts.block(1)[1])


# -- a month -----------------------------------------------------------------------------------------------


def folded(driver: Driver, *, checkpoint_every: int, restart_every: int = 0) -> Iterator[Shard]:
    """Fold the feed, a checkpoint every so many commits of a shard; yield the shard after each."""
    driver.read_reference()
    moved, steps = True, count(1)
    while moved:
        moved = False
        for partition in range(PARTITIONS):
            shard = driver.shards[partition]
            if driver.step(shard, FETCH, commit=False):
                moved = True
                driver.commit(shard, checkpoint=shard.state.seq % checkpoint_every == 0)
                yield shard
                if restart_every and not next(steps) % restart_every:
                    driver.restart(partition)
        driver.tell_horizon()
        moved |= any(shard.has_changes() for shard in driver.shards)


def month(checkpoint_every: int, restart_every: int = 0) -> Driver:
    """Return a driver that has folded the feed."""
    driver, _ = published(PARTITIONS, FEED)
    for _shard in folded(driver, checkpoint_every=checkpoint_every, restart_every=restart_every):
        pass
    return driver


@pytest.mark.parametrize(("checkpoint_every", "restart_every"), [(1, 0), (3, 0), (2, 7), (5, 3)])
def test_a_month_whose_closed_days_are_put_aside_has_the_figures_of_one_held_in_memory(
    checkpoint_every: int, restart_every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = month(checkpoint_every, restart_every)
    with monkeypatch.context() as patch:
        patch.setattr(ShardState, "put_aside", lambda _state: None)
        whole = month(checkpoint_every, restart_every)
    assert [] == differing(figures(taken(whole)), figures(taken(driver)))
    assert {0} == {keys.first for shard in whole.shards for keys in shard.state.partly_kept().values()}
    for shard in driver.shards:
        driver.commit(shard, checkpoint=True)
        for table in (shard.state.digests, shard.state.alert_digests):
            assert table.keys.first > 0, "of months that are final, once a checkpoint follows"
        for daily in shard.state.daily().values():
            assert daily.keys.first > 0.5 * len(daily.keys), "most of a month that is over is in the ledger alone"


def test_its_figures_are_the_golden_ones() -> None:
    assert [] == differing(said(IN_THE_END), figures(taken(month(3))))


def test_what_is_in_memory_is_of_the_last_days_and_what_is_not_is_older() -> None:
    driver, _ = published(PARTITIONS, FEED)
    for shard in folded(driver, checkpoint_every=1):
        closed = day_of(shard.state.horizon_us) - OPEN_DAYS
        whole = read_back(dict(driver.ledgers[shard.partition])).daily()
        for name, table in shard.state.daily().items():
            first, keys = table.keys.first, whole[name].keys.keys
            assert keys[first:] == list(table.keys.keys)
            assert not first or middle_day(keys[first - SMALL : first]) < closed
            assert len(keys) < first + SMALL or middle_day(keys[first : first + SMALL]) >= closed


def middle_day(keys: Sequence[CellKey] | Sequence[AlertKey] | Sequence[FailureKey]) -> int:
    days = sorted(key.day for key in keys)
    return days[len(days) // 2]


def test_who_follows_the_ledger_commit_by_commit_holds_the_month_whole() -> None:
    driver, _ = published(PARTITIONS, FEED)
    followed, unpackers = [ShardState() for _ in range(PARTITIONS)], [Unpacker() for _ in range(PARTITIONS)]
    before: list[dict[bytes, bytes]] = [{} for _ in range(PARTITIONS)]
    for shard in folded(driver, checkpoint_every=4):
        now, state = driver.ledgers[shard.partition], followed[shard.partition]
        new = {key: value for key, value in now.items() if before[shard.partition].get(key) != value}
        if b"h" in new:  # a checkpoint writes all maps, though they be the same
            read_on(state, new | {key: value for key, value in now.items() if key.startswith(b"m|")})
        else:
            deltas = sorted(key for key in new if key.startswith(b"d|"))
            for delta in read_deltas(now, deltas, unpackers[shard.partition], after=state.seq):
                state.apply(delta)
        before[shard.partition] = dict(now)
    for state, ledger in zip(followed, driver.ledgers, strict=True):
        assert contents(state) == contents(read_back(dict(ledger)))


def test_a_shard_opened_anew_has_in_memory_what_it_had() -> None:
    driver = month(3)
    for partition in range(PARTITIONS):
        had = contents(driver.shards[partition].state)
        driver.restart(partition)
        assert had == contents(driver.shards[partition].state)
