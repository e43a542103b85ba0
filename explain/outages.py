"""Explaining rows of outages without restoration: the AD1, and the restorations that are not its end."""

from collections.abc import Callable, Collection
from functools import partial
from typing import ClassVar

from dcc_analytics.aggregators.device_records import OUTAGE_CODE, RESTORATION_CODES, Outage, Restoration
from dcc_analytics.explain.concern import ALERT_SOURCES, Concern
from dcc_analytics.explain.explanation import Explanation, Item
from dcc_analytics.explain.measures import alerts_kept, told_hub
from dcc_analytics.explain.replay import Folded
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.tables import own_rows, table_sums
from dcc_analytics.explain.telling import alert_item
from dcc_analytics.snapshot.outages import outages_unrestored
from dcc_analytics.stream.events import Alert, DeviceVersion
from dcc_analytics.stream.instants import instant_text


class OutageConcern(Concern):
    """What concerns the outages of a hub or a meter point: restorations by whatever has had one of them."""

    first_reading: ClassVar[tuple[str, ...]] = ("devices", "alerts")
    sources: ClassVar[tuple[str, ...]] = ALERT_SOURCES

    def __init__(self, hub: str, mpxn: str) -> None:
        """Begin with the hub and the meter point, each empty where the row has none."""
        super().__init__()
        self._hub = hub
        self._mpxn = mpxn

    def wants_device(self, version: DeviceVersion) -> bool:
        """Return whether it is the hub, or has had the hub or the meter point."""
        return (self._hub != "" and self._hub in {version.device, version.hub}) or (
            self._mpxn != "" and version.import_mpxn == self._mpxn
        )

    def wants_alert(self, alert: Alert) -> bool:
        """Return whether it is an AD1 of the hub, or a restoration of such a Device."""
        if alert.code == OUTAGE_CODE:
            return (alert.device or "") == self._hub
        return alert.code in RESTORATION_CODES and alert.device in self.devices


def concern(row: Row, _users: Collection[str]) -> Concern:
    """Return what concerns a row of ``outages_unrestored``."""
    return OutageConcern(row.key["chf"], row.key["mpxn"])


def explained(row: Row, folded: Folded) -> Explanation:
    """Return the AD1 of the row, and every restoration of a Device that has had its hub or meter point."""
    homes, directory, month = folded.devices.inventory, folded.directory, row.pack.month
    restorations = alerts_kept(folded.alerts, Restoration)
    ends = [end for _, end in restorations]

    def is_behind(outage: Outage) -> bool:
        return any(own_rows(row, outages_unrestored([outage], ends, month, directory, homes)))

    outages = [
        each
        for each in alerts_kept(folded.alerts, Outage)
        if (each[1].hub or "") == row.key["chf"] and is_behind(each[1])
    ]
    items: list[Callable[[], Item]] = [partial(alert_item, story, said="outage") for story, _ in outages]
    for story, end in restorations:
        span = f"without power from {instant_text(end.interrupted_us)} to {instant_text(end.restored_us)}"
        items.append(partial(alert_item, story, said=f"a restoration that is not its end, {span}"))
        items.append(told_hub(end.device, end.raised_us, folded, "the Device restored"))
    frame = outages_unrestored([outage for _, outage in outages], ends, month, directory, homes)
    others = any(
        directory.member(story.alert.recipient, story.sent.role, None) != row.pack.member for story, _ in restorations
    )
    return Explanation("Alerts and Devices", items, table_sums(row, frame), of_others=others)
