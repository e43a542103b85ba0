"""The inventory as the snapshot sees it: every version of every Device, from the ``devices`` topic."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dcc_analytics.snapshot.versions import (
    LEFT,
    NO_HUB,
    NO_MPXN,
    NOT_KNOWN,
    NOT_YET,
    Registered,
    Versions,
    id_of,
    number_of,
)  # fmt: skip
from dcc_analytics.stream.estate import UNKNOWN_FACTS, Facts, Version, holding_at, installing
from dcc_analytics.stream.events import DeviceVersion

#: Columns of ``held_before``, sorted by Device: its number, the place of its record in the log, and by their numbers
#: its facts and whom it is registered to.
HELD: Final = {"number": pl.UInt64, "place": pl.Int64, "facts": pl.Int32, "registered": pl.Int32}


class Inventory:
    """Versions by Device, sorted by the instant from which they hold.

    Attributes:
        facts: by their number.
        registered: the registrations by their number.
    """

    def __init__(self, versions: Iterable[DeviceVersion] | Versions) -> None:
        """Take versions in log order; of two with the same ``as_of`` the later in the log counts."""
        if not isinstance(versions, Versions):
            gathered = Versions()
            for place, version in enumerate(versions):
                gathered.add(version, place)
            versions = gathered
        self.facts: list[Facts] = versions.facts
        self.registered: list[Registered] = versions.registered
        self._other_mpxns = versions.other_mpxns
        self._columns = versions.columns()

    def facts_at(self, device: str | None, at_us: int) -> tuple[Facts, bool]:
        """Return a Device's facts at an instant, and whether it was in its installation then."""
        version = None if device is None else holding_at(self._versions_of(device), at_us)
        if version is None or version.facts is None:
            return UNKNOWN_FACTS, False
        return version.facts, installing(version, at_us)

    def hub_at(self, device: str, at_us: int) -> str | None:
        """Return the hub (``chf``) of a Device at an instant, None where it has none."""
        row = self._row_at(device, at_us)
        hub = NO_HUB if row is None else int(self._columns.hubs[row])
        return None if hub == NO_HUB else id_of(hub)

    def mpxn_at(self, device: str, at_us: int) -> str | None:
        """Return the ``import_mpxn`` of a Device at an instant, None where it has none."""
        row = self._row_at(device, at_us)
        mpxn = NO_MPXN if row is None else int(self._columns.mpxns[row])
        if mpxn == NO_MPXN:
            return None
        return str(mpxn)[1:] if mpxn > 0 else self._other_mpxns[-1 - mpxn]

    def supplier_at(self, device: str, at_us: int) -> str | None:
        """Return the User id of a Device's import supplier at an instant, None where it has none."""
        row = self._row_at(device, at_us)
        registered = () if row is None else self.registered[int(self._columns.registered[row])]
        return next((user for user, role in registered if role == "IS"), None)

    def meters_of(self, hub: str) -> list[str]:
        """Return every Device that has had a hub at any time."""
        columns, number, order = self._columns, np.uint64(number_of(hub)), self._by_hub
        first, end = (int(np.searchsorted(columns.hubs, number, side, sorter=order)) for side in ("left", "right"))
        return [id_of(int(device)) for device in np.unique(columns.devices[order[first:end]])]

    @cached_property
    def _by_hub(self) -> NDArray[np.int64]:
        """Rows in the order of their hubs."""
        return np.argsort(self._columns.hubs, kind="stable")

    def _row_at(self, device: str, at_us: int) -> int | None:
        """Return the row of the version that holds at an instant; None if none is known or the Device has left."""
        first, end = self._rows_of(device)
        if first == end:
            return None
        columns = self._columns
        row = max(first, first + int(np.searchsorted(columns.as_of_us[first:end], at_us, "right")) - 1)
        return None if columns.facts[row] == LEFT else row

    def _rows_of(self, device: str) -> tuple[int, int]:
        columns, number = self._columns, np.uint64(number_of(device))
        first, end = (int(np.searchsorted(columns.devices, number, side)) for side in ("left", "right"))
        return first, end

    def _versions_of(self, device: str) -> list[Version]:
        return [self._version(row) for row in range(*self._rows_of(device))]

    def _version(self, row: int) -> Version:
        columns = self._columns
        facts, commissioned_us = int(columns.facts[row]), int(columns.commissioned_us[row])
        return Version(
            int(columns.as_of_us[row]),
            None if facts == LEFT else self.facts[facts],
            commissioned_us == NOT_YET,
            None if commissioned_us in {NOT_YET, NOT_KNOWN} else commissioned_us,
        )

    def held_before(self, before_us: int) -> pl.DataFrame:
        """Return the Devices in the inventory just before an instant, each by the version that holds then.

        Returns:
            Columns of ``HELD``. A Device whose versions are all later, or that has left, is not among them.
        """
        columns = self._columns
        begun = columns.as_of_us < before_us
        replaced = np.zeros_like(begun)
        replaced[:-1] = (columns.devices[:-1] == columns.devices[1:]) & begun[1:]
        rows = np.flatnonzero(begun & ~replaced & (columns.facts != LEFT))
        return pl.DataFrame(
            [columns.devices[rows], columns.places[rows], columns.facts[rows], columns.registered[rows]], schema=HELD
        )

    def registrations(self, before_us: int) -> Iterator[tuple[str, str]]:
        """Yield each (User id, Role) of a registration that holds just before an instant (contract section 8, Who)."""
        found = (self.registered[number] for number in self.held_before(before_us)["registered"].unique().sort())
        yield from dict.fromkeys(each for registered in found for each in registered)
