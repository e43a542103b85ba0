"""The estate on disk: what is written is there again, what is damaged says so. Real RocksDB files throughout."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rocksdict import Rdict

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream import estate_compaction, estate_store
from dcc_analytics.stream.estate import Facts, Version
from dcc_analytics.stream.estate_files import LEFT_PREFIX, MARKED_KEY, UNKNOWN_SINCE_US, Lies, Mark, compact, look_into
from dcc_analytics.stream.estate_store import KEPT_US, EstateHeldError, EstateStore, opened
from tests.desk import DAY, DEVICE, NOON, OTHER_DEVICE


def version(as_of: int, region: str = "North") -> Version:
    return Version(as_of, Facts("ESME", "Electricity", region), uncommissioned=False, commissioned_us=as_of)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EstateStore]:
    opened = EstateStore(tmp_path / "estate")
    yield opened
    opened.close()


def reopened(store: EstateStore, folder: Path) -> EstateStore:
    """Close a store and return another over the same files."""
    store.close()
    return EstateStore(folder)


def written(folder: Path, devices: int = 200) -> None:
    """Write a store whose data are in a table file and not in the log alone."""
    store = EstateStore(folder)
    for number in range(devices):
        store.add(f"{DEVICE[:-5]}{number:05d}", version(NOON), stamp_us=NOON)
    store.write(devices)
    store._db.flush()
    store.close()


# -- there and back ----------------------------------------------------------------------------------------


def test_versions_are_sorted_by_instant_whatever_the_order_read(store: EstateStore) -> None:
    for as_of in (NOON, NOON - DAY, NOON + DAY):
        store.add(DEVICE, version(as_of), stamp_us=NOON)
    assert [NOON - DAY, NOON, NOON + DAY] == [each.as_of_us for each in store.versions(DEVICE)]


def test_a_version_of_the_same_instant_replaces_the_earlier(store: EstateStore) -> None:
    store.add(DEVICE, version(NOON, "North"), stamp_us=NOON)
    store.add(DEVICE, version(NOON, "South"), stamp_us=NOON)
    assert [version(NOON, "South")] == store.versions(DEVICE)


def test_a_device_nobody_told_of_has_no_versions(store: EstateStore) -> None:
    assert store.versions(DEVICE) == []


def test_what_was_written_is_there_again_with_the_offset_after_it(tmp_path: Path) -> None:
    store = EstateStore(tmp_path / "estate")
    assert store.next_offset == 0
    expected = [version(NOON - DAY), version(NOON, "South"), Version(NOON + DAY, None, True, None)]  # noqa: FBT003 (removed, uncommissioned)
    for each in expected:
        store.add(DEVICE, each, stamp_us=NOON)
    store.write(42)
    other = reopened(store, tmp_path / "estate")
    assert (42, expected) == (other.next_offset, other.versions(DEVICE))
    other.close()


def test_what_was_not_written_is_not_there_and_neither_is_its_offset(tmp_path: Path) -> None:
    store = EstateStore(tmp_path / "estate")
    store.add(DEVICE, version(NOON), stamp_us=NOON)
    store.write(7)
    store.add(DEVICE, version(NOON + DAY), stamp_us=NOON)
    store.add(OTHER_DEVICE, version(NOON), stamp_us=NOON)
    other = reopened(store, tmp_path / "estate")
    assert 7 == other.next_offset
    assert [version(NOON)] == other.versions(DEVICE)
    assert other.versions(OTHER_DEVICE) == []
    other.close()


def test_a_removed_device_is_gone_at_once_and_after_it_is_written(tmp_path: Path) -> None:
    store = EstateStore(tmp_path / "estate")
    store.add(DEVICE, version(NOON), stamp_us=NOON)
    store.write(1)
    store.remove(DEVICE, stamp_us=NOON)
    assert store.versions(DEVICE) == []
    store.write(2)
    other = reopened(store, tmp_path / "estate")
    assert other.versions(DEVICE) == []
    other.close()


def test_versions_replaced_longer_ago_than_any_event_are_dropped_and_two_always_kept(store: EstateStore) -> None:
    for day in (0, 10, 20):
        store.add(DEVICE, version(NOON + day * DAY), stamp_us=NOON)
    assert 3 == len(store.versions(DEVICE))
    stamp_us = NOON + 21 * DAY + KEPT_US
    store.add(DEVICE, version(stamp_us), stamp_us=stamp_us)
    assert [NOON + 20 * DAY, stamp_us] == [each.as_of_us for each in store.versions(DEVICE)]


def test_two_versions_are_kept_however_old(store: EstateStore) -> None:
    for as_of in (NOON, NOON + DAY):
        store.add(DEVICE, version(as_of), stamp_us=NOON + 9 * KEPT_US)
    assert [NOON, NOON + DAY] == [each.as_of_us for each in store.versions(DEVICE)]


def test_a_version_that_held_within_the_time_kept_is_not_dropped(store: EstateStore) -> None:
    """The first was replaced just within the hundred days: an event of then still needs it."""
    for as_of in (NOON, NOON + DAY, NOON + 2 * DAY):
        store.add(DEVICE, version(as_of), stamp_us=NOON + DAY + KEPT_US)
    assert NOON == store.versions(DEVICE)[0].as_of_us


def test_a_cache_that_is_full_loses_nothing_that_is_not_written(
    store: EstateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estate_store, "CACHED_DEVICES", 3)
    devices = [f"{DEVICE[:-2]}{number:02X}" for number in range(20)]
    for number, device in enumerate(devices):
        store.add(device, version(NOON + number), stamp_us=NOON)
        store.versions(OTHER_DEVICE[:-2] + "FF")
    assert [[NOON + number] for number in range(20)] == [
        [each.as_of_us for each in store.versions(device)] for device in devices
    ]
    store.write(20)
    assert [[NOON + number] for number in range(20)] == [
        [each.as_of_us for each in store.versions(device)] for device in devices
    ]


def test_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    store = EstateStore(tmp_path / "a" / "b" / "estate")
    store.close()
    assert (tmp_path / "a" / "b" / "estate").is_dir()


# -- shared by processes -----------------------------------------------------------------------------------

HOLDS = """
import sys
from pathlib import Path
from dcc_analytics.stream.estate_store import EstateStore
store = EstateStore(Path(sys.argv[1]))
store.write(7)
print(flush=True)
sys.stdin.read()
store.close()
"""


@contextmanager
def held_by_another(folder: Path) -> Iterator[None]:
    """Have another process hold an estate, in which it has written offset 7."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert b"\n" == other.stdout.readline()
        yield
        other.stdin.close()
        assert 0 == other.wait()


@pytest.mark.slow
def test_an_estate_that_another_process_holds_is_left_to_it_and_one_of_its_own_made(tmp_path: Path) -> None:
    shared, own = tmp_path / "estate-0", tmp_path / "estate-0-of-2"
    with held_by_another(shared):
        with pytest.raises(EstateHeldError, match="give this one its own --state folder"):
            opened(shared, None)
        store = opened(shared, own)
        assert 0 == store.next_offset
        store.write(5)
        store.close()
        assert not own.exists(), "what is beside the shared one would grow old, and miss removals"
    EstateStore(own).close()  # as a killed process leaves it
    store = opened(shared, own)
    assert 7 == store.next_offset
    assert not own.exists()
    store.close()


@pytest.mark.slow
def test_an_estate_of_its_own_that_a_namesake_has_open_is_not_removed_under_it(tmp_path: Path) -> None:
    """Whoever is left of a killed parent has it open, and the process of the same number of the next parent comes."""
    shared, own = tmp_path / "estate-0", tmp_path / "estate-0-of-2"
    with held_by_another(own):
        opened(shared, own).close()
        with held_by_another(shared), pytest.raises(EstateHeldError, match="estate-0-of-2 can't be opened"):
            opened(shared, own)
    store = EstateStore(own)
    assert 7 == store.next_offset
    store.close()


def test_an_estate_that_is_damaged_is_not_passed_over(tmp_path: Path) -> None:
    written(tmp_path / "estate-0")
    (tmp_path / "estate-0" / "CURRENT").write_bytes(b"rubbish\n")
    with pytest.raises(StateError, match="delete the folder"):
        opened(tmp_path / "estate-0", tmp_path / "estate-0-of-2")
    assert not (tmp_path / "estate-0-of-2").exists()


# -- damage ------------------------------------------------------------------------------------------------


def test_a_second_opener_is_told_that_the_folder_is_held(store: EstateStore, tmp_path: Path) -> None:
    with pytest.raises(StateError, match=r"can't be opened .*give this one its own --state folder"):
        EstateStore(tmp_path / "estate")
    store.add(DEVICE, version(NOON), stamp_us=NOON)
    store.write(1)
    assert store.next_offset == 1


@pytest.mark.parametrize("damage", ["CURRENT removed", "CURRENT overwritten", "MANIFEST truncated", "MANIFEST removed"])
def test_a_store_whose_list_of_files_is_damaged_cannot_be_opened_and_says_what_to_do(
    tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "estate"
    written(folder)
    name, how = damage.split()
    path = folder / name if name == "CURRENT" else next(folder.glob("MANIFEST-*"))
    if how == "removed":
        path.unlink()
    elif how == "truncated":
        path.write_bytes(path.read_bytes()[:40])
    else:
        path.write_bytes(b"rubbish\n")
    with pytest.raises(StateError) as refused:
        EstateStore(folder)
    assert str(folder) in str(refused.value)
    assert "delete the folder: it is read again from the devices topic" in str(refused.value)


def read_all(folder: Path, devices: int = 200) -> None:
    """Open a store and read every Device of it."""
    store = EstateStore(folder)
    try:
        for number in range(devices):
            store.versions(f"{DEVICE[:-5]}{number:05d}")
    finally:
        store.close()


def test_a_store_that_is_whole_is_read_without_a_word(tmp_path: Path) -> None:
    written(tmp_path / "estate")
    read_all(tmp_path / "estate")


@pytest.mark.parametrize("left", [0, 100, 1_889])
def test_a_store_whose_table_file_is_truncated_says_so(tmp_path: Path, left: int) -> None:
    written(tmp_path / "estate")
    (table,) = (tmp_path / "estate").glob("*.sst")
    table.write_bytes(table.read_bytes()[:left])
    with pytest.raises(StateError, match=r"(?s)can't be opened.*devices topic"):
        read_all(tmp_path / "estate")


def test_a_store_whose_table_file_is_gone_says_so(tmp_path: Path) -> None:
    written(tmp_path / "estate")
    (table,) = (tmp_path / "estate").glob("*.sst")
    table.unlink()
    with pytest.raises(StateError, match=r"(?s)can't be opened.*devices topic"):
        read_all(tmp_path / "estate")


@pytest.mark.parametrize("at", [0, 20_000], ids=["where the offset is", "where Devices are"])
def test_a_store_whose_table_file_is_overwritten_says_so(tmp_path: Path, at: int) -> None:
    written(tmp_path / "estate", 5_000)
    (table,) = (tmp_path / "estate").glob("*.sst")
    whole = table.read_bytes()
    table.write_bytes(whole[:at] + b"\xff" * 2_000 + whole[at + 2_000 :])
    with pytest.raises(StateError, match="devices topic"):
        read_all(tmp_path / "estate", 5_000)


def test_what_is_said_is_one_line(tmp_path: Path) -> None:
    written(tmp_path / "estate")
    (table,) = (tmp_path / "estate").glob("*.sst")
    table.write_bytes(table.read_bytes()[:100])
    with pytest.raises(StateError) as refused:
        read_all(tmp_path / "estate")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "value",
    [b"\xc1 not messagepack", b"\x91\x94\x05\x91\xa1\xff\xc2\xc0", b"\x91\x95\x05\xc0\xc2\xc0" + b"\x91" * 9_999],
)
def test_a_value_that_is_no_versions_says_so_and_gives_no_device_away(tmp_path: Path, value: bytes) -> None:
    store = EstateStore(tmp_path / "estate")
    store._db[DEVICE.encode()] = value
    with pytest.raises(StateError, match=r"is damaged.*delete the folder") as refused:
        store.versions(DEVICE)
    assert DEVICE not in str(refused.value)
    store.close()


def test_an_offset_that_is_no_number_says_so_when_the_store_is_opened(tmp_path: Path) -> None:
    store = EstateStore(tmp_path / "estate")
    store._db[b"\x00offset"] = b"12x"
    store.close()
    with pytest.raises(StateError, match=r"is damaged.*delete the folder"):
        EstateStore(tmp_path / "estate")


def test_a_folder_that_is_a_file_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "estate").write_text("a file")
    with pytest.raises(StateError, match="can't be opened"):
        EstateStore(tmp_path / "estate")


# -- Devices that have left the inventory ------------------------------------------------------------------

LEFT = Version(NOON, None, False, None)  # noqa: FBT003 (uncommissioned)


def test_devices_that_left_are_told_by_when_whichever_way_they_did(store: EstateStore) -> None:
    store.add(DEVICE, version(NOON - DAY), stamp_us=NOON)
    store.add(DEVICE, LEFT, stamp_us=NOON)
    store.remove(OTHER_DEVICE, stamp_us=NOON + DAY)
    for _ in ("in memory", "on disk"):
        assert [] == store.left_before(NOON)
        assert [DEVICE] == store.left_before(NOON + 1)
        assert {DEVICE, OTHER_DEVICE} == set(store.left_before(NOON + 2 * DAY))
        store.write(1)


def test_an_estate_of_before_marks_has_them_even_if_it_is_closed_unwritten_once(tmp_path: Path) -> None:
    store = EstateStore(tmp_path / "estate")
    store.add(DEVICE, LEFT, stamp_us=NOON)
    store.write(1)
    for key in (MARKED_KEY, LEFT_PREFIX + DEVICE.encode()):
        store._db.delete(key)
    store.close()
    for _ in ("a commit was never made", "again"):
        store = EstateStore(tmp_path / "estate")
        assert [DEVICE] == store.left_before(NOON + 1)
        store.close()
    store = EstateStore(tmp_path / "estate")
    store.write(1)
    assert store._db.get(MARKED_KEY)
    assert [DEVICE] == store.left_before(NOON + 1)
    store.close()


def test_a_device_that_came_back_has_not_left(store: EstateStore) -> None:
    for device in (DEVICE, OTHER_DEVICE):
        store.remove(device, stamp_us=NOON)
    store.write(1)
    store.add(DEVICE, version(NOON + DAY), stamp_us=NOON + DAY)
    store.write(2)
    assert [OTHER_DEVICE] == store.left_before(NOON + 2 * DAY)
    store.write(3)
    assert {OTHER_DEVICE: NOON} == store.marks()


def test_devices_that_had_left_before_marks_were_made_are_marked_when_the_store_is_opened(tmp_path: Path) -> None:
    store = EstateStore(tmp_path / "estate")
    store.add(DEVICE, LEFT, stamp_us=NOON)
    store.add(OTHER_DEVICE, version(NOON), stamp_us=NOON)
    store.write(1)
    for key in (b"\x00marked", b"\x00left|" + DEVICE.encode()):
        store._db.delete(key)
    other = reopened(store, tmp_path / "estate")
    assert [DEVICE] == other.left_before(NOON + DAY)
    other.write(1)
    assert {DEVICE: NOON} == other.marks()
    other.close()


def where(folder: Path, device: str) -> list[str]:
    """Return the files of a store that hold a Device's id."""
    return sorted(path.name for path in folder.iterdir() if device.encode() in path.read_bytes())


def test_a_device_that_is_forgotten_is_in_no_byte_of_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    store = EstateStore(folder)
    gone, last = "00-00-00-00-00-00-00-01", "FF-00-00-00-00-00-00-01"  # first and last of their file, which lists name
    for device in (gone, DEVICE, last):
        store.add(device, version(NOON), stamp_us=NOON)
    store.write(3)
    store._db.flush()
    for device in (gone, last):
        store.add(device, Version(NOON + DAY, None, False, None), stamp_us=NOON)  # noqa: FBT003 (uncommissioned)
    store.write(5)
    assert where(folder, gone)
    assert where(folder, last)
    store.forget([gone, last])
    store.write(6)
    store.close()
    assert ([], []) == (where(folder, gone), where(folder, last))
    other = EstateStore(folder)
    assert (6, [DEVICE]) == (other.next_offset, [device for device, _ in other.items()])
    other.close()


def test_files_are_not_compacted_when_nothing_was_deleted_since(store: EstateStore) -> None:
    store.add(DEVICE, version(NOON), stamp_us=NOON)
    store.forget([])
    store.write(1)
    assert None is compaction(store)
    store.remove(DEVICE, stamp_us=NOON)
    store.write(2)
    assert None is compaction(store)
    store.forget([])
    store.write(3)
    first = compaction(store)
    assert first is not None
    first.join()
    store.write(4)
    store.forget([])
    store.write(5)
    assert first is compaction(store)


def test_what_is_deleted_while_files_are_written_anew_is_noted_still(
    store: EstateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(db: Rdict) -> None:
        begun.set()
        assert go_on.wait(60)
        compact(db)

    monkeypatch.setattr(estate_compaction, "compact", slow)
    store.forget([DEVICE])
    store.write(1, horizon_us=NOON)
    assert begun.wait(60)
    store.remove(OTHER_DEVICE, stamp_us=NOON)
    store.write(2, horizon_us=NOON + DAY)
    go_on.set()
    store._compaction.join()
    store.write(3, horizon_us=NOON + 2 * DAY)
    assert NOON + DAY == look_into(tmp_path / "estate").deleted_us
    store.forget([])
    store.write(4)
    store._compaction.join()
    assert None is look_into(tmp_path / "estate").deleted_us


def test_what_is_deleted_is_noted_since_the_first_of_it_also_when_files_could_not_be_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Rdict) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(estate_compaction, "compact", broken)
    store = EstateStore(tmp_path / "estate")
    for number in range(1, 4):
        store.forget([DEVICE])
        store.write(number, horizon_us=NOON + number * DAY)
        store._compaction.join()
    store = reopened(store, tmp_path / "estate")
    store.forget([DEVICE])
    store.write(4, horizon_us=NOON + 4 * DAY)
    store.close()
    assert NOON + DAY == look_into(tmp_path / "estate").deleted_us


def test_a_device_that_shares_most_of_its_id_with_others_is_found_when_it_has_left(tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    written(folder)
    device = f"{DEVICE[:-5]}00100"
    (table,) = folder.glob("*.sst")
    assert device.encode() not in table.read_bytes()  # where it is, shortened
    store = EstateStore(folder)
    store.remove(device, stamp_us=NOON)
    store.write(201, horizon_us=NOON + DAY)
    store._db.flush()
    store.close()
    lies = look_into(folder, device)
    assert (Mark(NOON, NOON + DAY), NOON + DAY) == (lies.left[device], lies.deleted_us)


def test_marks_and_notes_of_an_older_release_are_read(store: EstateStore, tmp_path: Path) -> None:
    store._db[LEFT_PREFIX + DEVICE.encode()] = str(NOON).encode()
    store._db[b"\x00deleted"] = b"1"
    store.close()
    lies = look_into(tmp_path / "estate")
    assert ({DEVICE: Mark(NOON, 0)}, UNKNOWN_SINCE_US) == (lies.left, lies.deleted_us)
    other = EstateStore(tmp_path / "estate")
    assert {DEVICE: NOON} == other.marks()
    other.write(1, horizon_us=NOON + DAY)
    assert NOON + DAY == look_into(tmp_path / "estate").deleted_us
    other.close()
    store._db = EstateStore(tmp_path / "estate")._db  # for the end of the test


def compaction(store: EstateStore) -> threading.Thread | None:
    """Return the last compaction of a store's files."""
    return store._compaction.thread


def test_what_lies_in_the_files_is_seen_beside_the_worker_and_nothing_is_changed_by_it(
    store: EstateStore, tmp_path: Path
) -> None:
    folder = tmp_path / "estate"
    store.add(DEVICE, version(NOON - DAY), stamp_us=NOON)
    store.add(DEVICE, LEFT, stamp_us=NOON)
    store.add(OTHER_DEVICE, version(NOON), stamp_us=NOON)
    store.write(3)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert (Lies(3, 2, NOON - DAY, {DEVICE: Mark(NOON, 0)}, None, 0)) == look_into(folder)
    assert 2 == look_into(folder, DEVICE).versions
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}
    store.forget([DEVICE])
    store.write(4)
    store.close()
    assert (Lies(4, 1, NOON, {}, None, 0)) == look_into(folder, DEVICE)
    store._db = EstateStore(folder)._db  # for the end of the test


def test_an_estate_that_is_damaged_is_said_to_be(tmp_path: Path) -> None:
    written(tmp_path / "estate")
    (tmp_path / "estate" / "CURRENT").write_bytes(b"rubbish\n")
    with pytest.raises(StateError, match="can't be looked into"):
        look_into(tmp_path / "estate")
