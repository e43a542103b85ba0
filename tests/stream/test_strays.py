"""A stray carries its record unchanged, and where it was first read: contract section 1."""

from typing import Any

import pytest

from dcc_analytics.stream.strays import ALERT_END, WHOLE, Origin, first_read_at, read_stray, stray_of
from tests.desk import DEVICE
from tests.driver import LogRecord

RECORD = LogRecord(17, 1_791_201_600_000, b"wrong key", b"{bytes}")
POSITION = {"dcca-topic": b"alerts", "dcca-partition": b"3", "dcca-offset": b"17"}


def test_a_stray_has_the_records_bytes_and_timestamp_and_its_subject_as_its_key() -> None:
    stray = stray_of("alerts", 3, RECORD, DEVICE, 5)
    assert (DEVICE, 5, 1_791_201_600_000, b"{bytes}") == (stray.subject, stray.home, stray.timestamp_ms, stray.value)
    assert {**POSITION, "dcca-part": WHOLE} == dict(stray.headers)


def test_a_record_passed_on_again_keeps_its_first_position() -> None:
    once = stray_of("alerts", 3, RECORD, DEVICE, 5)
    passed = LogRecord(0, once.timestamp_ms, once.subject.encode(), once.value, [*once.headers, ("trace", b"x")])
    again = stray_of("strays", 5, passed, DEVICE, 1, part=ALERT_END)
    assert {**POSITION, "dcca-part": ALERT_END} == dict(again.headers)


def test_headers_of_the_feed_itself_are_not_taken_for_a_position() -> None:
    own = [("trace", b"x"), ("topic", b"crm-updates"), ("partition", b"9"), ("offset", b"1"), ("part", b"alert-end")]
    stray = stray_of("alerts", 3, LogRecord(17, 0, None, b"", own), DEVICE, 5)
    assert {**POSITION, "dcca-part": WHOLE} == dict(stray.headers)
    assert Origin("alerts", WHOLE, None) == read_stray(LogRecord(0, 0, None, b"", stray.headers))


def test_headers_that_say_what_a_document_does_not_go_with_it_each_time_it_is_passed_on() -> None:
    own = [("received_at", b"2026-10-05T12:00:00Z"), ("recipient", b"x"), ("trace", b"x")]
    once = stray_of("alerts", 3, LogRecord(17, 0, None, b"<", own), DEVICE, 5)
    again = stray_of("strays", 5, LogRecord(0, 0, None, b"<", once.headers), DEVICE, 1, part=ALERT_END)
    expected = {**POSITION, "received_at": b"2026-10-05T12:00:00Z", "recipient": b"x", "dcca-part": ALERT_END}
    assert expected == dict(again.headers)


@pytest.mark.parametrize("part", [WHOLE, ALERT_END])
def test_topic_and_part_are_read_back(part: bytes) -> None:
    stray = stray_of("alerts", 3, RECORD, DEVICE, 5, part=part)
    record = LogRecord(0, 0, None, stray.value, stray.headers)
    assert Origin("alerts", part, None) == read_stray(record)


def test_a_record_nobody_passed_on_has_no_origin() -> None:
    assert Origin("", WHOLE, None) == read_stray(LogRecord(0, 0, None, b""))


def test_a_header_that_is_null_says_nothing() -> None:
    nulls: Any = [(name, None) for name in ("dcca-topic", "dcca-part", "dcca-application")]
    assert Origin("", WHOLE, None) == read_stray(LogRecord(0, 0, None, b"", nulls))


def test_a_header_of_rubbish_is_no_origin_and_no_exception() -> None:
    rubbish = LogRecord(0, 0, None, b"", [("dcca-topic", b"\xff\xfe")])
    assert read_stray(rubbish)[0] not in {"alerts", "service-requests"}


def test_where_a_record_was_first_read_is_read_back() -> None:
    once = stray_of("alerts", 3, RECORD, DEVICE, 5)
    assert ("alerts", 3, 17) == first_read_at(LogRecord(0, 0, None, once.value, once.headers))
    assert first_read_at(RECORD) is None


@pytest.mark.parametrize("number", [None, b"", b"-1", b"0x1", b"\xff", b"9" * 5_000])
def test_a_place_of_rubbish_is_none_and_no_exception(number: bytes | None) -> None:
    said: Any = [*POSITION.items(), ("dcca-offset", number)]
    assert first_read_at(LogRecord(0, 0, None, b"", said)) is None


def test_a_stray_is_for_the_application_that_passed_it_on_and_for_no_other() -> None:
    once = stray_of("alerts", 3, RECORD, DEVICE, 5, application="dcca")
    passed = LogRecord(0, once.timestamp_ms, once.subject.encode(), once.value, once.headers)
    again = stray_of("strays", 5, passed, DEVICE, 1, application="dcca")
    for stray in (once, again):
        origin = read_stray(LogRecord(0, 0, None, b"", stray.headers))
        assert (True, False, True) == (origin.is_for("dcca"), origin.is_for("rebuilt"), origin.is_for(None))
    assert once.headers == again.headers


def test_a_stray_an_older_release_passed_on_is_for_every_application() -> None:
    assert read_stray(LogRecord(0, 0, None, b"", stray_of("alerts", 3, RECORD, DEVICE, 5).headers)).is_for("dcca")
