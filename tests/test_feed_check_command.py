"""``dcca feed check``: what a feed says that is not known, of recorded events and of topics."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner, Result

from dcc_analytics.commands.main import app
from dcc_analytics.stream.kafka import Connection
from tests import duis_documents as duis
from tests.records import ALERT, DEVICE, NOON_US, REQUEST, RESPONSE, RID, USER, text
from tests.worker_process import WorkerProcess


def check(*words: str) -> Result:
    return CliRunner().invoke(app, ["feed", "check", *words])


def recorded(folder: Path, **topics: list[bytes]) -> str:
    for topic, values in topics.items():
        lines = [json.dumps({"key": DEVICE, "timestamp": 1, "value_text": value.decode()}) for value in values]
        (folder / f"{topic.replace('_', '-')}.ndjson").write_text("\n".join(lines) + "\n")
    return str(folder)


TOLD = ("topic", "kind", "path", "word", "records", "first")
NEWER = [text({**REQUEST, "colour": 1}), text({**REQUEST, "colour": 2}, srv="99.1"), text(REQUEST), b"no JSON"]


def test_fields_words_and_what_can_not_be_read_are_told_with_what_comes_of_them(tmp_path: Path) -> None:
    folder = recorded(tmp_path, service_requests=NEWER, users=[text({"user": USER, "party": "NWE"})])
    ended = check("--events", folder, "--json")
    assert 0 == ended.exit_code
    said: dict[str, Any] = json.loads(ended.stdout)
    assert {"users": 1, "service-requests": 4} == said["records"]
    assert [
        ("users", "unread", "Object missing required field `roles`", "", 1, "users.ndjson:1"),
        ("service-requests", "field", "colour", "", 2, "service-requests.ndjson:1"),
        ("service-requests", "unread", "JSON is malformed: invalid character", "", 1, "service-requests.ndjson:4"),
        ("service-requests", "word", "srv", "99.1", 1, "service-requests.ndjson:2"),
    ] == [
        tuple(each[name] for name in ("topic", "kind", "path", "word", "records", "first")) for each in said["unknown"]
    ]
    words = check("--events", folder).stdout
    assert "        2  service-requests  field   colour " in words
    assert " a dead letter (users.ndjson:1)" in words
    assert "srv = 99.1 " in words


def test_a_feed_of_which_all_is_known_is_said_to_be(tmp_path: Path) -> None:
    ended = check("--events", recorded(tmp_path, alerts=[text(ALERT)]))
    assert "records looked at: 1 of alerts\nall of it is known\n" == ended.stdout


def test_names_without_end_are_told_up_to_a_bound_and_counted(tmp_path: Path) -> None:
    values = [text({**ALERT, f"made up {number}": 1}) for number in range(250)]
    ended = check("--events", recorded(tmp_path, alerts=values), "--json")
    said = json.loads(ended.stdout)
    assert (200, 50) == (len(said["unknown"]), said["left_out"])


def test_records_that_can_not_be_read_are_told_behind_names_without_end(tmp_path: Path) -> None:
    values = [text({**ALERT, f"made up {number}": 1}) for number in range(250)]
    roles = [text(ALERT, role=f"R{number}") for number in range(5)]
    folder = recorded(tmp_path, alerts=[*values, *roles, *[b"no JSON"] * 50])
    found = json.loads(check("--events", folder, "--json").stdout)["unknown"]
    assert [50] == [each["records"] for each in found if each["kind"] == "unread"]
    assert 5 == sum(each["kind"] == "word" for each in found)
    assert " alerts            unread " in check("--events", folder).stdout


def test_of_documents_words_are_looked_at_and_it_is_said_that_elements_are_not(tmp_path: Path) -> None:
    known = recorded(tmp_path, service_requests=[duis.read_request(), text(REQUEST)])
    said = "1 are DUIS documents: looked at for words and whether they can be read, not for elements\n"
    assert check("--events", known).stdout.endswith(f"{said}all that was looked at is known\n")
    newer = [duis.response(duis.message("4.1.1"), code="E4711"), duis.response(duis.message("99.1"))]
    found = json.loads(check("--events", recorded(tmp_path, service_responses=newer), "--json").stdout)
    assert {"service-requests": 1, "service-responses": 2} == found["documents"]
    assert [
        ("unread", "DUIS XML: no Service Request of DUIS has the Service Reference Variant", ""),
        ("word", "code", "E4711"),
    ] == [(each["kind"], each["path"], each["word"]) for each in found["unknown"]]


@pytest.mark.broker
@pytest.mark.slow
async def test_topics_are_looked_at_and_a_worker_tells_a_new_field_once(made: Connection, tmp_path: Path) -> None:
    async with AIOKafkaProducer(**made.options()) as producer:
        for number in range(3):
            for topic, fields in (("service-requests", REQUEST), ("service-responses", RESPONSE)):
                value = text({**fields, "colour": number}, request_id=f"{RID}{number}")
                await producer.send_and_wait(made.topic(topic), value, DEVICE.encode(), timestamp_ms=NOON_US // 1_000)
    words = ("--bootstrap", made.bootstrap, "--prefix", made.prefix, "--json")
    ended = await asyncio.to_thread(check, *words)
    assert 0 == ended.exit_code, ended.output
    found = {each["topic"]: (each["path"], each["records"]) for each in json.loads(ended.stdout)["unknown"]}
    assert {"service-requests": ("colour", 3), "service-responses": ("colour", 3)} == found
    newest = await asyncio.to_thread(check, *words, "--records", "1")
    assert {"service-requests": 1, "service-responses": 1} == json.loads(newest.stdout)["records"]

    with WorkerProcess(made, tmp_path, "--until-caught-up") as worker:
        assert 0 == await worker.ended()
    told = [line for line in worker.said.splitlines() if " unknown_field " in line]
    assert [f'unknown_field topic={topic} name="colour": ignored' for topic in sorted(found)] == sorted(
        line.partition(" WARNING ")[2] for line in told
    )
