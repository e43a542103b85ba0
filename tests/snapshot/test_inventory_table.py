"""Every field of every Device, for each Member: contract sections 1, 2, 6 and 8 (Who, Records); R-INV-1, R-INV-3."""

import gc
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dcc_analytics.catalogue.devices import DEVICE_FIELDS
from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.snapshot.devices_topic import FIELDS, ID_FIELDS, DeviceRecords
from dcc_analytics.snapshot.inventory_models import members_of_registrations
from dcc_analytics.snapshot.inventory_table import COLUMNS, InventoryTable
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.stream.events import UserEntry
from dcc_analytics.stream.home import partition_of
from tests.desk import DAY, DEVICE, NOON, OTHER_DEVICE
from tests.driver import LogRecord
from tests.made_inventory import exact, frozen_inventory, make_inventory
from tests.records import Fields
from tests.story import OCTOBER

LAST, FIRST = OCTOBER.end_us - 1, OCTOBER.end_us


def user(number: int) -> str:
    return f"90-B3-D5-1F-30-{number:02X}-00-00"


class Topic:
    """The ``devices`` topic told record by record, and the table the snapshot makes of it at the end of October."""

    def __init__(self, folder: Path, *, partitions: int = 1) -> None:
        self.folder = folder
        self.partitions = partitions
        self.records = DeviceRecords(partitions, folder=folder)
        self.told = 0

    def tell(self, value: bytes | None, *, key: str | None = DEVICE) -> None:
        """Publish a record where a producer would."""
        partition = 0 if key is None else partition_of(key, self.partitions)
        self.told += 1
        self.records.take(partition, LogRecord(self.told, 0, None if key is None else key.encode(), value))

    def device(self, device: str = DEVICE, *, as_of: int = NOON, key: str | None = None, **fields: object) -> None:
        """Tell a version: of a commissioned ESME of Party 1 unless said; a field said to be ``...`` is left out."""
        said: dict[str, object] = {
            "device": device, "as_of": exact(as_of), "device_type": "ESME", "status": "Commissioned",
            "import_supplier_id": user(1),
        } | fields  # fmt: skip
        value = {name: each for name, each in said.items() if each is not ...}
        self.tell(json.dumps(value).encode(), key=key or device)

    def write(self, path: Path, **options: int) -> int:
        """Write the table; User 1 is of Party P01, and so on, 9 is of P01 too."""
        parties = {1: "P01", 2: "P02", 3: "P03", 4: "P04", 9: "P01"}
        directory = Directory(UserEntry(user(n), p, p, p, ("IS",), "", 0) for n, p in parties.items())
        inventory = self.records.inventory
        return InventoryTable(self.records, members_of_registrations(inventory, directory), FIRST).write(
            path, **options
        )

    def table(self, **options: int) -> pl.DataFrame:
        """Return the table."""
        path = self.folder / "inventory.parquet"
        rows = self.write(path, **options)
        found = pl.read_parquet(path)
        assert (rows, list(COLUMNS)) == (found.height, found.columns)
        return found

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the table."""
        return self.table().select(columns or ("party", "role", "device")).rows()


@pytest.fixture
def topic(tmp_path: Path) -> Topic:
    return Topic(tmp_path)


# -- whose ---------------------------------------------------------------------------------------------------


def test_a_device_with_four_registrations_is_in_the_file_of_each_member(topic: Topic) -> None:
    topic.device(export_supplier_id=user(2), gas_supplier_id=user(3), network_operator_id=user(4))
    expected = [("P01", "IS"), ("P02", "ES"), ("P03", "GS"), ("P04", "ED")]
    assert [(*member, DEVICE) for member in expected] == topic.rows()


def test_a_party_in_two_roles_has_the_device_once_in_each(topic: Topic) -> None:
    topic.device(export_supplier_id=user(9))
    assert [("P01", "ES", DEVICE), ("P01", "IS", DEVICE)] == topic.rows()


@pytest.mark.parametrize(("role", "kind"), [("ED", "ESME"), ("GT", "GSME"), ("GT", "GPF"), ("ED", "CHF")])
def test_the_operator_of_gas_is_a_gt_and_of_all_else_an_ed(topic: Topic, role: str, kind: str) -> None:
    topic.device(device_type=kind, import_supplier_id=None, network_operator_id=user(4))
    assert [("P04", role, DEVICE)] == topic.rows()


def test_a_user_in_no_directory_is_its_own_party_and_nobodys_device_is_in_no_file(topic: Topic) -> None:
    topic.device(import_supplier_id=user(77))
    topic.device(OTHER_DEVICE, import_supplier_id=...)
    assert [(user(77), "IS", DEVICE)] == topic.rows()


# -- when ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("supplier", "as_of"),
    [
        ("P02", OCTOBER.start_us - DAY), ("P02", NOON), ("P02", LAST),
        ("P01", FIRST), ("P01", FIRST + 5 * DAY),
    ],
)  # fmt: skip
def test_a_change_counts_from_its_instant_and_not_after_the_months_last_one(
    topic: Topic, supplier: str, as_of: int
) -> None:
    """Supplier, firmware, hub and status change together: the whole row is of one version."""
    hub = "88-73-84-00-00-00-00-01"
    topic.device(as_of=OCTOBER.start_us - 2 * DAY, device_firmware_version="1.0")
    topic.device(as_of=as_of, import_supplier_id=user(2), device_firmware_version="2.0", chf=hub, status="Suspended")
    new = supplier == "P02"
    expected = (supplier, "2.0" if new else "1.0", hub if new else None, "Suspended" if new else "Commissioned")
    assert [expected] == topic.rows("party", "device_firmware_version", "chf", "status")


@pytest.mark.parametrize(("listed", "as_of"), [(False, NOON), (False, LAST), (True, FIRST), (True, FIRST + DAY)])
def test_a_device_that_left_is_listed_only_if_it_left_after_the_month(
    topic: Topic, *, listed: bool, as_of: int
) -> None:
    topic.device(as_of=NOON - DAY)
    topic.device(as_of=as_of, removed=True)
    assert listed is bool(topic.rows())


def test_a_device_that_came_back_is_listed_as_it_came_back(topic: Topic) -> None:
    topic.device(as_of=NOON - DAY)
    topic.device(as_of=NOON, removed=True)
    topic.device(as_of=LAST, import_supplier_id=user(2))
    assert [("P02", "IS", DEVICE)] == topic.rows()


def test_a_device_whose_only_version_is_of_after_the_month_is_not_listed(topic: Topic) -> None:
    topic.device(as_of=FIRST)
    assert [] == topic.rows()


def test_versions_may_come_in_any_order_and_of_two_of_one_instant_the_later_in_the_log_counts(topic: Topic) -> None:
    topic.device(as_of=LAST, status="second")
    topic.device(as_of=NOON, status="first")
    topic.device(as_of=LAST, status="third")
    topic.device(as_of=NOON - DAY, status="zeroth")
    assert [("third",)] == topic.rows("status")


@pytest.mark.parametrize("key", [DEVICE, DEVICE.lower()])
def test_a_null_value_removes_all_versions_before_it_and_none_after(topic: Topic, key: str) -> None:
    topic.device(as_of=LAST)
    topic.device(OTHER_DEVICE)
    topic.tell(None, key=key)
    topic.device(as_of=NOON, status="again")
    assert [(DEVICE, "again"), (OTHER_DEVICE, "Commissioned")] == topic.rows("device", "status")


@pytest.mark.parametrize("key", ["rubbish", None, "88-73"])
def test_a_null_value_under_no_device_removes_nothing(topic: Topic, key: str | None) -> None:
    topic.device()
    topic.tell(None, key=key)
    assert [(DEVICE,)] == topic.rows("device")


@pytest.mark.parametrize("unreadable", [{"status": ...}, {"uprn": 1.5}, {"chf": "none"}, {"import_supplier_id": "me"}])
def test_a_record_that_cant_be_read_leaves_the_version_before_it_standing(topic: Topic, unreadable: Fields) -> None:
    topic.device(status="Pending")
    topic.device(as_of=LAST, **(Fields(status="spoilt", removed=True) | unreadable))
    topic.tell(b"{")
    assert [("Pending",)] == topic.rows("status")


@pytest.mark.parametrize("partition", [0, 7])
@pytest.mark.parametrize("order", [1, -1])
def test_a_record_in_another_partition_counts_as_later_as_for_the_worker_it_is_passed_on_to(
    tmp_path: Path, partition: int, order: int
) -> None:
    """Both are of one instant; a removal takes away what stood at home before it, not what is passed on there."""
    topic = Topic(tmp_path, partitions=8)
    key = next(f"odd{number}" for number in range(999) if partition_of(f"odd{number}", 8) == partition)
    assert 6 == partition_of(DEVICE, 8)
    for said, under in (("at home", DEVICE), ("passed on", key))[::order]:
        topic.device(status=said, key=under)
    topic.tell(None, key=DEVICE)
    topic.device(status="at home again")
    assert [("passed on",)] == topic.rows("status")


def test_a_record_under_another_key_that_is_at_home_counts_in_the_order_of_the_log(topic: Topic) -> None:
    topic.device(status="first", key="rubbish")
    topic.device(status="second")
    assert [("second",)] == topic.rows("status")


# -- what ----------------------------------------------------------------------------------------------------


def test_every_field_is_text_as_it_was_in_the_record(topic: Topic) -> None:
    said: Fields = {name: f"the {name} said" for name in FIELDS if name not in ID_FIELDS}
    said |= {"aerial_install": False, "uprn": 123456789012, "device_status_history": ["Pending", "Whitelisted"]}
    said |= {name: user(number) for number, name in enumerate(ID_FIELDS, 1)} | {"date_commissioned": "2025-12-28Z"}
    topic.device(user(1), **{name: value for name, value in said.items() if name != "device"})
    text = said | {"aerial_install": "false", "uprn": "123456789012", "device_status_history": "Pending; Whitelisted"}
    assert 44 == len(DEVICE_FIELDS) == len(text)
    assert text == topic.table().filter(role="IS").drop("party", "role").to_dicts()[0]


@pytest.mark.parametrize(
    ("printed", "name", "said"),
    [
        ("true", "aerial_install", True), (None, "aerial_install", None), ("0", "uprn", 0), ("0012", "uprn", "0012"),
        ("", "device_status_history", []), ("one", "device_status_history", "one"), (None, "post_code", ...),
        ("", "post_code", ""), ("=1+1", "post_code", "=1+1"), ("4G North", "csp_region", "4G North"),
        (DEVICE, "chf", DEVICE.lower()), (DEVICE, "associated_meter_or_gpf", DEVICE.lower()),
        ("not an id", "associated_gpf_device_id", "not an id"), (user(10), "network_operator_id", user(10).lower()),
    ],
)  # fmt: skip
def test_lists_are_joined_flags_are_words_ids_are_in_upper_case_and_what_is_absent_is_null(
    topic: Topic, printed: str | None, name: str, said: object
) -> None:
    topic.device(**Fields({name: said}))
    assert (printed,) == topic.table().filter(role="IS").select(name).row(0)


def test_a_device_said_in_lower_case_is_one_with_itself_in_upper_case(topic: Topic) -> None:
    topic.device(DEVICE.lower(), status="before", key=DEVICE)
    topic.device(DEVICE, as_of=LAST, status="after")
    assert [(DEVICE, "after")] == topic.rows("device", "status")


# -- how -----------------------------------------------------------------------------------------------------


def test_rows_are_sorted_by_party_role_and_device_however_small_the_slices(topic: Topic) -> None:
    for number in (200, 3, 77, 150, 4, 251, 90):
        topic.device(f"88-73-84-00-00-00-00-{number:02X}", import_supplier_id=user(1 + number % 3))
    found = topic.table(slice_devices=2)
    assert found.equals(found.sort("party", "role", "device"))
    assert 7 == found.height


def test_without_devices_the_table_has_its_columns(topic: Topic) -> None:
    assert [] == topic.rows()


@pytest.mark.slow
def test_the_same_records_give_the_same_bytes_however_they_were_cut_and_nothing_else_is_left(tmp_path: Path) -> None:
    make_inventory(tmp_path / "events", 7, devices=700)
    checksums = set()
    for number, (run_records, slice_devices) in enumerate(((100_000, 1_000), (90, 1_000), (250, 33), (100_000, 1_000))):
        path = tmp_path / f"{number}.parquet"
        frozen = frozen_inventory(tmp_path / "events", run_records=run_records)
        assert frozen.table.write(path, slice_devices=slice_devices) > 700
        checksums.add(sha256(path.read_bytes()).hexdigest())
    assert 1 == len(checksums)
    assert {"events", *(f"{number}.parquet" for number in range(4))} == {each.name for each in tmp_path.iterdir()}


def test_a_folder_for_runs_goes_with_the_records(tmp_path: Path) -> None:
    topic = Topic(tmp_path)
    topic.device()
    assert 1 == len(topic.rows())
    assert ["inventory.parquet"] != sorted(each.name for each in tmp_path.iterdir())
    del topic
    gc.collect()
    assert ["inventory.parquet"] == [each.name for each in tmp_path.iterdir()]


def test_a_folder_that_cant_be_written_ends_in_words_that_say_what_to_do(topic: Topic, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"can't be written to .*/none .*; free space there, or set TMPDIR$"):
        DeviceRecords(1, folder=tmp_path / "none")
    topic.device()
    for folder in tmp_path.glob("dcca-devices-*"):
        folder.rmdir()
    with pytest.raises(SnapshotError, match=r"Device records can't be written to .*; free space there, or set TMPDIR$"):
        topic.table()


def test_no_record_is_taken_once_the_inventory_was_asked_for(topic: Topic) -> None:
    topic.device()
    assert [(DEVICE,)] == topic.rows("device")
    with pytest.raises(RuntimeError, match="take all records first"):
        topic.device(OTHER_DEVICE)


@pytest.mark.slow
def test_each_registered_device_is_in_exactly_the_right_members_files(tmp_path: Path) -> None:
    """R-INV-1: of each Device in force, one row for each of its registrations; all rows of a Device are alike."""
    make_inventory(tmp_path / "events", 8, devices=600)
    frozen = frozen_inventory(tmp_path / "events")
    frozen.table.write(tmp_path / "inventory.parquet")
    table = pl.read_parquet(tmp_path / "inventory.parquet")
    owners = ("import_supplier_id", "export_supplier_id", "gas_supplier_id", "network_operator_id")
    by_device = table.group_by(FIELDS).agg(
        pl.len().alias("rows"), pl.struct("party", "role").n_unique().alias("members")
    )
    expected = by_device.select(pl.sum_horizontal(pl.col(name).is_not_null() for name in owners))
    assert by_device["device"].n_unique() == by_device.height > 300
    assert expected.to_series().to_list() == by_device["rows"].to_list() == by_device["members"].to_list()
    counted = table.group_by("party", "role").len().sort("party", "role")
    models = frozen.models.group_by("party", "role").agg(pl.col("devices").sum()).sort("party", "role")
    assert counted["len"].to_list() == models["devices"].to_list()
