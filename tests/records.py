"""Records of the feed as bytes, made of the fields a test cares about."""

import json
from datetime import UTC, datetime
from typing import Any

from dcc_analytics.stream.instants import instant_us

USER = "90-B3-D5-1F-30-01-00-00"
DEVICE = "88-73-84-90-6A-10-02-DB"
RID = f"{USER}:{DEVICE}:7"
NOON_US = instant_us(datetime(2026, 10, 5, 12, tzinfo=UTC))

Fields = dict[str, Any]
REQUEST: Fields = {"request_id": RID, "received_at": "2026-10-05T12:00:00Z", "srv": "4.8.1", "command_variant": 1}
RESPONSE: Fields = {"request_id": RID, "sent_at": "2026-10-05T12:00:00Z", "code": "I0"}
SCHEDULED: Fields = {
    "kind": "scheduled", "sent_at": "2026-10-05T12:00:00Z", "code": "I0", "user": USER, "srv": "4.8.1",
    "planned_at": "2026-10-05T00:00:00Z",
}  # fmt: skip
ALERT: Fields = {
    "alert_id": "a-1", "kind": "dcc", "code": "N13", "recipient": USER, "raised_at": "2026-10-05T11:00:00Z",
    "ended_at": "2026-10-05T12:00:00Z", "outcome": "delivered",
}  # fmt: skip
#: A record of each source topic with its required fields alone.
KINDS: dict[str, Fields] = {"service-requests": REQUEST, "service-responses": RESPONSE, "alerts": ALERT}


def text(fields: Fields, **changed: object) -> bytes:
    """Return a record's bytes; a field changed to ``...`` is left out."""
    said = {name: value for name, value in {**fields, **changed}.items() if value is not ...}
    return json.dumps(said, ensure_ascii=False).encode()
