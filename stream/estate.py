"""The estate: what a Device was at an instant, by the versions of its record (contract section 2, Device facts).

Pure: versions in, facts out. Facts are interned, since thousands of Devices share a Model, firmware and Region;
a leg carries the number of its facts only.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from dcc_analytics.stream.decode import UNKNOWN
from dcc_analytics.stream.events import DeviceVersion
from dcc_analytics.stream.instants import DAY_US

#: Meter Type by Device Type; everything else is the word None (contract sections 2 and 8).
METER_TYPES: Final = {"ESME": "Electricity", "GSME": "Gas", "GPF": "Gas"}

#: SMI Statuses of a Device that is not commissioned yet (contract section 8).
NOT_YET_COMMISSIONED: Final = frozenset({"Pending", "Whitelisted", "InstalledNotCommissioned"})

#: A Device is in its installation for this long after its commissioning (contract section 4).
INSTALLATION_US: Final = 7 * DAY_US


class Facts(Struct, frozen=True, array_like=True, gc=False, cache_hash=True):
    """The facts a figure is split by; each record about a Device looks their number up."""

    device_type: str = UNKNOWN
    meter_type: str = UNKNOWN
    region: str = UNKNOWN
    smets_version: str = UNKNOWN
    manufacturer: str = UNKNOWN
    model: str = UNKNOWN
    firmware_version: str = UNKNOWN


UNKNOWN_FACTS: Final = Facts()


class Version(Struct, frozen=True, array_like=True, gc=False):
    """A version of a Device's record as the estate keeps it.

    Attributes:
        as_of_us: from when it holds.
        facts: None when the Device has left the inventory.
        uncommissioned: by status, not commissioned yet.
        commissioned_us: midnight of the day of commissioning, None when not known.
    """

    as_of_us: int
    facts: Facts | None
    uncommissioned: bool
    commissioned_us: int | None


class Versions(list[Version]):
    """A Device's versions, sorted by instant.

    Attributes:
        looked_up_us: the latest instant they were looked up at. It stands here since whoever looks has this at hand:
            finding a Device in another map of all would take as long again.
    """

    __slots__ = ("looked_up_us",)

    def __init__(self, versions: Iterable[Version] = (), looked_up_us: int = -1) -> None:
        """Hold versions."""
        super().__init__(versions)
        self.looked_up_us = looked_up_us


def version_of(event: DeviceVersion) -> Version:
    """Return what the estate keeps of a Device record."""
    facts = Facts(
        event.device_type,
        METER_TYPES.get(event.device_type, "None"),
        event.region,
        event.smets_version,
        event.manufacturer,
        event.model,
        event.firmware_version,
    )
    return Version(
        event.as_of_us,
        None if event.removed else facts,
        event.status in NOT_YET_COMMISSIONED,
        event.commissioned_us,
    )


def holding_at(versions: list[Version], at_us: int) -> Version | None:
    """Return the version that holds at an instant: the last one not after it, else the earliest.

    Args:
        versions: sorted by ``as_of_us``.
        at_us: the instant.

    >>> old, new = Version(10, Facts("ESME"), False, None), Version(20, None, False, None)
    >>> holding_at([old, new], 15) is old, holding_at([old, new], 5) is old, holding_at([], 5)
    (True, True, None)
    """
    if not versions:
        return None
    newest = versions[-1]
    if newest.as_of_us <= at_us:
        return newest
    return versions[max(bisect_right(versions, at_us, key=_as_of) - 1, 0)]


def _as_of(version: Version) -> int:
    return version.as_of_us


def installing(version: Version, at_us: int) -> bool:
    """Return whether a Device was not yet commissioned at an instant, or within the seven days before it."""
    if version.uncommissioned:
        return True
    return version.commissioned_us is not None and at_us <= version.commissioned_us + INSTALLATION_US
