"""Target Response Times: contract section 8."""

import pytest

from dcc_analytics.catalogue.targets import targets_for

S = 1_000_000


def _target_us(srv: str, smets_version: str, role: str, *, on_demand: bool = True) -> list[int]:
    return [
        target.target_us
        for target in targets_for(srv, smets_version)
        if target.applies_to(role) and (on_demand or not target.on_demand_only)
    ]


@pytest.mark.parametrize(
    ("expected_us", "srv", "smets_version", "role"),
    [
        ([30 * S], "4.1.1", "SMETS2+", "IS"),
        ([16 * S], "4.1.1", "SMETS1", "GT"),
        ([], "4.1.1", "SMETS2+", "OU"),
        ([], "4.1.1", "SMETS2+", "MDR"),
        ([86_400 * S], "4.1.1", "SMETS1", "MDR"),
        ([5_600 * S], "4.8.1", "SMETS2+", "OU"),
        ([16 * S], "4.8.1", "SMETS1", "IS"),
        ([86_400 * S], "4.8.1", "SMETS1", "MDR"),
        ([30 * S], "4.4.3", "SMETS2+", "IS"),
        ([16 * S], "4.6.1", "SMETS1", "GS"),
        ([], "4.2", "SMETS2+", "ES"),
        ([], "4.2", "SMETS1", "ES"),
        ([432_000 * S], "11.3", "SMETS1", "GS"),
        ([], "11.3", "SMETS2+", "GS"),
        ([], "11.3", "SMETS1", "ED"),
        ([], "4.8.1", "Unknown", "IS"),
        ([], "99.9", "SMETS1", "IS"),
    ],
)
def test_a_round_trip_has_the_target_of_its_request_device_and_role(
    expected_us: list[int], srv: str, smets_version: str, role: str
) -> None:
    assert _target_us(srv, smets_version, role) == expected_us


def test_on_demand_targets_are_not_for_future_dated_and_scheduled_ones_but_11_3s_is_for_all_r_fw_2() -> None:
    assert _target_us("4.8.1", "SMETS2+", "IS", on_demand=False) == []
    assert _target_us("11.3", "SMETS1", "IS", on_demand=False) == [432_000 * S]


def test_the_five_days_of_11_1_are_no_target_of_its_round_trip_r_fw_1() -> None:
    assert targets_for("11.1", "SMETS2+") == ()


def test_no_role_has_two_targets_for_one_request() -> None:
    for srv in ("4.1.1", "4.2", "4.4.3", "4.6.1", "4.8.1", "11.3"):
        for smets_version in ("SMETS1", "SMETS2+"):
            for role in ("IS", "ES", "ED", "GS", "GT", "RSA", "OU", "MDR"):
                assert len(_target_us(srv, smets_version, role)) <= 1
