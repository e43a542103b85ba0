"""The ledger on a real broker: a commit is whole or not there, its owner is one, and damage is told in words."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from dcc_analytics.aggregators.checkpoint import delta_records, read_back
from dcc_analytics.aggregators.clocks import ShardClock
from dcc_analytics.aggregators.delta import to_bytes
from dcc_analytics.aggregators.ledger import FencedError, Ledger, read_ledger
from dcc_analytics.aggregators.outgoing import DeadLetter
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.dead_letters import read_dead_letters
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.strays import TOPIC_HEADER, Stray
from dcc_analytics.stream.topics import ledger_name
from tests.conftest import APPLICATION
from tests.driver import LogRecord
from tests.story import Story

pytestmark = pytest.mark.broker

NAME = ledger_name(APPLICATION)
CLOCK = ShardClock(5, {})
STRAY = Stray("SUBJECT", 2, 1_790_000_000_000, b"stray", [(TOPIC_HEADER, b"alerts")])
LETTER = DeadLetter("alerts", 1, LogRecord(7, 1_790_000_000_000, b"key", b"\xff"), "no JSON")

Open = Callable[[], Awaitable[tuple[Ledger, ShardState]]]


@pytest.fixture
async def extents(made: Connection) -> AsyncIterator[Extents]:
    async with Extents(made) as each:
        yield each


@pytest.fixture
async def opened(made: Connection, extents: Extents) -> AsyncIterator[Open]:
    """Open the ledger of shard 0, as often as wanted, each time as another worker would."""
    ledgers = []

    async def open_ledger() -> tuple[Ledger, ShardState]:
        ledger = Ledger(made, APPLICATION, 0)
        ledgers.append(ledger)
        return ledger, await ledger.open(extents)

    yield open_ledger
    for ledger in ledgers:
        await ledger.close()


def state_with_figures() -> ShardState:
    """Return a state in which something was folded and nothing cut."""
    story = Story(1)
    story.request()
    story.response()
    (shard,) = story.driver.shards
    shard.reference_is_read()
    story.driver.step(shard, 500, commit=False)
    shard.take_outgoing()
    return shard.state


async def commit(ledger: Ledger, state: ShardState, *, checkpoint: bool = False) -> None:
    delta = state.cut()
    records = ledger.checkpoint_records(state) if checkpoint else ledger.delta_records(delta)
    await ledger.commit(records, [STRAY], [LETTER], CLOCK, checkpoint=checkpoint)


def contents(state: ShardState) -> object:
    """Return what a state holds that a figure can come from."""
    maps = {name: dict(each.data) for name, each in state.maps().items()}
    return state.seq, dict(state.counters.items()), list(state.cells.keys.keys), maps, state.applied


async def settle(connection: Connection, extents: Extents) -> None:
    """Wait until the broker has written the markers that end transactions, which follows their commit."""
    consumer = AIOKafkaConsumer(**connection.options())
    await consumer.start()
    try:
        topics = (NAME, "strays", "dead-letters", f"{APPLICATION}-clocks")
        places = [(topic, partition) for topic in topics for partition in range(await extents.partitions(topic))]
        tps = [TopicPartition(connection.topic(topic), partition) for topic, partition in places]
        async with asyncio.timeout(30):
            while sum((await consumer.end_offsets(tps)).values()) > sum((await extents.ends(places)).values()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        await consumer.stop()


async def ledger_of(connection: Connection, extents: Extents) -> dict[bytes, bytes]:
    """Return the records of shard 0."""
    await settle(connection, extents)
    return await read_ledger(extents, connection, NAME, 0)


async def values(connection: Connection, extents: Extents, topic: str) -> list[bytes | None]:
    """Return the committed records of a topic."""
    await settle(connection, extents)
    ends = await extents.ends([(topic, partition) for partition in range(await extents.partitions(topic))])
    return [record.value async for _, record in read_up_to(connection, ends)]


# -- one commit --------------------------------------------------------------------------------------------


async def test_an_empty_ledger_is_a_state_that_has_read_nothing(opened: Open) -> None:
    _, state = await opened()
    assert (0, {}) == (state.seq, state.applied)


@pytest.mark.parametrize("checkpoint", [False, True])
async def test_what_was_committed_is_read_back_as_it_was(opened: Open, *, checkpoint: bool) -> None:
    ledger, _ = await opened()
    state = state_with_figures()
    await commit(ledger, state)
    await commit(ledger, state, checkpoint=checkpoint)
    _, again = await opened()
    assert 2 == again.seq
    assert contents(state) == contents(again)


async def test_a_checkpoint_is_due_by_what_deltas_are_unpacked_and_whoever_opens_it_next_weighs_alike(
    opened: Open,
) -> None:
    ledger, _ = await opened()
    state, unpacked, written = state_with_figures(), 0, 0
    for _ in range(4):
        delta = state.cut()
        unpacked += len(to_bytes(delta))
        written += await ledger.commit(ledger.delta_records(delta), [], [], CLOCK, checkpoint=False)
    assert written < unpacked
    again, _ = await opened()
    for each in (ledger, again):
        assert each.checkpoint_due(unpacked, horizon_us=0)
        assert not each.checkpoint_due(unpacked + 1, horizon_us=0)


async def test_a_commit_brings_strays_dead_letters_and_the_clock_with_it(
    made: Connection, extents: Extents, opened: Open
) -> None:
    ledger, _ = await opened()
    await commit(ledger, state_with_figures())
    assert [b"stray"] == await values(made, extents, "strays")
    assert [b"\xff"] == await values(made, extents, "dead-letters")
    assert 1 == len(await values(made, extents, f"{APPLICATION}-clocks"))
    assert {("strays", 2): 1} == {
        place: 1 for place, end in (await extents.ends([("strays", p) for p in range(4)])).items() if end
    }


async def test_a_dead_letter_without_key_and_value_stops_no_commit(
    made: Connection, extents: Extents, opened: Open
) -> None:
    ledger, _ = await opened()
    empty = DeadLetter("alerts", 1, LogRecord(8, 1_790_000_000_000, None, None), "the record has no value")
    await ledger.commit(list(delta_records(state_with_figures().cut())), [], [empty, LETTER], CLOCK, checkpoint=False)
    await settle(made, extents)
    found = [letter async for letter in read_dead_letters(made)]
    assert {(8, None, None, "the record has no value"), (7, "key", "/w==", "no JSON")} == {
        (letter["offset"], letter["key"], letter["value_base64"], letter["reason"]) for letter in found
    }


async def test_a_commit_that_fails_half_way_leaves_nothing_of_it(
    made: Connection, extents: Extents, opened: Open
) -> None:
    ledger, _ = await opened()
    too_large = Stray("SUBJECT", 0, 0, os.urandom(5 * 1024 * 1024), [])  # more than the topic takes
    records = list(delta_records(state_with_figures().cut()))
    with pytest.raises(KafkaError):
        await ledger.commit(records, [STRAY, too_large], [LETTER], CLOCK, checkpoint=False)
    for topic in ("strays", "dead-letters", NAME, f"{APPLICATION}-clocks"):
        assert [] == await values(made, extents, topic), topic
    _, state = await opened()
    assert 0 == state.seq


async def test_a_transaction_left_open_by_a_dead_worker_is_settled_by_the_next(
    made: Connection, extents: Extents, opened: Open
) -> None:
    ledger, _ = await opened()
    await ledger._producer.begin_transaction()
    await ledger._send_ledger(list(delta_records(state_with_figures().cut())))
    await ledger._send_outgoing([STRAY], [LETTER])
    again, state = await opened()
    assert 0 == state.seq
    assert [] == await values(made, extents, "strays")
    await commit(again, state_with_figures())
    assert [b"stray"] == await values(made, extents, "strays")


# -- one owner ---------------------------------------------------------------------------------------------


async def test_a_second_owner_shuts_the_first_out(opened: Open) -> None:
    first, _ = await opened()
    state = state_with_figures()
    await commit(first, state)
    second, taken_over = await opened()
    with pytest.raises(FencedError, match=r"^partition 0: "):
        await commit(first, state)
    taken_over.counters.note(("duplicate_ends", ""))
    await commit(second, taken_over)
    _, last = await opened()
    assert contents(taken_over) == contents(last)


# -- damage ------------------------------------------------------------------------------------------------


async def write(connection: Connection, key: bytes, value: bytes | None) -> None:
    """Write over a record of the ledger, as a fault would."""
    producer = AIOKafkaProducer(**connection.options())
    await producer.start()
    try:
        await producer.send_and_wait(connection.topic(NAME), value, key, partition=0)
    finally:
        await producer.stop()


def _cut_short(value: bytes) -> bytes:
    return value[: len(value) // 2]


def _of_another_version(value: bytes) -> bytes:
    return b"\xee" + value[1:]


@pytest.mark.parametrize("damage", [_cut_short, _of_another_version])
@pytest.mark.parametrize("checkpoint", [False, True])
async def test_a_damaged_record_stops_the_worker_with_words(
    made: Connection, extents: Extents, opened: Open, damage: Callable[[bytes], bytes], *, checkpoint: bool
) -> None:
    ledger, _ = await opened()
    await commit(ledger, state_with_figures(), checkpoint=checkpoint)
    records = await ledger_of(made, extents)
    key = max(records)
    await write(made, key, damage(records[key]))
    with pytest.raises(StateError, match=r"^the ledger|ledger"):
        await opened()


async def test_a_missing_delta_stops_the_worker_and_names_it(made: Connection, extents: Extents, opened: Open) -> None:
    ledger, _ = await opened()
    state = state_with_figures()
    for _ in range(3):
        await commit(ledger, state)
    second = sorted(await ledger_of(made, extents))[1]
    await write(made, second, None)
    with pytest.raises(StateError, match=r"lacks \(a piece of\) delta 2; restore the ledger topic"):
        await opened()


async def test_a_missing_block_of_a_checkpoint_stops_the_worker_and_names_it(
    made: Connection, extents: Extents, opened: Open
) -> None:
    ledger, _ = await opened()
    await commit(ledger, state_with_figures(), checkpoint=True)
    assert b"h" in await ledger_of(made, extents)
    block = next(key for key in await ledger_of(made, extents) if key.startswith(b"n|"))
    await write(made, block, None)
    with pytest.raises(StateError, match=rf"lacks record {block.decode()[:2]}"):
        await opened()


async def test_a_checkpoint_removes_the_deltas_it_covers(made: Connection, extents: Extents, opened: Open) -> None:
    ledger, _ = await opened()
    state = state_with_figures()
    await commit(ledger, state)
    await commit(ledger, state)
    await commit(ledger, state, checkpoint=True)
    records = await ledger_of(made, extents)
    assert [] == [key for key in records if key.startswith(b"d|")]
    assert contents(state) == contents(read_back(records))
