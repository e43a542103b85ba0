"""Power outages nobody has reported the end of.

Source: MP176 (Power Outage Alerts without restoration); contract sections 4 (Power outages) and 8 (Outages).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final, Protocol

import polars as pl

from dcc_analytics.aggregators.device_records import Outage, Restoration
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.evidence import DECIMAL, INSTANT, Hubs, MeterPoints, decimal, member_table
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.stream.instants import DAY_US, HOUR_US, MINUTE_US

#: The clocks of hub and meter may differ by so much.
TOLERANCE_US: Final = 5 * MINUTE_US
#: Restorations raised so long after the month's end still count, that instant included.
AFTERWARDS_US: Final = DAY_US
_ROLE: Final = "ED"
_COLUMNS: Final = {"chf": pl.String(), "mpxn": pl.String(), "started_at": INSTANT, "age_hours": DECIMAL}


class Homes(Hubs, MeterPoints, Protocol):
    """Which hub and which meter point a Device has."""


def outages_unrestored(
    outages: Iterable[Outage],
    restorations: Iterable[Restoration],
    month: Month,
    directory: Directory,
    homes: Homes,
) -> pl.DataFrame:
    """Return the outages raised in a month that were not restored, for each Electricity Distributor told of them.

    Args:
        outages: AD1 of any month.
        restorations: of any month, whoever was told.
        month: which; the age is as of its end.
        directory: whose Users are.
        homes: hub and meter point of a restoring Device when it raised its Alert.
    """
    return member_table(_rows(outages, _Ends(restorations, month, homes), month, directory), _COLUMNS)


class _Ends:
    """Restorations by the hub and the meter point of their Device, as (interrupted, restored)."""

    def __init__(self, restorations: Iterable[Restoration], month: Month, homes: Homes) -> None:
        self._of_hub: dict[str | None, list[tuple[int, int]]] = defaultdict(list)
        self._of_mpxn: dict[str | None, list[tuple[int, int]]] = defaultdict(list)
        for each in restorations:
            if each.raised_us <= month.end_us + AFTERWARDS_US:
                span = each.interrupted_us, each.restored_us
                self._of_hub[homes.hub_at(each.device, each.raised_us)].append(span)
                self._of_mpxn[homes.mpxn_at(each.device, each.raised_us)].append(span)

    def restore(self, outage: Outage) -> bool:
        """Return whether one of them is the end of an outage; nothing joins what has no hub or no MPxN."""
        of_hub = () if outage.hub is None else self._of_hub.get(outage.hub, ())
        of_mpxn = () if not outage.mpxn else self._of_mpxn.get(outage.mpxn, ())
        return any(
            interrupted_us <= outage.started_us + TOLERANCE_US and restored_us > outage.started_us
            for interrupted_us, restored_us in (*of_hub, *of_mpxn)
        )


def _rows(outages: Iterable[Outage], ends: _Ends, month: Month, directory: Directory) -> Iterator[tuple[object, ...]]:
    for each in outages:
        if month.start_us <= each.raised_us < month.end_us:
            member = directory.member(each.recipient, each.role, None)
            if member.role == _ROLE and not ends.restore(each):
                age = decimal(Fraction(month.end_us - each.started_us, HOUR_US))
                yield (*member, each.hub, each.mpxn, each.started_us, age)
