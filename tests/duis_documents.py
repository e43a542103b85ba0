"""DUIS documents of our own, made of the parts a test cares about, as small as the schema allows.

Written from the XML schema (5.1 to 5.4): every kind of message, also those no public sample shows.
"""

from collections.abc import Sequence

from dcc_analytics.stream.decode import Decoded
from dcc_analytics.stream.duis import decoded_record
from dcc_analytics.stream.events import Rejected, StreamEvent
from tests.driver import LogRecord
from tests.records import DEVICE, RID, USER

SR = "http://www.dccinterface.co.uk/ServiceUserGateway"
RA = "http://www.dccinterface.co.uk/ResponseAndAlert"
DCC = "90-B3-D5-1F-30-00-00-02"
#: A request to the DCC itself, for what it does without a Device.
DCC_RID = f"{USER}:{DCC}:7"
#: What a Device's answer, or its Alert, is addressed by: the request's parts swapped.
RESPONSE_ID = f"{DEVICE}:{USER}:7"
NOON = "2026-10-05T12:00:00.000Z"
#: Noon as a Kafka record's timestamp.
NOON_MS = 1_791_201_600_000
PAYLOAD = "<sr:GBCSPayload>3QAAAAAAAEUR</sr:GBCSPayload>"

SIGNATURE = (
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:Reference URI="">'
    "<ds:DigestValue>ZGVmYXVsdA==</ds:DigestValue></ds:Reference></ds:SignedInfo></ds:Signature>"
)

Headers = Sequence[tuple[str, bytes]]


def document(root: str, header: str, body: str, *, version: str = "5.4") -> bytes:
    """Return a document around a header and a body."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<sr:{root} xmlns:sr="{SR}" xmlns:ra="{RA}" schemaVersion="{version}">'
        f"<sr:Header>{header}</sr:Header><sr:Body>{body}</sr:Body>{SIGNATURE}</sr:{root}>"
    ).encode()


def references(srv: str) -> str:
    """Return both references of an SRV: its Service Reference is its first two numbers."""
    reference = ".".join(srv.split(".")[:2])
    return (
        f"<sr:ServiceReference>{reference}</sr:ServiceReference>"
        f"<sr:ServiceReferenceVariant>{srv}</sr:ServiceReferenceVariant>"
    )


def request(srv: str, body: str, *, request_id: str = RID, variant: int | str = 1, version: str = "5.4") -> bytes:
    """Return a Request document."""
    header = (
        f"<sr:RequestID>{request_id}</sr:RequestID><sr:CommandVariant>{variant}</sr:CommandVariant>{references(srv)}"
    )
    return document("Request", header, body, version=version)


def read_request(*, execute_at: str = "", request_id: str = RID, version: str = "5.4") -> bytes:
    """Return a Request document for a read of registers (4.1.1)."""
    when = f"<sr:ExecutionDateTime>{execute_at}</sr:ExecutionDateTime>" if execute_at else ""
    body = f"<sr:ReadInstantaneousImportRegisters>{when}</sr:ReadInstantaneousImportRegisters>"
    return request("4.1.1", body, request_id=request_id, version=version)


def response(
    body: str, *, request_id: str = RID, response_id: str = "", code: str = "I0", sent_at: str = NOON
) -> bytes:
    """Return a Response document; an id that is empty is left out."""
    header = f"<sr:RequestID>{request_id}</sr:RequestID>" if request_id else ""
    header += f"<sr:ResponseID>{response_id}</sr:ResponseID>" if response_id else ""
    header += f"<sr:ResponseCode>{code}</sr:ResponseCode><sr:ResponseDateTime>{sent_at}</sr:ResponseDateTime>"
    return document("Response", header, body)


def message(srv: str, content: str = "") -> str:
    """Return the message of a Response that is no Alert."""
    return f"<sr:ResponseMessage>{references(srv)}{content}</sr:ResponseMessage>"


def device_alert(code: str = "8F36", *, throttled: int | None = None) -> str:
    """Return the message of a Device Alert."""
    count = "" if throttled is None else f"<sr:ThrottledAlertCount>{throttled}</sr:ThrottledAlertCount>"
    return f"<sr:DeviceAlertMessage><sr:AlertCode>{code}</sr:AlertCode>{count}{PAYLOAD}</sr:DeviceAlertMessage>"


def dcc_alert(code: str, payload: str, *, throttled: int | None = None) -> str:
    """Return the message of a DCC Alert."""
    count = "" if throttled is None else f"<sr:ThrottledAlertCount>{throttled}</sr:ThrottledAlertCount>"
    return (
        f"<sr:DCCAlertMessage><sr:DCCAlertCode>{code}</sr:DCCAlertCode>{count}"
        f"<sr:DCCAlert>{payload}</sr:DCCAlert></sr:DCCAlertMessage>"
    )


def smets1(body: str, *, beside: str = "", header: str = "") -> str:
    """Return the message of a SMETS1 Service Provider: readable, and signed by it.

    Args:
        body: what it says: ``ra`` elements within ``sr:ResponseMessage`` or ``sr:DeviceAlertMessage``.
        beside: what stands beside the signed part: references, schedule, throttling.
        header: what the inner header holds beside who speaks to whom.
    """
    return (
        f'<sr:SMETS1ResponseMessage>{beside}<sr:SMETS1SignedResponse schemaVersion="5.4"><sr:SMETS1Response>'
        f"<sr:Header><ra:BusinessOriginatorID>{DEVICE}</ra:BusinessOriginatorID>"
        f"<ra:BusinessTargetID>{USER}</ra:BusinessTargetID><ra:OriginatorCounter>7</ra:OriginatorCounter>{header}"
        f"</sr:Header><sr:Body>{body}</sr:Body></sr:SMETS1Response>{SIGNATURE}</sr:SMETS1SignedResponse>"
        "</sr:SMETS1ResponseMessage>"
    )


def decoded(topic: str, value: bytes, headers: Headers = (), timestamp_ms: int = NOON_MS) -> Decoded[StreamEvent]:
    """Return what a record with a document is read as."""
    return decoded_record(topic, LogRecord(0, timestamp_ms, None, value, list(headers)))


def refused(topic: str, value: bytes, headers: Headers = (), timestamp_ms: int = NOON_MS) -> str:
    """Return why a record with a document is refused."""
    found = decoded(topic, value, headers, timestamp_ms)
    assert isinstance(found, Rejected), found
    return found.reason
