"""Hub, meter point and supplier of Devices at an instant, from the lines of ``devices`` (contract sections 2 and 8)."""

import gzip
import json
from base64 import b64decode
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.oracle.fields import Refused, eui64, whole_record
from tests.oracle.reading import Event


@dataclass
class Records:
    """Versions of Device records, as their lines say them."""

    versions: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, folder: Path) -> "Records":
        """Return what the lines of a folder say; of two versions of one instant the later line counts."""
        records = cls()
        for line in _lines(folder / "devices.ndjson"):
            value = _value(line)
            if value is None and "value" in line:
                records.versions.pop((line["key"] or "").upper(), None)
            elif isinstance(value, dict):
                records.take(value)
        for versions in records.versions.values():
            versions.sort(key=lambda version: version["as_of"])
        return records

    def take(self, value: dict[str, Any]) -> None:
        """Take a record, unless it is a dead letter."""
        try:
            version = whole_record("devices", value)
            for name in ("import_supplier_id", "export_supplier_id", "gas_supplier_id", "network_operator_id"):
                if value.get(name) is not None:
                    version[name] = eui64(value[name])
        except Refused:
            return
        version["import_mpxn"] = value.get("import_mpxn")
        self.versions[version["device"]].append(version)

    def at(self, device: str | None, us: int) -> Event:
        """Return the version that holds at an instant, an empty one for a Device that is in no inventory."""
        versions = self.versions.get(device or "")
        if not versions:
            return {}
        version = versions[max(bisect_right([each["as_of"] for each in versions], us) - 1, 0)]
        return {} if version.get("removed") else version

    def type_at(self, device: str | None, us: int) -> str:
        """Return the Device Type at an instant."""
        return str(self.at(device, us).get("device_type", "Unknown"))

    def is_smets1(self, device: str, us: int) -> bool:
        """Return whether a Device is known to be SMETS1."""
        version = self.at(device, us)
        if version.get("smets_version"):
            return bool(version["smets_version"] == "SMETS1")
        return version.get("csp_region") == "SMETS1" or version.get("smets_chts_version", "").startswith("SMETS1")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    packed = path.with_name(f"{path.name}.gz")
    if packed.exists() or path.exists():
        with gzip.open(packed, "rb") if packed.exists() else path.open("rb") as file:
            yield from map(json.loads, file)


def _value(line: dict[str, Any]) -> Any:  # noqa: ANN401 (what JSON holds)
    if "value" in line:
        return line["value"]
    try:
        return json.loads(b64decode(line["value_base64"]) if "value_base64" in line else line["value_text"])
    except ValueError:
        return None
