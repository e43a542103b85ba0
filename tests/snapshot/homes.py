"""Which hub, meter point and supplier a Device had when, said version by version; and instants as one writes them."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from dcc_analytics.catalogue.months import day_of
from dcc_analytics.stream.instants import instant_us


def us(text: str) -> int:
    """Return an instant of UTC in microseconds since 1970."""
    return instant_us(datetime.fromisoformat(text).replace(tzinfo=UTC))


def day(text: str) -> int:
    """Return a day since 1970."""
    return day_of(us(text))


class Version(NamedTuple):
    """A version of a Device's record."""

    as_of_us: int
    device: str
    hub: str | None = None
    mpxn: str | None = None
    supplier: str | None = None
    removed: bool = False


class Homes:
    """What measures ask of the inventory, answered by the version with the greatest ``as_of`` not after the instant."""

    def __init__(self, *versions: Version) -> None:
        """Take versions in log order."""
        self._of: dict[str, list[Version]] = defaultdict(list)
        for version in versions:
            self._of[version.device].append(version)
        for known in self._of.values():
            known.sort(key=lambda each: each.as_of_us)

    def _at(self, device: str, at_us: int) -> Version:
        known = self._of.get(device)
        if not known:
            return Version(0, device)
        version = known[max(bisect_right(known, at_us, key=lambda each: each.as_of_us) - 1, 0)]
        return Version(version.as_of_us, device) if version.removed else version

    def hub_at(self, device: str, at_us: int) -> str | None:
        return self._at(device, at_us).hub

    def mpxn_at(self, device: str, at_us: int) -> str | None:
        return self._at(device, at_us).mpxn

    def supplier_at(self, device: str, at_us: int) -> str | None:
        return self._at(device, at_us).supplier

    def meters_of(self, hub: str) -> Iterable[str]:
        return [device for device, known in self._of.items() if any(each.hub == hub for each in known)]


class ReadDays:
    """Reads given as the days of each Device."""

    def __init__(self, days: Mapping[str, Collection[int]]) -> None:
        """Take the days since 1970 on which a successful read of each Device ended."""
        self._days = days

    def days_read(self, device: str, first_day: int, last_day: int) -> Iterable[int]:
        """Return the days of a Device that lie in a span; see ``evidence.Reads``."""
        return (day for day in self._days.get(device, ()) if first_day <= day <= last_day)
