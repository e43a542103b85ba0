"""What the feed by public calls meets beyond what ``test_transport`` asks of every feed, on a real broker."""

import asyncio
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import StateError, UsageError
from dcc_analytics.stream.feeds import check_group, feed_of
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.owner import Transport
from tests.conftest import PARTITIONS
from tests.stream.test_transport import Recorder, fed, send, until

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def recording(connection: Connection, folder: Path, transport: Transport) -> Recorder:
    """Return a recorder with a feed of the topic ``alerts`` that does not run yet."""
    topic = connection.topic("alerts")
    recorder = Recorder(topic)
    recorder.feed = feed_of(transport)(
        recorder, bootstrap=connection.bootstrap, application=f"{connection.prefix}transport", topics=[topic],
        state_dir=folder, session_timeout_s=3.0,
    )  # fmt: skip
    return recorder


async def test_a_group_of_another_transport_is_not_joined_and_the_feed_says_so(
    made: Connection, tmp_path: Path
) -> None:
    async with fed(made, tmp_path / "first", Transport.BATCHES) as others:
        await until(lambda: len(others.known_ends) == PARTITIONS)
        late = recording(made, tmp_path / "second", Transport.PUBLIC)
        assert late.feed is not None
        with pytest.raises(UsageError, match="other workers of this --application fetch by another --transport"):
            await asyncio.wait_for(late.feed.run(asyncio.Event()), 30)
        await send(made, b"0")
        await until(lambda: len(others.records()) == 1)


@pytest.mark.parametrize("ours", list(Transport))
async def test_who_is_in_a_group_is_seen_before_it_is_joined(made: Connection, tmp_path: Path, ours: Transport) -> None:
    (other,) = set(Transport) - {ours}
    await check_group(made, "transport", ours)
    async with fed(made, tmp_path, ours) as members:
        await until(lambda: len(members.known_ends) == PARTITIONS)
        await check_group(made, "transport", ours)
        with pytest.raises(UsageError, match="other workers of this --application fetch by another --transport"):
            await check_group(made, "transport", other)
    await check_group(made, "transport", other)


async def test_an_owner_that_fails_ends_the_feed_with_its_error(made: Connection, tmp_path: Path) -> None:
    """The client would log it, and go on without the partitions."""
    recorder = recording(made, tmp_path, Transport.PUBLIC)

    async def fails(partitions: set[int]) -> None:
        raise StateError(f"{len(partitions)} partitions are too many")

    recorder.assigned = fails  # type: ignore[method-assign]
    assert recorder.feed is not None
    with pytest.raises(StateError, match=f"^{PARTITIONS} partitions are too many$"):
        await asyncio.wait_for(recorder.feed.run(asyncio.Event()), 30)
