"""The inventory as the snapshot sees it: every version of every Device, from the ``devices`` topic."""

from collections.abc import Iterable

from dcc_analytics.stream.estate import UNKNOWN_FACTS, Facts, Version, holding_at, installing, version_of
from dcc_analytics.stream.events import DeviceVersion


class Inventory:
    """Versions by Device."""

    def __init__(self, versions: Iterable[DeviceVersion]) -> None:
        """Take versions in log order; of two with the same ``as_of`` the later in the log counts."""
        self._versions: dict[str, list[Version]] = {}
        for event in versions:
            known = self._versions.setdefault(event.device, [])
            version = version_of(event)
            known[:] = [each for each in known if each.as_of_us != version.as_of_us]
            known.append(version)
        for known in self._versions.values():
            known.sort(key=lambda each: each.as_of_us)

    def facts_at(self, device: str | None, at_us: int) -> tuple[Facts, bool]:
        """Return a Device's facts at an instant, and whether it was in its installation then."""
        version = None if device is None else holding_at(self._versions.get(device, []), at_us)
        if version is None or version.facts is None:
            return UNKNOWN_FACTS, False
        return version.facts, installing(version, at_us)
