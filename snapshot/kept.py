"""What shards keep of single Devices, all of it together, for the measures that join it (contract section 4)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from dcc_analytics.aggregators.device_records import DeviceRecord
from dcc_analytics.aggregators.reads import days_of
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.months import day_of

R = TypeVar("R")


class Kept:
    """Records of Devices, and the days on which each was read."""

    def __init__(self, states: Iterable[ShardState]) -> None:
        """Take what the shards keep; what hangs on legs they still hold is added."""
        states = list(states)
        self._records: list[DeviceRecord] = [each for state in states for each in state.records.data.values()]
        self._settled_reads = [state.reads for state in states]
        self._reads: dict[str, set[int]] = defaultdict(set)

    def add(self, record: DeviceRecord) -> None:
        """Take in a record of a leg that is not settled for good."""
        self._records.append(record)

    def add_read(self, device: str, at_us: int) -> None:
        """Take in a read that is not settled for good."""
        self._reads[device].add(day_of(at_us))

    def of(self, kind: type[R]) -> list[R]:
        """Return the records of a kind."""
        return [each for each in self._records if isinstance(each, kind)]

    @property
    def records(self) -> list[DeviceRecord]:
        """All records."""
        return self._records

    def days_read(self, device: str, first_day: int, last_day: int) -> Iterable[int]:
        """Return the UTC days on which a successful read of a Device ended; see ``evidence.Reads``."""
        held = self._reads.get(device, ())
        days = (day for reads in self._settled_reads for day in days_of(reads.get(device)))
        return (day for day in (*held, *days) if first_day <= day <= last_day)
