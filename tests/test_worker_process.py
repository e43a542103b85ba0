"""What a worker process says when Kafka goes away under it at a moment that nobody has words for."""

from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.catalogue.errors import BrokerError
from dcc_analytics.commands import worker_process
from dcc_analytics.stream.kafka import Connection


class Away:
    """A worker whose look-out can't reach Kafka."""

    def __init__(self, *_: object) -> None: ...

    def stop(self) -> None: ...

    async def run(self, *, until_caught_up: bool) -> None:
        del until_caught_up
        raise KafkaConnectionError("nobody listens")


async def fine(*_: object) -> None: ...


async def refused(*_: object) -> None:
    raise KafkaError("the broker is being stopped")


@pytest.mark.parametrize("before", [fine, refused])
async def test_it_is_an_error_in_words_that_a_supervisor_knows(
    before: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "Worker", Away)
    monkeypatch.setattr(worker_process, "warn_if_kept_too_long", before)
    monkeypatch.setattr(worker_process, "spare_what_is_kept", lambda: None)
    with pytest.raises(BrokerError, match="the worker lost Kafka"):
        await worker_process.run_worker(Connection("nowhere:1"), WorkerSettings("dcca", tmp_path), until_caught_up=True)
