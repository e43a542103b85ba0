"""Bytes of the feed: whatever a topic holds is an event or is refused with words, and a shard counts it exactly once.

An input of ``duis`` and of a topic is the record's value. One of ``shard`` is a log: see ``records_of``.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.stream.decode import DECODERS, REFERENCE_DECODERS, decode_device, decoded
from dcc_analytics.stream.duis import decoded_record
from dcc_analytics.stream.events import Rejected
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import ALERT_END, APPLICATION_HEADER, PART_HEADER, STRAYS, TOPIC_HEADER, read_stray
from tests.aggregators.test_checkpoint import contents
from tests.driver import Driver, LogRecord
from tests.duis_documents import NOON_MS
from tests.records import DEVICE, USER

Headers = tuple[tuple[str, bytes | None], ...]

#: Between two records of a log: a byte that is in no UTF-8.
SEPARATOR: Final = b"\xff\xff"

#: What the first bytes of a record choose from, each modulo how many there are.
TOPICS: Final = (*DECODERS, STRAYS, DEVICES, *REFERENCE_DECODERS)
KEYS: Final = (DEVICE.encode(), USER.encode(), DEVICE.lower().encode(), b"", b"\xff\xfe", b"88-73", None)
#: Milliseconds: the month the rest is of, none, the ends of what a record can carry, and those of the calendar.
STAMPS: Final = (NOON_MS, NOON_MS + 40 * 86_400_000, -1, 0, 2**63 - 1, -(2**63), 253_402_300_799_999)
HEADERS: Final[tuple[Headers, ...]] = (
    (),
    *(((TOPIC_HEADER, topic.encode()),) for topic in (*DECODERS, DEVICES)),
    ((TOPIC_HEADER, b"alerts"), (PART_HEADER, ALERT_END)),
    ((TOPIC_HEADER, None), (PART_HEADER, None), (APPLICATION_HEADER, None)),
    ((TOPIC_HEADER, b"\xff"), ("received_at", b"\xff"), ("kind", b"\xff")),
    (("received_at", b"2026-10-05T12:00:00Z"), ("planned_at", b"2026-10-05T00:00:00Z"), ("kind", None)),
    (("received_at", b"9999-12-31T23:59:59Z"), ("recipient", USER.encode()), ("outcome", b"lost")),
)
#: How many such bytes there are.
_CHOICES: Final = 4


class Logged(NamedTuple):
    """A record of a log."""

    topic: str
    key: bytes | None
    stamp_ms: int
    headers: Headers
    value: bytes | None


def records_of(log: bytes) -> list[Logged]:
    """Return the records of a log: four bytes that choose topic, key, timestamp and headers of each, then its value.

    A first byte of 128 or more is a record without value.
    """
    return [_record(each) for each in log.split(SEPARATOR) if len(each) >= _CHOICES]


def _record(said: bytes) -> Logged:
    topic, key, stamp, headers = (byte % 128 for byte in said[:_CHOICES])
    return Logged(
        TOPICS[topic % len(TOPICS)],
        KEYS[key % len(KEYS)],
        STAMPS[stamp % len(STAMPS)],
        HEADERS[headers % len(HEADERS)],
        None if said[0] >= 128 else said[_CHOICES:],
    )


def logged(topic: str, value: bytes | None, *, key: int = 0, stamp: int = 0, headers: int = 0) -> bytes:
    """Return the bytes of a log that holds one record, by the places of what is chosen."""
    return bytes((TOPICS.index(topic) + (128 if value is None else 0), key, stamp, headers)) + (value or b"")


def shard(log: bytes) -> None:
    """Fold a log in two shards: each record is classed once, each refused one kept, and the ledger brings it back."""
    driver = Driver(2)
    for topic, key, stamp_ms, headers, value in records_of(log):
        driver.publish(topic, key, value, stamp_ms, headers=headers)  # type: ignore[arg-type]  # null is legal in Kafka
    driver.run(fetch=3)
    for each in driver.shards:
        driver.commit(each, checkpoint=True)
        assert contents(each.state) == contents(read_back(driver.ledgers[each.partition]))
    check_conservation(driver)


def check_conservation(driver: Driver) -> None:
    """Check that every record of a log was classed once, and that those refused are kept with their bytes."""
    read: Counter[str] = Counter()
    for (topic, partition), log in driver.log.items():
        read[topic] += len(log) if topic not in REFERENCE_DECODERS or partition == 0 else 0
    classed: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for each in driver.shards:
        for (name, topic), count in each.state.counters.items():
            classed[topic] += count if name in set(RecordClass) else 0
            refused[topic] += count if name == RecordClass.DEAD_LETTER else 0
    assert +read == +Counter({topic: classed[topic] for topic in read})
    assert +refused == Counter(letter.topic for letter in driver.dead_letters)
    for letter in driver.dead_letters:
        record = driver.log[letter.topic, letter.partition][letter.offset]
        assert (record.key, record.value, record.timestamp) == (letter.key, letter.value, letter.timestamp_ms)
        assert letter.reason
        letter.headers()


def _topic(read: Callable[[LogRecord], object]) -> Callable[[bytes], None]:
    def value(value: bytes) -> None:
        """Decode a value as a record of the topic, with headers and timestamps of several kinds."""
        for headers, stamp_ms in ((HEADERS[0], NOON_MS), (HEADERS[8], 2**63 - 1), (HEADERS[7], -1)):
            record = LogRecord(0, stamp_ms, None, value, list(headers))  # type: ignore[arg-type]  # null is legal in Kafka
            event = read(record)
            assert not isinstance(event, Rejected) or event.reason

    return value


def _reference(decoder: Callable[[bytes], object], record: LogRecord) -> object:
    return decoded(decoder, record.value)


def strays(names_and_values: bytes) -> None:
    """Read headers of any names and values, with ``=`` between the two and a line for each."""
    parts = [line.partition(b"=") for line in names_and_values.split(b"\n")]
    headers = [(name.decode("latin-1"), value if equals else None) for name, equals, value in parts]
    read_stray(LogRecord(0, 0, None, None, headers))  # type: ignore[arg-type]  # null is legal in Kafka


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    **{topic: _topic(partial(decoded_record, topic)) for topic in DECODERS},
    **{topic: _topic(partial(_reference, decoder)) for topic, decoder in REFERENCE_DECODERS.items()},
    DEVICES: _topic(partial(_reference, decode_device)),
    "strays": strays,
    "shard": shard,
}
