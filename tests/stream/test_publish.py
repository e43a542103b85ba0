"""Recorded events reach a real broker byte for byte, in order, where a feed would send them."""

import asyncio
import base64
import json
import os
import signal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from dcc_analytics.catalogue.errors import BrokerError, PublishError, TopicError
from dcc_analytics.stream import publish as publishing
from dcc_analytics.stream.broker.node import embedded_broker
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import create_topics
from tests.conftest import APPLICATION, PARTITIONS

pytestmark = pytest.mark.broker

NOON_MS = 1_790_000_000_000


def line(value: object = None, *, key: str | None = "k", timestamp: int = NOON_MS, **other: str) -> dict[str, Any]:
    """Return a line of recorded events; ``value`` unless another form of it is given."""
    return {"key": key, "timestamp": timestamp, **(other or {"value": value})}


def recorded(folder: Path, **lines: list[dict[str, Any]]) -> Path:
    """Write a folder of recorded events; a topic's name has ``_`` for ``-``."""
    for name, each in lines.items():
        text = "".join(json.dumps(one) + "\n" for one in each)
        (folder / f"{name.replace('_', '-')}.ndjson").write_text(text, encoding="utf-8")
    return folder


class Arrived(NamedTuple):
    """A record as it lies in its topic."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int


async def arrived(connection: Connection, topic: str) -> list[Arrived]:
    """Return all records of a topic, partition after partition."""
    async with Extents(connection) as extents:
        ends = await extents.ends([(topic, partition) for partition in range(await extents.partitions(topic))])
    return sorted(
        [
            Arrived(partition, record.offset, record.key, record.value, record.timestamp)
            async for (_, partition), record in read_up_to(connection, ends)
        ]
    )


async def test_each_form_of_value_arrives_byte_for_byte(made: Connection, tmp_path: Path) -> None:
    odd = '{"a": 1e400, "b":'
    folder = recorded(
        tmp_path,
        alerts=[
            line({"a": [1, "ü"]}),
            line(value_text=odd),
            line(value_text=""),
            line(value_text="<Request/>"),
            line(value_base64=base64.b64encode(b"\xff\x00\xfe").decode()),
            line(None),
        ],
    )
    assert {"alerts": 6} == await publish(made, folder)
    values = [record.value for record in await arrived(made, "alerts")]
    assert {"a": [1, "ü"]} == json.loads(values[0] or b"")
    assert [odd.encode(), b"", b"<Request/>", b"\xff\x00\xfe", None] == values[1:]


async def test_key_and_timestamp_arrive_and_a_file_keeps_its_order_in_each_partition(
    made: Connection, tmp_path: Path
) -> None:
    count = 500
    lines = [line(number, key=f"key-{number % 7}", timestamp=NOON_MS - number) for number in range(count)]
    await publish(made, recorded(tmp_path, service_requests=lines))
    records = await arrived(made, "service-requests")
    assert count == len(records)
    numbers: dict[int, list[int]] = {}
    for record in records:
        number = int(record.value or b"")
        numbers.setdefault(record.partition, []).append(number)
        assert (f"key-{number % 7}".encode(), NOON_MS - number) == (record.key, record.timestamp)
    assert len(numbers) > 1
    assert all(sorted(each) == each for each in numbers.values())


async def test_keys_go_where_the_default_partitioner_of_every_client_sends_them(
    made: Connection, tmp_path: Path
) -> None:
    keys = [f"00-00-00-00-00-00-00-{number:02X}" for number in range(40)]
    await publish(made, recorded(tmp_path, devices=[line(0, key=key) for key in keys]))
    everywhere = list(range(PARTITIONS))
    expected = {key: DefaultPartitioner()(key.encode(), everywhere, everywhere) for key in keys}
    assert expected == {(record.key or b"").decode(): record.partition for record in await arrived(made, "devices")}


async def test_records_without_key_go_to_all_partitions_in_turn(made: Connection, tmp_path: Path) -> None:
    await publish(made, recorded(tmp_path, alerts=[line(0, key=None)] * (3 * PARTITIONS)))
    records = await arrived(made, "alerts")
    assert [None] * (3 * PARTITIONS) == [record.key for record in records]
    assert sorted([*range(PARTITIONS)] * 3) == [record.partition for record in records]


@pytest.mark.parametrize("size_bytes", [2 * 1024 * 1024, 4 * 1024 * 1024])
async def test_large_records_arrive_whole_among_small_ones(made: Connection, tmp_path: Path, size_bytes: int) -> None:
    large = os.urandom(size_bytes // 2).hex()
    await publish(made, recorded(tmp_path, alerts=[line(1), line(value_text=large), line(2)]))
    assert [b"1", large.encode(), b"2"] == [record.value for record in await arrived(made, "alerts")]


async def test_a_record_larger_than_the_topic_takes_is_refused_by_file_and_topic(
    made: Connection, tmp_path: Path
) -> None:
    value = base64.b64encode(os.urandom(6 * 1024 * 1024)).decode()  # nothing that compression makes small
    folder = recorded(tmp_path, alerts=[line(value_base64=value)])
    with pytest.raises(PublishError, match=r"alerts\.ndjson holds a record larger than topic \S+alerts takes"):
        await publish(made, folder)


async def test_a_broken_line_is_named_by_file_and_number(made: Connection, tmp_path: Path) -> None:
    folder = recorded(tmp_path, alerts=[line(1), line(2)])
    with (folder / "alerts.ndjson").open("a", encoding="utf-8") as file:
        file.write("{not json\n")
    with pytest.raises(PublishError, match=r"alerts\.ndjson, line 3: "):
        await publish(made, folder)


async def test_progress_is_told_of_every_record_once(made: Connection, tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    folder = recorded(tmp_path, users=[line(0)] * 3, alerts=[line(0)] * 12_000)
    await publish(made, folder, progress=lambda topic, records: told.append((topic, records)))
    assert 3 == sum(records for topic, records in told if topic == "users")
    assert 12_000 == sum(records for topic, records in told if topic == "alerts")
    assert ["users", *["alerts"] * 3] == [topic for topic, _ in told]


async def test_a_missing_topic_is_named_with_what_makes_it(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(TopicError, match=rf"no topic {connection.prefix}alerts; run `dcca topics create` first"):
        await publish(connection, recorded(tmp_path, alerts=[line(1)]))


async def test_no_broker_is_a_line_that_names_the_address(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match=r"^no Kafka answers at 127\.0\.0\.1:1; check --bootstrap"):
        await publish(Connection("127.0.0.1:1"), recorded(tmp_path, alerts=[line(1)]))


@pytest.mark.slow
async def test_a_broker_that_dies_under_way_is_one_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "SILENCE_S", 2.0)
    events = tmp_path / "events"
    events.mkdir()
    recorded(events, alerts=[line(number, key=str(number)) for number in range(20_000)])
    with embedded_broker(tmp_path / "broker") as running:
        connection = Connection(running.bootstrap)
        await create_topics(connection, partitions=1, application=APPLICATION, keep_recorded=True)

        def kill(_topic: str, _records: int) -> None:
            os.kill(running.pid, signal.SIGKILL)

        with pytest.raises(PublishError, match=r"^the broker stopped taking records of alerts .*publish again"):
            await asyncio.wait_for(publish(connection, events, progress=kill), 30)


async def test_records_of_another_producer_are_left_alone(made: Connection, tmp_path: Path) -> None:
    producer = AIOKafkaProducer(**made.options())
    await producer.start()
    try:
        await producer.send_and_wait(made.topic("users"), b"before", b"k")
    finally:
        await producer.stop()
    await publish(made, recorded(tmp_path, users=[line(value_text="after")]))
    assert [b"before", b"after"] == [record.value for record in await arrived(made, "users")]
