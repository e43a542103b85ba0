"""The table of what is asked of brokers, against the client that asks, and a broker that answers."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka.protocol import API_KEYS
from aiokafka.protocol.admin import SaslAuthenticateRequest, SaslHandShakeRequest
from aiokafka.protocol.api import Request

from dcc_analytics.aggregators.examination import spoken
from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.stream.broker.jars import KAFKA_VERSION
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.spoken import LEVELS, METADATA_VERSION, NEEDED, OLDEST
from dcc_analytics.stream.topics import create_topics
from tests.conftest import APPLICATION, PARTITIONS
from tests.golden_ledgers import FEED

#: Asked by every client before it knows what is spoken, or to be let in.
FIRST = {18, SaslHandShakeRequest.API_KEY, SaslAuthenticateRequest.API_KEY}


def test_each_is_called_as_kafka_calls_it_and_the_client_has_every_version_it_is_said_to() -> None:
    has: dict[int, set[int]] = {}
    for request in Request.__subclasses__():
        has.setdefault(request.API_KEY, set()).update(each.API_VERSION for each in request._CLASSES)
    for need in NEEDED:
        assert API_KEYS[need.key] == need.name
        assert {need.least, need.most} <= has[need.key], need


def test_the_oldest_release_is_that_of_the_request_that_came_last() -> None:
    def number(release: str) -> list[int]:
        return [int(part) for part in release.split(".")]

    assert OLDEST == max((need.since for need in NEEDED), key=number)


@pytest.mark.broker
async def test_the_broker_the_product_starts_has_the_newest_level_and_takes_all_that_is_asked(
    connection: Connection,
) -> None:
    ((_, told),) = (await spoken(connection)).items()
    assert told is not None
    assert [] == [*told.too_old(), *told.too_new()]
    assert KAFKA_VERSION.startswith(LEVELS[told.features[METADATA_VERSION]] + ".")


@pytest.mark.broker
@pytest.mark.slow
async def test_nothing_is_asked_that_is_not_in_the_table(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a worker and whoever makes its topics and publishes to them send is noted on its way to the broker."""
    asked: set[tuple[int, int]] = set()
    prepare = Request.prepare

    def noting(request: Any, versions: Any) -> Any:  # noqa: ANN401 (aiokafka's)
        made = prepare(request, versions)
        asked.add((made.API_KEY, made.API_VERSION))
        return made

    monkeypatch.setattr(Request, "prepare", noting)
    await create_topics(connection, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
    await publish(connection, FEED)
    settings = WorkerSettings(APPLICATION, tmp_path / "state", session_timeout_s=3.0)
    await asyncio.wait_for(Worker(connection, settings).run(until_caught_up=True), 60)
    others = {
        (key, version)
        for key, version in asked
        if key not in FIRST and not any(need.key == key and need.least <= version <= need.most for need in NEEDED)
    }
    assert set() == others
    assert {0, 1, 2, 3, 11, 22, 24, 26} <= {key for key, _ in asked}
