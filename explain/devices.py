"""The Devices a row can hang on as a snapshot sees them: the versions of their records, and where each stands. Pure."""

from functools import cached_property
from typing import NamedTuple

from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.explain.concern import Concern
from dcc_analytics.explain.stories import Position
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.versions import Versions, place_of
from dcc_analytics.stream.decode import decode_device, decoded
from dcc_analytics.stream.events import Rejected
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.identity import is_eui64


class Held(NamedTuple):
    """A version of a Device's record, and where it was read.

    Attributes:
        device, as_of_us: whose, and from when it holds.
        position: of the record.
        record: the whole of it, if the concern is of whole records.
    """

    device: str
    as_of_us: int
    position: Position
    record: Record | None


class DevicesRead:
    """Versions of the Devices of a concern, taken record by record and then asked."""

    def __init__(self, concern: Concern, partitions: int) -> None:
        """Begin without any, of a topic with so many partitions."""
        self._concern = concern
        self._partitions = partitions
        self._versions = Versions()
        self._held: dict[int, Held] = {}

    def take(self, partition: int, record: Record) -> None:
        """Take a record of the topic; what can't be read is nothing here."""
        if record.value is None:
            device = (record.key or b"").decode(errors="replace").upper()
            if is_eui64(device) and self._concern.has_device(device):
                self._versions.forget(device, place_of(device, partition, record, self._partitions))
            return
        version = decoded(decode_device, record.value)
        if isinstance(version, Rejected) or not self._concern.has_device(version.device):
            return
        place = place_of(version.device, partition, record, self._partitions)
        self._versions.add(version, place)
        position = Position(DEVICES, partition, record.offset)
        whole = record if self._concern.whole_records else None
        self._held[place] = Held(version.device, version.as_of_us, position, whole)

    @cached_property
    def inventory(self) -> Inventory:
        """All versions; to be asked for when all records were taken."""
        return Inventory(self._versions)

    def versions_of(self, device: str) -> list[tuple[int, Held]]:
        """Return the versions read of a Device, each by its place, in the order of their instants."""
        found = [(place, held) for place, held in self._held.items() if held.device == device]
        return sorted(found, key=lambda each: (each[1].as_of_us, each[0]))

    def held(self, place: int) -> Held:
        """Return the version that stands at a place of the inventory."""
        return self._held[place]
