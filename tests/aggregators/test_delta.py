"""The bytes of the ledger: a version leads them, and they evolve by rule."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.aggregators.cells import Outcomes
from dcc_analytics.aggregators.delta import (
    DELTA,
    FORMAT_VERSION,
    HEAD,
    MAP_TYPES,
    Codec,
    Delta,
    Head,
    MapChanges,
    to_bytes,
)
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.events import Parameters
from dcc_analytics.stream.keyed import Keyed
from dcc_analytics.stream.legs import Cancellation, End, Ended, Leg, Outcome
from tests.desk import DEVICE, NOON, USER, S, rid

HEADS = st.builds(
    Head,
    seq=st.integers(min_value=0, max_value=2**53),
    applied=st.dictionaries(st.text(max_size=9), st.integers(min_value=0, max_value=2**53), max_size=4),
    clocks_us=st.dictionaries(st.text(max_size=9), st.integers(min_value=-1, max_value=2**62), max_size=4),
    clock_us=st.integers(min_value=-1, max_value=2**62),
    horizon_us=st.integers(min_value=-1, max_value=2**62),
    final_month=st.integers(min_value=0, max_value=10**5),
    pieces=st.dictionaries(st.text(max_size=9), st.integers(min_value=0, max_value=9), max_size=4),
    blocks=st.dictionaries(st.text(max_size=1), st.integers(min_value=0, max_value=9), max_size=4),
)


@settings(derandomize=True, max_examples=40)
@given(head=HEADS)
def test_a_head_comes_back_from_its_bytes_as_it_was(head: Head) -> None:
    assert head == HEAD.read(to_bytes(head))


def test_a_delta_comes_back_from_its_bytes_as_it_was() -> None:
    state = ShardState()
    state.applied["alerts/0"] = 7
    state.memory.legs.put(rid(), leg())
    delta = state.cut()
    assert delta == DELTA.read(to_bytes(delta))
    assert isinstance(delta, Delta)


def test_a_version_byte_leads() -> None:
    assert to_bytes([])[:1] == bytes((FORMAT_VERSION,))


@pytest.mark.parametrize(("said", "lead"), [("01", b"\x01"), ("00", b"\x00"), ("ff", b"\xff"), ("nothing", b"")])
def test_another_format_is_refused_with_what_to_do(said: str, lead: bytes) -> None:
    value = lead + to_bytes([])[1:] if lead else b""
    with pytest.raises(StateError) as refused:
        HEAD.read(value)
    expected = (
        f"the ledger's checkpoint head has format {said}, this release reads 03; run the release that wrote it, or "
        "build anew with a new --application"
    )
    assert expected == str(refused.value)


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x93\x01", b"\xa3abc", b"\x97" + b"\xa0" * 7])
def test_bytes_that_are_no_such_value_are_damaged(body: bytes) -> None:
    with pytest.raises(StateError, match=r"the ledger's checkpoint head is damaged \(.*\); restore the ledger topic"):
        HEAD.read(bytes((FORMAT_VERSION,)) + body)
    with pytest.raises(StateError, match=r"the ledger's checkpoint head is damaged \(.*\); restore the ledger topic"):
        HEAD.read(to_bytes(msgspec.Raw(body)))


def test_every_bit_that_is_turned_and_every_byte_that_is_lost_is_noticed() -> None:
    """Of a count that is as good a count with one bit turned."""
    value = to_bytes(Head(1, {"alerts/0": 70_000}, {}, 2, 3, 4, {}, {"c": 1}, 5))
    for at in range(len(value)):
        for damage in (value[:at] + bytes((value[at] ^ 1 << at % 8,)) + value[at + 1 :], value[:at]):
            with pytest.raises(StateError, match="the ledger's checkpoint head"):
                HEAD.read(damage)


def test_a_field_appended_by_a_later_release_is_passed_over() -> None:
    """Fields are appended, never moved: an array one longer than ours is read as far as we know it."""
    known = msgspec.to_builtins(Head(1, {}, {}, 2, 3, 4, {}, {}, 5))
    assert Head(1, {}, {}, 2, 3, 4, {}, {}, 5) == HEAD.read(to_bytes([*known, "later"]))


# -- maps --------------------------------------------------------------------------------------------------


def leg() -> Leg:
    return Leg(
        USER, "IS", "1.1.1", 5, transform=False, device=DEVICE, received_us=NOON, start_us=NOON + S, future_dated=True,
        untimed=False, parameters=Parameters("credit", None, None, 1.5, None, (DEVICE,)), facts=3, installing=True,
        by_alert=Outcome(succeeded=False, reason="N13", ended_us=NOON), cancelled_us=NOON + 9,
        instructions={1: (NOON, True, False), 2: (NOON + S, False, True)},
    )  # fmt: skip


VALUES: dict[str, tuple[Any, Any]] = {
    "legs": (rid(), leg()),
    "ended": (rid(), (NOON, Ended(NOON, 5, NOON + 9))),
    "cancellations": (rid(), (NOON, Cancellation(NOON + 1, "1.1.1"))),
    "waiting": (rid(), (NOON, [End("alert", NOON, "N13", failed=True, untimed=False, number=1, total=2, held_us=3)])),
    "first_executions": (rid(), (NOON, (NOON, False))),
    "first_parameters": (rid(), (NOON, Parameters("credit"))),
    "scheduled": (b"\x00" * 16, (NOON, True)),
    "alerts": ("a-1", (NOON, NOON)),
    "closed": (rid(), (NOON, NOON)),
}


@pytest.mark.parametrize("name", VALUES)
def test_what_a_map_holds_comes_back_as_it_was(name: str) -> None:
    key, value = VALUES[name]
    ours: Keyed[Any, Any] = Keyed()
    theirs: Keyed[Any, Any] = Keyed()
    ours.put(key, value)
    changes = MapChanges.of({name: ours})
    changes.apply_to({name: theirs})
    assert {key: value} == theirs.data
    assert type(value) is type(theirs.data[key])
    ours.drop(key)
    MapChanges.of({name: ours}).apply_to({name: theirs})
    assert theirs.data == {}


def test_every_map_of_a_state_has_a_type_in_the_ledger() -> None:
    assert set(ShardState().maps()) == set(MAP_TYPES)
    assert set(VALUES) | {"held", "records", "reads", "moved", "audit", "audit_begun"} == set(MAP_TYPES)


def test_maps_that_did_not_change_are_not_written() -> None:
    maps: dict[str, Keyed[Any, Any]] = {"alerts": Keyed(), "closed": Keyed()}
    maps["closed"].put("a", (1, 2))
    assert ["closed"] == [name for name, _ in MapChanges.of(maps).changes]
    assert MapChanges.of(maps).changes == []


@settings(derandomize=True, max_examples=40)
@given(columns=st.tuples(st.binary(max_size=40), st.binary(max_size=10), st.binary(max_size=80)))
def test_columns_of_outcomes_come_back_byte_by_byte(columns: tuple[bytes, bytes, bytes]) -> None:
    assert Outcomes(*columns) == Codec(Outcomes, "outcomes").read(to_bytes(Outcomes(*columns)))
