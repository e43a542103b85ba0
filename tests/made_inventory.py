"""Made months of the inventory alone: Devices whose records change around a month's last instant in every way.

The lines are written as recorded events; ``Frozen`` is what the snapshot makes of them, without a broker or a worker.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import polars as pl

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.files import FILES
from dcc_analytics.snapshot.devices_topic import DeviceRecords
from dcc_analytics.snapshot.inventory_models import inventory_models, members_of_registrations
from dcc_analytics.snapshot.inventory_table import InventoryTable
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.stream.decode import decode_user, decoded
from dcc_analytics.stream.events import Rejected
from dcc_analytics.stream.home import partition_of
from tests.driver import LogRecord
from tests.recorded_sample import lines

OCTOBER: Final = Month.parse("2026-10")
_DAY_US: Final = 86_400_000_000
#: From when versions hold: before the month, in it, at its last instant, at the next one's first, and later.
_INSTANTS: Final = (
    OCTOBER.start_us - 90 * _DAY_US, OCTOBER.start_us - 1, OCTOBER.start_us, OCTOBER.start_us + 15 * _DAY_US,
    OCTOBER.end_us - 1, OCTOBER.end_us, OCTOBER.end_us + 5 * _DAY_US,
)  # fmt: skip
#: Texts that a spreadsheet, a CSV reader or a careless table trip on.
_TEXTS: Final = ("A", "=1+1", "+44", "-1", "@x", 'say "no", please', "two\r\nlines", "", "1E10", "Żółty", "\tt", None)
_PARTIES: Final = tuple((f"P{number:02}", f"G{max(number, 2):02}") for number in range(16))
_TYPES: Final = ("ESME", "ESME", "ESME", "ESME", "ESME", "GSME", "GSME", "GPF", "CHF")
_OWN: Final = ("import_supplier_id", "export_supplier_id", "gas_supplier_id", "network_operator_id")

Value = dict[str, Any]


def exact(us: int) -> str:
    """Return an instant to the microsecond, as a record may hold it."""
    return f"{datetime.fromtimestamp(us // 1_000_000, UTC):%Y-%m-%dT%H:%M:%S}.{us % 1_000_000:06}Z"


def make_inventory(folder: Path, seed: int, *, devices: int = 2_000, keyed: bool = True) -> None:
    """Write a folder of recorded ``users`` and ``devices``.

    Args:
        folder: is made.
        seed: of all that is random.
        devices: how many.
        keyed: whether every record stands under its key; if not, some stand under theirs in lower case.
    """
    random = Random(seed)
    folder.mkdir(parents=True)
    _write(folder / "users.ndjson.gz", _users())
    told: list[list[Value]] = [list(_lines_of(random, number, keyed=keyed)) for number in range(devices)]
    log: list[Value] = []
    while told:  # the lines of a Device keep their order, those of others come between
        place = random.randrange(len(told))
        log.append(told[place].pop(0))
        if not told[place]:
            told[place] = told[-1]
            told.pop()
    _write(folder / "devices.ndjson.gz", log)


def _write(path: Path, log: list[Value]) -> None:
    write_lines(path, (json.dumps(line, ensure_ascii=False) + "\n" for line in log))


def write_lines(path: Path, texts: Iterable[str]) -> None:
    """Write the lines of a topic, compressed as recorded ones are."""
    with gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=1) as file:
        file.writelines(texts)


def _user(number: int, index: int = 0) -> str:
    return f"90-B3-D5-1F-30-{16 + number:02X}-00-{index:02X}"


def _users() -> list[Value]:
    """Return a directory: two Users for every other Party; the last Party has no entry."""
    return [
        {
            "key": _user(number, index), "timestamp": 0,
            "value": {
                "user": _user(number, index), "party": party, "group": group, "roles": ["IS", "GS"],
                "as_of": "2026-01-01T00:00:00Z",
            },
        }
        for number, (party, group) in enumerate(_PARTIES[:-1])
        for index in range(1 + number % 2)
    ]  # fmt: skip


def _lines_of(random: Random, number: int, *, keyed: bool) -> Iterator[Value]:
    device = (
        f"88-73-84-{number * 7919 % 65536 >> 8:02X}-{number * 7919 % 256:02X}-AB-{number >> 8:02X}-{number % 256:02X}"
    )
    key = device if keyed or random.random() < 0.9 else device.lower()
    value = _whole_record(random, device)
    for _ in range(random.choice((1, 1, 2, 3, 5))):
        as_of_us = random.choice(_INSTANTS)
        yield _line(key, value | {"as_of": exact(as_of_us)})
        chance = random.random()
        if chance < 0.06:
            yield {"key": key, "timestamp": 0, "value": None}
        elif chance < 0.12:
            yield _line(key, value | _spoilt(random))
        elif chance < 0.15:
            yield {"key": key, "timestamp": 0, "value_text": "{"}
        value = _changed(random, value)


def _line(key: str, value: Value) -> Value:
    return {"key": key, "timestamp": 0, "value": value}


def _spoilt(random: Random) -> Value:
    """Return what makes a record unreadable; if it could be read it would take the Device away."""
    last = {"as_of": exact(OCTOBER.end_us - 1), "removed": True}
    return last | random.choice(
        ({"status": None}, {"uprn": 1.5}, {"aerial_install": "no"}, {"chf": "none"}, {"import_supplier_id": "P01"})
    )


def _whole_record(random: Random, device: str) -> Value:
    kind = random.choice(_TYPES)
    value: Value = {"device": random.choice((device, device.lower())), "device_type": kind, "status": "Commissioned"}
    value |= {
        name: random.choice(_TEXTS)
        for name in ("hardware_version", "post_code", "address_identifier", "han_variant", "cpl_status", "csp_region")
        if random.random() < 0.7
    }
    value |= {
        "device_status_history": random.choice((["Pending 2025-11-02", "Whitelisted 2025-12-28"], [], "one", None)),
        "uprn": random.choice((123456789012, "0012", None)), "aerial_install": random.choice((True, False, None)),
        "chf": random.choice((None, "88-73-84-90-6a-10-02-db")),
        "associated_meter_or_gpf": random.choice((None, "88-73-84-90-6a-10-02-dc")), "date_commissioned": "2025-01-01Z",
    }  # fmt: skip
    return _changed(random, value | _model(random), everything=True)


def _model(random: Random) -> Value:
    maker, model = random.choice(("Acme",) * 14 + ("",)), random.choice(("M-1",) * 9 + ("=2",))
    return {"device_manufacturer": maker, "device_model": model}


def _owner(random: Random, name: str) -> int:
    """Return a Party: many alike import, some have more of the gas, one has nearly all exports, few are operators."""
    number = random.randrange(len(_PARTIES))
    match name[0]:
        case "g":
            return min(number, random.randrange(24))
        case "e":
            return 3 if random.random() < 0.9 else number
        case "n":
            return 4 + number // 2
        case _:
            return number


def _changed(random: Random, value: Value, *, everything: bool = False) -> Value:
    """Return a record after something happened to its Device."""
    changed = dict(value)
    changed.pop("removed", None)
    if everything or random.random() < 0.5:
        for name in _OWN:
            fuel = {"GSME": "gas", "GPF": "gas"}.get(value["device_type"], "import")
            if name.startswith(fuel) or (name[0] in "en" and random.random() < 0.5) or random.random() < 0.02:
                number = _owner(random, name)
                changed[name] = random.choice((_user(number, number % 2), _user(number).lower()))
            else:
                changed[name] = None
    if everything or random.random() < 0.5:
        changed["device_firmware_version"] = random.choice(("1.0", "1.0", "1E10", "-2", None, ""))
    if random.random() < 0.2:
        changed["chf"] = "88-73-84-90-6A-10-02-DE"
    if random.random() < 0.1:
        changed["removed"] = True
    if random.random() < 0.03:
        changed |= _model(random)
    return changed


@dataclass(frozen=True)
class Frozen:
    """An inventory at the end of October."""

    records: DeviceRecords
    directory: Directory

    @property
    def models(self) -> pl.DataFrame:
        """The table ``inventory_models``."""
        return inventory_models(self.records.inventory, self.directory, OCTOBER.end_us, read_rules())[0]

    @property
    def table(self) -> InventoryTable:
        """The table ``inventory``, to be written."""
        members = members_of_registrations(self.records.inventory, self.directory)
        return InventoryTable(self.records, members, OCTOBER.end_us)

    def write_packs(self, packs: Path, *, slice_devices: int = 1_000) -> None:
        """Write both files of every Member that has Devices, each in its folder."""
        packs.mkdir(parents=True)
        self.table.write(packs / ".inventory.parquet", slice_devices=slice_devices)
        tables: dict[str, pl.DataFrame | pl.LazyFrame] = {
            "inventory": pl.scan_parquet(packs / ".inventory.parquet"),
            "inventory_models": self.models,
        }
        for party, role in self.models.select("party", "role").unique().iter_rows():
            folder = packs / f"{party}-{role}"
            folder.mkdir()
            for name, table in tables.items():
                write_csv(table.filter(party=party, role=role), FILES[name], folder / f"{name}.csv")


def frozen_inventory(folder: Path, *, partitions: int = 1, run_records: int = 100_000) -> Frozen:
    """Return what the snapshot makes of recorded Devices and Users.

    Args:
        folder: of recorded events.
        partitions: of the topic.
        run_records: records that are sorted at a time.
    """
    records, offsets = DeviceRecords(partitions, run_records=run_records), [0] * partitions
    for line in lines("devices", folder):
        partition = 0 if line.key is None else partition_of(line.key.decode(), partitions)
        records.take(partition, LogRecord(offsets[partition], line.timestamp_ms, line.key, line.value))
        offsets[partition] += 1
    users = [decoded(decode_user, line.value) for line in lines("users", folder)]
    return Frozen(records, Directory(user for user in users if not isinstance(user, Rejected)))
