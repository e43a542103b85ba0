"""What became of each record: every record read is of exactly one class (contract 3.14)."""

from collections import defaultdict

from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.stream.outcomes import RecordClass


class RecordClasses:
    """Counts records by class and topic into a shard's counters.

    Attributes:
        total: records counted since the shard was opened.
    """

    __slots__ = ("_counters", "_numbers", "total")

    def __init__(self, counters: Tally[tuple[str, str]]) -> None:
        """Count into ``counters``."""
        self.total = 0
        self._counters = counters
        self._numbers: dict[str, dict[RecordClass, int]] = defaultdict(dict)

    def note(self, became: RecordClass, topic: str) -> None:
        """Count a record; its counter's number is looked up once, since this is done for every record."""
        self.total += 1
        numbers = self._numbers[topic]
        number = numbers.get(became)
        if number is None:
            number = numbers[became] = self._counters.keys.number((became.value, topic))
        self._counters.note_number(number)
