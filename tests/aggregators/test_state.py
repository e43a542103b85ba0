"""The state of a shard: what is cut, and what is read back by applying it."""

from dcc_analytics.aggregators.cells import SUCCEEDED
from dcc_analytics.aggregators.device_records import Gain
from dcc_analytics.aggregators.keys import AlertDigestKey, AlertKey
from dcc_analytics.aggregators.observe import Observation, observation
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.months import Month, day_of
from dcc_analytics.stream.estate import UNKNOWN_FACTS, Facts
from dcc_analytics.stream.legs import Leg
from tests.desk import DEVICE, NOON, USER


def seen() -> Observation:
    leg = Leg(
        USER, "IS", "1.1.1", 1, transform=False, device=DEVICE, received_us=NOON, start_us=NOON, future_dated=False,
        untimed=False,
    )  # fmt: skip
    return observation(leg, None, UNKNOWN_FACTS)


def note(state: ShardState, code: str) -> None:
    sent = AlertDigestKey(USER, "IS", "dcc", code, Month(2026, 10).number)
    key = AlertKey(state.alert_digests.keys.number(sent), day_of(NOON), state.facts.number(UNKNOWN_FACTS))
    state.alerts.append(state.alerts.keys.number(key), SUCCEEDED, 0)


def delivered(state: ShardState) -> dict[str, int]:
    return {sent.code: counts[0] for sent, _, _, counts in state.alert_rows()}


def test_commits_are_numbered_from_one() -> None:
    state = ShardState()
    assert [1, 2, 3] == [state.cut().seq for _ in range(3)]


def test_what_is_held_and_kept_is_numbered_on_after_it_was_read_back() -> None:
    ours, theirs = ShardState(), ShardState()
    for _ in range(3):
        ours.hold(seen())
        ours.keep(Gain(USER, "IS", DEVICE, NOON))
        theirs.apply(ours.cut())
    for state in (ours, theirs):
        state.hold(seen())
        state.keep(Gain(USER, "IS", DEVICE, NOON))
        assert [1, 2, 3, 4] == list(state.held)
        assert [1, 2, 3, 4] == list(state.records)


def test_a_delta_holds_only_what_is_new() -> None:
    state = ShardState()
    state.facts.number(UNKNOWN_FACTS)
    note(state, "N13")
    state.cut()
    state.facts.number(UNKNOWN_FACTS)
    state.facts.number(Facts("ESME"))
    note(state, "N13")
    delta = state.cut()
    assert ([Facts("ESME")], []) == (delta.facts, delta.alerts)
    assert len(delta.alert_outcomes.cells) == 4
    assert delta.maps.changes == []


def test_counts_are_there_when_they_are_cut_and_wherever_the_cut_is_applied() -> None:
    ours, theirs = ShardState(), ShardState()
    for codes in (("N13", "N12"), ("N13",), ()):
        for code in codes:
            note(ours, code)
        theirs.apply(ours.cut())
    expected = {"N13": 2, "N12": 1}
    assert expected == delivered(ours) == delivered(theirs)


def test_a_delta_is_a_value_that_later_changes_leave_alone() -> None:
    state = ShardState()
    state.applied["alerts/0"] = 1
    delta = state.cut()
    state.applied["alerts/0"] = 2
    assert delta.applied == {"alerts/0": 1}


def test_offsets_and_clocks_of_other_topics_stay_when_a_delta_is_applied() -> None:
    state = ShardState()
    state.applied["alerts/0"] = 5
    other = ShardState()
    other.applied["devices/0"] = 9
    other.clock_us = NOON
    state.apply(other.cut())
    assert {"alerts/0": 5, "devices/0": 9} == state.applied
    assert NOON == state.clock_us


def test_a_cut_of_nothing_new_changes_nothing_but_the_number_of_commits() -> None:
    state = ShardState()
    note(state, "N13")
    state.cut()
    before = delivered(state)
    delta = state.cut()
    assert (2, b"", b"", []) == (delta.seq, delta.alert_outcomes.cells, delta.outcomes.cells, delta.maps.changes)
    assert before == delivered(state)
