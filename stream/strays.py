"""Strays: records on their way to the partition they belong to, with where they came from in their headers."""

from typing import Final, NamedTuple

from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.duis_beside import HEADERS
from dcc_analytics.stream.fetched import Record

#: The topic they are passed on by.
STRAYS: Final = "strays"
#: Topics of events, strays first: Devices among them are to be known before events are folded.
SOURCES: Final = (STRAYS, *DECODERS)

#: The part of a record that is passed on: the whole of it, or only the end an Alert brings to its request.
WHOLE: Final = b"whole"
ALERT_END: Final = b"alert-end"

#: The product's own headers. Prefixed: a feed's records may have a header "topic" of their own.
TOPIC_HEADER: Final = "dcca-topic"
PARTITION_HEADER: Final = "dcca-partition"
OFFSET_HEADER: Final = "dcca-offset"
PART_HEADER: Final = "dcca-part"
APPLICATION_HEADER: Final = "dcca-application"
_POSITION: Final = frozenset({TOPIC_HEADER, PARTITION_HEADER, OFFSET_HEADER})
_KEPT: Final = _POSITION | HEADERS
#: Of the largest offset there can be.
_DIGITS: Final = 19

#: Every header of a record that the product reads.
READ_HEADERS: Final = _KEPT | {PART_HEADER, APPLICATION_HEADER}


class Stray:
    """A record for the ``strays`` topic.

    Attributes:
        subject: whose record it is; the new key.
        home: the partition it belongs to.
        timestamp_ms: the record's own timestamp.
        value: its bytes, unchanged.
        headers: topic, partition and offset it was read at, which part of it is meant, and for which application.
    """

    __slots__ = ("headers", "home", "subject", "timestamp_ms", "value")

    def __init__(
        self,
        subject: str,
        home: int,
        timestamp_ms: int,
        value: bytes | None,
        headers: list[tuple[str, bytes]],
    ) -> None:
        """Hold what is passed on."""
        self.subject = subject
        self.home = home
        self.timestamp_ms = timestamp_ms
        self.value = value
        self.headers = headers


class Origin(NamedTuple):
    """What the headers of a stray say; a header that is absent is empty, and the part the whole.

    Attributes:
        topic: it was first read from.
        part: of it that is meant.
        application: that passed it on, and alone is to fold it: others read the record in its first place. None where
            an older release passed it on.
    """

    topic: str
    part: bytes
    application: str | None

    def is_for(self, application: str | None) -> bool:
        """Return whether an application is to fold it; one without a name folds every stray."""
        return application is None or self.application in {None, application}


def stray_of(
    topic: str,
    partition: int,
    record: Record,
    subject: str,
    home: int,
    *,
    part: bytes = WHOLE,
    application: str | None = None,
) -> Stray:
    """Return a record as it is passed on; one that was passed on before keeps its first position.

    Of the feed's own headers those go with it that say what a DUIS document does not (contract section 5).
    """
    headers = [(name, value) for name, value in record.headers if name in _KEPT]
    if not any(name in _POSITION for name, _ in headers):
        headers += [
            (TOPIC_HEADER, topic.encode()),
            (PARTITION_HEADER, str(partition).encode()),
            (OFFSET_HEADER, str(record.offset).encode()),
        ]
    headers.append((PART_HEADER, part))
    if application is not None:
        headers.append((APPLICATION_HEADER, application.encode()))
    return Stray(subject, home, record.timestamp, record.value, headers)


def read_stray(record: Record) -> Origin:
    """Return what the headers of a stray say."""
    headers = {name: value for name, value in record.headers if value}  # may be null, whatever the types say
    application = headers.get(APPLICATION_HEADER)
    return Origin(
        headers.get(TOPIC_HEADER, b"").decode(errors="replace"),
        headers.get(PART_HEADER, WHOLE),
        None if application is None else application.decode(errors="replace"),
    )


def first_read_at(
    record: Record, names: tuple[str, str, str] = (TOPIC_HEADER, PARTITION_HEADER, OFFSET_HEADER)
) -> tuple[str, int, int] | None:
    """Return topic, partition and offset a record was first read at; None if its headers do not say.

    Args:
        record: as it was passed on, or set aside.
        names: of the headers that say it.
    """
    headers = dict(record.headers)
    topic, partition, offset = ((headers.get(name) or b"").decode(errors="replace") for name in names)
    if any(len(number) > _DIGITS or not number.isdecimal() for number in (partition, offset)):
        return None
    return topic, int(partition), int(offset)
