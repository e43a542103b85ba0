"""Versions of Device records as columns: some forty bytes a version, where an object has a thousand.

A nation has tens of millions of Devices. An EUI-64 is a number of 64 bits; facts and registrations are shared by
thousands of Devices, so a version holds their numbers only.
"""

from array import array
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dcc_analytics.stream.estate import METER_TYPES, NOT_YET_COMMISSIONED, UNKNOWN_FACTS, Facts, version_of
from dcc_analytics.stream.events import DeviceVersion, Registration
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.home import partition_of

#: The number of the facts of a Device that has left the inventory.
LEFT: Final = -1
#: Stand in ``commissioned_us`` for what is no instant: not known, and not commissioned yet by its status.
NOT_KNOWN: Final = -(2**63)
NOT_YET: Final = 2**63 - 1

#: Stand for no hub and no meter point.
NO_HUB: Final = 0
NO_MPXN: Final = 0
#: More digits than this are no number of 64 bits with a one before them; a meter point has 13 at most.
_MOST_DIGITS: Final = 17

_PARTITION: Final = 1 << 40
_PASSED_ON: Final = 1 << 62

#: The User ids a Device is registered to, each with the Role in which.
Registered = tuple[tuple[str, str], ...]
Longs = NDArray[np.int64]


def number_of(device: str) -> int:
    """Return a checked Device id as a number; numbers are ordered as ids are.

    >>> number_of("00-00-00-00-00-00-01-FF")
    511
    """
    return int(device.replace("-", ""), 16)


def id_of(number: int) -> str:
    """Return the Device id of a number.

    >>> id_of(511)
    '00-00-00-00-00-00-01-FF'
    """
    digits = f"{number:016X}"
    return "-".join(digits[at : at + 2] for at in range(0, 16, 2))


def place_of(device: str, partition: int, record: Record, partitions: int) -> int:
    """Return the place of a Device's record in the log of its topic, by which one is later than another.

    It is of the offset, the partition, and whether the record stands where its Device is not at home: what was passed
    on counts as later than all that was not.
    """
    place = partition * _PARTITION + record.offset
    at_home = record.key == device.encode() or partition_of(device, partitions) == partition
    return place if at_home else place + _PASSED_ON


def operator_role(device_type: str) -> str:
    """Return the Role of the network operator of a Device: of gas the GT, of all else the ED."""
    return "GT" if METER_TYPES.get(device_type) == "Gas" else "ED"


def registered_to(said: Registration, operator: str) -> Registered:
    """Return whose a Device is, by Role (contract section 8, Who: Registration).

    >>> registered_to(Registration(import_supplier="90-B3-D5-1F-30-01-00-00"), "ED")
    (('90-B3-D5-1F-30-01-00-00', 'IS'),)
    """
    by_role = {
        "IS": said.import_supplier,
        "ES": said.export_supplier,
        "GS": said.gas_supplier,
        operator: said.network_operator,
    }
    return tuple((user, role) for role, user in by_role.items() if user)


class Versions:
    """Columns that grow, a version a row.

    Invariant: of a Device's versions, all below its ``forgotten`` place are as if they had never been added.

    Attributes:
        facts, registered: what the numbers in the columns stand for.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self._devices, self._as_of_us, self._places = array("Q"), array("q"), array("q")
        self._facts, self._registered, self._commissioned_us = array("i"), array("i"), array("q")
        self._hubs, self._mpxns = array("Q"), array("q")
        self._other_mpxns: dict[str, int] = {}
        self.facts: list[Facts] = []
        self.registered: list[Registered] = []
        self._fact_numbers: dict[tuple[str, ...], int] = {}
        self._registered_numbers: dict[tuple[Registration, str], int] = {}
        self._forgotten: dict[int, int] = {}

    def add(self, version: DeviceVersion, place: int) -> None:
        """Take a version.

        Args:
            version: of a Device's record.
            place: in the log; of two versions with the same ``as_of`` the greater place counts.
        """
        commissioned_us = NOT_KNOWN if version.commissioned_us is None else version.commissioned_us
        self._devices.append(number_of(version.device))
        self._as_of_us.append(version.as_of_us)
        self._places.append(place)
        self._facts.append(LEFT if version.removed else self._fact_number(version))
        self._registered.append(self._registered_number(version))
        self._commissioned_us.append(NOT_YET if version.status in NOT_YET_COMMISSIONED else commissioned_us)
        self._hubs.append(NO_HUB if version.hub is None else number_of(version.hub))
        self._mpxns.append(self._mpxn_number(version.import_mpxn))

    def _mpxn_number(self, mpxn: str | None) -> int:
        """Return a meter point as a number: its digits behind a one, or for any other text one below zero."""
        if not mpxn:
            return NO_MPXN
        if mpxn.isascii() and mpxn.isdigit() and len(mpxn) <= _MOST_DIGITS:
            return int(f"1{mpxn}")
        return -1 - self._other_mpxns.setdefault(mpxn, len(self._other_mpxns))

    @property
    def other_mpxns(self) -> list[str]:
        """Meter points that are no digits, in the order of their numbers."""
        return list(self._other_mpxns)

    def _fact_number(self, version: DeviceVersion) -> int:
        said = (
            version.device_type, version.region, version.smets_version, version.manufacturer, version.model,
            version.firmware_version,
        )  # fmt: skip
        number = self._fact_numbers.get(said)
        if number is None:
            number = self._fact_numbers[said] = len(self.facts)
            facts = version_of(version).facts
            self.facts.append(UNKNOWN_FACTS if facts is None else facts)
        return number

    def _registered_number(self, version: DeviceVersion) -> int:
        said = (version.registration, operator_role(version.device_type))
        number = self._registered_numbers.get(said)
        if number is None:
            number = self._registered_numbers[said] = len(self.registered)
            self.registered.append(registered_to(*said))
        return number

    def forget(self, device: str, place: int) -> None:
        """Take the removal of a Device's entry: what the log held of it before this place is gone."""
        number = number_of(device)
        self._forgotten[number] = max(place, self._forgotten.get(number, place))

    def columns(self) -> "Columns":
        """Return what stands, sorted by Device and instant; of two of one instant the one later in the log."""
        devices, places = np.asarray(self._devices, np.uint64), np.asarray(self._places, np.int64)
        as_of_us = np.asarray(self._as_of_us, np.int64)
        rows = np.lexsort((places, as_of_us, devices))
        rows = rows[self._stands(devices[rows], places[rows])]
        last = np.ones(len(rows), bool)
        one, next_one = rows[:-1], rows[1:]
        last[:-1] = (devices[one] != devices[next_one]) | (as_of_us[one] != as_of_us[next_one])
        rows = rows[last]
        return Columns(
            devices[rows],
            as_of_us[rows],
            places[rows],
            np.asarray(self._facts, np.int32)[rows],
            np.asarray(self._registered, np.int32)[rows],
            np.asarray(self._commissioned_us, np.int64)[rows],
            np.asarray(self._hubs, np.uint64)[rows],
            np.asarray(self._mpxns, np.int64)[rows],
        )

    def _stands(self, devices: NDArray[np.uint64], places: Longs) -> NDArray[np.bool_]:
        """Return which versions no removal has taken away."""
        if not self._forgotten:
            return np.ones(len(devices), bool)
        forgotten = sorted(self._forgotten.items())
        numbers = np.array([number for number, _ in forgotten], np.uint64)
        until = np.array([place for _, place in forgotten], np.int64)
        at = np.minimum(np.searchsorted(numbers, devices), len(numbers) - 1)
        stands: NDArray[np.bool_] = (numbers[at] != devices) | (places > until[at])
        return stands


class Columns:
    """Versions sorted by Device and instant, one of each; row for row."""

    __slots__ = ("as_of_us", "commissioned_us", "devices", "facts", "hubs", "mpxns", "places", "registered")

    def __init__(  # noqa: PLR0917 (the columns, always all of them)
        self,
        devices: NDArray[np.uint64],
        as_of_us: Longs,
        places: Longs,
        facts: NDArray[np.int32],
        registered: NDArray[np.int32],
        commissioned_us: Longs,
        hubs: NDArray[np.uint64],
        mpxns: Longs,
    ) -> None:
        """Hold the columns."""
        self.devices = devices
        self.as_of_us = as_of_us
        self.places = places
        self.facts = facts
        self.registered = registered
        self.commissioned_us = commissioned_us
        self.hubs = hubs
        self.mpxns = mpxns
