"""What a shard has made since its last commit and sends out with the next: strays, dead letters, used-up fetches."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from dcc_analytics.aggregators.classes import RecordClasses
from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.stream.fetched import Fetched, Record
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import ALERT_END, READ_HEADERS, WHOLE, Stray, stray_of

#: Leads the counters of dead letters by the kind of their reason.
DEAD_LETTER_KIND: Final = "dead_letter: "

#: What differs from record to record in the words why one can't be read: values in either kind of quotes, bytes and
#: their positions. A kind that kept any of it would tell personal data in logs, and there would be no end of kinds.
_PARTICULAR: Final = re.compile(
    r""":?\ (?P<quote>['"]).*(?P=quote) | \ \(byte\ \d+\) | \ bytes?\ (0x[0-9a-f]+\ )?in\ position\ \d+(-\d+)?""",
    re.DOTALL | re.VERBOSE,
)


def kind_of_reason(reason: str) -> str:
    """Return why a record can't be read without what is the record's own, so that reasons can be counted.

    >>> kind_of_reason("not a request id originator:target:counter: 'x'")
    'not a request id originator:target:counter'
    >>> kind_of_reason("Invalid enum value 'lost' - at `$.outcome`")
    'Invalid enum value - at `$.outcome`'
    >>> kind_of_reason("'utf-8' codec can't decode byte 0xff in position 7: invalid start byte")
    "'utf-8' codec can't decode: invalid start byte"
    """
    return _PARTICULAR.sub("", reason)


class DeadLetter:
    """A record that can't be read, with where it stood and why."""

    __slots__ = ("_headers", "application", "key", "offset", "partition", "reason", "timestamp_ms", "topic", "value")

    def __init__(self, topic: str, partition: int, record: Record, reason: str, application: str | None = None) -> None:
        """Keep the record's bytes and its position."""
        self.application = application
        self.topic = topic
        self.partition = partition
        self.offset = record.offset
        self.timestamp_ms = record.timestamp
        self.key = record.key
        self.value = record.value
        self.reason = reason
        self._headers = [(name, value) for name, value in record.headers if name in READ_HEADERS]

    def headers(self) -> list[tuple[str, bytes]]:
        """Return where the record stood and when, why it can't be read, its own that are read, and for whom it is."""
        headers = [
            ("topic", self.topic.encode()),
            ("partition", str(self.partition).encode()),
            ("offset", str(self.offset).encode()),
            ("timestamp", str(self.timestamp_ms).encode()),
            ("reason", self.reason.encode()),
            *self._headers,
        ]
        if self.application is not None:
            headers.append(("application", self.application.encode()))
        return headers


def count_by_kind(letters: Iterable[DeadLetter]) -> Counter[tuple[str, str]]:
    """Return how many letters there are by topic and kind of reason; for logs, since nothing of a record is in it."""
    return Counter((letter.topic, kind_of_reason(letter.reason)) for letter in letters)


class Outgoing:
    """Strays to pass on, dead letters to send, and the fetches that may be acknowledged once these are out."""

    __slots__ = ("_application", "_classes", "_counters", "_partition", "dead_letters", "folded", "strays")

    def __init__(
        self, partition: int, application: str | None, classes: RecordClasses, counters: Tally[tuple[str, str]]
    ) -> None:
        """Begin with nothing.

        Args:
            partition: of the shard.
            application: whose strays they are.
            classes: told what became of each record.
            counters: of dead letters by the kind of their reason.
        """
        self._partition = partition
        self._application = application
        self._classes = classes
        self._counters = counters
        self.strays: list[Stray] = []
        self.dead_letters: list[DeadLetter] = []
        self.folded: list[Fetched] = []

    def reject(self, topic: str, partition: int, record: Record, reason: str) -> None:
        """Make a dead letter of a record."""
        self.dead_letters.append(DeadLetter(topic, partition, record, reason, self._application))
        self._counters.note((f"{DEAD_LETTER_KIND}{kind_of_reason(reason)}", topic))
        self._classes.note(RecordClass.DEAD_LETTER, topic, record)

    def pass_on(self, topic: str, record: Record, subject: str, home: int) -> None:
        """Pass a record on to the partition of its subject."""
        self._stray(topic, record, subject, home, WHOLE)
        self._classes.note(RecordClass.STRAY, topic, record)

    def pass_end_on(self, topic: str, record: Record, subject: str, home: int) -> None:
        """Pass the end an Alert brings on to its request; the Alert itself is counted here."""
        self._stray(topic, record, subject, home, ALERT_END)

    def _stray(self, topic: str, record: Record, subject: str, home: int, part: bytes) -> None:
        stray = stray_of(topic, self._partition, record, subject, home, part=part, application=self._application)
        self.strays.append(stray)

    def take(self) -> tuple[list[Stray], list[DeadLetter], list[Fetched]]:
        """Return all there is, and go on with nothing."""
        taken = self.strays, self.dead_letters, self.folded
        self.strays, self.dead_letters, self.folded = [], [], []
        return taken
