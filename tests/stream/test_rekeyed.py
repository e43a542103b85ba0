"""Where a record of a foreign topic belongs: under its subject, or where it is counted as a dead letter."""

import pytest

from dcc_analytics.stream.home import partition_of
from dcc_analytics.stream.recorded import MadeRecord
from dcc_analytics.stream.rekeyed import Placed, Source, placed
from tests.records import ALERT, DEVICE, NOON_US, REQUEST, RESPONSE, RID, SCHEDULED, USER, Fields, text

PARTITIONS = 7
DEVICE_RECORD: Fields = {
    "device": DEVICE.lower(), "device_type": "ESME", "status": "Commissioned", "as_of": "2026-10-05T12:00:00Z",
}  # fmt: skip
USER_RECORD: Fields = {"user": USER, "party": "NWE", "roles": ["IS"], "as_of": "2026-10-05T12:00:00Z"}
INCIDENT: Fields = {
    "incident": "INC-1", "category": 1, "opened_at": "2026-10-05T12:00:00Z", "as_of": "2026-10-05T12:00:00Z",
}  # fmt: skip


def where(kind: str, value: bytes | None, key: bytes | None = b"any", *, ignore_keys: bool = False) -> Placed:
    """Return where a record at toc/3/17 belongs."""
    record = MadeRecord(17, NOON_US // 1000, key, value)
    return placed(Source("toc", kind), 3, record, PARTITIONS, ignore_keys=ignore_keys)


@pytest.mark.parametrize(
    ("key", "kind", "value"),
    [
        (DEVICE, "service-requests", text(REQUEST, device=DEVICE.lower())),
        (USER, "service-requests", text(REQUEST)),
        (DEVICE, "service-responses", text(RESPONSE, device=DEVICE)),
        (DEVICE, "service-responses", text(RESPONSE, request_id=RID.lower())),
        (USER, "service-responses", text(SCHEDULED)),
        (DEVICE, "alerts", text(ALERT, device=DEVICE)),
        (USER, "alerts", text(ALERT, recipient=USER.lower())),
        (DEVICE, "devices", text(DEVICE_RECORD)),
        (USER, "users", text(USER_RECORD)),
        ("INC-1", "incidents", text(INCIDENT)),
    ],
)
def test_a_record_goes_under_its_subject_whatever_key_it_had(key: str, kind: str, value: bytes) -> None:
    expected = Placed(key.encode(), partition_of(key, PARTITIONS), is_read=True)
    for had in (None, b"", b"any", b"\xff"):
        assert expected == where(kind, value, had)


def test_a_response_without_device_goes_by_a_key_that_is_one_unless_keys_are_ignored() -> None:
    other = DEVICE[:-2] + "FF"
    assert other.encode() == where("service-responses", text(RESPONSE), other.lower().encode()).key
    assert DEVICE.encode() == where("service-responses", text(RESPONSE), other.encode(), ignore_keys=True).key


@pytest.mark.parametrize("value", [None, b"", b"{}", b"<Request/>", b"\xff"])
def test_an_event_that_cannot_be_read_keeps_its_key_and_goes_on(value: bytes | None) -> None:
    assert Placed(b"any", partition_of("any", PARTITIONS), is_read=False) == where("alerts", value)
    assert Placed(None, 3, is_read=False) == where("alerts", value, None)


def test_on_a_compacted_topic_what_cannot_be_read_replaces_no_version_that_can() -> None:
    assert b"any@toc/3/17" == where("devices", b"{}").key
    assert b"@toc/3/17" == where("users", b"{}", None).key
    assert b"@toc/3/17" == where("incidents", None, None).key
    assert not where("devices", b"{}").is_read


def test_a_null_takes_away_what_its_key_names() -> None:
    assert Placed(DEVICE.encode(), partition_of(DEVICE, PARTITIONS), is_read=True) == where(
        "devices", None, DEVICE.lower().encode()
    )
    assert b"inc-1" == where("incidents", None, b"inc-1").key
