"""Table 1's special measures of a month, from what the shards keep of single Devices (contract section 4)."""

from typing import Protocol

import polars as pl

from dcc_analytics.aggregators.device_records import (
    Delivery,
    FirmwareUpdate,
    Gain,
    Install,
    Outage,
    PairedAlert,
    Restoration,
)
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.deliveries import DeviceFacts, firmware_delivery
from dcc_analytics.snapshot.evidence import Hubs, MeterPoints
from dcc_analytics.snapshot.gains import cos_gains
from dcc_analytics.snapshot.installs import installs_daily, installs_without_read
from dcc_analytics.snapshot.kept import Kept
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.outages import outages_unrestored
from dcc_analytics.snapshot.pairs import Suppliers, drawing_key, n42_after_n16
from dcc_analytics.snapshot.rules import RuleSet


class Estate(Hubs, MeterPoints, Suppliers, DeviceFacts, Protocol):
    """All that the measures ask of the inventory."""


def special_tables(
    kept: Kept, month: Month, directory: Directory, estate: Estate, rules: RuleSet
) -> dict[str, pl.DataFrame]:
    """Return the tables of the special measures by name.

    Args:
        kept: of all shards.
        month: which.
        directory: whose Users are.
        estate: what Devices were at any instant.
        rules: whether suppliers may be named to distributors.
    """
    installs, gains = kept.of(Install), kept.of(Gain)
    names_allowed, key = bool(rules.governance_reference), drawing_key(kept.records, month)
    return {
        "installs_daily": installs_daily(installs, month, directory),
        "installs_without_read": installs_without_read(installs, month, directory, hubs=estate, reads=kept),
        "cos_gains": cos_gains(gains, installs, month, directory, hubs=estate, reads=kept),
        "firmware_delivery": firmware_delivery(kept.of(FirmwareUpdate), kept.of(Delivery), month, directory, estate),
        "n42_after_n16": n42_after_n16(
            kept.of(PairedAlert), month, directory, estate, names_allowed=names_allowed, key=key
        ),
        "outages_unrestored": outages_unrestored(kept.of(Outage), kept.of(Restoration), month, directory, estate),
    }
