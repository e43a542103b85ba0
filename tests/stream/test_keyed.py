"""A map that tells its changes: who applies the cuts has the same map, in the same order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.stream.keyed import Keyed

KEYS = st.integers(min_value=0, max_value=5)
#: put a key, drop it, or cut.
STEPS = st.lists(st.tuples(st.just("put"), KEYS) | st.tuples(st.just("drop"), KEYS) | st.tuples(st.just("cut"), KEYS))


def test_a_cut_holds_what_was_put_and_what_was_dropped_since_the_last() -> None:
    keyed: Keyed[str, int] = Keyed()
    keyed.put("a", 1)
    keyed.put("b", 2)
    assert ({"a": 1, "b": 2}, []) == keyed.cut()
    keyed.drop("a")
    keyed.put("c", 3)
    assert ({"c": 3}, ["a"]) == keyed.cut()
    assert ({}, []) == keyed.cut()


def test_what_came_and_went_between_two_cuts_leaves_no_trace() -> None:
    keyed: Keyed[str, int] = Keyed()
    keyed.put("a", 1)
    assert keyed.drop("a") == 1
    assert ({}, []) == keyed.cut()


def test_what_was_dropped_and_put_again_is_put() -> None:
    keyed: Keyed[str, int] = Keyed()
    keyed.put("a", 1)
    keyed.cut()
    keyed.drop("a")
    keyed.put("a", 2)
    keyed.drop("a")
    assert ({}, ["a"]) == keyed.cut()


def test_a_value_changed_in_place_is_a_change_when_it_is_put() -> None:
    keyed: Keyed[str, list[int]] = Keyed()
    keyed.put("a", [1])
    keyed.cut()
    (keyed.get("a") or []).append(2)
    assert ({}, []) == keyed.cut()
    keyed.put("a", keyed.data["a"])
    assert ({"a": [1, 2]}, []) == keyed.cut()


def test_dropping_what_is_not_there_is_no_change() -> None:
    keyed: Keyed[str, int] = Keyed()
    assert keyed.drop("a") is None
    assert ({}, []) == keyed.cut()


def test_what_is_applied_is_no_change() -> None:
    keyed: Keyed[str, int] = Keyed()
    keyed.apply({"a": 1, "b": 2}, [])
    keyed.apply({}, ["b", "never there"])
    assert {"a": 1} == keyed.data
    assert ({}, []) == keyed.cut()
    assert ("a" in keyed, len(keyed), list(keyed)) == (True, 1, ["a"])


@settings(derandomize=True, max_examples=50)
@given(steps=STEPS)
def test_whoever_applies_the_cuts_has_the_same_map(steps: list[tuple[str, int]]) -> None:
    ours: Keyed[int, int] = Keyed()
    theirs: Keyed[int, int] = Keyed()
    for value, (step, key) in enumerate([*steps, ("cut", 0)]):
        if step == "put":
            ours.put(key, value)
        elif step == "drop":
            ours.drop(key)
        else:
            theirs.apply(*ours.cut())
    assert ours.data == theirs.data


@settings(derandomize=True, max_examples=50)
@given(batches=st.lists(st.lists(st.integers(min_value=0, max_value=99), unique=True), max_size=6))
def test_keys_put_once_are_applied_in_the_order_they_were_put(batches: list[list[int]]) -> None:
    ours: Keyed[int, int] = Keyed()
    theirs: Keyed[int, int] = Keyed()
    for batch in batches:
        for key in batch:
            if key not in ours:
                ours.put(key, 1)
        theirs.apply(*ours.cut())
    assert list(ours) == list(theirs)
