"""Where no Kafka answers, who wanted to read says so and leaves no client behind."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator

import pytest
from aiokafka.errors import KafkaConnectionError

from dcc_analytics.aggregators.clocks import ClockBoard
from dcc_analytics.catalogue.errors import BrokerError
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.kafka import Connection


@pytest.fixture
async def away() -> AsyncIterator[Connection]:
    """An address at which nothing listens, and what the event loop was told of until the end."""
    said: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: said.append(context["message"]))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield Connection(f"127.0.0.1:{taken.getsockname()[1]}")
    gc.collect()
    await asyncio.sleep(0)
    assert not said


async def test_the_clocks_of_shards_cannot_be_followed(away: Connection) -> None:
    with pytest.raises(KafkaConnectionError):
        async with ClockBoard(away, "dcca", 1):
            pass


async def test_the_extents_of_topics_cannot_be_asked_for(away: Connection) -> None:
    with pytest.raises(BrokerError, match="no Kafka answers"):
        async with Extents(away):
            pass


async def test_topics_cannot_be_read(away: Connection) -> None:
    with pytest.raises(KafkaConnectionError):
        async for _ in read_up_to(away, {("alerts", 0): 1}):
            pass
