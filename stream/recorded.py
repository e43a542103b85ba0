"""Recorded events: a folder of ``<topic>.ndjson`` files, one line a Kafka record, gzipped or not.

A line is a JSON object with ``key`` (text or null), ``timestamp`` (milliseconds since 1970) and one of ``value`` (the
record's bytes are this JSON), ``value_text`` (exactly this text) and ``value_base64`` (these bytes).
"""

import base64
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import msgspec

from dcc_analytics.catalogue.errors import PublishError

#: In the order they are published: Device records precede the events they explain.
TOPICS: Final = ("users", "incidents", "devices", "service-requests", "service-responses", "alerts")


#: Longest line: a record of 4 MiB with each byte written as ``\u0000``. A file of a few kilobytes may unpack to a line
#: of gigabytes, which would be held whole.
LINE_BYTES: Final = 32 * 1024 * 1024


class RecordedEvent(NamedTuple):
    """A record as it was recorded."""

    key: bytes | None
    value: bytes | None
    timestamp_ms: int


class MadeRecord(NamedTuple):
    """A record as Kafka would hand it over (see ``fetched.Record``)."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class _Line(msgspec.Struct, gc=False):
    timestamp: Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)]
    key: str | None = None
    value: msgspec.Raw = msgspec.Raw()
    value_text: str | None = None
    value_base64: str | None = None


_line: Final = msgspec.json.Decoder(_Line).decode


def files_of(folder: Path) -> dict[str, Path]:
    """Return the files of a folder of recorded events by topic.

    Raises:
        PublishError: there is no such folder, or none of the files in it.
    """
    if not folder.is_dir():
        raise PublishError(f"there is no folder {folder} of recorded events")
    found = {}
    for topic in TOPICS:
        for name in (f"{topic}.ndjson.gz", f"{topic}.ndjson"):
            if (folder / name).is_file():
                found[topic] = folder / name
                break
    if not found:
        raise PublishError(f"{folder} holds no recorded events; expected files like service-requests.ndjson.gz")
    return found


def read_recorded(path: Path) -> Iterator[RecordedEvent]:
    """Yield the events of a file.

    Raises:
        PublishError: a line is not what it should be, or the file is damaged; names file and line.
    """
    number = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            while text := file.readline(LINE_BYTES + 1):
                number += 1
                yield _event(text)
    except (msgspec.MsgspecError, RecursionError, ValueError) as refused:
        raise PublishError(
            f"{path}, line {number + (number == 0)}: {refused}; correct the line and publish again"
        ) from refused
    except (OSError, EOFError, zlib.error) as damaged:
        raise PublishError(f"{path} can't be read after line {number}: {damaged}") from damaged


def records_of(folder: Path, topic: str) -> Iterator[MadeRecord]:
    """Yield the records of a topic as if it had one partition; none if the folder has no file of it.

    Raises:
        PublishError: as ``files_of`` and ``read_recorded`` do.
    """
    path = files_of(folder).get(topic)
    for offset, event in enumerate(read_recorded(path) if path else ()):
        yield MadeRecord(offset, event.timestamp_ms, event.key, event.value)


def _event(text: bytes) -> RecordedEvent:
    if len(text) > LINE_BYTES:
        raise ValueError(f"the line is longer than {LINE_BYTES} bytes")
    line = _line(text)
    if line.value_text is not None:
        value: bytes | None = line.value_text.encode()
    elif line.value_base64 is not None:
        value = base64.b64decode(line.value_base64, validate=True)
    else:
        raw = bytes(line.value)
        if not raw:
            raise ValueError("none of value, value_text, value_base64")
        value = None if raw == b"null" else raw
    return RecordedEvent(None if line.key is None else line.key.encode(), value, line.timestamp)
