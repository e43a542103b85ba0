"""What a record of the ledger holds of single Devices, and when the rules let each entry of it go. Pure.

An entry is let go by memory at an instant of the horizon, and is in the ledger's newest records until those are
rewritten, ``REWRITTEN_US`` later at most. What is told late may be put when it should have gone, and goes with the next
step of the clock, or the next month that is closed. ``catalogue.retention`` has the rules in words.
"""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec

from dcc_analytics.aggregators.checkpoint import REWRITTEN_US
from dcc_analytics.aggregators.delta import Delta
from dcc_analytics.aggregators.device_records import KEPT_US, Install, instant_of
from dcc_analytics.aggregators.reads import WINDOW_DAYS, days_of, newest_day
from dcc_analytics.catalogue.months import CLOSED_AFTER_US, month_of, next_closed_us
from dcc_analytics.stream.events import DeviceVersion
from dcc_analytics.stream.instants import DAY_US
from dcc_analytics.stream.memory import FIRST_LEG_US, KNOWN_US, SPARED_US, WAITING_US

#: Kinds with rules of their own, by the names of maps but for ``installs``, which are among ``records``.
KINDS: Final = frozenset(
    {
        "legs", "ended", "cancellations", "waiting", "first_parameters", "first_executions", "scheduled", "alerts",
        "closed", "held", "records", "installs", "reads", "moved",
    }
)  # fmt: skip

_encode: Final = msgspec.msgpack.Encoder().encode


class Entry(NamedTuple):
    """An entry of a map, as it lies in a record.

    Attributes:
        kind: of it.
        instant_us: of what it is of.
        gone_us: the horizon at which memory has let it go; None where that hangs on other entries.
        key, value: as the map has them.
    """

    kind: str
    instant_us: int
    gone_us: int | None
    key: Any
    value: Any


def _month_closed_us(start_us: int) -> int:
    """Return when a leg has gone: with its month, or with the next one where it was told later."""
    return next_closed_us(month_of(max(start_us, 0)).end_us + CLOSED_AFTER_US + 1)


def forgotten_us(left_us: int) -> int:
    """Return when a Device has gone that left the inventory at an instant, or was told to have a month later."""
    return next_closed_us(next_closed_us(left_us + KEPT_US) + 1)


def counted_from_us(left_us: int, told_us: int, install_us: int = 0) -> int:
    """Return from when on a Device that left is counted out, which ``forgotten_us`` takes.

    Args:
        left_us: when it left.
        told_us: the horizon when that was told: of late it goes when a month is closed that was open by then.
        install_us: of the newest install that is kept of it, with which a hub stays.
    """
    return max(left_us, told_us - KEPT_US, install_us)


def compacted_us(deleted_us: int) -> int:
    """Return when what was deleted has left an estate's files: when a month is closed, or if that fails the next."""
    return next_closed_us(next_closed_us(deleted_us + 1) + 1)


def _kept(instant_us: int) -> tuple[int, int]:
    return instant_us, next_closed_us(instant_us + KEPT_US + 1)


def _read(days: bytes) -> tuple[int, int]:
    return days_of(days)[0] * DAY_US, next_closed_us((newest_day(days) + WINDOW_DAYS + 1) * DAY_US)


#: For each map: of a value the instant it is of, and the horizon at which it is let go.
_AGES: Final[Mapping[str, Callable[[Any], tuple[int, int | None]]]] = {
    "legs": lambda leg: (leg.start_us, _month_closed_us(leg.start_us)),
    "ended": lambda timed: (timed[1].ended_us, timed[0] + SPARED_US),
    "cancellations": lambda timed: (timed[1].received_us, timed[0] + SPARED_US),
    "waiting": lambda timed: (timed[0] - WAITING_US, timed[0]),
    "first_parameters": lambda timed: (timed[0] - FIRST_LEG_US, timed[0] + SPARED_US),
    "first_executions": lambda timed: (timed[0] - FIRST_LEG_US, timed[0] + SPARED_US),
    "scheduled": lambda timed: (timed[0] - KNOWN_US, timed[0] + SPARED_US),
    "alerts": lambda timed: (timed[1], timed[0] + SPARED_US),
    "closed": lambda timed: (timed[1], timed[0] + SPARED_US),
    "held": lambda seen: _kept(seen.start_us),
    "records": lambda record: _kept(instant_of(record)),
    "reads": _read,
    "moved": lambda version: (version.as_of_us, None),
}


def entries_of(name: str, items: Iterable[tuple[Any, Any]]) -> Iterator[Entry]:
    """Yield the entries of a map that holds Devices; of any other, none."""
    age = _AGES.get(name)
    if age is not None:
        for key, value in items:
            yield Entry("installs" if isinstance(value, Install) else name, *age(value), key, value)


def entries_of_delta(delta: Delta) -> Iterator[Entry]:
    """Yield the entries a commit put."""
    for name in _AGES:
        yield from entries_of(name, delta.maps.of_map(name)[0].items())


def holds(entry: Entry, device: bytes) -> bool:
    """Return whether an entry holds a Device's id, wherever in it and in any case."""
    return device.upper() in _encode((entry.key, entry.value)).upper()


class Sum:
    """What lies in the newest records of a partition, of one kind."""

    __slots__ = ("beyond", "entries", "of_device", "oldest_us", "until_us")

    def __init__(self) -> None:
        """Start with nothing."""
        self.entries = self.beyond = self.of_device = 0
        self.oldest_us: int | None = None
        self.until_us: int | None = 0

    def add(self, entry: Entry, gone_us: int | None, horizon_us: int, *, has_device: bool) -> None:
        """Take in an entry that memory lets go at a horizon; None as long as something is in the inventory."""
        self.entries += 1
        self.oldest_us = entry.instant_us if self.oldest_us is None else min(self.oldest_us, entry.instant_us)
        self.beyond += gone_us is not None and gone_us + REWRITTEN_US <= horizon_us
        if has_device:
            self.of_device += 1
            if gone_us is None or self.until_us is None:
                self.until_us = None
            else:
                self.until_us = max(self.until_us, gone_us + REWRITTEN_US)


class Retained:
    """What lies in the newest records of a ledger's partition, summed up record by record.

    Entries whose end hangs on others wait for ``sums``: which install is a hub's last, which version a Device's newest.
    """

    def __init__(self, horizon_us: int, left: Mapping[str, int], device: str | None) -> None:
        """Begin.

        Args:
            horizon_us: of the partition's newest commit, at which all is judged.
            left: when Devices have left the inventory, as far as that is known.
            device: looked for besides.
        """
        self._horizon_us = horizon_us
        self._left = left
        self._device = None if device is None else device.encode()
        self._sums = {kind: Sum() for kind in KINDS}
        self._waiting: list[tuple[Entry, bool, int]] = []
        self._installs: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        self._newest: dict[str, DeviceVersion] = {}

    def take(self, entries: Iterable[Entry], *, may_have_device: bool, put_us: int = 0) -> int:
        """Take in the entries of a record; return how many of them hold the Device looked for.

        Args:
            entries: of it.
            may_have_device: whether its bytes hold the one looked for.
            put_us: the horizon at which they were put, where that is known: none has gone before.
        """
        count = 0
        for entry in entries:
            value = entry.value
            has_device = may_have_device and self._device is not None and holds(entry, self._device)
            count += has_device
            if isinstance(value, Install):
                of = value.hub, value.user, value.role
                insort(self._installs.setdefault(of, []), (value.received_us, put_us))
            elif isinstance(value, DeviceVersion):
                newest = self._newest.get(value.device)
                if newest is None or newest.as_of_us < value.as_of_us:
                    self._newest[value.device] = value
            else:
                gone_us = None if entry.gone_us is None else max(entry.gone_us, put_us)
                self._add(entry.kind, entry, gone_us, has_device=has_device)
                continue
            self._waiting.append((entry, has_device, put_us))
        return count

    def sums(self) -> dict[str, Sum]:
        """Return what lies there by kind, judged at the horizon; to be asked once, at the end."""
        for entry, has_device, entry_put_us in self._waiting:
            kind, gone_us, put_us, value = entry.kind, entry.gone_us, entry_put_us, entry.value
            if isinstance(value, DeviceVersion):
                newest = self._newest[value.device]
                since_us = max(newest.as_of_us, self._left.get(value.device, 0))
                gone_us = forgotten_us(since_us) if newest.removed else None
            elif (following := self._following(value)) is not None:
                kind, gone_us, put_us = "records", _kept(following[0])[1], max(put_us, following[1])
            else:
                left_us = self._left.get(value.hub)
                gone_us = None if left_us is None else forgotten_us(max(left_us, value.received_us))
            if gone_us is not None and put_us:
                gone_us = max(gone_us, next_closed_us(put_us + 1))
            self._add(kind, entry, gone_us, has_device=has_device)
        self._waiting.clear()
        return self._sums

    def installed(self) -> dict[str, int]:
        """Return the hubs of which installs lie there, and when the newest of each was received."""
        newest: dict[str, int] = {}
        for (hub, _, _), installs in self._installs.items():
            received_us, _ = installs[-1]
            newest[hub] = max(newest.get(hub, received_us), received_us)
        return newest

    def _following(self, install: Install) -> tuple[int, int] | None:
        """Return when the next install of a hub by the same Member was received, and put; this stays until that is old.

        Until then the one before is the last of those that are (``device_records.outdated``).
        """
        installs = self._installs[install.hub, install.user, install.role]
        at = bisect_right(installs, install.received_us, key=itemgetter(0))
        return installs[at] if at < len(installs) else None

    def _add(self, kind: str, entry: Entry, gone_us: int | None, *, has_device: bool) -> None:
        self._sums[kind].add(entry, gone_us, self._horizon_us, has_device=has_device)
