"""The batch that stands beside the product counts what it says, so that its speed is that of work done."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.batch import by_user_srv_and_region
from bench.figures import PartFailedError
from bench.parts.polars_batch import check
from dcc_analytics.stream.instants import instant_text
from tests.desk import DEVICE, NOON, USER, S, rid
from tests.recorded_sample import SAMPLE

BEGINS, ENDS = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
INSTRUCTION = {"kind": "future_dated", "code": "I0"}
Fields = dict[str, object]
Row = tuple[object, ...]


def request(number: int, srv: str, variant: int = 1, **fields: object) -> Fields:
    said = {"request_id": rid(number), "received_at": instant_text(NOON), "srv": srv, "command_variant": variant}
    return {**said, "device": DEVICE, **fields}


def response(number: int, after_us: int, **fields: object) -> Fields:
    return {"request_id": rid(number), "sent_at": instant_text(NOON + after_us), "code": "I0", **fields}


def told(number: int, total: int, alert: str) -> Fields:
    return {**INSTRUCTION, "instruction": {"number": number, "total": total, "alert": alert}}


def rows_of(folder: Path, requests: list[Fields], responses: list[Fields], alerts: list[Fields]) -> list[Row]:
    """Return the rows over a folder of these records and of a Device in the South, a later record said."""
    devices: list[Fields] = [
        {"device": DEVICE, "as_of": instant_text(NOON - day * 86_400 * S), "csp_region": region}
        for day, region in ((1, "4G South"), (2, "North"))
    ]
    topics = {"service-requests": requests, "service-responses": responses, "alerts": alerts, "devices": devices}
    for topic, records in topics.items():
        lines = [json.dumps({"timestamp": NOON // 1000, "key": DEVICE, "value": each}) for each in records]
        text = "\n".join([*lines, json.dumps({"timestamp": 0, "key": None, "value_text": "not JSON"})])
        (folder / f"{topic}.ndjson").write_text(text, encoding="utf-8")
    return by_user_srv_and_region(folder, BEGINS, ENDS).rows()


def test_round_trips_are_counted_and_timed_by_user_srv_and_region(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        [
            *(request(number, "4.8.1") for number in (1, 2, 3, 4, 4)),  # the fourth is told twice
            request(5, "7.4", variant=4),
            request(5, "7.4", variant=5),
            request(6, "8.11", variant=8, device=None),
            request(7, "11.1", variant=8),
            request(8, "1.1.1", execute_at=instant_text(NOON + 60 * S)),
            request(9, "1.1.1", execute_at="3000-12-31T00:00:00.000Z"),
            request(10, "4.8.1", received_at="2026-09-30T23:59:59.999Z"),
        ],
        [
            response(1, 1 * S, kind="acknowledgement", code="I99"),
            response(1, 4 * S),
            response(1, 9 * S, code="E21"),
            response(2, 2 * S, kind="response", code="W1"),
            response(3, 1 * S, device_result="failure"),
            response(5, 3 * S, kind="pre_command"),
            response(6, 5 * S, kind="acknowledgement", code="I99"),
            response(8, 30 * S, kind="response"),
            response(8, 61 * S, **told(1, 2, "8F66")),
            response(8, 62 * S, **told(2, 2, "8F66")),
            response(10, 1 * S),
            {"kind": "scheduled", "user": USER, "srv": "4.6.1", "device": DEVICE, "schedule_id": "1", "code": "I0",
             "planned_at": instant_text(NOON), "sent_at": instant_text(NOON + 7 * S)},
        ],
        [
            {"raised_at": instant_text(NOON + 8 * S), "parameters": {"request_id": rid(7), "target_device": DEVICE,
             "result": "success"}},
            {"raised_at": instant_text(NOON + 8 * S), "request_id": rid(5)},
            {"raised_at": instant_text(NOON + 8 * S)},
        ],
    )  # fmt: skip
    assert [
        (USER, "1.1.1", "South", 1, 1, 2000.0, 2000.0, 2000.0),  # from its execution to the second of two instructions
        (USER, "11.1", "South", 1, 1, 8000.0, 8000.0, 8000.0),  # delivered, as an Alert says
        (USER, "4.6.1", "South", 1, 1, 7000.0, 7000.0, 7000.0),
        (USER, "4.8.1", "South", 4, 2, 2100.0, 3000.0, 3900.0),  # 2 s and 4 s; one failed, one never answered
        (USER, "7.4", "South", 1, 0, None, None, None),  # failed by an Alert; its Pre-Command is no row
        (USER, "8.11", "Unknown", 1, 1, 5000.0, 5000.0, 5000.0),  # nothing but the acceptance follows
    ] == rows


def test_over_the_sample_it_is_apart_from_what_is_expected_by_the_rules_it_leaves_out() -> None:
    expected = json.loads((SAMPLE / "expected" / "totals.json").read_text(encoding="utf-8"))
    rows = by_user_srv_and_region(SAMPLE, BEGINS, ENDS)
    assert expected["month"]["requests"] + expected["cancelled"] == rows["requests"].sum()
    told_earlier = 3  # failures that came after the success, with an instant before it
    assert expected["month"]["success"] - told_earlier == rows["successes"].sum()


def test_a_batch_that_has_done_nothing_does_not_pass() -> None:
    check("requests", 1_003, 1_000)
    for found, product in ((0, 1_000), (996, 1_000), (0, 0)):
        with pytest.raises(PartFailedError, match=f"the batch counts {found} requests where the product .* {product}"):
            check("requests", found, product)
