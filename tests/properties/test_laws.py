"""The laws every aggregate keeps: empty, merging, order, bytes there and back, damage. One found without is a failure.

In this product two states are merged by taking the cuts of one into the other, and the shards' by the snapshot.
"""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcc_analytics.aggregators.cells import SUCCEEDED, TIMED
from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.observe import Observation, Observer, is_held
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.snapshot.benchmarks import SERVICE_KEY, by_member
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.round_trips import RoundTrips, round_trips
from dcc_analytics.snapshot.sensitivity import time_out_sensitivity
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.events import NO_PARAMETERS
from tests.desk import DAY, NOON, OTHER_USER, USER
from tests.properties.feeds import FEEDS, Message
from tests.properties.laws import LAWS, NO_AGGREGATES, Law, Thing, found
from tests.properties.plans import OCTOBER, PLAIN, Play
from tests.properties.profile import PROFILE

#: An aggregate of whatever class a law is of.
One = Any


def of_all(laws: dict[type, Law]) -> pytest.MarkDecorator:
    """Run a test for each of these."""
    return pytest.mark.parametrize("law", laws.values(), ids=[each.__name__ for each in laws])


EVERY: Final = of_all(LAWS)
UNORDERED: Final = of_all({of: law for of, law in LAWS.items() if law.unordered})
STORED: Final = of_all({of: law for of, law in LAWS.items() if law.stored})


def test_every_aggregate_there_is_has_its_laws() -> None:
    assert set(LAWS) == found()
    assert "" not in NO_AGGREGATES.values()


def told(law: Law, *parts: list[Thing]) -> tuple[One, list[bytes]]:
    """Return an aggregate that was told things, cut after each part, and the bytes of the cuts."""
    one = law.empty()
    cuts = []
    for part in parts:
        for thing in part:
            law.add(one, thing)
        cuts.append(law.cut(one))
    return one, cuts


def made_of(law: Law, cuts: list[bytes]) -> One:
    """Return the aggregate that takes these cuts."""
    one = law.empty()
    for cut in cuts:
        law.take(one, cut)
    return one


def same(law: Law, one: One, other: One) -> None:
    assert law.value(one) == law.value(other)
    assert law.near(one) == pytest.approx(law.near(other), rel=0.01)


@EVERY
@PROFILE
@given(data=st.data())
def test_nothing_and_something_is_something(law: Law, data: st.DataObject) -> None:
    things = data.draw(st.lists(law.things, max_size=30))
    something, cuts = told(law, things)
    _, nothing = told(law, [])
    same(law, something, made_of(law, cuts))
    before_and_after, cuts = told(law, [], things, [])
    same(law, something, before_and_after)
    same(law, something, made_of(law, cuts))
    same(law, law.empty(), made_of(law, nothing))


@EVERY
@PROFILE
@given(data=st.data())
def test_however_three_parts_are_put_together_they_are_the_same(law: Law, data: st.DataObject) -> None:
    a, b, c = (data.draw(st.lists(law.things, max_size=20)) for _ in range(3))
    by_parts, cuts = told(law, a, b, c)
    for parts in ([a + b + c], [a + b, c], [a, b + c], [[each] for each in a + b + c]):
        otherwise, otherwise_cuts = told(law, *parts)
        same(law, by_parts, otherwise)
        same(law, by_parts, made_of(law, otherwise_cuts))
    same(law, by_parts, made_of(law, cuts))


@UNORDERED
@PROFILE
@given(data=st.data())
def test_the_order_in_which_things_are_told_does_not_matter(law: Law, data: st.DataObject) -> None:
    things = data.draw(st.lists(law.things, max_size=30))
    shuffled = data.draw(st.permutations(things))
    same(law, told(law, things)[0], told(law, shuffled)[0])


@STORED
@PROFILE
@given(data=st.data())
def test_a_checkpoint_gives_back_what_was_stored_and_it_goes_on_from_there(law: Law, data: st.DataObject) -> None:
    before, after = (data.draw(st.lists(law.things, min_size=1, max_size=20)) for _ in range(2))
    one, _ = told(law, before)
    assert law.stored is not None
    loaded = law.stored(one)
    same(law, one, loaded)
    for each in (one, loaded):
        for thing in after:
            law.add(each, thing)
        law.cut(each)
    same(law, one, loaded)


@EVERY
@PROFILE
@given(data=st.data())
def test_damaged_bytes_are_refused_with_words(law: Law, data: st.DataObject) -> None:
    (cut,) = told(law, data.draw(st.lists(law.things, max_size=10)))[1]
    with pytest.raises(StateError, match="the ledger's "):
        law.take(law.empty(), damaged(cut, data))


def damaged(value: bytes, data: st.DataObject) -> bytes:
    """Return bytes with a bit or more of one byte turned, or cut short."""
    at = data.draw(st.integers(min_value=0, max_value=len(value) - 1), label="at")
    mask = data.draw(st.integers(min_value=0, max_value=255), label="mask; 0: cut short")
    return value[:at] + bytes((value[at] ^ mask,)) + value[at + 1 :] if mask else value[:at]


@pytest.mark.slow
@PROFILE
@given(feed=FEEDS, data=st.data())
def test_a_ledger_with_a_damaged_record_is_refused_with_words(feed: list[Message], data: st.DataObject) -> None:
    driver = Play(feed, PLAIN).driver
    if data.draw(st.booleans(), label="checkpoint"):
        driver.commit(driver.shards[0], checkpoint=True)
    ledger = driver.ledgers[0]
    read_back(dict(ledger))
    key = data.draw(st.sampled_from(sorted(ledger)))
    with pytest.raises(StateError, match="the ledger's "):
        read_back({**ledger, key: damaged(ledger[key], data)})


# -- shards merged at the snapshot -------------------------------------------------------------------------

#: What a snapshot says of transform legs: their rows are those of the shards, and only summed.
COUNTS: Final = ("successes", "failures", "rtt_n", "rtt_sum_us")
RESULTS: Final = st.tuples(
    st.just(SUCCEEDED | TIMED), st.integers(min_value=0, max_value=2**40), st.just("")
) | st.tuples(st.just(0), st.just(0), st.sampled_from(["E20", "N12"]))


@st.composite
def _observation(draw: st.DrawFn) -> Observation:
    flags, rtt_us, reason = draw(RESULTS)
    return Observation(
        user=draw(st.sampled_from([USER, OTHER_USER])),
        role="IS",
        srv=draw(st.sampled_from(["4.8.1", "8.7.2", "6.23"])),
        transform=draw(st.booleans()),
        parameters=NO_PARAMETERS,
        device=None,
        start_us=draw(st.sampled_from([NOON, NOON + DAY, OCTOBER.end_us, OCTOBER.end_us - 1])),
        facts=draw(st.sampled_from([Facts(), Facts(device_type="ESME", region="North")])),
        installing=False,
        flags=flags,
        rtt_us=rtt_us,
        reason=reason,
    )


def shard(seen: list[Observation]) -> ShardState:
    """Return a shard that has seen this."""
    state = ShardState()
    observer = Observer(state.cells, state.failures, state.slow)
    for each in seen:
        if is_held(each.srv):
            state.hold(each)
        else:
            observer.observe(each)
    state.cut()
    return state


def merged(shards: list[ShardState]) -> RoundTrips:
    """Return October of shards, as the snapshot merges them."""
    return round_trips(shards, OCTOBER, NOON, Directory([]), Inventory([]))


@pytest.mark.slow
@PROFILE
@given(parts=st.lists(st.lists(_observation(), max_size=15), min_size=1, max_size=5), data=st.data())
def test_shards_merged_in_any_order_are_one_that_saw_all(parts: list[list[Observation]], data: st.DataObject) -> None:
    one = merged([shard([each for part in parts for each in part])])
    several = merged([shard(part) for part in data.draw(st.permutations([*parts, []]))])
    assert one.cells.rows() == several.cells.rows()
    assert one.failures.rows() == several.failures.rows()
    assert one.transforms.select(COUNTS).sum().rows() == several.transforms.select(COUNTS).sum().rows()
    by_time_out = [
        time_out_sensitivity(by_member(each.cells, SERVICE_KEY), each.long_legs).rows() for each in (one, several)
    ]
    assert by_time_out[0] == by_time_out[1]
    exact = [{of: (d.n_values, d.min(), d.max()) for of, d in each.digests.items()} for each in (one, several)]
    assert exact[0] == exact[1]
    near = [{of: d.mean() for of, d in each.digests.items()} for each in (one, several)]
    assert near[0] == pytest.approx(near[1])
