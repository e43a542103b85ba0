"""The sample month as packs with manifests and as a log, so that its rows can be explained without a broker."""

import json
from pathlib import Path
from typing import ClassVar, NamedTuple

from dcc_analytics.catalogue.months import Month
from dcc_analytics.explain.choose import users_of
from dcc_analytics.explain.concern import DEVICES_AND_EVENTS, Concern
from dcc_analytics.explain.explanation import Explanation
from dcc_analytics.explain.families import FAMILIES
from dcc_analytics.explain.replay import Folded, Replay, note_all
from dcc_analytics.explain.row import Row
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze
from dcc_analytics.stream.events import DeviceVersion, StreamEvent, UserEntry
from dcc_analytics.stream.fetched import Fetched, Place
from dcc_analytics.stream.instants import instant_text
from tests.driver import Driver
from tests.in_process import collected, write_packs
from tests.recorded_sample import MONTH, SAMPLE, published

FETCH = 700


class Everything(Concern):
    """The concern of all rows at once."""

    first_reading: ClassVar[tuple[str, ...]] = DEVICES_AND_EVENTS
    whole_records: ClassVar[bool] = True

    def has(self, event: StreamEvent) -> bool:
        return True

    def has_device(self, device: str) -> bool:
        return True

    def note(self, event: StreamEvent | DeviceVersion) -> None:
        request_id = getattr(event, "request_id", None)
        if request_id is not None:
            self.request_ids.add(request_id)


class MadeMonth(NamedTuple):
    """A month in a log and in packs."""

    driver: Driver
    packs: Path
    clock_us: int
    users: list[UserEntry]
    directory: Directory


def made(partitions: int, packs: Path, folder: Path = SAMPLE, month: Month = MONTH) -> MadeMonth:
    """Fold recorded events and write their packs, each with the manifest that an explanation needs."""
    driver, _ = published(partitions, folder)
    driver.run(500)
    of = collected(driver)
    snapshot = freeze(of, month, read_rules())
    write_packs(snapshot, packs)
    offsets: dict[str, dict[str, int]] = {}
    for (topic, partition), log in driver.log.items():
        offsets.setdefault(topic, {})[str(partition)] = len(log)
    for party, _, role, name in snapshot.tables.by_name["members"].iter_rows():
        manifest = {
            "month": str(month), "party": party, "role": role, "stream_clock": instant_text(of.clock_us),
            "input_offsets": offsets,
        }  # fmt: skip
        (packs / name / "manifest.json").write_text(json.dumps(manifest))
    return MadeMonth(driver, packs, of.clock_us, of.users, Directory(of.users))


def concern_of(row: Row, month: MadeMonth) -> Concern:
    """Return what concerns a row."""
    return FAMILIES[row.file].concern(row, users_of(month.users, month.directory, row.pack.member.party))


def folded_of(
    driver: Driver, concern: Concern, clock_us: int, *, directory: Directory, before_us: int = MONTH.end_us
) -> Folded:
    """Fold a driver's log again for a concern, a few records at a time."""
    for topic in concern.first_reading:
        for partition in range(driver.partitions):
            note_all(concern, topic, driver.log[topic, partition])
    ends: dict[Place, int] = {place: len(log) for place, log in driver.log.items() if place[0] in concern.sources}
    replay = Replay(driver.partitions, concern, starts={}, ends=ends, clock_us=clock_us)
    for partition in range(driver.partitions):
        replay.take_devices(partition, driver.log["devices", partition])
    read: dict[Place, int] = {}
    while not replay.finished:
        for place in replay.hungry():
            begin, log = read.get(place, 0), driver.log[place]
            end = read[place] = min(len(log), begin + FETCH)
            if end > begin:
                replay.offer(Fetched(*place, begin, end, log[begin:end], lambda: None))
        replay.advance()
    return replay.folded(before_us, directory)


def folded_for(row: Row, month: MadeMonth) -> Folded:
    """Fold again what concerns a row."""
    before_us = row.pack.month.end_us
    return folded_of(
        month.driver, concern_of(row, month), month.clock_us, directory=month.directory, before_us=before_us
    )


def explained(row: Row, folded: Folded) -> Explanation:
    """Return the explanation of a row."""
    return FAMILIES[row.file].explained(row, folded)
