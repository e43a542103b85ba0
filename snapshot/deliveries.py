"""Firmware: for each hub of an Update Firmware whether, and when, its delivery was reported.

Source: MP176, Table 1, row 30; contract sections 4 (11.1 on SMETS2+) and 8 (Firmware, Targets).
"""

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

import polars as pl

from dcc_analytics.aggregators.device_records import FIRMWARE_SRV, Delivery, FirmwareUpdate
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.evidence import INSTANT, member_table
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.instants import DAY_US

#: A delivery counts as one within so long of the request's receipt, this instant included.
WITHIN_US: Final = 5 * DAY_US
#: Firmware of these hubs is not delivered this way.
_LEFT_OUT: Final = "SMETS1"
_COLUMNS: Final = {
    "request_id": pl.String(), "chf": pl.String(), "received_at": INSTANT, "delivered_at": INSTANT,
    "within_five_days": pl.Boolean(),
}  # fmt: skip


class DeviceFacts(Protocol):
    """What the inventory says of a Device at an instant."""

    def facts_at(self, device: str | None, at_us: int) -> tuple[Facts, bool]:
        """Return a Device's facts, and whether it was in its installation."""


def firmware_delivery(
    updates: Iterable[FirmwareUpdate],
    deliveries: Iterable[Delivery],
    month: Month,
    directory: Directory,
    inventory: DeviceFacts,
) -> pl.DataFrame:
    """Return the hubs of a month's Update Firmware requests, refused ones included.

    Args:
        updates: of any month; of several with one request id the first received counts for a hub they share.
        deliveries: those reported as a success before the month is final; what comes later changes nothing any more.
        month: the one in which a request was received.
        directory: whose Users are.
        inventory: which hubs are SMETS1.
    """
    delivered: dict[tuple[str, str], int] = {}
    for each in deliveries:
        if each.raised_us < month.final_us:
            named = each.request_id, each.hub
            delivered[named] = min(delivered.get(named, each.raised_us), each.raised_us)
    first: dict[tuple[str, str], FirmwareUpdate] = {}
    for update in sorted(updates, key=lambda update: update.received_us):
        for hub in update.hubs:
            first.setdefault((update.request_id, hub), update)
    return member_table(_rows(first, delivered, month, directory, inventory), _COLUMNS)


def _rows(
    first: dict[tuple[str, str], FirmwareUpdate],
    delivered: dict[tuple[str, str], int],
    month: Month,
    directory: Directory,
    inventory: DeviceFacts,
) -> Iterator[tuple[object, ...]]:
    for (request_id, hub), update in first.items():
        received_us = update.received_us
        if not month.start_us <= received_us < month.end_us:
            continue
        if inventory.facts_at(hub, received_us)[0].smets_version == _LEFT_OUT:
            continue
        delivered_us = delivered.get((request_id, hub))
        within = delivered_us is not None and delivered_us - received_us <= WITHIN_US
        member = directory.member(update.user, update.role, FIRMWARE_SRV)
        yield (*member, request_id, hub, received_us, delivered_us, within)
