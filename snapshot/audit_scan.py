"""Reading Kafka again for the audit of a month: every record of the sources, and what the product sent out."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dcc_analytics.aggregators.audit import AuditSum, Noted, added
from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.snapshot.audit import PROVEN, Audit, Audited, Found, compared
from dcc_analytics.snapshot.audit_file import read_audit
from dcc_analytics.snapshot.revision import Former
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.fetched import Place, Record
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.strays import STRAYS, WHOLE, first_read_at, read_stray
from dcc_analytics.stream.topics import DEAD_LETTERS

#: Records between two reports of progress, and between two additions of their numbers.
AT_A_TIME = 100_000


async def audit(
    connection: Connection,
    manifest: Mapping[str, Any],
    snapshots: Path,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> Audit:
    """Read the records of a month again and set their sums against those of its snapshot.

    Args:
        connection: how to reach Kafka.
        manifest: of the snapshot.
        snapshots: folder of all snapshots; from the newest audited one before on records are read, if the topics don't
            hold all from the beginning.
        progress: told how many records were read, of how many.

    Raises:
        SnapshotError: the manifest has no sums, or the topics no longer hold the records.
        TopicError, BrokerError: a topic is missing, or no Kafka answers.
    """
    now = Audited.of(manifest)
    async with Extents(connection) as extents:
        for topic in dict.fromkeys(topic for topic, _ in now.begun):
            await extents.partitions(topic)  # says that it is gone, where offsets would be waited for in vain
        starts = await extents.starts(now.begun)
        base = _base(now, starts, snapshots)
        begins = now.begun if base is None else base.ends
        letters = [(DEAD_LETTERS, p) for p in range(await extents.partitions(DEAD_LETTERS))]
        all_letters = not any((await extents.starts(letters)).values())
        strays = [place for place in now.begun if place[0] == STRAYS]
        sent_ends = await extents.ends([*letters, *strays])
    scan = _Scan(now, begins)
    total = sum(end - begins[place] for place, end in now.ends.items())
    ends = {**now.ends, **sent_ends}
    async for place, record in read_up_to(connection, ends, starts=begins):
        scan.take(place, record)
        if scan.records % AT_A_TIME == 0:
            progress(scan.records, total)
    progress(total, total)
    return compared(now, base, scan.found(all_letters=all_letters))


def _base(now: Audited, starts: Mapping[Place, int], snapshots: Path) -> Audited | None:
    """Return the sums after which records have to be read; None if they can be from the beginning.

    Raises:
        SnapshotError: records are gone that no audited snapshot covers.
    """
    gone = [place for place, offset in now.begun.items() if starts[place] > offset]
    if not gone:
        return None
    for folder in sorted((path for path in snapshots.glob("[0-9]*") if path.name < now.month), reverse=True):
        former = Former.read(folder)
        audited = read_audit(folder, former.identity)
        if audited is not None and audited["verdict"] == PROVEN:
            base = Audited.of(former.manifest)
            if now.follows(base) and all(starts[place] <= base.ends[place] for place in now.begun):
                return base
    topic, partition = gone[0]
    raise SnapshotError(
        f"{topic}/{partition} holds records from offset {starts[gone[0]]} on, the sums of {now.month} run from "
        f"{now.begun[gone[0]]}: what lies between is gone by the topic's retention, and no audited snapshot in "
        f"{snapshots} covers it; audit each month before its records go"
    )


class _Scan:
    """Adds up the numbers of records: of the sources by their place, of what was sent out by its origin's."""

    def __init__(self, now: Audited, begins: Mapping[Place, int]) -> None:
        self._now = now
        self._begins = begins
        self._read: dict[Place, Noted] = {}
        self._letters: dict[Place, Noted] = {}
        self._passed_on: dict[Place, Noted] = {}
        self._sums: dict[tuple[int, Place], AuditSum] = {}
        self.records = 0

    def take(self, place: Place, record: Record) -> None:
        """Take in a record."""
        if place[0] == DEAD_LETTERS:
            self._letter(record)
            return
        if place[0] == STRAYS:
            self._stray(record)
        if record.offset < self._now.ends[place]:
            self._note(self._read, place, record.offset, record.value)
            self.records += 1

    def _letter(self, record: Record) -> None:
        said = {name: value for name, value in record.headers if value}
        application = said.get("application")
        by = None if application is None else application.decode(errors="replace")
        self._sent(self._letters, first_read_at(record, ("topic", "partition", "offset")), record, by)

    def _stray(self, record: Record) -> None:
        origin = read_stray(record)
        if origin.part == WHOLE:
            self._sent(self._passed_on, first_read_at(record), record, origin.application)

    def _sent(
        self, noted: dict[Place, Noted], first: tuple[str, int, int] | None, record: Record, by: str | None
    ) -> None:
        """Note a record sent out by the application audited, if its origin is among the records audited."""
        if first is None:
            return
        topic, partition, offset = first
        place = topic, partition
        if by not in {None, self._now.folded_by(place, offset)}:
            return
        if place in self._begins and self._begins[place] <= offset < self._now.ends[place]:
            self._note(noted, place, offset, record.value)

    def _note(self, noted: dict[Place, Noted], place: Place, offset: int, value: bytes | None) -> None:
        each = noted.get(place) or noted.setdefault(place, Noted(*place))
        each.note(offset, value)
        if len(each.offsets) == AT_A_TIME:
            self._settle(noted, place)

    def _settle(self, noted: dict[Place, Noted], place: Place) -> AuditSum:
        name = id(noted), place
        total = self._sums[name] = added(self._sums.get(name, (0, 0)), noted[place].take())
        return total

    def found(self, *, all_letters: bool) -> Found:
        """Return the sums.

        Args:
            all_letters: whether the topic of dead letters has let none go.
        """
        read, letters, passed_on = (
            {place: self._settle(noted, place) for place in noted}
            for noted in (self._read, self._letters, self._passed_on)
        )
        return Found(read, letters if all_letters else None, passed_on)
