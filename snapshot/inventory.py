"""The inventory as the snapshot sees it: every version of every Device, from the ``devices`` topic."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from dcc_analytics.stream.estate import (
    METER_TYPES,
    UNKNOWN_FACTS,
    Facts,
    Version,
    holding_at,
    installing,
    version_of,
)
from dcc_analytics.stream.events import DeviceVersion


class Inventory:
    """Versions by Device, sorted by the instant from which they hold."""

    def __init__(self, versions: Iterable[DeviceVersion]) -> None:
        """Take versions in log order; of two with the same ``as_of`` the later in the log counts."""
        known: dict[str, dict[int, DeviceVersion]] = {}
        for version in versions:
            known.setdefault(version.device, {})[version.as_of_us] = version
        self._records = {device: [by[us] for us in sorted(by)] for device, by in known.items()}
        self._versions: dict[str, list[Version]] = {}

    def facts_at(self, device: str | None, at_us: int) -> tuple[Facts, bool]:
        """Return a Device's facts at an instant, and whether it was in its installation then."""
        version = None if device is None else holding_at(self._versions_of(device), at_us)
        if version is None or version.facts is None:
            return UNKNOWN_FACTS, False
        return version.facts, installing(version, at_us)

    def _versions_of(self, device: str) -> list[Version]:
        versions = self._versions.get(device)
        if versions is None:
            versions = self._versions[device] = [version_of(each) for each in self._records.get(device, ())]
        return versions

    def registrations(self, before_us: int) -> Iterator[tuple[str, str]]:
        """Yield (User id, Role) of every registration that holds just before an instant (contract section 8, Who)."""
        for records in self._records.values():
            place = bisect_right(records, before_us - 1, key=lambda each: each.as_of_us)
            if place and not records[place - 1].removed:
                yield from _registrations(records[place - 1])


def _registrations(record: DeviceVersion) -> Iterator[tuple[str, str]]:
    registered = record.registration
    operator = "GT" if METER_TYPES.get(record.device_type) == "Gas" else "ED"
    by_role = {
        "IS": registered.import_supplier,
        "ES": registered.export_supplier,
        "GS": registered.gas_supplier,
        operator: registered.network_operator,
    }
    return ((user, role) for role, user in by_role.items() if user)
