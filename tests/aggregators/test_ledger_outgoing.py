"""What goes out with a commit on a real broker: dead letters as they have to be, and none too large for their topic."""

import os
import time
from collections.abc import AsyncIterator

import pytest

from dcc_analytics.aggregators.clocks import ShardClock
from dcc_analytics.aggregators.ledger import Ledger
from dcc_analytics.aggregators.outgoing import DeadLetter
from dcc_analytics.stream.broker.settings import MAX_RECORD_BYTES
from dcc_analytics.stream.dead_letters import letters
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.strays import Stray, stray_of
from tests.conftest import APPLICATION
from tests.driver import LogRecord

pytestmark = pytest.mark.broker


@pytest.fixture
async def ledger(made: Connection) -> AsyncIterator[Ledger]:
    each = Ledger(made, APPLICATION, 0)
    async with Extents(made) as extents:
        await each.open(extents)
    yield each
    await each.close()


async def commit(ledger: Ledger, letter: DeadLetter, *strays: Stray) -> None:
    await ledger.commit([], list(strays), [letter], ShardClock(5, {}), checkpoint=False)


async def test_a_letter_is_of_now_and_keeps_its_record_s_time_and_the_headers_that_are_read(
    made: Connection, ledger: Ledger
) -> None:
    headers = [("received_at", b"2026-10-01T00:00:00Z"), ("dcca-part", b"whole"), ("trace", b"x"), ("kind", b"")]
    began_ms = time.time_ns() // 1_000_000
    record = LogRecord(8, 1_600_000_000_000, b"k", b"<x>", headers)
    await commit(ledger, DeadLetter("strays", 1, record, "no document"))
    assert [b"<x>"] == [each.value async for _, each in read_up_to(made, {("dead-letters", 0): 1})]  # it is decided
    (found,) = [each async for each in letters(made)]
    assert ([*headers[:2], headers[3]], 1_600_000_000_000) == (list(found.headers), found.timestamp)
    assert began_ms <= found.set_aside_ms <= time.time_ns() // 1_000_000


@pytest.mark.parametrize("room_bytes", [150, 5_000])
async def test_the_largest_record_and_the_longest_reason_stop_no_commit(
    made: Connection, ledger: Ledger, room_bytes: int
) -> None:
    """Such a record, passed on or set aside, would stop its partition for good."""
    value, headers = os.urandom(MAX_RECORD_BYTES - room_bytes), [("kind", b"x" * (room_bytes - 100))]
    record = LogRecord(2**62, 1_790_000_000_000, b"k", value, headers)
    stray = stray_of("service-responses", 999, record, "SUBJECT", 0)
    await commit(ledger, DeadLetter("service-responses", 999, record, "\N{SPARKLES}" * 400), stray)
    for place in (("strays", 0), ("dead-letters", 0)):
        assert [value] == [each.value async for _, each in read_up_to(made, {place: 1})], place
