"""A worker that is given a partition which was not there when it started ends, and folds nothing on."""

import asyncio
from pathlib import Path

import pytest

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.kafka import Connection


async def test_partitions_added_while_a_worker_runs_end_it_with_what_to_do(tmp_path: Path) -> None:
    worker = Worker(Connection("localhost:9"), WorkerSettings("dcca", tmp_path))
    worker._partitions = 4
    worker._failed = asyncio.get_running_loop().create_future()
    await worker.assigned({1, 4})
    assert {} == worker._opening
    with pytest.raises(StateError, match=r"have 5 partitions or more, there were 4 when this worker started: .*rekey"):
        await worker._failed
