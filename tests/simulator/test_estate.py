"""Homes and how they change: what other modules rely on, and what the stories need."""

import numpy as np
import pytest

from dcc_analytics.simulator import stories
from dcc_analytics.simulator.estate import NONE, REGIONS, Estate
from dcc_analytics.simulator.nation import Nation
from dcc_analytics.simulator.parties import AREAS, numbers_by_code, numbers_of

NATION = Nation(seed=5, homes=4_000, months=2)


@pytest.fixture(scope="module")
def estate() -> Estate:
    return Estate(NATION)


def test_the_same_seed_gives_the_same_estate(estate: Estate) -> None:
    again = Estate(NATION)
    for name, column in vars(estate).items():
        assert np.array_equal(column, getattr(again, name)), name


def test_each_home_has_a_distributor_of_its_region_or_an_independent(estate: Estate) -> None:
    regions = [region for region, _ in AREAS.values()]
    known = estate.region < REGIONS.index("SMETS1")
    assert [REGIONS[each] for each in estate.region[known]] == [regions[each] for each in estate.area[known]]
    licences = np.array([numbers_by_code()[f"D{licence}"] for licence in AREAS])
    of_an_area = np.isin(estate.ed, licences)
    assert np.array_equal(estate.ed[of_an_area], licences[estate.area[of_an_area]])
    assert 0.02 < 1 - of_an_area.mean() < 0.06


def test_suppliers_have_the_role_they_supply_in(estate: Estate) -> None:
    assert set(numbers_of("IS")) == set(estate.supplier.tolist())
    assert set(estate.gas.tolist()) - {NONE} <= set(numbers_of("GS"))
    assert set(estate.export.tolist()) - {NONE} <= set(numbers_of("ES"))
    assert np.array_equal(estate.gas == NONE, estate.gt == NONE)


def test_a_gain_changes_the_supplier_from_its_instant_on(estate: Estate) -> None:
    homes = np.flatnonzero(estate.gain_ms)
    assert len(homes)
    at_ms = estate.gain_ms[homes]
    assert np.array_equal(estate.supplier[homes], estate.electricity_supplier(homes, at_ms - 1))
    assert np.array_equal(estate.gainer[homes], estate.electricity_supplier(homes, at_ms))
    assert not np.any(estate.gainer[homes] == estate.supplier[homes])


def test_bad_firmware_comes_with_the_campaign_and_is_mended_in_the_next_month(estate: Estate) -> None:
    homes = np.flatnonzero(estate.upgrade_ms)
    assert {stories.BAD_MAKER} == set(estate.maker[homes].tolist())
    for at_ms, expected in (
        (estate.upgrade_ms[homes] - 1, False), (estate.upgrade_ms[homes], True), (estate.mended_ms[homes], False),
    ):  # fmt: skip
        assert {expected} == set(estate.has_bad_firmware(homes, at_ms).tolist())


def test_only_new_homes_are_left_and_those_are_never_connected(estate: Estate) -> None:
    assert estate.left.any()
    assert not np.any(estate.left & ~estate.is_new)
    assert not np.any(estate.left[estate.connected(NATION.days[-1])])
    leaver = estate.supplier == numbers_by_code()[stories.LEAVER]
    assert estate.left[leaver & estate.is_new].mean() > 0.5
