"""Response and Alert codes: what class they are of, and their texts where a text is verified."""

from dataclasses import dataclass
from typing import Final, Literal

from dcc_analytics.catalogue.tables import Row, by_key, read_table


def _verified(row: Row, column: str) -> str:
    return row.optional(column) if row.flag("verified") else ""


_RESPONSES: Final = by_key(
    read_table("response_codes.csv", ("code", "meaning")), "code", lambda row: _verified(row, "meaning")
)


@dataclass(frozen=True, slots=True)
class DeviceAlert:
    """A row of the Device Alert table.

    Attributes:
        code: for example ``8F36``.
        device_types: which Devices raise it, as the sources say.
        recipient_role: whom it goes to, as the sources say; empty where they don't.
    """

    code: str
    device_types: str
    recipient_role: str


_DEVICE_ALERT_ROWS: Final = tuple(
    read_table(
        "device_alerts.csv",
        ("code", "name", "device_types", "category", "recipient_role", "criticality", "delivery"),
    )
)
_ALERTS: Final = {
    "dcc": by_key(
        read_table("dcc_alerts.csv", ("code", "name", "recipients", "payload")),
        "code",
        lambda row: _verified(row, "name"),
    ),
    "device": by_key(iter(_DEVICE_ALERT_ROWS), "code", lambda row: _verified(row, "name")),
}
#: All DCC Alert codes there are, in the order of the table.
DCC_ALERT_CODES: Final = tuple(_ALERTS["dcc"])
DEVICE_ALERTS: Final = by_key(
    iter(_DEVICE_ALERT_ROWS),
    "code",
    lambda row: DeviceAlert(row.text("code"), row.optional("device_types"), row.optional("recipient_role")),
)
_OWN: Final = {
    "NO-RESPONSE": "No response within the time-out",
    "I0-DEVICE": "Delivered, but the Device reported a failure",
    "8F67": "A future dated instruction failed on the Device",
}

Grade = Literal["success", "warning", "failure"]


def outcome_class(code: str) -> Grade:
    """Return the class of a response code: I is success, W success with a warning, all else failure.

    Source: contract sections 3.3 and 8 (Ends); adapters of Users use codes of their own.
    """
    first = code[:1]
    return "success" if first == "I" else "warning" if first == "W" else "failure"


def is_response_code(code: str) -> bool:
    """Return whether a response code is one of the table; others are counted as themselves.

    >>> is_response_code("E20"), is_response_code("E4711")
    (True, False)
    """
    return code in _RESPONSES


def is_alert_code(kind: str, code: str) -> bool:
    """Return whether an Alert code is one of its kind's table; others are counted as themselves.

    >>> is_alert_code("dcc", "N13"), is_alert_code("device", "N13")
    (True, False)
    """
    return code in _ALERTS.get(kind, {})


def reason_text(code: str) -> str:
    """Return what a reason of failure means, empty where no verified text is known."""
    return _OWN.get(code) or _RESPONSES.get(code) or _ALERTS["dcc"].get(code, "")


def alert_name(kind: str, code: str) -> str:
    """Return the name of an Alert, empty where no verified name is known."""
    return _ALERTS[kind].get(code, "")
