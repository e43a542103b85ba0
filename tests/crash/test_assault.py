"""A slice of the assault (``make assault``): each plan has to end with every figure as if nothing had happened."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcc_analytics.stream.broker.node import BrokerStatus, embedded_broker
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.owner import Transport
from tests.crash.broker_faults import ALL_FAULTS
from tests.crash.feeds import Feed, sample_feed
from tests.crash.plan import Plan, play

pytestmark = [pytest.mark.broker, pytest.mark.slow]

#: The assault's broker is away for a minute.
AWAY_S = 5.0

#: Plans of a row are played at once: most of a plan's time is spent waiting for sessions to end.
SLICE = (
    (
        Plan(1, ("worker_told_to_stop_in_mid_commit", "killed_at commit.sent")),
        Plan(2, ("worker_stands_still", "both_workers_killed")),
    ),
    (
        Plan(5, ("disk_full", "failing_at checkpoint.made")),
        Plan(6, ("group_offsets_reset_to_end", "killed_at commit.committed", "killed_at checkpoint.sent")),
    ),
    (
        Plan(7, ("broker_killed",)),
        Plan(8, ("broker_away", "connections_slow")),
    ),
    (
        Plan(9, ("worker_stands_still", "both_workers_killed"), Transport.PUBLIC),
        Plan(10, ("group_offsets_reset_to_start", "killed_at revoke.begun"), Transport.PUBLIC),
    ),
    (Plan(11, ("broker_away",), Transport.PUBLIC),),
)


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    return sample_feed(tmp_path_factory.mktemp("feed"))


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerStatus]:
    """A broker that compacts and ends transactions within seconds."""
    with embedded_broker(tmp_path_factory.mktemp("kafka") / "broker", fast_cleanup=True) as running:
        yield running


@pytest.mark.parametrize("plans", SLICE, ids=lambda plans: "+".join(str(plan.seed) for plan in plans))
async def test_whatever_happens_every_figure_is_exact(
    plans: tuple[Plan, ...], quick: BrokerStatus, feed: Feed, tmp_path: Path
) -> None:
    outcomes = await asyncio.gather(
        *(
            play(plan, Connection(quick.bootstrap, f"{plan.seed}-"), tmp_path / str(plan.seed), feed, away_s=AWAY_S)
            for plan in plans
        )
    )
    for outcome in outcomes:
        assert [] == outcome.differences, f"again: {outcome.plan}"
    killing = ("killed_at", "worker_killed", "both_workers", "estate_", "group_", "broker_killed")
    for name, kills in (item for outcome in outcomes for item in outcome.kills.items()):
        assert not name.startswith(killing) or kills > 0, name


def test_the_slice_names_faults_there_are() -> None:
    assert set() == {name for plans in SLICE for plan in plans for name in plan.faults} - set(ALL_FAULTS)
