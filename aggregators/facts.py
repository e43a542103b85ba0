"""What a shard knows of Devices at an instant, and which look-ups a later Device record would have changed."""

from collections.abc import Iterable
from typing import Protocol

from dcc_analytics.stream.estate import UNKNOWN_FACTS, Facts, Version, Versions, holding_at, installing, version_of
from dcc_analytics.stream.events import DeviceVersion


class Estate(Protocol):
    """The versions of Device records, wherever they are kept."""

    def versions(self, device: str) -> Versions:
        """Return a Device's versions, with the latest look-up of them as far as it is remembered."""

    def add(self, device: str, version: Version, *, stamp_us: int) -> None:
        """Take in a version."""

    def remove(self, device: str, *, stamp_us: int) -> None:
        """Forget a Device, which left the inventory at an instant."""

    def left_before(self, instant_us: int) -> list[str]:
        """Return the Devices that left the inventory before an instant and are not in it again."""

    def forget(self, devices: Iterable[str]) -> None:
        """Forget Devices that have left, and that they ever were."""


class DeviceFacts:
    """Looks Devices up in the estate as of an instant (contract section 2)."""

    def __init__(self, estate: Estate, moved: Iterable[DeviceVersion] = ()) -> None:
        """Look up in ``estate``.

        Args:
            estate: what is kept; it may have been lost.
            moved: versions it can't read again; what it has of the same instant stays.
        """
        self.estate = estate
        for event in moved:
            if all(known.as_of_us != event.as_of_us for known in estate.versions(event.device)):
                estate.add(event.device, version_of(event), stamp_us=event.as_of_us)

    def at(self, device: str | None, at_us: int) -> tuple[Facts, bool]:
        """Return a Device's facts at an instant, and whether it was then being installed."""
        version = None if device is None else self._version(device, at_us)
        if version is None or version.facts is None:
            return UNKNOWN_FACTS, False
        return version.facts, installing(version, at_us)

    def facts_at(self, device: str | None, at_us: int) -> Facts:
        """Return a Device's facts at an instant."""
        version = None if device is None else self._version(device, at_us)
        return UNKNOWN_FACTS if version is None or version.facts is None else version.facts

    def _version(self, device: str, at_us: int) -> Version | None:
        versions = self.estate.versions(device)
        if at_us > versions.looked_up_us:  # noqa: PLR1730 (once a record: ``max`` takes three times as long)
            versions.looked_up_us = at_us
        return holding_at(versions, at_us)

    def take(self, event: DeviceVersion, stamp_us: int) -> bool:
        """Take in a version; return whether it would have changed a look-up made before."""
        late = event.as_of_us <= self.estate.versions(event.device).looked_up_us
        self.estate.add(event.device, version_of(event), stamp_us=stamp_us)
        return late
