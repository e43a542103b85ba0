"""What a GBCS payload says in the clear: who speaks to whom, and when an Alert was raised.

The payload of a Device's message is binary. Its first part names originator and target, whatever follows; the first
part of an Alert has its code and the Device's own time, in one of three codings (DLMS COSEM, ASN.1, GBZ). No more is
read: the rest of a message may be enciphered, and is the User's.

Source: GBCS 4 as the messages of RTDS 4.5.0 show it; all 93 Alerts of that library were read so.
"""

import binascii
import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from dcc_analytics.stream.instants import instant_text, instant_us

_LENGTH: Final = rb"(?:[\x00-\x7f]|\x81.|\x82..)"

#: A MAC header where there is one, then DF 09, what it is (command, response, Alert), counter, originator, target, no
#: date, and so many bytes of other information: message code, then a supplementary remote party, or less.
_HEADER: Final = re.compile(
    rb"(?:\xdd\x00{6}" + _LENGTH + rb"\x11.{4})?\xdf\x09([\x01-\x03]).{8}\x08(.{8})\x08(.{8})\x00([\x02-\x22])",
    re.DOTALL,
)
#: Message code, supplementary remote party and its counter.
_WITH_PARTY: Final = 18
_IS_ALERT: Final = b"\x03"

#: The beginnings of an Alert: its code and the Device's time.
_DLMS: Final = re.compile(_LENGTH + rb"\x0f.{4}\x00\x02.\x12(..)\x09\x0c(.{12})", re.DOTALL)
_ASN1: Final = re.compile(_LENGTH + rb"\x30" + _LENGTH + rb"\x02\x03\x00(..)\x18\x0f([0-9]{14})Z", re.DOTALL)
_GBZ: Final = re.compile(_LENGTH + rb"\x01\x09.(..)(.{4})", re.DOTALL)
#: After it in an Alert of a restored supply (8F35 to 8F3C): from when to when it was interrupted.
_OUTAGE: Final = re.compile(rb"\x09\x0c(.{12})\x09\x0c(.{12})", re.DOTALL)
_RESTORED: Final = frozenset(f"8F{number:02X}" for number in range(0x35, 0x3D))

#: "Deviation not specified" of a DLMS time: UTC by GBCS.
_NO_DEVIATION: Final = b"\x80\x00"
_ZIGBEE_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Payload(NamedTuple):
    """What a GBCS payload says; instants as RFC 3339, None where it says none."""

    originator: str
    target: str
    party: str | None
    """The User the DCC speaks for, where ``target`` is the DCC."""
    code: str | None = None
    raised_at: str | None = None
    interrupted_at: str | None = None
    restored_at: str | None = None


def opened(text: str | None) -> Payload | None:
    """Return what the payload of a ``GBCSPayload`` element says; None for one that is absent or not GBCS.

    A payload decides nothing that a document says itself, so one that can't be read refuses none.
    """
    if text is None:
        return None
    try:
        raw = binascii.a2b_base64(text)
    except ValueError:  # no base64, or no ASCII
        return None
    header = _HEADER.match(raw)
    if header is None:
        return None
    ends = header.end() + header[4][0]
    other = raw[header.end() : ends]
    party = _eui64(other[2:10]) if len(other) >= _WITH_PARTY else None
    said = Payload(_eui64(header[2]), _eui64(header[3]), party)
    return _alert(said, raw, ends) if header[1] == _IS_ALERT else said


def _eui64(raw: bytes) -> str:
    return raw.hex("-").upper()


def _alert(said: Payload, raw: bytes, at: int) -> Payload:
    """Return a payload with the code and the times of the Alert that begins at an offset, if one does."""
    if found := _DLMS.match(raw, at):
        code = found[1].hex().upper()
        outage = _OUTAGE.match(raw, found.end()) if code in _RESTORED else None
        interrupted, restored = (_dlms(outage[1]), _dlms(outage[2])) if outage is not None else (None, None)
        return Payload(*said[:3], code, _dlms(found[2]), interrupted, restored)
    if found := _ASN1.match(raw, at):
        return Payload(*said[:3], found[1].hex().upper(), _asn1(found[2].decode()))
    if found := _GBZ.match(raw, at):
        raised = _ZIGBEE_EPOCH + timedelta(seconds=int.from_bytes(found[2]))
        return Payload(*said[:3], found[1].hex().upper(), _text(raised))
    return said


def _dlms(raw: bytes) -> str | None:
    """Return a DLMS date-time: year, month, day, weekday, hour, minute, second, hundredths, deviation, status."""
    hundredths = 0 if raw[8] == 0xFF else raw[8]  # not specified
    if raw[9:11] not in {_NO_DEVIATION, b"\0\0"}:
        return None
    try:
        year = int.from_bytes(raw[:2])
        return _text(datetime(year, raw[2], raw[3], raw[5], raw[6], raw[7], hundredths * 10_000, tzinfo=UTC))
    except ValueError:
        return None


def _asn1(digits: str) -> str | None:
    try:
        return _text(datetime.strptime(f"{digits}+0000", "%Y%m%d%H%M%S%z"))
    except ValueError:
        return None


def _text(instant: datetime) -> str:
    return instant_text(instant_us(instant))
