"""When the rules let each entry of the ledger go, held against when memory really does."""

from collections.abc import Iterator

import pytest

from dcc_analytics.aggregators.checkpoint import REWRITTEN_US
from dcc_analytics.aggregators.device_records import KEPT_US, Install
from dcc_analytics.aggregators.retained import KINDS, Entry, Retained, Sum, entries_of, forgotten_us, holds
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.months import next_closed_us
from dcc_analytics.stream.events import DeviceVersion
from dcc_analytics.stream.match import Matcher
from dcc_analytics.stream.timed import Timed
from tests.desk import DAY, DEVICE, NOON, USER, H, rid
from tests.records import SCHEDULED, text
from tests.story import Story

HUB = "88-73-84-00-00-00-00-10"


def told_of_everything() -> Story:
    """Return a story after which every map of a shard holds something, but for what strays bring."""
    story = Story()
    story.device()
    story.request(1, srv="6.23")
    story.response(1)
    story.request(2)  # never answered
    story.request(3, srv="1.1.1")
    story.response(3)
    story.response(4)  # of no request
    story.request(5, srv="6.15.2", command_variant=4, parameters={"credential_type": "digital_signature"})
    story.response(5, kind="pre_command")
    story.request(9, command_variant=4, execute_at="2026-10-20T00:00:00Z")
    story.request(6, srv="6.15.1", execute_at="3000-12-31T00:00:00Z")
    story.request(7, srv="8.14.1", target=HUB)
    story.response(7, target=HUB)
    story.request(8)
    story.response(8)
    story.alert()
    story.tell("service-responses", text(SCHEDULED, device=DEVICE), NOON, subject=DEVICE)
    story.run()
    assert [] == story.reasons()
    return story


def entries(state: ShardState) -> Iterator[Entry]:
    for name, each in state.maps().items():
        yield from entries_of(name, each.data.items())


def test_what_memory_holds_of_any_kind_is_never_to_have_gone() -> None:
    story = told_of_everything()
    state = story.driver.shards[0].state
    seen = {each.kind for each in entries(state)}
    for hours in (*range(1, 60), *range(60, 240 * 24, 20)):
        story.let_time_pass(NOON + hours * H)
        story.run()
        there = list(entries(state))
        seen |= {each.kind for each in there}
        kept = [each for each in there if each.kind != "installs" and each.gone_us is not None]
        assert [] == [each for each in kept if each.gone_us is not None and each.gone_us <= state.horizon_us]
    assert KINDS - {"moved"} == seen
    assert {"installs", "legs", "alerts"} >= {each.kind for each in entries(state)}  # the last Alert let time pass


def summed(
    *found: Entry, horizon_us: int, left: dict[str, int] | None = None, device: str | None = None
) -> dict[str, Sum]:
    retained = Retained(horizon_us, left or {}, device)
    retained.take(found, may_have_device=device is not None)
    return {kind: each for kind, each in retained.sums().items() if each.entries}


def install(received_us: int, user: str = USER) -> Entry:
    (only,) = entries_of("records", [(1, Install(user, "IS", "8.14.1", HUB, received_us, succeeded=True))])
    return only


def test_an_entry_is_beyond_its_rule_once_the_ledger_should_have_been_rewritten_without_it() -> None:
    (entry,) = entries_of("alerts", [("a-1", (NOON, NOON - DAY))])
    assert entry.gone_us is not None
    due_us = entry.gone_us + REWRITTEN_US
    assert 0 == summed(entry, horizon_us=due_us - 1)["alerts"].beyond
    found = summed(entry, horizon_us=due_us)["alerts"]
    assert (1, 1, NOON - DAY) == (found.entries, found.beyond, found.oldest_us)


def test_what_came_late_is_beyond_once_the_ledger_should_have_been_rewritten_since_it_came() -> None:
    (entry,) = entries_of("alerts", [("a-1", (NOON, NOON - DAY))])
    for horizon_us, beyond in ((NOON + 90 * DAY + REWRITTEN_US - 1, 0), (NOON + 90 * DAY + REWRITTEN_US, 1)):
        retained = Retained(horizon_us, {}, None)
        retained.take([entry], may_have_device=False, put_us=NOON + 90 * DAY)
        assert beyond == retained.sums()["alerts"].beyond


def test_a_leg_that_is_told_when_its_month_is_closed_has_not_gone_before_the_next_is() -> None:
    story = Story()
    story.let_time_pass(NOON + 45 * DAY)  # October is closed
    story.run()
    story.request(1)
    story.run()
    state = story.driver.shards[0].state
    (leg,) = [each for each in entries(state) if each.kind == "legs"]
    assert leg.gone_us is not None
    assert leg.gone_us > state.horizon_us
    story.let_time_pass(leg.gone_us)
    story.run()
    assert leg.kind not in {each.kind for each in entries(state)}


def test_the_last_install_of_a_hub_stays_as_long_as_the_hub_and_those_before_it_do_not() -> None:
    late = NOON + 3 * KEPT_US
    found = summed(install(NOON), install(NOON + DAY), install(NOON, "other"), horizon_us=late)
    counted = {kind: (each.entries, each.beyond) for kind, each in found.items()}
    assert {"records": (1, 1), "installs": (2, 0)} == counted
    found = summed(install(NOON), horizon_us=late, left={HUB: NOON + DAY}, device=HUB)
    assert (1, forgotten_us(NOON + DAY) + REWRITTEN_US) == (
        found["installs"].beyond, found["installs"].until_us,
    )  # fmt: skip


def test_an_install_that_was_followed_by_another_goes_when_that_one_is_old() -> None:
    state, first, second = ShardState(), install(NOON), install(NOON + 105 * DAY)
    for each in (first, second):
        state.keep(each.value)
    closed, counts = next_closed_us(NOON), list[int]()
    for _ in range(12):
        state.forget_outdated(closed)
        next_us = next_closed_us(closed + 1)
        for horizon_us in (closed, next_us - 1):
            found = summed(*entries(state), horizon_us=horizon_us)
            assert not any(each.beyond for each in found.values())
        counts.append(len(state.records.data))
        closed = next_us
    assert [2, 1] == sorted(set(counts), reverse=True)
    late = summed(first, second, horizon_us=next_closed_us(NOON + 105 * DAY + KEPT_US + 1) + REWRITTEN_US)
    assert (1, 0) == (late["records"].beyond, late["installs"].beyond)


def test_an_install_that_is_told_of_late_goes_when_the_next_month_is_closed() -> None:
    put_us, entry = NOON + 700 * DAY, install(NOON)
    due_us = next_closed_us(put_us) + REWRITTEN_US
    for horizon_us, beyond in ((due_us - 1, 0), (due_us, 1)):
        retained = Retained(horizon_us, {}, None)
        retained.take([install(NOON + DAY)], may_have_device=False)
        retained.take([entry], may_have_device=False, put_us=put_us)
        assert beyond == retained.sums()["records"].beyond


def version(as_of_us: int, *, removed: bool = False) -> Entry:
    told = DeviceVersion(DEVICE, as_of_us, "ESME", "Commissioned", removed, "North", "SMETS2+", "Acme", "M", "1", None)
    (only,) = entries_of("moved", [(f"{DEVICE}|{as_of_us}", told)])
    return only


def test_versions_that_came_by_strays_go_with_their_device() -> None:
    late = NOON + 3 * KEPT_US
    assert 0 == summed(version(NOON), horizon_us=late)["moved"].beyond
    assert 2 == summed(version(NOON), version(NOON + DAY, removed=True), horizon_us=late)["moved"].beyond
    assert 0 == summed(version(NOON, removed=True), version(NOON + DAY), horizon_us=late)["moved"].beyond
    told_us = late - KEPT_US
    assert 0 == summed(version(NOON, removed=True), horizon_us=late, left={DEVICE: told_us})["moved"].beyond


@pytest.mark.parametrize("device", [DEVICE, DEVICE.lower()])
def test_a_device_is_found_in_any_case(device: str) -> None:
    (entry,) = entries_of("alerts", [(f"of-{device.lower()}", (NOON, NOON))])
    assert holds(entry, device.encode())


@pytest.mark.parametrize(("device", "count"), [(DEVICE, 1), (HUB, 0)])
def test_a_device_is_found_wherever_in_an_entry_it_stands(device: str, count: int) -> None:
    story = told_of_everything()
    legs = [each for each in entries(story.driver.shards[0].state) if each.kind == "legs" and rid(2) in each.key]
    assert 1 == len(legs)
    found = summed(*legs, horizon_us=NOON, device=device)["legs"]
    assert count == found.of_device


# -- a rule that does not drop is found --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "drop", "kinds"),
    [
        (Matcher, "close_months", {"legs"}),
        (
            Timed,
            "forget",
            {
                "ended",
                "alerts",
                "scheduled",
                "first_parameters",
                "first_executions",
                "cancellations",
                "waiting",
                "closed",
            },
        ),
        (ShardState, "forget_outdated", {"held", "records", "reads"}),
    ],
)
def test_what_a_rule_did_not_drop_is_found(
    where: type, drop: str, kinds: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, drop, lambda *_: [])
    story = told_of_everything()
    story.let_time_pass(NOON + 240 * DAY)
    story.run()
    state = story.driver.shards[0].state
    found = summed(*entries(state), horizon_us=state.horizon_us)
    assert kinds == {kind for kind, each in found.items() if each.beyond}


def test_of_what_all_rules_dropped_nothing_is_found() -> None:
    story = told_of_everything()
    story.let_time_pass(NOON + 240 * DAY)
    story.run()
    state = story.driver.shards[0].state
    assert not any(each.beyond for each in summed(*entries(state), horizon_us=state.horizon_us).values())
