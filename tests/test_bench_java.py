"""The yardsticks in Java have to do what they are measured at, and are left out where they can't be fetched."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bench.figures import PartFailedError
from bench.matched import UNREADABLE, WINDOW_MS, Counts, check_counts, matched
from bench.parts import kafka_streams
from bench.run import Run

USER, DEVICE = "90-B3-D5-1F-40-01-00-01", "88-73-84-9B-57-12-48-00"
AT_MS = 1_786_698_798_667
SENT_AT = "2026-08-14T09:13:18.667Z"


def request(number: int, *, at_ms: int = AT_MS, key: str = DEVICE, variant: int = 1) -> tuple[str, str, int, object]:
    value = {
        "request_id": f"{USER}:{DEVICE}:{number}",
        "received_at": SENT_AT,
        "srv": "4.1.1",
        "command_variant": variant,
    }
    return "service-requests", key, at_ms, value


def response(number: int, *, at_ms: int = AT_MS + 900, key: str = DEVICE, **more: str) -> tuple[str, str, int, object]:
    value = {"request_id": f"{USER}:{DEVICE}:{number}", "sent_at": SENT_AT, "code": "I0", "kind": "response", **more}
    return "service-responses", key, at_ms, value


def counted(folder: Path, *records: tuple[str, str, int, object], partitions: int = 1) -> Counts:
    """Return what a yardstick has to find in these records."""
    for topic, key, at_ms, value in records:
        with (folder / f"{topic}.ndjson").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"timestamp": at_ms, "key": key, "value": value}) + "\n")
    return matched(folder, partitions=partitions)


def test_a_request_and_its_response_are_counted_by_user_srv_and_outcome_once_however_often_told(tmp_path: Path) -> None:
    records = [request(1), request(2), response(1), response(1), request(1, at_ms=AT_MS + 1000)]
    expected = {(USER, "4.1.1", "requested"): 3, (USER, "4.1.1", "I"): 1}
    assert expected == counted(tmp_path, *records)


def test_a_response_read_before_its_request_waits_for_it(tmp_path: Path) -> None:
    expected = {(USER, "4.1.1", "requested"): 1, (USER, "4.1.1", "E"): 1}
    assert expected == counted(tmp_path, response(1, at_ms=AT_MS - 5, code="E1"), request(1))


def test_a_request_and_a_response_more_than_an_hour_apart_do_not_meet(tmp_path: Path) -> None:
    late = [request(1), response(1, at_ms=AT_MS + WINDOW_MS), request(2), response(2, at_ms=AT_MS + WINDOW_MS + 1)]
    assert 1 == counted(tmp_path, *late)[USER, "4.1.1", "I"]


def test_a_pre_command_ends_the_transform_leg_alone_and_an_acknowledgement_ends_nothing(tmp_path: Path) -> None:
    legs = [request(1, variant=4), request(1, variant=5), response(1, kind="pre_command")]
    assert 1 == counted(tmp_path, *legs, response(1, kind="acknowledgement", code="I99"))[USER, "4.1.1", "I"]


def test_a_response_in_another_partition_than_its_request_meets_it_only_where_it_is_passed_on(tmp_path: Path) -> None:
    astray = [request(1), response(1, key=DEVICE.lower())]
    assert 1 == counted(tmp_path, *astray)[USER, "4.1.1", "I"]
    assert 0 == matched(tmp_path, partitions=1 << 20)[USER, "4.1.1", "I"]


def test_what_cannot_be_read_is_counted_as_such(tmp_path: Path) -> None:
    assert {UNREADABLE: 1} == counted(tmp_path, ("alerts", DEVICE, AT_MS, "no Alert"))


def test_a_yardstick_that_counts_nothing_or_one_too_many_does_not_pass() -> None:
    expected = Counter({(USER, "4.1.1", "requested"): 3, (USER, "4.1.1", "I"): 2})
    check_counts(Counter(expected), expected)
    with pytest.raises(
        PartFailedError, match=rf"^it counted 0 requests of 3, and 2 counts differ, .* {USER} 4.1.1 I: 0"
    ):
        check_counts(Counter(), expected)
    with pytest.raises(PartFailedError, match="it counted 4 requests of 3, and 1 counts differ"):
        check_counts(expected + Counter({(USER, "4.1.1", "requested"): 1}), expected)


@pytest.mark.slow
def test_a_yardstick_whose_jars_cannot_be_fetched_is_left_out_with_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    absent = replace(kafka_streams.JARS, coordinates=("no.such:thing:1",))
    job = kafka_streams.JOB._replace(jars=(absent,))
    monkeypatch.setattr("bench.jvm.COMPILER", absent)
    with Run(34_400) as run:
        assert [] == job.measure(run, 1000)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("  left out: no.such:thing:1 could not be fetched")
