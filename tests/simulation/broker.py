"""The broker: partitions with transactions as Kafka keeps them. Pure, and at once: clients say when what happens.

What matters of Kafka here:
    a transaction's records stand in the log before it is decided, and a reader of committed records stops before them;
    a marker that decides takes an offset of its own, and each partition gets its own marker, in its own time;
    whoever initialises a transactional id takes a new epoch, ends what was open, and shuts out the epoch before;
    compaction keeps the newest decided record of each key and leaves gaps.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from aiokafka.errors import ProducerFenced

from tests.driver import LogRecord

Place = tuple[str, int]

OPEN: Final = "open"
COMMITTED: Final = "committed"
ABORTED: Final = "aborted"


@dataclass(slots=True, eq=False)
class Transaction:
    """A transaction of one producer; ``unmarked`` are the partitions that have not been told how it was decided."""

    state: str = OPEN
    unmarked: list["Partition"] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """What takes an offset: a record, or a marker (without record)."""

    offset: int
    record: LogRecord | None
    transaction: Transaction | None


class Partition:
    """A log of entries, with gaps where compaction was."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.top = 0
        self.undecided: dict[Transaction, int] = {}

    @property
    def end(self) -> int:
        """Up to where all is decided (Kafka's last stable offset)."""
        return min(self.undecided.values(), default=self.top)

    def append(self, record: LogRecord | None, transaction: Transaction | None) -> None:
        """Take a record, or a marker."""
        if transaction is not None and record is not None and transaction not in self.undecided:
            self.undecided[transaction] = self.top
            transaction.unmarked.append(self)
        if record is not None:
            record = LogRecord(self.top, record.timestamp, record.key, record.value, record.headers)
        self.entries.append(Entry(self.top, record, transaction))
        self.top += 1

    def mark(self, transaction: Transaction) -> None:
        """Write the marker of a transaction that was decided."""
        self.append(None, transaction)
        del self.undecided[transaction]

    def committed(self) -> list[LogRecord]:
        """Return all records that were committed, whether or not the partition has been told."""
        return [
            entry.record
            for entry in self.entries
            if entry.record is not None and (entry.transaction is None or entry.transaction.state == COMMITTED)
        ]

    def read(self, position: int, most: int) -> tuple[list[LogRecord], int]:
        """Return at most so many committed records from a position on, and the position after them."""
        records: list[LogRecord] = []
        end = self.end
        for entry in self.entries:
            if entry.offset >= end or len(records) == most:
                return records, max(position, entry.offset)
            if entry.offset < position or entry.record is None:
                continue
            if entry.transaction is None or entry.transaction.state == COMMITTED:
                records.append(entry.record)
        return records, max(position, self.top)

    def compact(self) -> None:
        """Keep of what is decided the newest record of each key, and no tombstone, marker or aborted record."""
        end = self.end
        newest = {record.key: record.offset for record in self.read(0, end)[0]}
        self.entries = [
            entry
            for entry in self.entries
            if entry.offset >= end
            or (
                entry.record is not None
                and entry.record.value is not None
                and newest.get(entry.record.key) == entry.offset
            )
        ]


class Broker:
    """Partitions, transactional producers and the group's offsets."""

    def __init__(self) -> None:
        self.partitions: dict[Place, Partition] = defaultdict(Partition)
        self.group_offsets: dict[Place, int] = {}
        self._epochs: dict[str, int] = defaultdict(int)
        self._transactions: dict[str, Transaction] = {}

    def publish(self, place: Place, record: LogRecord) -> None:
        """Append a record outside of any transaction."""
        self.partitions[place].append(record, None)

    def initialise(self, transactional_id: str) -> int:
        """End what an epoch before left open, and shut it out; return the new epoch."""
        self._end(transactional_id, ABORTED)
        self.write_markers(transactional_id)
        self._epochs[transactional_id] += 1
        return self._epochs[transactional_id]

    def send(self, transactional_id: str, epoch: int, place: Place, records: list[LogRecord]) -> None:
        """Append records in the producer's transaction, which begins with the first.

        Raises:
            ProducerFenced: a later epoch has begun.
        """
        self._check(transactional_id, epoch)
        transaction = self._transactions.get(transactional_id)
        if transaction is None or transaction.state != OPEN:
            self.write_markers(transactional_id)
            transaction = self._transactions[transactional_id] = Transaction()
        for record in records:
            self.partitions[place].append(record, transaction)

    def end(self, transactional_id: str, epoch: int, state: str) -> None:
        """Decide the producer's transaction.

        Raises:
            ProducerFenced: a later epoch has begun.
        """
        self._check(transactional_id, epoch)
        self._end(transactional_id, state)

    def _check(self, transactional_id: str, epoch: int) -> None:
        if self._epochs[transactional_id] != epoch:
            raise ProducerFenced

    def _end(self, transactional_id: str, state: str) -> None:
        transaction = self._transactions.get(transactional_id)
        if transaction is not None and transaction.state == OPEN:
            transaction.state = state

    def unmarked(self) -> list[str]:
        """Return the transactional ids of transactions that are decided and not marked everywhere."""
        return [name for name, each in self._transactions.items() if each.state != OPEN and each.unmarked]

    def write_markers(self, transactional_id: str, most: int | None = None) -> None:
        """Tell (at most so many) partitions how a decided transaction was decided."""
        transaction = self._transactions.get(transactional_id)
        if transaction is not None and transaction.state != OPEN:
            for partition in transaction.unmarked[:most]:
                partition.mark(transaction)
            del transaction.unmarked[:most]
