"""A ledger in a file: read back as it was written, and refused where a byte is another or missing."""

import gzip
import random
from pathlib import Path

import msgspec
import pytest

from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.ledger_file import (
    Copied,
    Entry,
    Folded,
    Head,
    LedgerEntry,
    StrayEntry,
    copied,
    head_of,
    read,
    written,
)
from dcc_analytics.catalogue.errors import StateError
from tests.golden_ledgers import Shelf, entries, ledgers

HEAD = Head(1, "dcca", 2)
FILE: list[Entry] = [
    LedgerEntry(0, b"d|1", b"one"),
    StrayEntry(0, 1_790_000_000_000, b"DEVICE", None, [("dcca-topic", b"alerts"), ("of-a-feed", None)]),
    LedgerEntry(1, b"d|2", b""),
]


def put(path: Path, parts: list[Entry] = FILE, head: Head = HEAD) -> Path:
    with written(path, head) as file:
        for part in parts:
            file.add(part)
        file.end()
    return path


def test_it_is_read_back_as_it_was_written_and_its_bytes_are_the_same_again(tmp_path: Path) -> None:
    path = put(tmp_path / "one")
    assert [HEAD, *FILE] == list(read(path))
    assert HEAD == head_of(path)
    assert path.read_bytes() == put(tmp_path / "two").read_bytes()
    assert ["one", "two"] == sorted(each.name for each in tmp_path.iterdir())


@pytest.mark.parametrize("golden", ledgers(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_releases_have_written_goes_through_a_file_to_the_same_state(golden: Path, tmp_path: Path) -> None:
    shelf = msgspec.msgpack.decode(gzip.decompress(golden.read_bytes()), type=Shelf)
    parts: list[Entry] = [LedgerEntry(p, *each) for p, records in enumerate(shelf.ledgers) for each in records]
    path = put(tmp_path / "file", parts, Head(1, "dcca", len(shelf.ledgers)))
    found: list[dict[bytes, bytes]] = [{} for _ in shelf.ledgers]
    for part in read(path):
        if isinstance(part, LedgerEntry):
            found[part.partition][part.key] = part.value
    assert [dict(each) for each in shelf.ledgers] == found
    assert any(entries([read_back(each) for each in found]).values())


def test_of_what_is_written_half_nothing_is_there(tmp_path: Path) -> None:
    def fail() -> None:
        with written(tmp_path / "file", HEAD):
            raise StateError("the ledger is damaged")

    with pytest.raises(StateError, match=r"^the ledger is damaged$"):
        fail()
    assert [] == list(tmp_path.iterdir())


def test_a_file_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    put(tmp_path / "file")
    with pytest.raises(StateError, match=r"is there, and may be the only copy of what it holds; give another --out$"):
        put(tmp_path / "file")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateError, match=r"can't be written \(.*No such file.*\); free space or give another --out$"):
        put(tmp_path / "none" / "file")


REFUSED = r"file is no whole export of a ledger \(.*\); nothing of it is used: take another copy of it$"


def test_cut_short_anywhere_it_is_refused(tmp_path: Path) -> None:
    whole = put(tmp_path / "whole").read_bytes()
    path = tmp_path / "file"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(StateError, match=REFUSED):
            list(read(path))


def test_changed_anywhere_it_is_refused_or_what_it_holds_is_the_same(tmp_path: Path) -> None:
    """A few bits of gzip's own head mean nothing to whoever reads it."""
    whole, chance = put(tmp_path / "whole").read_bytes(), random.Random(11)
    path, refused = tmp_path / "file", 0
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        try:
            found = list(read(path))
        except StateError:
            refused += 1
        else:
            assert [HEAD, *FILE] == found
    assert refused >= len(whole) - 8


def framed(*parts: object) -> bytes:
    bodies = [msgspec.msgpack.encode(part) for part in parts]
    return b"".join(len(body).to_bytes(4, "big") + body for body in bodies)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no gzip", "Not a gzipped file"),
        (gzip.compress(b""), "it ends in the middle"),
        (gzip.compress(framed(HEAD)), "it ends in the middle"),
        (gzip.compress(framed(FILE[0])), "its head is not where it has to be"),
        (gzip.compress(framed(HEAD, HEAD)), "its head is not where it has to be"),
        (gzip.compress(framed(Head(2, "dcca", 2))), "its format is 2, this release reads 1"),
        (gzip.compress(framed(HEAD, ["end", 0, "00"])), "its checksum is another"),
        (gzip.compress(framed(Head(1, "dcca", 10_001))), "Expected `int` <= 10000"),
        (gzip.compress(b"\xff\xff\xff\xff"), "an entry of 4294967295 bytes"),
    ],
)
def test_what_is_no_export_is_refused_with_why(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(StateError, match=REFUSED) as refused:
        list(read(path))
    assert why in str(refused.value)


def test_what_a_file_holds_is_told_by_topics() -> None:
    folded = [Folded(3, 50, {"alerts/0": 7, "strays/0": 1}), Folded(0, 0, {}), Folded(2, 90, {"alerts/2": 5})]
    assert Copied("dcca", 3, 4, 1, 90, {"alerts": 12, "strays": 1}) == copied("dcca", folded, {"ledger": 4, "stray": 1})
