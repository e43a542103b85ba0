"""Deltas packed by those before them: every chain comes back as it was, and what is missing or damaged is told."""

import zlib
from collections.abc import Callable
from random import Random

import pytest

from dcc_analytics.aggregators.checkpoint import delta_records, read_back
from dcc_analytics.aggregators.delta import to_bytes
from dcc_analytics.aggregators.packed import BEGINS, CHAIN, GOES_ON, MOST_BYTES, WINDOW, Packer, Unpacker
from dcc_analytics.catalogue.errors import StateError
from tests.aggregators.test_checkpoint import contents
from tests.story import Story


def values(number: int, *, like: bytes = b"90-B3-D5-1F-30-00-00-01 service-requests/0") -> list[bytes]:
    """Return values that repeat one another, each with something of its own."""
    random = Random(176)
    return [to_bytes([like, random.randbytes(20), like]) for _ in range(number)]


def packed(given: list[bytes]) -> list[bytes]:
    packer = Packer()
    return [packer.packed(value) for value in given]


def unpacked(written: list[bytes], *, first: int = 1) -> list[bytes | None]:
    unpacker = Unpacker()
    return [unpacker.value(seq, value) for seq, value in enumerate(written, first)]


@pytest.mark.parametrize("number", [1, 2, CHAIN, CHAIN + 1, 3 * CHAIN])
def test_what_was_packed_comes_back(number: int) -> None:
    given = values(number)
    assert given == unpacked(packed(given))


def test_a_chain_reaches_further_back_than_deflate_can_look() -> None:
    random = Random(7)
    given = [random.randbytes(WINDOW // 3) for _ in range(CHAIN)]
    assert given == unpacked(packed(given))


def test_what_commits_repeat_of_one_another_costs_next_to_nothing() -> None:
    given = values(CHAIN)
    written = packed(given)
    own = 20  # bytes no other has, and a CRC
    assert sum(map(len, given)) > 100 * CHAIN
    assert max(map(len, written[1:])) < own + 4 + 15


def test_a_chain_begins_anew_after_so_many_and_after_one_that_is_too_large() -> None:
    small, large = values(1)[0], bytes(MOST_BYTES + 1)
    kinds = [value[:1] for value in packed([small] * (CHAIN + 2) + [large, small, small])]
    assert [BEGINS, *[GOES_ON] * (CHAIN - 1), BEGINS, GOES_ON, large[:1], BEGINS, GOES_ON] == kinds


def test_one_that_is_too_large_is_left_as_it_is_and_what_follows_does_not_hang_on_it() -> None:
    given = [values(1)[0], b"\x03" + Random(1).randbytes(MOST_BYTES), values(1)[0]]
    written = packed(given)
    assert given[1] == written[1]
    assert given == unpacked(written)


def test_what_an_older_release_has_written_is_taken_as_it_is() -> None:
    given = values(3)
    assert given == unpacked(given)


def test_whoever_begins_in_the_midst_of_a_chain_has_what_follows_from_the_next_one_on() -> None:
    given = values(CHAIN + 5)
    assert [None] * (CHAIN - 10) + given[CHAIN:] == unpacked(packed(given)[10:], first=11)


def test_one_that_is_missing_leaves_the_rest_of_its_chain_unread() -> None:
    given = values(6)
    written, unpacker = packed(given), Unpacker()
    found = [unpacker.value(seq, written[seq - 1]) for seq in (1, 2, 4, 5)]
    assert [*given[:2], None, None] == found


def test_bytes_are_counted_unpacked_since_they_say_how_long_folding_takes() -> None:
    given, packer, unpacker = values(5), Packer(), Unpacker()
    for seq, value in enumerate(given, 1):
        unpacker.value(seq, packer.packed(value))
    assert sum(map(len, given)) == packer.unpacked_bytes == unpacker.unpacked_bytes


@pytest.mark.parametrize(
    "damage",
    [
        lambda value: value[:-1],
        lambda value: value[:1],
        lambda value: value + b"\x00",
        lambda value: value[:1] + b"\xff" + value[2:],
        lambda _: BEGINS + b"\xed\xc1\x01\x01\x00\x00\x00\x80\x90\xff\x6b\x23" + bytes(1_000),
    ],
)
def test_what_can_not_be_unpacked_is_damaged_and_says_what_to_do(damage: Callable[[bytes], bytes]) -> None:
    written = packed(values(2))
    with pytest.raises(StateError, match=r"^the ledger's delta 2 is damaged .*; restore the ledger topic from a repl"):
        unpacked([written[0], damage(written[1])])


def test_what_is_packed_is_never_more_than_a_delta_may_have_however_little_it_is() -> None:
    most = bytes(MOST_BYTES)
    (written,) = packed([most])
    assert len(written) < 100
    assert [most] == unpacked([written])
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    with pytest.raises(StateError, match="it does not end where it should"):
        unpacked([BEGINS + deflate.compress(bytes(MOST_BYTES + 1)) + deflate.flush()])


# -- as a ledger has them ----------------------------------------------------------------------------------


def ledger_of(commits: int) -> tuple[dict[bytes, bytes], object]:
    """Return the records of commits of one shard, and what its state holds after them."""
    story, packer = Story(1), Packer()
    (shard,) = story.driver.shards
    shard.reference_is_read()
    records: dict[bytes, bytes] = {}
    for _ in range(commits):
        story.request()
        story.response()
        story.driver.step(shard, 500, commit=False)
        records |= {key: value or b"" for key, value in delta_records(shard.state.cut(), packer)}
        shard.take_outgoing()
    return records, contents(shard.state)


def test_a_ledger_of_packed_deltas_is_read_back_as_it_was() -> None:
    records, expected = ledger_of(5)
    assert [BEGINS] + [GOES_ON] * 4 == [value[:1] for key, value in sorted(records.items()) if key.startswith(b"d|")]
    assert expected == contents(read_back(records))


def test_a_delta_that_is_another_once_unpacked_is_refused() -> None:
    """Much of what deflate writes unpacks to something whichever bit is turned; the CRC is of what comes out."""
    records, expected = ledger_of(1)
    (key,) = [key for key in records if key.startswith(b"d|")]
    value, refused = records[key], 0
    for place in range(1, len(value)):
        turned = {**records, key: value[:place] + bytes((value[place] ^ 1,)) + value[place + 1 :]}
        try:
            assert expected == contents(read_back(turned))  # a bit that says nothing, as the last byte has
        except StateError:
            refused += 1
    assert refused > len(value) - 5 > 200
