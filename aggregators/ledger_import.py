"""A ledger from a file into the empty topics of another application, which goes on where the file ends.

Under another name: what the lost ledger has sent out since (strays, dead letters) carries the old one and is passed
over. The new application folds the sources from where the file ends, and sends it out again under its own.

    1. read     the whole file, and of every partition the state it holds: nothing is written of one that is damaged
    2. check    ledger and clocks are empty, and the topics still hold what comes next
    3. clocks   are told, so that a worker refuses a partition that is not there yet (see ``ShardRunner.begin``)
    4. write    each partition by one transaction: its records, and the strays on their way to it

One that is killed leaves a ledger that neither a worker nor a second import takes; the next is given another name.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from aiokafka import AIOKafkaProducer

from dcc_analytics.aggregators.checkpoint import LedgerRecord, read_back
from dcc_analytics.aggregators.clocks import ShardClock, clock_record
from dcc_analytics.aggregators.copartitioned import checked_partitions, folded_from
from dcc_analytics.aggregators.ledger import Ledger
from dcc_analytics.aggregators.ledger_file import (
    Copied,
    Entry,
    Folded,
    Head,
    LedgerEntry,
    Progress,
    StrayEntry,
    copied,
    head_of,
    read,
)
from dcc_analytics.aggregators.metric import METRIC_VERSION
from dcc_analytics.aggregators.provenance import KEY, Before, Provenance, provenance_of, provenance_record
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.strays import APPLICATION_HEADER, SOURCES, Stray
from dcc_analytics.stream.topics import clocks_name, ledger_name

#: A partition of some gigabytes is written in one transaction: as long as brokers allow unless they are told otherwise.
_TIMEOUT_MS: Final = 900_000
_NOT_BEGUN: Final = Folded(0, 0, {})


async def import_ledger(
    connection: Connection, application: str, path: Path, progress: Progress = lambda _done, _of: None
) -> Copied:
    """Write a file's ledger into the empty topics of an application, which goes on from there.

    Args:
        connection: how to reach Kafka.
        application: that goes on.
        path: of the file.
        progress: told how many partitions are done, of how many.

    Raises:
        StateError: the file is damaged, or begins with commits of this very application; the topics are not empty, of
            another number of partitions, or no longer hold what comes next.
        TopicError: a topic is missing.
    """
    head, folded, counts, before = checked(path)
    if application in before:
        raise StateError(
            f"{path} is a ledger of {application} itself, or one that began with such: what {application} has sent out "
            "since carries its name, and would be folded twice, as it stands and when it is sent out again; give a "
            f"name that none of {', '.join(before)} is, for example {before[0]}-{len(before) + 1}"
        )
    async with Extents(connection) as extents:
        await _check_topics(connection, application, extents, folded)
        await _tell_clocks(connection, application, folded)
        for partition, entries in _by_partition(path):
            writing = _Partition(path, head, entries)
            ledger = Ledger(connection, application, partition, timeout_ms=_TIMEOUT_MS)
            try:
                await ledger.open(extents)
                await ledger.commit(
                    writing.records, writing.strays(application), [], _clock(folded[partition], partition),
                    checkpoint=False,
                )  # fmt: skip
            finally:
                await ledger.close()
            progress(partition + 1, head.partitions)
    return copied(head.application, folded, counts)


# -- the file ----------------------------------------------------------------------------------------------


class Checked(NamedTuple):
    """What a file holds that is whole.

    Attributes:
        head: of it.
        folded: how far each partition has come.
        counts: of entries, by what they are.
        before: applications whose commits it holds, oldest first.
    """

    head: Head
    folded: list[Folded]
    counts: Counter[str]
    before: list[str]


def checked(path: Path) -> Checked:
    """Return what a file holds, once all of it is seen to be whole.

    Raises:
        StateError: it is not, or this release folds by another metric.
    """
    head = head_of(path)
    folded, counts, last = [_NOT_BEGUN] * head.partitions, Counter[str](), -1
    before: dict[str, None] = {}
    for partition, entries in _by_partition(path):
        if not last < partition < head.partitions:
            raise StateError(f"{path} has partition {partition} after {last}, of {head.partitions}; take another copy")
        last, writing = partition, _Partition(path, head, entries)
        counts.update({"ledger": writing.read, "stray": len(writing.on_their_way)})
        folded[partition] = writing.folded
        before |= dict.fromkeys(writing.before)
        if writing.folded.seq and writing.metric_version != METRIC_VERSION:
            raise StateError(
                f"{path} is folded by metric version {writing.metric_version}, this release folds by {METRIC_VERSION}; "
                "import it by the release that exported it"
            )
    return Checked(head, folded, counts, list({**before, head.application: None}))


def _by_partition(path: Path) -> Iterator[tuple[int, Iterator[Entry]]]:
    entries = (part for part in read(path) if not isinstance(part, Head))
    yield from groupby(entries, key=lambda entry: entry.partition)


class _Partition:
    """What a file has of one partition.

    Attributes:
        records: as they are written, with the note of where they come from.
        read: how many there were.
        on_their_way: strays.
        folded: how far it has come.
        before: applications it was restored from, oldest first.
        metric_version: it is folded by.
    """

    def __init__(self, path: Path, head: Head, entries: Iterator[Entry]) -> None:
        """Take the entries of a partition.

        Raises:
            StateError: they do not fit together.
        """
        found: dict[bytes, bytes] = {}
        self.on_their_way: list[StrayEntry] = []
        for entry in entries:
            if isinstance(entry, LedgerEntry):
                found[entry.key] = entry.value
            else:
                self.on_their_way.append(entry)
        try:
            state, was = read_back(found), provenance_of(found)
        except StateError as damaged:
            for _ in read(path):  # to its end: where the file itself was changed, that is what is told
                pass
            raise StateError(f"{path} is of a damaged ledger, or of another release: {damaged}") from damaged
        self.read = len(found)
        self.metric_version = state.metric_version
        self.folded = Folded(state.seq, state.clock_us, state.applied)
        restored = was.before if was else []
        self.before = [each.application for each in restored]
        now = Provenance(head.partitions, [*restored, Before(head.application, state.applied)])
        self.records: list[LedgerRecord] = [(key, value) for key, value in found.items() if key != KEY]
        if self.records:
            self.records.append(provenance_record(now))

    def strays(self, application: str) -> list[Stray]:
        """Return the strays as the application passes them on that goes on."""
        return [
            Stray(
                (entry.key or b"").decode(), entry.partition, entry.timestamp_ms, entry.value,
                [*((name, value) for name, value in entry.headers if name != APPLICATION_HEADER),  # type: ignore[list-item]  # may be null, whatever the types say
                 (APPLICATION_HEADER, application.encode())],
            )
            for entry in self.on_their_way
        ]  # fmt: skip


# -- the topics --------------------------------------------------------------------------------------------


async def _check_topics(connection: Connection, application: str, extents: Extents, folded: list[Folded]) -> None:
    """Check that a file fits the topics there are.

    Raises:
        StateError: it does not.
    """
    partitions = await checked_partitions(connection, application, extents)
    if partitions != len(folded):
        raise StateError(
            f"the file is of {len(folded)} partitions, the topics have {partitions}: what concerns a Device would "
            "stand in two of them; make topics of that number under another --prefix and move the records there"
        )
    own = [(ledger_name(application), p) for p in range(partitions)] + [(clocks_name(application), 0)]
    if filled := sorted({connection.topic(name) for (name, _), top in (await extents.tops(own)).items() if top}):
        raise StateError(
            f"{' and '.join(filled)} hold records already, and two ledgers must not meet; give an --application whose "
            "topics `dcca topics create` has just made"
        )
    places = [(topic, p) for topic in SOURCES for p in range(partitions)]
    starts, tops = await extents.starts(places), await extents.tops(places)
    begins = [
        folded_from(_applied(each, partition), {topic: starts[topic, partition] for topic in SOURCES})
        for partition, each in enumerate(folded)
    ]
    for topic, partition in places:
        start, top, applied = starts[topic, partition], tops[topic, partition], begins[partition][topic]
        if not start <= applied <= top:
            raise StateError(
                f"{connection.topic(topic)}/{partition} holds offsets {start} to {top}, the file has folded up to "
                f"{applied}: what lies between is gone, or the topic is another; restore the topic, import a newer "
                "export, or fold what the topics hold anew with a new --application"
            )


async def _tell_clocks(connection: Connection, application: str, folded: list[Folded]) -> None:
    topic = connection.topic(clocks_name(application))
    async with AIOKafkaProducer(**connection.options(), enable_idempotence=True) as producer:
        for partition, each in enumerate(folded):
            if each.seq:
                key, value = clock_record(partition, _clock(each, partition))
                await producer.send_and_wait(topic, value, key, 0)


def _clock(folded: Folded, partition: int) -> ShardClock:
    return ShardClock(folded.clock_us, _applied(folded, partition))


def _applied(folded: Folded, partition: int) -> dict[str, int]:
    return {topic: folded.applied.get(f"{topic}/{partition}", 0) for topic in SOURCES}
