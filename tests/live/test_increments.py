"""What a commit added, by small stories: each round trip is seen once, when it ends."""

from collections import Counter

import pytest

from dcc_analytics.aggregators.checkpoint import Checkpointer, delta_records
from dcc_analytics.aggregators.packed import Packer
from dcc_analytics.aggregators.shard import Shard
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.live.lines import Increment
from dcc_analytics.live.recent import is_coarse
from dcc_analytics.live.shard import FollowedShard
from tests.desk import NOON, S, rid
from tests.story import FINAL, Story


class Followed:
    """A story of one shard, followed commit by commit."""

    def __init__(self) -> None:
        self.story = Story(1)
        self.shard = FollowedShard(0)
        self._began = False
        self._checkpointer = Checkpointer()
        self._packer = Packer()

    @property
    def folded(self) -> Shard:
        (shard,) = self.story.driver.shards
        return shard

    def records(self, *, checkpoint: bool = False) -> list[tuple[bytes, bytes | None]]:
        """Fold what was told, and return the records of its commit."""
        driver, shard = self.story.driver, self.folded
        if not self._began:
            for topic in ("devices", "users", "incidents"):
                assert not driver.log[topic, 0]
            shard.reference_is_read()
            list(self.shard.begin())
            self._began = True
        driver.step(shard, 500, commit=False)
        shard.horizon(shard.state.clock_us)
        delta = shard.state.cut()
        shard.take_outgoing()
        if checkpoint:
            self._packer = Packer()
            return list(self._checkpointer.records(shard.state))
        return list(delta_records(delta, self._packer))

    def commit(self, *, checkpoint: bool = False) -> Increment:
        """Fold what was told, and return what live sees of its commit."""
        found = [self.shard.take(key, value, 1) for key, value in self.records(checkpoint=checkpoint)]
        (added,) = [each for each in found if each is not None]
        return added


def seen(added: Increment) -> tuple[int, int]:
    """Return ended and failures."""
    lines = added.lines.values()
    return sum(each[0] for each in lines), sum(each[1] for each in lines)


def reasons(added: Increment) -> dict[str, int]:
    found: Counter[str] = Counter()
    for key, count in added.failures.items():
        found[key.reason] += count
    return {reason: count for reason, count in found.items() if count}


@pytest.mark.parametrize("checkpoint", [False, True])
def test_a_request_is_seen_when_it_is_answered(*, checkpoint: bool) -> None:
    followed = Followed()
    followed.story.request()
    assert (0, 0) == seen(followed.commit(checkpoint=checkpoint))
    assert 1 == followed.shard.open_legs.total("open")
    followed.story.response()
    added = followed.commit(checkpoint=checkpoint)
    assert (1, 0) == seen(added)
    assert NOON + S == added.clock_us
    assert 0 == followed.shard.open_legs.total("open")


@pytest.mark.parametrize("checkpoint", [False, True])
def test_a_failure_is_seen_with_its_reason_and_where(*, checkpoint: bool) -> None:
    followed = Followed()
    followed.story.request()
    followed.story.response(code="E54")
    added = followed.commit(checkpoint=checkpoint)
    ((line, outcome),) = added.lines.items()
    assert ("4.8.1", "Unknown", [1, 1]) == (line.srv, line.region, outcome)
    assert {"E54": 1} == reasons(added)


@pytest.mark.parametrize("checkpoint", [False, True])
def test_an_end_that_an_alert_reports_is_seen_then_and_not_again_when_it_is_settled(*, checkpoint: bool) -> None:
    followed = Followed()
    followed.story.request()
    followed.story.alert(code="N3", raised=NOON + S, request_id=rid(1))
    added = followed.commit(checkpoint=checkpoint)
    assert (1, 1) == seen(added)
    assert {"N3": 1} == reasons(added)
    followed.story.let_time_pass(FINAL + 3 * 86_400 * S)
    assert (0, 0) == seen(followed.commit())
    assert 0 == len(followed.shard.open_legs)


@pytest.mark.parametrize("checkpoint", [False, True])
def test_a_response_that_beats_the_alert_takes_its_failure_back(*, checkpoint: bool) -> None:
    followed = Followed()
    followed.story.request()
    followed.story.alert(code="N3", raised=NOON + S, request_id=rid(1))
    followed.commit()
    followed.story.response(sent=NOON + 2 * S)
    added = followed.commit(checkpoint=checkpoint)
    assert (0, -1) == seen(added)
    assert {"N3": -1} == reasons(added)


def test_what_a_months_end_leaves_unanswered_does_not_end_then() -> None:
    followed = Followed()
    followed.story.request()
    followed.commit()
    followed.story.let_time_pass(NOON + 10 * 86_400 * S)
    followed.commit()
    followed.shard.open_legs.advance(followed.folded.state.clock_us)
    assert (0, 1) == (followed.shard.open_legs.total("open"), followed.shard.open_legs.total("timed_out"))
    followed.story.let_time_pass(FINAL + 3 * 86_400 * S)
    assert (0, 0) == seen(followed.commit())
    assert 0 == followed.shard.open_legs.total("timed_out")
    assert 1 == int(followed.folded.state.cells.columns["failures"].sum())


def test_a_round_trip_whose_process_is_decided_at_month_end_is_seen_without_one() -> None:
    followed = Followed()
    followed.story.request(srv="6.8")
    followed.story.response()
    ((line, outcome),) = followed.commit().lines.items()
    assert ("", "6.8", [1, 0]) == (line.process, line.srv, outcome)


def test_a_successful_first_leg_is_no_round_trip() -> None:
    followed = Followed()
    followed.story.request(srv="1.1.1", command_variant=4)
    followed.story.response(kind="pre_command")
    assert (0, 0) == seen(followed.commit())


@pytest.mark.parametrize("checkpoint", [False, True])
def test_alerts_are_seen_by_recipient(*, checkpoint: bool) -> None:
    followed = Followed()
    followed.story.alert("a-1")
    followed.story.alert("a-2")
    assert [2] == list(followed.commit(checkpoint=checkpoint).alerts.values())


def test_a_checkpoint_in_which_a_month_became_final_is_placed_nowhere() -> None:
    """What it settles ended long before, and the cells don't tell it from what ended now."""
    followed = Followed()
    followed.story.request()
    followed.commit()
    followed.story.let_time_pass(FINAL + 3 * 86_400 * S)
    added = followed.commit(checkpoint=True)
    assert (1, 1) == seen(added)
    assert is_coarse(added)


def test_a_dead_letter_is_counted() -> None:
    followed = Followed()
    followed.story.tell("alerts", b"\xff", NOON)
    assert 1 == followed.commit().dead_letters


def test_a_commit_that_is_missing_stops_with_words() -> None:
    followed = Followed()
    followed.story.request()
    followed.commit()
    followed.story.response()
    followed.records()
    followed.story.alert()
    with pytest.raises(StateError, match="the ledger lacks delta 2 of partition 0; restore the ledger topic"):
        followed.commit()


def test_a_checkpoint_after_a_commit_that_is_missing_stops_with_words() -> None:
    followed = Followed()
    followed.story.request()
    followed.commit()
    followed.story.response()
    followed.records()
    followed.story.alert()
    with pytest.raises(StateError, match="the ledger's checkpoint 3 does not follow commit 1"):
        followed.commit(checkpoint=True)
