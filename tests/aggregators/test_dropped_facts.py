"""Facts of single Devices are dropped when no month to come can need them; one that would is not frozen any more."""

import pytest

from dcc_analytics.aggregators.checkpoint import Checkpointer, read_back
from dcc_analytics.aggregators.device_records import KEPT_US
from dcc_analytics.aggregators.reads import WINDOW_DAYS, days_of
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.catalogue.months import Month, day_of
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze
from tests.desk import DAY, DEVICE, NOON, S, rid
from tests.in_process import collected
from tests.story import Story, at

OCTOBER = Month(2026, 10)


def told() -> Story:
    """Return a story with a gain and a round trip held for the snapshot."""
    story = Story()
    story.user()
    story.request(1, srv="6.23")
    story.response(1)
    story.request(2, srv="1.1.1", received=NOON + S)
    story.response(2, sent=NOON + 2 * S)
    return story


def state_after(days: int) -> tuple[Story, ShardState]:
    story = told()
    story.let_time_pass(NOON + days * DAY)
    story.run()
    return story, story.driver.shards[0].state


def test_they_are_kept_until_they_are_too_old_and_a_month_is_settled() -> None:
    _, state = state_after(100)
    assert (1, 1, 0) == (len(state.records), len(state.held), state.dropped_us)
    _, state = state_after(200)
    assert (0, 0, NOON + S) == (len(state.records), len(state.held), state.dropped_us)


@pytest.mark.parametrize("checkpoint", [False, True])
def test_that_they_were_dropped_is_known_after_a_restart(*, checkpoint: bool) -> None:
    story, state = state_after(200)
    ledger = story.driver.ledgers[0]
    if checkpoint:
        ledger = {key: value for key, value in Checkpointer().records(state) if value is not None}
    assert NOON + S == read_back(dict(ledger)).dropped_us


def test_a_month_whose_facts_were_dropped_is_not_frozen_but_refused_with_what_to_do() -> None:
    story, _ = state_after(200)
    with pytest.raises(SnapshotError) as refused:
        freeze(collected(story.driver), OCTOBER, read_rules())
    assert f"was dropped up to {at(NOON + S)}" in str(refused.value)
    assert "the snapshot taken then" in str(refused.value)


def test_a_later_month_is_frozen_all_the_same() -> None:
    story, state = state_after(200)
    assert state.dropped_us < NOON + KEPT_US
    assert freeze(collected(story.driver), Month(2027, 4), read_rules()).manifest["month"] == "2027-04"


@pytest.mark.parametrize("fetch", [1, 2, 500])
@pytest.mark.parametrize("quiet_days", [61, 63, 90])
def test_a_read_after_a_long_quiet_counts_however_much_is_read_at_a_time(quiet_days: int, fetch: int) -> None:
    story = Story()
    later = NOON + quiet_days * DAY
    for number, received in ((1, NOON), (2, later)):
        story.request(number, received=received)
        story.response(number, sent=received + S)
    story.run(fetch=fetch)
    assert [day_of(NOON), day_of(later)] == days_of(story.driver.shards[0].state.reads.get(DEVICE))


def test_a_read_that_is_forgotten_for_a_later_one_is_known_to_be() -> None:
    story = Story()
    for number, day in ((1, 0), (2, 3), (3, WINDOW_DAYS + 1)):
        story.request(number, received=NOON + day * DAY)
        story.response(number, sent=NOON + day * DAY + S)
    story.run()
    assert day_of(NOON) * DAY == story.driver.shards[0].state.dropped_us


def test_a_device_that_was_not_read_any_more_is_forgotten_and_known_to_be() -> None:
    story = Story()
    story.request(1)
    story.response(1)
    story.let_time_pass(NOON + 220 * DAY)
    story.run()
    state = story.driver.shards[0].state
    assert (None, day_of(NOON) * DAY) == (state.reads.get(DEVICE), state.dropped_us)


def test_a_read_that_ended_years_ahead_by_a_faulty_clock_forgets_no_other() -> None:
    story = Story()
    for number, sent in ((1, NOON + S), (2, NOON + 5_000 * DAY)):
        story.request(number)
        value = f'{{"request_id":"{rid(number)}","sent_at":"{at(sent)}","code":"I0"}}'
        story.tell("service-responses", value.encode(), NOON + S, subject=DEVICE)
    story.run()
    assert [day_of(NOON)] == days_of(story.driver.shards[0].state.reads.get(DEVICE))


# -- Devices that have left the inventory ------------------------------------------------------------------

HUB = "88-73-84-00-00-00-00-10"


def with_install(*, by: str) -> Story:
    """Return a story of a hub that is installed, and a day later leaves the inventory in some way, or does not."""
    story = Story()
    story.user()
    if by != "never known":
        story.device(HUB, device_type="CHF")
    story.request(1, srv="8.14.1", target=HUB)
    story.response(1, target=HUB)
    if by == "removed":
        story.device(HUB, device_type="CHF", as_of=NOON + DAY, removed=True)
    elif by == "no value":
        story.driver.publish("devices", HUB.encode(), None, (NOON + DAY) // 1000)
    return story


@pytest.mark.parametrize(
    ("by", "kept"), [("removed", False), ("no value", False), ("still there", True), ("never known", True)]
)
def test_the_last_install_of_a_hub_goes_when_the_hub_has_left_the_inventory(*, by: str, kept: bool) -> None:
    story = with_install(by=by)
    for days in (100, 400):
        story.let_time_pass(NOON + days * DAY)
        story.run()
        assert days == 100 or kept is bool(story.driver.shards[0].state.records)


@pytest.mark.parametrize("by", ["removed", "no value"])
def test_a_device_leaves_the_estate_when_no_month_needs_it(by: str) -> None:
    story = with_install(by=by)
    estate = story.driver.estates[0]
    story.let_time_pass(NOON + 100 * DAY)
    story.run()
    assert [HUB] == list(estate.left)
    assert (by == "removed") is (HUB in estate.kept)
    story.let_time_pass(NOON + 200 * DAY)
    story.run()
    assert ({}, {}) == (estate.kept, estate.left)


def test_an_estate_that_was_lost_forgets_again_when_it_was_read_again() -> None:
    story = with_install(by="removed")
    story.let_time_pass(NOON + 200 * DAY)
    story.run()
    story.driver.restart(0, elsewhere=True)
    assert {} == story.driver.estates[0].kept


def test_a_hub_of_which_an_install_is_kept_is_known_to_have_left_until_that_has_gone() -> None:
    story = with_install(by="no value")
    story.request(2, srv="8.14.2", target=HUB, received=NOON + 180 * DAY)
    story.response(2, target=HUB, sent=NOON + 180 * DAY + S)
    for days, installs in ((200, 1), (400, 0)):
        story.let_time_pass(NOON + days * DAY)
        story.run()
        shard = story.driver.shards[0]
        assert (installs, installs) == (len(shard.state.records), len(story.driver.estates[0].left))


def test_what_comes_when_all_of_its_time_has_gone_is_not_kept() -> None:
    story = told()
    story.let_time_pass(NOON + 200 * DAY)
    story.run()
    late = NOON + 20 * DAY
    for number, srv in ((3, "6.23"), (4, "1.1.1"), (5, "4.8.1")):
        story.request(number, srv=srv, received=late)
        story.response(number, sent=late + S)
    story.run()
    state = story.driver.shards[0].state
    assert (0, 0, 0) == (len(state.records), len(state.held), len(state.reads))
    assert late + S >= state.dropped_us >= late
