"""Explaining rows of Changes of Supplier (Gain): the gain, the reads before it, the installs of its hub."""

from collections.abc import Collection
from typing import ClassVar

from dcc_analytics.aggregators.device_records import GAIN_SRV, INSTALL_SRV, LEAVE_SRV, Gain, Install
from dcc_analytics.catalogue.months import day_of
from dcc_analytics.catalogue.processes import READ_SRVS
from dcc_analytics.explain.concern import DEVICES_AND_EVENTS, Concern, is_on
from dcc_analytics.explain.explanation import Explanation
from dcc_analytics.explain.measures import days_of_reads, legs_kept, member_of, reads_of, told_hub, told_leg
from dcc_analytics.explain.replay import Folded
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.tables import own_rows, table_sums
from dcc_analytics.snapshot.gains import READ_DAYS, cos_gains
from dcc_analytics.stream.events import DeviceVersion, Request, ScheduledResult, StreamEvent


class GainConcern(Concern):
    """What concerns the gains of a Device."""

    first_reading: ClassVar[tuple[str, ...]] = DEVICES_AND_EVENTS

    def __init__(self, device: str) -> None:
        """Begin with the Device."""
        super().__init__()
        self._device = device
        self._hubs: set[str] = set()
        self.devices.add(device)

    def note(self, event: StreamEvent | DeviceVersion) -> None:
        """Take in an event; the Device's hubs are known by its versions."""
        if isinstance(event, DeviceVersion) and event.device == self._device and event.hub is not None:
            self._hubs.add(event.hub)
        super().note(event)

    def wants_request(self, request: Request) -> bool:
        """Return whether it is a gain or a read of the Device, or an install of one of its hubs."""
        if request.srv in {INSTALL_SRV, LEAVE_SRV}:
            return is_on(request, self._hubs)
        return (request.srv == GAIN_SRV or request.srv in READ_SRVS) and is_on(request, {self._device})

    def wants_result(self, result: ScheduledResult) -> bool:
        """Return whether it is a read of the Device."""
        return result.srv in READ_SRVS and result.device == self._device


def concern(row: Row, _users: Collection[str]) -> Concern:
    """Return what concerns a row of ``cos_gains``."""
    return GainConcern(row.key["device"])


def explained(row: Row, folded: Folded) -> Explanation:
    """Return the gain, the reads that count before it, and what was received for its hub before it."""
    directory, inventory, device = folded.directory, folded.devices.inventory, row.key["device"]
    reads = [each for each in reads_of(folded.stories) if each[1] == device]
    days = days_of_reads(story for story, _, _ in reads)
    installs = legs_kept(folded.stories, Install)
    received = [install for _, install in installs]

    def is_behind(gain: Gain) -> bool:
        frame = cos_gains([gain], received, row.pack.month, directory, hubs=inventory, reads=days)
        return any(own_rows(row, frame))

    gains = [each for each in legs_kept(folded.stories, Gain) if each[1].device == device and is_behind(each[1])]
    items = [told_leg(story, folded, "gained") for story, _ in gains]
    told = [story for story, _ in gains]
    for _, gain in gains:
        day, hub = day_of(gain.start_us), inventory.hub_at(device, gain.start_us)
        items.append(told_hub(device, gain.start_us, folded, f"Device gained, its hub then {hub or 'none'}"))
        for story, _, read_us in sorted(reads, key=lambda each: each[2]):
            if day - READ_DAYS <= day_of(read_us) < day:
                items.append(told_leg(story, folded, "read within the days before"))
                told.append(story)
        for story, install in installs:
            if install.hub == hub and install.received_us < gain.start_us:
                own = member_of(story, directory) == row.pack.member
                items.append(told_leg(story, folded, f"received for its hub, {'own' if own else 'of another Member'}"))
                told.append(story)
    frame = cos_gains([gain for _, gain in gains], received, row.pack.month, directory, hubs=inventory, reads=days)
    others = any(member_of(story, directory) != row.pack.member for story in told)
    return Explanation("legs and Devices", items, table_sums(row, frame), of_others=others)
