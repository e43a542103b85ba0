"""A ledger says by which metric it is folded, and what folds by another leaves it alone (docs/upgrading.md)."""

import pytest

from dcc_analytics.aggregators import checkpoint, ledger
from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.clocks import ShardClock
from dcc_analytics.aggregators.ledger import Ledger
from dcc_analytics.aggregators.metric import CATALOGUES, METRIC_VERSION
from dcc_analytics.catalogue import CATALOGUE_VERSION
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.snapshot.causes import causes
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from tests.aggregators.test_checkpoint import fold_by_commits, story
from tests.conftest import APPLICATION
from tests.golden_ledgers import ledgers, opened

CLOCK = ShardClock(5, {})


def test_a_catalogue_that_changed_is_entered_under_the_metric_it_folds_by() -> None:
    words = "enter it in CATALOGUES; raise METRIC_VERSION if targets, time-outs or codes now fold to other figures"
    assert CATALOGUE_VERSION in CATALOGUES[METRIC_VERSION], words
    assert METRIC_VERSION == max(CATALOGUES)


@pytest.mark.parametrize("checkpoint_every", [0, 1, 3])
def test_the_version_is_in_the_ledger_from_its_first_commit_and_outlives_checkpoints(
    checkpoint_every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = story()
    monkeypatch.setattr(checkpoint, "METRIC_VERSION", 7)
    fold_by_commits(told.driver, 3, checkpoint_every=checkpoint_every)
    assert 7 == read_back(dict(told.driver.ledgers[0])).metric_version


def test_a_ledger_that_says_none_was_folded_by_the_first() -> None:
    states = [shard.state for path in ledgers() if path.parent.name == "ledger-v3" for shard in opened(path).shards]
    assert {1} == {state.metric_version for state in states}


def test_another_metric_is_a_cause_for_any_figure() -> None:
    assert {} == causes({}, {"metric_version": 1})
    assert {"metric": "metric 1 → 2"} == causes({}, {"metric_version": 2})


@pytest.mark.broker
@pytest.mark.slow
async def test_a_worker_refuses_a_ledger_of_another_metric_and_says_to_start_beside_it(
    made: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Extents(made) as extents:
        first = Ledger(made, APPLICATION, 0)
        state = await first.open(extents)
        state.cut()
        await first.commit(first.checkpoint_records(state), [], [], CLOCK, checkpoint=True)
        await first.close()
        monkeypatch.setattr(ledger, "METRIC_VERSION", METRIC_VERSION + 1)
        second = Ledger(made, APPLICATION, 0)
        with pytest.raises(
            StateError, match=r"dcca-ledger is folded by metric version 1, this release folds by 2.*new"
        ):
            await second.open(extents)
        await second.close()
