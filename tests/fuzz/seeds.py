"""Where fuzzing begins: good messages of every kind, and the values that break readers."""

import gzip
import json
from hashlib import sha256
from importlib.resources import files
from typing import Final

import msgspec

from dcc_analytics.aggregators.clocks import ShardClock, clock_record
from dcc_analytics.aggregators.delta import to_bytes
from dcc_analytics.aggregators.reference import DEVICES
from dcc_analytics.stream.estate import Facts, Version
from dcc_analytics.stream.strays import PART_HEADER, STRAYS, TOPIC_HEADER
from tests.duis_documents import (
    PAYLOAD,
    RESPONSE_ID,
    dcc_alert,
    device_alert,
    message,
    read_request,
    references,
    request,
    response,
    smets1,
)
from tests.fuzz.feed import SEPARATOR, TOPICS, logged
from tests.records import ALERT, DEVICE, REQUEST, RESPONSE, RID, SCHEDULED, USER, Fields
from tests.stream.test_duis_gbcs import INTERRUPTED, RESTORED, asn1, dlms, gbcs, gbz

#: JSON as text, since Python's own values can't say most of it.
VALUES: Final = (
    "null", "true", "0", "-1", "1", "65536", "9223372036854775808", "18446744073709551616", "1" * 400, "1e400",
    "1E+999", "-1e308", "0.1", "NaN", "Infinity", '""', '" "', "[]", "{}", "[" * 20_000, '{"a":' * 20_000, '"\\ud800"',
    '"\\udc00\\ud800"', '"\\u0000"', '"\\uffff"', '"İ"', '"ı"', '"ﬀ"', '"８８-73-84-90-6A-10-02-DB"', '"٣"',
    f'"{DEVICE.lower()}"', f'"{DEVICE} "', f'"{RID}:1"', f'"{USER}:{DEVICE}:{2**64}"', f'"{USER}:{DEVICE}:{"0" * 20}"',
    f'"{USER}:{DEVICE}:٣"', '"0001-01-01T00:00:00Z"', '"0000-01-01T00:00:00Z"', '"9999-12-31T23:59:59.999999Z"',
    '"9999-12-31T23:59:59-23:59"', '"0001-01-01T00:00:00+23:59"', '"1969-12-31T23:59:59Z"', '"3000-12-31T00:00:00Z"',
    '"2999-12-31T23:59:59Z"', '"2026-10-05T24:00:00Z"', '"2016-12-31T23:59:60Z"', '"2026-10-05T12:00:01Z"',
    '"2026-10-05T12:00:00.123456789Z"', '"8F67"', '"N13"', '"AD1"', '"E20"', '"I99"', '"6.23"', '"11.1"', '"8.14.1"',
    f'["{DEVICE}"]', f'"{"x" * 300}"', '"' + "é" * 3_000 + '"',
)  # fmt: skip

#: Bytes that no JSON or XML has where they are put.
PIECES: Final = (
    b"", b"\0", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"[" * 20_000,
    b"<!DOCTYPE r>", b"<a>" * 100, b"&#0;", b"&#xd800;", b"&lol;", b"]]>", b"<![CDATA[", "é".encode(), b"\r\n",
    b" " * 99, b'<?xml version="1.0" encoding="UTF-7"?>', b'encoding="UTF-16"', b'encoding="rot13"',
    b'xmlns:sr="urn:x"', b"<", b'"', b"1e400", b"\x1b[2J",
)  # fmt: skip

_SOME: Final[Fields] = {"device": DEVICE, "role": "IS", "schedule_id": "4"}
_ALERT_SAYS: Final[Fields] = {
    "started_at": "2026-10-05T11:00:00Z", "interrupted_at": "2026-10-05T10:00:00Z",
    "restored_at": "2026-10-05T11:00:00Z", "mpxn": "1200012345678", "remote_party_role": "network_operator",
    "request_id": RID, "target_device": DEVICE, "result": "success",
}  # fmt: skip
_DEVICE: Final[Fields] = {
    "device": DEVICE, "as_of": "2026-01-01T00:00:00Z", "device_type": "ESME", "status": "Commissioned",
    "csp_region": "4G North", "date_commissioned": "2025-01-01", "device_model": "M-1", "import_supplier_id": USER,
    "uprn": 5, "device_status_history": ["a"], "chf": DEVICE, "removed": False, "aerial_install": True,
}  # fmt: skip

#: Good records by topic, their fields as far as they have any effect.
RECORDS: Final[dict[str, tuple[Fields, ...]]] = {
    "service-requests": (
        {**REQUEST, **_SOME},
        {
            **REQUEST, **_SOME, "srv": "6.15.1", "command_variant": 4, "execute_at": "2026-10-06T00:00:00Z",
            "parameters": {"payment_mode": "credit", "top_up_pence": 5, "devices": [DEVICE], "other_device": DEVICE},
        },
        {**REQUEST, **_SOME, "srv": "4.1.1", "execute_at": "3000-12-31T00:00:00Z"},
        {**REQUEST, **_SOME, "srv": "4.1.1"},
    ),
    "service-responses": (
        {**RESPONSE, **_SOME, "device_result": "success", "kind": "response"},
        {**RESPONSE, "kind": "future_dated", "instruction": {"number": 1, "total": 2, "alert": "8F66"}},
        {**SCHEDULED, **_SOME},
    ),
    "alerts": (
        {**ALERT, **_SOME, "request_id": RID, "throttled_count": 3, "attempts": 1},
        {**ALERT, **_SOME, "kind": "device", "code": "8F36", "parameters": _ALERT_SAYS},
    ),
    DEVICES: (_DEVICE, {**_DEVICE, "removed": True}),
    "incidents": (
        {
            "incident": "INC1", "category": 1, "opened_at": "2026-10-05T00:00:00Z", "closed_at": "2026-10-06T00:00:00Z",
            "regions": ["North"], "summary": "a", "as_of": "2026-10-06T00:00:00Z",
        },
    ),
    "users": (
        {
            "user": USER, "party": "P", "party_name": "Party", "group": "G", "roles": ["IS"], "size": "large",
            "as_of": "2026-10-01T00:00:00Z",
        },
    ),
}  # fmt: skip

_CERTIFICATE: Final = "<sr:DeviceCertificate>MAA=</sr:DeviceCertificate>"
_OUTCOME: Final = (
    "<sr:FutureDatedDeviceAlertMessage><sr:InstructionNumber>1</sr:InstructionNumber><sr:TotalCommandInstructions>2"
    "</sr:TotalCommandInstructions><sr:FutureDatedAlertCode>8F66</sr:FutureDatedAlertCode>"
    "</sr:FutureDatedDeviceAlertMessage>"
)
_OUTAGE: Final = "<sr:PowerOutageEvent><sr:StartDateTime>2026-10-05T11:00:00Z</sr:StartDateTime></sr:PowerOutageEvent>"
_READ_ALERT: Final = (
    "<sr:DeviceAlertMessage><ra:DeviceAlertContent><ra:GBCSHexAlertCode>8F36</ra:GBCSHexAlertCode>"
    "<ra:Timestamp>2026-10-05T11:00:00Z</ra:Timestamp></ra:DeviceAlertContent></sr:DeviceAlertMessage>"
)


def _gbcs(content: bytes) -> str:
    return device_alert("8F36").replace(PAYLOAD, f"<sr:GBCSPayload>{gbcs(content)}</sr:GBCSPayload>")


#: Good documents by topic.
DOCUMENTS: Final[dict[str, tuple[bytes, ...]]] = {
    "service-requests": (
        read_request(execute_at="2026-10-06T00:00:00Z"),
        request("6.15.2", f"<sr:UpdateSecurityCredentialsDevice>{_CERTIFICATE}</sr:UpdateSecurityCredentialsDevice>"),
        read_request().decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    ),
    "service-responses": (
        response(message("4.1.1", PAYLOAD)),
        response(message("4.1.1", _OUTCOME)),
        response(message("4.1.1", f"<sr:DSPScheduledMessage>{PAYLOAD}</sr:DSPScheduledMessage>"), request_id=""),
        response(smets1("<sr:ResponseMessage/>", beside=references("4.1.1")), response_id=RESPONSE_ID),
    ),
    "alerts": (
        *(response(_gbcs(content)) for content in (dlms("8F36", INTERRUPTED, RESTORED), asn1("8F36"), gbz("8F36"))),
        response(dcc_alert("AD1", _OUTAGE, throttled=3), response_id=RESPONSE_ID),
        response(smets1(_READ_ALERT), request_id=""),
    ),
}


def values_of(topic: str) -> list[bytes]:
    """Return good values of a topic's records."""
    records = [json.dumps(fields, ensure_ascii=False).encode() for fields in RECORDS[topic]]
    return [*records, *DOCUMENTS.get(topic, ())]


_LINES: Final = (
    b'{"key": "k", "timestamp": 5, "value": {"a": [1, "\xc3\xa9"]}}\n{"timestamp": 6, "value_text": "<a/>"}\n',
    b'{"key": null, "timestamp": 1791201600000, "value_base64": "AAECAw=="}',
)
_VERSIONS: Final = [
    Version(5, Facts("ESME", "Electricity", "North"), uncommissioned=False, commissioned_us=None),
    Version(9, None, uncommissioned=True, commissioned_us=7),
]
_MANIFEST: Final[Fields] = {
    "month": "2026-10", "status": "final", "stream_clock_us": 5, "tables": {"a": {"sha256": "0", "rows": 1}},
    "revision": 2, "changes": {"figures": 1, "rows_came": 2, "rows_gone": 3},
}  # fmt: skip


def _exported() -> bytes:
    """Return a ledger as it is in a file, unpacked."""
    parts = (["head", 1, "dcca", 1], ["ledger", 0, b"v", to_bytes(1)], ["stray", 0, 5, b"k", None, [["a", b"b"]]])
    content = b"".join(_framed(part) for part in parts)
    return content + _framed(["end", 2, sha256(content).hexdigest()])


def _framed(part: object) -> bytes:
    body = msgspec.msgpack.encode(part)
    return len(body).to_bytes(4, "big") + body


#: Good inputs of targets that are no topics; of ``ledger`` a way of each kind to damage one.
INPUTS: Final[dict[str, tuple[bytes, ...]]] = {
    STRAYS: (f"{TOPIC_HEADER}=alerts\n{PART_HEADER}=whole".encode(), TOPIC_HEADER.encode()),
    "ledger": tuple(bytes((how, 0, how, 0, 0, 0, 9)) + b"d|1" for how in range(6)),
    "clock": (b"=".join(clock_record(1, ShardClock(5, {"alerts": 7}))),),
    "estate": (msgspec.msgpack.encode(_VERSIONS),),
    "recorded": _LINES,
    "packed": tuple(gzip.compress(lines, mtime=0) for lines in _LINES),
    "rules": ((files("dcc_analytics.snapshot") / "rules" / "default.toml").read_bytes(),),
    "manifest": (json.dumps(_MANIFEST).encode(),),
    "ledger_file": (_exported(),),
}


def seeds_of(target: str) -> list[bytes]:
    """Return good inputs of a target."""
    if target in INPUTS:
        return list(INPUTS[target])
    if target != "shard":
        return values_of(target)
    logs = [SEPARATOR.join(logged(topic, value) for value in values_of(topic)) for topic in RECORDS]
    passed_on = ((headers, value) for headers, topic in enumerate(TOPICS[:3], 1) for value in values_of(topic))
    by_strays = [logged(STRAYS, value, headers=headers) for headers, value in passed_on]
    return [SEPARATOR.join(logs), SEPARATOR.join(by_strays), logged(DEVICES, None)]
