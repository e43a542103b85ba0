"""DUIS XML: a record whose value begins with ``<`` is a message as the DCC's interface has it (contract section 5).

    bytes → hardened parser → header and body → fields of the contract's record → the decoder of its topic

A document becomes the record of contract section 1 that says the same, and goes through the same decoder: from there
on nobody knows in which of the two forms a message came. What it lacks that the record requires comes from the Kafka
record's headers and timestamp (``duis_beside``), or the document is refused; nothing is guessed.

Source: contract section 5; DUIS XML Schema 5.1 and 5.4 (5.2 and 5.3 lie between and add nothing that is read).
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from dcc_analytics.stream.decode import DECODERS, Decoded, decoded
from dcc_analytics.stream.duis_alerts import alert_fields, is_alert
from dcc_analytics.stream.duis_beside import Beside
from dcc_analytics.stream.duis_requests import request_fields
from dcc_analytics.stream.duis_responses import response_fields
from dcc_analytics.stream.duis_xml import DuisError, Element, is_document, parsed
from dcc_analytics.stream.events import Rejected, StreamEvent
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.identity import IdentityError

#: Leads every reason why a document is refused, so that they can be told from the reasons of JSON records.
DUIS: Final = "DUIS XML: "

#: Schema versions that are read; xs:decimal may be written with zeros around.
_VERSIONS: Final = re.compile(r"\+?0*5\.[1-4]0*")

#: What a Response holds one of.
_BODIES: Final = frozenset({"ResponseMessage", "DeviceAlertMessage", "DCCAlertMessage", "SMETS1ResponseMessage"})

#: The one kind of message that belongs on each topic.
_MESSAGES: Final = {
    "service-requests": "a Request document",
    "service-responses": "a Response document without an Alert",
    "alerts": "a Response document with an Alert",
}
_READERS: Final = {
    "service-requests": request_fields,
    "service-responses": response_fields,
    "alerts": alert_fields,
}


def decoded_record(topic: str, record: Record) -> Decoded[StreamEvent]:
    """Return the event a record of a source topic holds, as JSON or as a DUIS document, or why it holds none.

    Args:
        topic: the source topic, a key of ``DECODERS``; for a stray that of its origin.
        record: its headers and timestamp say what a document does not.
    """
    event = decoded(DECODERS[topic], record.value)
    if event.__class__ is Rejected:
        # No document is JSON: what holds one is among the refused, and JSON does not pay for the question.
        return _decoded_document(topic, record, event)
    return event


def _decoded_document(topic: str, record: Record, refused: Decoded[StreamEvent]) -> Decoded[StreamEvent]:
    """Return the event of a record that is no JSON but a document; else ``refused`` as it is."""
    value = record.value
    if value is None or not is_document(value):
        return refused
    try:
        fields = record_bytes(topic, value, record.headers, record.timestamp)
    except (DuisError, IdentityError, OverflowError) as unreadable:
        return Rejected(f"{DUIS}{unreadable}")
    event = decoded(DECODERS[topic], fields)
    return Rejected(f"{DUIS}{event.reason}") if isinstance(event, Rejected) else event


def record_bytes(topic: str, value: bytes, headers: Sequence[tuple[str, bytes]], timestamp_ms: int) -> bytes:
    """Return the JSON record a document stands for.

    Args:
        topic: the source topic it was read from.
        value: the document.
        headers: those of the Kafka record.
        timestamp_ms: the Kafka record's timestamp, below 0 without one.

    Raises:
        DuisError, IdentityError: the document is none that can be read, or belongs to another topic.
    """
    root = parsed(value)
    belongs = _topic_of(root)
    if belongs != topic:
        raise DuisError(f"{_MESSAGES[belongs]} on the topic {topic}: it belongs on {belongs}")
    fields: dict[str, Any] = _READERS[topic](root, Beside(headers, timestamp_ms))
    version = root.attributes.get("schemaVersion")
    if version is None:
        raise DuisError("missing required attribute `schemaVersion`")
    if _VERSIONS.fullmatch(version.strip()) is None:
        raise DuisError(f"the schema version is not 5.1 to 5.4: {version[:20]!r}")
    return msgspec.json.encode(fields)


def _topic_of(root: Element) -> str:
    if root.name == "Request":
        return "service-requests"
    if root.name != "Response":
        raise DuisError(f"the root element is neither Request nor Response: {root.name[:40]!r}")
    body = root.need("Body")
    held = [child.name for child in body.children if child.name in _BODIES]
    if len(held) != 1:
        raise DuisError(f"the body of a Response holds one message of DUIS, not: '{', '.join(held) or 'none'}'")
    return "alerts" if is_alert(body) else "service-responses"
