"""The feed to copy sends what the product reads, under the keys and in the partitions where it belongs."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from dcc_analytics.catalogue.identities import DCC_IDS
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.rekeyed import KINDS, Placed, Source, placed
from tests.architecture.tree import ROOT
from tests.conftest import PARTITIONS
from tests.driver import LogRecord
from tests.letters import records
from tests.records import ALERT, DEVICE, NOON_US, REQUEST, RESPONSE, SCHEDULED, USER, Fields, text

EXAMPLE = ROOT / "docs" / "feed-example.py"


def where(topic: str, record: Record, partitions: int) -> Placed:
    """Return where the product has a record belong."""
    return placed(Source("toc", topic), 0, record, partitions, ignore_keys=True)


@pytest.fixture(scope="module")
def key_of() -> Callable[[str, Fields], bytes]:
    """The example's own function."""
    spec = importlib.util.spec_from_file_location("feed_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.DCC_IDS == DCC_IDS
    found: Callable[[str, Fields], bytes] = module.key_of
    return found


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("service-requests", REQUEST),
        ("service-requests", {**REQUEST, "device": DEVICE.lower()}),
        ("service-responses", RESPONSE),
        ("service-responses", {**RESPONSE, "device": DEVICE.lower()}),
        ("service-responses", {**RESPONSE, "request_id": f"{USER}:{min(DCC_IDS)}:7".lower()}),
        ("service-responses", SCHEDULED),
        ("service-responses", {**SCHEDULED, "device": DEVICE}),
        ("alerts", ALERT),
        ("alerts", {**ALERT, "device": DEVICE.lower()}),
    ],
)
def test_its_key_is_the_subject(key_of: Callable[[str, Any], bytes], topic: str, fields: Fields) -> None:
    record = LogRecord(0, NOON_US // 1000, None, text(fields), [])
    assert where(topic, record, PARTITIONS).key == key_of(topic, fields)


@pytest.mark.broker
@pytest.mark.slow
async def test_what_it_sends_is_read_and_stands_where_it_belongs(made: Connection) -> None:
    command = [sys.executable, str(EXAMPLE), made.bootstrap, made.prefix]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: ASYNC221 (nothing else runs)
    assert 0 == ended.returncode, ended.stderr
    for topic in KINDS:
        ((partition, record),) = await records(made, topic)
        partitions = 1 if topic in {"users", "incidents"} else PARTITIONS
        assert Placed(record.key, partition, is_read=True) == where(topic, record, partitions)
