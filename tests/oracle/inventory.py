"""The inventory judged: whose which Device is at a month's end, and how its firmware is spread, from lines alone.

Plain Python over the recorded lines of ``devices`` and ``users``; rows are texts by column as they may be shown
(contract sections 1, 2, 6, 7 and 8: Who, Peers, Records, Print).
"""

import csv
import gzip
import json
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.oracle.fields import Refused, whole_record
from tests.oracle.figures import quantile
from tests.oracle.members import Directory, Member
from tests.oracle.print import Row, band, guarded, rate, rough_rate

_DATA: Final = Path(__file__).parents[2] / "catalogue" / "data"
_LEAST_DEVICES: Final = 30
_FEW: Final = 6
_MANY: Final = 10
#: What a field may be that is no text; all others are texts.
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "removed": (bool,),
    "device_status_history": (str, list),
    "uprn": (str, int),
    "aerial_install": (bool,),
}
_IDS: Final = ("import_supplier_id", "export_supplier_id", "gas_supplier_id", "network_operator_id")
#: Device Type, manufacturer and Model; and with these the firmware version.
Model = tuple[str, str, str]
Firmware = tuple[str, str, str, str]


@cache
def field_names() -> tuple[str, ...]:
    """Return the fields of a Device's record in the order of the file."""
    with (_DATA / "device_fields.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row["name"] for row in csv.DictReader(file))


@dataclass(frozen=True)
class Estate:
    """Whose the Devices are at a month's last instant.

    Attributes:
        devices: of each Member, the records by Device in their order.
        directory: of Parties.
    """

    devices: dict[Member, dict[str, dict[str, str]]]
    directory: Directory

    def inventory_rows(self, member: Member) -> list[Row]:
        """Return ``inventory``."""
        return [
            {name: guarded(record.get(name, "")) for name in field_names()}
            for record in self.devices.get(member, {}).values()
        ]

    def counts(self) -> dict[Member, Counter[Firmware]]:
        """Return how many Devices each Member has of each Model and firmware."""
        return {
            member: Counter(_firmware(record) for record in those.values()) for member, those in self.devices.items()
        }

    def model_rows(self) -> dict[Member, list[Row]]:
        """Return ``inventory_models`` of every Member, with the benchmarks that may be shown."""
        counts = self.counts()
        benchmarks: dict[tuple[str, Firmware], Row] = {}
        for member, own in counts.items():
            for firmware in own:
                if (member.role, firmware) not in benchmarks:
                    of_role = {each.party: counted for each, counted in counts.items() if each.role == member.role}
                    benchmarks[member.role, firmware] = self._benchmark(firmware, of_role)
        return {
            member: [
                dict(zip(("device_type", "manufacturer", "model", "firmware_version"), map(guarded, each), strict=True))
                | {"devices": str(own[each]), "share": rate(Fraction(own[each], _of_model(own, each[:3])))}
                | benchmarks[member.role, each]
                for each in sorted(own)
            ]
            for member, own in counts.items()
        }

    def _benchmark(self, firmware: Firmware, of_role: dict[str, Counter[Firmware]]) -> Row:
        """Return what may be shown of a Role in a cell; it is the same for all its Members."""
        of_model = {party: _of_model(counted, firmware[:3]) for party, counted in of_role.items()}
        groups: Counter[str] = Counter()
        for party, devices in of_model.items():
            groups[self.directory.group(party)] += devices
        volumes = sorted((each for each in groups.values() if each), reverse=True)
        total, two = sum(volumes), sum(volumes[:2])
        industry = Fraction(sum(counted[firmware] for counted in of_role.values()), total)
        peers = [party for party, devices in of_model.items() if devices >= _LEAST_DEVICES]
        compared = len({self.directory.group(party) for party in peers})
        shares = sorted(Fraction(of_role[party][firmware], of_model[party]) for party in peers)
        enough, dominated = len(volumes) >= _MANY, 10 * two >= 9 * total or 10 * (total - two) < volumes[0]

        def of_peers(rank: Fraction, least: int) -> str:
            return rough_rate(quantile(shares, rank)) if compared >= least else ""

        status = "few" if not enough or compared < _MANY else "dominated" if dominated else "ok"
        return {
            "industry_share": rate(industry) if enough and not dominated else "",
            "peer_share_p25": of_peers(Fraction(1, 4), _MANY),
            "peer_share_median": of_peers(Fraction(1, 2), _FEW),
            "peer_share_p75": of_peers(Fraction(3, 4), _MANY),
            "peers": band(compared),
            "benchmark_status": status,
        }


def _of_model(counted: Counter[Firmware], model: tuple[str, ...]) -> int:
    return sum(devices for firmware, devices in counted.items() if firmware[:3] == model)


def _firmware(record: dict[str, str]) -> Firmware:
    names = ("device_manufacturer", "device_model", "device_firmware_version")
    maker, model, version = (record.get(name) or "Unknown" for name in names)
    return record["device_type"], maker, model, version


def estate_of(folder: Path, year: int, month: int) -> Estate:
    """Return the Devices of all Members at the end of a month of recorded events."""
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    end_us = int(end.timestamp()) * 1_000_000
    users = [each for each in map(_user, _lines(folder, "users")) if each is not None]
    directory = Directory(users)
    devices: dict[Member, dict[str, dict[str, str]]] = defaultdict(dict)
    for device, versions in sorted(_versions(folder).items()):
        holding: tuple[int, dict[str, Any]] | None = None
        for as_of_us, version in versions:
            if as_of_us < end_us and (holding is None or as_of_us >= holding[0]):
                holding = as_of_us, version
        if holding is not None and not holding[1].get("removed"):
            record = {name: _text(name, holding[1].get(name)) for name in field_names()}
            for member in _registered(record, directory):
                devices[member][device] = record
    return Estate(dict(devices), directory)


def _registered(record: dict[str, str], directory: Directory) -> Iterator[Member]:
    gas = record["device_type"] in {"GSME", "GPF"}
    for name, role in zip(_IDS, ("IS", "ES", "GS", "GT" if gas else "ED"), strict=True):
        if record[name]:
            yield directory.member(record[name], role, record["device_type"], None)


def _text(name: str, value: object) -> str:
    """Return a field as text; ids are held in upper case."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    is_id = name in {*_IDS, "device", "chf", "associated_meter_or_gpf", "associated_gpf_device_id"}
    return text.upper() if is_id else text


def _versions(folder: Path) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """Return the versions of every Device in the order of the log; a line without value removes those before it."""
    found: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for line in _lines(folder, "devices"):
        value = _value(line)
        if value is None:
            found.pop((line["key"] or "").upper(), None)
        elif isinstance(value, dict) and (checked := _checked(value)) is not None:
            found[checked["device"]].append((checked["as_of"], value))
    return found


def _checked(value: dict[str, Any]) -> dict[str, Any] | None:
    """Return the checked fields of a Device's record, None if it is a dead letter."""
    for name in (*field_names(), "removed"):
        said = value.get(name)
        if said is not None and not isinstance(said, _TYPES.get(name, (str,))):
            return None
    if any(value.get(name) is not None and not _is_id(value[name]) for name in _IDS):
        return None
    try:
        return whole_record("devices", value)
    except Refused:
        return None


def _is_id(text: str) -> bool:
    pairs = text.split("-")
    return len(pairs) == 8 and all(len(pair) == 2 and set(pair) <= set("0123456789abcdefABCDEF") for pair in pairs)


def _user(line: dict[str, Any]) -> dict[str, Any] | None:
    value = _value(line)
    if value is None:
        return {"tombstone": (line["key"] or "").upper()}
    try:
        return whole_record("users", value) if isinstance(value, dict) else None
    except Refused:
        return None


def _value(line: dict[str, Any]) -> Any:  # noqa: ANN401 (what JSON holds)
    """Return the value of a line, None if the record has none, a text if it holds no JSON."""
    if "value" in line:
        return line["value"]
    try:
        text = b64decode(line["value_base64"]).decode() if "value_base64" in line else line["value_text"]
        held = json.loads(text)
    except ValueError:
        return ""
    return "" if held is None else held


def _lines(folder: Path, topic: str) -> Iterator[dict[str, Any]]:
    packed = folder / f"{topic}.ndjson.gz"
    with gzip.open(packed, "rb") if packed.exists() else (folder / f"{topic}.ndjson").open("rb") as file:
        for line in file:
            yield json.loads(line)
