"""How a leg with its outcome counts: contract sections 3.3 to 3.8 and 8 (Targets)."""

import pytest

from dcc_analytics.aggregators.cells import (
    CLOCK_FAULT,
    IN_TIME,
    OPEN,
    SUCCEEDED,
    TARGETED,
    TIMED,
    WARNED,
    CellTable,
)
from dcc_analytics.aggregators.observe import Observer, is_held, observation, target_of
from dcc_analytics.aggregators.tally import Tally
from dcc_analytics.catalogue.months import day_of
from dcc_analytics.stream.estate import UNKNOWN_FACTS, Facts
from dcc_analytics.stream.events import Parameters
from dcc_analytics.stream.legs import Leg, Outcome
from tests.desk import DEVICE, NOON, USER, H, S

METER = Facts("ESME", "Electricity", "North", "SMETS2+", "Acme", "M-1", "1E10")
TARGET_US = 5_600 * S


def leg(**changed: object) -> Leg:
    said = {
        "user": USER, "role": "IS", "srv": "4.8.1", "command_variant": 1, "transform": False, "device": DEVICE,
        "received_us": NOON, "start_us": NOON, "future_dated": False, "untimed": False,
    }  # fmt: skip
    return Leg(**(said | changed))  # type: ignore[arg-type]  # fields of the leg


def success(after_us: int = S, **changed: bool) -> Outcome:
    return Outcome(succeeded=True, reason="", ended_us=NOON + after_us, **changed)


def failure(after_us: int | None = S, reason: str = "E20") -> Outcome:
    return Outcome(succeeded=False, reason=reason, ended_us=None if after_us is None else NOON + after_us)


@pytest.mark.parametrize(
    ("flags", "rtt_us", "outcome", "changed"),
    [
        (SUCCEEDED | TIMED, S, success(), {}),
        (SUCCEEDED | TIMED, 0, success(0), {}),
        (SUCCEEDED | WARNED | TIMED, S, success(warned=True), {}),
        (SUCCEEDED | CLOCK_FAULT, 0, success(-1), {}),
        (SUCCEEDED | CLOCK_FAULT, 0, success(untimed=True), {}),
        (SUCCEEDED | CLOCK_FAULT, 0, success(), {"untimed": True}),
        (0, 0, failure(), {}),
        (CLOCK_FAULT, 0, failure(-1), {}),
        (0, 0, failure(None, "NO-RESPONSE"), {}),
        (OPEN, 0, None, {}),
        (OPEN | CLOCK_FAULT, 0, None, {"untimed": True}),
        (SUCCEEDED | TIMED, S, success(), {"transform": True, "command_variant": 4}),
        (SUCCEEDED | TIMED, H - S, success(H), {"start_us": NOON + S, "future_dated": True}),
    ],
)
def test_counts_and_times_of_an_outcome(
    flags: int, rtt_us: int, outcome: Outcome | None, changed: dict[str, object]
) -> None:
    seen = observation(leg(**changed), outcome, UNKNOWN_FACTS)
    assert (flags, rtt_us) == (seen.flags, seen.rtt_us)


@pytest.mark.parametrize(
    ("flags", "outcome", "changed"),
    [
        (TARGETED | IN_TIME, success(TARGET_US), {}),
        (TARGETED, success(TARGET_US + 1), {}),
        (TARGETED, success(untimed=True), {}),
        (TARGETED, failure(), {}),
        (TARGETED, None, {}),
        (0, success(), {"future_dated": True}),
        (0, success(), {"command_variant": 0}),
        (0, success(), {"transform": True, "command_variant": 4}),
        (0, success(), {"role": "MDR"}),
        (0, success(), {"srv": "99.9"}),
    ],
)
def test_a_leg_is_in_time_if_it_succeeded_not_later_than_a_target_known(
    flags: int, outcome: Outcome | None, changed: dict[str, object]
) -> None:
    seen = observation(leg(**changed), outcome, METER)
    assert flags == seen.flags & (TARGETED | IN_TIME)


@pytest.mark.parametrize(
    ("expected_s", "role", "srv", "version", "on_demand"),
    [
        (30, "IS", "4.1.1", "SMETS2+", True),
        (None, "OU", "4.1.1", "SMETS2+", True),
        (30, "?ESME", "4.1.1", "SMETS2+", True),
        (16, "?ESME", "4.1.1", "SMETS1", True),
        (86_400, "MDR", "4.1.1", "SMETS1", True),
        (None, "IS", "4.1.1", "SMETS2+", False),
        (None, "?ESME", "4.2", "SMETS1", True),
        (432_000, "GS", "11.3", "SMETS1", False),
        (None, "IS", "11.1", "SMETS2+", True),
    ],
)
def test_the_target_of_a_round_trip(
    expected_s: int | None, role: str, srv: str, version: str, *, on_demand: bool
) -> None:
    found = target_of(role, srv, version, on_demand=on_demand)
    assert expected_s == (None if found is None else found.target_us // S)


@pytest.mark.parametrize(
    ("held", "srv"), [(True, "1.1.1"), (True, "6.8"), (True, "6.21"), (True, "8.7.2"), (False, "6.23")]
)
def test_srvs_whose_process_depends_on_other_facts_are_held(*, held: bool, srv: str) -> None:
    assert held is is_held(srv)


def test_a_role_nobody_said_is_seen_as_the_device_type() -> None:
    assert observation(leg(role=""), success(), METER).role == "?ESME"


@pytest.mark.parametrize(
    ("failures", "outcome", "transform"),
    [(0, success(), False), (1, failure(), False), (0, None, False), (1, failure(), True), (0, success(), True)],
)
def test_only_failures_are_told_by_reason(failures: int, outcome: Outcome | None, *, transform: bool) -> None:
    cells, tally = CellTable(), Tally()  # type: ignore[var-annotated]
    Observer(cells, tally, Tally()).observe(observation(leg(transform=transform, srv="1.2.1"), outcome, METER))
    tally.fold(tally.cut())
    assert failures == sum(count for _, count in tally.items())
    assert [transform] == [key.transform for key in cells.keys.keys]


def test_an_observation_is_counted_under_the_day_of_its_start_and_the_facts_of_its_device() -> None:
    cells, tally = CellTable(), Tally()  # type: ignore[var-annotated]
    seen = observation(leg(srv="6.17", parameters=Parameters(credential_type="key_agreement")), failure(), METER)
    Observer(cells, tally, Tally()).observe(seen)
    (key,) = cells.keys.keys
    expected = (
        USER, "IS", "Security and Key Management", "6.17", "key_agreement", False, day_of(NOON), "Electricity", "North",
        "SMETS2+",
    )  # fmt: skip
    assert expected == tuple(key)
    (failed,) = tally.keys.keys
    assert (*expected[:5], day_of(NOON), "E20", METER) == tuple(failed)
