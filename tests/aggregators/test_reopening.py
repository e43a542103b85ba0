"""A commit fails, and the group shares its partitions out anew before its shard is open again.

Worker and feed are the product's, what aiokafka knows of the group its own; shards and broker are made up.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import KafkaError

from dcc_analytics.aggregators import worker as module
from dcc_analytics.aggregators.clocks import ShardClock
from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.owner import Transport
from dcc_analytics.stream.public_feed import PublicFeed

#: What the timers of the worker wait here.
SOON_S = 0.02


class Member:
    """The client of a group, as far as a feed asks it."""

    def __init__(self, topics: set[str]) -> None:
        self.known = SubscriptionState()
        self.known.subscribe(topics)
        self.told: list[dict[TopicPartition, int]] = []

    def assignment(self) -> set[TopicPartition]:
        held: set[TopicPartition] = self.known.assigned_partitions()
        return held

    def seek(self, tp: TopicPartition, offset: int) -> None:
        self.known.seek(tp, offset)

    def resume(self, tp: TopicPartition) -> None:
        self.known.resume(tp)

    def pause(self, *tps: TopicPartition) -> None:
        for tp in tps:
            self.known.pause(tp)

    async def commit(self, told: dict[TopicPartition, int]) -> None:
        self.told.append(told)

    def is_fetched(self, tp: TopicPartition) -> bool:
        state = self.known.subscription.assignment.state_value(tp)
        return state.has_valid_position and not state.paused


class Runner:
    """A shard that opens after a while, and closes after another; two of a partition are never open."""

    open_now: ClassVar[set[int]] = set()
    closing_s: ClassVar[float] = 0.0

    def __init__(self, partition: int, *_: object) -> None:
        self.partition = partition
        self.shard = None

    async def open(self) -> None:
        await asyncio.sleep(SOON_S)
        if self.partition in self.open_now:
            raise AssertionError("the estate is open already")
        self.open_now.add(self.partition)

    async def begin(self, _told: ShardClock | None) -> dict[str, int]:
        return dict.fromkeys(("alerts", "service-requests", "service-responses", "strays"), 100)

    async def close(self, *, commit: bool, timeout_s: float = 5.0) -> None:
        del commit, timeout_s
        await asyncio.sleep(self.closing_s)
        self.open_now.discard(self.partition)


class Group:
    """A worker in a group, and what the group does with it."""

    def __init__(self, folder: Path) -> None:
        self.worker = Worker(Connection("nowhere:1"), WorkerSettings("dcca", folder, transport=Transport.PUBLIC))
        self.worker._partitions = 1
        self.worker._failed = asyncio.get_running_loop().create_future()
        feed = self.worker._feed
        assert isinstance(feed, PublicFeed)
        self.feed = feed
        self.member = Member(set(self.worker._topics))
        self.feed._member = self.member
        self.tps = {TopicPartition(topic, 0) for topic in self.worker._topics}

    async def gives(self) -> None:
        self.member.known.assign_from_subscribed(self.tps)
        await self.feed.assigned(self.tps)

    async def takes(self) -> None:
        self.member.known.begin_reassignment()
        await self.feed.revoked(self.tps)

    def fails_a_commit(self) -> None:
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        failed.set_exception(KafkaError("the broker was away"))
        self.worker._committed(self.worker._runners[0], failed)


@pytest.fixture
async def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Group]:
    async def told(_worker: Worker) -> dict[int, Any]:
        return {}

    monkeypatch.setattr(module, "ShardRunner", Runner)
    monkeypatch.setattr(module, "REOPEN_S", SOON_S)
    monkeypatch.setattr(Worker, "_told", told)
    monkeypatch.setattr(Runner, "open_now", set())
    made = Group(tmp_path)
    await made.gives()
    await asyncio.sleep(5 * SOON_S)
    assert all(map(made.member.is_fetched, made.tps))
    yield made
    await made.worker._extents.__aexit__(None, None, None)


async def test_a_shard_that_is_due_to_open_between_two_sharings_out_is_fetched_after_the_second(group: Group) -> None:
    group.fails_a_commit()
    await group.takes()
    assert not group.feed.owns(0)
    await asyncio.sleep(5 * SOON_S)
    assert not group.worker._runners
    await group.gives()
    await asyncio.sleep(5 * SOON_S)
    assert all(map(group.member.is_fetched, group.tps))


async def test_a_partition_taken_while_it_was_being_opened_is_not_begun(group: Group) -> None:
    await group.takes()
    with pytest.raises(KafkaError, match="partition 0 was taken"):
        await group.feed.begin(0, {"alerts": 100})


async def test_a_shard_that_is_still_closing_is_waited_for_before_it_is_opened_again(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runner, "closing_s", 10 * SOON_S)
    group.fails_a_commit()
    await group.takes()
    assert not Runner.open_now, "what is given up is closed"
    await group.gives()
    await asyncio.sleep(5 * SOON_S)
    assert group.worker._failed is not None
    assert not group.worker._failed.done()
    assert all(map(group.member.is_fetched, group.tps))


async def test_what_was_committed_last_is_told_to_the_group_before_it_takes_the_partitions(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    group.feed._acknowledged.clear()
    tp = TopicPartition("alerts", 0)

    async def commits(_worker: Worker, _partitions: set[int]) -> None:
        group.feed._acknowledge(tp, 120)

    monkeypatch.setattr(Worker, "revoked", commits)
    await group.takes()
    assert [{tp: 120}] == group.member.told
    assert not group.feed._next


async def test_nothing_is_opened_any_more_once_the_worker_is_to_stop(group: Group) -> None:
    await group.takes()
    group.worker.stop()
    await group.gives()
    await asyncio.sleep(5 * SOON_S)
    assert not group.worker._runners
