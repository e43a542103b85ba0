"""Changes of Supplier (Gain): what the gainer may learn of each Device gained, never from whom.

Source: MP176, Table 1, rows 16 and 17; contract sections 4 (Change of Supplier) and 8 (last_install_srv, Hubs).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from dcc_analytics.aggregators.device_records import GAIN_SRV, Gain, Install
from dcc_analytics.catalogue.months import Month, day_of
from dcc_analytics.snapshot.evidence import INSTANT, Hubs, Reads, member_table
from dcc_analytics.snapshot.members import Directory, Member

#: Days before the gain's own on which a read is looked for.
READ_DAYS: Final = 30
NONE: Final = "none"
_COLUMNS: Final = {
    "device": pl.String(), "gained_at": INSTANT, "read_within_30_days": pl.Boolean(), "last_install_srv": pl.String(),
}  # fmt: skip
Received = tuple[int, str, Member]


def cos_gains(
    gains: Iterable[Gain],
    installs: Iterable[Install],
    month: Month,
    directory: Directory,
    *,
    hubs: Hubs,
    reads: Reads,
) -> pl.DataFrame:
    """Return the gains of a month.

    Args:
        gains: successful 6.23, of any month.
        installs: every 8.14.1 and 8.14.2 of the hubs, however old and whatever the outcome.
        month: which.
        directory: whose Users are.
        hubs: which hub a Device had at the gain.
        reads: by anyone.
    """
    received: dict[str, list[Received]] = defaultdict(list)
    for each in installs:
        member = directory.member(each.user, each.role, each.srv)
        received[each.hub].append((each.received_us, each.srv, member))
    rows: list[tuple[object, ...]] = []
    for gain in gains:
        if month.start_us <= gain.start_us < month.end_us:
            member = directory.member(gain.user, gain.role, GAIN_SRV)
            day = day_of(gain.start_us)
            read = any(True for _ in reads.days_read(gain.device, day - READ_DAYS, day - 1))
            srv = _last_install(received, hubs.hub_at(gain.device, gain.start_us), gain.start_us, member)
            rows.append((*member, gain.device, gain.start_us, read, srv))
    return member_table(rows, _COLUMNS)


def _last_install(received: Mapping[str, list[Received]], hub: str | None, before_us: int, gainer: Member) -> str:
    """Return the SRV last received for a hub before an instant from another Member (contract section 8)."""
    if hub is None:
        return NONE
    by_others = (each[:2] for each in received.get(hub, ()) if each[0] < before_us and each[2] != gainer)
    return max(by_others, default=(0, NONE))[1]
