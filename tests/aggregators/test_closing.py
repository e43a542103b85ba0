"""A shard is let go in time, whatever its last commit waits for."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from dcc_analytics.aggregators import runner
from dcc_analytics.aggregators.ledger import FencedError
from dcc_analytics.stream.kafka import Connection


class Client:
    """What has clients of Kafka, without any."""

    def __init__(self, *_arguments: object, **_named: object) -> None:
        """Hold nothing."""

    async def close(self) -> None:
        """Take a turn to let nothing go."""
        await asyncio.sleep(0)

    async def __aexit__(self, *_error: object) -> None:
        """Let nothing go."""


@pytest.fixture
def shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runner.ShardRunner:
    """Return a runner of a shard that has something to commit."""
    for name in ("Ledger", "ReferenceReader"):
        monkeypatch.setattr(runner, name, Client)
    unasked: Any = None  # how far topics reach is asked when a shard is opened
    found = runner.ShardRunner(0, 1, Connection("-"), runner.WorkerSettings("dcca", tmp_path), unasked)
    monkeypatch.setattr(found, "shard", object())
    return found


async def test_a_commit_that_waits_for_its_abort_when_it_is_cancelled_is_left(
    shard: runner.ShardRunner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cancelled: list[str] = []

    async def commit() -> None:
        for what in ("commit", "abort"):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(what)
                if what == "abort":
                    raise

    monkeypatch.setattr(shard, "commit", commit)
    began_s = time.monotonic()
    async with asyncio.timeout(30):
        await shard.close(commit=True, timeout_s=0.2)
    await asyncio.sleep(0)
    assert time.monotonic() - began_s < 10
    assert ["commit", "abort"] == cancelled
    assert "let_go_uncommitted partition=0" in caplog.text


@pytest.mark.parametrize("error", [FencedError("another has it"), None])
async def test_a_commit_that_fails_is_told_and_one_that_ends_is_not(
    shard: runner.ShardRunner,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception | None,
) -> None:
    async def commit() -> None:
        if error is not None:
            raise error

    monkeypatch.setattr(shard, "commit", commit)
    await shard.close(commit=True)
    assert (error is not None) == ("let_go_uncommitted" in caplog.text)


async def test_no_commit_follows_one_that_has_failed_since_the_shard_is_let_go(
    shard: runner.ShardRunner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made: list[str] = []

    async def commit() -> None:
        made.append("commit")
        raise FencedError("another has it")

    monkeypatch.setattr(shard, "commit", commit)
    with pytest.raises(FencedError):
        await shard.start_commit()
    await shard.close(commit=True)
    assert ["commit"] == made, "a producer that was shut out takes no more, and says so by an AssertionError"
    assert "let_go_uncommitted partition=0" in caplog.text


async def test_a_commit_that_has_failed_is_not_told_again_when_the_shard_is_closed_for_it(
    shard: runner.ShardRunner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def commit() -> None:
        raise FencedError("another has it")

    monkeypatch.setattr(shard, "commit", commit)
    with pytest.raises(FencedError):
        await shard.start_commit()
    await shard.close(commit=False)
    assert "let_go_uncommitted" not in caplog.text


async def test_a_fault_in_a_last_commit_closes_the_shard_and_is_not_passed_over(
    shard: runner.ShardRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def commit() -> None:
        raise ValueError("a fault")

    monkeypatch.setattr(shard, "commit", commit)
    with pytest.raises(ValueError, match="a fault"):
        await shard.close(commit=True)
    assert shard.shard is None, "it is closed all the same"
