"""Which fields a record must and may have, and of what type (contract sections 1 and 8, Records)."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

_EUI64: Final = re.compile(r"[0-9A-F]{2}(-[0-9A-F]{2}){7}")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTERS: Final = 2**64


class Refused(Exception):  # noqa: N818 (it is no fault of the program)
    """The record is a dead letter."""


Reader = Callable[[Any], Any]


def instant_us(value: object) -> int:
    """Return an RFC 3339 instant as whole microseconds since 1970."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise Refused
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as bad:
        raise Refused from bad
    return (moment - _EPOCH) // timedelta(microseconds=1)


def eui64(value: object) -> str:
    """Return a Device or User id in upper case."""
    if not isinstance(value, str):
        raise Refused
    return _eui64(value)


@lru_cache(maxsize=200_000)
def _eui64(text: str) -> str:
    if not _EUI64.fullmatch(text.upper()):
        raise Refused
    return text.upper()


def request_id(value: object) -> str:
    """Return originator, target and counter in upper case."""
    if not isinstance(value, str):
        raise Refused
    parts = value.upper().split(":")
    if len(parts) != 3 or not re.fullmatch(r"[0-9]{1,20}", parts[2]) or int(parts[2]) >= _COUNTERS:
        raise Refused
    return ":".join((eui64(parts[0]), eui64(parts[1]), parts[2]))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise Refused
    return value


def _any_text(value: object) -> str:
    if not isinstance(value, str):
        raise Refused
    return value


def _whole(low: int, high: int) -> Reader:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Refused
        return value

    return read


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Refused
    return value


def _one_of(*known: str) -> Reader:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in known:
            raise Refused
        return value

    return read


def _list_of(reader: Reader) -> Reader:
    def read(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise Refused
        return [reader(each) for each in value]

    return read


def _object(required: Mapping[str, Reader], optional: Mapping[str, Reader]) -> Reader:
    """Return a reader of an object: a field that is null is absent, one that is not named is ignored."""
    readers = {**required, **optional}

    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Refused
        fields = {name: readers[name](each) for name, each in value.items() if each is not None and name in readers}
        if not fields.keys() >= required.keys():
            raise Refused
        return fields

    return read


_COUNT: Final = _whole(0, 2**63 - 1)
_REQUEST_PARAMETERS: Final = _object(
    {},
    {
        "payment_mode": _any_text,
        "credential_type": _any_text,
        "remote_party_role": _any_text,
        "top_up_pence": _number,
        "other_device": eui64,
        "devices": _list_of(eui64),
    },
)
_ALERT_PARAMETERS: Final = _object(
    {},
    {
        "started_at": instant_us,
        "mpxn": _any_text,
        "interrupted_at": instant_us,
        "restored_at": instant_us,
        "remote_party_role": _any_text,
        "s1sp_code": _any_text,
        "request_id": request_id,
        "target_device": eui64,
        "result": _any_text,
    },
)
_INSTRUCTION: Final = _object({"number": _COUNT, "total": _COUNT, "alert": _text}, {})
_DEVICE_TEXTS: Final = (
    "csp_region", "smets_version", "smets_chts_version", "device_manufacturer", "device_model",
    "device_firmware_version", "date_commissioned",
)  # fmt: skip

_RECORDS: Final[dict[str, Reader]] = {
    "service-requests": _object(
        {"request_id": request_id, "received_at": instant_us, "srv": _text, "command_variant": _whole(1, 8)},
        {
            "role": _any_text, "device": eui64, "execute_at": instant_us, "schedule_id": _any_text,
            "parameters": _REQUEST_PARAMETERS,
        },
    ),
    "service-responses": _object(
        {"sent_at": instant_us, "code": _text},
        {
            "request_id": request_id,
            "kind": _one_of("acknowledgement", "pre_command", "response", "future_dated", "scheduled"),
            "device": eui64, "device_result": _one_of("success", "failure"), "instruction": _INSTRUCTION,
            "schedule_id": _any_text, "user": eui64, "role": _any_text, "srv": _text, "planned_at": instant_us,
        },
    ),
    "alerts": _object(
        {
            "alert_id": _text, "code": _text, "recipient": eui64, "raised_at": instant_us, "ended_at": instant_us,
            "outcome": _one_of("delivered", "failed"), "kind": _one_of("dcc", "device"),
        },
        {
            "role": _any_text, "device": eui64, "attempts": _COUNT, "throttled_count": _COUNT,
            "request_id": request_id, "parameters": _ALERT_PARAMETERS,
        },
    ),
    "devices": _object(
        {"device": eui64, "as_of": instant_us, "device_type": _text, "status": _text},
        {"removed": _flag, "chf": eui64} | dict.fromkeys(_DEVICE_TEXTS, _any_text),
    ),
    "incidents": _object(
        {"incident": _text, "category": _whole(1, 5), "opened_at": instant_us, "as_of": instant_us},
        {"closed_at": instant_us, "regions": _list_of(_any_text), "summary": _any_text},
    ),
    "users": _object(
        {"user": eui64, "party": _text, "roles": _list_of(_any_text), "as_of": instant_us},
        {"party_name": _any_text, "group": _any_text, "size": _one_of("large", "small")},
    ),
}  # fmt: skip
_RESPONSE_NEEDS: Final = {
    "scheduled": ("user", "srv", "planned_at"),
    "future_dated": ("request_id", "instruction"),
}


def whole_record(topic: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return the named fields of a record.

    Raises:
        Refused: it is a dead letter.
    """
    event: dict[str, Any] = _RECORDS[topic](value)
    if topic == "service-responses":
        event.setdefault("kind", "response")
        if any(name not in event for name in _RESPONSE_NEEDS.get(event["kind"], ("request_id",))):
            raise Refused
    return event
