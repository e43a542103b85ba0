"""Live, ledger and a snapshot at the same cut agree, however much was there when following began."""

from pathlib import Path

import pytest

from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.delta import DELTA, MAP_TYPES
from dcc_analytics.aggregators.packed import Unpacker
from dcc_analytics.live.judge import conservation_of
from dcc_analytics.live.model import Model
from dcc_analytics.live.shard import FOLLOWED_MAPS, FollowedShard
from tests.live.followed import folded, live_figures, model_of, snapshot_figures
from tests.recorded_sample import MONTH


@pytest.mark.slow
@pytest.mark.parametrize(("gathered", "compact"), [(0.0, False), (0.3, False), (0.61, True), (1.0, True)])
def test_the_month_is_that_of_a_snapshot_at_the_same_cut(tmp_path: Path, gathered: float, *, compact: bool) -> None:
    driver = folded()
    expected = snapshot_figures(driver)
    assert 30 < len(expected)
    model = model_of(driver, tmp_path, gathered=gathered, compact=compact)
    with model.history:
        assert expected == live_figures(model.figures(MONTH))


@pytest.mark.slow
@pytest.mark.parametrize("gathered", [0.0, 0.5])
def test_a_followed_state_is_the_state_of_the_ledger(tmp_path: Path, gathered: float) -> None:
    driver = folded()
    model = model_of(driver, tmp_path, gathered=gathered)
    model.history.__exit__(None, None, None)
    for ledger, followed in zip(driver.ledgers, model.shards.values(), strict=True):
        state, ours = read_back(dict(ledger)), followed.state
        assert ours is not None
        assert (state.seq, state.applied, state.clock_us) == (ours.seq, ours.applied, ours.clock_us)
        for name in ("cells", "alerts"):
            assert list(getattr(state, name).rows()) == list(getattr(ours, name).rows())
        for name in ("failures", "counters", "slow"):
            assert getattr(state, name).items() == getattr(ours, name).items()
        for name in FOLLOWED_MAPS:
            assert state.maps()[name].data == ours.maps()[name].data
        assert all(not ours.maps()[name].data for name in MAP_TYPES if name not in FOLLOWED_MAPS)


@pytest.mark.slow
def test_every_leg_opened_has_ended_or_is_open(sample_model: Model) -> None:
    found = conservation_of(sample_model.shards)
    assert found.holds
    assert found.opened == found.ended + found.held + found.withdrawn + found.open
    assert min(found.opened, found.ended, found.held, found.withdrawn, found.open) > 0


@pytest.mark.slow
@pytest.mark.parametrize("every", [7, 3])
def test_commits_that_only_a_checkpoint_tells_are_counted_when_live_begins_after_them(every: int) -> None:
    for partition, log in enumerate(folded(every).written):
        shard = FollowedShard(partition)
        for key, value, stamp_ms in log:
            shard.gather(key, value, stamp_ms, told=False)
        written = {int(key.split(b"|")[1]): value for key, value, _ in log if value and key.endswith(b"|000000|000001")}
        unpacker = Unpacker()
        deltas = [DELTA.read(unpacker.value(seq, value) or b"") for seq, value in written.items()]
        settling = sum(bool(delta.maps.of_map("closed")[0]) for delta in deltas)
        checkpoints = sum(key == b"h" for key, _, _ in log)
        assert checkpoints > 3
        assert checkpoints + settling == sum(added.missed for added, _ in shard.begin())


@pytest.mark.slow
def test_live_passes_over_what_compaction_has_left_of_a_chain_and_counts_it_as_missed() -> None:
    """Of deltas a checkpoint has replaced any rest may be there; one in the midst of a chain can't be unpacked."""
    for partition, log in enumerate(folded(7).written):
        heads = [number for number, (key, _, _) in enumerate(log) if key == b"h"]
        between = range(heads[-2], heads[-1])
        chain = [number for number in between if log[number][0].startswith(b"d|") and log[number][1] is not None]
        assert len(chain) > 3
        whole, rest = FollowedShard(partition), FollowedShard(partition)
        for number, (key, value, stamp_ms) in enumerate(log):
            whole.gather(key, value, stamp_ms, told=False)
            if number not in chain[:2]:
                rest.gather(key, value, stamp_ms, told=False)
        missed = [sum(added.missed for added, _ in shard.begin()) for shard in (whole, rest)]
        assert len(chain) == missed[1] - missed[0]
        assert whole.state is not None
        assert rest.state is not None
        assert whole.state.counters.items() == rest.state.counters.items()
