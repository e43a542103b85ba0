"""What became of each record: every record read is of exactly one class (contract 3.14)."""

from collections import defaultdict

from dcc_analytics.aggregators.audit import AuditSums, Noted
from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import SOURCES


class RecordClasses:
    """Counts the records of a shard by class and topic, and notes those of events for the audit.

    Attributes:
        total: records counted since the shard was opened.
    """

    __slots__ = ("_audit", "_counters", "_known", "_partition", "total")

    def __init__(self, partition: int, counters: Tally[tuple[str, str]], audit: AuditSums) -> None:
        """Count a partition's records into ``counters``, and note them in ``audit``."""
        self.total = 0
        self._partition = partition
        self._counters = counters
        self._audit = audit
        self._known: dict[str, dict[RecordClass, tuple[int, Noted | None]]] = defaultdict(dict)

    def note(self, became: RecordClass, topic: str, record: Record) -> None:
        """Count a record; where is looked up once, since this is done for every record."""
        self.total += 1
        of_topic = self._known[topic]
        number, noted = of_topic.get(became) or of_topic.setdefault(became, self._look_up(became, topic))
        self._counters.note_number(number)
        if noted is not None:
            noted.note(record.offset, record.value)

    def _look_up(self, became: RecordClass, topic: str) -> tuple[int, Noted | None]:
        """Return a counter's number and where to note; records of compacted topics can't be read again for an audit."""
        noted = self._audit.of(topic, self._partition, became) if topic in SOURCES else None
        return self._counters.keys.number((became.value, topic)), noted
