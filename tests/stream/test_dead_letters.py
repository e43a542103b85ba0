"""Dead letters read back from a real broker: where each stood, why, and its very bytes."""

import asyncio
import base64
import json
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from dcc_analytics.aggregators.outgoing import DeadLetter
from dcc_analytics.catalogue.errors import BrokerError, TopicError
from dcc_analytics.stream.dead_letters import read_dead_letters, write_dead_letters
from dcc_analytics.stream.kafka import Connection
from tests.driver import LogRecord

pytestmark = pytest.mark.broker

STAMP_MS = 1_790_000_000_000


async def send(connection: Connection, *letters: DeadLetter) -> None:
    producer = AIOKafkaProducer(**connection.options())
    await producer.start()
    try:
        for each in letters:
            topic = connection.topic("dead-letters")
            headers = each.headers()
            await producer.send_and_wait(topic, each.value, each.key, None, each.timestamp_ms, headers)
    finally:
        await producer.stop()


def letter(topic: str, offset: int, key: bytes | None, value: bytes | None, reason: str = "no JSON") -> DeadLetter:
    return DeadLetter(topic, 1, LogRecord(offset, STAMP_MS, key, value), reason)


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


async def test_no_letters_are_an_empty_file(made: Connection, tmp_path: Path) -> None:
    assert 0 == await asyncio.to_thread(write_dead_letters, made, tmp_path / "letters.ndjson")
    assert "" == (tmp_path / "letters.ndjson").read_text(encoding="utf-8")


async def test_a_missing_topic_is_named(connection: Connection) -> None:
    with pytest.raises(TopicError, match=rf"no topic {connection.prefix}dead-letters; run `dcca topics create` first"):
        _ = [each async for each in read_dead_letters(connection)]


async def test_no_broker_is_a_line_that_names_the_address() -> None:
    with pytest.raises(BrokerError, match=r"^no Kafka answers at 127\.0\.0\.1:1; check --bootstrap"):
        _ = [each async for each in read_dead_letters(Connection("127.0.0.1:1"))]
