"""Decoding: one record's bytes become one event, or a ``Rejected`` that says why not.

A bad record is a value, never an exception: it must not stop the stream and must not be lost.
Source: contract sections 1, 2 (facts of a Device) and 8 (Records).
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, TypeAlias, TypeVar

import msgspec

from dcc_analytics.stream import events, wire
from dcc_analytics.stream.alert_details import details_of
from dcc_analytics.stream.identity import IdentityError, eui64, request_id
from dcc_analytics.stream.instants import DAY_US, instant_us

UNKNOWN: Final = "Unknown"

#: A request to be executed in this year cancels an earlier one (RTDS: ExecutionDateTime 3000-12-31).
CANCELLING_YEAR: Final = 3000

_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()

_E = TypeVar("_E")
Decoded: TypeAlias = _E | events.Rejected


def decode_request(value: bytes) -> events.Request:
    """Read a Service Request. Raises what ``decoded`` turns into a ``Rejected``."""
    raw = _request(value)
    execute_at = raw.execute_at
    cancels = execute_at is not None and execute_at.year >= CANCELLING_YEAR
    return events.Request(
        request_id(raw.request_id),
        instant_us(raw.received_at),
        raw.srv,
        raw.command_variant,
        raw.role or "",
        None if raw.device is None else eui64(raw.device),
        None if execute_at is None else instant_us(execute_at),
        cancels,
        events.NO_PARAMETERS if raw.parameters is None else _parameters(raw.parameters),
    )


def _parameters(raw: wire.WireRequestParameters) -> events.Parameters:
    return events.Parameters(
        raw.payment_mode,
        raw.credential_type,
        raw.remote_party_role,
        raw.top_up_pence,
        _optional_eui64(raw.other_device),
        tuple(map(eui64, raw.devices or ())),
    )


def decode_response(value: bytes) -> events.Response | events.ScheduledResult:
    """Read a message sent back. Raises what ``decoded`` turns into a ``Rejected``."""
    raw = _response(value)
    device, user = _optional_eui64(raw.device), _optional_eui64(raw.user)
    kind = raw.kind or "response"
    if kind == "scheduled":
        return _scheduled(raw, device, user)
    if raw.request_id is None:
        raise msgspec.ValidationError("Object missing required field `request_id`")
    instruction = raw.instruction
    if kind == "future_dated" and instruction is None:
        raise msgspec.ValidationError("kind is future_dated, but there is no `instruction`")
    return events.Response(
        request_id(raw.request_id),
        instant_us(raw.sent_at),
        raw.code,
        kind,
        device,
        raw.device_result == "failure",
        None
        if instruction is None
        else events.Instruction(instruction.number, instruction.total, instruction.alert == "8F67"),
    )


def _scheduled(raw: wire.WireResponse, device: str | None, user: str | None) -> events.ScheduledResult:
    if user is None or not raw.srv or raw.planned_at is None:
        missing = next(name for name in ("user", "srv", "planned_at") if not getattr(raw, name))
        raise msgspec.ValidationError(f"kind is scheduled, but there is no `{missing}`")
    return events.ScheduledResult(
        user,
        raw.role or "",
        raw.srv,
        device,
        raw.schedule_id or "",
        instant_us(raw.planned_at),
        instant_us(raw.sent_at),
        raw.code,
        raw.device_result == "failure",
    )


def decode_alert(value: bytes) -> events.Alert:
    """Read an Alert. Raises what ``decoded`` turns into a ``Rejected``."""
    raw = _alert(value)
    named = raw.request_id
    delivery_succeeded = None
    parameters = raw.parameters
    if parameters is not None:
        if named is None:
            named = parameters.request_id
        if parameters.target_device is not None and parameters.result is not None:
            delivery_succeeded = parameters.result == "success"
    return events.Alert(
        raw.alert_id,
        raw.kind,
        raw.code,
        eui64(raw.recipient),
        raw.role or "",
        None if raw.device is None else eui64(raw.device),
        instant_us(raw.raised_at),
        instant_us(raw.ended_at),
        raw.outcome == "delivered",
        raw.throttled_count or 0,
        None if named is None else request_id(named),
        delivery_succeeded,
        None if parameters is None else details_of(parameters),
    )


def decode_device(value: bytes) -> events.DeviceVersion:
    """Read a version of a Device's record. Raises what ``decoded`` turns into a ``Rejected``."""
    return _version(_device(value))


def decode_whole_device(value: bytes) -> tuple[events.DeviceVersion, wire.WireDevice]:
    """Read the same with every field of the record beside it, as the inventory lists them."""
    raw = _device(value)
    return _version(raw), raw


def _version(raw: wire.WireDevice) -> events.DeviceVersion:
    hub = _optional_eui64(raw.chf)
    region = rolled_up(raw.csp_region)
    return events.DeviceVersion(
        eui64(raw.device),
        instant_us(raw.as_of),
        raw.device_type,
        raw.status,
        bool(raw.removed),
        region,
        _smets_version(raw, region),
        raw.device_manufacturer or UNKNOWN,
        raw.device_model or UNKNOWN,
        raw.device_firmware_version or UNKNOWN,
        _midnight_us(raw.date_commissioned),
        _registration(raw),
        hub,
        raw.import_mpxn,
    )


def _registration(raw: wire.WireDevice) -> events.Registration:
    return events.Registration(
        _optional_eui64(raw.import_supplier_id),
        _optional_eui64(raw.export_supplier_id),
        _optional_eui64(raw.gas_supplier_id),
        _optional_eui64(raw.network_operator_id),
    )


def _optional_eui64(text: str | None) -> str | None:
    return None if text is None else eui64(text)


def rolled_up(csp_region: str | None) -> str:
    """Return a Region with 4G rolled up: 4G North is North (contract section 2)."""
    return UNKNOWN if not csp_region else csp_region.removeprefix("4G ")


def _smets_version(raw: wire.WireDevice, region: str) -> str:
    """Return SMETS1 or SMETS2+: the field, else by Region or specification (contract section 8)."""
    if raw.smets_version:
        return raw.smets_version
    made_to = raw.smets_chts_version or ""
    return "SMETS1" if region == "SMETS1" or made_to.startswith("SMETS1") else "SMETS2+"


def _midnight_us(day: str | None) -> int | None:
    """Return the UTC midnight a date begins with; a date with ``Z`` or a time after it is read too."""
    if not day:
        return None
    try:
        return (date.fromisoformat(day[:10]).toordinal() - _EPOCH_ORDINAL) * DAY_US
    except ValueError as unreadable:
        raise msgspec.ValidationError(f"date_commissioned is no date: {day[:30]!r}") from unreadable


def decode_incident(value: bytes) -> events.Incident:
    """Read a version of an Incident. Raises what ``decoded`` turns into a ``Rejected``."""
    raw = _incident(value)
    return events.Incident(
        raw.incident,
        raw.category,
        instant_us(raw.opened_at),
        None if raw.closed_at is None else instant_us(raw.closed_at),
        tuple(raw.regions or ()),
        raw.summary or "",
        instant_us(raw.as_of),
    )


def decode_user(value: bytes) -> events.UserEntry:
    """Read a version of a User's entry. Raises what ``decoded`` turns into a ``Rejected``."""
    raw = _user(value)
    return events.UserEntry(
        eui64(raw.user),
        raw.party,
        raw.party_name or raw.party,
        raw.group or raw.party,
        tuple(raw.roles),
        raw.size or "",
        instant_us(raw.as_of),
    )


_request: Final = msgspec.json.Decoder(wire.WireRequest).decode
_response: Final = msgspec.json.Decoder(wire.WireResponse).decode
_alert: Final = msgspec.json.Decoder(wire.WireAlert).decode
_device: Final = msgspec.json.Decoder(wire.WireDevice).decode
_incident: Final = msgspec.json.Decoder(wire.WireIncident).decode
_user: Final = msgspec.json.Decoder(wire.WireUser).decode

#: For each topic the function that reads its records.
DECODERS: Final[Mapping[str, Callable[[bytes], events.StreamEvent]]] = {
    "service-requests": decode_request,
    "service-responses": decode_response,
    "alerts": decode_alert,
}

#: Likewise for the reference topics that are only checked while folding.
REFERENCE_DECODERS: Final[Mapping[str, Callable[[bytes], events.Incident | events.UserEntry]]] = {
    "incidents": decode_incident,
    "users": decode_user,
}

#: With these translations a number that may be too great for any type, like 1e400 or 1E+400, shows as ``e000``; a
#: decoder passes over what it has no field for. A quarter of the time a regular expression takes.
_DIGITS_AND_E: Final = bytes.maketrans(b"123456789E", b"000000000e")
_LONG_EXPONENT: Final = b"e000"

#: Longest reason: the words quote the value that is wrong, which may be as long as the record.
_MOST_LETTERS: Final = 400

#: What a decoder may raise on bytes from outside; anything else is a fault of ours and stops the worker.
UNREADABLE: Final = (
    msgspec.MsgspecError,
    IdentityError,
    UnicodeDecodeError,
    RecursionError,
    OverflowError,
)


def decoded(decoder: Callable[[bytes], _E], value: bytes | None) -> Decoded[_E]:
    """Return the event a record's value holds, or why it holds none.

    Args:
        decoder: one of this module's ``decode_…`` functions.
        value: the record's bytes; None for a record without value.
    """
    if value is None:
        return events.Rejected("the record has no value")
    try:
        event = decoder(value)
        if _LONG_EXPONENT in value.translate(_DIGITS_AND_E, b"+") or not value.isascii():
            _check_whole(value)
    except UNREADABLE as unreadable:
        return events.Rejected(refusal(value, unreadable))
    return event


def _check_whole(value: bytes) -> None:
    """Check what stands under names that are ignored too: it must be UTF-8, and no number beyond all bounds.

    Raises:
        UnicodeDecodeError, msgspec.MsgspecError: it is not.
    """
    value.decode()
    msgspec.json.decode(value)


def refusal(value: bytes, unreadable: BaseException) -> str:
    """Return the sentence a dead letter carries."""
    if value[:1] == b"<":
        return "a DUIS XML message: only JSON records are read"
    if not value.strip():
        return "the record's value is empty"
    words = str(unreadable) or type(unreadable).__name__
    # Its end says at which path, and closes the quotes of the value.
    return words if len(words) <= _MOST_LETTERS else f"{words[: _MOST_LETTERS // 2]}…{words[-_MOST_LETTERS // 2 :]}"
