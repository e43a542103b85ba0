"""Checkpoint and deltas bring back the state in memory, or say what is missing: laws of the ledger's records."""

from collections.abc import Callable

import pytest

from dcc_analytics.aggregators import checkpoint
from dcc_analytics.aggregators.checkpoint import REWRITTEN_US, Checkpointer, delta_records, read_back
from dcc_analytics.aggregators.delta import FORMAT_VERSION
from dcc_analytics.aggregators.digests import digest_bytes
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.errors import StateError
from tests.desk import DAY, DEVICE, NOON, USER, H, S, rid
from tests.driver import Driver
from tests.records import text
from tests.story import FINAL, Story, at

Records = dict[bytes, bytes]


def contents(state: ShardState) -> dict[str, object]:
    """Return everything a state knows, in values that compare."""
    return {
        "scalars": (state.seq, state.clock_us, state.horizon_us, state.final_month),
        "applied": state.applied,
        "clocks": state.clocks_us,
        "facts": state.facts.keys,
        "cells": list(state.cells.rows()),
        "alerts": list(state.alerts.rows()),
        "digests": [
            (key, digest_bytes(digest))
            for table in (state.digests, state.alert_digests)
            for key, digest in table.items()
        ],
        "tallies": [sorted(tally.items(), key=repr) for tally in (state.failures, state.slow, state.counters)],
        "maps": {name: dict(each.data) for name, each in state.maps().items()},
    }


def story(partitions: int = 1) -> Story:
    """Return a story in which every map and table of a shard has entries."""
    told = Story(partitions)
    told.device()
    told.request(1, srv="1.6", command_variant=4, parameters={"payment_mode": "credit"})
    told.response(1, kind="pre_command")
    told.request(1, srv="1.2.1", command_variant=5, received=NOON + 5 * S)
    told.request(2, execute_at=at(NOON + 2 * H), srv="1.2.1", command_variant=5)
    told.request(3, execute_at="3000-12-31T00:00:00Z", srv="1.2.2", command_variant=5)
    told.request(8, execute_at=at(NOON + 2 * H), srv="1.2.1", command_variant=4)
    told.request(4, srv="6.23")
    told.response(4, sent=NOON + 9 * S)
    told.request(5, srv="1.1.1", received=NOON + 10 * S)
    told.response(5, sent=NOON + 11 * S, code="E20")
    told.request(6, received=NOON + 12 * S)
    told.response(6, sent=NOON + 15 * S)
    told.request(7, received=NOON + 13 * S)
    told.response(7, sent=NOON + 15 * S, code="E20")
    told.response(99, sent=NOON + 16 * S)
    told.alert(raised=NOON + 20 * S, request_id=rid(1))
    told.tell("service-responses", text({
        "kind": "scheduled", "user": USER, "srv": "4.8.1", "device": DEVICE, "planned_at": at(NOON),
        "sent_at": at(NOON + 20 * S), "code": "I0",
    }), NOON + 20 * S, subject=DEVICE)  # fmt: skip
    told.alert("a-2", raised=NOON + 20 * S, code="AD1", outcome="failed")  # has a digest, and no time in it
    told.tell("alerts", b"{}", NOON + 21 * S)
    return told


def fold_by_commits(driver: Driver, fetch: int, *, checkpoint_every: int) -> None:
    """Fold all, committing after each fetch, every so many times by a checkpoint."""
    driver.read_reference()
    (shard,) = driver.shards
    commits = 0
    while driver.step(shard, fetch, commit=False):
        commits += 1
        driver.commit(shard, checkpoint=checkpoint_every > 0 and commits % checkpoint_every == 0)
        driver.tell_horizon()
    if shard.has_changes():
        driver.commit(shard)


# -- checkpoint + deltas = memory --------------------------------------------------------------------------


def test_the_story_fills_every_map_and_table() -> None:
    told = story()
    told.run()
    state = told.driver.shards[0].state
    assert {name for name, each in state.maps().items() if not len(each)} == {"closed", "moved"}
    assert all((len(state.facts), len(state.cells.keys), len(state.failures.keys), len(state.alerts.keys)))


@pytest.mark.parametrize("checkpoint_every", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("fetch", [1, 3, 500])
def test_what_is_read_back_is_what_was_in_memory(fetch: int, checkpoint_every: int) -> None:
    told = story()
    fold_by_commits(told.driver, fetch, checkpoint_every=checkpoint_every)
    assert contents(read_back(dict(told.driver.ledgers[0]))) == contents(told.driver.shards[0].state)


@pytest.mark.parametrize("checkpoint_every", [0, 2])
def test_a_month_that_was_settled_is_settled_when_read_back(checkpoint_every: int) -> None:
    told = story()
    told.let_time_pass(FINAL + 3 * DAY)
    fold_by_commits(told.driver, 3, checkpoint_every=checkpoint_every)
    state = told.driver.shards[0].state
    assert len(state.memory.closed) > 0
    assert contents(read_back(dict(told.driver.ledgers[0]))) == contents(state)


def test_a_state_read_back_goes_on_as_the_one_that_was_lost() -> None:
    """The story is cut in the middle, read back, told on; the other is told through. The month is the same."""
    through, broken = story(), story()
    through.run()
    broken.run()
    broken.driver.restart(0)
    for told in (through, broken):
        told.response(1, sent=NOON + 30 * S)
        told.response(2, sent=NOON + 3 * H)
        told.request(99, received=NOON + 15 * S)
        told.let_time_pass(NOON + DAY)
        told.run()
    assert through.month().cells.equals(broken.month().cells)
    assert through.beside() == broken.beside()


def test_an_empty_ledger_is_a_state_with_nothing_read() -> None:
    assert contents(ShardState()) == contents(read_back({}))


def test_a_cut_applied_to_the_state_before_it_is_the_state_after_it() -> None:
    told = story()
    told.driver.read_reference()
    (shard,) = told.driver.shards
    other = read_back(dict(told.driver.ledgers[0]))
    cuts = 0
    while told.driver.step(shard, 2, commit=False):
        other.apply(shard.state.cut())
        shard.take_outgoing()
        cuts += 1
        assert contents(other) == contents(shard.state)
    assert cuts > 3


def test_a_checkpoint_lets_the_deltas_before_it_go_and_rewrites_only_what_changed() -> None:
    told = story()
    told.run()
    driver = told.driver
    driver.commit(driver.shards[0], checkpoint=True)
    keys = set(driver.ledgers[0])
    assert not [key for key in keys if key.startswith(b"d|")]
    assert b"h" in keys
    again = dict(driver._checkpointers[0].records(driver.shards[0].state))
    assert not [key for key in again if key[:2] in {b"f|", b"c|", b"t|", b"a|", b"g|"}]


def test_a_map_that_shrank_leaves_no_piece_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "MAP_PIECE", 2)
    told = Story()
    for number in range(9):
        told.request(number)
    told.run()
    driver, shard = told.driver, told.driver.shards[0]
    driver.commit(shard, checkpoint=True)
    assert 5 == len([key for key in driver.ledgers[0] if key.startswith(b"m|legs|")])
    for number in range(7):
        told.response(number)
    told.run()
    driver.commit(shard, checkpoint=True)
    assert 1 == len([key for key in driver.ledgers[0] if key.startswith(b"m|legs|")])
    assert contents(read_back(dict(driver.ledgers[0]))) == contents(shard.state)


# -- what is missing or damaged ----------------------------------------------------------------------------


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Records:
    """Return a ledger with a checkpoint of several pieces and three deltas of several pieces each."""
    monkeypatch.setattr(checkpoint, "PIECE_BYTES", 25)
    monkeypatch.setattr(checkpoint, "MAP_PIECE", 1)
    told = story()
    told.run()
    told.driver.commit(told.driver.shards[0], checkpoint=True)
    for number in range(50, 53):
        told.request(number, received=NOON + number * S)
        told.driver.step(told.driver.shards[0], 9)
    return told.driver.ledgers[0]


def deltas_of(ledger: Records) -> list[bytes]:
    return sorted(key for key in ledger if key.startswith(b"d|"))


def test_the_ledger_of_these_tests_is_whole(ledger: Records) -> None:
    assert len({key.split(b"|")[1] for key in deltas_of(ledger)}) == 3
    assert {True} == {int(key.split(b"|")[3]) > 1 for key in deltas_of(ledger)}
    assert 7 == read_back(dict(ledger)).seq


def test_a_delta_that_lacks_any_piece_is_refused(ledger: Records) -> None:
    for key in deltas_of(ledger):
        records = {each: value for each, value in ledger.items() if each != key}
        with pytest.raises(StateError, match=r"the ledger lacks \(a piece of\) delta \d+; restore the ledger topic"):
            read_back(records)


def test_a_whole_delta_missing_between_others_is_refused(ledger: Records) -> None:
    middle = sorted({key.split(b"|")[1] for key in deltas_of(ledger)})[1]
    records = {key: value for key, value in ledger.items() if not key.startswith(b"d|" + middle)}
    with pytest.raises(StateError, match=rf"delta {int(middle)}; restore"):
        read_back(records)


def test_a_checkpoint_that_lacks_any_piece_of_a_map_is_refused(ledger: Records) -> None:
    pieces = [key for key in ledger if key.startswith(b"m|")]
    assert len(pieces) > 8
    for key in pieces:
        records = {each: value for each, value in ledger.items() if each != key}
        with pytest.raises(StateError, match=r"(lacks record m\||checkpoint has \d+ of \d+ pieces of)"):
            read_back(records)


@pytest.mark.parametrize("prefix", [b"f|", b"c|", b"t|", b"a|", b"n|", b"g|"])
def test_a_checkpoint_with_a_gap_between_its_blocks_is_refused(ledger: Records, prefix: bytes) -> None:
    (first,) = [key for key in ledger if key.startswith(prefix)]
    records = dict(ledger)
    records[prefix + b"000000000001"] = records.pop(first)
    with pytest.raises(StateError, match=rf"the ledger lacks record {prefix.decode()[0]}\|000000000000"):
        read_back(records)


@pytest.mark.parametrize("prefix", [b"f|", b"c|", b"t|", b"a|", b"n|", b"g|"])
def test_a_checkpoint_that_lacks_its_last_block_is_refused(ledger: Records, prefix: bytes) -> None:
    (last,) = [key for key in ledger if key.startswith(prefix)]
    records = {key: value for key, value in ledger.items() if key != last}
    with pytest.raises(StateError, match="ledger"):
        read_back(records)


@pytest.mark.parametrize(
    ("words", "damage"),
    [
        (f"has format 01, this release reads {FORMAT_VERSION:02x}", lambda value: b"\x01" + value[1:]),
        ("has format nothing, this release reads 03", lambda _: b""),
        ("is damaged", lambda value: value[: len(value) // 2]),
        ("is damaged", lambda value: value[:5] + b"\xc1" + value[6:]),
    ],
)
def test_any_record_of_a_checkpoint_of_another_format_or_damaged_is_refused_with_words(
    ledger: Records, words: str, damage: Callable[[bytes], bytes]
) -> None:
    for key, value in ledger.items():
        if key.startswith(b"d|"):
            continue  # has a test of its own
        with pytest.raises(StateError, match="ledger") as refused:
            read_back({**ledger, key: damage(value)})
        assert words in str(refused.value), key


def test_a_delta_cut_short_is_refused_with_words() -> None:
    told = story()
    told.run()
    (*_, last) = deltas_of(told.driver.ledgers[0])
    value = told.driver.ledgers[0][last]
    with pytest.raises(
        StateError, match=r"the ledger's delta \d+ is damaged .* restore the ledger topic from a replica"
    ):
        read_back({**told.driver.ledgers[0], last: value[:-9]})


def test_a_large_delta_is_written_in_pieces_that_put_together_are_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told = story()
    told.driver.read_reference()
    shard = told.driver.shards[0]
    told.driver.step(shard, 99, commit=False)
    delta = shard.state.cut()
    whole = b"".join(value for _, value in delta_records(delta) if value)
    monkeypatch.setattr(checkpoint, "PIECE_BYTES", 100)
    pieces = list(delta_records(delta))
    assert whole == b"".join(value for _, value in pieces if value)
    assert -(-len(whole) // 100) == len(pieces)
    assert [key for key, _ in pieces] == sorted(key for key, _ in pieces)


def test_what_is_read_back_is_gone_on_from_by_the_next_checkpoint() -> None:
    told = story()
    told.run()
    driver = told.driver
    checkpointer = Checkpointer()
    state = read_back(dict(driver.ledgers[0]), checkpointer)
    state.cut()
    records = dict(checkpointer.records(state))
    removed = {key for key, value in records.items() if value is None}
    assert set(deltas_of(driver.ledgers[0])) == removed
    kept = {key: value for key, value in {**driver.ledgers[0], **records}.items() if value is not None}
    assert contents(read_back(kept)) == contents(state)


def test_a_checkpoint_is_outlived_by_the_horizon_alone_after_a_restart_too() -> None:
    told = Story()
    told.request(1)
    told.let_time_pass(NOON)
    told.run()
    driver, horizon_us = told.driver, told.driver.shards[0].state.horizon_us
    assert Checkpointer().outlived(horizon_us)
    driver.commit(driver.shards[0], checkpoint=True)
    again = Checkpointer()
    read_back(dict(driver.ledgers[0]), again)
    for checkpointer in (driver._checkpointers[0], again):
        assert not checkpointer.outlived(horizon_us + REWRITTEN_US - 1)
        assert checkpointer.outlived(horizon_us + REWRITTEN_US)
