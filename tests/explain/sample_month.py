"""The sample month as packs with manifests and as a log, so that its rows can be explained without a broker."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dcc_analytics.catalogue.months import Month
from dcc_analytics.explain.choose import RoundTrip, choose, users_of
from dcc_analytics.explain.concern import Concern
from dcc_analytics.explain.replay import FIRST_READING, Place, Replay, note_all
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.sums import Sum, sums
from dcc_analytics.explain.trace import Story
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze
from dcc_analytics.stream.decode import decode_user, decoded
from dcc_analytics.stream.events import Rejected, StreamEvent, UserEntry
from dcc_analytics.stream.fetched import Fetched
from dcc_analytics.stream.instants import instant_text
from tests.driver import Driver
from tests.in_process import collected, write_packs
from tests.recorded_sample import MONTH, directory_and_inventory, lines, published

FETCH = 700


class Everything(Concern):
    """The concern of all rows at once."""

    def __init__(self) -> None:
        super().__init__("", None)

    def has(self, event: StreamEvent) -> bool:
        return True

    def note(self, event: StreamEvent) -> None:
        request_id = getattr(event, "request_id", None)
        if request_id is not None:
            self.request_ids.add(request_id)
        other = getattr(getattr(event, "parameters", None), "other_device", None)
        self._note_devices(event.device, other)


class MadeMonth(NamedTuple):
    """A month in a log and in packs."""

    driver: Driver
    packs: Path
    clock_us: int


def made(partitions: int, packs: Path, month: Month = MONTH) -> MadeMonth:
    """Fold the sample and write its packs, each with the manifest that an explanation needs."""
    driver, _ = published(partitions)
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
    return MadeMonth(driver, packs, of.clock_us)


def directory() -> Directory:
    return directory_and_inventory()[0]


def users() -> list[UserEntry]:
    """Return the directory's entries."""
    entries = [decoded(decode_user, line.value) for line in lines("users")]
    return [each for each in entries if not isinstance(each, Rejected)]


def concern_of(row: Row) -> Concern:
    """Return what concerns a row."""
    of = None if row.of_role else users_of(users(), directory(), row.pack.member.party)
    return Concern(row.key["srv"], of)


def stories_of(driver: Driver, concern: Concern, clock_us: int, before_us: int) -> tuple[list[Story], Replay]:
    """Fold a driver's log again for a concern, a few records at a time."""
    for topic in FIRST_READING:
        for partition in range(driver.partitions):
            note_all(concern, topic, driver.log[topic, partition])
    ends: dict[Place, int] = {place: len(log) for place, log in driver.log.items()}
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
    return replay.stories(before_us), replay


def explained(row: Row, stories: Sequence[Story], replay: Replay) -> tuple[list[RoundTrip], list[Sum]]:
    """Return the round trips behind a row, and its sums."""
    trips = choose(row, stories, directory(), replay.facts_at)
    return trips, sums(row, trips)
