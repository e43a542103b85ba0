"""The table ``inventory``: every field of every Device, once for each Member it is registered to.

It is written in slices of Devices, a part for each Member in a slice; the parts of a Member, one after the other, are
sorted. So memory is bounded by a slice, and a Member's rows are a range of the table.
"""

import shutil
from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import polars as pl

from dcc_analytics.snapshot.devices_topic import FIELDS, DeviceRecords

#: Devices that stand in memory whole, some kilobytes each with the copies that sorting and splitting make.
SLICE_DEVICES: Final = 100_000
#: A Member's file is read by row groups, so they are small beside a large Member and large beside a small one.
_ROW_GROUP: Final = 20_000
_MEMBER: Final = ("party", "role")
COLUMNS: Final = (*_MEMBER, *FIELDS)


@dataclass(frozen=True, slots=True)
class InventoryTable:
    """A month's table, still to be written.

    Attributes:
        records: of all Devices.
        members: of each registration: ``registered``, ``party`` and ``role``.
        before_us: the end of the month.
    """

    records: DeviceRecords
    members: pl.DataFrame
    before_us: int

    def write(self, path: Path, *, slice_devices: int = SLICE_DEVICES) -> int:
        """Write the table, sorted by party, role and device.

        Args:
            path: of the file; parts are made in a folder beside it, which is gone afterwards.
            slice_devices: Devices taken at a time.

        Returns:
            Its rows.
        """
        parts = path.with_suffix(".parts")
        parts.mkdir()
        try:
            of_members = self._parts(parts, slice_devices)
            ordered = [part for member in sorted(of_members) for part in of_members[member]]
            if not ordered:
                pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String)).write_parquet(path)
                return 0
            pl.scan_parquet(ordered).sink_parquet(path, row_group_size=_ROW_GROUP, statistics=True)
        finally:
            shutil.rmtree(parts, ignore_errors=True)
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())

    def _parts(self, folder: Path, slice_devices: int) -> dict[tuple[str, str], list[Path]]:
        """Write the parts; return those of each Member in the order of their Devices."""
        found: dict[tuple[str, str], list[Path]] = defaultdict(list)
        members = self.members.select("registered", *_MEMBER)
        held = self.records.inventory.held_before(self.before_us)
        numbers = count()
        for devices in held.iter_slices(slice_devices):
            rows = self.records.whole(devices).join(members, on="registered", maintain_order="left")
            for each in rows.select(COLUMNS).partition_by(_MEMBER, maintain_order=True):
                party, role = each.select(_MEMBER).row(0)
                part = folder / f"{next(numbers)}.parquet"
                each.write_parquet(part)
                found[party, role].append(part)
        return found
