"""What lies in estates, judged by when it left, when that was told, and when files were last written anew."""

import subprocess
import sys
from pathlib import Path

import pytest

from dcc_analytics.aggregators.ledger_log import Shard
from dcc_analytics.aggregators.retained import compacted_us, forgotten_us
from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.retention import RETENTION, Found
from dcc_analytics.commands.retention_estates import (
    abandoned_estates,
    estates_folder,
    look_into_estates,
    of_ledger,
)
from dcc_analytics.stream.estate import Facts, Version
from dcc_analytics.stream.estate_store import EstateStore
from tests.desk import DAY, DEVICE, NOON, OTHER_DEVICE


def estate(state: Path, *, left_us: int | None = None, told_us: int = NOON, name: str = "estate-0") -> Path:
    """Make an estate of two Devices, whose ids differ in the last digit; one of them has left it."""
    store = EstateStore(state / "own" / name)
    for device in (DEVICE, OTHER_DEVICE):
        store.add(device, Version(NOON, Facts("ESME", "Electricity", "North"), False, NOON), stamp_us=NOON)  # noqa: FBT003
    store.write(2)
    if left_us is not None:
        store.remove(DEVICE, stamp_us=left_us)
        store.write(3, horizon_us=told_us)
    store.close()
    return state / "own"


def judged(
    folder: Path, horizon_us: int, *, device: str | None = None, installed: dict[str, int] | None = None
) -> Found:
    return look_into_estates(folder, device)[0].found(Shard(horizon_us, 0, installed or {}, ()))


def test_a_device_is_found_as_long_as_its_mark_says_that_it_left(tmp_path: Path) -> None:
    found = judged(estate(tmp_path, left_us=NOON), NOON + DAY, device=DEVICE)
    assert (1, forgotten_us(NOON)) == (found.of_device, found.until_us)
    assert found.may_hold


def test_of_what_was_deleted_before_files_were_written_anew_it_is_said_that_it_may_lie_there(tmp_path: Path) -> None:
    folder = estate(tmp_path, left_us=NOON)
    store = EstateStore(folder / "estate-0")
    store.forget([DEVICE])
    store._compaction._wanted = False  # as if it had been killed
    store.write(4, horizon_us=NOON + DAY)
    store.close()
    found = judged(folder, compacted_us(NOON), device=DEVICE)
    assert (0, True, 0) == (found.of_device, found.may_hold, found.beyond)
    assert "any Device deleted since 2026-10-05 may lie in them still, until a month is closed" in found.why
    found = judged(folder, compacted_us(NOON) + 1)
    assert (1, True) == (found.beyond, "estate_not_compacted" in found.why)
    store = EstateStore(folder / "estate-0")
    store.forget([])
    store.write(5)
    store.close()
    found = judged(folder, compacted_us(NOON) + 1, device=DEVICE)
    assert (0, 0, "", False) == (found.of_device, found.beyond, found.why, found.may_hold)


def test_a_device_that_is_told_of_late_goes_when_a_month_is_closed_after_that(tmp_path: Path) -> None:
    told_us = NOON + 700 * DAY
    folder = estate(tmp_path, left_us=NOON, told_us=told_us)
    assert 0 == judged(folder, told_us + DAY).beyond
    assert 2 == judged(folder, told_us + 90 * DAY).beyond  # it, and the files
    assert {0: {DEVICE: told_us - 130 * DAY}} == {
        at: each.left() for at, each in look_into_estates(folder, None).items()
    }


def test_a_hub_stays_as_long_as_an_install_of_it(tmp_path: Path) -> None:
    folder, late = estate(tmp_path, left_us=NOON), forgotten_us(NOON) + 1
    assert 2 == judged(folder, late).beyond  # it, and the files
    assert 1 == judged(folder, late, installed={DEVICE: NOON + 100 * DAY}).beyond


def test_an_estate_that_a_killed_process_left_is_found_and_one_that_is_open_is_not_beyond(tmp_path: Path) -> None:
    folder = estate(tmp_path, name="estate-0-of-2")
    (found,) = abandoned_estates(folder, DEVICE)
    assert (2, 2, 1) == (found.entries, found.beyond, found.of_device)
    assert "a process that was killed has left it: delete it" in found.why
    lock = "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX); print(flush=True); input()"
    command = [sys.executable, "-c", lock, str(folder / "estate-0-of-2" / "LOCK")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        (found,) = abandoned_estates(folder, None)
        holder.communicate("\n")
    assert (2, 0) == (found.entries, found.beyond)


def test_an_estate_that_a_killed_process_left_is_found_though_it_is_damaged(tmp_path: Path) -> None:
    folder = estate(tmp_path, name="estate-0-of-2")
    (folder / "estate-0-of-2" / "CURRENT").write_bytes(b"rubbish\n")
    (found,) = abandoned_estates(folder, DEVICE)
    assert (1, True) == (found.beyond, found.may_hold)


def test_an_estate_of_a_partition_that_no_ledger_has_is_found(tmp_path: Path) -> None:
    found = look_into_estates(estate(tmp_path), DEVICE)[0].found(None)
    assert (2, 1, True) == (found.beyond, found.of_device, "no such partition: delete it" in found.why)


def test_a_folder_without_estates_is_refused(tmp_path: Path) -> None:
    assert None is estates_folder(None, "own")
    with pytest.raises(UsageError, match="holds no estate of own"):
        estates_folder(tmp_path, "own")
    assert estate(tmp_path) == estates_folder(tmp_path, "own")


def test_last_installs_are_not_judged_where_no_estate_says_whether_their_hubs_left() -> None:
    shards = [
        Shard(
            NOON, 0, {}, (Found(RETENTION["installs"], "ledger", 1, NOON), Found(RETENTION["legs"], "ledger", 1, NOON))
        )
    ]
    assert [False, True] == [each.is_judged for each in of_ledger(shards, {})]
    assert [True, True] == [each.is_judged for each in of_ledger(shards, {0: {}})]
