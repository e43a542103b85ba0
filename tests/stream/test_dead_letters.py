"""Dead letters read back from a real broker: where each stood, why, and its very bytes."""

import asyncio
import base64
import json
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from dcc_analytics.catalogue.errors import BrokerError, DeadLetterError, TopicError
from dcc_analytics.stream.dead_letters import letters, read_dead_letters, write_dead_letters
from dcc_analytics.stream.kafka import Connection
from tests.letters import STAMP_MS, letter, send

pytestmark = pytest.mark.broker


async def test_a_letter_says_where_it_stood_and_why_and_keeps_its_bytes(made: Connection) -> None:
    await send(made, letter("alerts", 7, b"key", b"\xff\x00", "not UTF-8: 'ü'"))
    (found,) = [each async for each in read_dead_letters(made)]
    assert {
        "topic": "alerts",
        "partition": 1,
        "offset": 7,
        "reason": "not UTF-8: 'ü'",
        "key": "key",
        "timestamp": STAMP_MS,
        "value_base64": base64.b64encode(b"\xff\x00").decode(),
    } == found


async def test_no_key_and_an_empty_key_no_value_and_an_empty_value_are_told_apart(made: Connection) -> None:
    await send(made, letter("alerts", 1, None, b""), letter("alerts", 2, b"", None), letter("alerts", 3, b"\xff", b"x"))
    found = [(each["key"], each["value_base64"]) async for each in read_dead_letters(made)]
    assert [(None, ""), ("", None), ("\ufffd", "eA==")] == found


async def test_a_file_of_letters_is_sorted_by_where_they_stood(made: Connection, tmp_path: Path) -> None:
    await send(made, letter("users", 2, b"k", b"c"), letter("alerts", 11, b"k", b"b"), letter("alerts", 9, b"k", b"a"))
    path = tmp_path / "letters.ndjson"
    assert 3 == await asyncio.to_thread(write_dead_letters, made, path)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [("alerts", 9), ("alerts", 11), ("users", 2)] == [(line["topic"], line["offset"]) for line in lines]


async def test_a_record_that_is_no_letter_is_named_with_what_to_do(made: Connection) -> None:
    await send(made, letter("alerts", 1, b"k", b"v"))
    producer = AIOKafkaProducer(**made.options())
    await producer.start()
    await producer.send_and_wait(made.topic("dead-letters"), b"{}")
    await producer.stop()
    with pytest.raises(DeadLetterError, match=r"^dead-letters/0/1 is no dead letter of this product"):
        _ = [each async for each in letters(made)]


async def test_no_letters_are_an_empty_file(made: Connection, tmp_path: Path) -> None:
    assert 0 == await asyncio.to_thread(write_dead_letters, made, tmp_path / "letters.ndjson")
    assert "" == (tmp_path / "letters.ndjson").read_text(encoding="utf-8")


async def test_a_missing_topic_is_named(connection: Connection) -> None:
    with pytest.raises(TopicError, match=rf"no topic {connection.prefix}dead-letters; run `dcca topics create` first"):
        _ = [each async for each in read_dead_letters(connection)]


async def test_no_broker_is_a_line_that_names_the_address() -> None:
    with pytest.raises(BrokerError, match=r"^no Kafka answers at 127\.0\.0\.1:1; check --bootstrap"):
        _ = [each async for each in read_dead_letters(Connection("127.0.0.1:1"))]
