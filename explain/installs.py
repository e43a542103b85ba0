"""Explaining rows of installs: those of a day with the weeks that foretell it, those after which nobody read."""

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date
from functools import partial
from typing import ClassVar, Final

from dcc_analytics.aggregators.device_records import INSTALL_SRV, LEAVE_SRV, Install
from dcc_analytics.catalogue.months import Month, date_of, day_of
from dcc_analytics.catalogue.processes import READ_SRVS
from dcc_analytics.explain.concern import DEVICES_AND_EVENTS, Concern, is_on
from dcc_analytics.explain.explanation import Explanation, Item, Told
from dcc_analytics.explain.measures import days_of_reads, legs_kept, member_of, reads_of, told_hub, told_leg
from dcc_analytics.explain.replay import Folded
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.stories import Story
from dcc_analytics.explain.sums import Sum
from dcc_analytics.explain.tables import own_rows, table_sums
from dcc_analytics.explain.telling import leg_records
from dcc_analytics.snapshot.installs import (
    READ_DAYS,
    WEEKS,
    bank_holidays,
    day_like,
    installs_without_read,
    prediction,
    same_weekday,
    weeks_before,
)
from dcc_analytics.stream.events import DeviceVersion, Request, ScheduledResult

_WEEK_DAYS: Final = 7
_COUNTED: Final = {"install_and_commission": INSTALL_SRV, "install_and_leave": LEAVE_SRV}


class InstallsConcern(Concern):
    """What concerns installs: those by anyone, since the first of all says how many weeks there are to go by."""

    def wants_request(self, request: Request) -> bool:
        """Return whether it is an install."""
        return request.srv in {INSTALL_SRV, LEAVE_SRV}


def concern_of_day(_row: Row, _users: Collection[str]) -> Concern:
    """Return what concerns a row of ``installs_daily``."""
    return InstallsConcern()


def explained_day(row: Row, folded: Folded) -> Explanation:
    """Return the installs of a day, and how many there were on the days that foretell it."""
    done = [(story, install) for story, install in legs_kept(folded.stories, Install) if install.succeeded]
    on_day: dict[tuple[str, int], list[Story]] = defaultdict(list)
    for story, install in done:
        if member_of(story, folded.directory) == row.pack.member:
            on_day[install.srv, day_of(install.received_us)].append(story)
    first_day = min((day_of(each.received_us) for _, each in done if each.srv == INSTALL_SRV), default=None)
    on = date.fromisoformat(row.key["day"])
    back = days_foretelling(row.pack.month, on, first_day)
    items: list[Callable[[], Item]] = []
    found: dict[str, str] = {}
    for name, srv in _COUNTED.items():
        stories = on_day[srv, (on - date_of(0)).days]
        found[name] = str(len(stories))
        if row.figure in {"", name}:
            items += [told_leg(story, folded, "install of the day") for story in stories]
    if not row.figure or row.figure.startswith("predicted"):
        items += [partial(_week, day, on_day[INSTALL_SRV, day]) for day in back]
    foretold = prediction([len(on_day[INSTALL_SRV, day]) for day in back])
    for name, value in zip(("predicted", "predicted_low", "predicted_high"), foretold, strict=True):
        found[name] = "" if value is None else str(value)
    remarks = [] if len(back) == WEEKS else [f"{len(back)} weeks to go by: no install by anyone is known before"]
    return Explanation(
        "installs and weeks", items, [Sum(name, text, row.values[name]) for name, text in found.items()],
        remarks=remarks,
    )  # fmt: skip


def days_foretelling(month: Month, on: date, first_day: int | None) -> list[int]:
    """Return the days before a month whose installs foretell a day of it, the nearest first.

    Args:
        month: which.
        on: the day.
        first_day: of the first install by anyone, None without any.
    """
    start_day = day_of(month.start_us)
    weeks = 0 if first_day is None else weeks_before(start_day, first_day)
    like = day_like((on - date_of(0)).days, on, bank_holidays(month))
    return same_weekday(range(start_day - 1, start_day - 1 - weeks * _WEEK_DAYS, -1), start_day, like)


def _week(day: int, stories: list[Story]) -> Item:
    said = f"foretold by {date_of(day)}: {len(stories)} Install and Commission"
    records: list[Told] = [told for story in stories for told in leg_records(story)]
    return Item(said, records, {"said": said, "day": str(date_of(day)), "installs": len(stories)})


class WithoutReadConcern(Concern):
    """What concerns an install and the reads of the meters of its hub."""

    first_reading: ClassVar[tuple[str, ...]] = DEVICES_AND_EVENTS

    def __init__(self, hub: str) -> None:
        """Begin with the hub."""
        super().__init__()
        self._hub = hub
        self.devices.add(hub)

    def wants_device(self, version: DeviceVersion) -> bool:
        """Return whether the Device has had the hub."""
        return version.hub == self._hub

    def wants_request(self, request: Request) -> bool:
        """Return whether it is the install of the hub, or a read of a meter."""
        if request.srv == INSTALL_SRV:
            return is_on(request, {self._hub})
        return request.srv in READ_SRVS and is_on(request, self.devices)

    def wants_result(self, result: ScheduledResult) -> bool:
        """Return whether it is a read of a meter."""
        return result.srv in READ_SRVS and result.device in self.devices


def concern_without_read(row: Row, _users: Collection[str]) -> Concern:
    """Return what concerns a row of ``installs_without_read``."""
    return WithoutReadConcern(row.key["chf"])


def explained_without_read(row: Row, folded: Folded) -> Explanation:
    """Return the install, the meters of its hub, and the reads of them that do not count."""
    hub, directory, inventory = row.key["chf"], folded.directory, folded.devices.inventory
    reads = days_of_reads(folded.stories)

    def table(*installs: Install) -> list[dict[str, str]]:
        frame = installs_without_read(installs, row.pack.month, directory, hubs=inventory, reads=reads)
        return list(own_rows(row, frame))

    behind = [each for each in legs_kept(folded.stories, Install) if each[1].hub == hub and table(each[1])]
    items = [told_leg(story, folded, "installed") for story, _ in behind]
    meters = inventory.meters_of(hub)
    others = False
    for _, install in behind:
        first_day = day_of(install.received_us)
        items += [told_hub(meter, install.received_us, folded, "meter of the hub") for meter in meters]
        for story, device, read_us in sorted(reads_of(folded.stories), key=lambda each: each[2]):
            if device in meters:
                within = first_day <= day_of(read_us) <= first_day + READ_DAYS
                said = "through another hub" if within else "on a day before the install or after the window"
                items.append(told_leg(story, folded, f"read that does not count, {said}"))
                others = others or member_of(story, directory) != row.pack.member
    frame = installs_without_read(
        [install for _, install in behind], row.pack.month, directory, hubs=inventory, reads=reads
    )
    return Explanation("legs and meters", items, table_sums(row, frame), of_others=others)
